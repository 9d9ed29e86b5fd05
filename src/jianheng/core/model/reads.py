"""Which cells a rule rests on: what evidence shows, and what ``facts_hash`` is made of (semantics 8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from jianheng.core.model.expression import Node, parse
from jianheng.core.model.scope import Scope, columns_of
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.model.uses import uses_of_facts, uses_of_rule

Columns = dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Reads:
    """Per table id the source columns: ``judged`` by conditions, guards and amount; ``shown`` besides."""

    judged: Columns
    shown: Columns


def reads_of(model: SupervisionModel, rule: Rule) -> Reads:
    """What ``rule`` and its facts read. Keys of joins, chains and derived columns are traced to their source."""
    judged, shown = _Collector(model), _Collector(model)
    facts = (model.spec.facts[name] for name in model.facts_used(rule))
    for use in chain(uses_of_rule(model, rule), *(uses_of_facts(model, one) for one in facts)):
        if use.purpose != "found":
            (judged if use.purpose == "judged" else shown).text(use.text, use.scope)
    return Reads(judged.columns(), shown.columns())


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
