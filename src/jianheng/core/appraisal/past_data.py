"""The tables of a past day: what had been imported by then, else what we know today less what happened later."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jianheng.core.catalogue.as_it_stood import StoodTable, as_it_stood
from jianheng.core.catalogue.coverage import (
    CoverageEntry,
    TableCoverage,
    declared_coverage,
    infer_coverage,
    read_coverage,
)
from jianheng.core.catalogue.snapshot import Snapshot
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.engine.locked import EngineLimits, LockedDuckdbEngine
from jianheng.core.foundation.durable import private_folder
from jianheng.core.foundation.progress import Progress, Quiet
from jianheng.core.screening.import_data import Workplace, link_tables
from jianheng.core.screening.tables import RunTables
from jianheng.core.terms.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class Body:
    """Data that came in together. ``imported_on`` None: there is no other, and it stands for every day."""

    snapshot: Snapshot
    imported_on: date | None = None


@dataclass(frozen=True, slots=True)
class DayData:
    """The tables of one day. ``later_rows`` and ``later_cells``: by table, what was left out as later than the day."""

    as_of: date
    tables: RunTables
    later_rows: Mapping[str, int]
    later_cells: Mapping[str, int]
    snapshots: tuple[str, ...]


class PastData:
    """Gives the tables of any day. ``bodies`` is not empty; ``folder`` takes what is made, a folder a day."""

    def __init__(
        self, bodies: Sequence[Body], lexicon: Lexicon, workplace: Workplace, coverage: Path | None, folder: Path
    ) -> None:
        self.bodies = sorted(bodies, key=lambda body: body.imported_on or date.min)
        self.lexicon, self.workplace = lexicon, workplace
        self.folder = private_folder(folder)
        self._days = private_folder(self.folder / "days")
        self._declared: Mapping[str, tuple[CoverageEntry, ...]] = read_coverage(coverage, lexicon) if coverage else {}

    @property
    def supplied(self) -> frozenset[str]:
        """The tables that any body has."""
        return frozenset(name for body in self.bodies for name in body.snapshot.tables)

    def engine(self) -> LockedDuckdbEngine:
        """The engine for rules: it can read every body, and every day that is made before or after."""
        folders = [body.snapshot.folder / "canonical" for body in self.bodies]
        limits = EngineLimits(memory=self.workplace.memory, threads=self.workplace.threads)
        return LockedDuckdbEngine([*folders, self._days], self.folder / "engine", limits)

    def at(self, as_of: date, wanted: Collection[str], progress: Progress) -> DayData:
        """The tables in ``wanted`` and those they lean on, as they stood on ``as_of``, chained and linked."""
        folder = private_folder(self._days / as_of.isoformat())
        chosen = {
            name: self._body(name, as_of).snapshot
            for name in self.lexicon.leaned_on(set(wanted) & self.lexicon.tables.keys())
            if name in self.supplied
        }
        with DuckdbEngine(
            self.folder / "spill", memory=self.workplace.memory, threads=self.workplace.threads
        ) as engine:
            stood = {
                name: as_it_stood(
                    snapshot.canonical(name),
                    snapshot.tables[name],
                    self.lexicon,
                    as_of,
                    folder / f"{name}.parquet",
                    engine,
                )
                for name, snapshot in chosen.items()
            }
            tables = link_tables(
                {name: one.path for name, one in stood.items()},
                {name: snapshot.source(name) for name, snapshot in chosen.items()},
                {name: one.profile for name, one in stood.items()},
                self.lexicon,
                engine,
                as_of,
                {name: self._coverage(name, one, as_of) for name, one in stood.items()},
                folder / "prepared",
                Quiet(progress),
            )
        return DayData(
            as_of,
            tables,
            {name: one.rows for name, one in stood.items() if one.rows},
            {name: one.cells for name, one in stood.items() if one.cells},
            tuple(sorted({snapshot.hash for snapshot in chosen.values()})),
        )

    def _body(self, table: str, as_of: date) -> Body:
        """The latest import of a table by that day, else its first."""
        having = [body for body in self.bodies if table in body.snapshot.tables]
        by_then = [body for body in having if body.imported_on is None or body.imported_on <= as_of]
        return by_then[-1] if by_then else having[0]

    def _coverage(self, table: str, stood: StoodTable, as_of: date) -> TableCoverage:
        if table not in self._declared:
            return infer_coverage(stood.profile, as_of)
        return declared_coverage(table, self._declared[table]).until(as_of)
