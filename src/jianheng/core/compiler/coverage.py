"""What the tables of a run say they cover, as the compiler needs it: windows without gaps, by district."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Window:
    """Days, both counted, on which a table is complete; ``districts`` None: everywhere but in those ``without`` it."""

    first: date
    last: date
    districts: frozenset[str] | None = None
    without: frozenset[str] = frozenset()


Coverage = Mapping[str, tuple[Window, ...]]
"""Table id -> its windows."""


def claim_of(tables: list[str], coverage: Coverage, as_of: date) -> date:
    """The day up to which all of ``tables`` are known: the least of as_of and the ends of their coverage."""
    ends = [max(window.last for window in coverage[table]) for table in tables if coverage.get(table)]
    return min([as_of, *ends])


def windows_at(windows: tuple[Window, ...], claim: date) -> tuple[Window, ...]:
    """The windows that hold ``claim``: only they can cover everything from some day up to it."""
    return tuple(window for window in windows if window.first <= claim <= window.last)
