"""``group`` facts: counts, sums, least and greatest per key, as bounds where rows are unsure (semantics 18).

A row is sure if its condition is TRUE, unsure if it cannot be told. A row that repeats another of its sheet is unsure
in sums and counts (it may be one payment typed twice). An unlinked row throws doubt on the chains it may belong to.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass

from jianheng.core.compiler.plan import Statement
from jianheng.core.compiler.render import FactsShape, Renderer
from jianheng.core.compiler.rows import JoinedRows
from jianheng.core.compiler.trees import both_of, conditions_of, is_true, not_false
from jianheng.core.model import expression as ast
from jianheng.core.model.scope import Alias, ScopeColumn, columns_of
from jianheng.core.model.spec import Aggregate, Facts
from jianheng.core.model.supervision_model import aggregate_of

CHAIN_KEYS = frozenset(("chain", "chain_position", "chain_count"))


def doubt_table(table: str) -> str:
    """The name of the table of chains on which unlinked rows of ``table`` throw doubt."""
    return f"doubts__{table}"


@dataclass(frozen=True, slots=True)
class _Measure:
    """One aggregate on its way: what is summed, when it counts, and what can be unknown about it."""

    name: str
    index: int
    kind: str
    value: str
    highest: str
    when: str
    column: ScopeColumn
    always: bool
    unsure: bool
    blank: bool


def compile_group(
    name: str, facts: Facts, alias: Alias, rows: JoinedRows, wanted: Collection[str]
) -> tuple[Statement, FactsShape]:
    """The statement of a group and its shape, with the ``wanted`` columns alone."""
    assert facts.group is not None
    renderer = rows.renderer
    quote = renderer.dialect.quote
    start = renderer.scope.aliases[facts.from_]
    keys = _own_first({key: renderer.expression(text) for key, text in facts.group.by.items()}, facts)
    repeats = not start.is_facts and renderer.profile.tables[start.source].repeats
    doubts = _doubts(start, keys, renderer)
    row_truth = conditions_of(facts.where, renderer)
    measures = [
        _measure(index, column, aggregate, alias, row_truth, renderer, doubtful=bool(doubts))
        for index, (column, aggregate) in enumerate(facts.group.columns.items())
        if column in wanted
    ]
    stretched = {overlap.id for overlap in facts.overlap}
    inner = _rows(keys, measures, rows, row_truth, start if repeats else None, stretched)
    if doubts:
        inner += "\nUNION ALL\n" + _doubtful_rows(keys, measures, doubts, renderer, repeats=repeats)
    columns: list[str] = []
    exact: set[str] = set()
    bad: list[str] = []
    for measure in measures:
        additive = measure.kind in ("sum", "count")
        if _is_exact(measure, repeats=repeats and additive):
            exact.add(measure.name)
            columns.append(f"{_exact(measure)} AS {quote(measure.name)}")
        elif additive:
            low, high = _bounds(measure, repeats=repeats)
            columns += [f"{low} AS {quote(measure.name)}", f"{high} AS {quote(measure.name + '__max')}"]
        else:
            value, unknown = _extreme(measure)
            columns.append(f"{value} AS {quote(measure.name)}")
            bad.append(f"CASE WHEN {unknown} THEN {1 << measure.column.bit} ELSE 0 END")
    columns.append(f"CAST({' + '.join(bad) if bad else '0'} AS BIGINT) AS {quote('_bad')}")
    key_list = ", ".join(quote(key) for key in keys)
    sql = f"SELECT {key_list}, {', '.join(columns)}\nFROM ({inner}) AS g\nGROUP BY {key_list}"
    return Statement(name, sql, facts.title), FactsShape(frozenset(exact), not bad, tuple(keys))


def _own_first(keys: dict[str, ast.Node], facts: Facts) -> dict[str, ast.Node]:
    """Keys of the row before edges of stretches: the first key tells whether a group is there at all."""
    stretched = {overlap.id for overlap in facts.overlap}
    return dict(sorted(keys.items(), key=lambda item: bool(stretched & {one.alias for one in columns_of(item[1])})))


def _doubts(start: Alias, keys: Mapping[str, ast.Node], renderer: Renderer) -> str:
    """The doubt table if unlinked rows may belong to groups of these keys."""
    if start.is_facts or not renderer.profile.tables[start.source].doubts:
        return ""
    columns = [key.column for key in keys.values() if isinstance(key, ast.Column) and key.alias == start.name]
    fits = len(columns) == len(keys) and CHAIN_KEYS.issuperset(columns)
    return doubt_table(start.source) if fits else ""


def _measure(
    index: int,
    name: str,
    aggregate: Aggregate,
    alias: Alias,
    row_truth: ast.Node,
    renderer: Renderer,
    *,
    doubtful: bool,
) -> _Measure:
    kind, text = aggregate_of(aggregate)
    when = renderer.expression(aggregate.when)
    if doubtful or renderer.nullable(row_truth):  # else only rows for which it is TRUE are there
        when = both_of(row_truth, when)
    value, highest, blank = "1", "1", False
    if kind == "count":
        when = both_of(when, renderer.expression(text))
    else:
        node = renderer.expression(text)
        found, blank = renderer.value(node), renderer.nullable(node) or doubtful
        value, highest = (found.low, found.high) if kind == "sum" else (found.certain, found.certain)
    unsure = doubtful or renderer.nullable(when)
    always = is_true(when) and not doubtful
    return _Measure(name, index, kind, value, highest, renderer.truth(when), alias.columns[name], always, unsure, blank)


def _rows(
    keys: Mapping[str, ast.Node],
    measures: list[_Measure],
    rows: JoinedRows,
    row_truth: ast.Node,
    repeating: Alias | None,
    stretched: Set[str],
) -> str:
    """Rows before grouping: the keys, ``x<n>`` values, ``t<n>`` truths, ``again`` if the row repeats another.

    A row whose key is unknown belongs to no group, unless the key is the edge of a stretch (``stretched``): that is an
    unsure stretch of a known person.
    """
    renderer, quote = rows.renderer, rows.renderer.dialect.quote
    parts = [f"{renderer.value(node).low} AS {quote(key)}" for key, node in keys.items()]
    for measure in measures:
        parts.append(f"{measure.value} AS x{measure.index}")
        if measure.highest != measure.value:
            parts.append(f"{measure.highest} AS y{measure.index}")
        if not measure.always:
            parts.append(f"{measure.when} AS t{measure.index}")
    if repeating:
        parts.append(f"{renderer.column(repeating.name, '_repeat')} AS again")
    conditions = [
        f"{renderer.value(node).low} IS NOT NULL"
        for node in keys.values()
        if renderer.nullable(node) and not stretched & {column.alias for column in columns_of(node)}
    ]
    if not is_true(row_truth):
        conditions.append(not_false(row_truth, renderer))
    where = f"\nWHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {', '.join(parts)}\nFROM {rows.sql}{where}"


def _doubtful_rows(
    keys: Mapping[str, ast.Node], measures: list[_Measure], doubts: str, renderer: Renderer, *, repeats: bool
) -> str:
    quote = renderer.dialect.quote
    parts = []
    for key, node in keys.items():
        assert isinstance(node, ast.Column)
        parts.append(f"d.{quote(node.column)} AS {quote(key)}")
    for measure in measures:
        value = "1" if measure.kind == "count" else f"CAST(NULL AS {renderer.dialect.type(measure.column.type)})"
        parts.append(f"{value} AS x{measure.index}")
        if measure.highest != measure.value:
            parts.append(f"{value} AS y{measure.index}")
        parts.append(f"CAST(NULL AS BOOLEAN) AS t{measure.index}")
    if repeats:
        parts.append("FALSE AS again")
    return f"SELECT {', '.join(parts)}\nFROM {quote(doubts)} AS d"


def _is_exact(measure: _Measure, *, repeats: bool) -> bool:
    return not (measure.unsure or measure.blank or repeats)


def _exact(measure: _Measure) -> str:
    function = "SUM" if measure.kind in ("sum", "count") else measure.kind.upper()
    condition = "" if measure.always else f" FILTER (WHERE t{measure.index})"
    sql = f"{function}(x{measure.index}){condition}"
    return _total(sql, measure) if function == "SUM" else sql


def _total(sql: str, measure: _Measure) -> str:
    """A sum over no rows is 0; whole numbers stay of one width on every engine."""
    total = f"COALESCE({sql}, 0)"
    return f"CAST({total} AS BIGINT)" if measure.column.type == "integer" else total


def _bounds(measure: _Measure, *, repeats: bool) -> tuple[str, str]:
    """Least and greatest total; no upper bound (NULL) where a row that may count has an unknown amount."""
    x = f"x{measure.index}"
    y = f"y{measure.index}" if measure.highest != measure.value else x
    t = "TRUE" if measure.always else f"t{measure.index}"
    sure = f"{t} AND NOT again" if repeats else t
    low = f"SUM(CASE WHEN {sure} THEN {x} WHEN {t} IS NOT FALSE AND {x} < 0 THEN {x} ELSE 0 END)"
    high = f"SUM(CASE WHEN {sure} THEN {y} WHEN {t} IS NOT FALSE AND {y} > 0 THEN {y} ELSE 0 END)"
    unknown = f"COALESCE(bool_or({t} IS NOT FALSE AND {y} IS NULL), FALSE)"
    return _total(low, measure), f"CASE WHEN {unknown} THEN NULL ELSE {_total(high, measure)} END"


def _extreme(measure: _Measure) -> tuple[str, str]:
    """The value where every row that may count is sure, and the test that it is not so."""
    x = f"x{measure.index}"
    t = "TRUE" if measure.always else f"t{measure.index}"
    unknown = f"COALESCE(bool_or({t} IS NULL OR ({t} AND {x} IS NULL)), FALSE)"
    value = f"{measure.kind.upper()}({x}) FILTER (WHERE {t})"
    return f"CASE WHEN {unknown} THEN NULL ELSE {value} END", unknown
