"""Rows that a group could not take in because nobody knows which group they belong to: how many, said on every clue."""

from __future__ import annotations

from collections.abc import Iterator

from jianheng.core.model import expression as ast
from jianheng.core.model.expression import parse
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.tables import RunTables


def left_out(model: SupervisionModel, rule: Rule, tables: RunTables) -> Iterator[str]:
    """A note for every key of the groups ``rule`` leans on that some rows of their table do not give.

    A blank that means there is none is no such row. Rows that linking could not place are told elsewhere.
    """
    said: set[tuple[str, str]] = set()
    for name in model.facts_used(rule):
        facts = model.spec.facts[name]
        table = model.spec.tables.get(facts.from_)
        profile = tables.profiles.get(table) if table else None
        if facts.group is None or table is None or profile is None:
            continue
        term = model.lexicon.tables[table]
        for text in facts.group.by.values():
            node = model.row_scope(facts).expand(parse(text))
            if not isinstance(node, ast.Column) or node.alias != facts.from_ or node.column not in term.columns:
                continue
            if (table, node.column) in said or (term.link and node.column == term.link.key):
                continue
            said.add((table, node.column))
            measured, column = profile.columns[node.column], term.columns[node.column]
            count = measured.nulls if column.empty == "unknown" else measured.bad
            if count:
                yield f"{term.title}另有{count}行没有可用的{column.title}，不知道属于谁，没有计入{facts.title}"
