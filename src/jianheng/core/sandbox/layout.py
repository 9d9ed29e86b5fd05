"""Which file and sheet a row stands in at each degree of mess, and what stands above the rows.

The place depends on what the row says, never on how many came before: equal rows stay in one sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from jianheng.core.terms.spec import Column, Table

_GROUPS = {"date": "时间", "person_name": "当事人信息", "resident_id": "当事人信息", "money": "金额情况"}
_YEARS = 6


@dataclass(frozen=True, slots=True)
class Place:
    """A sheet of a file. ``sheet`` is "" for text files; ``encoding`` matters for those alone."""

    file: str
    sheet: str = ""
    encoding: str = "utf-8"

    @property
    def is_workbook(self) -> bool:
        return self.file.endswith(".xlsx")


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the rows: title lines, and one or two rows of headings; ``unit`` of all money below."""

    titles: tuple[tuple[str, ...], ...]
    headings: tuple[tuple[str, ...], ...]
    unit: int = 1
    numbered: bool = False


class Layout:
    """The sheets of one table."""

    def __init__(self, table: Table, mess: int, as_of: date) -> None:
        self.table, self.mess = table, mess
        self.first_year, self.last_year = as_of.year - _YEARS + 1, as_of.year
        linked_money = bool(table.link and table.link.amount and table.row_number)
        self._monthly = mess >= 2 and bool(linked_money and table.coverage_on)  # as banks send their vouchers
        self._yearly = mess >= 2 and bool(table.coverage_on) and not self._monthly

    def places(self) -> list[Place]:
        """Every sheet of the table, in the order of its files."""
        title, years = self.table.title, range(self.first_year, self.last_year + 1)
        if self._monthly:
            older = [
                Place(f"{title}（{self.first_year}年以前）.xlsx", "汇总"),
                Place(f"{title}（其他）.xlsx", "日期不详"),
            ]
            months = [Place(f"{title}{year}年.xlsx", f"{month}月") for year in years for month in range(1, 13)]
            return [*older, *months]
        if self._yearly:
            sheets = [f"{self.first_year}年以前", *(f"{year}年" for year in years), "其他"]
            halves = ("（一）", "（二）") if self.mess >= 3 else ("",)
            return [Place(f"{title}台账.xlsx", sheet + half) for sheet in sheets for half in halves]
        if self.mess == 0:
            return [Place(f"{title}.csv")]
        if self.mess == 3:
            return [Place(f"{title}.csv", encoding="gb18030")]
        return [Place(f"{title}.xlsx", title if self.mess == 1 else "Sheet1")]

    def place(self, day: date | None, content: int) -> Place:
        """The sheet of a row that happened on ``day``; ``content`` is a number that belongs to what the row says."""
        title = self.table.title
        known = day is not None and day.year <= self.last_year
        if self._monthly:
            if day is None or not known:
                return Place(f"{title}（其他）.xlsx", "日期不详")
            if day.year < self.first_year:
                return Place(f"{title}（{self.first_year}年以前）.xlsx", "汇总")
            return Place(f"{title}{day.year}年.xlsx", f"{day.month}月")
        if self._yearly:
            sheet = "其他"
            if day is not None and known:
                sheet = f"{day.year}年" if day.year >= self.first_year else f"{self.first_year}年以前"
            half = ("（一）", "（二）")[content % 2] if self.mess >= 3 else ""
            return Place(f"{title}台账.xlsx", sheet + half)
        return self.places()[0]


def plain_head(table: Table) -> Head:
    """One row of canonical titles."""
    return Head((), (tuple(column.title for column in table.columns.values()),))


def messy_head(table: Table, place: Place, supplier: str, as_of: date, chance: Random) -> Head:
    """Title lines, headings as offices call them, often in two rows, a unit in the headings or above them."""
    columns = list(table.columns.values())
    has_money = any(column.type == "money" for column in columns)
    unit_at = chance.choice(("", "", "", "heading", "title")) if has_money else ""
    unit = 10_000 if unit_at else 1
    numbered = chance.random() < 0.7
    names = [_heading(column, unit_at, chance) for column in columns]
    lower = (*(["序号"] if numbered else []), *names, "备注")
    upper = _upper(columns, numbered) if chance.random() < 0.5 else None
    second = f"填报单位：{supplier}　　数据截至：{as_of.year}年{as_of.month}月{as_of.day}日"
    titles: list[tuple[str, ...]] = [(f"{table.title}情况统计表{place.sheet and '·' + place.sheet}",), (second,)]
    if unit_at == "title":
        titles[1] = (second, *[""] * (len(lower) - 2), "单位：万元")
    return Head(tuple(titles), (upper, lower) if upper else (lower,), unit, numbered)


def _heading(column: Column, unit_at: str, chance: Random) -> str:
    name = column.title if chance.random() < 0.4 else chance.choice([column.title, *column.aliases])
    if column.type != "money":
        return name
    if unit_at == "heading":
        return f"{name}（万元）"
    return f"{name}（元）" if not unit_at and chance.random() < 0.4 else name


def _upper(columns: Sequence[Column], numbered: bool) -> tuple[str, ...] | None:
    """The upper row of a two-row head: a name over each run of alike columns; None if there is no such run."""
    groups = [_GROUPS.get(column.type, "") for column in columns]
    alike = [
        group if group and group in (groups[place - 1] if place else "", *groups[place + 1 : place + 2]) else ""
        for place, group in enumerate(groups)
    ]
    if not any(alike):
        return None
    return (*([""] if numbered else []), *alike, "")
