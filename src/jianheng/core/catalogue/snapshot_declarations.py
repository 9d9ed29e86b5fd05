"""What people declare about imported data: kept beside the snapshots, one JSON line each, only ever added to."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from jianheng.core.foundation.durable import append_line, private_folder, whole_lines
from jianheng.core.foundation.errors import DataProblem, Problem

DECLARATIONS = "declarations.jsonl"


@dataclass(frozen=True, slots=True)
class Declaration:
    """One statement about one snapshot (``table`` empty: about all its tables); a later one overrules an earlier.

    ``action``: whether the import adds to earlier ones of the same supplier and period or replaces them. ``coverage``
    is the record of a TableCoverage. ``at`` is local time without zone.
    """

    snapshot: str
    at: datetime
    by: str
    table: str = ""
    action: Literal["append", "replace"] = "append"
    supplier: str = ""
    period: str = ""
    legal_basis: str = ""
    purpose: str = ""
    expires_on: date | None = None
    coverage: dict[str, Any] = field(default_factory=dict)


def append_declaration(root: Path, declaration: Declaration) -> None:
    """Add one line; it is on disk when this returns. A line torn by an interruption never counted and is cut off."""
    append_line(private_folder(root) / DECLARATIONS, asdict(declaration))


def read_declarations(root: Path) -> list[Declaration]:
    """All declarations in the order they were made; none if nothing was declared. Raises DataProblem (D216)."""
    path = root / DECLARATIONS
    if not path.exists():
        return []
    lines = whole_lines(path.read_bytes()).decode("utf-8").splitlines()
    return [_declaration(path, number, line) for number, line in enumerate(lines, 1)]


def _declaration(path: Path, number: int, line: str) -> Declaration:
    try:
        record = json.loads(line)
        record["at"] = datetime.fromisoformat(record["at"])
        record["expires_on"] = date.fromisoformat(record["expires_on"]) if record["expires_on"] else None
        return Declaration(**record)
    except (ValueError, TypeError, KeyError) as error:
        problem = Problem("D216", "这一行声明读不了。", file=str(path), line=number, column=1, hint="请从备份恢复。")
        raise DataProblem(problem) from error
