"""What a file really is, from its bytes, and whether it is safe to open. The extension is only a name."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Literal

from jianheng.core.ingest import explain
from jianheng.core.ingest.faults import Refused
from jianheng.core.ingest.limits import MIB, Limits

Kind = Literal["xlsx", "xlsb", "xls", "ods", "csv"]

EXTENSIONS: dict[str, Kind] = {
    ".xlsx": "xlsx", ".xlsm": "xlsx", ".xltx": "xlsx", ".xltm": "xlsx", ".xlsb": "xlsb", ".xls": "xls", ".xlt": "xls",
    ".et": "xls", ".ett": "xls", ".ods": "ods", ".csv": "csv", ".txt": "csv", ".tsv": "csv",
}  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = {
    b"%PDF": "PDF", b"\x89PNG": "图片", b"\xff\xd8\xff": "图片", b"GIF8": "图片", b"Rar!": "RAR 压缩包",
    b"7z\xbc\xaf": "7z 压缩包", b"\x1f\x8b": "gzip 压缩包", b"{\\rtf": "RTF 文档", b"PAR1": "Parquet",
    b"SQLite format 3": "SQLite 数据库", b"MZ": "程序",
}  # fmt: skip


def file_kind(path: Path, name: str, limits: Limits) -> Kind:
    """The kind of ``path`` by its content. Raises Refused for what is no table, is locked, or is not safe to open."""
    size = path.stat().st_size
    if size == 0:
        raise Refused(explain.empty(name))
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        _check_size(size, limits.workbook, name)
        return _zip_kind(path, name, limits)
    if head.startswith(_OLE):
        _check_size(size, limits.workbook, name)
        return _ole_kind(path, name)
    if _bare_biff(head):
        return "xls"
    for magic, what in _FOREIGN.items():
        if head.startswith(magic):
            raise Refused(explain.not_a_table(name, what))
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta", b"<head")):
        raise Refused(explain.not_a_table(name, "实为网页或 XML，只是改了扩展名"))
    _check_size(size, limits.text, name)
    return "csv"


def _check_size(size: int, limit: int, name: str) -> None:
    if size > limit:
        raise Refused(explain.too_large(name, f"{size // MIB} MiB，上限 {limit // MIB} MiB"))


def _bare_biff(head: bytes) -> bool:
    """A BIFF stream without its OLE container (Excel 2 to 4)."""
    return len(head) > 8 and head[0] == 9 and head[1] in (0, 2, 4, 8) and head[2:4] in (b"\x04\0", b"\x06\0", b"\x08\0")


def _zip_kind(path: Path, name: str, limits: Limits) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise Refused(explain.unreadable(name, "压缩结构已损坏或不完整")) from error
    names = {member.filename.replace("\\", "/") for member in members}
    _check_members(members, name, limits)
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "xl/workbook.xml" in names or any(n.startswith("xl/worksheets/") for n in names):
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    what = next((what for part, what in _OFFICE_PARTS.items() if any(n.startswith(part) for n in names)), "压缩包")
    raise Refused(explain.not_a_table(name, what))


_OFFICE_PARTS = {"word/": "Word 文档", "ppt/": "演示文稿", "visio/": "Visio 图", "OFD.xml": "OFD 版式文件"}


def _check_members(members: list[zipfile.ZipInfo], name: str, limits: Limits) -> None:
    if len(members) > limits.entries:
        raise Refused(explain.too_large(name, f"含 {len(members)} 个部件"))
    if any(member.flag_bits & 1 for member in members):
        raise Refused(explain.password(name))
    unpacked = sum(member.file_size for member in members)
    if unpacked > limits.unpacked:
        raise Refused(explain.too_large(name, f"展开后有 {unpacked // MIB} MiB"))
    for member in members:
        large = member.file_size > limits.ratio_from
        if large and member.file_size > limits.ratio * max(member.compress_size, 1):
            raise Refused(explain.too_large(name, f"部件 {member.filename[:60]} 展开 {limits.ratio} 倍以上"))
        if member.filename.endswith("sharedStrings.xml") and member.file_size > limits.shared_strings:
            raise Refused(explain.too_large(name, f"共享字符串有 {member.file_size // MIB} MiB"))


def _ole_kind(path: Path, name: str) -> Kind:
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Refused(explain.password(name))
    if _has_filepass(content):
        raise Refused(explain.password(name))
    if any(word.encode("utf-16-le") in content for word in ("Workbook", "Book", "WORKBOOK", "BOOK")):
        return "xls"
    if "WordDocument".encode("utf-16-le") in content:
        raise Refused(explain.not_a_table(name, "Word 文档"))
    raise Refused(explain.unreadable(name, "不是 Excel 97–2003 工作簿，或结构已损坏"))


def _has_filepass(content: bytes) -> bool:
    """Whether a workbook stream begins with a FILEPASS record ([MS-XLS] 2.4.117): encrypted.

    Streams begin at multiples of 512 bytes; FILEPASS follows the first BOF, at most after a few short records.
    """
    for start in range(512, len(content) - 8, 512):
        if content[start : start + 2] != b"\x09\x08" or content[start + 6 : start + 8] != b"\x05\x00":
            continue
        position = start
        for _ in range(8):
            if position + 4 > len(content):
                break
            record, length = struct.unpack_from("<HH", content, position)
            if record == 0x2F:
                return True
            position += 4 + length
    return False


def has_macros(path: Path, kind: Kind) -> bool:
    """Whether the workbook brings a VBA project."""
    if kind == "xls":
        return "_VBA_PROJECT_CUR".encode("utf-16-le") in path.read_bytes()
    if kind == "csv":
        return False
    with zipfile.ZipFile(path) as archive:
        return any(member.lower().endswith("vbaproject.bin") for member in archive.namelist())
