"""``pick`` facts: the earliest or latest of several dated sources for every row of a table.

A source is sure where its condition is TRUE and its date is known; possible where neither can be ruled out. The sure
one nearest in time is taken; where none is sure but one is possible the columns are unknown (their bits in ``_bad``);
where none is possible the date has not happened.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from jianheng.core.compiler.group import CHAIN_KEYS, doubt_table
from jianheng.core.compiler.plan import Statement
from jianheng.core.compiler.render import FactsShape, Renderer
from jianheng.core.compiler.rows import ROW, JoinedRows, join_rows, joins_for, null_keys, on_sql, source_sql, supplied
from jianheng.core.compiler.trees import both_of, conditions_of, is_true, not_false
from jianheng.core.model import expression as ast
from jianheng.core.model.scope import Alias, columns_of
from jianheng.core.model.spec import Candidate, Facts, Pick
from jianheng.core.model.supervision_model import SupervisionModel, conjuncts, equalities

_TIE = 8_589_934_592  # 2**33: room for a row number below the day and the candidate's ordinal


@dataclass(frozen=True, slots=True)
class _Source:
    """One candidate rendered: ``rank`` orders sure ones (NULL if not sure), ``possible`` is NULL if it never can be."""

    rank: str
    possible: str | None
    on: str
    title: str
    columns: tuple[str, ...]


def compile_pick(
    name: str, facts: Facts, model: SupervisionModel, alias: Alias, rows: JoinedRows, wanted: Collection[str]
) -> tuple[Statement, FactsShape]:
    """The statement of a pick and its shape: the day, and of the other columns the ``wanted`` ones."""
    assert facts.pick is not None
    facts = facts.model_copy(update={"pick": _only(facts.pick, wanted)})
    alias = replace(alias, columns={key: column for key, column in alias.columns.items() if _kept(key, facts, wanted)})
    pick = facts.pick
    assert pick is not None
    day_alone = alias.columns.keys() <= {"on", *pick.by}
    renderer, quote = rows.renderer, rows.renderer.dialect.quote
    keys = {key: renderer.expression(text) for key, text in pick.by.items()}
    start = renderer.scope.aliases[facts.from_]
    sql, sources = _own_rows(facts, list(keys.values()), model, rows), []
    for index, candidate in enumerate(pick.candidates):
        if candidate.table is None:
            sources.append(_own_source(index, candidate, facts, start, renderer, day_alone=day_alone))
        elif supplied(model.alias(candidate.table), renderer.profile):
            joined, source = _partner_source(index, candidate, facts, model, rows, alias, day_alone=day_alone)
            sql += joined
            sources.append(source)
    select = [f"{renderer.value(node).low} AS {quote(key)}" for key, node in keys.items()]
    for index, source in enumerate(sources):
        select.append(f"{source.rank} AS r{index}")
        if not day_alone:
            select.append(f"{source.on} AS d{index}")
        select += [f"{text} AS c{index}_{number}" for number, text in enumerate(source.columns)]
        if source.possible:
            select.append(f"{source.possible} AS p{index}")
    row_truth = conditions_of(facts.where, renderer)
    known = [f"{renderer.value(node).low} IS NOT NULL" for node in keys.values() if renderer.nullable(node)]
    if not is_true(row_truth):
        known.append(not_false(row_truth, renderer))
    where = f"\nWHERE {' AND '.join(known)}" if known else ""
    inner = f"SELECT {', '.join(select)}\nFROM {sql}{where}"
    uncertain = any(source.possible for source in sources)
    outer = _chosen(pick, keys, sources, alias, renderer, uncertain=uncertain, day_alone=day_alone)
    best = _best(pick, sources, day_alone=day_alone)
    result = f"SELECT {outer}\nFROM (SELECT s.*, {best} AS best FROM ({inner}) AS s) AS b"
    if not _one_row_a_key(keys, start, model):
        result = _grouped(pick, keys, alias, result, renderer)
    return Statement(name, result, facts.title), FactsShape(frozenset(), not uncertain, tuple(keys))


def _only(pick: Pick, wanted: Collection[str]) -> Pick:
    candidates = [
        one.model_copy(update={"columns": {key: text for key, text in one.columns.items() if key in wanted}})
        for one in pick.candidates
    ]
    return pick.model_copy(update={"candidates": candidates})


def _kept(column: str, facts: Facts, wanted: Collection[str]) -> bool:
    assert facts.pick is not None
    return column == "on" or column in facts.pick.by or column in wanted


def _own_rows(facts: Facts, keys: list[ast.Node], model: SupervisionModel, rows: JoinedRows) -> str:
    """The FROM of the rows themselves, without what only the candidates of other tables look at."""
    pick, renderer = facts.pick, rows.renderer
    assert pick is not None
    trees = [*keys, conditions_of(facts.where, renderer)]
    sought: set[str] = set()
    for candidate in pick.candidates:
        if candidate.table is None:
            trees += map(renderer.expression, (candidate.when, candidate.on, *candidate.columns.values()))
        else:
            sought |= {right.alias for _, right in equalities(candidate.match or "", candidate.as_ or candidate.table)}
    sought |= {column.alias for tree in trees for column in columns_of(tree)}
    return join_rows(model, facts.from_, joins_for(sought, facts.join, model, renderer), renderer).sql


def _own_source(
    index: int, candidate: Candidate, facts: Facts, start: Alias, renderer: Renderer, *, day_alone: bool
) -> _Source:
    """A candidate from the row itself."""
    assert facts.pick is not None
    when, node = _when(candidate, facts, renderer), renderer.expression(candidate.on)
    on = renderer.value(node).certain
    unknown = _unknown_date(node, renderer)
    sure, possible = _standing(when, node, renderer, truth=renderer.truth(when), date=on, unknown=unknown)
    own_rank = _rank(on, index, renderer.column(start.name, ROW), facts.pick, renderer, day_alone=day_alone)
    rank = f"CASE WHEN {sure} THEN {own_rank} END"
    columns = tuple(renderer.value(renderer.expression(text)).low for text in candidate.columns.values())
    return _Source(rank, possible, on, candidate.title, columns)


def _partner_source(
    index: int,
    candidate: Candidate,
    facts: Facts,
    model: SupervisionModel,
    rows: JoinedRows,
    alias: Alias,
    *,
    day_alone: bool,
) -> tuple[str, _Source]:
    """A candidate from a joined table: its best row for every key is looked up first, then joined."""
    pick = facts.pick
    assert pick is not None and candidate.table is not None and candidate.match is not None
    partner = model.alias(candidate.table, candidate.as_)
    renderer = replace(rows.renderer, scope=rows.renderer.scope.adding(partner))
    quote = renderer.dialect.quote
    pairs = equalities(candidate.match, partner.name)
    start = next(iter(rows.tables)).name
    when, node = _when(candidate, facts, renderer), renderer.expression(candidate.on)
    on = renderer.value(node).certain
    unknown = _unknown_date(node, renderer)
    rank = _rank(on, index, renderer.column(partner.name, ROW), pick, renderer, day_alone=day_alone)
    choose = renderer.dialect.least_key if pick.take == "earliest" else renderer.dialect.greatest_key
    select = [f"{renderer.column(start, ROW)} AS o", f"{rank} AS k", f"{on} AS d"]
    trees = [renderer.expression(text) for text in candidate.columns.values()]
    texts = [renderer.value(tree).low for tree in trees]
    carried = [number for number, tree in enumerate(trees) if not isinstance(tree, ast.Literal)]
    select += [f"{texts[number]} AS c{number}" for number in carried]
    select += [f"{renderer.truth(when)} AS w", f"{unknown or 'FALSE'} AS u"]
    sure, possible = _standing(when, node, renderer, truth="a.w", date="a.d", unknown="a.u" if unknown else "")
    judged = ["a.o", f"({sure}) AS sure", "a.k", "a.d", *(f"a.c{number}" for number in carried)]
    judged.append(f"COALESCE({possible or 'FALSE'}, FALSE) AS p")
    named = [renderer.expression(text) for text in (candidate.when, candidate.on, *candidate.columns.values())]
    sought = {column.alias for tree in (*named, when) for column in columns_of(tree)}
    joins = joins_for({right.alias for _, right in pairs} | sought, facts.join, model, rows.renderer)
    joined = join_rows(model, facts.from_, joins, rows.renderer).sql
    joined += f" JOIN {source_sql(partner, renderer)} ON {on_sql(pairs, renderer)}"
    tests = conjuncts(renderer.expression(candidate.when))
    sure_tests = [renderer.truth(test) for test in tests if not (is_true(test) or renderer.nullable(test))]
    joined += f" WHERE {' AND '.join(sure_tests)}" if sure_tests else ""  # the rest is looked at once, as ``w``
    matched = f"SELECT {', '.join(judged)} FROM (SELECT {', '.join(select)} FROM {joined}) AS a WHERE a.w IS NOT FALSE"
    doubtful = _doubtful(candidate, partner, rows, renderer, carried, alias)
    matched += f" UNION ALL {doubtful}" if doubtful else ""
    extreme = "MIN" if pick.take == "earliest" else "MAX"
    parts = [f"o, {extreme}(k) FILTER (WHERE sure) AS r", "bool_or(p) AS p"]
    if not day_alone:
        parts.append(f"{choose('d', 'k', 'sure')} AS d")
    parts += [f"{choose(f'c{number}', 'k', 'sure')} AS c{number}" for number in carried]
    name = quote(f"_c{index}")
    joined = f"\n  LEFT JOIN (SELECT {', '.join(parts)} FROM ({matched}) AS m GROUP BY o) AS {name}"
    joined += f" ON {name}.o = {renderer.column(start, ROW)}"
    columns = tuple(f"{name}.c{number}" if number in carried else text for number, text in enumerate(texts))
    no_key = null_keys(pairs, rows.renderer)
    has_doubt = f"COALESCE({name}.p, FALSE)" if possible or doubtful else None
    if no_key != "FALSE":
        has_doubt = f"({has_doubt} OR {no_key})" if has_doubt else no_key
    return joined, _Source(f"{name}.r", has_doubt, f"{name}.d", candidate.title, columns)


def _doubtful(
    candidate: Candidate, partner: Alias, rows: JoinedRows, renderer: Renderer, carried: list[int], alias: Alias
) -> str:
    """Rows standing for unlinked partners that may belong to a key: possible, never sure."""
    if not renderer.profile.tables[partner.source].doubts:
        return ""
    pairs = equalities(candidate.match or "", partner.name)
    if not CHAIN_KEYS.issuperset(left.column for left, _ in pairs):
        return ""
    start = next(iter(rows.tables)).name
    quote = renderer.dialect.quote
    types = [renderer.dialect.type(alias.columns[column].type) for column in candidate.columns]
    blanks = [f"{renderer.column(start, ROW)}", "FALSE", "CAST(NULL AS BIGINT)", "CAST(NULL AS DATE)"]
    blanks += [f"CAST(NULL AS {types[number]})" for number in carried]
    matching = " AND ".join(
        f"dd.{quote(left.column)} = {renderer.column(right.alias, right.column)}" for left, right in pairs
    )
    doubted = quote(doubt_table(partner.source))
    return f"SELECT {', '.join(blanks)}, TRUE FROM {rows.sql} JOIN {doubted} AS dd ON {matching}"


def _when(candidate: Candidate, facts: Facts, renderer: Renderer) -> ast.Node:
    """The candidate's condition; where a row itself is unsure, nothing it offers is sure."""
    when = renderer.expression(candidate.when)
    row_truth = conditions_of(facts.where, renderer)
    return both_of(row_truth, when) if renderer.nullable(row_truth) else when


def _unknown_date(on: ast.Node, renderer: Renderer) -> str:
    """SQL that is TRUE where the day is not known although it may have come; empty where the data rule that out."""
    never = _never(on, renderer)
    if never == "TRUE" or not renderer.nullable(on):
        return ""
    return f"({renderer.value(on).certain} IS NULL AND NOT COALESCE({never}, FALSE))"


def _standing(
    when: ast.Node, on: ast.Node, renderer: Renderer, *, truth: str, date: str, unknown: str
) -> tuple[str, str | None]:
    """(sure, possible but not sure) from the SQL of condition, date, unknown date; None where the data rule it out."""
    sure = f"{truth} AND {date} IS NOT NULL" if renderer.nullable(on) else truth
    if not renderer.nullable(when) and not unknown:
        return sure, None
    doubt = f"({date} IS NOT NULL AND {truth} IS NULL)"
    return sure, f"(({truth}) IS NOT FALSE AND {f'({unknown} OR {doubt})' if unknown else doubt})"


def _never(on: ast.Node, renderer: Renderer) -> str:
    """SQL that is TRUE where a NULL date means: has not happened. Only a column can say so."""
    if not isinstance(on, ast.Column):
        return "FALSE"
    has = renderer.truth(ast.Call(0, "has", (on,)))
    if has == f"({renderer.value(on).low} IS NOT NULL)":
        return "TRUE"
    return f"({has}) IS FALSE"


def _rank(on: str, index: int, row: str, pick: Pick, renderer: Renderer, *, day_alone: bool) -> str:
    """A whole number ordered by date, then candidate, then row; the same on every engine; or but the day."""
    if day_alone:
        return on
    ordinal = index if pick.take == "earliest" else 63 - index
    return f"(({renderer.dialect.day_number(on)} * 64 + {ordinal}) * {_TIE} + {row})"


def _best(pick: Pick, sources: list[_Source], *, day_alone: bool) -> str:
    ranks = [f"s.r{index}" for index in range(len(sources))]
    if not ranks:
        return "CAST(NULL AS DATE)" if day_alone else "CAST(NULL AS BIGINT)"
    if len(ranks) == 1:
        return ranks[0]
    return f"{'least' if pick.take == 'earliest' else 'greatest'}({', '.join(ranks)})"


def _chosen(
    pick: Pick,
    keys: dict[str, ast.Node],
    sources: list[_Source],
    alias: Alias,
    renderer: Renderer,
    *,
    uncertain: bool,
    day_alone: bool,
) -> str:
    """The columns of the taken source, and which of them nobody can tell."""
    quote, literal = renderer.dialect.quote, renderer.dialect.literal

    def taken(text: list[str], kind: str) -> str:
        whens = " ".join(f"WHEN b.best = b.r{index} THEN {value}" for index, value in enumerate(text))
        return f"CASE {whens} END" if whens else f"CAST(NULL AS {renderer.dialect.type(kind)})"

    parts = [f"b.{quote(key)}" for key in keys]
    day = "b.best" if day_alone else taken([f"b.d{index}" for index in range(len(sources))], "date")
    parts.append(f"{day} AS {quote('on')}")
    if "source" in alias.columns:
        parts.append(f"{taken([literal(source.title) for source in sources], 'text')} AS {quote('source')}")
    names = list(pick.candidates[0].columns)
    for number, column in enumerate(names):
        texts = [f"b.c{index}_{number}" for index in range(len(sources))]
        parts.append(f"{taken(texts, alias.columns[column].type)} AS {quote(column)}")
    bad = "CAST(0 AS BIGINT)"
    if uncertain:
        possible = " OR ".join(f"b.p{index}" for index, source in enumerate(sources) if source.possible)
        bits = sum(1 << column.bit for column in alias.columns.values() if column.bit >= 0)
        bad = f"CAST(CASE WHEN b.best IS NULL AND ({possible}) THEN {bits} ELSE 0 END AS BIGINT)"
    parts += [f"{bad} AS {quote('_bad')}", "b.best AS _rank"]
    return ", ".join(parts)


def _one_row_a_key(keys: dict[str, ast.Node], start: Alias, model: SupervisionModel) -> bool:
    """Whether the keys name one row: chain and position do, for the table that has the chain."""
    if start.is_facts or model.lexicon.tables[start.source].chain is None:
        return False
    own = {key.column for key in keys.values() if isinstance(key, ast.Column) and key.alias == start.name}
    return {"chain", "chain_position"} <= own


def _grouped(pick: Pick, keys: dict[str, ast.Node], alias: Alias, sql: str, renderer: Renderer) -> str:
    """One row a key where several rows share it."""
    quote = renderer.dialect.quote
    choose = renderer.dialect.least_key if pick.take == "earliest" else renderer.dialect.greatest_key
    key_list = ", ".join(quote(key) for key in keys)
    columns = [name for name in alias.columns if name not in keys]
    sure = f"{quote('_rank')} IS NOT NULL"
    parts = [f"{choose(quote(name), quote('_rank'), sure)} AS {quote(name)}" for name in columns]
    bad = f"CAST(CASE WHEN COUNT({quote('_rank')}) = 0 THEN MAX({quote('_bad')}) ELSE 0 END AS BIGINT)"
    return f"SELECT {key_list}, {', '.join(parts)}, {bad} AS {quote('_bad')}\nFROM ({sql}) AS w\nGROUP BY {key_list}"
