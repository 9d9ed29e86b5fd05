"""What a canonical table holds, counted once when it is made: the manifest keeps it, rules are planned by it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from jianheng.core.catalogue.canonical import Layout, ReadTable
from jianheng.core.catalogue.duplicates import day_of_row
from jianheng.core.catalogue.fast_sql import quoted
from jianheng.core.engine.port import Engine


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One canonical column. ``present``: at least one sheet has it (a derived column: its source).

    ``nulls`` and ``bad`` count canonical rows: without a value, and unknown because unread or not supplied. ``unread``
    counts source cells whose text could not be read; ``notes`` what the readers remarked, in source cells.
    """

    present: bool
    nulls: int
    bad: int
    unread: int = 0
    notes: dict[str, int] = field(default_factory=dict)

    @property
    def certain(self) -> bool:
        """Whether every row has a value, so that no condition on this column can be unknown."""
        return self.nulls == 0 and self.bad == 0


@dataclass(frozen=True, slots=True)
class TableProfile:
    """One canonical table: ``rows``, of which ``repeats`` are further equal rows, from ``source_rows`` landed rows.

    ``days``: rows per day of the first filled coverage date, in order of days.
    """

    table: str
    rows: int
    source_rows: int
    repeats: int
    columns: dict[str, ColumnProfile]
    days: dict[date, int]

    @property
    def first(self) -> date | None:
        """The earliest coverage date."""
        return min(self.days, default=None)

    @property
    def last(self) -> date | None:
        """The latest coverage date, whatever was typed."""
        return max(self.days, default=None)

    @property
    def months(self) -> dict[str, int]:
        """Rows per month (``"2023-05"``) that has any, in order."""
        months: Counter[str] = Counter()
        for day, rows in self.days.items():
            months[f"{day:%Y-%m}"] += rows
        return dict(sorted(months.items()))

    def to_dict(self) -> dict[str, Any]:
        """The record for ``manifest.json``."""
        columns = {
            name: {"present": one.present, "nulls": one.nulls, "bad": one.bad, "unread": one.unread, "notes": one.notes}
            for name, one in self.columns.items()
        }
        counts = {"rows": self.rows, "source_rows": self.source_rows, "repeats": self.repeats}
        covered = {"first": _text(self.first), "last": _text(self.last), "months": self.months}
        days = {day.isoformat(): rows for day, rows in self.days.items()}
        return {"table": self.table, **counts, "columns": columns, **covered, "days": days}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> TableProfile:
        """The reverse of :meth:`to_dict`."""
        columns = {name: ColumnProfile(**one) for name, one in record["columns"].items()}
        days = {date.fromisoformat(day): rows for day, rows in record["days"].items()}
        return cls(record["table"], record["rows"], record["source_rows"], record["repeats"], columns, days)


def measure_profile(result: ReadTable, canonical: Path, source: Path, engine: Engine) -> TableProfile:
    """Count what was written to ``canonical`` and ``source``."""
    layout = result.layout
    engine.view("measured", [canonical])
    engine.view("measured_source", [source])
    parts = ["count(*) AS _rows", "count(*) FILTER (_repeat) AS _repeats"]
    for name in layout.columns:
        parts.append(f"count(*) - count({quoted(name)}) AS {quoted('n_' + name)}")
        parts.append(f"count(*) FILTER (_bad & {layout.bit(name)} <> 0) AS {quoted('b_' + name)}")
    counts = engine.fetch(f"SELECT {', '.join(parts)} FROM measured", step="统计").to_pylist()[0]
    source_rows = engine.fetch("SELECT count(*) AS n FROM measured_source", step="统计").to_pylist()[0]["n"]
    columns = {
        name: ColumnProfile(
            _is_present(result, name),
            counts[f"n_{name}"],
            counts[f"b_{name}"],
            result.unread.get(name, 0),
            dict(sorted(result.notes.get(name, Counter()).items())),
        )
        for name in layout.columns
    }
    days = _days(layout, engine)
    return TableProfile(layout.table.id, counts["_rows"], source_rows, counts["_repeats"], columns, days)


def _is_present(result: ReadTable, name: str) -> bool:
    derived = result.layout.derived.get(name)
    return (derived.source if derived else name) in result.present


def _days(layout: Layout, engine: Engine) -> dict[date, int]:
    if not layout.table.coverage_on:
        return {}
    day = day_of_row(layout)
    query = f"SELECT {day} AS day, count(*) AS n FROM measured WHERE {day} IS NOT NULL GROUP BY ALL ORDER BY day"
    return {row["day"]: row["n"] for row in engine.fetch(query, step="统计").to_pylist()}


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
