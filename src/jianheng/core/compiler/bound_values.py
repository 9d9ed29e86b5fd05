"""Values computed once: a statutory deadline named in three conditions, the sentence and the amount is one column.

Written out everywhere, an expression of expressions grows with every level it is used on. Where a rule has such, its
joined rows become one flat source ``f`` (a column is ``"alias.column"``) with a further column for each value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from jianheng.core.compiler.bounds import Value
from jianheng.core.compiler.render import CALENDAR, FLAT, Renderer
from jianheng.core.compiler.rows import ROW, JoinedRows
from jianheng.core.model import expression as ast
from jianheng.core.model.expression import Node
from jianheng.core.model.scope import Alias, Scope, columns_of, type_of

_COSTLY = frozenset(("deadline", "add_period", "age_on", "overlap_days"))


def values_to_bind(nodes: Iterable[Node], scope: Scope) -> list[Node]:
    """The computed values over row aliases alone, inner ones first; none if all of them are cheap to write again."""
    found: dict[Node, int] = {}
    for node in nodes:
        for part in ast.walk(node):
            if _is_computed(part) and _in_rows(part, scope) and type_of(part, scope) != "boolean":
                found.setdefault(part, 0)
    depths = {node: _depth(node) for node in found}
    costly = any(isinstance(node, ast.Call) and node.function in _COSTLY for node in found)
    if not costly and max(depths.values(), default=0) < 2:
        return []
    return sorted(found, key=depths.__getitem__)


def _is_computed(node: Node) -> bool:
    if isinstance(node, ast.Call):
        return True
    return isinstance(node, ast.Case) or (isinstance(node, ast.Binary) and node.operator in ("+", "-", "*"))


def _in_rows(node: Node, scope: Scope) -> bool:
    """Whether it rests on row aliases (at least one) and on nothing else."""
    aliases = {column.alias for column in columns_of(node)}
    return bool(aliases) and aliases <= set(scope.aliases)


def _depth(node: Node) -> int:
    inner = max((_depth(child) for child in ast.children(node)), default=0)
    return inner + 1 if _is_computed(node) else inner


def bind_values(rows: JoinedRows, values: list[Node], nodes: Iterable[Node]) -> JoinedRows:
    """``rows`` (joined with ``flat``) as one source that has every column of ``nodes`` and every value.

    Columns and values of rows joined before are handed on as they are.
    """
    renderer = rows.renderer
    quote = renderer.dialect.quote
    bare = replace(renderer, flat=rows.given)
    own = [
        f"{bare.column(alias, column)} AS {quote(f'{alias}.{column}')}"
        for alias, column in _columns(nodes, renderer)
        if alias not in rows.given
    ]
    listing = ", ".join([f"{quote(FLAT)}.*", *own] if rows.given else own)
    values = [node for node in values if node not in renderer.bound]
    sql = f"(SELECT {listing}\nFROM {rows.sql}) AS {quote(FLAT)}"
    for depth in sorted({_depth(node) for node in values}):
        level = [node for node in values if _depth(node) == depth]
        columns: list[str] = []
        lookups: list[str] = []
        bound: dict[Node, Value] = {}
        made: dict[Value, Value] = {}
        for node in level:
            value, day = renderer.value(node), renderer.nominal_end(node)
            if value in made:  # the same written in another place
                bound[node] = made[value]
                continue
            name = f"value{len(renderer.bound) + len(bound)}"
            original = value
            if day:  # one look into the calendar for both bounds of a deadline
                calendar = quote(f"calendar_{name}")
                lookups.append(f"\n  LEFT JOIN {quote(CALENDAR)} AS {calendar} ON {calendar}.{quote('day')} = {day}")
                value = Value(f"{calendar}.{quote('low')}", f"{calendar}.{quote('high')}")
            columns.append(f"{value.low} AS {quote(name)}")
            low = high = f"{quote(FLAT)}.{quote(name)}"
            if not value.exact:
                columns.append(f"{value.high} AS {quote(name + '__max')}")
                high = f"{quote(FLAT)}.{quote(name + '__max')}"
            bound[node] = made[original] = Value(low, high)
        sql = f"(SELECT {quote(FLAT)}.*, {', '.join(columns)}\nFROM {sql}{''.join(lookups)}) AS {quote(FLAT)}"
        renderer = replace(renderer, bound={**renderer.bound, **bound})
    return replace(rows, sql=sql, renderer=renderer)


def _columns(nodes: Iterable[Node], renderer: Renderer) -> Iterator[tuple[str, str]]:
    """Every column the rule may name afterwards, and its belongings: row number, unread bits, keys, upper bounds."""
    named = {(column.alias, column.column) for node in nodes for column in columns_of(node)}
    for alias in renderer.scope.aliases.values():
        own = [name for name in alias.columns if (alias.name, name) in named]
        yield from ((alias.name, name) for name in dict.fromkeys([*own, *_belongings(alias, own, renderer)]))


def _belongings(alias: Alias, named: list[str], renderer: Renderer) -> Iterator[str]:
    if not alias.is_facts:
        yield from ("_bad", ROW)
        return
    shape = renderer.facts[alias.source]
    if not shape.certain or alias.name in renderer.unknown_keys:
        yield "_bad"
    bounds = [name for name in named if alias.columns[name].bounds and name not in shape.exact]
    if bounds:  # without a partner there is no bound: a sum over nothing is 0
        yield shape.keys[0]
    yield from (name + "__max" for name in bounds)
