"""Which columns of facts anybody looks at: the others need not be made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from jianheng.core.model.expression import parse
from jianheng.core.model.scope import columns_of
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.model.uses import Use, uses_of_facts, uses_of_rule


def wanted_columns(model: SupervisionModel, rules: Iterable[Rule]) -> Mapping[str, frozenset[str]]:
    """Facts name -> its columns that ``rules``, or facts they need, name anywhere; facts nobody needs are left out."""
    found: dict[str, set[str]] = defaultdict(set)
    needed: set[str] = set()
    for rule in rules:
        needed.update(model.facts_used(rule))
        _note(uses_of_rule(model, rule), found)
    for name in needed:
        _note(uses_of_facts(model, model.spec.facts[name]), found)
    return {name: frozenset(found[name]) for name in needed}


def _note(uses: Iterable[Use], found: dict[str, set[str]]) -> None:
    for use in uses:
        for column in columns_of(use.scope.expand(parse(use.text))):
            alias = use.scope.aliases[column.alias]
            found[alias.source].add(column.column)
