"""Workbooks of all formats through calamine: each sheet as a grid."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import python_calamine as calamine

from jianheng.core.foundation.errors import Problem
from jianheng.core.ingest import explain
from jianheng.core.ingest.biff_errors import xls_error_cells
from jianheng.core.ingest.error_values import Cells, ods_has_errors, xlsx_error_cells
from jianheng.core.ingest.faults import Refused
from jianheng.core.ingest.file_kind import EXTENSIONS, Kind
from jianheng.core.ingest.grid import CHUNK_ROWS, Grid, Row
from jianheng.core.ingest.headings import column_letter
from jianheng.core.ingest.limits import Limits

_NOT_SHEETS = (
    (calamine.SheetTypeEnum.ChartSheet, "图表工作表"),
    (calamine.SheetTypeEnum.DialogSheet, "对话框工作表"),
    (calamine.SheetTypeEnum.MacroSheet, "宏工作表"),
    (calamine.SheetTypeEnum.Vba, "宏模块"),
)


def workbook_grids(path: Path, name: str, kind: Kind, limits: Limits, problems: list[Problem]) -> Iterator[Grid]:
    """The sheets of a workbook in their order; sheets that cannot be read are said in ``problems``.

    Raises Refused if the workbook itself cannot be opened.
    """
    workbook = _open(path, name, kind)
    errors = _errors(path, name, kind, workbook)
    for meta in workbook.sheets_metadata:
        other = next((title for kind_of_sheet, title in _NOT_SHEETS if meta.typ == kind_of_sheet), None)
        if other:
            problems.append(explain.not_a_worksheet(name, meta.name, other))
            continue
        try:
            sheet = workbook.get_sheet_by_name(meta.name)
        except BaseException as error:  # noqa: BLE001 (a panic of the reader is one)
            _pass_on(error)
            problems.append(explain.unreadable(name, "工作表内容已损坏", meta.name))
            continue
        grid = _grid(sheet, meta.name, kind, limits, name)
        if meta.name in errors:
            _put_back(grid, errors[meta.name])
            problems.append(_say_errors(name, meta.name, errors[meta.name]))
        grid.hidden = meta.visible != calamine.SheetVisibleEnum.Visible
        if grid.hidden:
            problems.append(explain.hidden(name, meta.name))
        yield grid


def _errors(path: Path, name: str, kind: Kind, workbook: calamine.CalamineWorkbook) -> dict[str, Cells]:
    """Sheet name -> its error values. Where we cannot tell which cells they are, the file is refused."""
    if kind == "xlsx":
        return xlsx_error_cells(path)
    if kind == "xls":
        found = xls_error_cells(path)
        return {title: found[index] for index, title in enumerate(workbook.sheet_names) if index in found}
    if kind == "ods" and ods_has_errors(path):
        raise Refused(explain.error_values_somewhere(name))
    return {}


def _open(path: Path, name: str, kind: Kind) -> calamine.CalamineWorkbook:
    """Open by name where the extension tells the truth, else by content."""
    try:
        if EXTENSIONS.get(path.suffix.lower()) == kind and path.suffix.lower() not in (".et", ".ett"):
            return calamine.CalamineWorkbook.from_path(path)
        with path.open("rb") as stream:
            return calamine.CalamineWorkbook.from_filelike(stream)
    except calamine.PasswordError as error:
        raise Refused(explain.password(name)) from error
    except BaseException as error:
        _pass_on(error)
        raise Refused(explain.unreadable(name, "内容已损坏、不完整，或不是这种格式")) from error


def _pass_on(error: BaseException) -> None:
    """A panic of the reader is a BaseException too; only what is meant for the whole process goes on."""
    if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit | MemoryError):
        raise error


def _grid(sheet: calamine.CalamineSheet, title: str, kind: Kind, limits: Limits, name: str) -> Grid:
    start = sheet.start
    if start is None:
        return Grid(title, kind, iter(()), 0)
    if sheet.width > limits.columns or start[0] + sheet.height > limits.rows:
        raise Refused(explain.too_large(name, f"工作表「{title}」有 {sheet.height} 行 {sheet.width} 列"))
    first = start[1]
    merges = [(r0, c0 - first, r1, c1 - first) for (r0, c0), (r1, c1) in sheet.merged_cell_ranges or () if c0 >= first]
    return Grid(title, kind, _chunks(sheet), sheet.width, first_column=first, merges=merges)


def _chunks(sheet: calamine.CalamineSheet) -> Iterator[list[Row]]:
    rows: Iterator[Row] = sheet.iter_rows()
    while chunk := list(itertools.islice(rows, CHUNK_ROWS)):
        yield chunk


def _put_back(grid: Grid, errors: Cells) -> None:
    """Show error values as their text where the reader left a blank."""

    def restored(chunks: Iterator[list[Row]], first_column: int) -> Iterator[list[Row]]:
        top = 0
        for rows in chunks:
            for row in errors.keys() & range(top, top + len(rows)):
                for column, text in errors[row].items():
                    if 0 <= column - first_column < len(rows[row - top]):
                        rows[row - top][column - first_column] = text
            top += len(rows)
            yield rows

    grid.chunks = restored(grid.chunks, grid.first_column)


def _say_errors(name: str, sheet: str, errors: Cells) -> Problem:
    row = min(errors)
    column = min(errors[row])
    count = sum(map(len, errors.values()))
    return explain.error_values(name, sheet, f"{column_letter(column)}{row + 1}", errors[row][column], count)
