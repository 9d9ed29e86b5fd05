"""One rule against hand-written SQL on the same engine: the same hits with the same evidence rows, then both timed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bench.measure import alternating, verdict
from jianheng.core.compiler.compile import ModelPlan, compile_model
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.progress import Silent
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.run import drop_facts, drop_rule, make_before, run_facts, run_rule
from jianheng.core.screening.tables import RunTables, run_inputs


@dataclass(frozen=True, slots=True)
class Bench:
    """What all measurements share."""

    model: SupervisionModel
    tables: RunTables
    engine: Engine
    as_of: date

    def plan(self, rule: str, *, funnel: bool = False) -> ModelPlan:
        """The plan of one rule, with the facts it needs."""
        return compile_model(self.model, run_inputs(self.model, self.tables, self.as_of, {}, funnel=funnel), [rule])


HITS, VERDICTS, FUNNEL = "hits with evidence", "with verdicts and reasons", "with the funnel"


def measure_rule(bench: Bench, rule: str, times: int, promised: Mapping[str, float]) -> None:
    """Our ways, those that something is ``promised`` of, against the hand-written one."""
    plan = bench.plan(rule)
    statements = by_hand(rule, bench.as_of)
    compare(bench, plan, rule, statements)
    ways: dict[str, Callable[[], object]] = {
        HITS: lambda: run_hits(bench.engine, plan),
        VERDICTS: lambda: run_all(bench.engine, plan, funnel=False),
    }
    if FUNNEL in promised:
        counting = bench.plan(rule, funnel=True)
        ways[FUNNEL] = lambda: run_all(bench.engine, counting, funnel=True)
    hand, *ours = alternating(
        [lambda: run_by_hand(bench.engine, statements), *(ways[name] for name in promised)], times
    )
    print(f"{rule}: by hand {hand:.2f}")
    for (name, limit), seconds in zip(promised.items(), ours, strict=True):
        print(f"  {name:26} {seconds:6.2f}   ratio {seconds / hand:5.2f}   {verdict(seconds / hand, limit)}")


def by_hand(rule: str, as_of: date) -> list[str]:
    """The analyst's statements: they make ``hit`` and ``behind``."""
    text = (Path(__file__).parent / "by_hand" / f"{rule}.sql").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    sql = "\n".join(lines).replace("$as_of", f"DATE '{as_of}'")
    return [part for part in sql.split(";") if part.strip()]


def run_by_hand(engine: Engine, statements: list[str]) -> tuple[Any, Any]:
    """The hits and the evidence rows, brought back."""
    for statement in statements:
        engine.run(statement)
    return engine.fetch("SELECT * FROM hit ORDER BY n"), engine.fetch("SELECT * FROM behind ORDER BY n, t, r")


def run_hits(engine: Engine, plan: ModelPlan) -> tuple[Any, Any]:
    """The facts, the hits and the evidence rows, nothing else."""
    (rule,) = plan.rules
    run_facts(plan, engine, Silent())
    make_before(rule, engine)
    engine.make(rule.hits_alone.name, rule.hits_alone.sql)
    engine.make(f"evidence__{rule.rule}", rule.evidence.sql)
    found = engine.fetch(f"SELECT * FROM {rule.hits_alone.name} ORDER BY n"), engine.fetch(_evidence(rule.rule))
    drop_rule(rule, engine)
    drop_facts(plan, engine)
    return found


def run_all(engine: Engine, plan: ModelPlan, *, funnel: bool) -> tuple[Any, Any]:
    """What a run does for one rule: facts, population, verdicts with reasons, hits, evidence, the funnel if asked."""
    (rule,) = plan.rules
    run_facts(plan, engine, Silent())
    outcome = run_rule(rule, engine, funnel=funnel)
    found = outcome.hits, engine.fetch(_evidence(rule.rule))
    drop_rule(rule, engine)
    drop_facts(plan, engine)
    return found


def _evidence(rule: str) -> str:
    return f"SELECT n, t, r FROM evidence__{rule} ORDER BY n, t, r"


def compare(bench: Bench, plan: ModelPlan, rule: str, statements: list[str]) -> None:
    """Stop unless all ways give the same hits with the same evidence rows."""
    hits, behind = run_by_hand(bench.engine, statements)
    (subject,) = plan.rules[0].subject_names
    expected = list(zip(hits.column("n").to_pylist(), hits.column(subject).to_pylist(), strict=True))
    rows = set(zip(*(behind.column(name).to_pylist() for name in ("n", "t", "r")), strict=True))
    for name, (found, evidence) in {
        "hits": run_hits(bench.engine, plan),
        "all": run_all(bench.engine, plan, funnel=False),
    }.items():
        subjects = list(zip(found.column("n").to_pylist(), found.column("s0").to_pylist(), strict=True))
        if subjects != expected:
            raise SystemExit(f"{rule} ({name}): other hits than by hand: {len(subjects)} against {len(expected)}")
        ours = set(zip(*(evidence.column(column).to_pylist() for column in ("n", "t", "r")), strict=True))
        if ours != rows:
            raise SystemExit(
                f"{rule} ({name}): other evidence than by hand: {sorted(ours - rows)[:5]} {sorted(rows - ours)[:5]}"
            )
    print(f"{rule}: {len(expected):,} hits, {len(rows):,} evidence rows, the same by hand")
