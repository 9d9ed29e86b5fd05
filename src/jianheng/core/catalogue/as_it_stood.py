"""A table as it stood on an earlier day, made from one that is known later: what had not happened is not seen.

Rows are dated by the days that tell the table's coverage. On an earlier day

- a row is seen if any of these days had come, or if it bears none;
- a later day in a column of these, or in a column whose blank means "has not happened", is blank; in a dated table also
  one whose blank means "still running";
- everything else stays as it is written today: plans (a day by which something is due), and what was corrected since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from jianheng.core.catalogue.fast_sql import quoted
from jianheng.core.catalogue.profile import TableProfile
from jianheng.core.engine.port import Engine
from jianheng.core.terms.lexicon import Lexicon

_SEEN = "as_it_stands"


@dataclass(frozen=True, slots=True)
class StoodTable:
    """``path`` and ``profile`` as on that day; ``rows`` not yet seen, ``cells`` of seen rows not yet written."""

    path: Path
    profile: TableProfile
    rows: int
    cells: int


def happening_columns(table: str, lexicon: Lexicon) -> list[str]:
    """The day columns of ``table`` that say what happened, and so cannot say anything later than the day of asking."""
    term = lexicon.tables[table]
    blank_if_later = {"never", "open"} if term.coverage_on else {"never"}
    return [
        name
        for name, column in lexicon.columns(table).items()
        if column.origin == "source"
        and column.storage == "date"
        and (name in term.coverage_on or column.empty in blank_if_later)
    ]


def as_it_stood(
    canonical: Path, profile: TableProfile, lexicon: Lexicon, day: date, path: Path, engine: Engine
) -> StoodTable:
    """The canonical table as it stood at the end of ``day``, written to ``path`` unless nothing in it is later."""
    happened = happening_columns(profile.table, lexicon)
    if not happened:
        return StoodTable(canonical, profile, 0, 0)
    engine.view(_SEEN, [canonical])
    limit = f"DATE '{day.isoformat()}'"
    seen = _seen(lexicon.tables[profile.table].coverage_on, limit)
    counts = [f"count(*) FILTER (NOT {seen}) AS _hidden"]
    counts += [f"count(*) FILTER ({seen} AND {quoted(name)} > {limit}) AS {quoted(name)}" for name in happened]
    later = engine.fetch(f"SELECT {', '.join(counts)} FROM {_SEEN}", step="后来的记录").to_pylist()[0]
    hidden = int(later.pop("_hidden"))
    cells = sum(map(int, later.values()))
    if not hidden and not cells:
        return StoodTable(canonical, profile, 0, 0)
    blanked = [f"CASE WHEN {quoted(name)} <= {limit} THEN {quoted(name)} END AS {quoted(name)}" for name in happened]
    sql = f"SELECT * REPLACE ({', '.join(blanked)}) FROM {_SEEN} WHERE {seen} ORDER BY _row"
    engine.write(sql, path, step=f"{lexicon.tables[profile.table].title}在{day}")
    path.chmod(0o600)
    return StoodTable(path, _profile(path, profile, lexicon, engine), hidden, cells)


def _seen(days: Sequence[str], limit: str) -> str:
    """Whether a row was there: the first of its days had come, or it has none."""
    if not days:
        return "true"
    first = quoted(days[0]) if len(days) == 1 else f"least({', '.join(map(quoted, days))})"
    return f"coalesce({first} <= {limit}, true)"


def _profile(path: Path, before: TableProfile, lexicon: Lexicon, engine: Engine) -> TableProfile:
    """The profile measured again; how many source cells could not be read stays as it was."""
    engine.view(_SEEN, [path])
    names = list(before.columns)
    parts = ["count(*) AS _rows", "count(*) FILTER (_repeat) AS _repeats"]
    for place, name in enumerate(names):
        parts.append(f"count(*) - count({quoted(name)}) AS {quoted('n_' + name)}")
        parts.append(f"count(*) FILTER (_bad & {1 << place}::BIGINT <> 0) AS {quoted('b_' + name)}")
    counts = engine.fetch(f"SELECT {', '.join(parts)} FROM {_SEEN}", step="统计").to_pylist()[0]
    columns = {
        name: replace(one, nulls=int(counts[f"n_{name}"]), bad=int(counts[f"b_{name}"]))
        for name, one in before.columns.items()
    }
    days: dict[date, int] = {}
    if coverage := lexicon.tables[before.table].coverage_on:
        day = f"coalesce({', '.join(map(quoted, coverage))})"
        query = f"SELECT {day} AS day, count(*) AS n FROM {_SEEN} WHERE {day} IS NOT NULL GROUP BY ALL ORDER BY day"
        days = {row["day"]: int(row["n"]) for row in engine.fetch(query, step="统计").to_pylist()}
    return replace(before, rows=int(counts["_rows"]), repeats=int(counts["_repeats"]), columns=columns, days=days)
