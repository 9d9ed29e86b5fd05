"""A facts table -> the statement that makes it."""

from __future__ import annotations

from collections.abc import Collection

from jianheng.core.compiler.events import compile_events
from jianheng.core.compiler.group import compile_group
from jianheng.core.compiler.overlap import overlapped
from jianheng.core.compiler.pick import compile_pick
from jianheng.core.compiler.plan import Statement
from jianheng.core.compiler.render import FactsShape, Renderer
from jianheng.core.compiler.rows import join_rows, supplied
from jianheng.core.model.spec import Facts
from jianheng.core.model.supervision_model import SupervisionModel


def compile_facts(
    name: str, model: SupervisionModel, renderer: Renderer, wanted: Collection[str]
) -> tuple[Statement, FactsShape]:
    """The statement of the facts ``name`` with the ``wanted`` columns, and what its columns mean."""
    facts = model.spec.facts[name]
    if not all(supplied(model.alias(source), renderer.profile) for source in facts.sources):
        return _empty(name, facts, model, renderer)
    rows = overlapped(model, facts, join_rows(model, facts.from_, facts.join, renderer))
    alias = model.sources[name]
    if facts.events:
        return compile_events(name, facts, model, alias, rows)
    if facts.group:
        return compile_group(name, facts, alias, rows, wanted)
    return compile_pick(name, facts, model, alias, rows, wanted)


def _empty(name: str, facts: Facts, model: SupervisionModel, renderer: Renderer) -> tuple[Statement, FactsShape]:
    """An optional facts table whose source was not supplied: no rows, so sums are 0 and dates have not happened."""
    quote = renderer.dialect.quote
    sql_type = renderer.dialect.type
    columns = model.sources[name].columns.values()
    typed = [f"CAST(NULL AS {sql_type(column.type)}) AS {quote(column.name)}" for column in columns]
    sql = f"SELECT {', '.join(typed)}, CAST(0 AS BIGINT) AS {quote('_bad')} WHERE FALSE"
    exact = frozenset(column.name for column in columns)
    return Statement(name, sql, facts.title), FactsShape(exact, True, tuple(facts.form.by))
