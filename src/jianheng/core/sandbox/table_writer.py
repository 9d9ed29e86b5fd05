"""Rows of one table on their way to the sheets they belong in, with titles, headings, totals and footers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from jianheng.core.sandbox.chance import dice, stable_number
from jianheng.core.sandbox.disguise import Handwriting, Value, plain_value
from jianheng.core.sandbox.files import Files, Sheet
from jianheng.core.sandbox.layout import Head, Layout, Place, messy_head, plain_head
from jianheng.core.sandbox.row import Row
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Column


@dataclass(frozen=True, slots=True)
class Where:
    """Where a row stands: file name, sheet ("" in text files), row as Excel counts, or the record."""

    file: str
    sheet: str
    row: int


@dataclass(slots=True)
class _OpenSheet:
    sheet: Sheet
    head: Head
    hand: Handwriting | None
    rows: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)


class TableWriter:
    """Writes one table at one degree of mess. All its sheets exist from the start, in a sensible order."""

    def __init__(
        self, table_id: str, lexicon: Lexicon, files: Files, *, supplier: str, as_of: date, seed: int, mess: int
    ) -> None:
        self.table, self.lexicon, self.files = lexicon.tables[table_id], lexicon, files
        self.supplier, self.as_of, self.seed, self.mess = supplier, as_of, seed, mess
        self._layout = Layout(self.table, mess, as_of)
        self._sheets = {place: self._open(place) for place in self._layout.places()}
        if mess >= 3 and self.table.coverage_on:
            self._again: Place | None = Place(f"{self.table.title}补报.xlsx", "补报")
            self._sheets[self._again] = self._open(self._again)
        else:
            self._again = None

    def write(self, row: Row) -> list[Where]:
        """Write a row; a few rows are sent again in a later file."""
        cells = [row.cells.get(name, "") for name in self.table.columns]
        content = stable_number("\x1f".join(cells))
        places = [self._layout.place(self._day(row), content)]
        if self._again and content % 50 == 0:
            places.append(self._again)
        return [self._write(place, cells) for place in places]

    def finish(self) -> None:
        """Write what stands below the rows."""
        if self.mess < 2:
            return
        for place, open_ in self._sheets.items():
            if open_.rows and open_.totals and place != self._again:
                open_.sheet.write(self._totals(open_))
            if open_.rows:
                day = f"{self.as_of.year}年{self.as_of.month}月{self.as_of.day}日"
                open_.sheet.write([f"填表人：王某某　　审核人：李某某　　填表日期：{day}"])

    def _open(self, place: Place) -> _OpenSheet:
        sheet = self.files.open(place)
        if self.mess < 2:
            head, hand = plain_head(self.table), None
        else:
            chance = dice(self.seed, "sheet", self.table.id, place.file, place.sheet)
            head = messy_head(self.table, place, self.supplier, self.as_of, chance)
            hand = Handwriting(self.lexicon, chance, workbook=place.is_workbook, unit=head.unit)
        sheet.head(head)
        return _OpenSheet(sheet, head, hand)

    def _day(self, row: Row) -> date | None:
        for name in self.table.coverage_on:
            value = self.lexicon.read_cell(self.table.columns[name], row.cells.get(name)).value
            if isinstance(value, date):
                return value
        return None

    def _write(self, place: Place, cells: list[str]) -> Where:
        open_ = self._sheets[place]
        open_.rows += 1
        columns = self.table.columns.values()
        values = [self._value(place, open_, column, text) for column, text in zip(columns, cells, strict=True)]
        if self.mess >= 2:
            for column, text in zip(columns, cells, strict=True):
                self._add(open_, column, text)
            values = [*([float(open_.rows)] if open_.head.numbered else []), *values, None]
        sheet, row = open_.sheet.write(values)
        return Where(place.file, sheet, row)

    def _value(self, place: Place, open_: _OpenSheet, column: Column, text: str) -> Value:
        if open_.hand:
            return open_.hand.value(column, text)
        return plain_value(column, text) if place.is_workbook else text

    def _add(self, open_: _OpenSheet, column: Column, text: str) -> None:
        if column.type == "money":
            value = self.lexicon.read_cell(column, text).value
            if isinstance(value, Decimal):
                open_.totals[column.title] = open_.totals.get(column.title, Decimal(0)) + value

    def _totals(self, open_: _OpenSheet) -> list[Value]:
        values: list[Value] = [
            float(open_.totals[column.title] / open_.head.unit) if column.title in open_.totals else None
            for column in self.table.columns.values()
        ]
        if open_.head.numbered:
            return ["合计", *values]
        return ["合计" if values[0] is None else values[0], *values[1:]]
