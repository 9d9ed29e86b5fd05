"""Which table a sheet holds, and in which rows its head stands.

Everything is exact: a heading is known in its normal form or it is not. What merely resembles a heading goes to the
draft of ``mapping.yaml``, never into the data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from jianheng.core.ingest.grid import Merge
from jianheng.core.ingest.headings import (
    KnownHeadings,
    TableHeads,
    heading_spellings,
    squeezed,
    unit_of_heading,
    unit_of_title,
)

SKIP = "skip"
"""The table a mapping names for a sheet that is not to be read."""
WINDOW = 60
"""Rows at the top of a sheet in which the head is looked for."""
_HEAD_ROWS = 3
Texts = Sequence[Sequence[str | None]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What ``mapping.yaml`` says about a sheet."""

    table: str | None = None
    header_rows: tuple[int, ...] = ()
    """1-based rows as Excel shows them."""
    columns: dict[str, str] = field(default_factory=dict)
    """Form of a heading -> canonical column."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One table tried against one place of a sheet. ``start`` and ``height`` in rows of the window."""

    table: TableHeads
    start: int
    height: int
    columns: dict[str, int]
    twice: tuple[tuple[str, int], ...]
    missing: tuple[str, ...]

    @property
    def score(self) -> int:
        return len(self.columns)


@dataclass(frozen=True, slots=True)
class Recognition:
    """The answer for a window: the chosen guess, or None with the nearest ones in ``guesses``; ``why`` if undecided."""

    chosen: Guess | None
    guesses: tuple[Guess, ...]
    headings: tuple[str, ...]
    """Full heading text per column of the grid ("" where there is none)."""
    ambiguous: bool = False


def recognise(
    texts: Texts,
    merges: Sequence[Merge],
    heads: Sequence[TableHeads],
    known: KnownHeadings,
    names: Sequence[str],
    wish: Wish | None = None,
) -> Recognition:
    """Look for the first head in ``texts`` (rows of cell texts; ``merges`` as 0-based r0, c0, r1, c1 in the same rows).

    ``known`` are the headings of ``heads``. ``names`` are what the sheet and file are called; together with the title
    lines they only break ties.
    """
    wanted = [table for table in heads if wish is None or wish.table in (None, table.id)]
    guesses = _guesses(texts, merges, wanted, wish, known)
    eligible = [guess for guess in guesses if _eligible(guess, wish)]
    if not eligible:
        nearest = tuple(sorted(guesses, key=_nearness)[:3])
        place = nearest[0] if nearest else None
        headings = joined_headings(texts, merges, place.start, place.height) if place else ()
        return Recognition(None, nearest, headings)
    first = min(guess.start for guess in eligible)
    here = [guess for guess in eligible if guess.start < first + _HEAD_ROWS]
    # A title merged over the head may be taken for its first row; it is a title all the same.
    names = [*names, *_titles(texts, min(here, key=_plainness).start)]
    chosen, rivals = _choose(here, names)
    doubts = _doubts(chosen, guesses, names) if chosen else []
    if chosen and doubts:
        rivals, chosen = [chosen, *doubts], None
    place = chosen or rivals[0]
    headings = joined_headings(texts, merges, place.start, place.height)
    return Recognition(chosen, tuple(rivals), headings, ambiguous=chosen is None)


def joined_headings(texts: Texts, merges: Sequence[Merge], start: int, height: int) -> tuple[str, ...]:
    """The heading of every column: its parts from top to bottom, joined with "/" (``交纳信息/金额``)."""
    rows = [list(texts[index]) for index in range(start, start + height)]
    for above, below in zip(rows, rows[1:], strict=False):
        _spread_without_merges(above, below, merged=bool(merges))
    for r0, c0, r1, c1 in merges:
        if start <= r0 < start + height:
            for covered in rows[r0 - start : r1 - start + 1]:
                for column in range(c0, min(c1, len(covered) - 1) + 1):
                    covered[column] = texts[r0][c0]
    result = []
    for column in range(max(map(len, rows), default=0)):
        parts: list[str] = []
        for row in rows:
            part = row[column] if column < len(row) else None
            if part and squeezed(part) not in map(squeezed, parts):
                parts.append(part.strip())
        result.append("/".join(parts))
    return tuple(result)


def _spread_without_merges(above: list[str | None], below: Sequence[str | None], *, merged: bool) -> None:
    """Where a format does not tell its merged cells, an upper heading also stands over the blanks to its right."""
    if merged:
        return
    last: str | None = None
    for column, text in enumerate(above):
        if text:
            last = text
        elif last and column < len(below) and below[column]:
            above[column] = last
        else:
            last = None


def units(headings: Sequence[str], titles: Sequence[str], guess: Guess) -> dict[str, int]:
    """Canonical money column -> unit; a heading's own unit goes before that of the title lines."""
    of_sheet = next((unit for title in titles if (unit := unit_of_title(title))), 1)
    result = {}
    for name, index in guess.columns.items():
        if name in guess.table.money:
            result[name] = unit_of_heading(headings[index]) or of_sheet
    return result


def _eligible(guess: Guess, wish: Wish | None) -> bool:
    return not guess.missing and (guess.score >= 2 or wish is not None)


def _guesses(
    texts: Texts, merges: Sequence[Merge], heads: Sequence[TableHeads], wish: Wish | None, known: KnownHeadings
) -> list[Guess]:
    """Every table that fits somewhat, from the top down to where the first eligible one can still have a rival."""
    result: list[Guess] = []
    end = len(texts)
    for start, height in _places(texts, merges, wish, known):
        if start >= end:
            break
        headings = [(index, text) for index, text in enumerate(joined_headings(texts, merges, start, height)) if text]
        found: dict[str, list[tuple[bool, str, int]]] = {}
        for index, text in headings:
            for table_id, (column, lost) in known.columns(text).items():
                found.setdefault(table_id, []).append((lost, column, index))
        for table in heads:
            named = _wished(headings, wish, table)
            if named or table.id in found:
                guess = _guess(table, start, height, named, found.get(table.id, ()))
                end = min(end, start + _HEAD_ROWS) if _eligible(guess, wish) else end
                result.append(guess)
    return result


def _places(
    texts: Texts, merges: Sequence[Merge], wish: Wish | None, known: KnownHeadings
) -> Iterator[tuple[int, int]]:
    """First row and height of every place where a head may stand, from the top."""
    if wish and wish.header_rows:
        start, end = wish.header_rows[0] - 1, wish.header_rows[-1] - 1
        if 0 <= start <= end < len(texts):
            yield start, end - start + 1
        return
    any_heading = bool(wish and wish.columns)
    possible: list[bool] = []  # most rows of a window are data: nothing in them can be a heading
    for start in range(len(texts)):
        for height in range(1, min(_HEAD_ROWS, len(texts) - start) + 1):
            if len(possible) < start + height:
                row = texts[len(possible)]
                possible.append(any_heading or any(text and known.may_end_with(text) for text in row))
            filled = all(any(row) for row in texts[start : start + height])
            if filled and any(possible[start : start + height]) and not _cut_by_merge(merges, start, height):
                yield start, height


def _cut_by_merge(merges: Sequence[Merge], start: int, height: int) -> bool:
    """Whether a merged cell (a heading over two rows) would be cut by a head of these rows."""
    return any(r0 < start <= r1 or r0 < start + height <= r1 for r0, _, r1, _ in merges)


def _guess(
    table: TableHeads, start: int, height: int, named: dict[str, int], found: Sequence[tuple[bool, str, int]]
) -> Guess:
    """``named``: the columns that a mapping gives; ``found``: column and place of every heading the table knows.

    Of two headings of one column that without a bracket passed over goes first, then that on the left.
    """
    columns = dict(named)
    twice: list[tuple[str, int]] = []
    for _, column, index in sorted(found, key=lambda one: one[0]):
        if index in named.values():
            continue
        if column in columns:
            twice.append((column, index))
        else:
            columns[column] = index
    missing = tuple(name for name in table.required if name not in columns)
    return Guess(table, start, height, columns, tuple(twice), missing)


def _wished(headings: Sequence[tuple[int, str]], wish: Wish | None, table: TableHeads) -> dict[str, int]:
    """Canonical column -> place, for the headings that ``mapping.yaml`` gives to a column of ``table``.

    Of several the most telling, and of those the last: the first needs no mapping.
    """
    wanted = wish.columns if wish else {}
    best: dict[str, tuple[int, int]] = {}
    for index, heading in headings if wanted else ():
        for loss, text in enumerate(heading_spellings(heading)):
            if wanted.get(text) in table.titles:
                column = wanted[text]
                best[column] = min(best.get(column, (loss, -index)), (loss, -index))
                break
    return {column: -place for column, (_, place) in best.items()}


def _choose(here: Sequence[Guess], names: Sequence[str]) -> tuple[Guess | None, list[Guess]]:
    """The best of the eligible guesses at one place, or None and the rivals that cannot be told apart."""
    best: dict[str, Guess] = {}
    for guess in sorted(here, key=_plainness):
        best.setdefault(guess.table.id, guess)
    ranked = sorted(best.values(), key=lambda item: (-item.score, -_named(item.table, names), item.table.id))
    top = ranked[0]
    if len(ranked) == 1:
        return top, []
    name_of_top = _named(top.table, names)
    level = [guess for guess in ranked[1:] if guess.score == top.score]
    if any(_named(guess.table, names) == name_of_top for guess in level):
        return None, [top, *level]
    contradicting = [g for g in ranked[1:] if g.score == top.score - 1 and not name_of_top and _named(g.table, names)]
    return (None, [top, *contradicting]) if contradicting else (top, ranked[1:3])


def _doubts(chosen: Guess, guesses: Sequence[Guess], names: Sequence[str]) -> list[Guess]:
    """Tables that fit the same head at least as well but for a required column (a slip in its heading, perhaps)."""
    plain = _named(chosen.table, names)
    return [
        guess
        for guess in guesses
        if guess.missing and (guess.start, guess.height) == (chosen.start, chosen.height)
        and guess.score >= chosen.score and _named(guess.table, names) >= plain
    ]  # fmt: skip


def _plainness(guess: Guess) -> tuple[int, int, int]:
    return (-guess.score, guess.height, guess.start)


def _named(table: TableHeads, names: Sequence[str]) -> int:
    """How plainly the names speak of the table: the length of its longest name found in the first that has one."""
    for name in names:
        plain = squeezed(name)
        found = max((len(own) for own in table.names if own in plain), default=0)
        if found:
            return found
    return 0


def _titles(texts: Texts, first: int) -> list[str]:
    return [cell for row in texts[:first] for cell in row if cell]


def _nearness(guess: Guess) -> tuple[int, int, int, int, str]:
    return (len(guess.missing) - guess.score, -guess.score, guess.height, guess.start, guess.table.id)
