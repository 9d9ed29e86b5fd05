"""Which cells a rule rests on: what evidence shows, and what ``facts_hash`` is made of (semantics 8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from jianheng.core.model.expression import Node, parse
from jianheng.core.model.scope import Scope, columns_of
from jianheng.core.model.sentence import Place, sentence_parts
from jianheng.core.model.shapes import dates_of, span_texts
from jianheng.core.model.spec import Facts, Rule
from jianheng.core.model.supervision_model import SupervisionModel, aggregate_of, candidate_scope

Columns = dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Reads:
    """Per table id the source columns: ``judged`` by conditions, guards and amount; ``shown`` besides."""

    judged: Columns
    shown: Columns


def reads_of(model: SupervisionModel, rule: Rule) -> Reads:
    """What ``rule`` and its facts read. Keys of joins, chains and derived columns are traced to their source."""
    judged, shown = _Collector(model), _Collector(model)
    scope = model.row_scope(rule)
    for condition in rule.where:
        judged.text(condition.when, scope)
    for part in rule.partners:
        inner = scope.adding(model.alias(part.table, part.as_)) if part.table else scope
        judged.text(part.when, inner)
        if part.on:
            shown.text(part.on, inner)
    for join in rule.join:
        shown.text(join.on, scope)
    if rule.amount:
        judged.text(rule.amount, scope)
    for name in model.facts_used(rule):
        _facts(model, model.spec.facts[name], judged, shown)
    for text in (*rule.subject, *rule.episode, rule.against, rule.judged_on):
        shown.text(text, scope)
    for place in sentence_parts(rule.say, rule, model.spec):
        if isinstance(place, Place) and place.expression:
            shown.text(place.expression, scope)
    return Reads(judged.columns(), shown.columns())


def _facts(model: SupervisionModel, facts: Facts, judged: _Collector, shown: _Collector) -> None:
    scope = model.row_scope(facts)
    for condition in facts.where:
        judged.text(condition.when, scope)
    for join in facts.join:
        shown.text(join.on, scope)
    for aggregate in facts.group.columns.values() if facts.group else ():
        judged.text(aggregate_of(aggregate)[1], scope)
        judged.text(aggregate.when, scope)
    for overlap in facts.overlap:
        inner = scope.adding(model.alias(overlap.table, overlap.as_))
        shown.text(overlap.on, inner)
        for text in (overlap.when, *span_texts(overlap.of), *span_texts(overlap.with_)):
            judged.text(text, inner)
    if facts.events:
        for text in (facts.events.start, facts.events.held, *(choice.when for choice in facts.events.choices)):
            judged.text(text, scope)
    for part in facts.events.parts if facts.events else ():
        inner = candidate_scope(model, part, scope)
        for text in (part.when, *dates_of(part)):
            judged.text(text, inner)
        if part.match:
            shown.text(part.match, inner)
    for candidate in facts.pick.candidates if facts.pick else ():
        own = candidate_scope(model, candidate, scope)
        for text in (candidate.on, candidate.when, *candidate.columns.values()):
            judged.text(text, own)


class _Collector:
    def __init__(self, model: SupervisionModel) -> None:
        self._model = model
        self._found: dict[str, set[str]] = defaultdict(set)

    def text(self, text: str, scope: Scope) -> None:
        """Take in every column of an expression."""
        self._nodes([scope.expand(parse(text))], scope)

    def _nodes(self, nodes: Iterable[Node], scope: Scope) -> None:
        for node in nodes:
            for column in columns_of(node):
                alias = scope.aliases[column.alias]
                if alias.is_facts:
                    continue
                table = self._model.lexicon.tables[alias.source]
                name = column.column
                if name in table.derive:
                    name = table.derive[name].source
                if name in table.columns:
                    self._found[alias.source].add(name)

    def columns(self) -> Columns:
        return {table: frozenset(names) for table, names in self._found.items()}
