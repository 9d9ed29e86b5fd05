"""Calendar months (that a pension or a wage is for), as the ``date`` of their first day.

Decisions: a whole date stands for its month, with a note unless it is the first; several months in one cell, a year
alone and a month without its year are unread. Years as for dates.
"""

from __future__ import annotations

import re
from datetime import date

from jianheng.core.fields.cleaning import clean_text, plain_dashes, read_nothing
from jianheng.core.fields.dates import FIRST_YEAR, LAST_YEAR, read_date
from jianheng.core.fields.numerals import chinese_digits, chinese_number, plain_numerals
from jianheng.core.fields.reading import Reading, unread

_COMMON = re.compile(r"([0-9]{4})-([0-9]{2})")
_FORMS = (
    re.compile(r"(?P<y>[0-9]{4})[-./年](?P<m>[0-9]{1,2})"),
    re.compile(r"(?P<y>[0-9]{4}|[0-9]{2})年(?P<m>[0-9]{1,2})月份?"),
    re.compile(r"(?P<y>(?:19|20|21)[0-9]{2})(?P<m>[0-9]{2})(?:\.0+)?"),
)
_NUMERALS = re.compile(r"(?P<y>[零一二三四五六七八九]{4})年(?P<m>[一二三四五六七八九十]{1,2})月份?")
_STRETCH = re.compile(r"[0-9].*(?:[至到~、,]|月?-)[^-]*[0-9]+月")
_HINT = "请按“年-月”填写，如2024-03，一格一个月"
_TURN_OF_CENTURY = 50


def read_month(text: str) -> Reading:
    """Read a month; the reading's value is the ``date`` of its first day."""
    common = _COMMON.fullmatch(text)
    if common:
        return _month(int(common[1]), int(common[2]))
    nothing = read_nothing(text)
    if nothing is not None:
        return nothing
    plain = re.sub(r"\s", "", plain_dashes(clean_text(text))).strip("'`‘’\"“”")
    for form in _FORMS:
        found = form.fullmatch(plain)
        if found:
            return _written(found["y"], int(found["m"]))
    named = _NUMERALS.fullmatch(plain_numerals(re.sub("[OoΟ◯](?=[零一二三四五六七八九年])", "零", plain)))
    if named:
        year, month = chinese_digits(named["y"]), chinese_number(named["m"])
        if year is not None and month is not None:
            return _month(int(year), month)
    return _of_date(text, plain)


def _of_date(text: str, plain: str) -> Reading:
    """The month of a whole date; else why it is no month."""
    reading = read_date(text)
    if isinstance(reading.value, date):
        day = reading.value
        notes = (*reading.notes, f"写的是日期{day}，按{day.year}年{day.month}月读取") if day.day > 1 else reading.notes
        return Reading(day.replace(day=1), notes=notes)
    if _STRETCH.search(plain):
        return unread("一格中写了不止一个月", _HINT)
    if re.fullmatch(r"[0-9]{4}年?度?", plain):
        return unread("只有年份，没有月", _HINT)
    if re.fullmatch(r"[0-9]{1,2}月份?", plain):
        return unread("只有月，没有年", _HINT)
    return unread("不是月份的形式", _HINT)


def _written(year: str, month: int) -> Reading:
    if len(year) == 4:
        return _month(int(year), month)
    whole = int(year) + (1900 if int(year) >= _TURN_OF_CENTURY else 2000)
    reading = _month(whole, month)
    return reading if reading.is_unread else Reading(reading.value, notes=(f"年份只写两位，按{whole}年读取",))


def _month(year: int, month: int) -> Reading:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return unread(f"年份{year}不在1900至2100之间", _HINT)
    if not 1 <= month <= 12:
        return unread(f"没有{month}月", _HINT)
    return Reading(date(year, month, 1))
