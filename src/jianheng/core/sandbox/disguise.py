"""The same value as different offices write it. Whatever is done here, a careful reader gets the value back.

Cells whose text is not in the plain form of their type (unreadable on purpose) are left as they are.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from random import Random

from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Column

Value = str | float | date | None

_DAY = re.compile(r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_MONEY = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_PAPER = re.compile(r"([^〔〕]*)〔([0-9]{4})〕([0-9]{1,8})号")
_COURT = re.compile(r"（([0-9]{4})）(.*[^0-9])([0-9]{1,8})号")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_BRACKETS = (("[", "]"), ("(", ")"), ("（", "）"), ("【", "】"), ("﹝", "﹞"))
_CAPITALS = {"1000": "壹仟元整", "2000": "贰仟元整", "5000": "伍仟元整", "10000": "壹万元整", "20000": "贰万元整"}
_NO_BREAK_SPACE = "\u00a0"

_SELDOM = 0.08
_DATE_FORMS = ("plain", "chinese", "dots", "slashes", "compact", "real", "real")


def plain_value(column: Column, text: str) -> Value:
    """The value as a tidy workbook holds it: numbers and days as such, everything else as text."""
    if not text:
        return None
    if column.type == "date" and _DAY.fullmatch(text):
        return date.fromisoformat(text)
    if column.type == "money" and _MONEY.fullmatch(text):
        return float(text)
    return text


class Handwriting:
    """How one sheet is written: its usual form of dates, the unit of its money."""

    def __init__(self, lexicon: Lexicon, chance: Random, *, workbook: bool, unit: int) -> None:
        self.lexicon, self.chance, self.workbook, self.unit = lexicon, chance, workbook, unit
        self.usual_date = chance.choice(_DATE_FORMS)
        self._spellings: dict[str, dict[str, tuple[str, ...]]] = {}

    def value(self, column: Column, text: str) -> Value:
        """One cell as this sheet writes it."""
        if not text:
            return "—" if self.chance.random() < 0.01 else None
        if column.type == "date":
            return self._date(text)
        if column.type == "month":
            return self._month(text)
        if column.type == "money":
            return self._money(text)
        if self.chance.random() > _SELDOM:
            return text
        if column.type in ("document_number", "case_number"):
            return self._number(text)
        if column.codes:
            return self.chance.choice(self._spellings_of(column.codes).get(text, (text,)))
        return self._text(column.type, text)

    def _date(self, text: str) -> Value:
        if not _DAY.fullmatch(text):
            return text
        day = date.fromisoformat(text)
        form = self.usual_date if self.chance.random() > _SELDOM else self.chance.choice(_DATE_FORMS)
        if form == "real" and self.workbook:
            return day
        if form == "chinese":
            return f"{day.year}年{day.month}月{day.day}日"
        if form == "dots":
            return f"{day.year}.{day.month}.{day.day}"
        if form == "slashes":
            return f"{day.year}/{day.month}/{day.day}"
        return f"{day:%Y%m%d}" if form == "compact" else text

    def _month(self, text: str) -> Value:
        if not _DAY.fullmatch(text):
            return text
        day = date.fromisoformat(text)
        forms = {"chinese": f"{day.year}年{day.month}月", "dots": f"{day.year}.{day.month}", "compact": f"{day:%Y%m}"}
        return forms.get(self.usual_date, f"{day.year}-{day.month:02d}")

    def _money(self, text: str) -> Value:
        if not _MONEY.fullmatch(text):
            return text
        amount = Decimal(text) / self.unit
        plain = f"{amount.normalize():f}"
        if self.unit == 1 and self.chance.random() < _SELDOM:
            return self.chance.choice((f"{amount:,.2f}", f"{plain}元", f"￥{amount:,.2f}", _CAPITALS.get(plain, plain)))
        return float(plain) if self.workbook else plain

    def _number(self, text: str) -> str:
        paper, court = _PAPER.fullmatch(text), _COURT.fullmatch(text)
        opening, closing = self.chance.choice(_BRACKETS)
        if paper:
            front, year, serial = paper.groups()
            form = self.chance.randrange(4)
            if form == 0:
                return f"{front.replace('（', '(').replace('）', ')')}〔{year}〕{serial}号"
            serial = f"第{serial}" if form == 1 else serial.zfill(5) if form == 2 else serial
            return f"{front}{opening}{year}{closing}{serial}号"
        if court:
            return f"{opening}{court[1]}{closing} {court[2]}{court[3]}号"
        return text + _NO_BREAK_SPACE

    def _text(self, field_type: str, text: str) -> str:
        if field_type == "resident_id":
            return self.chance.choice((text.lower(), "'" + text, text.translate(_FULL_WIDTH), text + " "))
        if field_type == "person_name":
            return f"{text[0]}\u3000{text[1]}" if len(text) == 2 else text + _NO_BREAK_SPACE
        if field_type == "account_number" and len(text) > 8:
            return " ".join(text[place : place + 4] for place in range(0, len(text), 4))
        return f" {text}" if field_type in ("text", "organ", "organisation_name") else text

    def _spellings_of(self, code_list: str) -> dict[str, tuple[str, ...]]:
        """Value -> every exact spelling of it, itself included."""
        if code_list not in self._spellings:
            values = self.lexicon.codes[code_list].values
            self._spellings[code_list] = {value: (value, *others) for value, others in values.items()}
        return self._spellings[code_list]
