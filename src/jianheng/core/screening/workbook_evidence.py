"""来源摘录: the source rows behind every clue, the cells that the judgement rests on lit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jianheng.core.fields.name_masking import mask_names
from jianheng.core.screening.protection import PROTECTED, flag_titles
from jianheng.core.screening.workbook_book import Book, Column, Head, Series, internal
from jianheng.core.screening.workbook_text import cell_text, lines_of, showing, shown

_CELLS = 5
_FIRST_CELL = 3
_CELL_WIDTH = 26
_COLUMNS = (
    Column("线索", 10),
    Column("来源表", 16),
    Column("出处", 28),
    *(Column(f"单元格{number}", _CELL_WIDTH) for number in range(1, _CELLS + 1)),
)
_PROTECTED_COLUMN = Column(PROTECTED, 12)
_HEAD = Head(
    "来源摘录",
    (
        (
            "说明",
            "每条线索所依据的原始行。格内依次为列名、原文、单元格位置；加底色的是判断所依据的单元格。"
            "身份证号、电话、账号已遮盖，涉未成年人和已封存的，姓名也已遮盖。一行内容多于五格的，续在下一行。",
        ),
    ),
)


class EvidenceSheets:
    """The sheets 来源摘录; records come one after another and stay together where they fit.

    ``protected``: some rows are about minors or sealed records, and a column says so.
    """

    def __init__(self, book: Book, section: int, *, protected: bool) -> None:
        self._book, self._section, self._protected = book, section, protected
        self._series: Series | None = None

    def reserve(self, record: dict[str, Any]) -> str:
        """Make room for a record; the link to where :meth:`write` will put it."""
        series = self._open()
        series.reserve(1 + sum(_lines(row) for row in record["evidence"]) + len(record["absent"]), 1)
        return internal(series.name, series.next_row)

    def write(self, record: dict[str, Any], label: str, number: int, back: str) -> None:
        """A band that leads back to the clue, then its rows and the absences it rests on."""
        series = self._open()
        formats = self._book.formats
        row = series.take(links=1)
        sheet = series.sheet
        band = formats["band"]
        sheet.write_url(row, 0, back, formats["band_link"], f"第{number}条")
        names = record["names_masked"]
        subject = showing(names)("　".join(map(str, record["subject"].values())))
        sheet.write_string(row, 1, f"{label}　{subject}", band)
        for column in range(2, len(series.columns)):
            sheet.write_blank(row, column, None, band)
        if self._protected:
            sheet.write_string(row, len(_COLUMNS), flag_titles(record["flags"]), band)
        for source in record["evidence"]:
            self._source_row(source, series, names)
        for absence in record["absent"]:
            self._absence(absence, series)

    def _open(self) -> Series:
        if self._series is None:
            columns = (*_COLUMNS, _PROTECTED_COLUMN) if self._protected else _COLUMNS
            self._series = self._book.series("来源摘录", columns, _HEAD, self._section, filtered=False)
        return self._series

    def _source_row(self, source: dict[str, Any], series: Series, names: Mapping[str, str]) -> None:
        formats = self._book.formats
        text, lit_format = formats["text"], formats["lit"]
        lit = set(source["lit"])
        cells = list(source["cells"].items())
        title, place = shown(source["title"]), _place(source)
        for first in range(0, max(len(cells), 1), _CELLS):
            written = [(_cell(cell, names), name in lit) for name, cell in cells[first : first + _CELLS]]
            lines = max((lines_of(cell, _CELL_WIDTH) for cell, _ in written), default=1)
            if first == 0:
                lines = max(lines, lines_of(place, _COLUMNS[2].width), lines_of(title, _COLUMNS[1].width))
            row = series.take(lines)
            sheet = series.sheet
            if first == 0:
                sheet.write_string(row, 1, title, text)
                sheet.write_string(row, 2, place, text)
                if self._protected:
                    sheet.write_string(row, len(_COLUMNS), flag_titles(source["flags"]), text)
            for column, (cell, is_lit) in enumerate(written, _FIRST_CELL):
                sheet.write_string(row, column, cell, lit_format if is_lit else text)

    def _absence(self, absence: dict[str, Any], series: Series) -> None:
        text = self._book.formats["text"]
        supplier = f"{absence['supplier']}提供" if absence["supplier"] else "提供单位未说明"
        how = "（按数据推定）" if absence["inferred"] else ""
        cells = (
            shown(absence["title"]),
            f"经比对未见符合条件的记录\n{shown(supplier)}",
            f"数据覆盖{how}：\n{absence['from'] or '不明'}至{absence['to'] or '不明'}",
            f"据以判断至：\n{absence['claim'] or '不明'}",
        )
        row = series.take(max(lines_of(cell, column.width) for cell, column in zip(cells, _COLUMNS[1:], strict=False)))
        for number, cell in enumerate(cells, start=1):
            series.sheet.write_string(row, number, cell, text)


def _cell(cell: Mapping[str, Any], names: Mapping[str, str]) -> str:
    raw, value = cell["raw"], cell["value"]
    if names:
        raw, value = (mask_names(text, names) if text else text for text in (raw, value))
    return cell_text(cell["title"], raw, value, cell["address"])


def _lines(source: dict[str, Any]) -> int:
    return max(-(-len(source["cells"]) // _CELLS), 1)


def _place(source: dict[str, Any]) -> str:
    """Where a row stands, as Excel shows it; a csv file has records and no sheet."""
    text = _one_place(source)
    also = source.get("also")
    return text + "\n同一内容另见：" + "；".join(_one_place(place) for place in also) if also else text


def _one_place(place: dict[str, Any]) -> str:
    if place["sheet"]:
        return shown(f"{place['file']} › {place['sheet']} › 第{place['row']}行")
    return shown(f"{place['file']} › 第{place['row']}条记录")
