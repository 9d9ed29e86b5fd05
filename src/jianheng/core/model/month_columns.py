"""Which expressions give a month: it is stored as its first day, and people are shown the month."""

from __future__ import annotations

from jianheng.core.model import expression as ast
from jianheng.core.model.expression import ExpressionError, parse
from jianheng.core.model.scope import Scope
from jianheng.core.model.supervision_model import SupervisionModel, aggregate_of


def gives_month(text: str, scope: Scope, model: SupervisionModel) -> bool:
    """Whether ``text`` is a column of months, or the key, the least or the greatest of such a column in a group."""
    node = scope.expand(parse(text))
    if not isinstance(node, ast.Column):
        return False
    alias = scope.aliases[node.alias]
    if not alias.is_facts:
        term = model.lexicon.columns(alias.source)[node.column]
        return term.type == "month"
    facts = model.spec.facts[alias.source]
    behind = facts.form.by.get(node.column)
    if facts.group and node.column in facts.group.columns:
        kind, behind = aggregate_of(facts.group.columns[node.column])
        if kind not in ("min", "max"):
            return False
    try:
        return behind is not None and gives_month(behind, model.row_scope(facts), model)
    except (ExpressionError, KeyError):  # the scope of a shape's own columns is not that of its rows
        return False
