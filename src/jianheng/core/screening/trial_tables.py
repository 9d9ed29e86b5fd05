"""The few rows of a worked case as canonical tables, read cell by cell in Python.

Importing goes through the engine, which pays for a million rows and costs a second for ten. A test holds this shortcut
to the tables that importing makes of the same cells.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jianheng.core.catalogue.canonical import Layout, lay_out
from jianheng.core.catalogue.profile import ColumnProfile, TableProfile
from jianheng.core.fields.registry import DERIVED_READERS, read_field
from jianheng.core.screening.cases import Case
from jianheng.core.terms.lexicon import Lexicon

_TYPES = {
    "text": pa.string(),
    "date": pa.date32(),
    "money": pa.decimal128(18, 2),
    "boolean": pa.bool_(),
    "integer": pa.int64(),
}
_ONE_SHEET = "1"


@dataclass(slots=True)
class _Row:
    """One row of the case: where it stands, what was written, what was read, which bits are unread."""

    sheet: int
    line: int
    texts: dict[str, str | None]
    values: dict[str, Any] = field(default_factory=dict)
    bad: int = 0
    copy: int = 1

    def content(self, layout: Layout) -> tuple[Any, ...]:
        """What makes two rows equal: values, unread bits, the text of unread cells."""
        unread = tuple(text for name, text in self.texts.items() if self.bad & layout.bit(name))
        return (self.bad, unread, *(self.values[name] for name in layout.columns))


def write_trial_table(case: Case, alias: str, lexicon: Lexicon, folder: Path) -> tuple[Path, Path, TableProfile]:
    """The canonical and the source file of one table of a case, and its profile."""
    layout = lay_out(case.tables[alias], lexicon)
    lacking = frozenset(case.missing_columns.get(alias, ()))
    rows = [_read(row, layout, lacking, lexicon) for row in _rows(case, alias, layout, lacking)]
    numbered = _number(rows, layout)
    canonical, source = folder / f"{layout.table.id}.parquet", folder / f"{layout.table.id}.source.parquet"
    kept = sorted(((number, row) for number, row, first in numbered if first), key=lambda one: one[0])
    pq.write_table(_canonical(kept, layout), canonical)
    pq.write_table(_source(sorted(numbered, key=lambda one: (one[0], one[1].sheet)), layout), source)
    return canonical, source, _profile([row for _, row in kept], len(rows), layout, lacking)


def _rows(case: Case, alias: str, layout: Layout, lacking: frozenset[str]) -> Iterator[_Row]:
    by_sheet: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in case.given.get(alias, []):
        by_sheet[row.get("_sheet", _ONE_SHEET)].append(row)
    for sheet, name in enumerate(sorted(by_sheet), start=1):
        for line, cells in enumerate(by_sheet[name], start=2):
            texts = {column: None if column in lacking else cells.get(column) or None for column in layout.source}
            yield _Row(sheet, line, texts)


def _read(row: _Row, layout: Layout, lacking: frozenset[str], lexicon: Lexicon) -> _Row:
    for name, column in layout.source.items():
        reading = lexicon.read_cell(column, row.texts[name])
        row.values[name] = reading.value
        if reading.is_unread or (name in lacking and not column.optional):
            row.bad |= layout.bit(name)
    for name, derived in layout.derived.items():
        value = row.values[derived.source]
        row.values[name] = None
        if row.bad & layout.bit(derived.source):
            row.bad |= layout.bit(name)
        elif value is not None:
            found = DERIVED_READERS[derived.reader](str(value))
            row.values[name] = read_field(derived.storage, found).value if found else None
            if row.values[name] is None:
                row.bad |= layout.bit(name)
    return row


def _number(rows: list[_Row], layout: Layout) -> list[tuple[int, _Row, bool]]:
    """Every row with its number and whether it stands for its number (semantics 4 and 5)."""
    seen: Counter[tuple[int, Any]] = Counter()
    number_column = layout.table.row_number
    for row in rows:
        content = row.content(layout)
        same_record = number_column is not None and row.values[number_column] is not None
        seen[row.sheet, content] += 1
        row.copy = 1 if same_record else seen[row.sheet, content]
    keys = {id(row): (row.content(layout), row.copy) for row in rows}
    days = {key: _day(row, layout) for row in rows for key in [keys[id(row)]]}
    order = sorted(days, key=lambda key: (days[key] or date.max, repr(key)))
    numbers = {key: number for number, key in enumerate(order)}
    taken: set[int] = set()
    result = []
    for row in rows:
        number = numbers[keys[id(row)]]
        result.append((number, row, number not in taken))
        taken.add(number)
    return result


def _day(row: _Row, layout: Layout) -> date | None:
    """The first filled of the dates by which coverage is told."""
    days = (row.values[name] for name in layout.table.coverage_on)
    return next((day for day in days if day is not None), None)


def _canonical(rows: list[tuple[int, _Row]], layout: Layout) -> pa.Table:
    columns = {"_row": pa.array([number for number, _ in rows], pa.int64())}
    for name, storage in layout.columns.items():
        columns[name] = pa.array([row.values[name] for _, row in rows], _TYPES[storage])
    columns["_bad"] = pa.array([row.bad for _, row in rows], pa.int64())
    columns["_repeat"] = pa.array([row.copy > 1 for _, row in rows], pa.bool_())
    return pa.table(columns)


def _source(rows: list[tuple[int, _Row, bool]], layout: Layout) -> pa.Table:
    columns = {
        "_row": pa.array([number for number, _, _ in rows], pa.int64()),
        "file": pa.array([row.sheet for _, row, _ in rows], pa.int32()),
        "sheet": pa.array([row.sheet for _, row, _ in rows], pa.int32()),
        "row": pa.array([row.line for _, row, _ in rows], pa.int32()),
    }
    for name in layout.source:
        columns[name] = pa.array([row.texts[name] for _, row, _ in rows], pa.string())
    return pa.table(columns)


def _profile(rows: list[_Row], source_rows: int, layout: Layout, lacking: frozenset[str]) -> TableProfile:
    columns = {}
    for name in layout.columns:
        derived = layout.derived.get(name)
        nulls = sum(row.values[name] is None for row in rows)
        bad = sum(bool(row.bad & layout.bit(name)) for row in rows)
        columns[name] = ColumnProfile((derived.source if derived else name) not in lacking, nulls, bad)
    days = Counter(day for row in rows if (day := _day(row, layout)) is not None)
    repeats = sum(row.copy > 1 for row in rows)
    return TableProfile(layout.table.id, len(rows), source_rows, repeats, columns, dict(sorted(days.items())))
