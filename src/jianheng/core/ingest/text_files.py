"""Text files: which encoding, which delimiter, and the records in chunks. Cells stay the text they are."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jianheng.core.foundation.errors import Problem
from jianheng.core.ingest import explain
from jianheng.core.ingest.faults import Refused
from jianheng.core.ingest.grid import CHUNK_ROWS, Grid, Row
from jianheng.core.ingest.limits import Limits

_BLOCK = 1 << 22
_SAMPLE = 1 << 16
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = ",\t;|，"
_SHOWN = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "gb18030": "GB18030（GBK）"}


@dataclass(frozen=True, slots=True)
class _Encoding:
    name: str
    faults: int = 0
    first_line: int = 0


def text_grid(path: Path, name: str, limits: Limits, problems: list[Problem]) -> Grid:
    """The records of a text file. Raises Refused if it is binary; what was mended is added to ``problems``."""
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE)
    encoding = _encoding(path, sample)
    if _looks_binary(sample, encoding.name):
        raise Refused(explain.not_a_table(name, "内容不是文字"))
    if encoding.faults:
        shown = _SHOWN.get(encoding.name, encoding.name)
        problems.append(explain.encoding_faults(name, shown, encoding.faults, encoding.first_line))
    if nuls := _count_nuls(path, encoding.name):
        problems.append(explain.nul_bytes(name, nuls))
    head = _head_lines(path, encoding.name)
    if not head.strip():
        raise Refused(explain.empty(name))
    delimiter = _delimiter(head)
    first = next(_records(path, name, encoding.name, delimiter, limits, 60), [])
    width = min(max((len(row) for row in first), default=0), limits.columns)
    chunks = _records(path, name, encoding.name, delimiter, limits, CHUNK_ROWS)
    return Grid("", "csv", chunks, width, ragged=True)


def _encoding(path: Path, sample: bytes) -> _Encoding:
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return _faults(path, name)
    if guess := _utf16_without_mark(sample):
        return _faults(path, guess)
    utf8 = _faults(path, "utf-8")
    if not utf8.faults:
        return utf8
    gb = _faults(path, "gb18030")
    return gb if gb.faults < utf8.faults else utf8


def _utf16_without_mark(sample: bytes) -> str | None:
    """ASCII written as UTF-16 has a zero in every other byte."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half < 2 or max(even, odd) < half * 0.3:
        return None
    return "utf-16-le" if odd > even * 20 else "utf-16-be" if even > odd * 20 else None


def _faults(path: Path, encoding: str) -> _Encoding:
    """Decode the whole file once, counting what does not fit."""
    found = _FaultCounter()
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    lines = 1
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                found.first_line = found.first_line or lines + block.count(b"\n") // 2
                found.count += _count_replaced(block, encoding)
                decoder.reset()
            lines += block.count(b"\n")
    try:
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        found.first_line = found.first_line or lines
        found.count += 1
    return _Encoding(encoding, found.count, found.first_line)


@dataclass(slots=True)
class _FaultCounter:
    count: int = 0
    first_line: int = 0


def _count_replaced(block: bytes, encoding: str) -> int:
    own = block.decode(encoding, errors="ignore").count("\ufffd")
    return max(1, block.decode(encoding, errors="replace").count("\ufffd") - own)


def _looks_binary(sample: bytes, encoding: str) -> bool:
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(sample)
    strange = sum(1 for char in text if char == "\ufffd" or (char < " " and char not in "\t\r\n\f\v\x1a"))
    return strange > max(4, len(text) // 20)


def _count_nuls(path: Path, encoding: str) -> int:
    if encoding.startswith("utf-16"):
        return 0
    with path.open("rb") as stream:
        return sum(block.count(b"\0") for block in iter(lambda: stream.read(_BLOCK), b""))


def _head_lines(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        return stream.read(_SAMPLE)


def _delimiter(head: str) -> str:
    """The delimiter that splits most lines into the same number of parts, more than one."""
    best, best_score = ",", 0
    for delimiter in _DELIMITERS:
        widths = Counter(
            len(row) for row in itertools.islice(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), 200)
        )
        width, lines = max(
            ((w, n) for w, n in widths.items() if w > 1), key=lambda item: item[1] * item[0], default=(0, 0)
        )
        if lines * (width - 1) > best_score:
            best, best_score = delimiter, lines * (width - 1)
    return best


def _records(path: Path, name: str, encoding: str, delimiter: str, limits: Limits, size: int) -> Iterator[list[Row]]:
    csv.field_size_limit(limits.field)
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        lines: Iterator[str] = stream
        if not encoding.startswith("utf-16"):
            lines = (line.replace("\0", "") if "\0" in line else line for line in stream)
        reader = csv.reader(lines, delimiter=delimiter)
        done = 0
        try:
            while rows := list(itertools.islice(reader, size)):
                done += len(rows)
                if done > limits.rows:
                    raise Refused(explain.too_large(name, f"超过 {limits.rows} 行"))
                yield rows
        except csv.Error as error:
            raise Refused(explain.open_quote(name, done + 1)) from error
