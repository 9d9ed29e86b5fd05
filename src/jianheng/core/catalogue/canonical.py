"""From landed text to canonical values, one table at a time, in three tiers.

The outcome is a *read* table in Parquet, one line per landed row: its place, its canonical values, the ``_bad`` bits
and a content hash by which ``duplicates`` finds equal rows; the raw texts stay where they landed. Semantics 1 and 2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pyarrow as pa

from jianheng.core.catalogue.canonical_leftovers import Answers, count_notes, read_leftovers
from jianheng.core.catalogue.fast_sql import SQL_TYPES, birth_on, fast_column, literal, quoted, with_fast
from jianheng.core.engine.port import Engine
from jianheng.core.fields.reading import Reading, unread
from jianheng.core.fields.registry import DERIVED_READERS, read_field
from jianheng.core.foundation.errors import PackProblem, Problem
from jianheng.core.ingest.landed import LandedSheet
from jianheng.core.terms.lexicon import ColumnTerm, Lexicon
from jianheng.core.terms.spec import Column, Derived, Storage, Table

#: Raise when the same landed rows would give another canonical table: old snapshots are then not taken for new ones.
FORMAT_VERSION = 3

#: ``_bad`` is a signed 64-bit number.
_MOST_COLUMNS = 63


@dataclass(frozen=True, slots=True)
class Layout:
    """The canonical columns of one table in stored order; the place in ``columns`` is the bit in ``_bad``."""

    table: Table
    source: dict[str, Column]
    derived: dict[str, Derived]
    columns: dict[str, Storage]

    def bit(self, column: str) -> int:
        """The value of the bit that says ``column`` is unread."""
        return 1 << list(self.columns).index(column)


@dataclass(slots=True)
class ReadTable:
    """One table, read: the Parquet file, and per column the cells unread and the readers' notes, in source cells."""

    layout: Layout
    path: Path
    present: frozenset[str]
    answers: dict[str, Path] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)
    notes: dict[str, Counter[str]] = field(default_factory=dict)


def lay_out(table_id: str, lexicon: Lexicon) -> Layout:
    """The layout of a table of ``lexicon``. Raises PackProblem (T201) for more columns than ``_bad`` has bits."""
    table = lexicon.tables[table_id]
    terms = {name: term for name, term in lexicon.columns(table_id).items() if stands_in_canonical(term)}
    if len(terms) > _MOST_COLUMNS:
        message = f"表 {table_id} 有 {len(terms)} 列，最多只能有 {_MOST_COLUMNS} 列。"
        raise PackProblem(Problem("T201", message, hint="请把不用于判断的列从表的定义中去掉。"))
    return Layout(table, dict(table.columns), dict(table.derive), {name: term.storage for name, term in terms.items()})


def stands_in_canonical(term: ColumnTerm) -> bool:
    """Whether a column is stored in the canonical table; those of chaining and linking are made per run."""
    return term.origin != "chain"


def read_table(
    layout: Layout, sheets: Sequence[LandedSheet], landed: Path, lexicon: Lexicon, engine: Engine, folder: Path
) -> ReadTable:
    """Read every cell of ``sheets`` (all of one table) into ``folder/read.parquet``.

    Columns: ``_sheet``, ``_group`` (equal for blocks of one sheet), ``_line`` (the row in its sheet), ``c_<column>``
    canonical, ``_bad`` BIGINT, ``_content`` UUID. The view ``landed_rows`` is left behind, with ``_file``, ``_sheet``,
    ``_line`` and ``r_<column>`` raw VARCHAR. ``landed`` is the folder that the sheets' Parquet paths are relative to.
    """
    path = folder / "read.parquet"
    present = frozenset(name for sheet in sheets for name in sheet.headings if name in layout.source)
    result = ReadTable(layout, path, present)
    engine.run(f"CREATE OR REPLACE TEMP VIEW landed_rows AS {_landed_rows(layout, sheets, landed, engine)}")
    for name in layout.source:
        if name in present:
            _answer_column(result, name, lexicon, engine, folder)
    for name in layout.derived:
        if layout.derived[name].source in present:
            _answer_derived(result, name, engine, folder)
    engine.write(_read_rows(result), path, step=f"读取{layout.table.title}")
    return result


def _landed_rows(layout: Layout, sheets: Sequence[LandedSheet], landed: Path, engine: Engine) -> str:
    """All sheets under one another: place, raw text and unit of every source column, and what a sheet does not have.

    Sheets whose columns stand alike are read as one: every part costs the engine memory, whatever it holds.
    """
    groups: dict[tuple[int, str], int] = {}
    alike: dict[str, list[LandedSheet]] = {}
    places: dict[str, list[object]] = {"path": [], "_file": [], "_sheet": [], "_group": []}
    for sheet in sheets:
        group = groups.setdefault((sheet.file, sheet.sheet), sheet.number)
        place = (str(landed / sheet.parquet), sheet.file, sheet.number, group)
        for column, value in zip(places.values(), place, strict=True):
            column.append(value)
        alike.setdefault(_raw_columns(layout, sheet), []).append(sheet)
    numbers = ((name, pa.int32()) for name in ("_file", "_sheet", "_group"))
    engine.load("landed_places", pa.table(places, pa.schema([("path", pa.string()), *numbers])))
    parts = []
    for columns, same in alike.items():
        files = ", ".join(literal(str(landed / sheet.parquet)) for sheet in same)
        parts.append(
            f"SELECT _file, _sheet, _group, {columns} "
            f"FROM read_parquet([{files}]) AS cells JOIN landed_places AS places ON places.path = cells.filename"
        )
    return " UNION ALL ".join(parts)


def _raw_columns(layout: Layout, sheet: LandedSheet) -> str:
    missing = sum(layout.bit(name) for name in not_supplied(layout, sheet))
    columns = ['CAST("row" AS INTEGER) AS _line', f"CAST({missing} AS BIGINT) AS _missing"]
    for name, column in layout.source.items():
        heading = sheet.headings.get(name)
        raw = quoted(f"c{heading.index}") if heading else "CAST(NULL AS VARCHAR)"
        columns.append(f"{raw} AS {quoted('r_' + name)}")
        if column.type == "money":
            columns.append(f"CAST({heading.unit if heading else 1} AS BIGINT) AS {quoted('u_' + name)}")
    return ", ".join(columns)


def not_supplied(layout: Layout, sheet: LandedSheet) -> list[str]:
    """Columns that ``sheet`` lacks and that therefore are unknown in all its rows: not supplied is never "never"."""
    lacking = {name for name, column in layout.source.items() if name not in sheet.headings and not column.optional}
    return [*lacking, *(name for name, derived in layout.derived.items() if derived.source in lacking)]


def _unit(column: Column, name: str) -> str:
    return quoted("u_" + name) if column.type == "money" else "1"


def _fast_rows(layout: Layout) -> str:
    """The landed rows with ``f_<column>``: the value where the engine vouches for it."""
    rows = "SELECT * FROM landed_rows"
    for name, column in layout.source.items():
        rows = with_fast(rows, column.type, layout.columns[name], f"r_{name}", f"u_{name}", f"f_{name}")
    return rows


def _one_column(layout: Layout, name: str) -> str:
    """Only what reading one column needs: binding all of them costs more than reading a small table."""
    column = layout.source[name]
    return fast_column(name, column.type, layout.columns[name], _unit(column, name))


def _answer_column(result: ReadTable, name: str, lexicon: Lexicon, engine: Engine, folder: Path) -> None:
    column = result.layout.source[name]
    rows = _one_column(result.layout, name)
    left = (
        f"SELECT raw AS text, unit, count(*) AS cells FROM ({rows}) "
        "WHERE raw IS NOT NULL AND fast IS NULL GROUP BY raw, unit"
    )
    batches = engine.stream(left, step=f"读取「{column.title}」")
    path = folder / f"answers_{name}.parquet"
    storage = result.layout.columns[name]
    answers = read_leftovers(batches, partial(lexicon.read_cell, column), storage, column.type, path)
    if column.type == "resident_id":
        _note_places(answers, rows, column, lexicon, engine)
    _keep(result, name, answers, engine)


def _note_places(answers: Answers, rows: str, column: Column, lexicon: Lexicon, engine: Engine) -> None:
    """What the reader says of identity numbers that the engine checked: it hangs on their first six digits only."""
    places = f"SELECT any_value(fast) AS text, count(*) AS cells FROM ({rows}) GROUP BY substr(fast, 1, 6)"
    for batch in engine.stream(places, step=f"核对「{column.title}」的区划"):
        for text, cells in zip(batch.column("text").to_pylist(), batch.column("cells").to_pylist(), strict=True):
            if text is not None:
                count_notes(answers.notes, lexicon.read_cell(column, text).notes, cells)


def _answer_derived(result: ReadTable, name: str, engine: Engine, folder: Path) -> None:
    derived = result.layout.derived[name]
    if derived.reader == "birth_on":
        return
    rows = _one_column(result.layout, derived.source)
    if derived.source in result.answers:
        answered = f"LEFT JOIN {quoted('answers_' + derived.source)} AS a ON a.text = rows.raw AND a.unit = rows.unit"
        rows = f"SELECT coalesce(rows.fast, a.value) AS fast FROM ({rows}) AS rows {answered}"
    distinct = (
        f"SELECT CAST(fast AS VARCHAR) AS text, 1 AS unit, count(*) AS cells FROM ({rows}) "
        "WHERE fast IS NOT NULL GROUP BY fast"
    )
    reader = partial(derive, DERIVED_READERS[derived.reader], derived.storage)
    path = folder / f"answers_{name}.parquet"
    batches = engine.stream(distinct, step=f"推算「{derived.title}」")
    answers = read_leftovers(batches, reader, derived.storage, "text", path)
    _keep(result, name, answers, engine)


def derive(compute: Callable[[str], str], storage: Storage, text: str, _: int = 1) -> Reading:
    """The derived value of a canonical text; where the reader finds none, it is unknown and not empty."""
    found = compute(text)
    return read_field(storage, found) if found else unread("推算不出")


def _keep(result: ReadTable, name: str, answers: Answers, engine: Engine) -> None:
    if answers.notes:
        result.notes[name] = answers.notes
    if answers.unread:
        result.unread[name] = answers.unread
    if answers.rows:
        result.answers[name] = answers.path
        engine.view(f"answers_{name}", [answers.path])


def _value_of(result: ReadTable, name: str) -> tuple[str, str]:
    """The canonical value of a source column over ``fast_rows``, and the join it needs."""
    if name not in result.answers:
        return quoted("f_" + name), ""
    alias = quoted("a_" + name)
    join = (
        f"LEFT JOIN {quoted('answers_' + name)} AS {alias} "
        f"ON {alias}.text = {quoted('r_' + name)} AND {alias}.unit = {_unit(result.layout.source[name], name)}"
    )
    return f"coalesce({quoted('f_' + name)}, {alias}.value)", join


def _read_rows(result: ReadTable) -> str:
    """The whole read table as one query: values, then derived values, then ``_bad``, then the content hash."""
    layout = result.layout
    columns, joins, bits = [], [], ["_missing"]
    for name in layout.source:
        value, join = _value_of(result, name)
        columns += [quoted("r_" + name), f"{value} AS {quoted('c_' + name)}"]
        if join:
            joins.append(join)
            inherited = [other for other, derived in layout.derived.items() if derived.source == name]
            bit = sum(layout.bit(one) for one in (name, *inherited))
            bits.append(f"CASE WHEN {quoted('a_' + name)}.is_unread THEN {bit} ELSE 0 END")
    places = "_sheet, _group, _line"
    values = f"SELECT {places}, {', '.join(columns)}, {' | '.join(bits)} AS _bad "
    values += f"FROM ({_fast_rows(layout)}) {' '.join(joins)}"
    raw = ", ".join(quoted("r_" + name) for name in layout.source)
    return f"SELECT * EXCLUDE ({raw}), {_content(layout)} AS _content FROM ({_derived_rows(result, values)})"


def _derived_rows(result: ReadTable, values: str) -> str:
    layout = result.layout
    columns, joins, bits = [], [], ["_bad"]
    for name, derived in layout.derived.items():
        target, source = quoted("c_" + name), quoted("c_" + derived.source)
        if derived.reader == "birth_on":
            columns.append(f"{birth_on(source)} AS {target}")
        elif name in result.answers:
            alias = quoted("d_" + name)
            joins.append(
                f"LEFT JOIN {quoted('answers_' + name)} AS {alias} ON {alias}.text = CAST({source} AS VARCHAR)"
            )
            columns.append(f"{alias}.value AS {target}")
            bits.append(f"CASE WHEN {alias}.is_unread THEN {layout.bit(name)} ELSE 0 END")
        else:
            columns.append(f"CAST(NULL AS {SQL_TYPES[layout.columns[name]]}) AS {target}")
    listed = "".join(f", {column}" for column in columns)
    return f"SELECT rows.* REPLACE ({' | '.join(bits)} AS _bad){listed} FROM ({values}) AS rows {' '.join(joins)}"


def _content(layout: Layout) -> str:
    """A hash of what makes two rows equal: every canonical value, the ``_bad`` bits, the raw text of unread cells."""
    empty, between = "chr(30)", "chr(31)"
    parts = ["CAST(_bad AS VARCHAR)"]
    for name in layout.columns:
        value = f"CAST({quoted('c_' + name)} AS VARCHAR)"
        if name in layout.source:
            unread_text = (
                f"CASE WHEN _bad & {layout.bit(name)} <> 0 THEN replace({quoted('r_' + name)}, {between}, ' ') END"
            )
            value = f"coalesce({value}, {unread_text}, {empty})"
        else:
            value = f"coalesce({value}, {empty})"
        parts.append(value)
    return f"CAST(md5(concat_ws({between}, {', '.join(parts)})) AS UUID)"
