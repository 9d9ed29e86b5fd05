"""Deadlines of ``events`` against the library of statutory time: every published day, with whatever puts them off."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from jianheng.core.compiler.compile import Inputs, compile_model
from jianheng.core.compiler.coverage import Window
from jianheng.core.compiler.profile import Profile
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.progress import Silent
from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.legal_time.course import Extension, Pause, Restart, course
from jianheng.core.legal_time.period import parse_period
from jianheng.core.screening.run import run_facts
from tests.core.compiler.naive_rules import Town
from tests.core.compiler.rules import MODEL
from tests.core.compiler.test_rules import lay_out, read, spec_of
from tests.engines.town_tables import BLANK, measured

CALENDAR = default_calendar()
PERIODS = ["10日", "37日", "半个月", "1个月", "2个月", "12个月", "3个工作日", "10个工作日"]
PUBLISHED = [
    CALENDAR.first_day + timedelta(days=offset)
    for offset in range((CALENDAR.last_published - CALENDAR.first_day).days + 1)
]


def counted(engine: DuckdbEngine, period: str, data: Town, *, custody: str) -> dict[date, dict[str, Any]]:
    """The facts row of every start; starts stand in ``stay``, one a person and a day."""
    working = "工作日" in period
    happenings: dict[str, Any] = {
        "pauses": [
            {"id": "told", "title": "通知", "table": "notice", "match": "notice.person = stay.person",
             "from": "notice.sent_on", "to": "notice.until"}
        ],
        "extensions": [
            {"id": "more", "title": "延长", "table": "fee", "match": "fee.person = stay.person", "on": "fee.paid_on",
             "period": "3个工作日" if working else "15日"}
        ],
        "restarts": [
            {"id": "again", "title": "重算", "table": "grant", "match": "grant.person = stay.person",
             "on": "grant.from_on"}
        ],
    }  # fmt: skip
    happenings = {kind: parts for kind, parts in happenings.items() if data.tables[parts[0]["table"]]}
    events = {
        "by": {"person": "stay.person"},
        "start": "stay.began",
        "period": period,
        "custody": custody,
        "end": [{"id": "ended", "title": "结束", "on": "stay.ended"}],
        **happenings,
    }
    run = {"title": "期限", "from": "stay", "events": events}
    spec = {**spec_of("true", "finish"), "facts": {**MODEL["facts"], "run": run}}
    spec["rules"][0]["join"] = [{"table": "run", "on": "run.person = stay.person"}]
    profile = Profile({name: measured(name, rows) for name, rows in data.tables.items()})
    plan = compile_model(read(spec), Inputs(data.as_of, {}, data.coverage, profile, {}))
    run_facts(plan, engine, Silent())
    rows = engine.fetch("SELECT * FROM run").to_pylist()
    engine.drop("run")
    return {row["started_on"]: row for row in rows}


def town_of(**happened: list[dict[str, Any]]) -> Town:
    last = date(2100, 12, 31)
    starts = [{"stay_no": f"居{day}", "person": f"人{day}", "began": day, "ended": BLANK} for day in PUBLISHED]
    tables: dict[str, list[dict[str, Any]]] = {"stay": starts, "fee": [], "notice": [], "grant": [], "custody": []}
    tables |= happened
    numbered = {name: [{**row, "_row": n} for n, row in enumerate(rows, start=1)] for name, rows in tables.items()}
    return Town(numbered, {}, {name: (Window(date(1990, 1, 1), last),) for name in tables}, CALENDAR.last_published)


def disagreements(rows: dict[date, dict[str, Any]], meant: dict[date, Any]) -> list[Any]:
    """Starts whose deadline differs: settled ones must be exact, provisional ones inside their bounds."""
    wrong = []
    for start, found in meant.items():
        row, on = rows[start], found.deadline.on
        low, high = row["deadline"], row["deadline__max"]
        exact = low == high == on and row["paused_days"] == row["paused_days__max"] == found.paused_days
        bounded = low <= on and (high is None or on <= high) and low != high
        if not (bounded if found.deadline.provisional else exact):
            wrong.append((start, low, high, on, found.deadline.provisional, found.paused_days, row["paused_days"]))
    return wrong


@pytest.mark.parametrize("custody", ["false", "true"])
@pytest.mark.parametrize("period", PERIODS)
def test_every_published_day_has_the_deadline_of_the_library(engine: DuckdbEngine, period: str, custody: str) -> None:
    data = town_of()
    lay_out(engine, data)
    rows = counted(engine, period, data, custody=custody)
    held = custody == "true"
    meant = {day: course(day, parse_period(period), in_custody=held, calendar=CALENDAR) for day in PUBLISHED}
    if held:  # nothing rolls, so nothing is provisional
        meant = {day: found for day, found in meant.items() if not found.deadline.provisional}
    assert len(rows) == len(PUBLISHED)
    assert disagreements(rows, meant) == []


@pytest.mark.parametrize("period", PERIODS)
def test_random_pauses_extensions_and_restarts_on_every_published_day(engine: DuckdbEngine, period: str) -> None:
    chance = random.Random(f"{period} 2026")
    notices, fees, grants = [], [], []
    for day in PUBLISHED:
        person = {"person": f"人{day}"}
        for _ in range(chance.randrange(4)):
            first = day + timedelta(days=chance.randrange(-5, 60))
            notices.append({**person, "sent_on": first, "until": first + timedelta(days=chance.randrange(-1, 15))})
        for _ in range(chance.choice([0, 0, 1, 2])):
            fees.append({**person, "paid_on": day + timedelta(days=chance.randrange(-5, 60))})
        for _ in range(chance.choice([0, 0, 0, 1, 2])):
            grants.append({**person, "from_on": day + timedelta(days=chance.randrange(-5, 40))})
    data = town_of(notice=notices, fee=fees, grant=grants)
    lay_out(engine, data)
    rows = counted(engine, period, data, custody="false")
    granted = parse_period("3个工作日" if "工作日" in period else "15日")
    by_person: dict[str, dict[str, list[Any]]] = {}
    for kind, given in (("pauses", notices), ("extensions", fees), ("restarts", grants)):
        for row in given:
            made: Any
            if kind == "pauses":
                made = Pause(row["sent_on"], row["until"])
            else:
                made = Extension(row["paid_on"], granted) if kind == "extensions" else Restart(row["from_on"])
            by_person.setdefault(row["person"], {}).setdefault(kind, []).append(made)
    meant = {
        day: course(day, parse_period(period), **by_person.get(f"人{day}", {}), calendar=CALENDAR) for day in PUBLISHED
    }
    settled = {day: found for day, found in meant.items() if not found.deadline.provisional}
    assert disagreements(rows, settled) == []
    assert all(rows[day]["counted_from"] == found.counted_from for day, found in settled.items())
    assert sum(found.paused_days > 0 for found in settled.values()) > 100
    open_ones = {day: found for day, found in meant.items() if found.deadline.provisional}
    assert [one for one in disagreements(rows, open_ones) if one[1] > one[3] or (one[2] and one[2] < one[3])] == []
