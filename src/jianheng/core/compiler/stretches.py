"""Stretches of days as SQL: first and last day of a row, and rows of one key that touch or overlap made one.

A row whose days or condition are not known is *unsure*: it may be anywhere its known parts allow. Sure rows alone give
what certainly is, all rows together what at most may be; both are merged, so that a day is never counted twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from jianheng.core.compiler.render import Renderer
from jianheng.core.model import expression as ast
from jianheng.core.model.scope import ScopeColumn
from jianheng.core.model.spec import Span

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
"""No cell is read outside these days: a day nobody knows lies between them."""

_RUNNING = ("open", "never")


@dataclass(frozen=True, slots=True)
class Days:
    """First and last day of a stretch: ``sure`` NULL where unknown, ``possible`` as wide as may be.

    ``certain``: the data rule out that anything is unknown; then ``sure`` and ``possible`` are the same. ``there``:
    tests of a row that has such days: they have come, and end no sooner than they begin. ``edge``: the last possible
    day, of what is still running the day up to which that is known.
    """

    sure: tuple[str, str]
    possible: tuple[str, str]
    certain: bool
    edge: str
    there: tuple[str, ...] = ()


def days_of(span: Span, renderer: Renderer, claim: date) -> Days:
    """The days of ``span``; one that is still running lasts to ``claim`` for sure and perhaps to ``as_of``."""
    dialect = renderer.dialect
    if span.month is not None:
        node = renderer.expression(span.month)
        month = renderer.value(node).certain
        wide = (_or(month, FIRST_DAY, renderer, node), _or(f"last_day({month})", LAST_DAY, renderer, node))
        return Days((month, f"last_day({month})"), wide, not renderer.nullable(node), wide[1])
    first, last = renderer.expression(span.from_ or ""), renderer.expression(span.to or span.until or "")
    begins, ends = renderer.value(first).certain, renderer.value(last).certain
    if span.until is not None:
        ends = dialect.add_days(ends, "-1")
    blank_first, blank_last = blank_test(first, renderer), blank_test(last, renderer)
    running = ends
    if blank_last:
        running = f"(CASE WHEN {blank_last} THEN {dialect.literal(renderer.as_of)} ELSE {ends} END)"
        ends = f"(CASE WHEN {blank_last} THEN {dialect.literal(claim)} ELSE {ends} END)"
    there = ""
    if blank_first and _empty(first, renderer) == "never":
        there = f"NOT COALESCE({blank_first}, FALSE)"
    elif blank_first:
        begins = f"(CASE WHEN {blank_first} THEN {dialect.literal(FIRST_DAY)} ELSE {begins} END)"
    known_first = not renderer.nullable(first) or _only_blank(first, renderer)
    known_last = not renderer.nullable(last) or _only_blank(last, renderer)
    wide_first = begins if known_first else f"COALESCE({begins}, {dialect.literal(FIRST_DAY)})"
    unknown = dialect.literal(LAST_DAY)
    wide_last, edge = (one if known_last else f"COALESCE({one}, {unknown})" for one in (running, ends))
    tests = tuple(test for test in (there, f"{wide_first} <= {wide_last}") if test)
    ended = not blank_last or claim == renderer.as_of
    return Days((begins, ends), (wide_first, wide_last), known_first and known_last and ended, edge, tests)


def blank_test(node: ast.Node, renderer: Renderer) -> str:
    """TRUE where a date is blank and blank means that it has not come; empty where that cannot be."""
    if not isinstance(node, ast.Column):
        return ""
    column = renderer.scope.column(node)
    if column.empty not in _RUNNING or not renderer.nullable(node):
        return ""
    has = renderer.truth(ast.Call(0, "has", (node,)))
    return f"(NOT {has})"


def merged(rows: str, keys: Sequence[str], renderer: Renderer) -> str:
    """``rows`` (keys, ``f``, ``l``) with those that touch or overlap made one: keys, ``f``, ``l``."""
    by = ", ".join(keys)
    numbered = _numbered(rows, by, "f", "l", "c", renderer)
    return f"SELECT {by}, MIN(f) AS f, MAX(l) AS l FROM ({numbered}) AS s GROUP BY {by}, c"


def merged_unsure(rows: str, keys: Sequence[str], renderer: Renderer) -> str:
    """``rows`` (keys, possible days ``f`` to ``l``, sure days ``sf`` to ``sl``, edge ``e``) merged by ``f`` and ``l``.

    For each merged stretch ``cf`` to ``cl`` with its last edge ``ce`` a row for every part ``sf`` to ``sl`` that is
    sure, and one without days where something is not.
    """
    by = ", ".join(keys)
    clusters = _numbered(rows, by, "f", "l", "c", renderer)
    whole = f"OVER (PARTITION BY {by}, c)"
    edges = f"MIN(f) {whole} AS cf, MAX(l) {whole} AS cl, MAX(e) {whole} AS ce"
    wide = f"SELECT {by}, c, {edges}, sf, sl, sf IS NULL AS lacks FROM ({clusters}) AS s"
    parts = _numbered(wide, f"{by}, c, lacks", "sf", "sl", "n", renderer)
    return (
        f"SELECT {by}, cf, cl, ce, MIN(sf) AS sf, MAX(sl) AS sl FROM ({parts}) AS s GROUP BY {by}, cf, cl, ce, lacks, n"
    )


def _numbered(rows: str, by: str, first: str, last: str, number: str, renderer: Renderer) -> str:
    """``rows`` with the running ``number`` of the stretch that each belongs to within its keys."""
    order = f"PARTITION BY {by} ORDER BY {first}, {last}"
    before = f"MAX({last}) OVER ({order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    begins = f"CASE WHEN {first} <= {renderer.dialect.add_days(before, '1')} THEN 0 ELSE 1 END"
    running = f"SUM(b) OVER ({order} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
    return f"SELECT s.*, {running} AS {number} FROM (SELECT s.*, {begins} AS b FROM ({rows}) AS s) AS s"


def length(first: str, last: str, renderer: Renderer) -> str:
    """Days from ``first`` to ``last``, both counted."""
    return f"CAST({renderer.dialect.days_between(first, last)} + 1 AS BIGINT)"


def _empty(node: ast.Node, renderer: Renderer) -> str:
    column: ScopeColumn | None = renderer.scope.column(node) if isinstance(node, ast.Column) else None
    return column.empty if column else "unknown"


def _only_blank(node: ast.Node, renderer: Renderer) -> bool:
    """Whether a NULL can only be a blank that means something."""
    if not isinstance(node, ast.Column) or node.alias in renderer.outer:
        return False
    alias, column = renderer.scope.aliases[node.alias], renderer.scope.column(node)
    return column.empty in _RUNNING and not renderer.can_be_unread(alias, column)


def _or(sql: str, day: date, renderer: Renderer, node: ast.Node) -> str:
    return f"COALESCE({sql}, {renderer.dialect.literal(day)})" if renderer.nullable(node) else sql
