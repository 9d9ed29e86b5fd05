"""The small model of the town with a fixed county of rows, run on any engine."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from jianheng.core.compiler.compile import Inputs, ModelPlan, compile_model
from jianheng.core.compiler.coverage import Window
from jianheng.core.compiler.group import doubt_table
from jianheng.core.compiler.profile import Profile
from jianheng.core.compiler.render import CALENDAR
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.progress import Silent
from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.model.read import read_model
from jianheng.core.screening.run import drop_facts, drop_rule, run_facts, run_rule
from jianheng.core.screening.tables import calendar_table
from tests.engines.town_tables import BLANK, HERE, UNREAD, arrow_table, measured, town

AS_OF = date(2024, 6, 30)


def small_rows(count: int = 60, seed: int = 7) -> dict[str, list[dict[str, Any]]]:
    """Stays, fees and notices with blanks, unread cells, unlinked and repeated rows."""
    chance = random.Random(seed)

    def cell(values: list[Any]) -> Any:
        return chance.choice([*values * 4, BLANK, UNREAD])

    def day() -> Any:
        return cell([date(2022, 12, 1) + timedelta(days=chance.randrange(700))])

    def amount(least: int) -> Any:
        return cell([Decimal(chance.randrange(least, least + 20) * 50)])

    people = [f"人{number}" for number in range(count // 2)]
    stays = [
        {"stay_no": f"居{number}", "person": cell(people), "county": cell(["江北", "江南"]), "office": "某局"}
        | {
            "colour": cell(["红", "绿", "蓝"]),
            "began": day(),
            "ended": chance.choice([day(), BLANK]),
            "amount": amount(15),
        }
        | {"chain": number // 2 + 1, "chain_position": number % 2 + 1, "chain_count": 2}
        for number in range(count)
    ]
    fees = [
        {"person": cell(people), "colour": cell(["红", "绿"]), "paid_on": day(), "amount": amount(1)}
        | {"voided_on": chance.choice([day(), BLANK, BLANK]), "chain": chance.choice([BLANK, *range(1, count // 2)])}
        | {"_repeat": chance.random() < 0.1}
        for _ in range(count)
    ]
    notices = [
        {"person": cell(people), "colour": cell(["红", "蓝"]), "sent_on": chance.choice([day(), BLANK])}
        for _ in range(count // 4)
    ]
    return {"stay": stays, "fee": fees, "notice": notices}


def small_plan(dialect: str, rows: dict[str, list[dict[str, Any]]]) -> ModelPlan:
    """The model compiled for these rows."""
    model = read_model(HERE / "town" / "models" / "small", town())
    profile = Profile({name: measured(name, given, doubts=name == "fee") for name, given in rows.items()})
    windows = (
        Window(date(2020, 1, 1), date(2023, 3, 31)),
        Window(date(2023, 5, 1), AS_OF, frozenset({"江北"})),
        Window(date(2023, 7, 1), AS_OF, frozenset({"江南"})),
    )
    coverage = {"notice": windows, "fee": windows[:1], "stay": windows}
    return compile_model(model, Inputs(AS_OF, {}, coverage, profile, {}, dialect, funnel=True))


def small_outcome(engine: Engine) -> dict[str, Any]:
    """Per rule: verdict counts with reasons, hits, who cannot be told and why, the funnel."""
    rows = small_rows()
    for name, given in rows.items():
        engine.load(name, arrow_table(name, given))
    whole = pa.int64()
    doubts = {"chain": [3, 4], "chain_position": [1, 1], "chain_count": [2, 2]}
    columns = {key: pa.array(values, whole) for key, values in doubts.items()}
    engine.load(doubt_table("fee"), pa.table({**columns, "stay_no": pa.array(["居4", "居6"])}))
    engine.load(CALENDAR, calendar_table(default_calendar()))
    plan = small_plan(engine.dialect, rows)
    run_facts(plan, engine, Silent())
    found: dict[str, Any] = {}
    for rule in plan.rules:
        outcome = run_rule(rule, engine, funnel=True, name_undecided=True)
        assert outcome.hits is not None
        evidence = engine.fetch(f"SELECT n, t, r FROM evidence__{rule.rule} ORDER BY n, t, r").to_pylist()
        found[rule.rule] = {
            "verdicts": outcome.verdicts,
            "hits": outcome.hits.to_pylist(),
            "undecided": list(outcome.undecided),
            "evidence": evidence,
            "funnel": outcome.funnel,
        }
        drop_rule(rule, engine)
    drop_facts(plan, engine)
    return found
