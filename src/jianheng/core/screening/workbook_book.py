"""Sheets for people: named as Excel allows, split before its limits, set up for A4 landscape, in the order we want."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from jianheng.core.screening.workbook_input import OUTCOMES, SheetLimits, SheetLine
from jianheng.core.screening.workbook_text import lines_of

OVERVIEW = "总览"
_FORBIDDEN = str.maketrans(
    {"[": "［", "]": "］", ":": "：", "*": "＊", "?": "？", "/": "／", "\\": "＼", "'": "’", "#": "＃"}
)
_LONGEST_NAME = 31
_RESERVED = {"history"}
_A4 = 9
_LINE_POINTS = 14.5
_HIGHEST_ROW = 405
_FONT = {"font_name": "宋体", "font_size": 10, "valign": "top"}
_DEFAULT = {"font_name": _FONT["font_name"], "font_size": _FONT["font_size"], "font_scheme": "none"}
"""The font that widths are counted in. Were it another than that of the cells, a computer without it would take one
with wider digits, columns would grow while their texts do not, and the page would shrink."""

_FORMATS: dict[str, dict[str, Any]] = {
    "text": {"text_wrap": True, "border": 1, "border_color": "#BFBFBF"},
    "plain": {"border": 1, "border_color": "#BFBFBF"},
    "lit": {"text_wrap": True, "border": 1, "border_color": "#BFBFBF", "bg_color": "#FFF2CC"},
    "date": {"num_format": "yyyy-mm-dd", "align": "left", "border": 1, "border_color": "#BFBFBF"},
    "money": {"num_format": "#,##0.00", "border": 1, "border_color": "#BFBFBF"},
    "money_at_least": {"num_format": '"至少"#,##0.00', "border": 1, "border_color": "#BFBFBF"},
    "count": {"num_format": "#,##0", "align": "center", "border": 1, "border_color": "#BFBFBF"},
    "number": {"num_format": "General", "align": "center", "border": 1, "border_color": "#BFBFBF"},
    "link": {"font_color": "#1F4E9E", "underline": 1, "border": 1, "border_color": "#BFBFBF", "text_wrap": True},
    "back": {"font_color": "#1F4E9E", "underline": 1},
    "answer": {"text_wrap": True, "border": 1, "border_color": "#BFBFBF", "bg_color": "#F2F7EC"},
    "code": {"font_color": "#808080", "font_size": 8, "align": "fill"},
    "heading": {
        "bold": True,
        "text_wrap": True,
        "border": 1,
        "border_color": "#BFBFBF",
        "bg_color": "#DCE6F1",
        "valign": "vcenter",
    },
    "title": {"bold": True, "font_size": 14},
    "section": {"bold": True, "font_size": 11},
    "label": {"bold": True, "text_wrap": True},
    "note": {"text_wrap": True},
    "day": {"num_format": "yyyy-mm-dd", "align": "left"},
    "band": {"bold": True, "bg_color": "#EDEDED", "top": 1},
    "band_link": {"bg_color": "#EDEDED", "top": 1, "font_color": "#1F4E9E", "underline": 1},
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet; ``width`` in characters, ``printed`` if it belongs on paper: such come first."""

    title: str
    width: float
    printed: bool = True


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the headings: the title and labelled lines."""

    title: str
    lines: Sequence[tuple[str, str]] = ()
    way_back: bool = True


class Book:
    """A workbook being written to ``path``; the same input gives the same bytes."""

    def __init__(self, path: Path, created: date, title: str, limits: SheetLimits) -> None:
        self.limits = limits
        self._names: set[str] = set()
        self._ranks: dict[str, tuple[int, int, int]] = {}
        self._series: list[Series] = []
        self._scratch = TemporaryDirectory(prefix=".sheets-", dir=path.parent)  # rows hold personal data
        self._file = xlsxwriter.Workbook(
            str(path),
            {
                "default_format_properties": _DEFAULT,
                "constant_memory": True,
                "strings_to_numbers": False,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "tmpdir": self._scratch.name,
            },
        )
        self._file.set_properties({"title": title, "created": datetime.combine(created, time())})
        self.formats = {name: self._file.add_format({**_FONT, **extra}) for name, extra in _FORMATS.items()}

    def sheet(self, name: str, rank: tuple[int, int, int], widths: Sequence[float]) -> Any:
        """A new sheet named exactly ``name``, set up for print; ``rank`` decides its place among the others."""
        sheet = self._file.add_worksheet(name)
        self._names.add(name.casefold())
        self._ranks[name] = rank
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.set_footer("&L&A&C第 &P 页 共 &N 页")
        for number, width in enumerate(widths):
            sheet.set_column(number, number, width)
        return sheet

    def free_name(self, title: str, part: int) -> str:
        """A sheet name for ``title`` that Excel takes and no other sheet has; parts after the first get “（2）”."""
        text = re.sub(r"[\x00-\x1f]", " ", title).translate(_FORBIDDEN).strip() or "清单"
        ending = f"（{part}）" if part > 1 else ""
        number = 1
        while True:
            more = f"-{number}" if number > 1 else ""
            name = _cut(text, _LONGEST_NAME - len(ending) - len(more)) + more + ending
            if name.casefold() not in self._names | _RESERVED:
                return name
            number += 1

    def series(
        self,
        title: str,
        columns: Sequence[Column],
        head: Head,
        section: int,
        answers: str = "",
        *,
        filtered: bool = True,
    ) -> Series:
        """Sheets that hold one long table; ``section`` orders them among the others; ``filtered`` if rows stand alone.

        ``answers``: the heading under which only the words of ``OUTCOMES`` may be chosen.
        """
        series = Series(self, title, columns, head, (section, len(self._series)), answers, filtered=filtered)
        self._series.append(series)
        return series

    def finish(self) -> None:
        """Finish the sheets of all series; after this only single sheets may be written to."""
        for series in self._series:
            series.finish()

    def sheets(self) -> tuple[SheetLine, ...]:
        """The finished sheets in order."""
        lines = {line.name: line for series in self._series for line in series.lines}
        names = sorted(self._ranks, key=self._ranks.__getitem__)
        return tuple(lines.get(name, SheetLine(name, 0)) for name in names)

    def close(self) -> tuple[SheetLine, ...]:
        """Write the file; the sheets in order. Call :meth:`finish` first."""
        sheets = self._file.worksheets_objs
        sheets.sort(key=lambda sheet: self._ranks[sheet.name])
        for index, sheet in enumerate(sheets):
            sheet.index = index  # print titles and filters name their sheet by its number
        self._file.close()
        return self.sheets()

    def abandon(self) -> None:
        """Leave nothing open and no temporary file. Before :meth:`close`, what stands at the path is worthless."""
        if not self._file.fileclosed:
            with suppress(XlsxWriterException, OSError):  # whatever made us give up is what should be heard of
                self._file.close()
        self._scratch.cleanup()


class Series:
    """One long table over as many sheets as it needs. Rows are written in order, each once."""

    def __init__(
        self,
        book: Book,
        title: str,
        columns: Sequence[Column],
        head: Head,
        rank: tuple[int, int],
        answers: str,
        *,
        filtered: bool,
    ) -> None:
        self.book, self.title, self.columns, self.head = book, title, tuple(columns), head
        self.lines: list[SheetLine] = []
        self.written = 0
        self._rank, self._answers, self._filtered = rank, answers, filtered
        self._printed = sum(column.printed for column in columns)
        self._open_sheet()

    def _open_sheet(self) -> None:
        part = len(self.lines) + 1
        self.name = self.book.free_name(self.title, part)
        widths = [column.width for column in self.columns]
        self.sheet = self.book.sheet(self.name, (*self._rank, part), widths)
        write_top(self.sheet, self.book.formats, self.head, widths[: self._printed])
        self._top = len(self.head.lines) + 1
        heading = self.book.formats["heading"]
        height = max(lines_of(column.title, column.width) for column in self.columns)
        self.sheet.set_row(self._top, height_of(height))
        for number, column in enumerate(self.columns):
            self.sheet.write_string(self._top, number, column.title, heading)
        self.sheet.repeat_rows(self._top)
        self.sheet.freeze_panes(self._top + 1, 1)
        self.next_row = self._top + 1
        self._links = 1

    def reserve(self, rows: int, links: int = 0) -> None:
        """Go on to the next sheet unless ``rows`` and ``links`` more fit on this one; an empty sheet is never left."""
        full = self.next_row + rows > self.book.limits.rows or self._links + links > self.book.limits.links
        if full and self.next_row > self._top + 1:
            self._finish_sheet()
            self._open_sheet()

    def take(self, lines: int = 1, links: int = 0) -> int:
        """The number (from 0) of the next row, on ``sheet``; it is now taken, and ``lines`` lines high."""
        self.reserve(1, links)
        row = self.next_row
        self.next_row += 1
        if lines > 1:
            self.sheet.set_row(row, height_of(lines))
        self.sheet.row_info.pop(row - 2, None)  # written to disk by now; a million kept heights are 200 MB
        self.written += 1
        self._links += links
        return row

    def finish(self) -> None:
        """Set filters and choices on the last sheet."""
        self._finish_sheet()

    def _finish_sheet(self) -> None:
        last = self.next_row - 1
        self.lines.append(SheetLine(self.name, last - self._top))
        self.sheet.print_area(0, 0, last, self._printed - 1)
        if last == self._top:
            return
        if self._filtered:
            self.sheet.autofilter(self._top, 0, last, len(self.columns) - 1)
        if self._answers:
            column = [column.title for column in self.columns].index(self._answers)
            self.sheet.data_validation(self._top + 1, column, last, column, _CHOICE)


def write_top(sheet: Any, formats: dict[str, Any], head: Head, widths: Sequence[float]) -> None:
    """The title with the way back to the overview, then the labelled lines, each merged over the printed columns."""
    last = len(widths) - 1
    sheet.set_row(0, 24)
    if head.way_back:
        sheet.write_url(0, 0, internal(OVERVIEW, 0), formats["back"], "返回总览")
    sheet.write_string(0, 1 if head.way_back else 0, head.title, formats["title"])
    for number, (label, text) in enumerate(head.lines, start=1):
        sheet.set_row(number, height_of(lines_of(text, sum(widths[1:]))))
        sheet.write_string(number, 0, label, formats["label"])
        merge(sheet, number, 1, last, text, formats["note"])


def merge(sheet: Any, row: int, first: int, last: int, text: str, cell_format: Any) -> None:
    """``text`` over several columns of one row, never taken for a formula."""
    if last > first:
        sheet.merge_range(row, first, row, last, "", cell_format)
    sheet.write_string(row, first, text, cell_format)


def height_of(lines: int) -> float:
    """Points of a row of so many lines; Excel allows 409. Not every program fits rows to wrapped text by itself."""
    return min(_LINE_POINTS * lines + 3, _HIGHEST_ROW)


def internal(name: str, row: int) -> str:
    """A link to column A of a row (from 0) of a sheet in this workbook."""
    return f"internal:'{name}'!A{row + 1}"


def _cut(text: str, units: int) -> str:
    """The beginning of ``text``, at most ``units`` UTF-16 units long: that is how Excel counts."""
    while len(text.encode("utf-16-le", "surrogatepass")) // 2 > units:
        text = text[:-1]
    return text


_CHOICE = {
    "validate": "list",
    "source": list(OUTCOMES),
    "input_title": "核查结论",
    "input_message": "请从四项中选一项，依据写在右侧核查说明。",
    "error_title": "核查结论",
    "error_message": f"只能填写：{'、'.join(OUTCOMES)}。",
}
