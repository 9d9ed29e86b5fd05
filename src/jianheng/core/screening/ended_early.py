"""Registers that end before the day a rule speaks of: a blank that means “not yet” was true on their last day only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jianheng.core.model.spec import Facts, Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.tables import RunTables


def ended_early(model: SupervisionModel, rule: Rule, tables: RunTables, claim: date, as_of: date) -> Iterator[str]:
    """A note for every table whose own cells ``rule`` reads and whose supplier says that it ends earlier.

    The rule's own conditions speak of ``claim``, facts of ``as_of``. Where something is looked for and not found the
    claim has been drawn back already; coverage taken from the data says nothing of when they were exported.
    """
    parts: list[tuple[Rule | Facts, date]] = [(rule, claim)]
    parts += [(model.spec.facts[name], as_of) for name in model.facts_used(rule)]
    said: dict[str, None] = {}
    for part, day in parts:
        for name in (part.from_, *(join.table for join in part.join)):
            table = model.spec.tables.get(name)
            coverage = tables.coverage.get(table) if table else None
            last = coverage.last if coverage and not coverage.inferred else None
            if table is None or last is None or last >= day:
                continue
            term = model.lexicon.tables[table]
            if any(column.empty in ("never", "open") for column in term.columns.values()):
                said[f"{term.title}的数据到{last}为止，此后登记的看不到，空白的日期按没有发生判断"] = None
    yield from said
