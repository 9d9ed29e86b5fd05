"""FROM clauses: a row source with its partners, and when a row counts although a partner is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jianheng.core.compiler.profile import Profile
from jianheng.core.compiler.render import Renderer
from jianheng.core.model import expression as ast
from jianheng.core.model.scope import Alias
from jianheng.core.model.spec import Join
from jianheng.core.model.supervision_model import SupervisionModel, equalities, join_alias

ROW = "_row"


@dataclass(frozen=True, slots=True)
class JoinedRows:
    """A rendered FROM with the renderer that sees all its aliases; ``missing``: (join id, SQL true if it has no row)."""

    sql: str
    renderer: Renderer
    tables: tuple[Alias, ...]
    facts: tuple[tuple[Alias, tuple[tuple[ast.Column, ast.Column], ...]], ...]
    missing: tuple[tuple[str, str], ...]


def supplied(alias: Alias, profile: Profile) -> bool:
    """Whether there is anything to read behind an alias."""
    return alias.is_facts or alias.source in profile.tables


def source_sql(alias: Alias, renderer: Renderer) -> str:
    """``"table" AS "alias"``."""
    return f"{renderer.dialect.quote(alias.source)} AS {renderer.dialect.quote(alias.name)}"


def on_sql(pairs: Sequence[tuple[ast.Column, ast.Column]], renderer: Renderer) -> str:
    """The equalities of an ``on``."""
    return " AND ".join(
        f"{renderer.column(left.alias, left.column)} = {renderer.column(right.alias, right.column)}"
        for left, right in pairs
    )


def join_rows(model: SupervisionModel, first: str, joins: Sequence[Join], renderer: Renderer) -> JoinedRows:
    """The FROM of a rule or facts.

    Facts and tables that may be missing are left joins; ``missing: clean`` is an inner join: no partner, no candidate.
    """
    start = model.alias(first)
    renderer = replace(renderer, scope=renderer.scope.adding(start))
    sql = source_sql(start, renderer)
    tables = [] if start.is_facts else [start]
    facts: list[tuple[Alias, tuple[tuple[ast.Column, ast.Column], ...]]] = []
    missing: list[tuple[str, str]] = []
    for join in joins:
        alias = model.alias(join.table, join.as_)
        pairs = equalities(join.on, join_alias(join))
        inner = join.missing == "clean" and not alias.is_facts
        outer = renderer.outer if inner or alias.is_facts else renderer.outer | {alias.name}
        renderer = replace(renderer, scope=renderer.scope.adding(alias), outer=outer)
        sql += f"\n  {'JOIN' if inner else 'LEFT JOIN'} {source_sql(alias, renderer)} ON {on_sql(pairs, renderer)}"
        if alias.is_facts:
            facts.append((alias, tuple(pairs)))
        else:
            tables.append(alias)
            if not inner:
                missing.append((alias.name, f"{renderer.column(alias.name, ROW)} IS NULL"))
    return JoinedRows(sql, renderer, tuple(tables), tuple(facts), tuple(missing))


def all_of(conditions: Sequence[str]) -> str:
    """The conditions joined by AND; TRUE if there are none."""
    kept = [condition for condition in conditions if condition != "TRUE"]
    return "(" + " AND ".join(kept) + ")" if kept else "TRUE"
