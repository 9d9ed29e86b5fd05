"""Formula errors in .xls workbooks, found by walking the records ([MS-XLS] 2.4.24 BoolErr, 2.4.127 Formula).

The stream is taken out of its container by hand ([MS-CFB]); anything out of order ends the walk, for the reader proper
says what is broken.
"""

from __future__ import annotations

import struct
from pathlib import Path

from jianheng.core.ingest.error_values import Cells

_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_BOUNDSHEET, _BOF, _EOF, _BOOLERR, _FORMULA = 0x85, 0x809, 0x0A, 0x205, 0x06
_END_OF_CHAIN = 0xFFFFFFFA
_DIFAT_IN_HEADER = 109


def xls_error_cells(path: Path) -> dict[int, Cells]:
    """Position of the sheet in the workbook -> its error cells."""
    try:
        stream = _workbook_stream(path.read_bytes())
        return {index: cells for index, start in enumerate(_sheet_starts(stream)) if (cells := _cells(stream, start))}
    except (struct.error, IndexError, ValueError):
        return {}


def _sheet_starts(stream: bytes) -> list[int]:
    starts = []
    position = 0
    while position + 4 <= len(stream):
        record, length = struct.unpack_from("<HH", stream, position)
        if record == _BOUNDSHEET:
            starts.append(struct.unpack_from("<I", stream, position + 4)[0])
        if record == _EOF:
            break
        position += 4 + length
    return starts


def _cells(stream: bytes, position: int) -> Cells:
    cells: Cells = {}
    depth = 0
    while position + 4 <= len(stream):
        record, length = struct.unpack_from("<HH", stream, position)
        if record == _BOF:
            depth += 1
        elif record == _EOF:
            depth -= 1
            if depth <= 0:
                break
        elif record in (_BOOLERR, _FORMULA) and depth == 1:
            row, column, _, value, second, third = struct.unpack_from("<HHHBBB", stream, position + 4)
            if record == _BOOLERR and second == 1:
                cells.setdefault(row, {})[column] = _ERRORS.get(value, "#ERROR!")
            elif record == _FORMULA and value == 2 and stream[position + 16 : position + 18] == b"\xff\xff":
                cells.setdefault(row, {})[column] = _ERRORS.get(third, "#ERROR!")
        position += 4 + length
    return cells


def _workbook_stream(content: bytes) -> bytes:
    """The stream Workbook or Book; empty if it is not there or lies in the mini stream (smaller than 4096 bytes)."""
    size = 1 << struct.unpack_from("<H", content, 30)[0]
    table = _sector_table(content, size)
    directory = _chain(content, table, struct.unpack_from("<I", content, 48)[0], size)
    for at in range(0, len(directory) - 127, 128):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        name = directory[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        start, bytes_long = struct.unpack_from("<II", directory, at + 116)
        if name.lower() in ("workbook", "book") and bytes_long >= 4096:
            return _chain(content, table, start, size)[:bytes_long]
    return b""


def _sector_table(content: bytes, size: int) -> list[int]:
    sectors = [s for s in struct.unpack_from(f"<{_DIFAT_IN_HEADER}I", content, 76) if s < _END_OF_CHAIN]
    following, count = struct.unpack_from("<II", content, 68)
    for _ in range(min(count, len(content) // size)):
        entries = struct.unpack_from(f"<{size // 4}I", content, (following + 1) * size)
        sectors += [s for s in entries[:-1] if s < _END_OF_CHAIN]
        following = entries[-1]
    table: list[int] = []
    for sector in sectors[: len(content) // size]:
        table += struct.unpack_from(f"<{size // 4}I", content, (sector + 1) * size)
    return table


def _chain(content: bytes, table: list[int], sector: int, size: int) -> bytes:
    parts = []
    for _ in range(len(content) // size):
        if sector >= len(table):
            break
        parts.append(content[(sector + 1) * size : (sector + 2) * size])
        sector = table[sector]
    return b"".join(parts)
