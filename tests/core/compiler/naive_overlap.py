"""What an overlap means, a second time: days as sets of numbers, one pair of rows at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from jianheng.core.model.expression import Column, Node, parse
from jianheng.core.model.spec import Span
from tests.core.compiler.naive_expression import Bounds, Place, Truth, value
from tests.engines.town_tables import BLANK, UNREAD

FIRST, LAST = date(1900, 1, 1).toordinal(), date(2100, 12, 31).toordinal()
Edges = tuple[int, int]


@dataclass(frozen=True)
class Days:
    """The days of one row: ``first`` and ``last`` None where unknown, and between which days they may lie."""

    first: int | None
    last: int | None
    widest: Edges
    running: bool = False

    @property
    def known(self) -> Edges | None:
        if self.first is None or self.last is None or self.first > self.last:
            return None
        return (self.first, self.last)

    @property
    def edge(self) -> int:
        """The last possible day, of what is running the last that is known."""
        return self.last if self.running and self.last is not None else self.widest[1]


def days_at(span: Span, place: Place, claim: date) -> Days | None:
    """None: there are no such days (the first has not come). What is running lasts to the claim, perhaps to as_of."""
    if span.month is not None:
        month = value(parse(span.month), place)[0]
        if month is None:
            return Days(None, None, (FIRST, LAST))
        following = (month.replace(day=1) + timedelta(days=31)).replace(day=1)
        first, last = month.toordinal(), following.toordinal() - 1
        return Days(first, last, (first, last))
    begins, ends = parse(span.from_ or ""), parse(span.to or span.until or "")
    if _blank(begins, place) == "never":
        return None
    first = FIRST if _blank(begins, place) == "open" else _day(begins, place)
    last = _day(ends, place)
    widest_first = FIRST if first is None else first
    if _blank(ends, place) in ("open", "never"):
        return Days(first, claim.toordinal(), (widest_first, place.as_of.toordinal()), running=True)
    if last is not None and span.until is not None:
        last -= 1
    return Days(first, last, (widest_first, LAST if last is None else last))


def _day(node: Node, place: Place) -> int | None:
    day = value(node, place)[0]
    return None if day is None else int(day.toordinal())


def _blank(node: Node, place: Place) -> str:
    if isinstance(node, Column) and place.cell(node) is BLANK:
        return place.empty(node)
    return ""


def runs(stretches: Iterable[Edges]) -> list[Edges]:
    """Stretches that touch or overlap, made one."""
    merged: list[list[int]] = []
    for first, last in sorted(stretches):
        if merged and first <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return [(first, last) for first, last in merged]


def pairs_of(ours: Days | None, partners: list[tuple[Truth, Days | None]]) -> Iterator[dict[str, Any]]:
    """Our row and each merged stretch it may meet."""
    if ours is None:
        return
    there = [(counts, days) for counts, days in partners if counts is not False and days is not None]
    there = [(counts, days) for counts, days in there if days.widest[0] <= days.widest[1]]
    surely = runs(days.known for counts, days in there if counts is True and days.known is not None)
    for first, last in runs(days.widest for _, days in there):
        meets = _shared(ours.widest, (first, last))
        if meets is None:
            continue
        parts = [part for part in surely if first <= part[0] and part[1] <= last]
        shared = [both for part in parts if ours.known and (both := _shared(ours.known, part))]
        whole: Truth = None
        if ours.known and any(part[0] <= ours.known[0] and ours.known[1] <= part[1] for part in parts):
            whole = True
        elif not all(day is None or first <= day <= last for day in (ours.first, ours.last)):
            whole = False
        edge = max(days.edge for _, days in there if first <= days.widest[0] <= last)
        yield {
            "days": Bounds(sum(_length(one) for one in shared), _length(meets)),
            "whole": UNREAD if whole is None else whole,
            "first_on": _agreed(min((one[0] for one in shared), default=None), meets[0]),
            "last_on": _agreed(max((one[1] for one in shared), default=None), meets[1]),
            "began_on": _agreed(min((part[0] for part in parts), default=None), first),
            "ended_on": _agreed(max((part[1] for part in parts), default=None), edge),
            "_edges": (shared, meets),
        }


def totals(pairs: list[dict[str, Any]]) -> dict[str, Any]:
    """All pairs of a row together; no pair is no day."""
    if not pairs:
        return {"days": Bounds(0, 0), "whole": False, "first_on": BLANK, "last_on": BLANK}
    shared = [one for pair in pairs for one in pair["_edges"][0]]
    meets = [pair["_edges"][1] for pair in pairs]
    wholes = [pair["whole"] for pair in pairs]
    return {
        "days": Bounds(sum(pair["days"].low for pair in pairs), sum(pair["days"].high for pair in pairs)),
        "whole": True if True in wholes else UNREAD if UNREAD in wholes else False,
        "first_on": _agreed(min((one[0] for one in shared), default=None), min(one[0] for one in meets)),
        "last_on": _agreed(max((one[1] for one in shared), default=None), max(one[1] for one in meets)),
    }


def _agreed(sure: int | None, possible: int) -> Any:
    return date.fromordinal(possible) if sure == possible else UNREAD


def _shared(one: Edges, other: Edges) -> Edges | None:
    first, last = max(one[0], other[0]), min(one[1], other[1])
    return (first, last) if first <= last else None


def _length(edges: Edges) -> int:
    return edges[1] - edges[0] + 1
