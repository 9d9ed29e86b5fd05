"""How a deadline is reached on an engine (semantics 20): what puts it off counts while it comes in time.

Pauses are merged; pauses and extensions are put in order, each with the deadline reached by all before it. The deadline
only ever moves on, so what comes after one that was too late was too late as well: one window finds the first. A
restart cuts an episode into pieces, each with a deadline of its own; the first that the next restart missed is the one.
:mod:`legal_time.course` does the same one step after the other and explains it.
"""

from __future__ import annotations

from typing import Literal

from jianheng.core.compiler.event_rows import Episodes, occurrences
from jianheng.core.compiler.render import CALENDAR, Renderer
from jianheng.core.compiler.stretches import days_of, length, merged
from jianheng.core.compiler.trees import is_true, not_false
from jianheng.core.legal_time.period import Period, parse_period
from jianheng.core.model.expression import Node
from jianheng.core.model.shapes import in_working_days
from jianheng.core.model.spec import Events, Span
from jianheng.core.model.supervision_model import SupervisionModel

Mode = Literal["low", "high"]
_BEYOND = 1_000_000  # working days: past any calendar


def deadlines(model: SupervisionModel, events: Events, episodes: Episodes) -> tuple[str, str]:
    """Queries of the least and the greatest deadline: ``r``, ``counted_from``, ``reached``, ``paused``, ``unsure``.

    ``unsure``: whether a restart counts cannot be told, and then nothing about the deadline can.
    """
    return _Course(model, events, episodes, "low").sql(), _Course(model, events, episodes, "high").sql()


class _Course:
    """One of the two: ``low`` counts what is sure to put the deadline off, ``high`` what may."""

    def __init__(self, model: SupervisionModel, events: Events, episodes: Episodes, mode: Mode) -> None:
        self.model, self.events, self.episodes, self.mode = model, events, episodes, mode
        self.dialect = episodes.dialect
        self.calendar = self.dialect.quote(CALENDAR)
        self.working = in_working_days(events)

    def sql(self) -> str:
        """The query."""
        pieces = self._pieces()
        shifts = self._shifts()
        reached = self._reached(self._totals(pieces, shifts) if shifts else self._plain(pieces))
        if not self.events.restarts:
            return f"SELECT r, g AS counted_from, reached, paused, FALSE AS unsure FROM ({reached}) AS d"
        kept = "NOT COALESCE(nx <= reached, FALSE)"
        chosen = [f"{self.dialect.least_key(name, 'g', kept)} AS {name}" for name in ("reached", "paused")]
        return (
            f"SELECT r, MIN(g) FILTER (WHERE {kept}) AS counted_from, {', '.join(chosen)}, bool_or(unsure) AS unsure"
            f" FROM ({reached}) AS d GROUP BY r"
        )

    # -- starts and restarts -----------------------------------------------------------------------------------------

    def _pieces(self) -> str:
        """``r``, ``g`` the day counted from, ``nx`` the next restart, months and days of the period, custody ``h``."""
        episodes = self.episodes
        known = f"{episodes.start} IS NOT NULL"
        own = self._period()
        rows = f"SELECT {episodes.row} AS r, {episodes.start} AS g, {own}, FALSE AS unsure FROM {episodes.sql}"
        rows += episodes.narrowed([known])
        if not self.events.restarts:
            return f"SELECT r, g, CAST(NULL AS DATE) AS nx, pm, pd, h, unsure FROM ({rows}) AS s"
        branches = [rows]
        for part in self.events.restarts:
            seen = occurrences(self.model, part, episodes)
            if seen is None:
                continue
            inner = seen.renderer
            when, node = inner.expression(part.when), inner.expression(part.on)
            truth = f"COALESCE({seen.truth(when)}, FALSE)"
            day = inner.value(node).certain
            sure = f"{truth} AND {day} IS NOT NULL"
            tests = [known, f"COALESCE({day} > {episodes.start}, TRUE)"]
            tests += [] if is_true(when) else [not_false(when, inner)]
            tests += [f"NOT COALESCE({never}, FALSE)"] if (never := seen.never(node)) else []
            begins = f"CASE WHEN {sure} THEN {day} ELSE {episodes.start} END"
            branches.append(
                f"SELECT {episodes.row} AS r, {begins} AS g, {own}, NOT ({sure}) AS unsure FROM {seen.sql}"
                f"{episodes.narrowed(tests)}"
            )
        union = "\nUNION ALL\n".join(branches)
        apart = f"SELECT r, g, pm, pd, h, bool_or(unsure) AS unsure FROM ({union}) AS s GROUP BY r, g, pm, pd, h"
        return f"SELECT r, g, LEAD(g) OVER (PARTITION BY r ORDER BY g) AS nx, pm, pd, h, unsure FROM ({apart}) AS s"

    def _period(self) -> str:
        """Months and days of the chosen period, and custody. Days are working days where the periods count them."""
        renderer = self.episodes.renderer
        choices = [(renderer.expression(one.when), parse_period(one.period)) for one in self.events.choices]

        def chosen(amount: dict[str, int]) -> str:
            parts: list[str] = []
            for when, period in choices:
                if is_true(when):
                    return (
                        f"CASE {' '.join(parts)} ELSE {amount[str(period)]} END" if parts else str(amount[str(period)])
                    )
                truth = renderer.truth(when)
                parts.append(f"WHEN {truth} THEN {amount[str(period)]}")
                if renderer.nullable(when):
                    parts.append(f"WHEN {truth} IS NULL THEN NULL")
            return f"CASE {' '.join(parts)} END"

        months = chosen({str(period): _months(period) for _, period in choices})
        days = chosen({str(period): _days(period) for _, period in choices})
        return f"{months} AS pm, {days} AS pd, {renderer.truth(renderer.expression(self.events.held))} AS h"

    # -- pauses and extensions ---------------------------------------------------------------------------------------

    def _shifts(self) -> str:
        """What may put the deadline off: ``r``, days ``f`` to ``l``, ``kind`` 0 a pause, 1 an extension of m and d."""
        pauses = self._pauses()
        branches = [f"SELECT r, f, l, 0 AS kind, 0 AS m, 0 AS d FROM ({pauses}) AS p"] if pauses else []
        branches += self._extensions()
        return "\nUNION ALL\n".join(branches)

    def _pauses(self) -> str:
        branches = []
        for part in self.events.pauses:
            seen = occurrences(self.model, part, self.episodes)
            if seen is None:
                continue
            inner = seen.renderer
            claim = inner.claim(self.model.alias(part.table).source) if part.table else inner.as_of
            days = days_of(Span.model_validate({"from": part.from_, "to": part.to}), inner, claim)
            when = inner.expression(part.when)
            first, last = days.sure if self.mode == "low" else days.possible
            tests = [f"{self.episodes.start} IS NOT NULL", *days.there, *self._counts(when, inner)]
            if self.mode == "low" and not days.certain:
                tests.append(f"{first} <= {last}")
            branches.append(
                f"SELECT {self.episodes.row} AS r, {first} AS f, {last} AS l FROM {seen.sql}"
                f"{self.episodes.narrowed(tests)}"
            )
        return merged("\nUNION ALL\n".join(branches), ["r"], self.episodes.renderer) if branches else ""

    def _extensions(self) -> list[str]:
        branches = []
        for part in self.events.extensions:
            seen = occurrences(self.model, part, self.episodes)
            if seen is None:
                continue
            inner = seen.renderer
            when, node = inner.expression(part.when), inner.expression(part.on)
            day = inner.value(node).certain
            tests = [f"{self.episodes.start} IS NOT NULL", *self._counts(when, inner)]
            if self.mode == "low":
                tests.append(f"{day} IS NOT NULL")
            else:
                tests += [f"NOT COALESCE({never}, FALSE)"] if (never := seen.never(node)) else []
                day = f"COALESCE({day}, {self.episodes.start})"
            period = parse_period(part.period)
            branches.append(
                f"SELECT {self.episodes.row} AS r, {day} AS f, {self.dialect.add_days(day, '1')} AS l, 1 AS kind,"
                f" {_months(period)} AS m, {_days(period)} AS d FROM {seen.sql}{self.episodes.narrowed(tests)}"
            )
        return branches

    def _counts(self, when: Node, inner: Renderer) -> list[str]:
        if is_true(when):
            return []
        return [inner.truth(when)] if self.mode == "low" else [not_false(when, inner)]

    # -- counting ----------------------------------------------------------------------------------------------------

    def _plain(self, pieces: str) -> str:
        return f"SELECT b.*, pm AS months, pd AS days, 0 AS paused FROM ({pieces}) AS b"

    def _totals(self, pieces: str, shifts: str) -> str:
        """The pieces with the months and days of their period and of every shift that came in time."""
        add = self.dialect.add_days
        begins = f"CASE WHEN x.kind = 0 THEN greatest(x.f, {add('b.g', '1')}) ELSE x.f END"
        beside = (
            f"SELECT b.*, x.kind AS kind, {begins} AS f, x.l AS l, COALESCE(x.m, 0) AS m, COALESCE(x.d, 0) AS granted"
            f" FROM ({pieces}) AS b LEFT JOIN ({shifts}) AS x ON x.r = b.r AND x.l > b.g"
        )
        counted = f"SELECT y.*, CASE WHEN kind = 0 THEN {self._length()} ELSE 0 END AS rest FROM ({beside}) AS y"
        if self.working:
            day_before = add("y.f", "-1")
            counted += f" LEFT JOIN {self.calendar} AS ca ON ca.{self._name('day')} = {day_before}"
            counted += f" LEFT JOIN {self.calendar} AS cb ON cb.{self._name('day')} = y.l"
        order = "PARTITION BY r, g ORDER BY f, kind, l, m, granted"
        before = f"OVER ({order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
        running = (
            f"SELECT y.*, ROW_NUMBER() OVER ({order}) AS n, pm + COALESCE(SUM(m) {before}, 0) AS months,"
            f" pd + COALESCE(SUM(granted + rest) {before}, 0) AS days FROM ({counted}) AS y"
        )
        late = "MIN(CASE WHEN f > reached THEN n END) OVER (PARTITION BY r, g)"
        judged = f"SELECT d.*, {late} AS fail FROM ({self._reached(running)}) AS d"
        in_time = "CASE WHEN fail IS NULL OR n < fail THEN {} ELSE 0 END"
        return (
            f"SELECT r, g, nx, pm, pd, h, unsure, pm + SUM({in_time.format('m')}) AS months,"
            f" pd + SUM({in_time.format('granted + rest')}) AS days, SUM({in_time.format('rest')}) AS paused"
            f" FROM ({judged}) AS j GROUP BY r, g, nx, pm, pd, h, unsure"
        )

    def _length(self) -> str:
        """Days of a pause, in the unit of the period."""
        if not self.working:
            return length("f", "l", self.episodes.renderer)
        number = self._name("number")
        return f"COALESCE(cb.{number} - ca.{number}, {_BEYOND})"

    def _reached(self, rows: str) -> str:
        """``rows`` with the last day of ``months`` and ``days`` after ``g``, rolled unless in custody (T2, T3)."""
        day, low, high = self._name("day"), self._name("low"), self._name("high")
        if self.working:
            return self._reached_by_working_days(rows, day, low, high)
        nominal = self.dialect.add_days(self.dialect.add_counted_months("y.g", "y.months"), "y.days")
        rows = f"SELECT y.*, {nominal} AS nominal FROM ({rows}) AS y"
        held = self.events.held
        if held == "true":
            return f"SELECT z.*, nominal AS reached FROM ({rows}) AS z"
        rolled = f"c.{low}" if self.mode == "low" else f"c.{high}"
        if held != "false":
            stays = "z.h IS NOT FALSE" if self.mode == "low" else "z.h"
            rolled = f"CASE WHEN {stays} THEN z.nominal ELSE {rolled} END"
        return (
            f"SELECT z.*, {rolled} AS reached FROM ({rows}) AS z LEFT JOIN {self.calendar} AS c ON c.{day} = z.nominal"
        )

    def _reached_by_working_days(self, rows: str, day: str, low: str, high: str) -> str:
        """By the running number of working days; past the last published year only bounds are known (T10)."""
        known = f"n.{low} = n.{high} AND w.{low} = w.{high}"
        if self.mode == "low":
            least = self.dialect.add_days("z.g", "z.pd")
            found = f"CASE WHEN {known} THEN w.{low} WHEN n.{day} IS NOT NULL THEN {least} END"
        else:
            room = f"{self.dialect.days_between(f'w.{low}', f'w.{high}')} * CAST(FLOOR(z.days / 20) AS INTEGER)"
            later = self.dialect.add_days(f"w.{high}", room)
            found = f"CASE WHEN {known} THEN w.{high} WHEN w.{low} < w.{high} THEN {later} END"
        joins = f"LEFT JOIN {self.calendar} AS n ON n.{day} = z.g"
        joins += f" LEFT JOIN {self.calendar} AS w ON w.{self._name('nth')} = n.{self._name('number')} + z.days"
        return f"SELECT z.*, {found} AS reached FROM ({rows}) AS z {joins}"

    def _name(self, column: str) -> str:
        return self.dialect.quote(column)


def _months(period: Period) -> int:
    return period.count if period.unit == "months" else 0


def _days(period: Period) -> int:
    """Days that are added after the months; half a month is 15 (T5)."""
    if period.unit == "months":
        return 0
    return period.count * 15 if period.unit == "half_months" else period.count
