"""Rows near at hand: a table's rows for some keys, copied once and read often.

Facts are asked for few keys, by a rule that has ruled out most subjects or for the evidence of its hits. Wherever such
a key decides which rows of a table are read, a copy of just those rows stands in for the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from jianheng.core.compiler.profile import Profile
from jianheng.core.compiler.rows import ROW, supplied
from jianheng.core.model import expression as ast
from jianheng.core.model.expression import parse
from jianheng.core.model.scope import columns_of
from jianheng.core.model.spec import Facts
from jianheng.core.model.supervision_model import SupervisionModel, equalities
from jianheng.core.model.uses import uses_of_facts


@dataclass(frozen=True, slots=True)
class Domain:
    """Values of a key: ``name`` tells two domains apart, ``values`` is a query of one column."""

    name: str
    values: str


@dataclass(frozen=True, slots=True)
class Held:
    """What an alias stands for, and its column whose values all lie in ``domain``."""

    source: str
    is_facts: bool
    column: str
    domain: Domain


@dataclass(slots=True)
class NearRows:
    """Hands out copies: ``(table, column, domain)`` -> its name; ``made`` are their queries, in order.

    ``columns``: per table the columns that a copy holds. ``known``: copies made before that may serve as well.
    """

    prefix: str
    columns: Mapping[str, Sequence[str]]
    quote: Callable[[str], str]
    known: dict[tuple[str, str, str], str] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)

    def of(self, table: str, column: str, domain: Domain) -> str:
        """The name of the copy of ``table`` with the rows whose ``column`` lies in ``domain``."""
        key = (table, column, domain.name)
        if key not in self.known:
            name = f"{self.prefix}{len(self.made)}"
            listing = ", ".join(f"t.{self.quote(one)}" for one in self.columns[table])
            rows = f"SELECT {listing} FROM {self.quote(table)} AS t"
            self.made[name] = f"{rows} WHERE t.{self.quote(column)} IN ({domain.values})"
            self.known[key] = name
        return self.known[key]

    def instead(self, held: Mapping[str, Held]) -> dict[str, str]:
        """Alias -> the copy that its rows are read from."""
        return {alias: self.of(one.source, one.column, one.domain) for alias, one in held.items() if not one.is_facts}


def near_columns(model: SupervisionModel, facts: Iterable[str], profile: Profile) -> dict[str, list[str]]:
    """Per table the columns that ``facts`` read, with the district and what every row has."""
    found: dict[str, dict[str, None]] = {}
    for name in facts:
        for use in uses_of_facts(model, model.spec.facts[name]):
            for column in columns_of(use.scope.expand(parse(use.text))):
                alias = use.scope.aliases[column.alias]
                if not alias.is_facts:
                    found.setdefault(alias.source, {})[column.column] = None
    for table in model.spec.tables.values():
        own = found.setdefault(table, {})
        district = model.lexicon.tables[table].district
        own |= dict.fromkeys((ROW, "_bad", *((district,) if district else ())))
        if table in profile.tables and profile.tables[table].repeats:
            own["_repeat"] = None
    return {table: list(columns) for table, columns in found.items()}


def held_aliases(
    model: SupervisionModel, facts: Facts, keys: Mapping[str, Domain], profile: Profile
) -> dict[str, Held]:
    """The aliases of ``facts`` whose rows matter only for keys in a domain, given the domains of its own keys.

    A join on such a column hands the domain on, to tables and to other facts.
    """
    held: dict[str, Held] = {}
    start = model.alias(facts.from_)
    for key, text in facts.form.by.items():
        node = model.base_scope().expand(parse(text))
        if key in keys and isinstance(node, ast.Column) and node.alias == start.name:
            held.setdefault(start.name, Held(start.source, start.is_facts, node.column, keys[key]))
    partners = [(join.table, join.as_, join.on) for join in facts.join]
    partners += [(overlap.table, overlap.as_, overlap.on) for overlap in facts.overlap]
    for candidate in facts.pick.candidates if facts.pick else ():
        if candidate.table and candidate.match:
            partners.append((candidate.table, candidate.as_, candidate.match))
    for source, name, on in partners:
        alias = model.alias(source, name)
        if not supplied(alias, profile):
            continue
        for left, right in equalities(on, alias.name):
            other = held.get(right.alias)
            if other and other.column == right.column:
                held.setdefault(alias.name, Held(alias.source, alias.is_facts, left.column, other.domain))
    return held
