"""What could have explained a hit but was not there to look at (semantics 15 and 16)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from jianheng.core.compiler.rule import claim_tables
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.tables import RunTables


def claim_day(model: SupervisionModel, rule: Rule, tables: RunTables, as_of: date) -> date:
    """The day up to which the rule may claim an absence: no later than the coverage of any table it leans on."""
    ends = [
        last
        for table in claim_tables(model, rule)
        if (coverage := tables.coverage.get(table)) and (last := coverage.last)
    ]
    return min([as_of, *ends])


@dataclass(frozen=True, slots=True)
class _Excuse:
    """A guard or facts with the table it looks at."""

    id: str
    title: str
    table: str


class Excuses:
    """The guards and optional facts of one rule, held against what this run was given."""

    def __init__(self, model: SupervisionModel, rule: Rule, tables: RunTables, claim: date) -> None:
        self._model, self._rule, self._tables, self._claim = model, rule, tables, claim
        self._excuses = tuple(self._named())
        windows = [window for one in self._excuses if (c := tables.coverage.get(one.table)) for window in c.windows]
        self.by_district = any(window.districts is not None for window in windows)
        """Whether it depends on the district of a hit what is left to rule out."""

    def not_ruled_out(self, day: date | None, district: str | None) -> list[dict[str, str]]:
        """Those nobody could look at, for a hit of ``day`` in ``district``: id, title and why.

        The days in question run from ``day`` to the claim. A guard is listed where its table does not cover those days
        (semantics 15), and so is an optional source of a facts table (semantics 16): a sum of 0.00 over days that the
        table does not reach, as it was declared or as its own rows show, is not known to be 0.00.
        """
        found: list[dict[str, str]] = []
        for excuse in self._excuses:
            term = self._model.lexicon.tables[excuse.table]
            coverage = self._tables.coverage.get(excuse.table)
            why = ""
            if excuse.table not in self._tables.prepared.paths:
                why = f"未提供{term.title}"
            elif term.coverage_on and coverage and day and not coverage.covers(day, max(day, self._claim), district):
                how = "（覆盖期按数据推定）" if coverage.inferred else ""
                why = f"{term.title}的数据未覆盖{day}至{max(day, self._claim)}{how}"
            if why:
                found.append({"id": excuse.id, "title": excuse.title, "why": why})
        return found

    def _named(self) -> Iterator[_Excuse]:
        tables, terms = self._model.spec.tables, self._model.lexicon.tables
        for guard in self._rule.unless:
            if guard.table in tables:
                yield _Excuse(guard.id, guard.say or guard.id, tables[guard.table])
        for name in self._model.facts_used(self._rule):
            facts = self._model.spec.facts[name]
            if facts.optional and facts.from_ in tables:
                yield _Excuse(name, facts.title, tables[facts.from_])
            for candidate in facts.pick.candidates if facts.pick else ():
                if candidate.table in tables:
                    yield _Excuse(f"{name}.{candidate.id}", candidate.title, tables[candidate.table])
            for overlap in facts.overlap[1:]:
                if overlap.table in tables:
                    table = tables[overlap.table]
                    title = overlap.title or terms[table].title
                    yield _Excuse(f"{name}.{overlap.id}", title, table)
            for part in facts.events.excuses if facts.events else ():
                if part.table in tables:
                    yield _Excuse(f"{name}.{part.id}", part.title, tables[part.table])
