"""Which columns of facts anybody looks at: the others need not be made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from jianheng.core.model.expression import parse
from jianheng.core.model.scope import Scope, columns_of
from jianheng.core.model.sentence import Place, sentence_parts
from jianheng.core.model.shapes import dates_of, span_texts
from jianheng.core.model.spec import Facts, Rule
from jianheng.core.model.supervision_model import SupervisionModel, aggregate_of, candidate_scope


def wanted_columns(model: SupervisionModel, rules: Iterable[Rule]) -> Mapping[str, frozenset[str]]:
    """Facts name -> its columns that ``rules``, or facts they need, name anywhere; facts nobody needs are left out."""
    found: dict[str, set[str]] = defaultdict(set)
    needed: set[str] = set()
    for rule in rules:
        needed.update(model.facts_used(rule))
        _note(rule_expressions(model, rule), found)
    for name in needed:
        _note(facts_expressions(model, model.spec.facts[name]), found)
    return {name: frozenset(found[name]) for name in needed}


def _note(expressions: Iterable[tuple[str, Scope]], found: dict[str, set[str]]) -> None:
    for text, scope in expressions:
        for column in columns_of(scope.expand(parse(text))):
            alias = scope.aliases[column.alias]
            found[alias.source].add(column.column)


def rule_expressions(model: SupervisionModel, rule: Rule) -> Iterator[tuple[str, Scope]]:
    """Every expression of a rule with the scope it is read in."""
    scope = model.row_scope(rule)
    own = [*rule.subject, *rule.episode, rule.against, rule.judged_on, *(join.on for join in rule.join)]
    own += [condition.when for condition in rule.where]
    own += [part.covering for part in rule.absent if part.covering]
    own += [rule.amount] if rule.amount else []
    for place in sentence_parts(rule.say, rule, model.spec):
        if isinstance(place, Place) and place.expression:
            own.append(place.expression)
    yield from ((text, scope) for text in own)
    for part in rule.partners:
        inner = scope.adding(model.alias(part.table, part.as_)) if part.table else scope
        yield from ((text, inner) for text in (part.when, part.on) if text)


def facts_expressions(model: SupervisionModel, facts: Facts) -> Iterator[tuple[str, Scope]]:
    """Every expression of facts with the scope it is read in."""
    scope = model.row_scope(facts)
    own = [*facts.form.by.values(), *(join.on for join in facts.join), *(condition.when for condition in facts.where)]
    for aggregate in facts.group.columns.values() if facts.group else ():
        own += [aggregate_of(aggregate)[1], aggregate.when]
    if facts.events:
        own += [facts.events.start, facts.events.held, *(choice.when for choice in facts.events.choices)]
    yield from ((text, scope) for text in own)
    for overlap in facts.overlap:
        inner = scope.adding(model.alias(overlap.table, overlap.as_))
        yield from ((text, inner) for text in (overlap.on, overlap.when))
        yield from ((text, inner) for text in (*span_texts(overlap.of), *span_texts(overlap.with_)))
    for candidate in facts.pick.candidates if facts.pick else ():
        inner = candidate_scope(model, candidate, scope)
        texts = (candidate.on, candidate.when, candidate.match, *candidate.columns.values())
        yield from ((text, inner) for text in texts if text)
    for part in facts.events.parts if facts.events else ():
        inner = candidate_scope(model, part, scope)
        yield from ((text, inner) for text in (part.when, part.match, *dates_of(part)) if text)
