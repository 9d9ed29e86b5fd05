"""Registers of cases with what happened in them, at any size: the worked cases of a model, each many times.

Every copy has keys of its own and goes through the same rooms as real files, so whatever tables and rules a model has
can be measured. Cases of which something cannot be told are left out: a tidy register, every verdict known beforehand.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from jianheng.core.catalogue.profile import TableProfile
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.durable import private_folder
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.sandbox.trials import repeated, shares_tables
from jianheng.core.screening.cases import Case, read_cases
from jianheng.core.screening.tables import RunTables
from jianheng.core.screening.trial import case_tables

BY_FILE = 4_000
_CHAINS = 1_000_000  # more than the first few thousand cases have
_KEYS = frozenset((
    "resident_id", "credit_code", "person_name", "phone", "account_number", "case_number", "document_number",
    "reference_number",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseLogs:
    """``count`` cases in ``rows`` rows; ``hits``: rule -> how many its worked cases say it has."""

    tables: RunTables
    as_of: date
    count: int
    rows: int
    hits: dict[str, int]


def build_logs(model: SupervisionModel, count: int, folder: Path, engine: DuckdbEngine) -> CaseLogs:
    """At least ``count`` cases of ``model``; the first thousands come in like files, the others are copies of them."""
    cases = [case for case in read_cases(model) if shares_tables(case) and not _is_open(case)]
    as_of, _ = Counter(case.as_of for case in cases).most_common(1)[0]
    cases = [case for case in cases if case.as_of == as_of]
    times = -(-min(count, BY_FILE) // len(cases))
    copies = -(-count // (times * len(cases)))
    first = repeated(model, cases, times)
    hits = {rule: copies * sum(one.verdict == "hit" for one in found) for rule, found in first.expect.items()}
    tables = case_tables(first, model.lexicon, engine, private_folder(folder / model.id))
    tables = _copied(tables, copies, private_folder(folder / model.id / "copied"), engine)
    rows = sum(profile.rows for profile in tables.profiles.values())
    return CaseLogs(tables, as_of, copies * times * len(cases), rows, hits)


def _copied(tables: RunTables, copies: int, folder: Path, engine: DuckdbEngine) -> RunTables:
    """Every row ``copies`` times, each time with numbers, names and a chain of its own."""
    if any(tables.doubtful.values()):
        raise SystemExit("rows that could not be linked cannot be copied: leave out the cases they are of")
    paths, profiles = {}, {}
    for name, path in tables.prepared.paths.items():
        engine.view("one", [path])
        columns = tables.lexicon.columns(name)
        changed = [
            f'"{column}" || CASE WHEN c = 0 THEN \'\' ELSE CAST(c AS VARCHAR) END AS "{column}"'
            for column, term in columns.items()
            if term.type in _KEYS and term.origin == "source"
        ]
        rows = tables.profiles[name].source_rows
        changed.append(f"_row + c * {rows} AS _row")
        if "chain" in columns:
            changed.append(f"chain + c * {_CHAINS} AS chain")
        paths[name] = folder / f"{name}.parquet"
        many = f"SELECT one.* REPLACE ({', '.join(changed)}) FROM one, range({copies}) AS r(c)"
        engine.write(f"{many} ORDER BY _row", paths[name])
        engine.drop_view("one")
        profiles[name] = _grown(tables.profiles[name], copies)
    prepared = replace(
        tables.prepared,
        paths=paths,
        rows={name: count * copies for name, count in tables.prepared.rows.items()},
        orphans={name: count * copies for name, count in tables.prepared.orphans.items()},
        steps={
            name: {step: count * copies for step, count in steps.items()}
            for name, steps in tables.prepared.steps.items()
        },
    )
    return replace(tables, prepared=prepared, canonical=paths, source=paths, profiles=profiles)


def _grown(profile: TableProfile, copies: int) -> TableProfile:
    columns = {
        name: replace(one, nulls=one.nulls * copies, bad=one.bad * copies) for name, one in profile.columns.items()
    }
    counts = {name: getattr(profile, name) * copies for name in ("rows", "source_rows", "repeats")}
    return replace(profile, columns=columns, **counts)


def _is_open(case: Case) -> bool:
    return any(one.verdict == "cannot_tell" for found in case.expect.values() for one in found)
