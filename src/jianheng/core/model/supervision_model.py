"""A supervision model that has been read and checked: its specification and the scope of every part of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jianheng.core.model import expression as ast
from jianheng.core.model.expression import ExpressionError, Node, parse
from jianheng.core.model.scope import Alias, Scope, ScopeColumn, parameter_type, type_of
from jianheng.core.model.shapes import events_columns, overlap_aliases
from jianheng.core.model.spec import Aggregate, Candidate, Facts, Happening, Join, Model, Rule
from jianheng.core.terms.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class SupervisionModel:
    """``spec`` as written; ``digest`` names the exact text; ``sources`` are the aliases of tables and facts."""

    spec: Model
    folder: Path
    digest: str
    lexicon: Lexicon
    sources: dict[str, Alias] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.spec.id

    def rule(self, rule_id: str) -> Rule:
        """The rule of that id. Raises KeyError."""
        return next(rule for rule in self.spec.rules if rule.id == rule_id)

    def base_scope(self) -> Scope:
        """Parameters, lists and defined names; no alias."""
        params = {name: parameter_type(param.type) for name, param in self.spec.params.items()}
        lists = {name: tuple(words) for name, words in self.spec.lists.items()}
        return Scope({}, params, lists, self.spec.define)

    def alias(self, source: str, name: str | None = None) -> Alias:
        """``source`` (a table alias or facts name) under ``name``. Raises KeyError."""
        found = self.sources[source]
        if name is None or name == source:
            return found
        return Alias(name, found.source, found.title, found.columns, found.is_facts)

    def row_scope(self, part: Rule | Facts) -> Scope:
        """The scope of ``from`` and all joins of a rule or facts."""
        scope = self.base_scope().adding(self.alias(part.from_))
        for join in part.join:
            scope = scope.adding(self.alias(join.table, join.as_))
        return scope.adding(*overlap_aliases(part)) if isinstance(part, Facts) else scope

    def facts_used(self, rule: Rule) -> list[str]:
        """The facts a rule needs, each before those that use it."""
        wanted = {name for name in _tables_of(rule) if name in self.spec.facts}
        for name in reversed(list(self.spec.facts)):
            if name in wanted:
                wanted |= {inner for inner in _tables_of(self.spec.facts[name]) if inner in self.spec.facts}
        return [name for name in self.spec.facts if name in wanted]

    def tables_used(self, part: Rule | Facts) -> set[str]:
        """Table aliases (not facts) that ``part`` names itself."""
        return {name for name in _tables_of(part) if name in self.spec.tables}


def _tables_of(part: Rule | Facts) -> set[str]:
    found = {part.from_, *(join.table for join in part.join)}
    if isinstance(part, Rule):
        found |= {quantifier.table for quantifier in (*part.absent, *part.present)}
        found |= {guard.table for guard in part.unless if guard.table}
        return found
    found |= {overlap.table for overlap in part.overlap}
    if part.pick:
        found |= {candidate.table for candidate in part.pick.candidates if candidate.table}
    if part.events:
        found |= {happening.table for happening in part.events.parts if happening.table}
    return found


def table_alias(name: str, table_id: str, lexicon: Lexicon) -> Alias:
    """A table of the terms as a row source."""
    columns: dict[str, ScopeColumn] = {}
    for bit, term in enumerate(lexicon.columns(table_id).values()):
        own_bit = -1 if term.origin == "chain" else bit
        columns[term.id] = ScopeColumn(
            term.id, term.title, term.storage, term.empty, term.codes, own_bit, words=term.words
        )
    return Alias(name, table_id, lexicon.tables[table_id].title, columns)


def facts_alias(name: str, facts: Facts, model: SupervisionModel) -> Alias:
    """A facts table as a row source: its keys, then its columns. Raises ExpressionError."""
    scope = model.row_scope(facts)
    columns: dict[str, ScopeColumn] = {}
    if facts.events:
        return Alias(name, name, facts.title, events_columns(facts.events, scope), is_facts=True)
    for key, text in facts.form.by.items():
        columns[key] = ScopeColumn(key, key, type_of(parse(text), scope))
    if facts.group:
        for bit, (column, aggregate) in enumerate(facts.group.columns.items()):
            columns[column] = _aggregate_column(column, aggregate, scope, bit)
    elif facts.pick:
        columns["on"] = ScopeColumn("on", facts.title, "date", "never", bit=0)
        columns["source"] = ScopeColumn("source", "依据", "text", "never", bit=1)
        for bit, (column, text) in enumerate(facts.pick.candidates[0].columns.items(), start=2):
            kind = type_of(parse(text), candidate_scope(model, facts.pick.candidates[0], scope))
            columns[column] = ScopeColumn(column, column, kind, "never", bit=bit)
    return Alias(name, name, facts.title, columns, is_facts=True)


def candidate_scope(model: SupervisionModel, candidate: Candidate | Happening, scope: Scope) -> Scope:
    """The scope of one candidate of a pick or one happening of events."""
    return scope.adding(model.alias(candidate.table, candidate.as_)) if candidate.table else scope


def _aggregate_column(name: str, aggregate: Aggregate, scope: Scope, bit: int) -> ScopeColumn:
    kind, text = aggregate_of(aggregate)
    title = aggregate.title or name
    if kind == "count":
        return ScopeColumn(name, title, "integer", bounds=True)
    found = type_of(parse(text), scope)
    if kind == "sum":
        return ScopeColumn(name, title, found, bounds=True)
    return ScopeColumn(name, title, found, "never", bit=bit)


def aggregate_of(aggregate: Aggregate) -> tuple[str, str]:
    """Which of the four an aggregate is, and its expression. Raises ExpressionError M210."""
    written = [(kind, getattr(aggregate, kind)) for kind in ("sum", "count", "min", "max")]
    given = [(kind, text) for kind, text in written if text is not None]
    if len(given) != 1:
        raise ExpressionError("M210", 0, "sum、count、min、max 要写且只能写一个。")
    return given[0]


def equalities(text: str, partner: str) -> list[tuple[ast.Column, ast.Column]]:
    """An ``on`` text as pairs (column of the partner, column of an earlier alias). Raises ExpressionError M209."""
    pairs: list[tuple[ast.Column, ast.Column]] = []
    for part in conjuncts(parse(text)):
        pair = _equality(part, partner)
        if pair is None:
            hint = "其余条件请写在 when 里；两种对法请分成两条。"
            raise ExpressionError("M209", part.at, f"on 只能是「{partner}.列 = 前面的表.列」，用 and 连接。", hint)
        pairs.append(pair)
    return pairs


def _equality(node: Node, partner: str) -> tuple[ast.Column, ast.Column] | None:
    if not (isinstance(node, ast.Binary) and node.operator == "="):
        return None
    left, right = node.left, node.right
    if not (isinstance(left, ast.Column) and isinstance(right, ast.Column)):
        return None
    if left.alias == partner and right.alias != partner:
        return left, right
    if right.alias == partner and left.alias != partner:
        return right, left
    return None


def conjuncts(node: Node) -> Iterator[Node]:
    """The parts of an ``and``."""
    if isinstance(node, ast.Binary) and node.operator == "and":
        yield from conjuncts(node.left)
        yield from conjuncts(node.right)
    else:
        yield node


def join_alias(join: Join) -> str:
    """The name a join goes by."""
    return join.as_ or join.table


def ordered_sources(model: Model) -> Mapping[str, str]:
    """Every alias of the model -> what it stands for."""
    return {**model.tables, **{name: name for name in model.facts}}
