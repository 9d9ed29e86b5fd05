"""A package becomes content of this office: whole or not at all, and an older version is kept beside it.

A folder a model, in it a folder a version; ``pack.yaml`` names the one in use. Everything is written and flushed before
that one file is replaced, so whoever is killed leaves the old version or the new one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jianheng.core.foundation.durable import private_folder, writing_file, writing_folder
from jianheng.core.foundation.errors import PackProblem, Problem, UsageProblem
from jianheng.core.foundation.identity import hash_value, short_id
from jianheng.core.pack.shelf import Pack
from jianheng.core.shelf.package import Package
from jianheng.core.shelf.unpacking import Words, installed_pack, write_content

RECEIPT = "installed.json"
ARCHIVE = "package.zip"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an installed version says of its coming: the archive's digest, who signed, when it was installed."""

    digest: str
    signer: str
    fingerprint: str
    version: str
    installed_at: str


def version_folder(package: Package, words: Words) -> str:
    """The name of the folder that holds this very package with these very words of it."""
    digest = hash_value([package.digest, words.carried_tables, words.carried_codes])
    return f"{package.manifest.model.version}-{short_id(digest, 12)}"


def require_place(packs: Path, model: str, known: Collection[Pack]) -> None:
    """Raises UsageProblem (U225) where a pack or folder that nobody installed is called like the model."""
    taken = [pack.folder for pack in known if pack.manifest.id == model and not pack.installed]
    folder = packs / model
    if (folder / "models").exists() or folder.is_file() or folder.is_symlink():
        taken.append(folder)
    if taken:
        hint = "安装不会改动本院自己的文件夹：请先把它改名或者移走。"
        raise UsageProblem(Problem("U225", f"已有名为「{model}」的包，装不进去。", file=str(taken[0]), hint=hint))


def place(
    package: Package, packs: Path, words: Words, data: bytes, *, replaces: Collection[str], signer: str, at: datetime
) -> Path:
    """Install ``package``, whose archive is ``data``; the folder of the version. It is in use when this returns."""
    name = version_folder(package, words)
    folder = private_folder(packs / package.manifest.model.id) / name
    with writing_folder(folder) as aside:
        write_content(package, aside, words)
        (aside / ARCHIVE).write_bytes(data)
        receipt = Receipt(
            package.digest,
            signer,
            package.key.fingerprint,
            package.manifest.model.version,
            at.isoformat(" ", "seconds"),
        )
        told = {name: getattr(receipt, name) for name in Receipt.__slots__}
        (aside / RECEIPT).write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    manifest = installed_pack(package, folder, name, replaces).manifest
    with writing_file(folder.parent / "pack.yaml") as aside:
        aside.write_text(_yaml(manifest.model_dump(mode="json")), encoding="utf-8")
    return folder


def receipt_of(folder: Path) -> Receipt | None:
    """The receipt of the version whose model lies in ``folder``; None for a model that nobody installed.

    Raises PackProblem (P101) for one that cannot be read.
    """
    path = folder.parent.parent / RECEIPT
    if not path.is_file():
        return None
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Receipt(**{name: str(told[name]) for name in Receipt.__slots__})
    except (OSError, ValueError, KeyError) as error:
        raise PackProblem(Problem("P101", "读不了安装记录。", file=str(path), line=1, column=1)) from error


def earlier_archives(packs: Path, model: str, now: Path) -> list[Path]:
    """The archives of versions installed before and kept, newest last; ``now`` is the folder in use."""
    found = [path for path in (packs / model).glob(f"[!.]*/{ARCHIVE}") if path.parent != now]
    return sorted(found, key=os.path.getmtime)


def _yaml(manifest: dict[str, Any]) -> str:
    lines = ["# 由 jianheng model install 写出。content 指出在用的版本；此前的版本也在这个文件夹里。"]
    lines += [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in manifest.items()]
    return "\n".join(lines) + "\n"
