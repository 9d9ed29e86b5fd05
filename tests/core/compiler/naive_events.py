"""What events mean, a second time: one episode after the other, deadlines by the library of statutory time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from jianheng.core.compiler.coverage import Window
from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.legal_time.course import Course, Extension, Pause, Restart, course
from jianheng.core.legal_time.period import parse_period
from jianheng.core.model.expression import Column, Node, parse
from jianheng.core.model.spec import Facts, Happening, Span
from tests.core.compiler.naive_expression import Bounds, Place, Truth, both, truth, value
from tests.core.compiler.naive_overlap import LAST, days_at
from tests.engines.town_tables import BLANK, UNREAD, Mark

if TYPE_CHECKING:
    from tests.core.compiler.naive_rules import Reference

Cells = Mapping[str, Any]


@dataclass(frozen=True)
class Seen:
    """One row of a happening beside its episode."""

    counts: Truth
    place: Place
    part: Happening
    index: int


class Episodes:
    """The episodes of one facts table."""

    def __init__(self, reference: Reference, facts: Facts) -> None:
        assert facts.events is not None
        self.reference, self.facts, self.events = reference, facts, facts.events
        self.town = reference.town

    def rows(self) -> list[Cells]:
        """The facts rows."""
        found = []
        for row in self.reference._rows(self.facts.from_):
            place = self.reference._place({self.facts.from_: row}, self.town.as_of)
            standing = self.reference._where(self.facts, {self.facts.from_: row})
            key = tuple(place.cell(parse(text)) for text in self.events.by.values())  # type: ignore[arg-type]
            start = parse(self.events.start)
            if standing is False or any(isinstance(part, Mark) for part in key) or _not_come(start, place):
                continue
            day = value(start, place)[0] if standing is True else None
            found.append((key, day, row, place, standing is True and not row.get("_repeat")))
        result = []
        for key, day, row, place, _ in found:
            same = [one for one in found if one[0] == key]
            sure = [one for one in same if one[4]]
            earlier = [one for one in same if day and one[1] and (one[1], one[2]["_row"]) < (day, row["_row"])]
            undated = [one for one in same if one[1] is None]
            number = Bounds(sum(one in sure for one in earlier) + 1, len(earlier) + len(undated) + 1)
            result.append(
                {
                    **dict(zip(self.events.by, key, strict=True)),
                    **self._episode(day, row, place),
                    "times": Bounds(len(sure), len(same)),
                    "number": number if day else Bounds(1, len(same)),
                }
            )
        return result

    def _seen(self, parts: Sequence[Happening], row: Cells) -> tuple[bool, list[Seen]]:
        """(whether partners cannot be looked up, the rows that may count)."""
        lost, seen = False, []
        for index, part in enumerate(parts):
            rows: dict[str, Cells | None] = {self.facts.from_: row}
            partners: list[Cells | None] = [None]
            if part.table:
                alias = part.as_ or part.table
                self.reference._sources = {alias: part.table}
                no_key, found = self.reference._partners(part.table, alias, part.match or "", rows)
                lost, partners = lost or no_key, [] if no_key else list(found)
            for partner in partners:
                beside = {**rows, alias: partner} if partner is not None else rows
                place = self.reference._place(beside, self.town.as_of)
                counts: Truth = None if partner and partner.get("_doubtful") else truth(parse(part.when), place)
                if counts is not False:
                    seen.append(Seen(counts, place, part, index))
        self.reference._sources = {}
        return lost, seen

    def _episode(self, day: date | None, row: Cells, place: Place) -> dict[str, Any]:
        if day is None:
            unknown = {name: UNREAD for name in ("started_on", "ended_on", "ended_by", "before_on")}
            nothing = {"counted_from": UNREAD, "deadline": UNREAD, "late_days": Bounds(0, None)}
            return {**unknown, **nothing, "paused_days": Bounds(0, None)}
        tables = dict.fromkeys(self.reference.model.spec.tables[one.table] for one in self.events.end if one.table)
        windows = [self.town.coverage[table] for table in tables]
        claim = min([self.town.as_of, *(max(one.last for one in table) for table in windows if table)])
        lost, seen = self._seen(self.events.end, row)
        dated: list[tuple[date | None, Seen]] = []
        for one in seen:
            node = parse(one.part.on)  # type: ignore[attr-defined]
            if not _not_come(node, one.place):
                dated.append((value(node, one.place)[0], one))
        sure = sorted((found, one.index) for found, one in dated if found and one.counts is True and found >= day)
        undated = any(found is None and one.counts is True for found, one in dated)
        may = [found or day for found, _ in dated if found is None or found >= day]
        last = sure[0][0] if sure else claim
        covered = all(any(self._covers(one, day, last, row) for one in table) for table in windows)
        if lost or not covered:
            may.append(day)
        happened = bool(sure) or undated
        latest = sure[0][0] if sure else max(day, claim)
        before = [found for found, one in dated if found and one.counts is True and found < day]
        doubt_before = lost or any(found is None or (one.counts is None and found < day) for found, one in dated)
        ended: Any = BLANK
        if happened:
            ended = Bounds(min(may), latest)
        elif may:
            ended = UNREAD
        by: Any = BLANK
        if sure and min(may) == sure[0][0]:
            by = self.events.end[sure[0][1]].title
        elif happened or may:
            by = UNREAD
        result = {
            "started_on": day,
            "ended_on": ended,
            "ended_by": by,
            "before_on": max(before) if before else UNREAD if doubt_before else BLANK,
        }
        if self.events.choices:
            first = min(may) if may else claim
            result |= self._late(day, row, place, first, latest)
        return result

    def _covers(self, window: Window, first: date, last: date, row: Cells) -> bool:
        inside = window.first <= first <= last <= window.last
        county = row.get("county", BLANK)
        if window.districts is None and not window.without:
            return inside
        among = county not in window.without if window.districts is None else county in window.districts
        return inside and among and not isinstance(county, Mark)

    def _late(self, day: date, row: Cells, place: Place, first: date, last: date) -> dict[str, Any]:
        low, high = (self._course(day, row, place, sure=sure) for sure in (True, False))
        if low is None or high is None:
            unknown = {"deadline": UNREAD, "late_days": Bounds(0, None)}
            unknown["counted_from"] = UNREAD if self.events.restarts else day
            return {**unknown, "paused_days": Bounds(0, None)}
        least = low.deadline.on
        most = high.deadline.on if isinstance(high, Course) else None
        return {
            "deadline": Bounds(least, most),
            "late_days": Bounds(max(0, (first - most).days) if most else 0, max(0, (last - least).days)),
            "counted_from": self._counted_from(day, low, high),
            "paused_days": Bounds(low.paused_days, high.paused_days if most else None),
        }

    def _counted_from(self, day: date, low: Course, high: Any) -> Any:
        if not self.events.restarts:
            return day
        known = isinstance(high, Course) and low.counted_from == high.counted_from
        return low.counted_from if known else UNREAD

    def _course(self, day: date, row: Cells, place: Place, *, sure: bool) -> Any:
        """The course with what is sure, or with all that may be; None: nothing can be told; "endless"."""
        period = self._period(place)
        held = truth(parse(self.events.held), place)
        pauses, extensions, restarts = [], [], []
        no_pause, seen = self._seen(self.events.pauses, row)
        for one in seen:
            part: Any = one.part
            claim = self.reference._known_until(part.table) if part.table else self.town.as_of
            span = Span.model_validate({"from": part.from_, "to": part.to})
            days = days_at(span, one.place, claim)
            if days is None or (sure and (one.counts is not True or days.known is None)):
                continue
            begin, end = days.known if sure and days.known else days.widest
            if begin <= end:
                pauses.append(Pause(date.fromordinal(begin), date.fromordinal(end)))
        no_extension, seen = self._seen(self.events.extensions, row)
        for one in seen:
            part = one.part
            node = parse(part.on)
            granted = value(node, one.place)[0]
            if _not_come(node, one.place) or (sure and (one.counts is not True or granted is None)):
                continue
            extensions.append(Extension(granted or day, parse_period(part.period)))
        no_restart, seen = self._seen(self.events.restarts, row)
        for one in seen:
            node = parse(one.part.on)  # type: ignore[attr-defined]
            again = value(node, one.place)[0]
            if _not_come(node, one.place) or (again and again <= day):
                continue
            if again is None or one.counts is None:
                return None
            restarts.append(Restart(again))
        if no_restart or period is None:
            return None
        if not sure and (no_pause or no_extension):
            return "endless"
        found = course(
            day,
            parse_period(period),
            pauses=pauses,
            extensions=extensions,
            restarts=restarts,
            in_custody=held is not False if sure else held is True,
            calendar=default_calendar(),
        )
        return found if found.deadline.on.toordinal() < LAST else "endless"

    def _period(self, place: Place) -> str | None:
        for choice in self.events.choices:
            answer: Truth = both(True, truth(parse(choice.when), place))
            if answer is None:
                return None
            if answer:
                return choice.period
        return None


def _not_come(node: Node, place: Place) -> bool:
    return isinstance(node, Column) and place.cell(node) is BLANK and place.empty(node) in ("never", "open")
