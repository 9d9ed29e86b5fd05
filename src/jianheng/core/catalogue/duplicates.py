"""Equal rows: one row sent several times, or several real payments that look alike. Semantics 4 and 5.

Equal rows of different files or sheets are one row with several sources. Inside one sheet they stay, as often as the
sheet that holds them most often, unless a number of their own (a voucher number) shows them to be the same record; the
second and further copies are marked ``_repeat``. ``_row`` depends on the content alone, not on the order of files.
"""

from __future__ import annotations

from pathlib import Path

from jianheng.core.catalogue.canonical import Layout, ReadTable
from jianheng.core.catalogue.fast_sql import quoted
from jianheng.core.engine.port import Engine


def write_numbered(result: ReadTable, canonical: Path, source: Path, engine: Engine) -> None:
    """Number the rows of a table that was just read (``landed_rows`` are its rows) and write its two files.

    ``canonical``: ``_row``, the columns, ``_bad``, ``_repeat``, one line per row. ``source``: ``_row``, ``file``,
    ``sheet``, ``row`` and the raw text of the term's own columns, one line per source row.
    """
    layout = result.layout
    engine.view("read_rows", [result.path])
    engine.run(f"CREATE OR REPLACE TEMP TABLE places AS {_places(layout)}", step="识别重复行")
    joined = "JOIN places USING (_sheet, _line)"
    values = "".join(f", {quoted('c_' + name)} AS {quoted(name)}" for name in layout.columns)
    rows = f"SELECT _row{values}, _bad, _copy > 1 AS _repeat FROM read_rows {joined} WHERE _first ORDER BY _row"
    engine.write(rows, canonical, step=f"写入{layout.table.title}")
    raw = "".join(f", {quoted('r_' + name)} AS {quoted(name)}" for name in layout.source)
    place = '_row, _file AS "file", _sheet AS "sheet", _line AS "row"'
    sources = f"SELECT {place}{raw} FROM landed_rows {joined} ORDER BY _row, _sheet, _line"
    engine.write(sources, source, step=f"写入{layout.table.title}来源")
    engine.run("DROP TABLE places")


def day_of_row(layout: Layout, prefix: str = "") -> str:
    """An expression: the first filled of the dates by which the table's coverage is told, or NULL."""
    days = [quoted(prefix + name) for name in layout.table.coverage_on]
    return f"coalesce({', '.join(days)})" if days else "CAST(NULL AS DATE)"


def _places(layout: Layout) -> str:
    """Per source row its copy, whether it stands for its row, and the row's number. Few rows have an equal one."""
    number = layout.table.row_number
    same_record = f"{quoted('c_' + number)} IS NOT NULL" if number else "false"
    keys = f"_sheet, _line, _content, {day_of_row(layout, 'c_')} AS _day"
    equal = "SELECT _content FROM read_rows GROUP BY _content HAVING count(*) > 1"
    copy = "row_number() OVER (PARTITION BY _content, _group ORDER BY _sheet, _line)"
    single = f"SELECT {keys}, 1 AS _copy, true AS _first FROM read_rows WHERE _content NOT IN ({equal})"
    several = (
        f"SELECT {keys}, CASE WHEN {same_record} THEN 1 ELSE {copy} END AS _copy "
        f"FROM read_rows WHERE _content IN ({equal})"
    )
    first = "row_number() OVER (PARTITION BY _content, _copy ORDER BY _sheet, _line) = 1"
    return (
        "SELECT _sheet, _line, _copy, _first, "
        "dense_rank() OVER (ORDER BY _day NULLS LAST, _content, _copy) - 1 AS _row "
        f"FROM ({single} UNION ALL SELECT *, {first} AS _first FROM ({several}))"
    )
