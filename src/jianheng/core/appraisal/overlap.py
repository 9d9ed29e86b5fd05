"""Which other model already says the same of the same rows.

Every clue has a row of its own, that of its rule's first table, and rows that it cites. Two clues say something of the
same matter if the own row of one is among the rows of the other. Rows that both merely look something up in (an
account directory, a calendar of judgments) do not make them one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from jianheng.core.appraisal.findings import ClueKey, clue_keys
from jianheng.core.compiler.compile import ModelPlan
from jianheng.core.compiler.dialect import DIALECTS
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.progress import Progress, Quiet
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.model_run import run_model

Place = tuple[str, int]
"""A table and a row in it."""


@dataclass(frozen=True, slots=True)
class CitedClues:
    """The clues of one rule with their rows. ``own`` are among ``cited``."""

    model: SupervisionModel
    rule: Rule
    own: Mapping[ClueKey, frozenset[Place]]
    cited: Mapping[ClueKey, frozenset[Place]]


@dataclass(frozen=True, slots=True)
class Overlap:
    """``shared`` of our rule's ``clues`` are also said by ``theirs`` of the ``other_clues`` of another model's rule."""

    rule: Rule
    other: SupervisionModel
    other_rule: Rule
    shared: int
    clues: int
    theirs: int
    other_clues: int


def cited_clues(model: SupervisionModel, plan: ModelPlan, engine: Engine, progress: Progress) -> Iterator[CitedClues]:
    """Run ``plan`` and give the clues of every rule that could run, with the rows that they cite."""
    quote = DIALECTS[engine.dialect].quote
    for rule, outcome in run_model(model, plan, engine, Quiet(progress)):
        if outcome.plan is None or outcome.hits is None:
            continue
        keys = list(clue_keys(rule, outcome.plan, outcome.hits))
        table = model.alias(rule.from_).source
        own: dict[ClueKey, set[Place]] = {}
        for key, row in zip(keys, outcome.hits[f"r_{rule.from_}"].to_pylist(), strict=True):
            own.setdefault(key, set()).add((table, row))
        cited = {key: set(places) for key, places in own.items()}
        rows = engine.fetch(f"SELECT n, t, r FROM {quote(f'evidence__{rule.id}')}", step="证据行").to_pydict()
        for number, name, row in zip(rows["n"], rows["t"], rows["r"], strict=True):
            cited[keys[number - 1]].add((name, row))
        yield CitedClues(model, rule, _frozen(own), _frozen(cited))


def overlaps(ours: Iterable[CitedClues], others: Iterable[CitedClues]) -> Iterator[Overlap]:
    """Every pair of rules that have something in common, ours in order."""
    theirs = list(others)
    for mine in ours:
        for other in theirs:
            pairs = _pairs(mine, other)
            if pairs:
                shared, back = ({pair[side] for pair in pairs} for side in (0, 1))
                counts = len(shared), len(mine.own), len(back), len(other.own)
                yield Overlap(mine.rule, other.model, other.rule, *counts)


def _pairs(mine: CitedClues, other: CitedClues) -> set[tuple[ClueKey, ClueKey]]:
    own, cited = _by_place(mine.own), _by_place(mine.cited)
    found = {(key, one) for one, places in other.cited.items() for place in places for key in own.get(place, ())}
    return found | {(key, one) for one, places in other.own.items() for place in places for key in cited.get(place, ())}


def _by_place(rows: Mapping[ClueKey, Iterable[Place]]) -> dict[Place, list[ClueKey]]:
    index: dict[Place, list[ClueKey]] = {}
    for key, places in rows.items():
        for place in places:
            index.setdefault(place, []).append(key)
    return index


def _frozen(rows: Mapping[ClueKey, set[Place]]) -> dict[ClueKey, frozenset[Place]]:
    return {key: frozenset(places) for key, places in rows.items()}
