"""Whose a planted money row is, by what the case itself says, and how it may lose its number and still be told.

Only what is beyond doubt counts: where the rows of a case leave it open, the case is not planted, or keeps its numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from jianheng.core.sandbox.row import Row
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Chain, Link, SameNumber, Step

Cells = Mapping[str, object]
"""Canonical values by column, ``None`` where blank or unread."""


class Doubtful(Exception):
    """The rows of a case do not say whose a row is."""


def canonical_rows(lexicon: Lexicon, rows: Sequence[Row]) -> list[dict[str, object]]:
    """The values of every row's cells; numbers of one thing (``same_number``) as one of them."""
    values = []
    for row in rows:
        columns = lexicon.tables[row.table].columns
        values.append({name: lexicon.read_cell(columns[name], text).value for name, text in row.cells.items()})
    for row, cells in zip(rows, values, strict=True):
        same = lexicon.tables[row.table].same_number
        if same and cells.get(same.column):
            cells[same.column] = _standing_for(str(cells[same.column]), same, rows, values)
    return values


def _standing_for(number: str, same: SameNumber, rows: Sequence[Row], values: Sequence[Cells]) -> str:
    for row, cells in zip(rows, values, strict=True):
        numbers = [str(cells[name]) for name in same.columns if cells.get(name)]
        if row.table == same.table and number in numbers:
            return min(numbers)
    return number


def owner(link: Link, number: str, row: Cells, anchors: Sequence[Cells]) -> str | None:
    """The number of the anchor a row belongs to, ``None`` if it belongs to none of them. Raises Doubtful."""
    for step in link.ladder:
        found = [anchor for anchor in anchors if _matches(step, row, anchor)]
        if len(found) > 1 or any(_contradicts(link, row, anchor) for anchor in found):
            raise Doubtful(f"more than one row, or a contradicting one, matches by {step.id}")
        if found:
            value = found[0].get(number)
            return str(value) if value else None
    return None


def is_nameless(link: Link, row: Cells) -> bool:
    """Whether the ladder has nothing to hold on to: an orphan, which means less among many rows than in its case."""
    named = [name for step in link.ladder for name in step.columns]
    return not any(row.get(name) for name in [*named, *link.other_keys])


def _matches(step: Step, row: Cells, anchor: Cells) -> bool:
    return all(row.get(ours) and row.get(ours) == anchor.get(theirs) for ours, theirs in step.columns.items())


def _contradicts(link: Link, row: Cells, anchor: Cells) -> bool:
    pairs = [(row.get(ours), anchor.get(theirs)) for ours, theirs in link.agree.items()]
    return any(ours and theirs and ours != theirs for ours, theirs in pairs)


def ways_without_number(
    link: Link, chain: Chain, row: Cells, anchors: Sequence[Cells], texts: Mapping[str, str], as_of: date
) -> tuple[dict[str, str], ...]:
    """Cells to overwrite so that ``link.key`` is blank and a later step still finds the row's anchor, and only it.

    ``texts`` are the cells of that anchor as written. Empty if the case has several anchors or leaves any doubt.
    """
    if len(anchors) != 1 or not row.get(link.key) or row.get(link.key) != anchors[0].get(chain.number):
        return ()
    anchor = anchors[0]
    if any(anchor.get(name) != value for name, value in link.only.items()):
        return ()
    naming = {name for step in link.ladder for name in step.columns} | {link.key}
    ways = []
    for step in link.ladder:
        if link.key in step.columns or not all(anchor.get(theirs) for theirs in step.columns.values()):
            continue
        if step.within and not _inside(link, chain, row, anchor, as_of):
            continue
        ways.append(dict.fromkeys(naming, "") | {ours: texts[theirs] for ours, theirs in step.columns.items()})
    return tuple(ways)


def _inside(link: Link, chain: Chain, row: Cells, anchor: Cells, as_of: date) -> bool:
    """Whether the row's day surely lies in the anchor's stretch. A table without days of its own has none to object."""
    days = [row.get(name) for name in link.on if name in row]
    filled = [day for day in days if isinstance(day, date)]
    starts = [day for name in chain.start if isinstance(day := anchor.get(name), date)]
    if not starts or (link.on and not filled):
        return False
    ends = [day for name in chain.ended if isinstance(day := anchor.get(name), date)]
    last = min(ends) + timedelta(days=link.stretch.after_end_days) if ends and link.stretch.until == "end" else as_of
    first = max(starts) - timedelta(days=link.stretch.before_days)
    return all(first <= day <= last for day in filled) if filled else True
