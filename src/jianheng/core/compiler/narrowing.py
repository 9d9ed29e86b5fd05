"""Costly facts last: a rule first rules out what it can by what costs little, then makes them for the rest alone.

How a bail ended takes as long to find out as everything else together; asked only of the deposits that are still
without a refund it takes next to nothing. Nothing that is judged changes: whom a cheap step rules out is clean,
whatever the costly facts would say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from jianheng.core.compiler.near import Domain, held_aliases
from jianheng.core.compiler.render import Renderer
from jianheng.core.compiler.rows import supplied
from jianheng.core.compiler.steps import step_aliases
from jianheng.core.model.spec import Facts, Join, Rule
from jianheng.core.model.supervision_model import SupervisionModel, equalities, join_alias


@dataclass(frozen=True, slots=True)
class Narrowing:
    """``late``: the aliases joined last. ``private``: the facts made for this rule alone, each before its users."""

    late: frozenset[str]
    private: tuple[str, ...]


def narrowing_of(model: SupervisionModel, rule: Rule, shared: Collection[str], renderer: Renderer) -> Narrowing | None:
    """How ``rule`` is narrowed, if it pays: facts outside ``shared`` that cost much, and a step that needs none."""
    joins = [join for join in rule.join if supplied(model.alias(join.table), renderer.profile)]
    late = _late(model, joins, shared)
    if not late:
        return None
    early = {rule.from_, *(join_alias(join) for join in joins)} - late
    named = [step_aliases(model, part, renderer) for part in (*rule.where, *rule.partners)]
    if not any(aliases and aliases <= early for aliases in named):
        return None
    kept = set[str]()  # facts that an early step may look at, and what they rest on
    pending = [join.table for join in joins if join_alias(join) in early and join.table in model.spec.facts]
    while pending:
        name = pending.pop()
        kept.add(name)
        pending += [inner for inner in _facts_in(model, model.spec.facts[name]) if inner not in kept]
    private = tuple(name for name in model.facts_used(rule) if name not in kept and name not in shared)
    return Narrowing(late, private) if private else None


def _late(model: SupervisionModel, joins: list[Join], shared: Collection[str]) -> frozenset[str]:
    """Costly facts of this rule alone, and whatever is looked up by them; none where a table would have to wait too."""
    late: set[str] = set()
    for join in joins:
        alias, pairs = model.alias(join.table, join.as_), equalities(join.on, join_alias(join))
        waits = any(right.alias in late for _, right in pairs)
        costly = alias.is_facts and join.table not in shared and _is_costly(model.spec.facts[join.table])
        if not (waits or costly):
            continue
        if not alias.is_facts or {left.column for left, _ in pairs} != set(model.spec.facts[join.table].form.by):
            return frozenset()
        late.add(alias.name)
    return frozenset(late)


def _is_costly(facts: Facts) -> bool:
    return facts.group is None or bool(facts.join or facts.overlap)


def _facts_in(model: SupervisionModel, facts: Facts) -> Iterator[str]:
    yield from (join.table for join in facts.join if join.table in model.spec.facts)
    if facts.from_ in model.spec.facts:
        yield facts.from_


def key_domains(
    model: SupervisionModel, rule: Rule, narrowing: Narrowing, remaining: str, renderer: Renderer
) -> dict[str, dict[str, Domain]]:
    """For each private facts the keys it is asked for, where all that ask agree; ``remaining``: the rows left."""
    asked: dict[str, list[dict[str, Domain]]] = {name: [] for name in narrowing.private}
    quote = renderer.dialect.quote
    for join in rule.join:
        if join.table not in asked:
            continue
        domains = {}
        for left, right in equalities(join.on, join_alias(join)):
            if right.alias not in narrowing.late:
                column = f"{right.alias}.{right.column}"
                domains[left.column] = Domain(column, f"SELECT {quote(column)} FROM {quote(remaining)}")
        asked[join.table].append(domains)
    agreed: dict[str, dict[str, Domain]] = {}
    for name in reversed(narrowing.private):
        agreed[name] = _agreed(asked[name])
        held = held_aliases(model, model.spec.facts[name], agreed[name], renderer.profile)
        for inner in model.spec.facts[name].join:
            if inner.table in asked:
                one = held.get(join_alias(inner))
                asked[inner.table].append({one.column: one.domain} if one else {})
    return agreed


def _agreed(asked: list[dict[str, Domain]]) -> dict[str, Domain]:
    first, *others = asked or [{}]
    return {key: domain for key, domain in first.items() if all(other.get(key) == domain for other in others)}
