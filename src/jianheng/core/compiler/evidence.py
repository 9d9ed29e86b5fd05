"""Where a hit comes from: for every facts table its keys with the rows it was made of; for every hit its rows."""

from __future__ import annotations

from dataclasses import replace

from jianheng.core.compiler.plan import Statement
from jianheng.core.compiler.render import Renderer
from jianheng.core.compiler.rows import ROW, JoinedRows, on_sql, source_sql, supplied
from jianheng.core.compiler.trees import both_of, conditions_of, is_true
from jianheng.core.model.spec import Facts
from jianheng.core.model.supervision_model import SupervisionModel, aggregate_of, equalities


def facts_rows_table(name: str) -> str:
    """The view of a facts table's source rows: its keys, ``t`` (table id), ``r`` (row)."""
    return f"rows__{name}"


def compile_facts_rows(name: str, facts: Facts, model: SupervisionModel, rows: JoinedRows) -> Statement:
    """The rows that count or may count in a group; the rows and sure partners of a pick."""
    renderer, quote = rows.renderer, rows.renderer.dialect.quote
    shape = facts.group or facts.pick
    assert shape is not None
    keys = {key: renderer.value(renderer.expression(text)).low for key, text in shape.by.items()}
    columns = ", ".join(f"{sql} AS {quote(key)}" for key, sql in keys.items())
    where = _where(facts, renderer)
    branches: list[str] = []
    for table in rows.tables:
        branches.append(_branch(columns, table.source, renderer.column(table.name, ROW), rows.sql, where, renderer))
    for alias, pairs in rows.facts:
        inner = renderer.dialect.quote("_f_" + alias.name)
        matching = " AND ".join(
            f"{inner}.{quote(left.column)} = {renderer.column(right.alias, right.column)}" for left, right in pairs
        )
        sql = f"{rows.sql}\n  JOIN {quote(facts_rows_table(alias.source))} AS {inner} ON {matching}"
        branches.append(f"SELECT {columns}, {inner}.t AS t, {inner}.r AS r\nFROM {sql}{where}")
    for candidate in facts.pick.candidates if facts.pick else ():
        if candidate.table is None or not supplied(model.alias(candidate.table), renderer.profile):
            continue
        partner = model.alias(candidate.table, candidate.as_)
        own = replace(renderer, scope=renderer.scope.adding(partner))
        pairs = tuple(equalities(candidate.match or "", partner.name))
        sql = f"{rows.sql}\n  JOIN {source_sql(partner, own)} ON {on_sql(pairs, own)}"
        test = f"\nWHERE {own.truth(own.expression(candidate.when))} IS NOT FALSE"
        branches.append(_branch(columns, partner.source, own.column(partner.name, ROW), sql, test, own))
    return Statement(facts_rows_table(name), "\nUNION ALL\n".join(branches), f"{facts.title}的来源行")


def _branch(columns: str, table: str, row: str, sql: str, where: str, renderer: Renderer) -> str:
    return f"SELECT {columns}, {renderer.dialect.literal(table)} AS t, {row} AS r\nFROM {sql}{where}"


def _where(facts: Facts, renderer: Renderer) -> str:
    """Rows that may count in at least one column."""
    tree = conditions_of(facts.where, renderer)
    tests: list[str] = []
    for aggregate in facts.group.columns.values() if facts.group else ():
        own = both_of(tree, renderer.expression(aggregate.when))
        kind, text = aggregate_of(aggregate)
        if kind == "count":
            own = both_of(own, renderer.expression(text))
        if is_true(own):
            return ""
        tests.append(f"{renderer.truth(own)} IS NOT FALSE")
    if not tests and not is_true(tree):
        tests.append(f"{renderer.truth(tree)} IS NOT FALSE")
    return f"\nWHERE {' OR '.join(dict.fromkeys(tests))}" if tests else ""
