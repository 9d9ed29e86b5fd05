"""Which days are working days in China, 调休 included (docs/zh/期间.md). Days are local dates without a zone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jianheng.core.foundation.errors import DataProblem, Problem
from jianheng.core.foundation.identity import hash_value
from jianheng.core.legal_time.yearly_file import YearlyNotice, read_notices

# The shipped data reach back further, but only from here on was every day compared with a second source.
_FIRST_DAY = date(2007, 1, 1)
_ROWS_FROM = date(1990, 1, 1)
_ROWS_YEARS_AHEAD = 30
# A new year counts as published only when all of them are named; half a notice must not settle a deadline.
_FESTIVALS = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")
_WEEKDAYS = "一二三四五六日"
_ONE_DAY = timedelta(days=1)


class Calendar:
    """Working days as published from ``first_day`` to ``last_published`` (whole years, both inclusive).

    Outside that stretch Mondays to Fridays count as working days, and whatever rests on them is provisional. A notice
    sometimes moves the last days of the December before its year: those change when the next year is loaded.
    """

    def __init__(
        self, first_day: date, last_published: date, holidays: Mapping[date, str], working_days: Iterable[date]
    ) -> None:
        """``holidays``: days off and their Chinese names; ``working_days``: weekend days that are worked."""
        self.first_day = first_day
        self.last_published = last_published
        self._holidays = {day: name for day, name in holidays.items() if first_day <= day <= last_published}
        self._worked = frozenset(day for day in working_days if first_day <= day <= last_published)
        # What differs from plain weeks, as sorted ordinals: working days are then counted without walking.
        self._weekdays_off = sorted(day.toordinal() for day in self._holidays if day.weekday() < 5)
        self._weekends_on = sorted(day.toordinal() for day in self._worked if day.weekday() >= 5)

    @property
    def digest(self) -> str:
        """The identity of what is published: equal calendars answer alike."""
        worked = sorted(self._worked)
        return hash_value([self.first_day, self.last_published, sorted(self._holidays.items()), worked])

    def is_published(self, day: date) -> bool:
        """Whether the holidays of that year are known; if not, an answer about ``day`` is provisional."""
        return self.first_day <= day <= self.last_published

    def is_working_day(self, day: date) -> bool:
        """Neither a holiday nor a weekend, or a weekend day that is worked (调休上班)."""
        return day in self._worked or (day.weekday() < 5 and day not in self._holidays)

    def day_name(self, day: date) -> str:
        """``国庆节`` for a holiday, otherwise ``星期六`` and so on."""
        return self._holidays.get(day) or f"星期{_WEEKDAYS[day.weekday()]}"

    def next_working_day(self, day: date) -> date:
        """``day`` itself if it is a working day, otherwise the first one after it (T2)."""
        while not self.is_working_day(day):
            day += _ONE_DAY
        return day

    def working_days(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``, as periods count (T1); negative backwards."""
        return self._count_to(end) - self._count_to(start)

    def add_working_days(self, start: date, count: int) -> date:
        """The ``count``-th working day after ``start`` (``count`` ≥ 1); the start does not count (T1)."""
        target = self._count_to(start) + count
        day = start
        # Jumping by what is missing cannot overshoot: no stretch holds more working days than days.
        while missing := target - self._count_to(day):
            day += timedelta(days=missing)
        return day

    def amended(self, notices: Iterable[YearlyNotice]) -> Calendar:
        """This calendar with yearly notices laid over it, day by day; a further year must follow without a gap.

        Raises DataProblem: D804 year before or too far after the published ones, D805 a new year that is incomplete.
        """
        last, holidays, worked = self.last_published, dict(self._holidays), set(self._worked)
        for notice in sorted(notices, key=lambda notice: notice.year):
            _check_follows(notice, self.first_day.year, last.year)
            last = max(last, date(notice.year, 12, 31))
            worked = (worked - notice.holidays.keys()) | notice.working_days
            holidays = {day: name for day, name in holidays.items() if day not in worked} | notice.holidays
        return Calendar(self.first_day, last, holidays, worked)

    def _count_to(self, day: date) -> int:
        """Working days from the beginning of the era (a Monday) to ``day``, inclusive."""
        ordinal = day.toordinal()
        weeks, rest = divmod(ordinal, 7)
        off, on = bisect_right(self._weekdays_off, ordinal), bisect_right(self._weekends_on, ordinal)
        return weeks * 5 + min(rest, 5) - off + on


class CalendarRow(NamedTuple):
    """One day, for engines that look deadlines up in a table.

    ``rolled_to``: the day itself or the next working day (T2). ``working_day_number``: working days since 1990-01-01 up
    to and including ``day``; the n-th working day after a start is the *first* day whose number is the start's plus n.
    ``provisional``: ``day`` or ``rolled_to`` lies outside the published years. A calendar period is provisional if its
    nominal day's row is; a working-day period if the row of its start or of its last day is.
    """

    day: date
    rolled_to: date
    working_day_number: int
    provisional: bool


def calendar_rows(calendar: Calendar | None = None) -> list[CalendarRow]:
    """Every day from 1990-01-01 to thirty years past the last published one, in order; default: as shipped."""
    calendar = calendar or default_calendar()
    before = _ROWS_FROM - _ONE_DAY
    last = date(calendar.last_published.year + _ROWS_YEARS_AHEAD, 12, 31)
    rows = []
    rolled_to, number = calendar.next_working_day(last), calendar.working_days(before, last)
    for offset in range((last - before).days, 0, -1):
        day = before + timedelta(days=offset)
        worked = calendar.is_working_day(day)
        rolled_to = day if worked else rolled_to
        provisional = day < calendar.first_day or rolled_to > calendar.last_published
        rows.append(CalendarRow(day, rolled_to, number, provisional))
        number -= worked
    return rows[::-1]


def default_calendar(overrides: Path | None = None) -> Calendar:
    """The shipped calendar, 2007-01-01 to the last published year, read once.

    ``overrides``: a yearly file, or a folder of them, laid over it (see :mod:`yearly_file`). Raises DataProblem.
    """
    return _shipped() if overrides is None else _shipped().amended(read_notices(overrides))


@cache
def _shipped() -> Calendar:
    from chinese_calendar.constants import Holiday, holidays, workdays  # here, so that the command line starts quickly

    named = {day: str(Holiday(english).chinese) for day, english in holidays.items()}
    return Calendar(_FIRST_DAY, date(max(holidays).year, 12, 31), named, workdays)


def _check_follows(notice: YearlyNotice, first_year: int, last_year: int) -> None:
    if not first_year <= notice.year <= last_year + 1:
        message = f"{notice.year}年的节假日安排接不上：已有{first_year}年至{last_year}年。"
        raise DataProblem(Problem("D804", message, file=notice.file, hint=f"请先补{last_year + 1}年。"))
    names = "".join(notice.holidays.values())
    missing = [festival for festival in _FESTIVALS if festival not in names]
    if notice.year > last_year and missing:
        message = f"{notice.year}年的节假日安排不完整，缺少：{'、'.join(missing)}。"
        raise DataProblem(Problem("D805", message, file=notice.file, hint="请按当年通知补全，未公布的不要建文件。"))
