"""What a package says of itself: ``manifest.json``, the one text that is signed; it names all other files by hash."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from jianheng.core.foundation.errors import PackProblem, Problem
from jianheng.core.pack.typed import Strict
from jianheng.core.shelf.archive import is_device
from jianheng.core.shelf.keys import is_name

MANIFEST = "manifest.json"
SIGNATURE = "signature"
KIND = "jianheng model package"
FORMAT = 1


def _shown(text: str) -> str:
    """Raises ValueError for what could not be shown on a screen as it is."""
    if not is_name(text):
        raise ValueError("应是一行看得见的文字")
    return text


def _folder(name: str) -> str:
    """Raises ValueError for what names a device on Windows."""
    if is_device(name):
        raise ValueError("不能作文件夹名")
    return name


Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,60}$"), AfterValidator(_folder)]
Hash = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
Version = Annotated[str, Field(pattern=r"^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}$")]
Shown = Annotated[str, AfterValidator(_shown)]


class Signer(Strict):
    """``name`` is what the signer calls itself; who it is, the key alone proves."""

    name: Shown
    scheme: Annotated[str, Field(pattern=r"^[a-z0-9]{1,20}$")]
    public_key: Annotated[str, Field(max_length=2000)]


class PackedModel(Strict):
    """``digest`` is that of ``model.yaml``, as in ``run.json``; ``pack`` is where the author had it."""

    id: Identifier
    version: Version
    title: Shown
    pack: Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]{0,60})?$")]
    digest: Hash
    rules: int
    cases: int


class PackedFile(Strict):
    hash: Hash
    size: int


class Manifest(Strict):
    """``tables``: id of every table on which the model's verdicts rest -> the digest of what is said of it."""

    kind: Literal["jianheng model package"]
    format: Literal[1]
    program: Shown
    signer: Signer
    model: PackedModel
    tables: dict[Identifier, Hash]
    files: dict[str, PackedFile]


def write_manifest(manifest: Manifest) -> bytes:
    """The text that is signed."""
    text = json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=1, sort_keys=True)
    return (text + "\n").encode()


def read_manifest(data: bytes, shown_as: str) -> Manifest:
    """The manifest in ``data``. Raises PackProblem: P401 for no manifest, P403 for one of a newer program.

    Nothing of what stands in it is repeated: nobody is trusted yet, and a screen obeys what is written on it.
    """
    try:
        told: Any = json.loads(data)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or told.get("kind") != KIND:
        raise PackProblem(Problem("P401", "这不是模型包：没有清单。", file=shown_as))
    if told.get("format") != FORMAT:
        hint = "请先升级本程序。"
        raise PackProblem(Problem("P403", "模型包由较新的程序写成，读不了。", file=shown_as, hint=hint))
    try:
        return Manifest.model_validate(told)
    except ValidationError as error:
        message = "模型包的清单不合要求，不能使用。"
        raise PackProblem(Problem("P401", message, file=shown_as, hint="请向打包单位重新索取。")) from error
