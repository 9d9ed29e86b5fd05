"""Whole rules on the engine against a plain second reading of what they mean."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

from jianheng.core.compiler.compile import Inputs, compile_model
from jianheng.core.compiler.group import doubt_table
from jianheng.core.compiler.plan import RulePlan
from jianheng.core.compiler.profile import Profile
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.progress import Silent
from jianheng.core.model.read import read_model
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.run import drop_facts, drop_rule, run_facts, run_rule
from tests.core.compiler.naive_rules import Reference, Town, Verdict
from tests.core.compiler.rules import as_yaml, models, towns
from tests.engines.town_tables import arrow_table, measured, town, worst


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckdbEngine]:
    with DuckdbEngine(tmp_path_factory.mktemp("duckdb"), threads=1) as engine:
        yield engine


def read(model: dict[str, Any]) -> SupervisionModel:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "model.yaml").write_text(as_yaml(model), encoding="utf-8")
        return read_model(Path(folder), town())


def lay_out(engine: DuckdbEngine, data: Town) -> None:
    for name, rows in data.tables.items():
        engine.load(name, arrow_table(name, rows))
    for name, chains in data.doubts.items():
        numbers = sorted(chains)
        blank = [None] * len(numbers)
        doubts = {"chain": numbers, "chain_position": blank, "chain_count": blank}
        columns: dict[str, pa.Array] = {key: pa.array(values, pa.int64()) for key, values in doubts.items()}
        engine.load(doubt_table(name), pa.table({**columns, "stay_no": pa.array(blank, pa.string())}))


def judged(
    engine: DuckdbEngine, plan: RulePlan, *, funnel: bool
) -> tuple[dict[tuple[Any, ...], Verdict], dict[str, int], int]:
    """Subjects that are hit or cannot tell, counts per verdict or reason, and subjects in all."""
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
    return found, {"hit": outcome.verdicts.hits, **outcome.verdicts.reasons}, outcome.verdicts.subjects


def check(engine: DuckdbEngine, spec: dict[str, Any], data: Town) -> None:
    model = read(spec)
    reference = Reference(model, data)
    meant = {rule.id: reference.judge(rule) for rule in model.spec.rules}
    for tight in (False, True):
        make = measured if tight else worst
        sources = {name: make(name, rows, doubts=bool(data.doubts.get(name))) for name, rows in data.tables.items()}
        plan = compile_model(model, Inputs(data.as_of, {}, data.coverage, Profile(sources), {}))
        run_facts(plan, engine, Silent())
        for rule in plan.rules:
            found, counts, subjects = judged(engine, rule, funnel=not tight)
            wanted = meant[rule.rule]
            number = int(rule.rule.rpartition("_")[2])
            shown = f"tight={tight}\n{as_yaml(spec['rules'][number])}\n{data}"
            assert found == {subject: one for subject, one in wanted.items() if one.verdict != "clean"}, shown
            assert subjects == len(wanted), shown
            assert counts["hit"] == sum(one.verdict == "hit" for one in wanted.values())
            for reason in {one.reason for one in wanted.values() if one.reason}:
                assert counts[reason] == sum(one.reason == reason for one in wanted.values())
        drop_facts(plan, engine)


@settings(max_examples=16, suppress_health_check=list(HealthCheck))
@given(spec=models(12), data=towns())
def test_a_rule_means_on_the_engine_what_it_means_by_hand(
    engine: DuckdbEngine, spec: dict[str, Any], data: Town
) -> None:
    lay_out(engine, data)
    check(engine, spec, data)
