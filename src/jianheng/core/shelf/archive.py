"""Files as one archive and back: a zip that has exactly one form for its content.

Nothing is compressed, so the bytes do not depend on a version of zlib and no archive grows when it is opened.
Whatever is not byte for byte what we would write of the same content is refused: a comment, a second entry of a name,
a link, a gap, bytes before or after, a name that leads elsewhere.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

from jianheng.core.foundation.errors import PackProblem, Problem
from jianheng.core.foundation.named_file import require_named_file

LARGEST = 16 * 1024 * 1024
"""Bytes of an archive; models are text, and nothing comes near."""

MOST_FILES = 1000
_EPOCH = (1980, 1, 1, 0, 0, 0)
_REGULAR_0600 = 0o100600 << 16
_UNIX = 3
_NAME = re.compile(r"(?:(?:tables|codes)/[a-z][a-z0-9_]{0,60}\.yaml|model/[A-Za-z]+\.(?:yaml|md)|[a-z]+(?:\.json)?)\Z")
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{one}{number}" for one in ("com", "lpt") for number in range(10))]
)


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """The archive of ``files``; equal files give equal bytes, on every machine."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = _UNIX, _REGULAR_0600
            archive.writestr(entry, files[name])
    return stream.getvalue()


def read_archive_file(path: Path) -> bytes:
    """The bytes of an archive. Raises UsageProblem (U104 no such file, or a folder), PackProblem (P402 too large)."""
    require_named_file(path, "模型包（.jianheng.zip）", _instead_of(path))
    with path.open("rb") as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise PackProblem(Problem("P402", f"文件超过{LARGEST >> 20}MB，不是模型包。", file=str(path)))
    return data


def _instead_of(folder: Path) -> str:
    """What to do for somebody who named a folder."""
    if not folder.is_dir():
        return ""
    inside = sorted(folder.glob("*.jianheng.zip"))
    if inside:
        return f"请写到模型包：{'、'.join(str(one) for one in inside)}。"
    if any(folder.rglob("model.yaml")):
        own = "自己写的模型不用安装，放进 JIANHENG_HOME/packs/包的名称/models 就能用。"
        return f"模型的文件夹不能安装：别的单位的模型，请向对方索取 jianheng model package 打出的模型包；{own}"
    return "请写到其中的模型包。"


def read_archive(data: bytes, shown_as: str) -> dict[str, bytes]:
    """The files of an archive, by name. Raises PackProblem (P401) for what :func:`write_archive` did not write."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = _files(archive, len(data))
    except (
        zipfile.BadZipFile,
        struct.error,
        ValueError,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise _broken(shown_as) from error
    if files is None or write_archive(files) != data:
        raise _broken(shown_as)
    return files


def _files(archive: zipfile.ZipFile, size: int) -> dict[str, bytes] | None:
    """Everything inside, or None as soon as something is not as we write it: nothing large is read before that."""
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    stored = all(entry.compress_type == zipfile.ZIP_STORED and entry.file_size <= size for entry in entries)
    if not stored or len(names) != len(entries) or len(entries) > MOST_FILES:
        return None
    if sum(entry.file_size for entry in entries) > size or not all(_is_plain(name) for name in names):
        return None
    return {entry.filename: archive.read(entry) for entry in entries}


def _is_plain(name: str) -> bool:
    """Whether a file of this name may stand in an archive: a closed list of places, so that none leads out of it."""
    return bool(_NAME.match(name)) and not is_device(name.rpartition("/")[2])


def is_device(name: str) -> bool:
    """Whether a file or folder of that name would be a device on Windows, whatever its ending."""
    return name.partition(".")[0].lower() in _DEVICES


def _broken(shown_as: str) -> PackProblem:
    hint = "文件可能没有拷贝完整、被改动过，或者不是 jianheng model package 写出的。请向打包单位重新索取。"
    return PackProblem(Problem("P401", "这不是完整的模型包，不能使用。", file=shown_as, hint=hint))
