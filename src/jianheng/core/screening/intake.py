"""Intake: what was found in the files, without screening anything: tables, headings, problems, coverage, links."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from jianheng.core.catalogue.snapshot import Snapshot
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.progress import Progress
from jianheng.core.ingest.mapping import read_mapping
from jianheng.core.screening.import_data import Workplace, coverage_of, link_up, take_in
from jianheng.core.screening.listing import links_of, problems_of
from jianheng.core.screening.mapping_draft import BESIDE_A_MAPPING, write_draft
from jianheng.core.screening.pipeline import write_jsonl, writing_results
from jianheng.core.screening.problem_book import write_problem_book
from jianheng.core.screening.protected_problems import with_flags
from jianheng.core.screening.tables import RunTables
from jianheng.core.terms.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class IntakeRequest:
    """``as_of`` ends inferred coverage and open stretches."""

    data: Sequence[Path]
    as_of: date
    workplace: Workplace
    out: Path | None = None
    mapping: Path | None = None


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """``record`` is what ``intake.json`` holds: snapshot, sheets, tables, coverage, links, problems.

    ``draft``: the mapping to complete, if one was written.
    """

    record: dict[str, Any]
    problems: tuple[dict[str, Any], ...]
    problem_count: int
    draft: Path | None = None


INTAKE_RECORD = "intake.json"
_MOST_SHOWN = 50


def intake(request: IntakeRequest, lexicon: Lexicon, progress: Progress) -> IntakeReport:
    """Import ``request.data``; with ``out`` also write intake.json, problems.xlsx, links.jsonl and a mapping draft."""
    mapping = read_mapping(request.mapping, lexicon) if request.mapping else None
    with request.workplace.scratch() as scratch:
        snapshot = take_in(request.data, lexicon, request.workplace, scratch, progress, mapping)
        coverage = coverage_of(snapshot.tables, lexicon, request.as_of, None)
        tables = link_up(snapshot, lexicon, request.workplace, request.as_of, coverage, scratch, progress)
        record = {
            "snapshot": snapshot.hash,
            "folder": str(snapshot.folder),
            "files": [{"name": file.name, "hash": file.hash, "size": file.size} for file in snapshot.files],
            "sheets": [_sheet(sheet.to_dict(), lexicon) for sheet in snapshot.sheets],
            "tables": {
                name: {
                    "title": lexicon.tables[name].title,
                    "rows": profile.rows,
                    "source_rows": profile.source_rows,
                    "repeats": profile.repeats,
                    "missing_columns": [
                        lexicon.tables[name].columns[column].title
                        for column, one in profile.columns.items()
                        if column in lexicon.tables[name].columns and not one.present
                    ],
                    "unread": sum(one.unread for one in profile.columns.values()),
                }
                for name, profile in sorted(snapshot.tables.items())
            },
            "coverage": {name: one.to_dict() for name, one in sorted(coverage.items())},
            "linked": tables.prepared.steps,
            "rows": tables.prepared.rows,
            "orphans": tables.prepared.orphans,
            "problems": snapshot.problem_counts,
        }
        draft = None
        with _engine(tables, scratch, request.workplace) as engine:
            problems = list(with_flags(problems_of(snapshot), snapshot, lexicon, engine, request.as_of))
        if request.out is not None:
            with writing_results(request.out, INTAKE_RECORD, stale=[BESIDE_A_MAPPING]) as folder:
                _write_links(folder / "links.jsonl", tables, snapshot, scratch, request)
                write_problem_book(folder / "problems.xlsx", problems)
                draft = write_draft(folder, request.out, snapshot.landing, lexicon)
                (folder / INTAKE_RECORD).write_bytes(orjson.dumps(record, option=orjson.OPT_INDENT_2))
    return IntakeReport(record, tuple(problems[:_MOST_SHOWN]), len(problems), draft)


@contextmanager
def _engine(tables: RunTables, scratch: Path, workplace: Workplace) -> Iterator[Engine]:
    """An engine that knows every table as it was read, and the links."""
    with DuckdbEngine(scratch / "spill", memory=workplace.memory) as engine:
        for name in tables.canonical:
            engine.view(f"source__{name}", [tables.source[name]])
            engine.view(f"canonical__{name}", [tables.canonical[name]])
        engine.view("links", [tables.prepared.links])
        yield engine


def _write_links(path: Path, tables: RunTables, snapshot: Snapshot, scratch: Path, request: IntakeRequest) -> None:
    with _engine(tables, scratch, request.workplace) as engine:
        write_jsonl(path, links_of(tables, snapshot, engine, request.as_of))


def _sheet(sheet: dict[str, Any], lexicon: Lexicon) -> dict[str, Any]:
    """A landed sheet with the Chinese title of its table."""
    table = sheet["table"]
    return {**sheet, "table_title": lexicon.tables[table].title if table else ""}
