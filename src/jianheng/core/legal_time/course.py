"""A period in the course of a case: pauses that do not count, extensions that are granted, restarts.

What puts a deadline off counts only if it comes while the period still runs: on the deadline reached so far at the
latest, days off at its end included. Pauses that touch or overlap are one. An extension is counted together with the
period from its start (two months and one more are three months), then come the days that do not count, last the roll.
A restart begins the period anew: nothing from before it counts any more. Periods of working days lose only the working
days of a pause. The engine counts the same way (``compiler/event_deadline.py``); a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from jianheng.core.legal_time.calendar import Calendar
from jianheng.core.legal_time.deadline import CPL_105, Deadline, Step, add_months, deadline
from jianheng.core.legal_time.period import Period

_ONE_DAY = timedelta(days=1)
_HALF_MONTH = 15


@dataclass(frozen=True, slots=True)
class Pause:
    """Days that do not count, both included. ``title`` and ``basis`` are for the explanation."""

    first: date
    last: date
    title: str = "不计入期间"
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """A further ``period`` granted ``on`` a day."""

    on: date
    period: Period
    title: str = "延长"
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Restart:
    """The period is counted anew from ``on``."""

    on: date
    title: str = "重新计算"
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """Where a period ended: counted from ``counted_from``, ``paused_days`` of it left out (in the period's unit)."""

    counted_from: date
    deadline: Deadline
    paused_days: int


def course(
    start: date,
    period: Period,
    *,
    pauses: Iterable[Pause] = (),
    extensions: Iterable[Extension] = (),
    restarts: Iterable[Restart] = (),
    in_custody: bool = False,
    calendar: Calendar,
) -> Course:
    """The deadline of ``period`` after ``start`` with everything that put it off, step by step.

    Raises ValueError if working days are extended by another unit or the other way round, or a day is out of reach.
    """
    extensions = sorted(extensions, key=lambda one: one.on)
    if any((one.period.unit == "working_days") != (period.unit == "working_days") for one in extensions):
        raise ValueError("工作日与其他期间不能混用：延长的期间要与原期间单位相同。")
    stretches = merged(pauses)
    counted_from, steps = start, list[Step]()
    waiting = sorted((one for one in restarts if one.on > start), key=lambda one: one.on)
    while True:
        found = _piece(counted_from, period, stretches, extensions, in_custody, calendar)
        following = next((one for one in waiting if one.on > counted_from), None)
        if following is None or following.on > found.deadline.on:
            break
        text = f"{_written(following.on)}{following.title}，期间自该日重新计算，此前的不再计"
        steps.append(Step("C3", text, following.on, following.basis))
        counted_from = following.on
    whole = found.deadline
    told = Deadline(whole.nominal, whole.on, whole.provisional, (*steps, *whole.steps))
    return Course(counted_from, told, found.paused_days)


def merged(pauses: Iterable[Pause]) -> list[Pause]:
    """Pauses that touch or overlap as one, in order; one that ends before it begins is none."""
    result: list[Pause] = []
    for pause in sorted(pauses, key=lambda one: (one.first, one.last)):
        if pause.last < pause.first:
            continue
        if result and pause.first <= result[-1].last + _ONE_DAY:
            last = result[-1]
            titles = last.title if pause.title in last.title.split("、") else f"{last.title}、{pause.title}"
            result[-1] = Pause(last.first, max(last.last, pause.last), titles, last.basis or pause.basis)
        else:
            result.append(pause)
    return result


@dataclass(slots=True)
class _Sum:
    """What has been counted: months, days (working days where the period counts them), and left-out days of these."""

    months: int = 0
    days: int = 0
    paused: int = 0

    def add(self, period: Period) -> None:
        if period.unit == "months":
            self.months += period.count
        else:
            self.days += period.count * (_HALF_MONTH if period.unit == "half_months" else 1)


def _piece(
    start: date,
    period: Period,
    pauses: Sequence[Pause],
    extensions: Sequence[Extension],
    in_custody: bool,
    calendar: Calendar,
) -> Course:
    """One piece between restarts: what comes in time, in order of its day."""
    working = period.unit == "working_days"
    total, steps = _Sum(), list[Step]()
    total.add(period)
    clipped = [Pause(max(one.first, start + _ONE_DAY), one.last, one.title, one.basis) for one in pauses]
    shifts: list[Pause | Extension] = [one for one in clipped if one.first <= one.last]
    shifts += [one for one in extensions if one.on >= start]
    shifts.sort(key=lambda one: (_day(one), isinstance(one, Extension)))
    reached = _reached(start, period, total, in_custody, calendar)
    for shift in shifts:
        day = _day(shift)
        if day > reached.on:
            text = f"{_written(day)}{shift.title}时期限已经届满，不再计"
            steps.append(Step("C2", text, reached.on, ""))
            break
        if isinstance(shift, Extension):
            total.add(shift.period)
            text = f"{_written(day)}{shift.title}{shift.period}，与原期间合并计算"
        else:
            count = calendar.working_days(shift.first - _ONE_DAY, shift.last) if working else _length(shift)
            total.days += count
            total.paused += count
            unit = "个工作日" if working else "日"
            text = f"{_written(shift.first)}至{_written(shift.last)}{shift.title}，{count}{unit}不计入期间"
        reached = _reached(start, period, total, in_custody, calendar)
        steps.append(Step("C1", text, reached.on, shift.basis))
    if not steps:
        return Course(start, deadline(start, period, in_custody=in_custody, calendar=calendar), 0)
    opening = Step("T1", f"自{_written(start)}起{period}，开始之日不计入", start, _basis(working))
    told = Deadline(reached.nominal, reached.on, reached.provisional, (opening, *steps, *reached.steps))
    return Course(start, told, total.paused)


def _reached(start: date, period: Period, total: _Sum, in_custody: bool, calendar: Calendar) -> Deadline:
    """The last day after everything counted so far; only how it ends is told."""
    if period.unit == "working_days":
        whole = Period(total.days, "working_days")
        found = deadline(start, whole, calendar=calendar)
        return Deadline(found.nominal, found.on, found.provisional, found.steps[1:])
    nominal = add_months(start, total.months) + timedelta(days=total.days) if total.months else None
    nominal = nominal or start + timedelta(days=total.days)
    # The roll of a day is that of one day after the day before it.
    found = deadline(nominal - _ONE_DAY, Period(1, "days"), in_custody=in_custody, calendar=calendar)
    step = Step("C1", f"合计计至{_written(nominal)}", nominal, "")
    return Deadline(nominal, found.on, found.provisional, (step, *found.steps[2:]))


def _day(shift: Pause | Extension) -> date:
    return shift.on if isinstance(shift, Extension) else shift.first


def _length(pause: Pause) -> int:
    return (pause.last - pause.first).days + 1


def _basis(working: bool) -> str:
    return f"参照{CPL_105}" if working else CPL_105


def _written(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
