"""How far subjects get through a rule, condition by condition, and how many get as far in the same way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pyarrow as pa

from jianheng.core.appraisal.findings import Subject
from jianheng.core.compiler.compile import ModelPlan, compile_model
from jianheng.core.compiler.dialect import DIALECTS
from jianheng.core.compiler.plan import RulePlan, Trace
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.progress import Progress
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.evidence import value_text
from jianheng.core.screening.reasons import reason_text
from jianheng.core.screening.run import drop_facts, run_facts
from jianheng.core.screening.tables import RunTables, run_inputs

State = Literal["T", "F", "?"]

JOINED = "joined"
"""The step of having the partners that a rule must have (``missing: clean``)."""

Answers = Counter[tuple[str, ...]]
"""Answers to all steps in order -> subjects."""

_ASKED = "asked_about"
_BEST = "furthest"


@dataclass(frozen=True, slots=True)
class TracedStep:
    """One condition for one subject: ``state`` T met, F not met, ? cannot be told; ``say`` in words.

    ``title`` is the same without the subject's own value.
    """

    id: str
    title: str
    say: str
    state: State


@dataclass(frozen=True, slots=True)
class TracedSubject:
    """One subject under one rule, by the row that gets furthest.

    ``same``: how many other subjects have the very same answers; ``as_far``: how many others meet, or may meet, all
    that comes before the first condition that this one does not meet (for a hit: all); ``other_hits``: the hits of the
    rule besides.
    """

    rule: Rule
    subject: Subject
    steps: tuple[TracedStep, ...]
    same: int
    as_far: int
    other_hits: int

    @property
    def verdict(self) -> Literal["hit", "cannot_tell", "clean"]:
        """What the furthest row comes to."""
        states = {step.state for step in self.steps}
        return "clean" if "F" in states else "cannot_tell" if "?" in states else "hit"

    @property
    def stopped(self) -> TracedStep | None:
        """The first condition that is not met."""
        return next((step for step in self.steps if step.state == "F"), None)

    @property
    def depth(self) -> int:
        """How many conditions come before that."""
        return next((place for place, step in enumerate(self.steps) if step.state == "F"), len(self.steps))


@contextmanager
def tracing(
    model: SupervisionModel,
    tables: RunTables,
    as_of: date,
    params: Mapping[str, object],
    engine: Engine,
    progress: Progress,
    rules: Collection[str],
) -> Iterator[ModelPlan]:
    """The plan of some rules, compiled to be followed; its facts stand inside the block."""
    plan = compile_model(model, run_inputs(model, tables, as_of, params, engine.dialect, trace=True), rules)
    run_facts(plan, engine, progress)
    yield plan
    drop_facts(plan, engine)


def trace_subjects(
    model: SupervisionModel, plan: RulePlan, subjects: Collection[Subject], engine: Engine
) -> list[TracedSubject]:
    """Follow ``subjects`` of one rule (values as clue files write them) through it, in order.

    Whom a join leaves out, because it must have a partner and has none, is stopped by a step of its own (``JOINED``).
    """
    trace, rule, dialect = plan.trace, model.rule(plan.rule), DIALECTS[engine.dialect]
    assert trace is not None, "compiled without its trace"
    count, quote = len(plan.subject_names), dialect.quote
    keys = [f"s{index}" for index in range(count)]
    engine.load(_ASKED, pa.table({f"s{i}": pa.array([one[i] for one in subjects], pa.string()) for i in range(count)}))
    engine.make(trace.statement.name, trace.statement.sql, step=trace.statement.title)
    engine.make(_BEST, _furthest(trace, keys, quote), step=trace.statement.title)
    equal = " AND ".join(f"CAST(b.{key} AS {dialect.type('text')}) = a.{key}" for key in keys)
    rows = engine.fetch(f"SELECT b.* FROM {_BEST} AS b JOIN {_ASKED} AS a ON {equal}", step=trace.statement.title)
    answers = _answers(trace, engine)
    result = []
    for row in rows.to_pylist():
        own = tuple(row[f"c{index}"] for index in range(len(trace.steps)))
        subject = tuple(value_text(row[key]) or "" for key in keys)
        result.append(TracedSubject(rule, subject, _steps(plan, rule, row), *_others(own, answers)))
    left_out = sorted(set(subjects) - {one.subject for one in result})
    if left_out:
        result += _left_out(model, plan, left_out, answers, engine)
    for name in (_BEST, trace.statement.name, _ASKED):
        engine.drop(name)
    return sorted(result, key=lambda one: one.subject)


def why_clean(one: TracedSubject, model: SupervisionModel) -> str:
    """Which condition rules a clean subject out, in words."""
    stopped = one.stopped
    if stopped is None:
        return ""
    if stopped.id == JOINED:
        return f"没{stopped.title}"
    if stopped.id.startswith("guard:"):
        return f"排除情形成立：{stopped.title}"
    if any(part.id == stopped.id for part in one.rule.absent):
        return f"有相应的记录，「{stopped.title}」不成立"
    return f"不符合「{stopped.title}」"


def _left_out(
    model: SupervisionModel, plan: RulePlan, subjects: Sequence[Subject], answers: Answers, engine: Engine
) -> Iterator[TracedSubject]:
    """Those of whom no row was joined; the population that was not joined either is like them."""
    rule = model.rule(plan.rule)
    titles = [model.sources[join.table].title for join in rule.join if join.missing == "clean"]
    say = f"有对应的{'、'.join(titles)}记录"
    everybody = int(engine.fetch(plan.population.sql, step=plan.population.title).to_pylist()[0]["subjects"])
    alike, hits = everybody - answers.total() - 1, answers[("T",) * len(plan.trace.steps if plan.trace else ())]
    for subject in subjects:
        yield TracedSubject(rule, subject, (TracedStep(JOINED, say, say, "F"),), alike, everybody - 1, hits)


def _furthest(trace: Trace, keys: Sequence[str], quote: Any) -> str:
    """Of every subject the row that gets furthest: first by what is not met, then by what is unsure."""
    count = len(trace.steps)
    met = " ".join(f"WHEN c{index} = 'F' THEN {index}" for index in range(count))
    sure = " ".join(f"WHEN c{index} <> 'T' THEN {index}" for index in range(count))
    depth = f"CASE {met} ELSE {count} END" if met else "0"
    certain = f"CASE {sure} ELSE {count} END" if sure else "0"
    order = f"ROW_NUMBER() OVER (PARTITION BY {', '.join(keys)} ORDER BY depth DESC, certain DESC, r)"
    inner = f"SELECT t.*, {depth} AS depth, {certain} AS certain FROM {quote(trace.statement.name)} AS t"
    return f"SELECT * FROM (SELECT q.*, {order} AS place FROM ({inner}) AS q) AS p WHERE place = 1"


def _answers(trace: Trace, engine: Engine) -> Answers:
    """How many subjects gave which answers, by the row that gets furthest."""
    names = [f"c{index}" for index in range(len(trace.steps))]
    sql = f"SELECT {', '.join([*names, 'COUNT(*) AS subjects'])} FROM {_BEST} GROUP BY {', '.join(names)}"
    columns = engine.fetch(sql, step=trace.statement.title).to_pydict()
    counts = columns.pop("subjects")
    return Counter(dict(zip(zip(*columns.values(), strict=True), counts, strict=True)))


def _others(own: tuple[str, ...], answers: Answers) -> tuple[int, int, int]:
    """How many others have the same answers, get as far, are hits."""
    depth = _depth(own)
    as_far = sum(count for other, count in answers.items() if _depth(other) >= depth)
    met = ("T",) * len(own)
    return answers[own] - 1, as_far - 1, answers[met] - (own == met)


def _depth(answers: tuple[str, ...]) -> int:
    return answers.index("F") if "F" in answers else len(answers)


def _steps(plan: RulePlan, rule: Rule, row: Mapping[str, Any]) -> tuple[TracedStep, ...]:
    assert plan.trace is not None
    places = {value.key: number for number, value in enumerate(plan.values)}
    steps = []
    for index, (name, title) in enumerate(plan.trace.steps):
        number = places.get(name)
        value = value_text(row[f"v{number}"]) if number is not None else None
        bare, filled = (title.replace("{value}", text) for text in ("…", value or "…"))
        steps.append(TracedStep(name, bare, filled, row[f"c{index}"]))
    return tuple(steps)


def unsure_text(step: TracedStep, rule: Rule, model: SupervisionModel) -> str:
    """Why a step cannot be told."""
    return reason_text(step.id, model, rule)
