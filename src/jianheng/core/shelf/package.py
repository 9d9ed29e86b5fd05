"""A package somebody sent: what it holds, once its form, its hashes and its signature have been verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jianheng.core.foundation.errors import PackProblem, Problem
from jianheng.core.foundation.identity import hash_bytes
from jianheng.core.shelf.archive import read_archive, write_archive
from jianheng.core.shelf.manifest import MANIFEST, SIGNATURE, Manifest, PackedFile, read_manifest, write_manifest
from jianheng.core.shelf.signature import PrivateKey, PublicKey, from_base64, to_base64

MODEL_FILES = ("README.md", "cases.yaml", "listing.yaml", "model.yaml")
BACKTEST = "backtest.json"
_REQUIRED = frozenset([BACKTEST, *(f"model/{name}" for name in MODEL_FILES)])


@dataclass(frozen=True, slots=True)
class Package:
    """``files``: everything but manifest and signature. ``digest`` names the archive, ``file`` as the person did.

    That the signature holds says that whoever has the key made this; whose key it is, is not known here.
    """

    manifest: Manifest
    key: PublicKey
    files: Mapping[str, bytes]
    digest: str
    file: str

    def content(self, folder: str) -> dict[str, bytes]:
        """The files of one folder (``model``, ``tables``, ``codes``), by name."""
        return {name.partition("/")[2]: data for name, data in self.files.items() if name.startswith(f"{folder}/")}


def seal(manifest: Manifest, files: Mapping[str, bytes], key: PrivateKey) -> bytes:
    """The archive of ``files`` under ``manifest``, whose list of files is written here, signed with ``key``."""
    listed = {name: PackedFile(hash=hash_bytes(data), size=len(data)) for name, data in sorted(files.items())}
    text = write_manifest(manifest.model_copy(update={"files": listed}))
    signature = to_base64(key.sign(text)).encode()
    return write_archive({**files, MANIFEST: text, SIGNATURE: signature})


def open_package(data: bytes, shown_as: str) -> Package:
    """The package in ``data``, whole and unchanged since it was signed.

    Raises PackProblem: P401 not an archive of ours, P403 of a newer program, P404 a file or the signature does not fit,
    P405 a scheme we do not have.
    """
    files = read_archive(data, shown_as)
    if MANIFEST not in files or SIGNATURE not in files:
        message = "模型包没有清单或者没有签名，不能使用。"
        raise PackProblem(Problem("P401", message, file=shown_as, hint="请向打包单位索取签了名的模型包。"))
    text, written = files.pop(MANIFEST), files.pop(SIGNATURE)
    manifest = read_manifest(text, shown_as)
    raw = from_base64(manifest.signer.public_key)
    signature = from_base64(written.decode("ascii", errors="replace"))
    key = PublicKey(manifest.signer.scheme, raw or b"")
    if signature is None or not key.verify(signature, text, shown_as):
        raise _changed("签名不成立：清单在签名以后被改动过，或者签名不是这个密钥作的。", shown_as)
    if set(files) != set(manifest.files) or not set(files) >= _REQUIRED:
        raise _changed("模型包里的文件与签了名的清单不一致：有多出的，或者有缺少的。", shown_as)
    for name, listed in manifest.files.items():
        if (len(files[name]), hash_bytes(files[name])) != (listed.size, listed.hash):
            raise _changed(f"{name} 与签了名的清单不一致，被改动过。", shown_as)
    return Package(manifest, key, files, hash_bytes(data), shown_as)


def _changed(message: str, shown_as: str) -> PackProblem:
    return PackProblem(Problem("P404", message, file=shown_as, hint="请不要使用，向打包单位重新索取并核对。"))
