"""Files -> snapshot -> linked tables: what every run begins with."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from jianheng.core.catalogue.coverage import TableCoverage, declared_coverage, infer_coverage, read_coverage
from jianheng.core.catalogue.prepared import prepare
from jianheng.core.catalogue.profile import TableProfile
from jianheng.core.catalogue.snapshot import Snapshot, build_snapshot, destroyed_record
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.durable import private_folder
from jianheng.core.foundation.progress import Progress
from jianheng.core.ingest.landing import land
from jianheng.core.ingest.mapping import Mapping as TableMapping
from jianheng.core.legal_time.calendar import Calendar, default_calendar
from jianheng.core.screening.leftovers import clear_abandoned, clock_of, working_folder
from jianheng.core.screening.tables import RunTables
from jianheng.core.terms.lexicon import Lexicon

_WORKING = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Workplace:
    """``home`` is JIANHENG_HOME; ``memory`` bounds an engine (as DuckDB writes sizes)."""

    home: Path
    memory: str = "2GB"
    threads: int = 2

    @property
    def snapshots(self) -> Path:
        return private_folder(self.home / "snapshots")

    @property
    def temporary(self) -> Path:
        return private_folder(self.home / "tmp")

    def calendar(self) -> Calendar:
        """Working days as shipped, with the yearly notices that the office has put into ``holidays/``."""
        notices = self.home / "holidays"
        return default_calendar(notices if notices.is_dir() else None)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for one run, gone afterwards; what runs that were killed left behind goes first."""
        self.tidy(clock_of(self.temporary))
        with working_folder(self.temporary / uuid.uuid4().hex[:12]) as folder:
            yield folder

    def tidy(self, now: float) -> bool:
        """Remove what killed runs left: they hold personal data in clear. ``now`` as for ``clear_abandoned``.

        Half-made snapshots are nobody's once no run is left that could be making them: the answer says whether one is.
        """
        working = [folder for folder in self.temporary.iterdir() if _WORKING.fullmatch(folder.name)]
        if clear_abandoned(working, now):
            return True
        for folder in self.snapshots.glob(".*.part"):
            if folder.is_dir() and not folder.is_symlink():
                shutil.rmtree(folder, ignore_errors=True)
        return False


def take_in(
    data: Sequence[Path],
    lexicon: Lexicon,
    workplace: Workplace,
    scratch: Path,
    progress: Progress,
    mapping: TableMapping | None = None,
    *,
    lasting: bool = True,
) -> Snapshot:
    """Land ``data`` and make (or find) its snapshot.

    Not ``lasting``: data that were destroyed here are read into ``scratch`` alone, so that none come back by the way.
    """
    landing = land(data, private_folder(scratch / "landing"), lexicon, progress, mapping)
    root = workplace.snapshots
    if not lasting and destroyed_record(landing, lexicon, root):
        root = private_folder(scratch / "snapshots")
    with DuckdbEngine(scratch / "spill", memory=workplace.memory, threads=workplace.threads) as engine:
        return build_snapshot(landing, lexicon, engine, root, progress)


def coverage_of(
    tables: Mapping[str, TableProfile], lexicon: Lexicon, as_of: date, file: Path | None
) -> dict[str, TableCoverage]:
    """What each supplied table covers: as declared, else as its dates show."""
    declared = read_coverage(file, lexicon) if file else {}
    return {
        name: declared_coverage(name, declared[name]) if name in declared else infer_coverage(profile, as_of)
        for name, profile in tables.items()
    }


def link_up(
    snapshot: Snapshot,
    lexicon: Lexicon,
    workplace: Workplace,
    as_of: date,
    coverage: Mapping[str, TableCoverage],
    scratch: Path,
    progress: Progress,
) -> RunTables:
    """Chain and link the snapshot's tables for one day."""
    canonical = {name: snapshot.canonical(name) for name in snapshot.tables}
    source = {name: snapshot.source(name) for name in snapshot.tables}
    with DuckdbEngine(scratch / "spill", memory=workplace.memory, threads=workplace.threads) as engine:
        return link_tables(
            canonical, source, snapshot.tables, lexicon, engine, as_of, coverage, scratch / "prepared", progress
        )


def link_tables(
    canonical: Mapping[str, Path],
    source: Mapping[str, Path],
    profiles: Mapping[str, TableProfile],
    lexicon: Lexicon,
    engine: Engine,
    as_of: date,
    coverage: Mapping[str, TableCoverage],
    folder: Path,
    progress: Progress,
) -> RunTables:
    """Chain and link tables, wherever they come from, for one day; ``folder`` takes what is made."""
    prepared = prepare(canonical, lexicon, engine, as_of, folder, progress)
    doubtful = {name: pq.read_metadata(path).num_rows for name, path in prepared.doubts.items()}
    return RunTables(lexicon, prepared, canonical, source, profiles, dict(coverage), doubtful)
