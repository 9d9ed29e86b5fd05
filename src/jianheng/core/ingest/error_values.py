"""Formula errors (#N/A, #DIV/0!…) of a workbook. calamine gives them as blank cells, and a blank refund date accuses.

The sheets of .xlsx are searched for cells of type ``e`` without parsing them; .xls is in ``biff_errors``. A formula
that was written by a program and never calculated has no result at all: it is as unknown as an error. Only a formula
whose result is an empty text (type ``str``) is truly blank.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from html import unescape
from pathlib import Path

_PIECE = 1 << 20
_LONGEST_CELL = 1 << 16
_AT_MOST = 2_000_000
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(rb"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ERROR_CELL = re.compile(
    rb"<(?:\w+:)?c\s(?=[^>]*\st\s*=\s*[\"']e[\"'])[^>]*?\br\s*=\s*[\"']([A-Z]{1,3})([0-9]{1,7})[\"'][^>]*>"
    rb"(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]{1,40})</",
    re.DOTALL,
)

_FORMULA_CELL = re.compile(
    rb"<(?:\w+:)?c\s([^<>]*)>\s*<(?:\w+:)?f\b(?:[^<>]*/>|[^<>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_NOT_CALCULATED = "#公式未计算"

Cells = dict[int, dict[int, str]]
"""0-based row -> 0-based column -> the error's text."""

_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, ValueError, NotImplementedError)
"""What ``zipfile`` raises on a broken part; the last for a compression method it does not know."""


def xlsx_error_cells(path: Path) -> dict[str, Cells]:
    """Sheet name -> its error cells; sheets without any are left out. A broken part simply has none to show."""
    result: dict[str, Cells] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for name, part in _sheet_parts(archive).items():
                if cells := _error_cells(archive, part):
                    result[name] = cells
    except _BROKEN_ZIP:
        return result  # the reader proper will say what is broken
    return result


def ods_has_errors(path: Path) -> bool:
    """Whether any cell of an .ods holds an error; where, its run-length rows do not tell without parsing them all."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(b'calcext:value-type="error"' in piece for piece in _pieces(archive, "content.xml"))
    except _BROKEN_ZIP:
        return False  # the reader proper will say what is broken


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    targets = {}
    for tag in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels")):
        relation = _attributes(tag)
        targets[relation.get("Id", "")] = posixpath.normpath(posixpath.join("/xl", relation.get("Target", "")))[1:]
    parts = {}
    for tag in _SHEET.findall(archive.read("xl/workbook.xml")):
        sheet = _attributes(tag)
        key = next((value for name, value in sheet.items() if name.endswith(":id")), "")
        if key in targets:
            parts[sheet.get("name", "")] = targets[key]
    return parts


def _attributes(tag: bytes) -> dict[str, str]:
    found = _ATTRIBUTE.findall(tag)
    return {name.decode(): unescape((one or other).decode("utf-8", "replace")) for name, one, other in found}


def _error_cells(archive: zipfile.ZipFile, part: str) -> Cells:
    cells: Cells = {}
    count = 0
    for piece in _pieces(archive, part):
        for letters, digits, text in (*_errors(piece), *_not_calculated(piece)):
            cells.setdefault(int(digits) - 1, {})[_column(letters)] = text
            count += 1
            if count >= _AT_MOST:
                return cells
    return cells


def _errors(piece: bytes) -> Iterator[tuple[str, str, str]]:
    """Letters, digits and text of the cells that hold an error."""
    if b't="e"' not in piece and b"t='e'" not in piece:
        return  # a plain search is ten times faster than any pattern
    for letters, digits, text in _ERROR_CELL.findall(piece):
        yield letters.decode(), digits.decode(), unescape(text.decode("utf-8", "replace"))


def _not_calculated(piece: bytes) -> Iterator[tuple[str, str, str]]:
    """The same of the formulas without a result."""
    if b"<f" not in piece and b":f" not in piece:
        return
    for tag in _FORMULA_CELL.findall(piece):
        cell = _attributes(tag)
        place = _PLACE.fullmatch(cell.get("r", ""))
        if place and cell.get("t") != "str":
            yield place[1], place[2], _NOT_CALCULATED


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The part in pieces that overlap by the longest cell looked at, so that no cell is cut in all of them."""
    tail = b""
    with archive.open(part) as stream:
        while block := stream.read(_PIECE):
            yield tail + block
            tail = (tail + block)[-_LONGEST_CELL:]


def _column(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1
