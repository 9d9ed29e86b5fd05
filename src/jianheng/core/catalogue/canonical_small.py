"""A table of moderate size read without the engine, which pays for a million rows and costs a second for ten.

Every distinct text of a column is read once, by the same rules as in ``canonical``; the outcome is the same to the byte
of every content hash. Everything is held in memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import md5
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jianheng.core.catalogue.canonical import Layout, derive, not_supplied
from jianheng.core.catalogue.canonical_leftovers import ARROW_TYPES, count_notes
from jianheng.core.catalogue.canonical_readers import Answers, Readers, answers_of
from jianheng.core.fields.reading import Reading
from jianheng.core.fields.registry import DERIVED_READERS
from jianheng.core.ingest.landed import LandedSheet
from jianheng.core.terms.spec import Column

_MOST_SNAPPY = 22  # times that snappy, in which rows are landed, can make anything smaller
_WORTH_A_LOOK = 256 << 20
_EMPTY, _BETWEEN = "\x1e", "\x1f"


@dataclass(slots=True)
class SmallTable:
    """One table, read. All arrays are as long as there are landed rows, in the order of sheets and lines.

    ``readings``: per source column with unread cells, the reading of those rows by their index.
    """

    layout: Layout
    sheets: tuple[LandedSheet, ...]
    present: frozenset[str]
    places: pa.Table
    """``file``, ``sheet``, ``row`` and ``group`` (equal for blocks of one sheet), all INTEGER."""
    raw: dict[str, pa.Array] = field(default_factory=dict)
    values: dict[str, pa.Array] = field(default_factory=dict)
    bad: pa.Array = None
    content: list[str] = field(default_factory=list)
    """Hex digits of the content hash."""
    unread: dict[str, int] = field(default_factory=dict)
    notes: dict[str, Counter[str]] = field(default_factory=dict)
    readings: dict[str, dict[int, Reading]] = field(default_factory=dict)

    def mark(self, bit: int, rows: pa.Array) -> None:
        """Set ``bit`` of ``_bad`` where ``rows`` (BOOLEAN) is true."""
        self.bad = pc.bit_wise_or(self.bad, pc.if_else(rows, pa.scalar(bit, pa.int64()), pa.scalar(0, pa.int64())))


def read_small(layout: Layout, sheets: Sequence[LandedSheet], landed: Path, readers: Readers) -> SmallTable:
    """Read every cell of ``sheets`` (all of one table); ``landed`` is the folder their Parquet paths start from."""
    sheets = tuple(sorted(sheets, key=lambda sheet: sheet.number))
    parts = [_landed_rows(layout, sheet, landed) for sheet in sheets]
    present = frozenset(name for sheet in sheets for name in sheet.headings if name in layout.source)
    table = SmallTable(layout, sheets, present, _places(sheets, parts))
    missing = [_missing(layout, sheet, len(part)) for sheet, part in zip(sheets, parts, strict=True)]
    table.bad = pa.concat_arrays(missing)
    for name, column in layout.source.items():
        pieces = [_texts(sheet, part, name) for sheet, part in zip(sheets, parts, strict=True)]
        table.raw[name] = pa.concat_arrays(pieces)
        _read_column(table, name, column, pieces, readers)
    for name in layout.derived:
        _derive_column(table, name)
    table.content = [md5(text, usedforsecurity=False).hexdigest() for text in _contents(table)]
    return table


def landed_size(sheets: Sequence[LandedSheet], landed: Path) -> int:
    """An upper bound for the bytes of text that ``sheets`` hold; exact where they are many."""
    paths = [landed / sheet.parquet for sheet in sheets]
    bound = _MOST_SNAPPY * sum(path.stat().st_size for path in paths)
    if bound <= _WORTH_A_LOOK:
        return bound
    files = [pq.read_metadata(path) for path in paths]
    return sum(file.row_group(index).total_byte_size for file in files for index in range(file.num_row_groups))


def _landed_rows(layout: Layout, sheet: LandedSheet, landed: Path) -> pa.Table:
    names = ["row", *(f"c{heading.index}" for name, heading in sheet.headings.items() if name in layout.source)]
    return pq.ParquetFile(landed / sheet.parquet).read(columns=names)


def _places(sheets: Sequence[LandedSheet], parts: Sequence[pa.Table]) -> pa.Table:
    groups: dict[tuple[int, str], int] = {}
    tables = []
    for sheet, part in zip(sheets, parts, strict=True):
        group = groups.setdefault((sheet.file, sheet.sheet), sheet.number)
        same = {"file": sheet.file, "sheet": sheet.number, "group": group}
        columns = {name: pa.repeat(pa.scalar(number, pa.int32()), len(part)) for name, number in same.items()}
        tables.append(pa.table(columns | {"row": part.column("row").cast(pa.int32())}))
    return pa.concat_tables(tables).combine_chunks()


def _missing(layout: Layout, sheet: LandedSheet, rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(sum(layout.bit(name) for name in not_supplied(layout, sheet)), pa.int64()), rows)


def _texts(sheet: LandedSheet, part: pa.Table, name: str) -> pa.Array:
    heading = sheet.headings.get(name)
    if heading is None:
        return pa.nulls(len(part), pa.string())
    return pa.concat_arrays([pa.array([], pa.string()), *part.column(f"c{heading.index}").chunks])


def _read_column(table: SmallTable, name: str, column: Column, pieces: Sequence[pa.Array], readers: Readers) -> None:
    """The values of a source column; one reading per distinct text and unit."""
    storage = table.layout.columns[name]
    values, first = [], 0
    for unit, texts in _by_unit(table.sheets, pieces, name):
        coded = texts.dictionary_encode()
        answers = readers.read(column, storage, unit, coded.dictionary)
        values.append(answers.values.take(coded.indices))
        for index, reading in answers.unread_rows(coded.indices):
            table.readings.setdefault(name, {})[first + index] = reading
        _count(table, name, answers, coded.indices)
        first += len(texts)
    table.values[name] = pa.concat_arrays(values)
    if name in table.readings:
        inherited = [other for other, derived in table.layout.derived.items() if derived.source == name]
        bit = sum(table.layout.bit(one) for one in (name, *inherited))
        table.mark(bit, _true_at(table.readings[name], first))


def _by_unit(sheets: Sequence[LandedSheet], pieces: Sequence[pa.Array], name: str) -> Iterator[tuple[int, pa.Array]]:
    """The texts of neighbouring sheets of one money unit together."""
    units = [sheet.headings[name].unit if name in sheet.headings else 1 for sheet in sheets]
    for unit, group in groupby(zip(units, pieces, strict=True), key=lambda one: one[0]):
        yield unit, pa.concat_arrays([piece for _, piece in group])


def _count(table: SmallTable, name: str, answers: Answers, codes: pa.Array) -> None:
    unread, notes = answers.counts(codes)
    if unread:
        table.unread[name] = table.unread.get(name, 0) + unread
    for note, cells in notes.items():
        count_notes(table.notes.setdefault(name, Counter()), (note,), cells)


def _derive_column(table: SmallTable, name: str) -> None:
    derived = table.layout.derived[name]
    storage = table.layout.columns[name]
    source = table.values[derived.source]
    coded = (source if pa.types.is_string(source.type) else source.cast(pa.string())).dictionary_encode()
    if derived.reader == "birth_on":
        table.values[name] = _births(coded.dictionary).take(coded.indices)
        return
    texts = coded.dictionary.to_pylist()
    readings = {code: derive(DERIVED_READERS[derived.reader], storage, text) for code, text in enumerate(texts)}
    answers = answers_of(readings, pa.nulls(len(texts), ARROW_TYPES[storage]))
    table.values[name] = answers.values.take(coded.indices)
    unread = dict(answers.unread_rows(coded.indices))
    if unread:
        table.mark(table.layout.bit(name), _true_at(unread, len(source)))
    _count(table, name, answers, coded.indices)


def _births(numbers: pa.Array) -> pa.Array:
    """The birth dates inside canonical identity numbers; NULL where there is none."""
    year, month, day = (pc.utf8_slice_codeunits(numbers, *part) for part in ((6, 10), (10, 12), (12, 14)))
    texts = pc.binary_join_element_wise(year, month, day, "-")
    try:
        return texts.cast(pa.date32())
    except pa.ArrowInvalid:
        return pa.array([_day_or_none(text) for text in texts.to_pylist()], pa.date32())


def _day_or_none(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _true_at(rows: dict[int, Reading], length: int) -> pa.Array:
    flags = [False] * length
    for index in rows:
        flags[index] = True
    return pa.array(flags)


def _contents(table: SmallTable) -> list[bytes]:
    """What makes two rows equal (see ``canonical``), one text a row."""
    parts = [table.bad.cast(pa.string())]
    for name in table.layout.columns:
        text = table.values[name].cast(pa.string())
        if name in table.readings:
            unread = table.raw[name].take(pa.array(list(table.readings[name]), pa.int64()))
            shown = pc.replace_substring(unread, _BETWEEN, " ")
            text = pc.replace_with_mask(text, _true_at(table.readings[name], len(text)), shown)
        parts.append(pc.fill_null(text, _EMPTY))
    joined: list[bytes] = pc.binary_join_element_wise(*parts, _BETWEEN).cast(pa.binary()).to_pylist()
    return joined
