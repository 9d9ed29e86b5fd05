"""One grid into landed sheets: find the head, then block after block to the end of the sheet."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

from jianheng.core.foundation.errors import Problem
from jianheng.core.ingest.block import Block, merges_from
from jianheng.core.ingest.cells import cell_text
from jianheng.core.ingest.context import Context, heading_at
from jianheng.core.ingest.explain import ambiguous_table, left_out_on_request, no_heading, unknown_table
from jianheng.core.ingest.grid import Grid, Row
from jianheng.core.ingest.landed import COUNTS
from jianheng.core.ingest.recognise import SKIP, WINDOW, Recognition, recognise
from jianheng.core.ingest.secrecy import secrecy_mark

_ROWS_READ_FOR_MARKS = 10


class ClassifiedFile(Exception):
    """The file carries a classification mark (the argument) and must not be taken in."""


def land_grid(grid: Grid, context: Context) -> None:
    """Land every block of ``grid``; results go to ``context``. Raises ClassifiedFile."""
    chunks = _numbered(grid, context)
    _, rows = next(chunks, (1, []))
    window = _texts(rows[:WINDOW])
    wish = context.wish(grid.name)
    found = recognise(window, merges_from(grid, 0), context.heads, context.known, [grid.name, context.stem], wish)
    _refuse_classified(window, found)
    if found.chosen is None:
        _leave_out(grid, context, found, itertools.chain([(1, rows)], chunks))
        return
    block = Block(grid, context, found, found.chosen, window, 0)
    body = found.chosen.start + found.chosen.height
    for number, part in itertools.chain([(1 + body, rows[body:])], chunks):
        while part:
            taken, following = block.take(number, part)
            number, part = number + taken, part[taken:]
            if following is not None:
                block.finish()
                block = Block(grid, context, following.found, following.guess, following.window, following.top)
    block.finish()


def _leave_out(grid: Grid, context: Context, found: Recognition, chunks: Iterable[tuple[int, list[Row]]]) -> None:
    """Count the rows of a sheet whose table is not known; its headings and candidates go to the mapping draft."""
    counts = dict.fromkeys(COUNTS, 0)
    first, widest = (0, ""), 0
    for number, rows in chunks:
        filled = [(place, texts) for place, row in enumerate(rows, number) if (texts := _filled(row))]
        first = first if first[0] or not filled else (filled[0][0], "、".join(filled[0][1]))
        widest = max([widest, *(len(texts) for _, texts in filled)])
        counts["rows"] += len(rows)
        counts["blank"] += len(rows) - len(filled)
        counts["rejected"] += len(filled)
    wish = context.wish(grid.name)
    if wish is not None and wish.table == SKIP:
        context.say(left_out_on_request(context.name, grid.name))
    elif found.ambiguous:
        context.say(ambiguous_table(context.name, grid.name, found.guesses))
    elif counts["rejected"]:
        context.say(_unknown(grid, context, found, first, widest))
    place = found.guesses[0] if found.guesses else None
    header_rows = range(place.start + 1, place.start + place.height + 1) if place else ()
    headings = [heading_at(grid, index, text) for index, text in enumerate(found.headings) if text]
    context.add(grid, None, {}, headings, ("", ""), counts, header_rows, found.guesses)


def _unknown(grid: Grid, context: Context, found: Recognition, first: tuple[int, str], widest: int) -> Problem:
    """``first``: the first line with anything in it; ``widest``: the most cells that a line fills."""
    row, seen = first
    if found.guesses:
        row, seen = found.guesses[0].start + 1, "、".join(filter(None, found.headings))
    cell = f"第{row}条" if not grid.name else f"第{row}行"
    if widest == 1 and not found.guesses:
        return no_heading(context.name, grid.name, cell, seen)
    return unknown_table(context.name, grid.name, found.guesses, cell, seen)


def _filled(row: Row) -> list[str]:
    return [text for value in row if (text := cell_text(value)) and text.strip()]


def _numbered(grid: Grid, context: Context) -> Iterator[tuple[int, list[Row]]]:
    number = 1
    for rows in grid.chunks:
        yield number, rows
        number += len(rows)
        context.alive(number - 1)


def _texts(rows: Sequence[Row]) -> list[list[str | None]]:
    return [[cell_text(value) for value in row] for row in rows]


def _refuse_classified(window: Sequence[Sequence[str | None]], found: Recognition) -> None:
    """Any mark down to the head; below it, where 秘密 may be a value like any other, only one with a star."""
    body = found.chosen.start + found.chosen.height if found.chosen else _ROWS_READ_FOR_MARKS
    mark = secrecy_mark(cell for row in window[:body] for cell in row if cell)
    mark = mark or secrecy_mark((cell for row in window[body:] for cell in row if cell), starred=True)
    if mark:
        raise ClassifiedFile(mark)
