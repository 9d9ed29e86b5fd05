"""``overlap`` on the engine: worked by hand, and against a second reading of random rows."""

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
from tests.core.compiler.naive_rules import Reference, Town
from tests.core.compiler.rules import towns
from tests.core.compiler.test_rules import facts_of, lay_out, meant_facts, naming_all, read, small_town, spec_of
from tests.engines.town_tables import UNREAD, measured, worst


def both_readings(engine: DuckdbEngine, name: str, data: Town, *, tight: bool) -> tuple[Any, Any]:
    """The facts table ``name`` as the engine makes it and as it is meant."""
    model = read(naming_all(spec_of("true", name), name))
    make = measured if tight else worst
    sources = {table: make(table, rows, doubts=bool(data.doubts.get(table))) for table, rows in data.tables.items()}
    plan = compile_model(model, Inputs(data.as_of, {}, data.coverage, Profile(sources), {}))
    run_facts(plan, engine, Silent())
    made, found = facts_of(engine, model, name)
    drop_facts(plan, engine)
    assert made == list(model.sources[name].columns)
    return found, meant_facts(Reference(model, data), model, name, made)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=towns())
@pytest.mark.parametrize("name", ["months", "spells"])
@pytest.mark.parametrize("tight", [True, False])
def test_an_overlap_means_on_the_engine_what_it_means_by_hand(
    engine: DuckdbEngine, name: str, tight: bool, data: Town
) -> None:
    lay_out(engine, data)
    found, meant = both_readings(engine, name, data, tight=tight)
    assert found == meant


def town_of(grants: list[dict[str, Any]], custodies: list[dict[str, Any]]) -> Town:
    """One stay of 甲, his monthly grants of 100 and his stretches in custody."""
    data = small_town([])
    given = {"person": "甲", "colour": "红", "amount": Decimal(100)}
    tables = {
        **data.tables,
        "grant": [{**given, **row, "_row": number} for number, row in enumerate(grants, start=1)],
        "custody": [{**given, **row, "_row": number} for number, row in enumerate(custodies, start=1)],
    }
    return Town(tables, data.doubts, {name: data.coverage["stay"] for name in tables}, data.as_of)


def months(*numbers: int) -> list[dict[str, Any]]:
    return [{"month": date(2024, number, 1)} for number in numbers]


def measured_months(engine: DuckdbEngine, data: Town) -> list[tuple[Any, ...]]:
    """(began_on, whole months, paid) of every stretch of 甲."""
    lay_out(engine, data)
    found, meant = both_readings(engine, "months", data, tight=True)
    assert found == meant
    return [(began, whole, paid) for began, _, whole, paid, *_ in found]


def test_a_month_is_inside_only_if_every_day_of_it_is(engine: DuckdbEngine) -> None:
    inside = {"went_in": date(2024, 1, 10), "came_out": date(2024, 4, 1)}  # until: the day of release does not count
    assert measured_months(engine, town_of(months(1, 2, 3, 4), [inside])) == [(date(2024, 1, 10), (2, 2), (200, 200))]
    shorter = {**inside, "came_out": date(2024, 3, 31)}
    assert measured_months(engine, town_of(months(1, 2, 3, 4), [shorter])) == [(date(2024, 1, 10), (1, 1), (100, 100))]


def test_stretches_that_touch_are_one_and_others_are_apart(engine: DuckdbEngine) -> None:
    moved = [
        {"went_in": date(2024, 1, 1), "came_out": date(2024, 2, 20)},
        {"went_in": date(2024, 2, 20), "came_out": date(2024, 3, 5)},
        {"went_in": date(2024, 4, 1)},
    ]
    found = measured_months(engine, town_of(months(1, 2, 3, 4, 5), moved))
    assert found == [(date(2024, 1, 1), (2, 2), (200, 200)), (date(2024, 4, 1), (2, 2), (200, 200))]


def test_an_unread_end_leaves_bounds_and_one_row_in_two_files_counts_once(engine: DuckdbEngine) -> None:
    known = {"went_in": date(2024, 1, 1), "came_out": date(2024, 3, 1)}
    found = measured_months(engine, town_of(months(1, 2, 3, 4), [known, {**known, "came_out": UNREAD}]))
    assert found == [(date(2024, 1, 1), (2, 4), (200, 400))]


def test_what_is_still_running_is_sure_to_the_claim_and_possible_after_it(engine: DuckdbEngine) -> None:
    data = town_of(months(1, 2, 3, 4, 5), [{"went_in": date(2024, 1, 1)}])
    known = Town(data.tables, data.doubts, {**data.coverage, "custody": (Window(date(2020, 1, 1), date(2024, 3, 31)),)},
                 data.as_of)  # fmt: skip
    assert measured_months(engine, data) == [(date(2024, 1, 1), (5, 5), (500, 500))]
    assert measured_months(engine, known) == [(date(2024, 1, 1), (3, 5), (300, 500))]


def test_evidence_leads_to_the_months_and_to_the_stretch_they_lie_in(engine: DuckdbEngine) -> None:
    stretches = [
        {"went_in": date(2023, 1, 1), "came_out": date(2023, 3, 1)},
        {"went_in": date(2024, 1, 10), "came_out": date(2024, 2, 20)},
        {"went_in": date(2024, 2, 20), "came_out": date(2024, 4, 1)},
        {"went_in": date(2024, 2, 1), "colour": "绿"},
    ]
    data = town_of(months(1, 2, 3, 4), stretches)
    lay_out(engine, data)
    for make in (measured, worst):
        model = read(spec_of("months.whole > 1", "months"))
        profile = Profile({table: make(table, rows) for table, rows in data.tables.items()})
        plan = compile_model(model, Inputs(data.as_of, {}, data.coverage, profile, {}))
        run_facts(plan, engine, Silent())
        (rule,) = plan.rules
        outcome = run_rule(rule, engine)
        assert outcome.verdicts is not None and outcome.verdicts.hits == 1
        rows = engine.fetch("SELECT t, r FROM evidence__rule_0 ORDER BY t, r").to_pylist()
        found = {(row["t"], row["r"]) for row in rows}
        assert found == {("stay", 1), ("grant", 1), ("grant", 2), ("grant", 3), ("custody", 2), ("custody", 3)}
        drop_rule(rule, engine)
        drop_facts(plan, engine)


def test_evidence_leaves_out_the_stretches_of_rows_that_a_condition_rules_out(engine: DuckdbEngine) -> None:
    span = {"from_on": date(2024, 1, 5), "to_on": date(2024, 2, 5)}
    stretch = {"went_in": date(2024, 1, 1), "came_out": date(2024, 3, 1)}
    data = town_of([span, {**span, "colour": "绿"}], [stretch, {**stretch, "colour": "绿"}])
    lay_out(engine, data)
    for make in (measured, worst):
        profile = Profile({table: make(table, rows) for table, rows in data.tables.items()})
        model = read(spec_of("spells.days > 10", "spells"))
        plan = compile_model(model, Inputs(data.as_of, {}, data.coverage, profile, {}))
        run_facts(plan, engine, Silent())
        (rule,) = plan.rules
        run_rule(rule, engine)
        rows = engine.fetch("SELECT t, r FROM evidence__rule_0 ORDER BY t, r").to_pylist()
        assert {(row["t"], row["r"]) for row in rows} == {("stay", 1), ("grant", 1), ("custody", 1)}
        drop_rule(rule, engine)
        drop_facts(plan, engine)


def test_facts_that_need_the_same_stretches_share_them(engine: DuckdbEngine) -> None:
    spec = spec_of("months.whole >= 0", "months")
    spec["facts"] = {**spec["facts"], "again": spec["facts"]["months"]}
    spec["rules"][0]["join"].append({"table": "again", "on": "again.person = stay.person"})
    spec["rules"][0]["where"].append({"id": "w1", "when": "again.whole = months.whole"})
    data = town_of(months(1, 2), [{"went_in": date(2023, 1, 1)}])
    profile = Profile({table: measured(table, rows) for table, rows in data.tables.items()})
    plan = compile_model(read(spec), Inputs(data.as_of, {}, data.coverage, profile, {}))
    made = [statement.name for statement in (*plan.facts, *plan.rules[0].before)]
    assert {"months", "again"} <= set(made)
    assert len(made) == len(set(made))
    assert sum("stretches__custody" in name for name in made) == 1
