"""Equal rows of a table that was read without the engine: numbered, counted and written as ``duplicates`` does it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jianheng.core.catalogue.canonical_small import SmallTable
from jianheng.core.catalogue.profile import ColumnProfile, TableProfile


@dataclass(frozen=True, slots=True)
class _Numbered:
    """Landed rows in the order of ``row`` (their number), then of their place; ``first`` stands for its number."""

    order: pa.Array
    rows: list[int]
    first: list[bool]
    repeat: list[bool]


def write_small(table: SmallTable, canonical: Path, source: Path) -> TableProfile:
    """Write the two files of a table (see ``duplicates.write_numbered``) and say what they hold."""
    numbered = _numbered(table)
    rows = pa.array(numbered.rows, pa.int64())
    stands = pa.array(numbered.first, pa.bool_())
    kept = numbered.order.filter(stands)
    values = {name: table.values[name].take(kept) for name in table.layout.columns}
    bad = table.bad.take(kept)
    repeat = pa.array(numbered.repeat, pa.bool_()).filter(stands)
    _write(canonical, {"_row": rows.filter(stands), **values, "_bad": bad, "_repeat": repeat})
    places = {name: table.places.column(name).take(numbered.order) for name in ("file", "sheet", "row")}
    raw = {name: table.raw[name].take(numbered.order) for name in table.layout.source}
    _write(source, {"_row": rows, **places, **raw})
    columns = _columns(table, values, bad)
    repeats = sum(repeat.to_pylist())
    days = _days(table, values)
    return TableProfile(table.layout.table.id, len(kept), len(rows), repeats, columns, days)


def _write(path: Path, columns: dict[str, pa.Array]) -> None:
    pq.write_table(pa.table(columns), path, compression="zstd")


def _numbered(table: SmallTable) -> _Numbered:
    copies, first = _copies(table)
    keys = {
        "day": _day(table, table.values, len(copies)),
        "content": pa.array(table.content, pa.string()),
        "copy": pa.array(copies, pa.int32()),
        "sheet": table.places.column("sheet"),
        "line": table.places.column("row"),
    }
    order = pc.sort_indices(pa.table(keys), [(name, "ascending") for name in keys])  # NULL last
    rows, number, before = [], -1, None
    for index in (indices := order.to_pylist()):
        this = (table.content[index], copies[index])
        number += this != before
        before = this
        rows.append(number)
    return _Numbered(order, rows, [first[index] for index in indices], [copies[index] > 1 for index in indices])


def _copies(table: SmallTable) -> tuple[list[int], list[bool]]:
    """Per landed row: the how manieth equal row of its sheet it is, and whether it stands for its number."""
    content = table.content
    if len(set(content)) == len(content):
        return [1] * len(content), [True] * len(content)
    number = table.layout.table.row_number
    same_record = table.values[number].is_valid().to_pylist() if number else [False] * len(content)
    seen: Counter[tuple[str, int]] = Counter()
    stands: set[tuple[str, int]] = set()
    copies, first = [], []
    for hashed, group, same in zip(content, table.places.column("group").to_pylist(), same_record, strict=True):
        seen[hashed, group] += 1
        copy = 1 if same else seen[hashed, group]
        copies.append(copy)
        first.append((hashed, copy) not in stands)
        stands.add((hashed, copy))
    return copies, first


def _day(table: SmallTable, values: dict[str, pa.Array], length: int) -> pa.Array:
    """The first filled of the dates by which the table's coverage is told, or NULL."""
    days = [values[name] for name in table.layout.table.coverage_on]
    return pc.coalesce(*days) if days else pa.nulls(length, pa.date32())


def _columns(table: SmallTable, values: dict[str, pa.Array], bad: pa.Array) -> dict[str, ColumnProfile]:
    patterns = Counter(bad.to_pylist())
    result = {}
    for name in table.layout.columns:
        derived = table.layout.derived.get(name)
        bit = table.layout.bit(name)
        result[name] = ColumnProfile(
            (derived.source if derived else name) in table.present,
            values[name].null_count,
            sum(rows for pattern, rows in patterns.items() if pattern & bit),
            table.unread.get(name, 0),
            dict(sorted(table.notes.get(name, Counter()).items())),
        )
    return result


def _days(table: SmallTable, values: dict[str, pa.Array]) -> dict[date, int]:
    counted = pc.value_counts(_day(table, values, 0).drop_null()).to_pylist()
    return dict(sorted((one["values"], one["counts"]) for one in counted))
