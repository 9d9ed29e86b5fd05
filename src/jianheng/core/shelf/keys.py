"""Key files: a private one that its owner keeps, a public one to hand on, and those that this office trusts."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jianheng.core.foundation.durable import private_folder, writing_file
from jianheng.core.foundation.errors import Problem, UsageProblem
from jianheng.core.foundation.named_file import why_unreadable
from jianheng.core.shelf.signature import DEFAULT_SCHEME, SCHEMES, PrivateKey, PublicKey, from_base64, to_base64

_LARGEST = 10_000
_FORMAT = 1
_NAME = re.compile(r"\S(.{0,98}\S)?")


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key and whose it is, as this office was told when it decided to trust it."""

    key: PublicKey
    name: str


def new_key(path: Path, name: str, scheme: str = DEFAULT_SCHEME) -> PublicKey:
    """Make a key for the office ``name``: ``path`` (0600) to keep, ``path`` + ``.pub`` to hand on.

    Raises UsageProblem: U221 if one of the files stands already (never overwritten), U222 for a name that is none.
    """
    require_name(name)
    public_path = path.with_name(path.name + ".pub")
    for one in (path, public_path):
        if one.exists() or one.is_symlink():
            hint = "私钥从不覆盖：丢了私钥，就不能再以同一身份签名。请换一个文件名。"
            raise UsageProblem(Problem("U221", "已有这个文件。", file=str(one), hint=hint))
    private = PrivateKey(scheme, SCHEMES[scheme].new_key(), name)
    private_folder(path.parent)
    _create(path, {"private_key": to_base64(private.raw)}, scheme, name)
    _create(public_path, {"public_key": to_base64(private.public.raw)}, scheme, name)
    return private.public


def read_private_key(path: Path) -> PrivateKey:
    """The key in ``path``. Raises UsageProblem (U223) for a file that is no private key."""
    told = _read(path)
    raw = from_base64(str(told.get("private_key")))
    scheme, name = str(told.get("scheme")), str(told.get("name"))
    if told.get("format") != _FORMAT or raw is None or scheme not in SCHEMES or not is_name(name):
        raise _no_key(path, "私钥")
    key = PrivateKey(scheme, raw, name)
    try:
        _ = key.public
    except ValueError:
        raise _no_key(path, "私钥") from None
    return key


def read_public_key(path: Path) -> TrustedKey:
    """The key in a ``.pub`` file, and whose it says it is. Raises UsageProblem (U223)."""
    told = _read(path)
    raw = from_base64(str(told.get("public_key")))
    scheme, name = str(told.get("scheme")), str(told.get("name"))
    if told.get("format") != _FORMAT or raw is None or scheme not in SCHEMES or not is_name(name):
        raise _no_key(path, "公钥")
    return TrustedKey(PublicKey(scheme, raw), name)


def trusted_keys(folder: Path) -> list[TrustedKey]:
    """The keys that this office trusts, by fingerprint. Raises UsageProblem (U223) for a file that is broken."""
    paths = sorted(path for path in folder.glob("*.pub") if not path.name.startswith("."))
    return [read_public_key(path) for path in paths]


def trust(folder: Path, one: TrustedKey) -> None:
    """Trust ``one`` from now on; a key that is trusted already keeps the name it has."""
    private_folder(folder)
    path = folder / f"{one.key.fingerprint}.pub"
    if path.exists():
        return
    with writing_file(path) as aside:
        aside.write_bytes(_text({"public_key": to_base64(one.key.raw)}, one.key.scheme, one.name))


def distrust(folder: Path, fingerprint: str) -> TrustedKey:
    """Stop trusting the key of that fingerprint. Raises UsageProblem (U224) if it is not trusted."""
    digits = re.sub(r"[\s-]", "", fingerprint).lower()
    for one in trusted_keys(folder):
        if one.key.fingerprint.replace("-", "") == digits:
            (folder / f"{one.key.fingerprint}.pub").unlink()
            return one
    hint = "受信任的公钥见 jianheng model key list。"
    raise UsageProblem(Problem("U224", f"没有受信任的公钥 {fingerprint}。", hint=hint))


def is_name(text: str) -> bool:
    """Whether ``text`` can stand for an office on a screen: one printable line, not too long."""
    return text.isprintable() and bool(_NAME.fullmatch(text))


def require_name(name: str) -> None:
    """Raises UsageProblem (U222)."""
    if not is_name(name):
        hint = "请写单位的全称，如 示例市江北区人民检察院。"
        raise UsageProblem(Problem("U222", "单位名称是空的、太长，或者有不可见的字符。", hint=hint))


def _create(path: Path, key: dict[str, str], scheme: str, name: str) -> None:
    """Write a file that did not exist, readable by its owner alone from its first moment."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "wb") as stream:
        stream.write(_text(key, scheme, name))
        stream.flush()
        os.fsync(stream.fileno())


def _text(key: dict[str, str], scheme: str, name: str) -> bytes:
    document = {"format": _FORMAT, "scheme": scheme, "name": name, **key}
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST:
            raise _no_key(path, "密钥")
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageProblem(Problem("U104", f"读不了密钥文件：{why_unreadable(error)}。", file=str(path))) from error
    except (ValueError, RecursionError):
        raise _no_key(path, "密钥") from None
    if not isinstance(document, dict):
        raise _no_key(path, "密钥")
    return document


def _no_key(path: Path, kind: str) -> UsageProblem:
    hint = "私钥由 jianheng model key new 生成，公钥是同时写出的 .pub 文件。"
    return UsageProblem(Problem("U223", f"这不是本程序的{kind}文件。", file=str(path), hint=hint))
