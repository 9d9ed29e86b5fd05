"""A row on its way into a file."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Row:
    """``cells`` are texts by canonical column, in the plain form of their type or, on purpose, unreadable.

    ``belongs_to`` is the number of the row it truly belongs to (linked tables). ``without_number`` are the ways to
    leave that number out so that it can still be told whose row it is: cells to overwrite.
    """

    table: str
    cells: dict[str, str]
    belongs_to: str | None = None
    without_number: tuple[dict[str, str], ...] = ()


@dataclass(slots=True)
class Story:
    """Rows that belong together; ``numbers`` are the numbers of its anchor rows (the decisions).

    ``own_name``: nobody else in the county has the names in it, so that a slip here touches nobody else.
    """

    rows: list[Row] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    own_name: bool = False
