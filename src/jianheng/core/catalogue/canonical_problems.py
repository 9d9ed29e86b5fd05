"""Every cell that could not be read, as a row of ``problems.parquet``; written by the engine: there may be millions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa

from jianheng.core.catalogue.canonical import ReadTable
from jianheng.core.catalogue.fast_sql import literal, quoted
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.errors import Problem
from jianheng.core.ingest.landed import LandedSheet, SourceFile

#: The columns of ``problems.parquet``: those of Problem that a cell has, then the term table and its column.
PROBLEM_COLUMNS = ("code", "message", "file", "sheet", "cell", "seen", "hint", "table", "column")

_PARTS = "problems_part"


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


def write_landing_problems(problems: Iterable[Problem], folder: Path, engine: Engine) -> list[Path]:
    """Write what landing had to say in the same form; a problem in a text file keeps its line in the file name."""
    rows = [_landing_row(problem) for problem in problems]
    if not rows:
        return []
    schema = pa.schema(
        [(name, pa.string()) for name in PROBLEM_COLUMNS] + [("_sheet", pa.int64()), ("_line", pa.int64())]
    )
    engine.load("landing_problems", pa.Table.from_pylist(rows, schema))
    part = folder / f"{_PARTS}_landing.parquet"
    engine.write("SELECT * FROM landing_problems", part)
    return [part]


def join_problems(parts: Sequence[Path], path: Path, engine: Engine) -> dict[str, int]:
    """Write ``path`` from its parts, in the order of files, sheets, rows and columns; the number of rows per code."""
    columns = ", ".join(quoted(name) for name in PROBLEM_COLUMNS)
    if not parts:
        empty = ", ".join(f"CAST(NULL AS VARCHAR) AS {quoted(name)}" for name in PROBLEM_COLUMNS)
        engine.write(f"SELECT {empty} WHERE false", path)
        return {}
    engine.view("problem_parts", parts)
    order = "_sheet, _line, cell, code, message"
    engine.write(f"SELECT {columns} FROM problem_parts ORDER BY {order}", path, step="汇总问题清单")
    counts = engine.fetch("SELECT code, count(*) AS cells FROM problem_parts GROUP BY code ORDER BY code").to_pylist()
    return {row["code"]: row["cells"] for row in counts}


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
