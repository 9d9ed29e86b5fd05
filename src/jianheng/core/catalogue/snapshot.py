"""An import as an immutable folder, named by a hash of what went into it.

    <root>/<id>/landed/*.parquet  canonical/<table>.parquet  canonical/<table>.source.parquet
                problems.parquet  manifest.json

The folder appears whole or not at all. It holds personal data in clear: folders 0700, files 0600.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from jianheng.core.catalogue.canonical import FORMAT_VERSION, lay_out, read_table
from jianheng.core.catalogue.canonical_problems import (
    join_problems,
    write_landing_problems,
    write_unread,
    write_unread_small,
)
from jianheng.core.catalogue.canonical_readers import Readers
from jianheng.core.catalogue.canonical_small import landed_size, read_small
from jianheng.core.catalogue.duplicates import write_numbered
from jianheng.core.catalogue.duplicates_small import write_small
from jianheng.core.catalogue.profile import TableProfile, measure_profile
from jianheng.core.catalogue.snapshot_purge import DESTROYED, set_aside_destroyed
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.durable import private_folder, writing_folder
from jianheng.core.foundation.errors import DataProblem, Problem, RunProblem
from jianheng.core.foundation.identity import hash_value, short_id
from jianheng.core.foundation.progress import Progress
from jianheng.core.ingest.landed import LandedSheet, Landing, SourceFile
from jianheng.core.terms.lexicon import Lexicon

LANDED = "landed"
MANIFEST = "manifest.json"
PROBLEMS = "problems.parquet"

#: Rows times columns up to which a table is read in memory: some 400 MB at most. Beyond, the engine's tiers pay.
SMALL_CELLS = 3_000_000
_SMALL_SIZE = 512 << 20  # bytes of text: a few cells may be long ones


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A finished snapshot. ``hash`` says what it holds; ``problem_counts`` are rows of ``problems`` per code."""

    folder: Path
    hash: str
    landing: Landing
    tables: dict[str, TableProfile]
    problem_counts: dict[str, int]

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """The source files, by number."""
        return self.landing.files

    @property
    def sheets(self) -> tuple[LandedSheet, ...]:
        """Every sheet that was landed, recognised or not."""
        return self.landing.sheets

    @property
    def problems(self) -> Path:
        """Parquet: every problem of landing and every unread cell (see ``canonical_problems.PROBLEM_COLUMNS``)."""
        return self.folder / PROBLEMS

    def table(self, name: str) -> TableProfile | None:
        """The profile of a table, or ``None`` if it was not supplied."""
        return self.tables.get(name)

    def canonical(self, name: str) -> Path:
        """Parquet: one line per row of a supplied table."""
        return self.folder / "canonical" / f"{name}.parquet"

    def source(self, name: str) -> Path:
        """Parquet: one line per source row of a supplied table, with its raw texts."""
        return self.folder / "canonical" / f"{name}.source.parquet"


def build_snapshot(
    landing: Landing,
    lexicon: Lexicon,
    engine: Engine,
    root: Path,
    progress: Progress,
    small_cells: int = SMALL_CELLS,
) -> Snapshot:
    """The snapshot of ``landing`` under ``root``: the one already there, or a new one.

    Tables of at most ``small_cells`` cells are read in memory, larger ones by the engine; what comes out is the same.

    A new snapshot takes over the landed Parquet files; ``landing.folder`` is then no longer complete. Raises
    RunProblem if cancelled (R101) or the engine fails (R2xx); nothing is left under ``root`` in either case.
    """
    digest = snapshot_hash(landing, lexicon)
    folder = root / short_id(digest)
    set_aside_destroyed(folder)
    if not folder.exists():
        with writing_folder(folder) as aside:
            _fill(aside, digest, landing, lexicon, engine, progress, small_cells)
    return open_snapshot(folder)


def open_snapshot(folder: Path) -> Snapshot:
    """Read a finished snapshot. Raises DataProblem (D212 none here, D213 destroyed, D214 of another version)."""
    if (folder / DESTROYED).exists():
        raise DataProblem(Problem("D213", "这份数据已经销毁，只留有销毁记录。", file=str(folder / DESTROYED)))
    path = folder / MANIFEST
    if not path.is_file():
        raise DataProblem(Problem("D212", "这里没有数据快照。", file=str(folder), hint="请重新导入原始文件。"))
    manifest = orjson.loads(path.read_bytes())
    if manifest["format"] != FORMAT_VERSION:
        raise DataProblem(
            Problem("D214", "数据快照由另一版本的程序写成。", file=str(folder), hint="请重新导入原始文件。")
        )
    landing = Landing.from_dict(folder, manifest["landing"])
    tables = {name: TableProfile.from_dict(record) for name, record in manifest["tables"].items()}
    return Snapshot(folder, manifest["hash"], landing, tables, manifest["problem_counts"])


def destroyed_record(landing: Landing, lexicon: Lexicon, root: Path) -> dict[str, Any] | None:
    """The record of destruction (销毁记录) of the snapshot that ``landing`` would make under ``root``; None if none."""
    path = root / short_id(snapshot_hash(landing, lexicon)) / DESTROYED
    return dict(orjson.loads(path.read_bytes())) if path.is_file() else None


def snapshot_hash(landing: Landing, lexicon: Lexicon) -> str:
    """The identity of a snapshot: sources with their names, how they were mapped, the terms used, the format."""
    used = sorted({sheet.table for sheet in landing.sheets if sheet.table})
    names = {file.number: [file.hash, file.name] for file in landing.files}
    sheets = [
        [*names[sheet.file], sheet.sheet, sheet.table, sheet.header_rows, sorted(_mapping(sheet).items())]
        for sheet in landing.sheets
    ]
    return hash_value(
        {
            "format": FORMAT_VERSION,
            "files": sorted(names.values()),
            "sheets": sorted(sheets, key=hash_value),
            "terms": {name: lexicon.digest(name) for name in used},
        }
    )


def _mapping(sheet: LandedSheet) -> dict[str, list[object]]:
    return {name: [heading.index, heading.unit] for name, heading in sheet.headings.items()}


def _fill(
    aside: Path,
    digest: str,
    landing: Landing,
    lexicon: Lexicon,
    engine: Engine,
    progress: Progress,
    small_cells: int,
) -> None:
    private_folder(aside / "canonical")
    staging = private_folder(aside / "staging")
    tables: dict[str, TableProfile] = {}
    parts = write_landing_problems(landing.problems, staging)
    used = sorted({sheet.table for sheet in landing.sheets if sheet.table})
    progress.step("读取各表", len(used))
    readers = Readers(lexicon)
    for table_id in used:
        if progress.cancelled():
            raise RunProblem(Problem("R101", "已按要求停止，导入到一半的数据未采用。"))
        tables[table_id], found = _fill_table(table_id, aside, landing, readers, engine, small_cells)
        parts += found
        progress.advance()
    counts = join_problems(parts, aside / PROBLEMS, engine)
    shutil.rmtree(staging)
    if (landing.folder / LANDED).is_dir():
        shutil.move(landing.folder / LANDED, aside / LANDED)
        (aside / LANDED).chmod(0o700)
    _write_manifest(aside, digest, landing, tables, counts)


def _fill_table(
    table_id: str, aside: Path, landing: Landing, readers: Readers, engine: Engine, small_cells: int
) -> tuple[TableProfile, list[Path]]:
    layout = lay_out(table_id, readers.lexicon)
    sheets = [sheet for sheet in landing.sheets if sheet.table == table_id]
    canonical = aside / "canonical" / f"{table_id}.parquet"
    source = aside / "canonical" / f"{table_id}.source.parquet"
    cells = sum(sheet.counts["data"] for sheet in sheets) * len(layout.columns)
    if cells <= small_cells and landed_size(sheets, landing.folder) <= _SMALL_SIZE:
        table = read_small(layout, sheets, landing.folder, readers)
        return write_small(table, canonical, source), write_unread_small(table, landing.files, aside / "staging")
    staging = private_folder(aside / "staging" / table_id)
    result = read_table(layout, sheets, landing.folder, readers.lexicon, engine, staging)
    parts = write_unread(result, sheets, landing.files, engine, aside / "staging")
    write_numbered(result, canonical, source, engine)
    profile = measure_profile(result, canonical, source, engine)
    shutil.rmtree(staging)
    return profile, parts


def _write_manifest(
    aside: Path, digest: str, landing: Landing, tables: dict[str, TableProfile], counts: dict[str, int]
) -> None:
    manifest: dict[str, Any] = {
        "format": FORMAT_VERSION,
        "hash": digest,
        "landing": landing.to_dict(),
        "tables": {name: profile.to_dict() for name, profile in tables.items()},
        "problem_counts": counts,
    }
    (aside / MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
