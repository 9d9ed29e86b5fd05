"""``overlap`` and ``events`` on both engines, over a few hundred rows: the same facts, and those that are meant."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from jianheng.core.compiler.compile import Inputs, compile_model
from jianheng.core.compiler.coverage import Window
from jianheng.core.compiler.group import doubt_table
from jianheng.core.compiler.profile import Profile
from jianheng.core.compiler.render import CALENDAR
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.progress import Silent
from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.run import drop_facts, run_facts
from jianheng.core.screening.tables import calendar_table
from tests.core.compiler.naive_rules import Reference, Town
from tests.core.compiler.rules import JOINS, MODEL
from tests.core.compiler.test_rules import facts_of, meant_facts, naming_all, read
from tests.engines.town_tables import BLANK, UNREAD, arrow_table, measured

AS_OF = date(2024, 6, 30)
NAMES = ["months", "spells", "review", "work"]


def model_of_all() -> SupervisionModel:
    rule = {
        "id": "all",
        "title": "规则",
        "kind": "hint",
        "certainty": "I",
        "basis": [],
        "judged_on": "stay.began",
        "subject": ["stay.stay_no"],
        "against": "stay.office",
        "from": "stay",
        "join": [JOINS[name][0] for name in NAMES],
        "where": [{"id": "any", "when": "true"}],
        "say": "见{stay.began}。",
        "innocent": ["无"],
        "verify": ["核对"],
    }
    return read(naming_all({**MODEL, "rules": [rule]}, *NAMES))


def rows_of_a_town(seed: int, *, gaps: bool) -> Town:
    """Sixty stays of thirty people and what happened to them between the summers of 2023 and 2024."""
    chance = random.Random(seed)

    def cell(*values: Any) -> Any:
        return chance.choice([BLANK, UNREAD]) if gaps and chance.random() < 0.08 else chance.choice(values)

    def day(first: date = date(2023, 6, 1), days: int = 400) -> Any:
        return cell(first + timedelta(days=chance.randrange(days)))

    def amount() -> Any:
        return cell(*(Decimal(number * 50) for number in range(5)))

    def person() -> Any:
        return cell(*(f"人{number}" for number in range(30)))

    stays = [
        {"stay_no": f"居{number}", "person": person(), "county": cell("江北", "江南"), "office": "某局"}
        | {
            "colour": cell("红", "绿"),
            "began": day(),
            "ended": chance.choice([day(), BLANK, BLANK]),
            "amount": amount(),
        }
        | {"chain": number // 2, "chain_position": number % 2 + 1, "chain_count": 2}
        for number in range(60)
    ]
    fees = [
        {"person": person(), "colour": cell("红", "绿"), "paid_on": day(), "amount": amount()}
        | {"voided_on": chance.choice([day(), BLANK]), "chain": chance.choice([BLANK, *range(30)])}
        for _ in range(90)
    ]
    notices = [
        {"person": person(), "colour": cell("红", "红", "绿"), "sent_on": (begins := day()), "amount": amount()}
        | {"until": chance.choice([BLANK, day(begins, 40) if isinstance(begins, date) else day()])}
        for _ in range(60)
    ]
    grants = [
        {
            "person": person(),
            "month": cell(*(date(2024, month, 1) for month in range(1, 7))),
            "colour": cell("红", "绿"),
        }
        | {"amount": amount(), "from_on": day(), "to_on": chance.choice([day(), BLANK])}
        for _ in range(150)
    ]
    custodies = [
        {"person": person(), "colour": cell("红", "绿"), "went_in": (begins := day())}
        | {"came_out": chance.choice([BLANK, day(begins, 150) if isinstance(begins, date) else day()])}
        for _ in range(50)
    ]
    tables = {"stay": stays, "fee": fees, "notice": notices, "grant": grants, "custody": custodies}
    numbered = {name: [{**row, "_row": n} for n, row in enumerate(rows, start=1)] for name, rows in tables.items()}
    windows = (Window(date(2020, 1, 1), AS_OF, without=frozenset({"江南"})), Window(date(2023, 9, 1), AS_OF))
    return Town(numbered, {"fee": frozenset({3, 4} if gaps else ())}, {name: windows for name in tables}, AS_OF)


def facts_on(engine: Engine, data: Town) -> dict[str, Any]:
    for name, rows in data.tables.items():
        engine.load(name, arrow_table(name, rows))
    chains = sorted(data.doubts["fee"])
    whole = pa.int64()
    doubts = {key: pa.array(chains if key == "chain" else [None] * len(chains), whole) for key in
              ("chain", "chain_position", "chain_count")}  # fmt: skip
    engine.load(doubt_table("fee"), pa.table({**doubts, "stay_no": pa.array([None] * len(chains), pa.string())}))
    engine.load(CALENDAR, calendar_table(default_calendar()))
    model = model_of_all()
    sources = {name: measured(name, rows, doubts=bool(data.doubts.get(name))) for name, rows in data.tables.items()}
    plan = compile_model(model, Inputs(data.as_of, {}, data.coverage, Profile(sources), {}, engine.dialect))
    run_facts(plan, engine, Silent())
    found = {name: facts_of(engine, model, name) for name in NAMES}
    drop_facts(plan, engine)
    return found


@pytest.mark.parametrize("gaps", [False, True])
def test_the_embedded_engine_finds_what_is_meant(duckdb_engine: Engine, gaps: bool) -> None:
    data = rows_of_a_town(5, gaps=gaps)
    model = model_of_all()
    reference = Reference(model, data)
    found = facts_on(duckdb_engine, data)
    for name in NAMES:
        made, rows = found[name]
        assert made == list(model.sources[name].columns)
        assert rows == meant_facts(reference, model, name, made), name
        assert len(rows) > 5, name


@pytest.mark.spark
@pytest.mark.parametrize("gaps", [False, True])
def test_both_engines_find_the_same_stretches_and_deadlines(
    duckdb_engine: Engine, spark_engine: Engine, gaps: bool
) -> None:
    data = rows_of_a_town(7, gaps=gaps)
    ours, theirs = facts_on(duckdb_engine, data), facts_on(spark_engine, data)
    for name in NAMES:
        assert theirs[name] == ours[name], name
