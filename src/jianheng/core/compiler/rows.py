"""FROM clauses: a row source with its partners, and when a row counts although a partner is missing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from jianheng.core.compiler.profile import Profile
from jianheng.core.compiler.render import FLAT, Renderer
from jianheng.core.model import expression as ast
from jianheng.core.model.scope import Alias
from jianheng.core.model.spec import Join
from jianheng.core.model.supervision_model import SupervisionModel, equalities, join_alias

ROW = "_row"


@dataclass(frozen=True, slots=True)
class Missing:
    """A partner that may be missing: the reason, whether a row stays possible, whether that leaves it unsure."""

    reason: str
    keeps: str
    unsure: str


@dataclass(frozen=True, slots=True)
class JoinedRows:
    """A rendered FROM with the renderer that sees all its aliases; ``missing``: what a missing partner means.

    ``given``: the aliases whose columns come from a table of rows joined before.
    """

    sql: str
    renderer: Renderer
    tables: tuple[Alias, ...]
    facts: tuple[tuple[Alias, tuple[tuple[ast.Column, ast.Column], ...]], ...]
    missing: tuple[Missing, ...]
    given: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Given:
    """A table of rows joined before, flat: it holds every column needed of ``aliases``."""

    table: str
    aliases: frozenset[str]


def supplied(alias: Alias, profile: Profile) -> bool:
    """Whether there is anything to read behind an alias."""
    return alias.is_facts or alias.source in profile.tables


def source_sql(alias: Alias, renderer: Renderer) -> str:
    """``"table" AS "alias"``, or a copy of the rows that matter."""
    table = renderer.instead.get(alias.name, alias.source)
    return f"{renderer.dialect.quote(table)} AS {renderer.dialect.quote(alias.name)}"


def doubtful_source_sql(alias: Alias, renderer: Renderer, doubts: str) -> str:
    """The table with a row in which nothing can be told for every chain that an unlinked row may belong to."""
    quote, kind = renderer.dialect.quote, renderer.dialect.type
    names = [*alias.columns, ROW, "_bad"]
    chain = ("chain", "chain_position", "chain_count")
    blanks = [
        f"d.{quote(column.name)}" if column.name in chain else f"CAST(NULL AS {kind(column.type)})"
        for column in alias.columns.values()
    ]
    blanks += ["CAST(NULL AS BIGINT)", str((1 << len(alias.columns)) - 1)]
    listing = ", ".join(quote(name) for name in names)
    unsure = f"SELECT {', '.join(blanks)} FROM {quote(doubts)} AS d"
    return f"(SELECT {listing} FROM {quote(alias.source)} UNION ALL {unsure}) AS {quote(alias.name)}"


def null_keys(pairs: Sequence[tuple[ast.Column, ast.Column]], renderer: Renderer) -> str:
    """TRUE where a key of our own side is unknown; FALSE if the data rule it out. A blank that means none is known."""
    return unknown_key(pairs, renderer) or "FALSE"


def on_sql(pairs: Sequence[tuple[ast.Column, ast.Column]], renderer: Renderer) -> str:
    """The equalities of an ``on``."""
    return " AND ".join(
        f"{renderer.column(left.alias, left.column)} = {renderer.column(right.alias, right.column)}"
        for left, right in pairs
    )


def join_rows(
    model: SupervisionModel,
    first: str,
    joins: Sequence[Join],
    renderer: Renderer,
    doubts_of: Callable[[Alias, Sequence[tuple[ast.Column, ast.Column]]], str] | None = None,
    *,
    flat: bool = False,
    narrowed: str = "",
    given: Given | None = None,
) -> JoinedRows:
    """The FROM of facts or, with ``doubts_of`` (an alias's table of doubted chains, or empty), of a rule.

    Facts and tables that may be missing are left joins; ``missing: clean`` is an inner join: no partner, no candidate.
    In a rule a row whose key is unknown stays possible, and doubted chains have a partner that nothing is known of.
    ``flat``: the renderer is for a source that ``bound_values`` makes of the FROM. ``narrowed``: a further inner JOIN
    to be written right behind the first table. ``given``: rows joined before, which are not joined again.
    """
    start = model.alias(first)
    bare = given.aliases if given else frozenset[str]()
    names = frozenset((start.name, *(join_alias(join) for join in joins))) if flat else bare
    renderer = replace(renderer, scope=renderer.scope.adding(start), flat=names)
    quote = renderer.dialect.quote
    sql = f"{quote(given.table)} AS {quote(FLAT)}" if given else source_sql(start, renderer) + narrowed
    tables = [] if start.is_facts else [start]
    facts: list[tuple[Alias, tuple[tuple[ast.Column, ast.Column], ...]]] = []
    missing: list[Missing] = []
    for join in joins:
        alias = model.alias(join.table, join.as_)
        pairs = equalities(join.on, join_alias(join))
        no_key = null_keys(pairs, renderer) if doubts_of else "FALSE"
        doubts = doubts_of(alias, pairs) if doubts_of else ""
        may_lack = not alias.is_facts and join.missing == "clean"
        inner = may_lack and no_key == "FALSE"
        sure = alias.is_facts or (inner and not doubts)
        outer = renderer.outer if sure else renderer.outer | {alias.name}
        renderer = replace(renderer, scope=renderer.scope.adding(alias), outer=outer)
        source = doubtful_source_sql(alias, renderer, doubts) if doubts else source_sql(alias, renderer)
        if alias.is_facts:
            unknown = unknown_key(pairs, renderer)
            if unknown:
                renderer = replace(renderer, unknown_keys={**renderer.unknown_keys, alias.name: unknown})
        if alias.name not in bare:
            sql += f"\n  {'JOIN' if inner else 'LEFT JOIN'} {source} ON {on_sql(pairs, replace(renderer, flat=bare))}"
        if no_key != "FALSE":
            missing.append(Missing(f"key_missing:{alias.name}", "TRUE", no_key))
        if alias.is_facts:
            facts.append((alias, tuple(pairs)))
            continue
        tables.append(alias)
        if not sure:
            no_row = f"{renderer.column(alias.name, ROW)} IS NULL"
            found = f"({renderer.column(alias.name, '_bad')} IS NOT NULL OR {no_key})"
            missing.append(Missing(f"no_partner:{alias.name}", found if may_lack and not inner else "TRUE", no_row))
    return JoinedRows(sql, renderer, tuple(tables), tuple(facts), tuple(missing), bare)


def joins_for(
    aliases: Collection[str], joins: Sequence[Join], model: SupervisionModel, renderer: Renderer
) -> list[Join]:
    """Those of ``joins`` that ``aliases`` need or that add or drop rows: facts looked up by all keys do neither."""
    needed, kept = set(aliases), list[Join]()
    for join in reversed(joins):
        alias, pairs = model.alias(join.table, join.as_), equalities(join.on, join_alias(join))
        one_row = alias.is_facts and {left.column for left, _ in pairs}.issuperset(renderer.facts[alias.source].keys)
        if not one_row or alias.name in needed:
            kept.insert(0, join)
            needed |= {right.alias for _, right in pairs}
    return kept


def unknown_key(pairs: Sequence[tuple[ast.Column, ast.Column]], renderer: Renderer) -> str:
    """SQL that is TRUE where the facts cannot be looked up because a key is unknown; empty where that cannot be.

    No partner then means nothing: the facts are unknown, not absent (semantics 11).
    """
    tests = []
    for _, right in pairs:
        if renderer.nullable(right) and not renderer.scope.column(right).bounds:
            has = renderer.truth(ast.Call(0, "has", (right,)))
            if has != f"({renderer.column(right.alias, right.column)} IS NOT NULL)":
                tests.append(f"({has}) IS NULL")
    return f"({' OR '.join(tests)})" if tests else ""
