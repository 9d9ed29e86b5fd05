"""未能关联 and 未能读取: what was left out of the judgement, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from jianheng.core.screening.protection import PROTECTED, flag_titles
from jianheng.core.screening.workbook_book import Book, Column, Head, Series
from jianheng.core.screening.workbook_input import UnlinkedRow
from jianheng.core.screening.workbook_text import excel_day, lines_of, plain_number, shown, shown_identity

UNREAD_TITLE = "未能读取"
_CANDIDATES = 44
_UNLINKED = (
    Column("序号", 8),
    Column("来源表", 14),
    Column("文件", 26),
    Column("工作表", 12),
    Column("行", 8),
    Column("日期", 11),
    Column("姓名", 10),
    Column("身份证号", 20),
    Column("金额（元）", 13),
    Column("未能关联的原因", 30),
    Column("可能对应的文书号或编号", _CANDIDATES),
    Column(PROTECTED, 12),
)
_UNLINKED_HEAD = Head(
    "未能关联",
    (
        (
            "说明",
            "以下各行没有关联到具体的人和文书，既不用来认定问题，也不用来排除问题。同名或者同一身份证号、金额又相同的对象，"
            "在相应规则中列为数据不足。补充文书号、身份证号后重新筛查。",
        ),
    ),
)
_UNREAD = (
    Column("序号", 8),
    Column("文件", 32),
    Column("工作表", 16),
    Column("单元格", 10),
    Column("看到的内容", 30),
    Column("原因", 40),
    Column("怎么办", 44),
    Column("代码", 8),
    Column(PROTECTED, 12),
)
_UNREAD_NOTE = "以下内容没有读懂或者没有读入，一律按未知处理，不作猜测，涉及的判断为数据不足。行号、列号与原表一致。"


def write_unlinked(book: Book, section: int, rows: Iterable[UnlinkedRow]) -> int:
    """Write the sheets 未能关联 unless there is nothing to write; the number of rows."""
    series: Series | None = None
    for number, item in enumerate(rows, start=1):
        series = series or book.series("未能关联", _UNLINKED, _UNLINKED_HEAD, section)
        _unlinked_row(book, series, number, item)
    return series.written if series else 0


def write_unread(
    book: Book, section: int, problems: Iterable[Mapping[str, Any]], *, way_back: bool = True
) -> Counter[str]:
    """Write the sheets 未能读取 unless there is nothing to write; the number of problems in each file.

    ``problems``: records as :meth:`Problem.as_dict` gives them.
    """
    series: Series | None = None
    counts: Counter[str] = Counter()
    head = Head(UNREAD_TITLE, (("说明", _UNREAD_NOTE),), way_back)
    for number, problem in enumerate(problems, start=1):
        series = series or book.series(UNREAD_TITLE, _UNREAD, head, section)
        text = book.formats["text"]
        counts[str(problem.get("file") or "")] += 1
        cells = _problem_cells(problem)
        row = series.take(max(lines_of(cell, column.width) for cell, column in zip(cells, _UNREAD[1:], strict=True)))
        series.sheet.write_number(row, 0, number, book.formats["number"])
        for column, value in enumerate(cells, start=1):
            series.sheet.write_string(row, column, value, text)
    return counts


def write_nothing_unread(book: Book, section: int) -> None:
    """A sheet that says that everything was read."""
    head = Head(UNREAD_TITLE, (("说明", "没有未能读取的内容。"),), way_back=False)
    book.series(UNREAD_TITLE, _UNREAD, head, section)


def _unlinked_row(book: Book, series: Series, number: int, item: UnlinkedRow) -> None:
    formats = book.formats
    text = formats["text"]
    candidates = shown(_candidates(item))
    protected = flag_titles(item.flags)
    wrapped = {1: item.table_title, 2: item.file, 3: item.sheet, 6: item.name, 9: item.reason, 10: candidates}
    wrapped[11] = protected
    row = series.take(max(lines_of(cell, _UNLINKED[column].width) for column, cell in wrapped.items()))
    sheet = series.sheet
    sheet.write_number(row, 0, number, formats["number"])
    sheet.write_string(row, 1, shown(item.table_title), text)
    sheet.write_string(row, 2, shown(item.file), text)
    sheet.write_string(row, 3, shown(item.sheet), text)
    sheet.write_number(row, 4, item.row, formats["number"])
    day = excel_day(item.date)
    if day is not None:
        sheet.write_number(row, 5, day, formats["date"])
    else:
        sheet.write_string(row, 5, item.date, text)
    sheet.write_string(row, 6, shown(item.name), text)
    sheet.write_string(row, 7, shown_identity(item.identity), text)
    amount = plain_number(item.amount)
    if amount is not None:
        sheet.write_number(row, 8, amount, formats["money"])
    else:
        sheet.write_string(row, 8, item.amount, text)
    sheet.write_string(row, 9, shown(item.reason), text)
    sheet.write_string(row, 10, candidates, text)
    sheet.write_string(row, 11, protected, text)


def _candidates(item: UnlinkedRow) -> str:
    """Whole numbers on every line: a program that fits texts to a cell breaks them where it likes."""
    more = item.candidate_count - len(item.candidates)
    numbers = [*item.candidates, *([f"等共{item.candidate_count}个"] if more > 0 else [])]
    lines: list[str] = []
    for number in numbers:
        longer = f"{lines[-1]}、{number}" if lines else number
        if lines and lines_of(longer, _CANDIDATES) == 1:
            lines[-1] = longer
        else:
            lines.append(number)
    return "\n".join(lines)


def _problem_cells(problem: Mapping[str, Any]) -> list[str]:
    cell = str(problem.get("cell") or (f"第{problem['line']}行" if problem.get("line") else ""))
    parts = ("file", "sheet", None, "seen", "message", "hint", "code")
    cells = [shown(str(problem.get(part) or "")) if part else cell for part in parts]
    return [*cells, flag_titles(problem.get("flags") or ())]
