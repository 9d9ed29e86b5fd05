"""The tables of one run, put before an engine: prepared rows, doubts, calendar; and what is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pyarrow as pa

from jianheng.core.catalogue.coverage import TableCoverage
from jianheng.core.catalogue.prepared import Prepared
from jianheng.core.catalogue.profile import TableProfile
from jianheng.core.compiler.compile import Inputs
from jianheng.core.compiler.coverage import Coverage, Window
from jianheng.core.compiler.dialect import DIALECTS
from jianheng.core.compiler.group import doubt_table
from jianheng.core.compiler.profile import ColumnProfile, Profile, SourceProfile
from jianheng.core.compiler.render import CALENDAR
from jianheng.core.engine.port import HELD_ROWS, Engine
from jianheng.core.legal_time.calendar import Calendar, CalendarRow, calendar_rows
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.terms.lexicon import CHAIN_COLUMNS, Lexicon


@dataclass(frozen=True, slots=True)
class RunTables:
    """``canonical`` and ``source`` are the snapshot's files, ``prepared`` what linking made of them."""

    lexicon: Lexicon
    prepared: Prepared
    canonical: Mapping[str, Path]
    source: Mapping[str, Path]
    profiles: Mapping[str, TableProfile]
    coverage: Mapping[str, TableCoverage]
    doubtful: Mapping[str, int]

    def profile(self) -> Profile:
        """What the compiler may rely on."""
        return Profile({name: self._source_profile(name) for name in self.prepared.paths})

    def _source_profile(self, name: str) -> SourceProfile:
        measured, term = self.profiles[name], self.lexicon.tables[name]
        columns = {
            column: ColumnProfile(profile.nulls, profile.bad, profile.present)
            for column, profile in measured.columns.items()
        }
        unlinked = measured.rows - sum(self.prepared.steps.get(name, {}).values()) if term.link else 0
        if term.link:
            columns[term.link.key] = ColumnProfile(unlinked + self._anchors_without_number(term.link.to), unlinked)
        if term.link or term.chain:
            columns |= {column: ColumnProfile(unlinked, 0) for column in CHAIN_COLUMNS}
        return SourceProfile(measured.rows, columns, measured.repeats > 0, self.doubtful.get(name, 0) > 0)

    def _anchors_without_number(self, anchor: str) -> int:
        """A row linked to an anchor that bears no number has a chain and no key."""
        chain = self.lexicon.tables[anchor].chain
        measured = self.profiles.get(anchor)
        return measured.columns[chain.number].nulls if chain and measured else 0

    def windows(self) -> Coverage:
        """The coverage as the compiler reads it."""
        return {
            name: tuple(Window(one.first, one.last, one.districts, one.without) for one in coverage.windows)
            for name, coverage in self.coverage.items()
        }

    def folders(self) -> list[Path]:
        """The folders an engine must be able to read."""
        paths = [*self.prepared.paths.values(), *self.canonical.values(), *self.source.values()]
        return sorted({path.parent for path in [*paths, *self.prepared.doubts.values(), self.prepared.links]})

    def lay_out(self, engine: Engine, calendar: Calendar, *, evidence: bool = True) -> None:
        """Name everything in ``engine``: tables by id, doubts, calendar.

        ``evidence``: also ``canonical__`` and ``source__`` of every table, and ``links``.
        """
        for name, path in self.prepared.paths.items():
            put = engine.hold if self.profiles[name].source_rows <= HELD_ROWS else engine.view
            put(name, [path])
            if evidence:
                put(f"canonical__{name}", [self.canonical[name]])
                put(f"source__{name}", [self.source[name]])
        if evidence:
            engine.view("links", [self.prepared.links])
        for name in self.prepared.doubts:
            if self.doubtful.get(name):
                self._lay_out_doubts(name, engine)
        engine.load(CALENDAR, calendar_table(calendar))

    def _lay_out_doubts(self, name: str, engine: Engine) -> None:
        """The doubted chains with every key a partner may be matched on."""
        link = self.lexicon.tables[name].link
        assert link is not None
        anchor = self.lexicon.tables[link.to]
        number = anchor.chain.number if anchor.chain else link.key
        quote = DIALECTS[engine.dialect].quote
        engine.view(f"raw_{doubt_table(name)}", [self.prepared.doubts[name]])
        key = "" if link.key in CHAIN_COLUMNS else f", a.{quote(number)} AS {quote(link.key)}"
        engine.make(
            doubt_table(name),
            f"SELECT DISTINCT d.chain, a.chain_position, a.chain_count{key}"
            f" FROM {quote(f'raw_{doubt_table(name)}')} AS d JOIN {quote(link.to)} AS a ON a.chain = d.chain",
            step="未能关联的记录",
        )


@cache
def calendar_table(calendar: Calendar) -> pa.Table:
    """The calendar as the engine uses it: for each day the bounds of its roll, and the running working-day number.

    Past the last published year only the least possible roll is known; the greatest is taken to be as long as the
    longest run of days off ever published.
    """
    rows = calendar_rows(calendar)
    longest = _longest_run(rows)
    days, lows, highs, numbers = [], [], [], []
    nth: list[int | None] = []
    previous = None
    for row in rows:
        days.append(row.day)
        lows.append(row.day if row.provisional else row.rolled_to)
        highs.append(type(row.day).fromordinal(row.day.toordinal() + longest) if row.provisional else row.rolled_to)
        numbers.append(row.working_day_number)
        nth.append(row.working_day_number if row.working_day_number != previous else None)
        previous = row.working_day_number
    number_type = pa.int64()
    return pa.table(
        {
            "day": pa.array(days, pa.date32()),
            "low": pa.array(lows, pa.date32()),
            "high": pa.array(highs, pa.date32()),
            "number": pa.array(numbers, number_type),
            "nth": pa.array(nth, number_type),
        }
    )


def _longest_run(rows: Iterable[CalendarRow]) -> int:
    longest = run = 0
    for row in rows:
        run = 0 if row.provisional or row.rolled_to == row.day else run + 1
        longest = max(longest, run)
    return longest


def run_inputs(
    model: SupervisionModel,
    tables: RunTables,
    as_of: date,
    params: Mapping[str, object],
    dialect: str = "duckdb",
    *,
    funnel: bool = False,
    trace: bool = False,
) -> Inputs:
    """What the compiler needs to know of this run."""
    orphaned = {rule.id: _orphaned(rule, tables) for rule in model.spec.rules}
    return Inputs(as_of, params, tables.windows(), tables.profile(), orphaned, dialect, funnel, trace)


def _orphaned(rule: Rule, tables: RunTables) -> frozenset[str]:
    """Tables of which more rows than the rule allows belong to nobody (semantics 11)."""
    prepared = tables.prepared
    return frozenset(
        name
        for name, count in prepared.orphans.items()
        if count * 100 > prepared.rows.get(name, 0) * rule.orphan_limit_percent
    )
