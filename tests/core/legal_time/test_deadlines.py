"""Deadlines: the hand-worked cases, properties over many dates, explanations, and the other counts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.legal_time.deadline import (
    CPL_105,
    SPC21_202,
    add_months,
    add_period,
    age_on,
    days_between,
    deadline,
    explain,
    overlap_days,
    sentence_end,
)
from jianheng.core.legal_time.period import Period, parse_period

CALENDAR = default_calendar()
CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "deadlines.yaml").read_text(encoding="utf-8"),
)
KEYS = {"start", "period", "custody", "mode", "nominal", "ends", "provisional", "why"}

days = st.dates(date(1995, 1, 1), date(2040, 12, 31))
units = st.sampled_from(["days", "working_days", "half_months", "months"])
periods = st.builds(Period, st.integers(1, 60), units)
modes = st.sampled_from(["same_day", "day_before"])


def test_there_are_at_least_sixty_hand_worked_cases_without_stray_keys_or_repetitions() -> None:
    questions = {tuple(str(case.get(key)) for key in ("start", "period", "custody", "mode")) for case in CASES}
    assert len(questions) == len(CASES) >= 60
    assert all(case.keys() <= KEYS and case["why"] for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['start']} {case['period']} {case['why']}")
def test_a_hand_worked_case_comes_out_as_worked(case: dict[str, Any]) -> None:
    found = deadline(
        case["start"],
        parse_period(case["period"]),
        in_custody=case.get("custody", False),
        custody_end_mode=case.get("mode", "same_day"),
        calendar=CALENDAR,
    )
    expected = (case["nominal"], case.get("ends", case["nominal"]), case.get("provisional", False))
    assert (found.nominal, found.on, found.provisional) == expected


@given(days, periods)
def test_a_deadline_never_ends_on_a_day_off(start: date, period: Period) -> None:
    found = deadline(start, period, calendar=CALENDAR)
    assert CALENDAR.is_working_day(found.on)
    assert start < found.nominal <= found.on


@given(days, periods)
def test_rolling_skips_days_off_only(start: date, period: Period) -> None:
    found = deadline(start, period, calendar=CALENDAR)
    skipped = [found.nominal + timedelta(days=n) for n in range((found.on - found.nominal).days)]
    assert not any(CALENDAR.is_working_day(day) for day in skipped)


@given(days, periods, modes)
def test_custody_never_ends_later_and_never_moves_but_one_day_back(start: date, period: Period, mode: Any) -> None:
    free = deadline(start, period, custody_end_mode=mode, calendar=CALENDAR)
    held = deadline(start, period, in_custody=True, custody_end_mode=mode, calendar=CALENDAR)
    back = 1 if mode == "day_before" and period.unit == "months" else 0
    assert held.on <= free.on
    assert held.nominal - held.on == timedelta(days=back)


@given(days, days, periods, st.booleans())
def test_a_later_start_never_ends_earlier(one: date, other: date, period: Period, in_custody: bool) -> None:
    earlier, later = sorted((one, other))
    ends = [deadline(day, period, in_custody=in_custody, calendar=CALENDAR) for day in (earlier, later)]
    assert ends[0].nominal <= ends[1].nominal
    assert ends[0].on <= ends[1].on


@given(days, st.integers(1, 60), units)
def test_a_longer_period_ends_later(start: date, count: int, unit: Any) -> None:
    shorter = add_period(start, Period(count, unit), CALENDAR)
    assert shorter < add_period(start, Period(count + 1, unit), CALENDAR)


@given(days, st.integers(1, 120))
def test_months_end_in_the_right_month_on_the_same_day_or_the_last(start: date, months: int) -> None:
    end = add_months(start, months)
    last = (end + timedelta(days=1)).day == 1
    assert (end.year - start.year) * 12 + end.month - start.month == months
    assert last if (start + timedelta(days=1)).day == 1 else end.day == start.day or (last and end.day < start.day)


@given(days, st.integers(1, 90))
def test_the_nth_working_day_is_the_nth_when_counted_one_by_one(start: date, count: int) -> None:
    end = add_period(start, Period(count, "working_days"), CALENDAR)
    passed = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(map(CALENDAR.is_working_day, passed)) == count
    assert CALENDAR.is_working_day(end)


@given(days, periods, st.booleans())
def test_a_deadline_inside_the_published_years_is_settled_and_outside_it_is_not(
    start: date, period: Period, in_custody: bool
) -> None:
    found = deadline(start, period, in_custody=in_custody, calendar=CALENDAR)
    if all(map(CALENDAR.is_published, (start, found.nominal, found.on))):
        assert not found.provisional
    if found.on > CALENDAR.last_published:
        assert found.provisional == (not in_custody or period.unit == "working_days")


@given(days, periods, st.booleans(), modes)
def test_an_explanation_is_one_printable_line_that_ends_with_the_day(
    start: date, period: Period, in_custody: bool, mode: Any
) -> None:
    found = deadline(start, period, in_custody=in_custody, custody_end_mode=mode, calendar=CALENDAR)
    line = explain(found)
    assert line.isprintable()
    assert f"期满日{found.on}" in line
    assert ("待定" in line) == found.provisional
    assert {step.basis.removeprefix("参照") for step in found.steps} <= {"", CPL_105, SPC21_202}
    assert found.steps[-1].on == found.on


def test_an_explanation_says_each_step_with_its_article() -> None:
    found = deadline(date(2026, 9, 21), parse_period("10日"), calendar=CALENDAR)
    assert explain(found) == (
        "自2026年9月21日起10日，开始之日不计入（刑事诉讼法 第一百零五条）；第10日为2026年10月1日；"
        "2026年10月1日（国庆节）为节假日，以节假日后的第一日2026年10月8日（星期四）为期满日"
        "（刑事诉讼法 第一百零五条）。期满日2026-10-08。"
    )


@pytest.mark.parametrize(
    ("start", "period", "in_custody", "said"),
    [
        (
            date(2026, 9, 21),
            "10日",
            True,
            "在押，至2026年10月1日（国庆节）期满，不因节假日延长（刑事诉讼法 第一百零五条）",
        ),
        (date(2026, 1, 31), "1个月", False, "2026年2月28日（星期六）系调休上班日，不顺延"),
        (date(2026, 1, 31), "1个月", False, "起算日为本月最后一日，计至届满月最后一日2026年2月28日"),
        (date(2024, 1, 30), "1个月", False, "届满月无同日，计至该月最后一日2024年2月29日"),
        (date(2024, 1, 15), "1个月", False, "计至届满月同日2024年2月15日"),
        (date(2024, 2, 15), "半个月", False, "半个月一律按15日计算，计至2024年3月1日（参照最高人民法院"),
        (date(2026, 9, 30), "3个工作日", False, "第3个工作日为2026年10月10日（星期六）"),
        (date(2026, 6, 1), "1年", False, "日历未收录2027年的节假日安排，暂按周末推算，期满日待定"),
    ],
)
def test_an_explanation_names_what_decided(start: date, period: str, in_custody: bool, said: str) -> None:
    assert said in explain(deadline(start, parse_period(period), in_custody=in_custody, calendar=CALENDAR))


def test_the_custody_habit_is_named_as_its_own_step() -> None:
    found = deadline(
        date(2026, 3, 31), parse_period("2个月"), in_custody=True, custody_end_mode="day_before", calendar=CALENDAR
    )
    assert [step.rule for step in found.steps] == ["T1", "T5", "T9", "T3"]
    assert "按届满日前一日计，计至2026年5月30日" in explain(found)


@pytest.mark.parametrize("start", [datetime(2026, 10, 1, 9, 30), date(9999, 12, 31)])
def test_a_moment_or_a_day_beyond_reach_is_refused(start: date) -> None:
    with pytest.raises(ValueError, match="不能作为期间的起算日"):
        deadline(start, Period(1, "days"), calendar=CALENDAR)


@pytest.mark.parametrize(("count", "unit"), [(36_500, "days"), (24_000, "working_days"), (1_200, "months")])
def test_the_longest_period_from_the_latest_start_is_still_a_date(count: int, unit: Any) -> None:
    assert deadline(date(9890, 12, 31), Period(count, unit), calendar=CALENDAR).on.year <= 9999


@pytest.mark.parametrize(
    ("start", "sentence", "last_day"),
    [
        (date(2023, 5, 10), {"months": 1}, date(2023, 6, 9)),
        (date(2023, 1, 1), {"months": 6}, date(2023, 6, 30)),
        (date(2023, 1, 31), {"months": 1}, date(2023, 2, 27)),  # last day of February, less one
        (date(2023, 1, 30), {"months": 1}, date(2023, 2, 27)),  # no 30 February: its last day, less one
        (date(2023, 4, 30), {"months": 1}, date(2023, 5, 30)),  # last day to last day, less one
        (date(2023, 3, 15), {"years": 1}, date(2024, 3, 14)),
        (date(2024, 2, 29), {"years": 1}, date(2025, 2, 27)),  # no 29 February: its last day, less one
        (date(2023, 2, 28), {"years": 1}, date(2024, 2, 27)),  # years have no last-day rule ...
        (date(2023, 2, 28), {"months": 12}, date(2024, 2, 28)),  # ... months have one
        (date(2023, 3, 15), {"years": 1, "months": 6}, date(2024, 9, 14)),
        (date(2024, 2, 15), {"half_months": 1}, date(2024, 2, 29)),
        (date(2023, 5, 10), {"months": 1, "half_months": 1}, date(2023, 6, 24)),
    ],
)
def test_a_sentence_runs_to_the_day_before_the_same_day(start: date, sentence: dict[str, int], last_day: date) -> None:
    assert sentence_end(start, **sentence) == last_day


@pytest.mark.parametrize("sentence", [{}, {"months": -1, "years": 1}])
def test_an_empty_or_negative_sentence_is_refused(sentence: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="刑期"):
        sentence_end(date(2023, 5, 10), **sentence)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2008, 5, 10), date(2026, 5, 9), 17),
        (date(2008, 5, 10), date(2026, 5, 10), 17),  # on the birthday itself not yet
        (date(2008, 5, 10), date(2026, 5, 11), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 29), 19),
        (date(2008, 2, 29), date(2028, 3, 1), 20),
        (date(2008, 12, 31), date(2027, 1, 1), 18),
        (date(2008, 5, 10), date(2008, 5, 10), 0),
    ],
)
def test_an_age_is_reached_on_the_day_after_the_birthday(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


@given(days, days)
def test_the_two_ways_of_counting_age_differ_on_birthdays_only(one: date, other: date) -> None:
    birth, day = sorted((one, other))
    on_birthday, day_after = age_on(birth, day, "birthday"), age_on(birth, day)
    assert on_birthday - day_after == (age_on(birth, day + timedelta(days=1)) > day_after)
    assert on_birthday == 0 or on_birthday == age_on(birth, day + timedelta(days=1))


def test_a_day_before_birth_has_no_age() -> None:
    with pytest.raises(ValueError, match="早于出生日期"):
        age_on(date(2008, 5, 10), date(2008, 5, 9))


@given(days, days, days, days)
def test_overlap_counts_the_days_in_both_stretches(a_from: date, a_to: date, b_from: date, b_to: date) -> None:
    a_to, b_to = min(a_to, a_from + timedelta(days=400)), min(b_to, b_from + timedelta(days=400))
    a = {a_from + timedelta(days=n) for n in range((a_to - a_from).days + 1)}
    b = {b_from + timedelta(days=n) for n in range((b_to - b_from).days + 1)}
    assert overlap_days(a_from, a_to, b_from, b_to) == len(a & b)


def test_stretches_that_touch_on_one_day_overlap_by_one_day() -> None:
    assert overlap_days(date(2026, 1, 1), date(2026, 1, 31), date(2026, 1, 31), date(2026, 2, 5)) == 1
    assert overlap_days(date(2026, 1, 1), date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 5)) == 0


def test_days_between_does_not_count_the_start() -> None:
    assert days_between(date(2024, 2, 28), date(2024, 3, 1)) == 2
    assert days_between(date(2024, 3, 1), date(2024, 2, 28)) == -2
