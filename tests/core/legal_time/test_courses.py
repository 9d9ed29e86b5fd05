"""Deadlines that are put off: the hand-worked cases, what always holds, and how it is explained."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.legal_time.course import Course, Extension, Pause, Restart, course
from jianheng.core.legal_time.deadline import deadline, explain
from jianheng.core.legal_time.period import Period, parse_period

CALENDAR = default_calendar()
CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "courses.yaml").read_text(encoding="utf-8"))
KEYS = {"start", "period", "custody", "pauses", "extensions", "restarts", "ends", "nominal", "from", "paused", "why"}

days = st.dates(date(2008, 1, 1), date(2025, 6, 30))
lengths = st.integers(0, 40)
pauses = st.lists(st.builds(lambda first, n: Pause(first, first + timedelta(days=n)), days, lengths), max_size=4)
periods = st.builds(Period, st.integers(1, 12), st.sampled_from(["days", "half_months", "months", "working_days"]))


def worked(case: dict[str, Any]) -> Course:
    return course(
        case["start"],
        parse_period(case["period"]),
        pauses=[Pause(first, last, "鉴定") for first, last in case.get("pauses", [])],
        extensions=[Extension(on, parse_period(period)) for on, period in case.get("extensions", [])],
        restarts=[Restart(on) for on in case.get("restarts", [])],
        in_custody=case.get("custody", False),
        calendar=CALENDAR,
    )


def test_the_hand_worked_cases_have_no_stray_keys() -> None:
    assert len(CASES) >= 20 and all(case.keys() <= KEYS and case["why"] for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['start']} {case['period']} {case['why']}")
def test_a_hand_worked_case_comes_out_as_worked(case: dict[str, Any]) -> None:
    found = worked(case)
    assert (found.deadline.on, found.paused_days) == (case["ends"], case.get("paused", 0))
    assert found.deadline.nominal == case.get("nominal", case["ends"])
    assert found.counted_from == case.get("from", case["start"])


@given(days, periods, st.booleans())
def test_with_nothing_to_put_it_off_it_is_the_plain_deadline(start: date, period: Period, held: bool) -> None:
    found = course(start, period, in_custody=held, calendar=CALENDAR)
    assert found.deadline == deadline(start, period, in_custody=held, calendar=CALENDAR)


@given(days, periods, pauses, pauses)
def test_further_pauses_never_bring_a_deadline_nearer(
    start: date, period: Period, some: list[Pause], more: list[Pause]
) -> None:
    fewer = course(start, period, pauses=some, calendar=CALENDAR)
    assert fewer.deadline.on <= course(start, period, pauses=[*some, *more], calendar=CALENDAR).deadline.on


@given(days, st.integers(1, 60), pauses)
def test_a_period_of_days_has_just_so_many_that_count(start: date, count: int, given_pauses: list[Pause]) -> None:
    """In custody nothing rolls, so the days can be counted one by one."""
    found = course(start, Period(count, "days"), pauses=given_pauses, in_custody=True, calendar=CALENDAR)
    passed = [start + timedelta(days=n) for n in range(1, (found.deadline.on - start).days + 1)]
    left_out = {day for day in passed if any(one.first <= day <= one.last for one in given_pauses)}
    assert len(passed) - len(left_out) == count


@given(days, periods, pauses, st.randoms())
def test_the_order_in_which_pauses_are_written_does_not_matter(
    start: date, period: Period, some: list[Pause], chance: Any
) -> None:
    shuffled = list(some)
    chance.shuffle(shuffled)
    one, other = (course(start, period, pauses=these, calendar=CALENDAR) for these in (some, shuffled))
    assert (one.deadline.on, one.paused_days) == (other.deadline.on, other.paused_days)


def test_working_days_are_not_extended_by_months() -> None:
    with pytest.raises(ValueError, match="混用"):
        extension = Extension(date(2026, 3, 3), parse_period("1个月"))
        course(date(2026, 3, 2), parse_period("10个工作日"), extensions=[extension], calendar=CALENDAR)


def test_a_deadline_argues_for_itself_step_by_step() -> None:
    found = course(
        date(2026, 3, 2),
        parse_period("10日"),
        pauses=[
            Pause(date(2026, 3, 5), date(2026, 3, 7), "精神病鉴定", "甲法 第一条"),
            Pause(date(2026, 5, 1), date(2026, 5, 2)),
        ],
        extensions=[Extension(date(2026, 3, 9), parse_period("15日"), "批准延长")],
        restarts=[Restart(date(2026, 3, 3), "改变管辖")],
        calendar=CALENDAR,
    )  # fmt: skip
    said = explain(found.deadline)
    order = ["2026年3月3日改变管辖", "自2026年3月3日起10日", "3月7日精神病鉴定，3日不计入期间（甲法 第一条）",
             "批准延长15日，与原期间合并计算", "时期限已经届满，不再计", "合计计至2026年3月31日"]  # fmt: skip
    assert [said.index(words) for words in order] == sorted(said.index(words) for words in order)
    assert said.endswith("期满日2026-03-31。")
    assert "刑事诉讼法 第一百零五条" in said


def test_a_deadline_past_the_last_published_year_is_provisional() -> None:
    last = CALENDAR.last_published
    found = course(last - timedelta(days=20), parse_period("15日"), pauses=[Pause(last, last)], calendar=CALENDAR)
    assert not found.deadline.provisional
    pause = Pause(last - timedelta(days=10), last)
    assert course(
        last - timedelta(days=20), parse_period("15日"), pauses=[pause], calendar=CALENDAR
    ).deadline.provisional
