"""A facts table -> the statements that make it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from jianheng.core.compiler.events import compile_events
from jianheng.core.compiler.group import compile_group
from jianheng.core.compiler.overlap import overlapped, reading
from jianheng.core.compiler.overlap_tables import overlap_tables
from jianheng.core.compiler.pick import compile_pick
from jianheng.core.compiler.plan import Statement
from jianheng.core.compiler.render import FactsShape, Renderer
from jianheng.core.compiler.rows import join_rows, supplied
from jianheng.core.model.spec import Facts
from jianheng.core.model.supervision_model import SupervisionModel


def compile_facts(
    name: str, model: SupervisionModel, renderer: Renderer, wanted: Collection[str], *, prefix: str = ""
) -> tuple[list[Statement], FactsShape]:
    """The statements of the facts ``name`` with the ``wanted`` columns, the last of them theirs, and what columns mean.

    ``prefix``: of the names of tables that other facts may share.
    """
    facts = model.spec.facts[name]
    if not all(supplied(model.alias(source), renderer.profile) for source in facts.sources):
        statement, shape = _empty(name, facts, model, renderer)
        return [statement], shape
    before, laid = overlap_tables(name, model, renderer, prefix)
    renderer = reading(renderer, facts, laid)
    rows = overlapped(model, facts, join_rows(model, facts.from_, facts.join, renderer), laid)
    alias = model.sources[name]
    if facts.events:
        statement, shape = compile_events(name, facts, model, alias, rows)
    elif facts.group:
        statement, shape = compile_group(name, facts, alias, rows, wanted)
    else:
        statement, shape = compile_pick(name, facts, model, alias, rows, wanted)
    return [*before, statement], replace(shape, laid=laid)


def _empty(name: str, facts: Facts, model: SupervisionModel, renderer: Renderer) -> tuple[Statement, FactsShape]:
    """An optional facts table whose source was not supplied: no rows, so sums are 0 and dates have not happened."""
    quote = renderer.dialect.quote
    sql_type = renderer.dialect.type
    columns = model.sources[name].columns.values()
    typed = [f"CAST(NULL AS {sql_type(column.type)}) AS {quote(column.name)}" for column in columns]
    sql = f"SELECT {', '.join(typed)}, CAST(0 AS BIGINT) AS {quote('_bad')} WHERE FALSE"
    exact = frozenset(column.name for column in columns)
    return Statement(name, sql, facts.title), FactsShape(exact, True, tuple(facts.form.by))
