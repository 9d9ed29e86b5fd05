"""Merged cells below a head: what stands once over a group holds for every row of it, except an amount of money."""

from __future__ import annotations

from collections.abc import Sequence

from jianheng.core.ingest import explain
from jianheng.core.ingest.cells import cell_text
from jianheng.core.ingest.context import Context
from jianheng.core.ingest.grid import Grid, Merge, Row
from jianheng.core.ingest.headings import column_letter

_GROUP_WIDTH = 3


class DataMerges:
    """The merged cells of ``grid`` from sheet row ``top`` (0-based) on.

    A cell merged downwards is filled into the rows it covers, in its first column only: to its right stand other
    columns, whose value it is not. Cells of ``money`` columns are left as they are: filling would count one amount
    many times.
    """

    def __init__(self, grid: Grid, top: int, money: frozenset[int]) -> None:
        below = [merge for merge in grid.merges if merge[0] >= top]
        self._tall = sorted(merge for merge in below if merge[2] > merge[0])
        self._wide = sorted(merge for merge in below if merge[3] - merge[1] + 1 >= _GROUP_WIDTH)
        self._money = money
        self._values: dict[tuple[int, int], object] = {}
        self._filled: list[tuple[int, int]] = []
        self._left: list[tuple[int, int]] = []

    def fill(self, top: int, rows: list[Row]) -> None:
        """Fill the groups in ``rows``, the first of which is sheet row ``top`` (0-based)."""
        end = top + len(rows)
        for merge in self._tall:
            if merge[0] >= end:
                break
            if merge[2] >= top:
                self._fill_one(merge, top, rows)

    def group_rows(self, top: int, length: int, mapped: Sequence[int]) -> list[int]:
        """Rows (0-based in the chunk) that are one merged cell over most of the known columns: the name of a group."""
        result = []
        for r0, c0, r1, c1 in self._wide:
            covered = sum(1 for index in mapped if c0 <= index <= c1)
            if covered >= max(2, len(mapped) - 1):
                result += [row - top for row in range(max(r0, top), min(r1, top + length - 1) + 1)]
        return result

    def say(self, context: Context, sheet: str, first_column: int) -> None:
        """Tell what was filled and what was not."""
        for cells, explained in ((self._filled, explain.merged_filled), (self._left, explain.merged_money)):
            if cells:
                row, column = cells[0]
                cell = f"{column_letter(first_column + column)}{row + 1}"
                context.say(explained(context.name, sheet, cell, len(cells)))

    def _fill_one(self, merge: Merge, top: int, rows: list[Row]) -> None:
        r0, c0, r1, c1 = merge
        width = len(rows[0])
        if c0 >= width or c1 - c0 + 1 >= max(_GROUP_WIDTH, width):
            return
        if r0 >= top:
            value = rows[r0 - top][c0]
            if cell_text(value) is None:
                return
            self._values[r0, c0] = value
            (self._left if c0 in self._money else self._filled).append((r0, c0))
        if c0 in self._money or (r0, c0) not in self._values:
            return
        for row in range(max(r0 + 1, top), min(r1, top + len(rows) - 1) + 1):
            rows[row - top][c0] = self._values[r0, c0]
