"""What a model found on one day, rule by rule: who is a clue, who cannot be told and why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from jianheng.core.compiler.compile import ModelPlan, compile_model
from jianheng.core.compiler.plan import RulePlan
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.errors import Problem, RunProblem
from jianheng.core.foundation.identity import hash_value
from jianheng.core.foundation.progress import Progress
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.evidence import value_text
from jianheng.core.screening.run import RuleOutcome, Verdicts, count_rule, drop_facts, run_blocked, run_facts
from jianheng.core.screening.tables import RunTables, run_inputs

Subject = tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class ClueKey:
    """What a clue is about, within its rule; values as clue files write them."""

    subject: Subject
    episode: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleFindings:
    """One rule on one day. ``verdicts`` is None where nobody could be counted; ``missing``: table aliases not supplied.

    ``undecided``: subject -> why it cannot be told, as a reason id.
    """

    rule: Rule
    clues: frozenset[ClueKey]
    verdicts: Verdicts | None
    undecided: Mapping[Subject, str]
    missing: tuple[str, ...]

    @property
    def subjects(self) -> frozenset[Subject]:
        """Whom the clues are about."""
        return frozenset(key.subject for key in self.clues)


_COUNTED = ("clue", "conflict")


def counted_kinds(model: SupervisionModel) -> tuple[str, ...]:
    """The kinds of rule that totals are over: clues and conflicts, or whatever a model has that has neither."""
    kinds = {rule.kind for rule in model.spec.rules}
    return _COUNTED if kinds & set(_COUNTED) else tuple(sorted(kinds))


Findings = Mapping[str, RuleFindings]
"""By rule id, in the order of the model."""


def plan_for(
    model: SupervisionModel,
    tables: RunTables,
    as_of: date,
    params: Mapping[str, object],
    engine: Engine,
    rules: Collection[str] | None = None,
) -> ModelPlan:
    """The plan of all rules, hints too: a draft is often nothing else."""
    return compile_model(model, run_inputs(model, tables, as_of, params, engine.dialect), rules)


def find(model: SupervisionModel, plan: ModelPlan, engine: Engine, progress: Progress) -> Findings:
    """Run ``plan`` on the tables that stand in ``engine``. Raises RunProblem (R205) if somebody asked to stop."""
    run_facts(plan, engine, progress)
    found = {}
    for rule_plan in plan.rules:
        if progress.cancelled():
            raise RunProblem(Problem("R205", "已按要求停止，没有写出任何结果。"))
        found[rule_plan.rule] = findings_of(model.rule(rule_plan.rule), count_rule(rule_plan, engine))
    for stop in plan.blocked:
        found[stop.rule] = findings_of(model.rule(stop.rule), run_blocked(stop, engine))
    drop_facts(plan, engine)
    return {rule.id: found[rule.id] for rule in model.spec.rules if rule.id in found}


def findings_of(rule: Rule, outcome: RuleOutcome) -> RuleFindings:
    """What an outcome says of whom."""
    clues = frozenset(clue_keys(rule, outcome.plan, outcome.hits)) if outcome.plan and outcome.hits else frozenset()
    count = len(rule.subject)
    undecided = {
        tuple(_text(row[f"s{index}"]) for index in range(count)): str(row["reason"]) for row in outcome.undecided
    }
    return RuleFindings(rule, clues, outcome.verdicts, undecided, outcome.missing)


def clue_keys(rule: Rule, plan: RulePlan, hits: pa.Table) -> Iterator[ClueKey]:
    """The clue that each hit belongs to, in the order of hits."""
    subject = [_texts(hits[f"s{index}"]) for index in range(len(plan.subject_names))]
    episode = [_texts(hits[f"e{index}"]) for index in range(len(rule.episode))]
    episodes = zip(*episode, strict=True) if episode else ((),) * hits.num_rows
    for who, when in zip(zip(*subject, strict=True), episodes, strict=True):
        yield ClueKey(who, when)


def clue_id(model: str, rule: str, names: Collection[str], key: ClueKey) -> str:
    """The id that ``screen`` gives the clue; ``names`` are those of the subject's columns."""
    subject = dict(zip(names, key.subject, strict=True))
    return hash_value({"episode": list(key.episode), "model": model, "rule": rule, "subject": subject})


def subject_names(rule: Rule) -> tuple[str, ...]:
    """The columns of the rule's first table that name its subject."""
    return tuple(text.partition(".")[2] for text in rule.subject)


def _texts(column: pa.ChunkedArray) -> list[str]:
    return [_text(value) for value in column.to_pylist()]


def _text(value: object) -> str:
    return value_text(value) or ""
