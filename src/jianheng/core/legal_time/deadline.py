"""Statutory time: the last day of a period, with its reasons, and the other counts the law makes with days.

Rules by their ids in the rule book (T1 to T10): the starting day does not count; a last day on a day off moves to the
first working day after it, except in custody; months end on the same day. "以内" includes the last day itself (T7), so
something is late only when it happens *after* :attr:`Deadline.on`. Travel time and posting (T4) are for a person to
weigh. All days are local ``datetime.date``; a ``datetime`` is refused, because it never equals a holiday.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from jianheng.core.legal_time.calendar import Calendar
from jianheng.core.legal_time.period import Period

CustodyEndMode = Literal["same_day", "day_before"]
AgeReachedOn = Literal["birthday_next_day", "birthday"]

CPL_105 = "刑事诉讼法 第一百零五条"
SPC21_202 = "最高人民法院关于适用《刑事诉讼法》的解释 第二百零二条"

_ONE_DAY = timedelta(days=1)
_HALF_MONTH = 15
# A period lasts a hundred years at most (see Period): later starts would run past the last day Python knows.
_LAST_START_YEAR = 9_890


@dataclass(frozen=True, slots=True)
class Step:
    """One step: rule id (``T2``), what was done in Chinese, the day reached, the article (may be empty)."""

    rule: str
    text: str
    on: date
    basis: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a period.

    ``nominal``: by counting alone; ``on``: the last day on which an act is in time; ``provisional``: it rests on a year
    whose holidays are not published, and the true day may be later. ``steps`` lead from the start to ``on``.
    """

    nominal: date
    on: date
    provisional: bool
    steps: tuple[Step, ...]


def add_period(start: date, period: Period, calendar: Calendar) -> date:
    """The nominal last day of ``period`` after ``start``, which does not count (T1); not rolled.

    Months as :func:`add_months`, half a month is always 15 days (T5). Raises ValueError if the day is out of reach.
    """
    _require_day(start)
    match period.unit:
        case "days":
            return start + timedelta(days=period.count)
        case "half_months":
            return start + timedelta(days=period.count * _HALF_MONTH)
        case "months":
            return add_months(start, period.count)
        case "working_days":
            return calendar.add_working_days(start, period.count)


def add_months(start: date, months: int) -> date:
    """The same day ``months`` later; from the last day of a month to the last day; no such day: the last day (T5)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return _day_or_last(year, month + 1, 31 if _is_month_end(start) else start.day)


def deadline(
    start: date,
    period: Period,
    *,
    in_custody: bool = False,
    custody_end_mode: CustodyEndMode = "same_day",
    calendar: Calendar,
) -> Deadline:
    """The last day of ``period`` after ``start``, rolled off days off (T2), or not because of custody (T3).

    ``custody_end_mode`` (T9, practice differs): ``day_before`` ends a custody period of *months* a day earlier; periods
    of days have no "same day" and are left alone. Nothing but rolling and counting working days needs the calendar, so
    nothing else makes a deadline provisional. Raises ValueError if the day is out of reach.
    """
    nominal = add_period(start, period, calendar)
    steps = [_count_step(start, period), _nominal_step(start, period, nominal, calendar)]
    steps.extend(_end_steps(period, nominal, in_custody, custody_end_mode, calendar))
    on = steps[-1].on
    counted = {start, on} if period.unit == "working_days" else set() if in_custody else {nominal, on}
    unpublished = sorted(day for day in counted if not calendar.is_published(day))
    if unpublished:
        years = "、".join(f"{year}年" for year in sorted({day.year for day in unpublished}))
        steps.append(Step("T10", f"日历未收录{years}的节假日安排，暂按周末推算，期满日待定", on, ""))
    return Deadline(nominal, on, bool(unpublished), tuple(steps))


def explain(found: Deadline) -> str:
    """The steps with their articles, in Chinese, on one printable line."""
    parts = (f"{step.text}（{step.basis}）" if step.basis else step.text for step in found.steps)
    return f"{'；'.join(parts)}。期满日{found.on.isoformat()}{'（待定）' if found.provisional else ''}。"


def sentence_end(start: date, months: int = 0, *, years: int = 0, half_months: int = 0) -> date:
    """The last day of a sentence that begins on ``start`` (T8): the day before the same day.

    Years are counted first, then months, then half months of 15 days. The last day of a month leads to the last day
    only where months are counted: the rule says so for months and not for years. Raises ValueError for an empty or
    negative sentence.
    """
    _require_day(start)
    if min(months, years, half_months) < 0 or not (months or years or half_months):
        raise ValueError(f"刑期“{years}年{months}个月{half_months}个半月”无效：各项不得为负，且至少一项大于零。")
    end = _day_or_last(start.year + years, start.month, start.day)
    end = add_months(end, months)
    return end + timedelta(days=half_months * _HALF_MONTH) - _ONE_DAY


def days_between(start: date, end: date) -> int:
    """Calendar days after ``start`` up to and including ``end`` (T1); negative if ``end`` is earlier."""
    return (end - start).days


def overlap_days(a_from: date, a_to: date, b_from: date, b_to: date) -> int:
    """Days that lie in both stretches, each closed at both ends; 0 if none, or if a stretch ends before it begins."""
    return max(0, (min(a_to, b_to) - max(a_from, b_from)).days + 1)


def age_on(birth: date, day: date, reached_on: AgeReachedOn = "birthday_next_day") -> int:
    """Full years of age on ``day``; an age is reached on the day after the birthday, as criminal law counts it.

    Unverified in the rule book, hence ``birthday`` as the alternative. Born on 29 February: the birthday is the last of
    February. Raises ValueError if ``day`` is before ``birth``.
    """
    if day < birth:
        raise ValueError(f"{day.isoformat()}早于出生日期，无法计算年龄。")
    birthday = _day_or_last(day.year, birth.month, birth.day)
    reached = day > birthday if reached_on == "birthday_next_day" else day >= birthday
    return max(0, day.year - birth.year - (not reached))


def _count_step(start: date, period: Period) -> Step:
    # Periods of working days stand in newer rules outside the code, which count by its article without saying so.
    basis = f"参照{CPL_105}" if period.unit == "working_days" else CPL_105
    return Step("T1", f"自{_written(start)}起{period}，开始之日不计入", start, basis)


def _nominal_step(start: date, period: Period, nominal: date, calendar: Calendar) -> Step:
    day = _written(nominal)
    match period.unit:
        case "days":
            return Step("T1", f"第{period.count}日为{day}", nominal, "")
        case "half_months":
            return Step("T5", f"半个月一律按15日计算，计至{day}", nominal, f"参照{SPC21_202}")
        case "months":
            return Step("T5", f"{_month_rule(start, nominal)}{day}", nominal, f"参照{SPC21_202}")
        case "working_days":
            text = f"按工作日计算（调休上班日计入），第{period.count}个工作日为{day}（{calendar.day_name(nominal)}）"
            return Step("T6", text, nominal, "")


def _month_rule(start: date, nominal: date) -> str:
    if _is_month_end(start):
        return "起算日为本月最后一日，计至届满月最后一日"
    return "计至届满月同日" if nominal.day == start.day else "届满月无同日，计至该月最后一日"


def _end_steps(
    period: Period, nominal: date, in_custody: bool, custody_end_mode: CustodyEndMode, calendar: Calendar
) -> Iterator[Step]:
    """Custody or roll: what happens at the end of the period; nothing if the nominal day simply stands."""
    if in_custody and custody_end_mode == "day_before" and period.unit == "months":
        nominal -= _ONE_DAY
        yield Step("T9", f"羁押期限按届满日前一日计，计至{_written(nominal)}", nominal, "")
    day = f"{_written(nominal)}（{calendar.day_name(nominal)}）"
    rolled = calendar.next_working_day(nominal)
    if in_custody:
        effect = "" if rolled == nominal else "，不因节假日延长"
        yield Step("T3", f"在押，至{day}期满{effect}", nominal, CPL_105)
    elif rolled != nominal:
        text = f"{day}为节假日，以节假日后的第一日{_written(rolled)}（{calendar.day_name(rolled)}）为期满日"
        yield Step("T2", text, rolled, CPL_105)
    elif nominal.weekday() >= 5 and period.unit != "working_days":
        yield Step("T10", f"{day}系调休上班日，不顺延", nominal, "")


def _require_day(start: date) -> None:
    if isinstance(start, datetime) or start.year > _LAST_START_YEAR:
        raise ValueError(f"“{start}”不能作为期间的起算日：应为日期（不带时刻），且不晚于{_LAST_START_YEAR}年。")


def _day_or_last(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _is_month_end(day: date) -> bool:
    return day.day == monthrange(day.year, day.month)[1]


def _written(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
