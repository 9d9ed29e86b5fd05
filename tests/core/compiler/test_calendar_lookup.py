"""Deadlines looked up in the calendar table against the library of statutory time, day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pytest

from jianheng.core.compiler.dialect import DIALECTS
from jianheng.core.compiler.profile import Profile, SourceProfile
from jianheng.core.compiler.render import CALENDAR, Renderer
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.legal_time.calendar import Calendar, default_calendar
from jianheng.core.legal_time.deadline import deadline
from jianheng.core.legal_time.period import parse_period
from jianheng.core.model.scope import Alias, Scope, ScopeColumn
from jianheng.core.screening.tables import calendar_table

PERIODS = ["10日", "1个月", "12个月", "半个月", "10个工作日"]
SCOPE = Scope({"d": Alias("d", "days", "日", {"on": ScopeColumn("on", "日", "date")})}, {}, {})


def looked_up(engine: DuckdbEngine, calendar: Calendar, period: str, days: list[date]) -> list[tuple[date, date, date]]:
    """(start, earliest deadline, latest deadline) of every day, in one query."""
    engine.load(CALENDAR, calendar_table(calendar))
    engine.load("days", pa.table({"on": pa.array(days, pa.date32())}))
    renderer = Renderer(SCOPE, DIALECTS["duckdb"], Profile({"days": SourceProfile(1)}), date(2025, 1, 1), {})
    value = renderer.value(renderer.expression(f"deadline(d.on, '{period}')"))
    sql = f'SELECT d."on" AS start, {value.low} AS low, {value.high} AS high FROM days AS d ORDER BY start'
    return [(row["start"], row["low"], row["high"]) for row in engine.fetch(sql).to_pylist()]


def span(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


@pytest.mark.parametrize("period", PERIODS)
def test_every_day_of_the_published_years_has_the_deadline_of_the_library(engine: DuckdbEngine, period: str) -> None:
    calendar = default_calendar()
    days = span(calendar.first_day, calendar.last_published)
    wrong = []
    for start, low, high in looked_up(engine, calendar, period, days):
        meant = deadline(start, parse_period(period), calendar=calendar)
        exact = low == high == meant.on
        bounded = low <= meant.on <= high and low < high
        if not (bounded if meant.provisional else exact):
            wrong.append((start, low, high, meant.on, meant.provisional))
    assert wrong == []


@pytest.mark.parametrize("period", [*PERIODS, "5个工作日", "30个工作日", "60个工作日"])
def test_bounds_past_the_last_published_year_hold_the_day_that_is_published_later(
    engine: DuckdbEngine, period: str
) -> None:
    """The years after each are taken for not yet published: true deadlines lie inside the bounds.

    From 2020 on: no run of days off has been longer than the one of that winter, and the bounds reach no further.
    """
    whole = default_calendar()
    rows = calendar_facts(whole)
    wrong = []
    for year in range(2020, whole.last_published.year):
        before = Calendar(whole.first_day, date(year, 12, 31), *rows)
        days = span(date(year, 11, 1), date(year + 1, 12, 1))
        for start, low, high in looked_up(engine, before, period, days):
            true = deadline(start, parse_period(period), calendar=whole).on
            if not low <= true <= high:
                wrong.append((year, start, low, high, true))
    assert wrong == []


def calendar_facts(calendar: Calendar) -> tuple[dict[date, str], list[date]]:
    """Days off with a name, and weekend days that are worked."""
    days = span(calendar.first_day, calendar.last_published)
    named = {day: calendar.day_name(day) for day in days if not calendar.day_name(day).startswith("星期")}
    return named, [day for day in days if day.weekday() >= 5 and calendar.is_working_day(day)]
