"""The rows under one recognised head: sorted into kinds, merged cells filled, written as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from jianheng.core.ingest import explain
from jianheng.core.ingest.cells import cell_text, text_column
from jianheng.core.ingest.context import Context, heading_at
from jianheng.core.ingest.data_merges import DataMerges
from jianheng.core.ingest.grid import Grid, Merge, Row
from jianheng.core.ingest.headings import column_letter, squeezed
from jianheng.core.ingest.landed import COUNTS, Heading
from jianheng.core.ingest.parquet_rows import RowsWriter
from jianheng.core.ingest.recognise import WINDOW, Guess, Recognition, recognise, units
from jianheng.core.ingest.row_kinds import blank_rows, equal_rows, only_filled, totals_and_footers

Texts = list[list[str | None]]


@dataclass(frozen=True, slots=True)
class NextHead:
    """Where another block begins: ``window`` (title lines and head) stands from sheet row ``top`` (0-based) on."""

    found: Recognition
    guess: Guess
    window: Texts
    top: int


class Block:
    """A head and what follows it until the sheet ends or another head begins.

    ``window`` are the texts from sheet row ``top`` (0-based) on in which ``guess`` was found; the rows of the window
    above the head are its title.
    """

    def __init__(self, grid: Grid, context: Context, found: Recognition, guess: Guess, window: Texts, top: int) -> None:
        self._grid = grid
        self._context = context
        self._found = found
        self._guess = guess
        self._window = window
        self._top = top
        head_end = self._guess.start + self._guess.height
        lengths = [len(row) for row in window[self._guess.start : head_end]]
        self._width = max(lengths) if grid.ragged else grid.width
        self._counts = dict.fromkeys(COUNTS, 0)
        self._mapped = sorted(self._guess.columns.values())
        self._has_content = [False] * self._width
        self._after_blank = False
        number = context.next_number
        (context.folder / "landed").mkdir(parents=True, exist_ok=True)
        self._data = RowsWriter(context.folder / context.parquet_name(number), self._width)
        self._data.open()
        self._rest = RowsWriter(context.folder / context.parquet_name(number, "-rest"), self._width, kinds=True)
        self._head = window[self._guess.start : head_end]
        self._merges = DataMerges(grid, top + head_end, self._money_columns())
        self._write_window(window[: self._guess.start], top + 1, "title")
        self._write_window(self._head, top + self._guess.start + 1, "header")

    def take(self, number: int, rows: list[Row]) -> tuple[int, NextHead | None]:
        """Take in ``rows``, the first of which is sheet row ``number``.

        Returns how many are done with; and the head that ended this block, if another one was found (its own rows are
        among those done with).
        """
        self._merges.fill(number - 1, rows)
        overlong = self._fit(number, rows) if self._grid.ragged else {}
        columns = [text_column(column) for column in zip(*rows, strict=True)]
        blank = blank_rows(columns, len(rows))
        kinds = self._kinds(number, columns, blank, len(rows)) | overlong
        used, following = self._next_head(number, columns, blank, kinds, len(rows))
        self._write(number, [column.slice(0, used) for column in columns], blank.slice(0, used), kinds, used)
        if used:
            self._after_blank = bool(blank[used - 1].as_py())
        return (used, None) if following is None else (used + len(following.window), following)

    def finish(self) -> None:
        """Close the files and record the sheet."""
        self._data.close()
        self._rest.close()
        context, grid = self._context, self._grid
        headings, unmapped = self._headings()
        self._say_faults()
        number = context.next_number
        rest = context.parquet_name(number, "-rest") if self._rest.rows else ""
        first = self._top + self._guess.start + 1
        files = (context.parquet_name(number), rest)
        header_rows = range(first, first + self._guess.height)
        guesses = (self._guess, *self._found.guesses)
        context.add(grid, self._guess.table.id, headings, unmapped, files, self._counts, header_rows, guesses)

    def _money_columns(self) -> frozenset[int]:
        table = self._guess.table
        return frozenset(index for name, index in self._guess.columns.items() if name in table.money)

    def _headings(self) -> tuple[dict[str, Heading], list[Heading]]:
        texts = list(self._found.headings) + [""] * (self._width - len(self._found.headings))
        titles = [cell for row in self._window[: self._guess.start] for cell in row if cell]
        unit = units(texts, titles, self._guess)
        headings = {
            name: heading_at(self._grid, index, texts[index], unit.get(name, 1))
            for name, index in self._guess.columns.items()
        }
        unmapped = [
            heading_at(self._grid, index, texts[index])
            for index in range(self._width)
            if index not in self._mapped and (texts[index] or self._has_content[index])
        ]
        return headings, unmapped

    def _say_faults(self) -> None:
        context, sheet, first = self._context, self._grid.name, self._grid.first_column
        row = self._top + self._guess.start + self._guess.height
        for name, index in self._guess.twice:
            cell = f"{column_letter(first + index)}{row}"
            kept = column_letter(first + self._guess.columns[name])
            context.say(explain.doubled_heading(context.name, sheet, cell, self._guess.table.titles[name], kept))
        nameless = [heading.letter for heading in self._headings()[1] if not heading.text]
        if nameless:
            context.say(explain.columns_without_heading(context.name, sheet, nameless))
        self._merges.say(context, sheet, first)

    def _fit(self, number: int, rows: list[Row]) -> dict[int, str]:
        """Bring the records of a text file to the width of the head; those with more content than that are rejected."""
        width, rejected = self._width, {}
        for index, row in enumerate(rows):
            if len(row) == width:
                continue
            if len(row) > width and any(cell_text(value) for value in row[width:]):
                rejected[index] = "rejected"
                self._context.say(explain.overlong_record(self._context.name, number + index, len(row), width))
            rows[index] = row[:width] + [""] * (width - len(row))
        return rejected

    def _kinds(self, number: int, columns: Sequence[pa.Array], blank: pa.Array, length: int) -> dict[int, str]:
        kinds: dict[int, str] = {}
        if not columns:
            return kinds
        for index in only_filled(columns, length, self._mapped):
            if not blank[index].as_py():
                kinds |= self._kind_without_mapped(index, columns)
        kinds |= totals_and_footers(columns)
        for index in self._merges.group_rows(number - 1, length, self._mapped):
            if not blank[index].as_py():
                kinds.setdefault(index, "title")
        return kinds

    def _kind_without_mapped(self, index: int, columns: Sequence[pa.Array]) -> dict[int, str]:
        """A row with nothing in any known column: a line over a group, or a numbered line that was never filled in."""
        cells = [(place, text) for place, column in enumerate(columns) if (text := column[index].as_py())]
        if all(text.strip().isdigit() for _, text in cells):
            return {index: "title"}
        return {index: "title"} if len(cells) == 1 and cells[0][0] < self._mapped[0] else {}

    def _next_head(
        self, number: int, columns: Sequence[pa.Array], blank: pa.Array, kinds: dict[int, str], length: int
    ) -> tuple[int, NextHead | None]:
        """Mark repeated heads in ``kinds``; stop before the first row that begins another table."""
        for index in self._suspects(columns, blank):
            if kinds.get(index) == "header":
                continue
            texts = [[column[at].as_py() for column in columns] for at in range(index, min(index + WINDOW, length))]
            if sum(1 for text in texts[0] if text and self._context.known.knows(text)) < 2:
                continue
            if _same_texts(texts[: len(self._head)], self._head):
                kinds |= {index + offset: "header" for offset in range(len(self._head))}
                continue
            following = self._begin(number, index, texts, columns, blank)
            if following is not None:
                return following
        return length, None

    def _suspects(self, columns: Sequence[pa.Array], blank: pa.Array) -> list[int]:
        """Rows that may be heads: the first after a blank row (or after one line of title), or like our own head."""
        result: set[int] = set()
        place = self._mapped[0]
        own = next((row[place] for row in reversed(self._head) if place < len(row) and row[place]), None)
        upper = next((row[place] for row in self._head if place < len(row) and row[place]), None)
        for text in {own, upper} - {None}:
            result.update(equal_rows(columns[place], str(text)))
        length = len(blank)
        gaps = pc.indices_nonzero(blank).to_pylist() if pc.any(blank).as_py() else []
        starts = [gap + 1 for gap in gaps] + ([0] if self._after_blank else [])
        for start in starts:
            result.update(at for at in range(start, min(start + 4, length)) if not blank[at].as_py())
        return sorted(result)

    def _begin(
        self, number: int, index: int, texts: Texts, columns: Sequence[pa.Array], blank: pa.Array
    ) -> tuple[int, NextHead] | None:
        grid, context = self._grid, self._context
        wish = context.wish(grid.name)
        if wish and wish.header_rows:
            return None
        merges = merges_from(grid, number - 1 + index)
        found = recognise(texts[:3], merges, context.heads, context.known, [grid.name, context.stem], wish)
        if found.chosen is None or found.chosen.start != 0:
            return None
        start = index
        while start and index - start < 3 and _single(columns, start - 1):
            start -= 1
        above = [[column[at].as_py() for column in columns] for at in range(start, index)]
        chosen = replace(found.chosen, start=len(above))
        window = above + texts[: chosen.height]
        return start, NextHead(found, chosen, window, number - 1 + start)

    def _write(
        self, number: int, columns: Sequence[pa.Array], blank: pa.Array, kinds: dict[int, str], length: int
    ) -> None:
        """Sort the first ``length`` rows into data and rest, write them, count them."""
        if not length:
            return
        for index, column in enumerate(columns):
            self._has_content[index] = self._has_content[index] or column.null_count < length
        numbers = pa.array(range(number, number + length), pa.int32())
        special = {index: kind for index, kind in kinds.items() if index < length and not blank[index].as_py()}
        if special or pc.any(blank).as_py():
            other = [False] * length
            for index in special:
                other[index] = True
            data = pc.invert(pc.or_(blank, pa.array(other)))
            self._data.write([array.filter(data) for array in (numbers, *columns)])
            self._write_rest(numbers, columns, special)
        else:
            self._data.write([numbers, *columns])
        self._counts["rows"] += length
        self._counts["blank"] += (blanks := pc.sum(blank).as_py())
        self._counts["data"] += length - blanks - len(special)
        for kind in special.values():
            self._counts[kind] += 1

    def _write_rest(self, numbers: pa.Array, columns: Sequence[pa.Array], special: dict[int, str]) -> None:
        order = sorted(special)
        if order:
            at = pa.array(order, pa.int32())
            kinds = pa.array([special[index] for index in order])
            self._rest.write([numbers.take(at), kinds, *(column.take(at) for column in columns)])

    def _write_window(self, texts: Texts, number: int, kind: str) -> None:
        """The rows above and of the head."""
        rows = [(number + at, row) for at, row in enumerate(texts) if any(row)]
        self._counts["rows"] += len(texts)
        self._counts["blank"] += len(texts) - len(rows)
        self._counts[kind] += len(rows)
        if rows:
            columns = [pa.array([_at(row, index) for _, row in rows], pa.string()) for index in range(self._width)]
            numbers = pa.array([number for number, _ in rows], pa.int32())
            self._rest.write([numbers, pa.array([kind] * len(rows)), *columns])


def merges_from(grid: Grid, top: int) -> list[Merge]:
    """The merged cells of the window that begins at sheet row ``top`` (0-based), in rows of the window."""
    return [(r0 - top, c0, r1 - top, c1) for r0, c0, r1, c1 in grid.merges if top <= r0 < top + WINDOW]


def _at(row: Sequence[str | None], index: int) -> str | None:
    return row[index] if index < len(row) else None


def _single(columns: Sequence[pa.Array], index: int) -> bool:
    return sum(1 for column in columns if column[index].is_valid) == 1


def _same_texts(rows: Texts, head: Texts) -> bool:
    def plain(texts: Texts) -> list[list[str]]:
        return [[squeezed(text) for text in row if text] for row in texts]

    return plain(rows) == plain(head)
