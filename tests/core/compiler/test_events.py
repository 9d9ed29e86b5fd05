"""``events`` on the engine: worked by hand, and against a second reading of random rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from jianheng.core.compiler.compile import Inputs, compile_model
from jianheng.core.compiler.coverage import Window
from jianheng.core.compiler.profile import Profile
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.progress import Silent
from jianheng.core.screening.run import drop_facts, drop_rule, run_facts, run_rule
from tests.core.compiler.naive_rules import Town
from tests.core.compiler.rules import towns
from tests.core.compiler.test_overlap import both_readings
from tests.core.compiler.test_rules import lay_out, only_verdict, read, small_town, spec_of
from tests.engines.town_tables import BLANK, UNREAD, measured, worst


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=towns())
@pytest.mark.parametrize("name", ["review", "work"])
@pytest.mark.parametrize("tight", [True, False])
def test_events_mean_on_the_engine_what_they_mean_by_hand(
    engine: DuckdbEngine, name: str, tight: bool, data: Town
) -> None:
    lay_out(engine, data)
    found, meant = both_readings(engine, name, data, tight=tight)
    assert found == meant


def town_of(**more: list[dict[str, Any]]) -> Town:
    """One red stay of 甲 from Wednesday 10 January 2024: a month, so until Saturday 10 February and, rolled over the
    Spring Festival (off until 17 February), Sunday 18 February, which is worked."""
    data = small_town([])
    given = {"person": "甲", "colour": "红", "chain": 1}
    tables = dict(data.tables)
    for name, rows in more.items():
        tables[name] = [{**given, **row, "_row": number} for number, row in enumerate(rows, start=1)]
    return Town(tables, data.doubts, {name: data.coverage["stay"] for name in tables}, data.as_of)


def paid(day: Any, **more: Any) -> dict[str, Any]:
    return {"paid_on": day, "amount": Decimal(100), **more}


def verdict(engine: DuckdbEngine, when: str, data: Town) -> str:
    return only_verdict(engine, spec_of(when, "review"), data)


LATE, NEVER = "review.late_days > 0", "not has(review.ended_on)"


def test_an_end_on_the_last_day_is_in_time_and_the_day_after_is_late(engine: DuckdbEngine) -> None:
    assert verdict(engine, LATE, town_of(fee=[paid(date(2024, 2, 18))])) == "clean"
    assert verdict(engine, LATE, town_of(fee=[paid(date(2024, 2, 19))])) == "hit"
    assert verdict(engine, "review.late_days = 1", town_of(fee=[paid(date(2024, 2, 19))])) == "hit"


def test_what_never_ended_is_late_by_the_days_up_to_the_claim(engine: DuckdbEngine) -> None:
    data = town_of()
    assert verdict(engine, NEVER, data) == "hit"
    assert verdict(engine, f"review.late_days = {(data.as_of - date(2024, 2, 18)).days}", data) == "hit"


def test_an_end_without_a_date_has_happened_and_whether_late_cannot_be_told(engine: DuckdbEngine) -> None:
    data = town_of(fee=[paid(UNREAD)])
    assert verdict(engine, NEVER, data) == "clean"
    assert verdict(engine, LATE, data) == "cannot_tell"


def test_never_can_be_said_only_where_the_ends_are_covered(engine: DuckdbEngine) -> None:
    data = town_of()
    gap = (Window(date(2000, 1, 1), date(2024, 3, 1)), Window(date(2024, 4, 1), data.as_of))
    uncovered = Town(data.tables, data.doubts, {**data.coverage, "fee": gap}, data.as_of)
    assert verdict(engine, NEVER, uncovered) == "cannot_tell"
    assert verdict(engine, LATE, uncovered) == "cannot_tell"
    early = Town({**data.tables, "fee": town_of(fee=[paid(date(2024, 2, 1))]).tables["fee"]}, data.doubts,
                 uncovered.coverage, data.as_of)  # fmt: skip
    assert verdict(engine, LATE, early) == "clean"


def test_a_start_without_a_date_leaves_everything_untold(engine: DuckdbEngine) -> None:
    data = town_of()
    stay = {**data.tables["stay"][0], "began": UNREAD, "ended": date(2024, 5, 1)}
    undated = Town({**data.tables, "stay": [stay]}, data.doubts, data.coverage, data.as_of)
    assert verdict(engine, LATE, undated) == "cannot_tell"
    assert verdict(engine, NEVER, undated) == "cannot_tell"


def test_overlapping_pauses_are_counted_once(engine: DuckdbEngine) -> None:
    pauses = [
        {"sent_on": date(2024, 1, 20), "until": date(2024, 1, 29)},
        {"sent_on": date(2024, 1, 25), "until": date(2024, 2, 3)},
    ]
    data = town_of(notice=pauses, fee=[paid(date(2024, 2, 25))])
    assert verdict(engine, "review.paused_days = 15", data) == "hit"  # 20 January to 3 February
    assert verdict(engine, "review.deadline = date '2024-02-26'", data) == "hit"  # 25 February is a Sunday


def test_a_pause_that_begins_after_the_deadline_does_not_count(engine: DuckdbEngine) -> None:
    on_the_last_day = {"sent_on": date(2024, 2, 18), "until": date(2024, 2, 20)}
    assert verdict(engine, "review.paused_days = 3", town_of(notice=[on_the_last_day])) == "hit"
    too_late = {"sent_on": date(2024, 2, 19), "until": date(2024, 2, 20)}
    assert verdict(engine, "review.paused_days = 0", town_of(notice=[too_late])) == "hit"
    carried = [{"sent_on": date(2024, 2, 8), "until": date(2024, 2, 16)}, too_late]  # on to Monday 19 February
    assert verdict(engine, "review.paused_days = 11", town_of(notice=carried)) == "hit"


def test_a_pause_still_running_lasts_to_the_claim(engine: DuckdbEngine) -> None:
    data = town_of(notice=[{"sent_on": date(2024, 1, 20), "until": BLANK}])
    assert verdict(engine, LATE, data) == "clean"


def test_an_extension_counts_if_it_was_granted_in_time(engine: DuckdbEngine) -> None:
    granted = paid(date(2024, 3, 4), voided_on=date(2024, 2, 9))
    assert verdict(engine, LATE, town_of(fee=[granted])) == "hit"  # 10 February and 15 days: Sunday 25, so Monday 26
    assert verdict(engine, "review.late_days = 7", town_of(fee=[granted])) == "hit"
    too_late = paid(date(2024, 3, 4), voided_on=date(2024, 2, 19))
    assert verdict(engine, "review.late_days = 15", town_of(fee=[too_late])) == "hit"


def test_a_restart_begins_the_period_anew(engine: DuckdbEngine) -> None:
    again = {"colour": "绿", "from_on": date(2024, 2, 5), "month": date(2024, 2, 1), "amount": Decimal(1)}
    data = town_of(grant=[again], fee=[paid(date(2024, 3, 5))])
    assert verdict(engine, LATE, data) == "clean"
    assert verdict(engine, "review.counted_from = date '2024-02-05'", data) == "hit"
    assert verdict(engine, "review.started_on = date '2024-01-10'", data) == "hit"


def test_in_custody_days_off_do_not_extend(engine: DuckdbEngine) -> None:
    data = town_of(fee=[paid(date(2024, 2, 12))])
    held = {**data.tables["stay"][0], "county": "江南"}
    inside = Town({**data.tables, "stay": [held]}, data.doubts, data.coverage, data.as_of)
    assert verdict(engine, LATE, data) == "clean"
    assert verdict(engine, "review.late_days = 2", inside) == "hit"
    unsure = Town({**data.tables, "stay": [{**held, "county": UNREAD}]}, data.doubts, data.coverage, data.as_of)
    assert verdict(engine, LATE, unsure) == "cannot_tell"


def test_an_end_before_the_start_is_out_of_order(engine: DuckdbEngine) -> None:
    data = town_of(fee=[paid(date(2024, 1, 5)), paid(date(2024, 1, 9))])
    assert verdict(engine, "review.before_on = date '2024-01-09'", data) == "hit"
    assert verdict(engine, NEVER, data) == "hit"
    assert verdict(engine, "has(review.before_on)", town_of(fee=[paid(date(2024, 1, 10))])) == "clean"


def test_the_third_time_is_told_from_the_first(engine: DuckdbEngine) -> None:
    data = town_of()
    first = data.tables["stay"][0]
    stays = [
        {**first, "began": date(2024, month, 1), "chain_position": month, "_row": number}
        for number, month in enumerate((5, 3, 4), start=1)
    ]
    repeated = Town({**data.tables, "stay": stays}, data.doubts, data.coverage, data.as_of)
    assert verdict(engine, "review.number > 2 and review.started_on = date '2024-05-01'", repeated) == "hit"
    assert verdict(engine, "review.number > 2 and review.started_on < date '2024-05-01'", repeated) == "clean"
    assert verdict(engine, "review.times > 3", repeated) == "clean"


def test_evidence_leads_to_all_that_happened(engine: DuckdbEngine) -> None:
    again = {"colour": "绿", "from_on": date(2024, 2, 5), "month": date(2024, 2, 1)}
    data = town_of(
        fee=[paid(date(2024, 5, 5)), paid(date(2024, 5, 5), person="乙")],
        notice=[{"sent_on": date(2024, 1, 20), "until": date(2024, 1, 21)}],
        grant=[again],
    )
    lay_out(engine, data)
    for make in (measured, worst):
        model = read(spec_of(LATE, "review"))
        profile = Profile({table: make(table, rows) for table, rows in data.tables.items()})
        plan = compile_model(model, Inputs(data.as_of, {}, data.coverage, profile, {}))
        run_facts(plan, engine, Silent())
        (rule,) = plan.rules
        outcome = run_rule(rule, engine)
        assert outcome.verdicts is not None and outcome.verdicts.hits == 1
        rows = engine.fetch("SELECT t, r FROM evidence__rule_0 ORDER BY t, r").to_pylist()
        assert {(row["t"], row["r"]) for row in rows} == {("stay", 1), ("fee", 1), ("notice", 1), ("grant", 1)}
        drop_rule(rule, engine)
        drop_facts(plan, engine)
