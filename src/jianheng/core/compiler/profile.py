"""What is known of the data before a plan is made: it lets the compiler leave out what cannot happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """How many cells are blank or unread (both NULL), how many unread, and whether any file has the column at all."""

    nulls: int
    unread: int
    supplied: bool = True


UNKNOWN_COLUMN = ColumnProfile(1, 1)


@dataclass(frozen=True, slots=True)
class SourceProfile:
    """One prepared table: its columns, whether rows repeat inside a sheet, whether unlinked rows throw doubt."""

    rows: int
    columns: Mapping[str, ColumnProfile] = field(default_factory=dict)
    repeats: bool = True
    doubts: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """All supplied tables by id; a table that is not in it was not supplied."""

    tables: Mapping[str, SourceProfile]

    def column(self, table: str, column: str) -> ColumnProfile:
        """The profile of a column; the worst case where nothing is known."""
        source = self.tables.get(table)
        return source.columns.get(column, UNKNOWN_COLUMN) if source else UNKNOWN_COLUMN
