"""Every expression of a rule and of facts, with the scope it is read in and what it is used for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from jianheng.core.model.scope import Scope
from jianheng.core.model.sentence import Place, sentence_parts
from jianheng.core.model.shapes import dates_of, span_texts
from jianheng.core.model.spec import Facts, Rule
from jianheng.core.model.supervision_model import SupervisionModel, aggregate_of, candidate_scope

Purpose = Literal["judged", "shown", "found"]


@dataclass(frozen=True, slots=True)
class Use:
    """An expression as it is written. ``judged``: the answer depends on it. ``shown``: it identifies or tells.

    ``found``: it only finds rows or days, and evidence does not show it.
    """

    text: str
    scope: Scope
    purpose: Purpose


def uses_of_rule(model: SupervisionModel, rule: Rule) -> Iterator[Use]:
    """Every expression of ``rule``, without those of its facts."""
    scope = model.row_scope(rule)
    yield from _each((condition.when for condition in rule.where), scope, "judged")
    yield from _each((join.on for join in rule.join), scope, "shown")
    yield from _each([rule.amount] if rule.amount else [], scope, "judged")
    yield from _each((*rule.subject, *rule.episode, rule.against, rule.judged_on), scope, "shown")
    yield from _each((part.covering for part in rule.absent if part.covering), scope, "found")
    places = (place for place in sentence_parts(rule.say, rule, model.spec) if isinstance(place, Place))
    yield from _each((place.expression for place in places if place.expression), scope, "shown")
    for part in rule.partners:
        inner = scope.adding(model.alias(part.table, part.as_)) if part.table else scope
        yield Use(part.when, inner, "judged")
        yield from _each([part.on] if part.on else [], inner, "shown")


def uses_of_facts(model: SupervisionModel, facts: Facts) -> Iterator[Use]:
    """Every expression of ``facts``."""
    scope = model.row_scope(facts)
    yield from _each(facts.form.by.values(), scope, "found")
    yield from _each((condition.when for condition in facts.where), scope, "judged")
    yield from _each((join.on for join in facts.join), scope, "shown")
    for aggregate in facts.group.columns.values() if facts.group else ():
        yield from _each((aggregate_of(aggregate)[1], aggregate.when), scope, "judged")
    for overlap in facts.overlap:
        inner = scope.adding(model.alias(overlap.table, overlap.as_))
        yield Use(overlap.on, inner, "shown")
        yield from _each((overlap.when, *span_texts(overlap.of), *span_texts(overlap.with_)), inner, "judged")
    for candidate in facts.pick.candidates if facts.pick else ():
        inner = candidate_scope(model, candidate, scope)
        yield from _each((candidate.on, candidate.when, *candidate.columns.values()), inner, "judged")
        yield from _each([candidate.match] if candidate.match else [], inner, "found")
    if facts.events:
        own = (facts.events.start, facts.events.held, *(choice.when for choice in facts.events.choices))
        yield from _each(own, scope, "judged")
    for part in facts.events.parts if facts.events else ():
        inner = candidate_scope(model, part, scope)
        yield from _each((part.when, *dates_of(part)), inner, "judged")
        yield from _each([part.match] if part.match else [], inner, "shown")


def _each(texts: Iterable[str], scope: Scope, purpose: Purpose) -> Iterator[Use]:
    return (Use(text, scope, purpose) for text in texts)
