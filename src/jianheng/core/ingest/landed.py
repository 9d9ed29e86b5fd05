"""What landing gives: files, sheets, headings. Plain values, to and from JSON for manifest and processes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jianheng.core.foundation.errors import Problem

COUNTS = ("rows", "data", "title", "header", "total", "blank", "rejected")
"""``rows`` is the sum of the others. Footers such as 填表人 and group lines count as title."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it came. ``name``: as the person named it, relative to the parent of what was given, with "/"."""

    number: int
    name: str
    path: Path
    hash: str
    size: int


@dataclass(frozen=True, slots=True)
class Heading:
    """One column: ``c{index}`` of the landed Parquet, Excel's ``letter`` in the source, full text, money unit."""

    index: int
    letter: str
    text: str
    unit: int = 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A table a sheet resembles: how many headings fit, and which required columns are not there."""

    table: str
    score: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LandedSheet:
    """One block of rows under one head. ``sheet`` is "" for text files; ``table`` None: not recognised, rows not kept.

    ``parquet``: data rows only, relative to the landing folder: ``row`` INTEGER (1-based as Excel shows it; csv: record
    number), ``c0``… VARCHAR, NULL = blank. ``rest``: the other rows that are not blank, with their ``kind`` besides.
    """

    number: int
    file: int
    sheet: str
    hidden: bool
    kind: str
    table: str | None
    headings: dict[str, Heading]
    unmapped: tuple[Heading, ...]
    parquet: str
    counts: dict[str, int]
    header_rows: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    rest: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON-like values; by hand, because ``asdict`` takes its time where there are hundreds of sheets."""
        return {name: getattr(self, name) for name in LandedSheet.__slots__} | {
            "headings": {name: _heading_to_dict(heading) for name, heading in self.headings.items()},
            "unmapped": [_heading_to_dict(heading) for heading in self.unmapped],
            "candidates": [{"table": c.table, "score": c.score, "missing": c.missing} for c in self.candidates],
        }

    @staticmethod
    def from_dict(data: dict[str, Any]) -> LandedSheet:
        """The inverse of :meth:`to_dict`."""
        return LandedSheet(
            **data
            | {
                "headings": {name: Heading(**heading) for name, heading in data["headings"].items()},
                "unmapped": tuple(Heading(**heading) for heading in data["unmapped"]),
                "header_rows": tuple(data["header_rows"]),
                "candidates": tuple(Candidate(c["table"], c["score"], tuple(c["missing"])) for c in data["candidates"]),
            }
        )


def _heading_to_dict(heading: Heading) -> dict[str, Any]:
    return {"index": heading.index, "letter": heading.letter, "text": heading.text, "unit": heading.unit}


@dataclass(frozen=True, slots=True)
class Landing:
    """All files of one import, landed in ``folder``. ``problems`` are in order of file and sheet."""

    folder: Path
    files: tuple[SourceFile, ...]
    sheets: tuple[LandedSheet, ...]
    problems: tuple[Problem, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON-like values without the folder, which the reader of the manifest knows."""
        return {
            "files": [asdict(file) | {"path": str(file.path)} for file in self.files],
            "sheets": [sheet.to_dict() for sheet in self.sheets],
            "problems": [problem.as_dict() for problem in self.problems],
        }

    @staticmethod
    def from_dict(folder: Path, data: dict[str, Any]) -> Landing:
        """The inverse of :meth:`to_dict`."""
        return Landing(
            folder,
            tuple(SourceFile(**file | {"path": Path(file["path"])}) for file in data["files"]),
            tuple(LandedSheet.from_dict(sheet) for sheet in data["sheets"]),
            tuple(Problem(**problem) for problem in data["problems"]),
        )
