"""Every cell that could not be read, as a row of ``problems.parquet``; there may be millions, mostly there are few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jianheng.core.catalogue.canonical import ReadTable
from jianheng.core.catalogue.canonical_leftovers import show_masked
from jianheng.core.catalogue.canonical_small import SmallTable
from jianheng.core.catalogue.fast_sql import literal, quoted
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.errors import Problem
from jianheng.core.ingest.landed import LandedSheet, SourceFile

#: The columns of ``problems.parquet``: those of Problem that a cell has, then the term table and its column.
PROBLEM_COLUMNS = ("code", "message", "file", "sheet", "cell", "seen", "hint", "table", "column")

_PARTS = "problems_part"
_PART_SCHEMA = pa.schema(
    [(name, pa.string()) for name in PROBLEM_COLUMNS] + [("_sheet", pa.int64()), ("_line", pa.int64())]
)
_ORDER = ("_sheet", "_line", "cell", "code", "message")
_SORTED_HERE = 200_000
"""Up to so many problems are put in order without the engine."""


def write_unread(
    result: ReadTable, sheets: Sequence[LandedSheet], files: Sequence[SourceFile], engine: Engine, folder: Path
) -> list[Path]:
    """Write the unread cells of a table that was just read; call before the next table is read."""
    unread = [_unread_cells(result, name) for name in result.unread if name in result.layout.source]
    if not unread:
        return []
    engine.load("unread_places", _places(sheets, files))
    part = folder / f"{_PARTS}_{result.layout.table.id}.parquet"
    engine.write(" UNION ALL ".join(unread), part, step="列出未能读取的单元格")
    return [part]


def write_unread_small(table: SmallTable, files: Sequence[SourceFile], folder: Path) -> list[Path]:
    """The same for a table that was read without the engine."""
    names = {file.number: file.name for file in files}
    rows = [row for name in table.readings for row in _unread_rows(table, name, names)]
    return _write_part(rows, folder / f"{_PARTS}_{table.layout.table.id}.parquet")


def write_landing_problems(problems: Iterable[Problem], folder: Path) -> list[Path]:
    """Write what landing had to say in the same form; a problem in a text file keeps its line in the file name."""
    return _write_part([_landing_row(problem) for problem in problems], folder / f"{_PARTS}_landing.parquet")


def join_problems(parts: Sequence[Path], path: Path, engine: Engine) -> dict[str, int]:
    """Write ``path`` from its parts, in the order of files, sheets, rows and columns; the number of rows per code."""
    if sum(pq.read_metadata(part).num_rows for part in parts) <= _SORTED_HERE:
        return _join_here(parts, path)
    columns = ", ".join(quoted(name) for name in PROBLEM_COLUMNS)
    engine.view("problem_parts", parts)
    engine.write(f"SELECT {columns} FROM problem_parts ORDER BY {', '.join(_ORDER)}", path, step="汇总问题清单")
    counts = engine.fetch("SELECT code, count(*) AS cells FROM problem_parts GROUP BY code ORDER BY code").to_pylist()
    return {row["code"]: row["cells"] for row in counts}


def _join_here(parts: Sequence[Path], path: Path) -> dict[str, int]:
    tables = [_PART_SCHEMA.empty_table(), *(pq.ParquetFile(part).read().cast(_PART_SCHEMA) for part in parts)]
    rows = pa.concat_tables(tables)
    rows = rows.take(pc.sort_indices(rows, [(name, "ascending") for name in _ORDER]))
    pq.write_table(rows.select(PROBLEM_COLUMNS), path, compression="zstd")
    return dict(sorted(Counter(rows.column("code").to_pylist()).items()))


def _write_part(rows: list[dict[str, object]], part: Path) -> list[Path]:
    if not rows:
        return []
    pq.write_table(pa.Table.from_pylist(rows, _PART_SCHEMA), part)
    return [part]


def _unread_rows(table: SmallTable, name: str, names: Mapping[int, str]) -> Iterator[dict[str, object]]:
    column = table.layout.source[name]
    sheets = {sheet.number: sheet for sheet in table.sheets}
    numbers, lines = (table.places.column(place).to_pylist() for place in ("sheet", "row"))
    texts = table.raw[name]
    for row, reading in table.readings[name].items():
        sheet, line = sheets[numbers[row]], lines[row]
        yield {
            "code": "D201",
            "message": f"{column.title}：{reading.reason}",
            "file": names[sheet.file],
            "sheet": sheet.sheet,
            "cell": f"{sheet.headings[name].letter}{line}" if sheet.sheet else f"第{line}条",
            "seen": show_masked(texts[row].as_py(), column.type),
            "hint": reading.hint,
            "table": table.layout.table.id,
            "column": name,
            "_sheet": sheet.number,
            "_line": line,
        }


def _places(sheets: Sequence[LandedSheet], files: Sequence[SourceFile]) -> pa.Table:
    names = {file.number: file.name for file in files}
    rows = [
        {
            "sheet": sheet.number,
            "column": name,
            "letter": heading.letter,
            "file": names[sheet.file],
            "name": sheet.sheet,
        }
        for sheet in sheets
        for name, heading in sheet.headings.items()
    ]
    schema = [("sheet", pa.int64())] + [(name, pa.string()) for name in ("column", "letter", "file", "name")]
    return pa.Table.from_pylist(rows, pa.schema(schema))


def _unread_cells(result: ReadTable, name: str) -> str:
    """Cells are addressed as Excel shows them; a record of a text file by its number."""
    column = result.layout.source[name]
    unit = quoted("u_" + name) if column.type == "money" else "1"
    return (
        f"SELECT 'D201' AS code, {literal(column.title + '：')} || a.reason AS message, p.file, p.name AS sheet, "
        "CASE WHEN p.name = '' THEN '第' || rows._line || '条' ELSE p.letter || rows._line END AS cell, "
        f'a.seen AS seen, a.hint AS hint, {literal(result.layout.table.id)} AS "table", {literal(name)} AS "column", '
        "CAST(rows._sheet AS BIGINT) AS _sheet, CAST(rows._line AS BIGINT) AS _line "
        f"FROM landed_rows AS rows JOIN {quoted('answers_' + name)} AS a "
        f"ON a.text = rows.{quoted('r_' + name)} AND a.unit = {unit} "
        f'JOIN unread_places AS p ON p.sheet = rows._sheet AND p."column" = {literal(name)} WHERE a.is_unread'
    )


def _landing_row(problem: Problem) -> dict[str, object]:
    file = f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file
    said = {"code": problem.code, "message": problem.message, "file": file, "sheet": problem.sheet}
    return {**said, "cell": problem.cell, "seen": problem.seen, "hint": problem.hint, "table": "", "column": ""} | {
        "_sheet": -1,
        "_line": -1,
    }
