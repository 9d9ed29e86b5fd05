"""A sheet or a text file on its way in: rows of cells, in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Row = list[Any]
Merge = tuple[int, int, int, int]
CHUNK_ROWS = 10_000


@dataclass(slots=True)
class Grid:
    """Rows from the first of the sheet on (1-based number 1), in lists of at most ``CHUNK_ROWS``.

    ``chunks`` gives rows of ``width`` cells each; only text files (``ragged``) may give rows of other lengths.
    ``merges`` are 0-based r0, c0, r1, c1 in columns of this grid; its column 0 is the sheet's ``first_column``.
    """

    name: str
    kind: str
    chunks: Iterator[list[Row]]
    width: int
    hidden: bool = False
    ragged: bool = False
    first_column: int = 0
    merges: list[Merge] = field(default_factory=list)
