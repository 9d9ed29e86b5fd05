"""Whole rules on the engine against a plain second reading of what they mean."""

from __future__ import annotations

import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings

from jianheng.core.compiler.compile import Inputs, compile_model
from jianheng.core.compiler.coverage import Window
from jianheng.core.compiler.group import doubt_table
from jianheng.core.compiler.plan import RulePlan
from jianheng.core.compiler.profile import Profile
from jianheng.core.compiler.render import CALENDAR
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.progress import Silent
from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.model.read import read_model
from jianheng.core.model.scope import ScopeColumn
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.run import FunnelStep, drop_facts, drop_rule, run_facts, run_rule
from jianheng.core.screening.tables import calendar_table
from tests.core.compiler.naive_expression import Bounds
from tests.core.compiler.naive_rules import Reference, Town, Verdict
from tests.core.compiler.rules import AS_OF, JOINS, MODEL, as_yaml, models, towns
from tests.engines.town_tables import BLANK, UNREAD, Mark, arrow_table, measured, town, worst


def read(model: dict[str, Any]) -> SupervisionModel:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "model.yaml").write_text(as_yaml(model), encoding="utf-8")
        return read_model(Path(folder), town())


def lay_out(engine: DuckdbEngine, data: Town) -> None:
    engine.load(CALENDAR, calendar_table(default_calendar()))
    for name, rows in data.tables.items():
        engine.load(name, arrow_table(name, rows))
    for name, chains in data.doubts.items():
        numbers = sorted(chains)
        blank = [None] * len(numbers)
        doubts = {"chain": numbers, "chain_position": blank, "chain_count": blank}
        columns: dict[str, pa.Array] = {key: pa.array(values, pa.int64()) for key, values in doubts.items()}
        engine.load(doubt_table(name), pa.table({**columns, "stay_no": pa.array(blank, pa.string())}))


def facts_of(engine: DuckdbEngine, model: SupervisionModel, name: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns that were made and the rows: keys and values, bounds as pairs, what is unknown as UNREAD."""
    made = engine.fetch(f"SELECT * FROM {name}")
    columns = [column for column in model.sources[name].columns.values() if column.name in made.column_names]
    found = []
    for row in made.to_pylist():
        cells: list[Any] = []
        for column in columns:
            cell = row[column.name]
            if column.type == "date" and cell is None:
                cells.append("unread" if column.bit >= 0 and row["_bad"] >> column.bit & 1 else None)
                cells[-1] = cells[-1] or ("blank" if column.bit >= 0 else None)
            elif column.bounds:
                cells.append((cell, row.get(f"{column.name}__max", cell)))
            elif column.bit >= 0 and cell is None:
                cells.append("unread" if row["_bad"] >> column.bit & 1 else "blank")
            else:
                cells.append(cell)
        found.append(tuple(cells))
    return [column.name for column in columns], sorted(found, key=str)


def naming_all(spec: dict[str, Any], *names: str) -> dict[str, Any]:
    """``spec`` with a condition that names every column of some facts and rules nobody out: all of them are made."""
    sources = read(spec).sources
    (rule,) = spec["rules"]
    joined = {join.get("as", join["table"]): join["table"] for join in rule["join"]}
    columns = [
        f"{alias}.{column}" for alias, name in joined.items() if name in names for column in sources[name].columns
    ]
    named = {"id": "named", "when": " or ".join(["true", *(f"has({column})" for column in columns)])}
    return {**spec, "rules": [{**rule, "where": [*rule["where"], named]}]}


def meant_facts(reference: Reference, model: SupervisionModel, name: str, made: list[str]) -> list[tuple[Any, ...]]:
    def plain(cell: Any, column: ScopeColumn) -> Any:
        if isinstance(cell, Bounds):
            return cell.low, cell.high
        if isinstance(cell, Mark):
            return {UNREAD: "unread", BLANK: "blank"}[cell] if column.bit >= 0 else None
        return cell

    columns = [column for column in model.sources[name].columns.values() if column.name in made]
    rows = [tuple(plain(row[column.name], column) for column in columns) for row in reference.facts[name]]
    return sorted(rows, key=str)


def judged(
    engine: DuckdbEngine, plan: RulePlan, *, funnel: bool
) -> tuple[dict[tuple[Any, ...], Verdict], dict[str, int], int, list[FunnelStep]]:
    """Subjects hit or undecided, counts per verdict or reason, subjects in all, the steps after the joins."""
    outcome = run_rule(plan, engine, funnel=funnel, name_undecided=True)
    drop_rule(plan, engine)
    assert outcome.verdicts is not None and outcome.hits is not None
    tables = [alias for alias, _ in plan.rows]
    combinations: dict[tuple[Any, ...], set[tuple[Any, ...]]] = {}
    for row in outcome.hits.to_pylist():
        combinations.setdefault((row["s0"],), set()).add(tuple(row[f"r_{alias}"] for alias in tables))
    found = {subject: Verdict("hit", "", frozenset(rows)) for subject, rows in combinations.items()}
    for one in outcome.undecided:
        found[(one["s0"],)] = Verdict("cannot_tell", str(one["reason"]), frozenset())
    if funnel:
        assert outcome.funnel[-1].sure == len(combinations)
        assert outcome.funnel[-1].possible == len(found)
    counts = {"hit": outcome.verdicts.hits, **outcome.verdicts.reasons}
    steps = [
        step for step in outcome.funnel if ":" not in step.id or step.id.startswith(("guard:", "outside_coverage:"))
    ]
    return found, counts, outcome.verdicts.subjects, steps


def check(engine: DuckdbEngine, spec: dict[str, Any], data: Town) -> None:
    model = read(spec)
    reference = Reference(model, data)
    meant = {rule.id: reference.judge(rule) for rule in model.spec.rules}
    for tight in (False, True):
        make = measured if tight else worst
        sources = {name: make(name, rows, doubts=bool(data.doubts.get(name))) for name, rows in data.tables.items()}
        plan = compile_model(model, Inputs(data.as_of, {}, data.coverage, Profile(sources), {}, funnel=not tight))
        run_facts(plan, engine, Silent())
        for name in [statement.name for statement in plan.facts if statement.name in model.spec.facts]:
            shown = f"{name} tight={tight}\n{data}"
            columns, made = facts_of(engine, model, name)
            assert made == meant_facts(reference, model, name, columns), shown
        for rule in plan.rules:
            found, counts, subjects, steps = judged(engine, rule, funnel=not tight)
            wanted = meant[rule.rule]
            number = int(rule.rule.rpartition("_")[2])
            shown = f"tight={tight}\n{as_yaml(spec['rules'][number])}\n{data}"
            assert found == {subject: one for subject, one in wanted.items() if one.verdict != "clean"}, shown
            assert subjects == len(wanted), shown
            counted = [(step.possible, step.sure) for step in steps]
            assert counted == reference.funnel(model.rule(rule.rule), [step.id for step in steps]), shown
            assert counts["hit"] == sum(one.verdict == "hit" for one in wanted.values())
            for reason in {one.reason for one in wanted.values() if one.reason}:
                assert counts[reason] == sum(one.reason == reason for one in wanted.values())
        drop_facts(plan, engine)


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(spec=models(8), data=towns())
def test_a_rule_means_on_the_engine_what_it_means_by_hand(
    engine: DuckdbEngine, spec: dict[str, Any], data: Town
) -> None:
    lay_out(engine, data)
    check(engine, spec, data)


def spec_of(where: str, join: str) -> dict[str, Any]:
    """A model of one rule with one join and one condition."""
    rule = {
        "id": "rule_0",
        "title": "规则",
        "kind": "clue",
        "certainty": "V",
        "basis": [{"cite": "甲法 第一条", "from": "@2020-01-01"}],
        "judged_on": "stay.began",
        "subject": ["stay.stay_no"],
        "against": "stay.office",
        "from": "stay",
        "join": [JOINS[join][0]],
        "where": [{"id": "w0", "when": where}],
        "say": "见{stay.began}。",
        "innocent": ["无"],
        "verify": ["核对"],
    }
    return {**MODEL, "rules": [rule]}


def small_town(fees: list[dict[str, Any]], stays: int = 1) -> Town:
    day = date(2024, 1, 10)
    stay = {"stay_no": "一", "person": "甲", "county": "江北", "office": "某局", "colour": "红", "began": day}
    stay |= {"amount": Decimal(100), "chain": 1, "chain_position": 1, "chain_count": 1}
    tables = {
        "stay": [{**stay, "_row": number} for number in range(1, stays + 1)],
        "fee": [{"chain": 1, "paid_on": day, **fee, "_row": number} for number, fee in enumerate(fees, start=1)],
        "notice": [],
        "grant": [],
        "custody": [],
    }
    window = (Window(date(2000, 1, 1), AS_OF),)
    return Town(tables, {"fee": frozenset()}, {name: window for name in tables}, AS_OF)


def only_verdict(engine: DuckdbEngine, spec: dict[str, Any], data: Town) -> str:
    lay_out(engine, data)
    check(engine, spec, data)
    model = read(spec)
    (verdict,) = Reference(model, data).judge(model.spec.rules[0]).values()
    return verdict.verdict


def test_a_picked_row_gives_its_own_blank_not_the_word_of_the_next(engine: DuckdbEngine) -> None:
    first = {"voided_on": date(2024, 2, 1), "amount": Decimal(5)}
    second = {"voided_on": date(2024, 3, 1), "amount": Decimal(5), "colour": "红"}
    assert only_verdict(engine, spec_of("finish.colour = '红'", "finish"), small_town([first, second])) == "cannot_tell"


def test_a_row_that_repeats_in_its_sheet_may_be_one_payment_or_two(engine: DuckdbEngine) -> None:
    fee = {"amount": Decimal(100), "colour": "红"}
    twice = small_town([fee, {**fee, "_repeat": True}])
    assert only_verdict(engine, spec_of("paid.times >= 2", "paid"), twice) == "cannot_tell"
    assert only_verdict(engine, spec_of("paid.times >= 1", "paid"), twice) == "hit"
    assert only_verdict(engine, spec_of("paid.times >= 3", "paid"), twice) == "clean"


def test_of_several_rows_of_a_subject_the_first_gives_the_reason_every_time(engine: DuckdbEngine) -> None:
    unread = {"voided_on": date(2024, 2, 1), "amount": UNREAD}
    data = small_town([unread, unread, {**unread, "amount": BLANK}], stays=2)
    assert only_verdict(engine, spec_of("fee.amount > 50", "fee"), data) == "cannot_tell"


def test_evidence_leads_through_facts_made_of_facts(engine: DuckdbEngine) -> None:
    """Who paid in several colours: sums by person and colour, counted by person."""
    by_colour = {
        "title": "各色交费",
        "from": "fee",
        "group": {
            "by": {"person": "fee.person", "colour": "fee.colour"},
            "columns": {"total": {"sum": "fee.amount", "title": "合计"}},
        },
    }
    of_person = {
        "title": "交费颜色",
        "from": "by_colour",
        "group": {
            "by": {"person": "by_colour.person"},
            "columns": {"colours": {"count": "by_colour.total > 50", "title": "颜色数"}},
        },
    }
    spec = spec_of("of_person.colours >= 2", "fee")
    (rule,) = spec["rules"]
    join = {"table": "of_person", "on": "of_person.person = stay.person"}
    facts = {**spec["facts"], "by_colour": by_colour, "of_person": of_person}
    model = read({**spec, "facts": facts, "rules": [{**rule, "join": [join]}]})
    fees = [
        {"person": person, "colour": colour, "amount": Decimal(amount), "chain": 1}
        for person, colour, amount in (("甲", "红", 60), ("甲", "绿", 90), ("乙", "红", 70))
    ]
    data = small_town(fees)
    lay_out(engine, data)
    for make in (measured, worst):
        profile = Profile({table: make(table, rows) for table, rows in data.tables.items()})
        plan = compile_model(model, Inputs(data.as_of, {}, data.coverage, profile, {}))
        run_facts(plan, engine, Silent())
        outcome = run_rule(plan.rules[0], engine)
        assert outcome.verdicts is not None and outcome.verdicts.hits == 1
        rows = engine.fetch("SELECT t, r FROM evidence__rule_0 ORDER BY t, r").to_pylist()
        assert {(row["t"], row["r"]) for row in rows} == {("stay", 1), ("fee", 1), ("fee", 2)}
        drop_rule(plan.rules[0], engine)
        drop_facts(plan, engine)
