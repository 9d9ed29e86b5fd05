"""Run a compiled model on an engine: verdicts, hits and evidence rows of every rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from jianheng.core.compiler.compile import BlockedRule, ModelPlan
from jianheng.core.compiler.plan import RulePlan, SecondPartners, Statement
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.progress import Progress


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Subjects per verdict. ``reasons``: why cannot tell, in subjects. ``unidentified``: rows without a subject."""

    rows: int
    subjects: int
    unidentified: int
    hits: int
    reasons: dict[str, int]

    @property
    def cannot_tell(self) -> int:
        return sum(self.reasons.values())

    @property
    def clean(self) -> int:
        return self.subjects - self.hits - self.cannot_tell


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """After this step: subjects still possible, of which no step so far was unsure."""

    id: str
    title: str
    possible: int
    sure: int


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What one rule came to; ``plan`` and the tables are None where the rule was blocked.

    ``second_partners``: by alias and the rows it was joined to, the partners beyond the one that the join expects.
    """

    rule: str
    verdicts: Verdicts | None
    plan: RulePlan | None = None
    hits: pa.Table | None = None
    missing: tuple[str, ...] = ()
    funnel: tuple[FunnelStep, ...] = ()
    undecided: tuple[dict[str, object], ...] = field(default=())
    second_partners: Mapping[str, Mapping[tuple[int | None, ...], list[int]]] = field(default_factory=dict)


def run_facts(plan: ModelPlan, engine: Engine, progress: Progress) -> None:
    """Make the facts tables of a model."""
    for statement in plan.facts:
        progress.note(f"汇总：{statement.title}")
        _materialise(statement, engine)


def run_rule(plan: RulePlan, engine: Engine, *, funnel: bool = False, name_undecided: bool = False) -> RuleOutcome:
    """Run one rule. Its ``possible``, ``hits__`` and ``evidence__`` tables stay until :func:`drop_rule`."""
    counted = _count(plan, engine)
    _find_evidence(plan, engine)
    rows = engine.fetch(f"SELECT * FROM {plan.hits.name} ORDER BY n", step=plan.hits.title)
    alone = counted.rows == counted.subjects + counted.unidentified
    steps = _funnel(plan.funnel_of_rows if alone else plan.funnel, engine) if funnel else ()
    undecided = _undecided(plan, engine) if name_undecided else ()
    second = {one.alias: _second(one, engine) for one in plan.second_partners}
    return RuleOutcome(plan.rule, counted, plan, rows, (), steps, undecided, second)


def count_rule(plan: RulePlan, engine: Engine) -> RuleOutcome:
    """Verdicts, hits and undecided subjects, without looking for evidence; no table is left."""
    counted = _count(plan, engine)
    undecided = _undecided(plan, engine)
    hits = _bare_hits(plan, engine)
    drop_rule(plan, engine)
    return RuleOutcome(plan.rule, counted, plan, hits, undecided=undecided)


def judge_rule(plan: RulePlan, engine: Engine, *, evidence: bool = False) -> RuleOutcome:
    """Hits and undecided subjects alone, for worked cases: nothing is counted. Call :func:`drop_rule` afterwards.

    ``evidence``: also the rows behind the hits, as ``evidence__``.
    """
    make_before(plan, engine)
    _materialise(plan.possible, engine)
    undecided = _undecided(plan, engine)
    if evidence:
        _find_evidence(plan, engine)
    return RuleOutcome(plan.rule, None, plan, _bare_hits(plan, engine), undecided=undecided)


def _find_evidence(plan: RulePlan, engine: Engine) -> None:
    """Make ``hits__`` and ``evidence__`` of a rule."""
    _materialise(plan.hits, engine)
    _materialise(Statement(f"evidence__{plan.rule}", plan.evidence.sql, plan.evidence.title), engine)


def _count(plan: RulePlan, engine: Engine) -> Verdicts:
    """The verdicts of a rule; its ``possible`` is made."""
    population = engine.fetch(plan.population.sql, step=plan.population.title).to_pylist()[0]
    make_before(plan, engine)
    _materialise(plan.possible, engine)
    reasons: dict[str, int] = {}
    hits = 0
    for row in engine.fetch(plan.verdicts.sql, step=plan.verdicts.title).to_pylist():
        if row["reason"] is None:
            hits = int(row["subjects"])
        else:
            reasons[row["reason"]] = int(row["subjects"])
    return Verdicts(
        int(population["row_count"]), int(population["subjects"]), int(population["unidentified"]), hits, reasons
    )


def _bare_hits(plan: RulePlan, engine: Engine) -> pa.Table:
    """The hits, without a table of them."""
    return engine.fetch(f"SELECT * FROM ({plan.hits.sql}) AS h ORDER BY n", step=plan.hits.title)


def _second(wanted: SecondPartners, engine: Engine) -> dict[tuple[int | None, ...], list[int]]:
    found: dict[tuple[int | None, ...], list[int]] = defaultdict(list)
    for row in engine.fetch(wanted.statement.sql, step=wanted.statement.title).to_pylist():
        found[tuple(row[f"l{index}"] for index in range(len(wanted.left)))].append(row["r"])
    return found


def make_before(plan: RulePlan, engine: Engine) -> None:
    """Make what the other statements of a rule rest on."""
    for statement in plan.before:
        _materialise(statement, engine)


def run_blocked(rule: BlockedRule, engine: Engine) -> RuleOutcome:
    """A rule whose tables were not supplied: everyone is cannot tell."""
    if rule.population is None:
        return RuleOutcome(rule.rule, None, missing=rule.missing)
    row = engine.fetch(rule.population.sql, step=rule.population.title).to_pylist()[0]
    subjects = int(row["subjects"])
    reasons = {f"table_missing:{rule.missing[0]}": subjects} if subjects else {}
    counted = Verdicts(int(row["row_count"]), subjects, int(row["unidentified"]), 0, reasons)
    return RuleOutcome(rule.rule, counted, missing=rule.missing)


def drop_rule(plan: RulePlan, engine: Engine) -> None:
    """Give back the tables of a rule."""
    before = [statement.name for statement in plan.before]
    for name in (f"evidence__{plan.rule}", plan.hits.name, plan.possible.name, *reversed(before)):
        engine.drop(name)


def drop_facts(plan: ModelPlan, engine: Engine) -> None:
    """Give back the facts of a model."""
    for statement in reversed(plan.facts):
        engine.drop(statement.name)


def _funnel(statement: Statement | None, engine: Engine) -> tuple[FunnelStep, ...]:
    assert statement is not None, "compiled without its funnel"
    row = engine.fetch(statement.sql, step=statement.title).to_pylist()[0]
    steps = [line.split("\t", 1) for line in statement.name.split("\n") if line]
    return tuple(
        FunnelStep(step, title, int(row[f"reached_{index}"]), int(row[f"sure_{index}"]))
        for index, (step, title) in enumerate(steps)
    )


def _undecided(plan: RulePlan, engine: Engine) -> tuple[dict[str, object], ...]:
    """Every subject that is cannot tell, with its reason."""
    return tuple(engine.fetch(plan.undecided.sql, step=plan.undecided.title).to_pylist())


def _materialise(statement: Statement, engine: Engine) -> None:
    engine.make(statement.name, statement.sql, step=statement.title)
