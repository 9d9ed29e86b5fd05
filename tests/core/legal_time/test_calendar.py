"""The working-day calendar: against an independent source, over its edges, and with an office's yearly files."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.foundation.errors import DataProblem
from jianheng.core.legal_time.calendar import Calendar, CalendarRow, calendar_rows, default_calendar
from jianheng.core.legal_time.deadline import deadline
from jianheng.core.legal_time.period import Period

CALENDAR = default_calendar()
NOTICES = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "holidays"
NOTICE_2027 = """
year: 2027
holidays:  # made up for the test, the notice of that year may say otherwise
  - {name: 元旦, from: 2026-12-31, to: 2027-01-03}
  - {name: 春节, from: 2027-02-05, to: 2027-02-12}
  - {name: 清明节, from: 2027-04-03, to: 2027-04-05}
  - {name: 劳动节, from: 2027-05-01, to: 2027-05-05}
  - {name: 端午节, from: 2027-06-09, to: 2027-06-09}
  - {name: 国庆节、中秋节, from: 2027-10-01, to: 2027-10-07}
working_days: [2027-01-30, 2027-02-14]
"""

days = st.dates(date(1990, 1, 1), date(2050, 12, 31))


@pytest.fixture(scope="module")
def rows() -> list[CalendarRow]:
    return calendar_rows()


def days_of(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def test_every_published_day_agrees_with_the_independent_collection_of_notices() -> None:
    files = sorted(NOTICES.glob("*.json"))
    if not files:
        pytest.skip("没有对照用的节假日数据（shared/data/holidays），未核对日历")
    listed = [day for file in files for day in json.loads(file.read_text(encoding="utf-8"))["days"]]
    off = {date.fromisoformat(day["date"]): day["isOffDay"] for day in listed}
    years = {int(file.stem) for file in files} & set(range(2007, CALENDAR.last_published.year + 1))
    assert len(years) >= 20
    differing = [
        day
        for day in days_of(CALENDAR.first_day, CALENDAR.last_published)
        if day.year in years and CALENDAR.is_working_day(day) is off.get(day, day.weekday() >= 5)
    ]
    assert differing == []


@pytest.mark.parametrize(
    ("day", "worked", "name"),
    [
        (date(2026, 3, 4), True, "星期三"),
        (date(2026, 3, 7), False, "星期六"),
        (date(2026, 2, 28), True, "星期六"),
        (date(2026, 9, 20), True, "星期日"),
        (date(2026, 10, 7), False, "国庆节"),
        (date(2026, 2, 17), False, "春节"),
        (date(2020, 2, 2), False, "春节"),
        (date(2006, 10, 2), True, "星期一"),  # known to the source, but from before the first published day
        (date(2027, 10, 1), True, "星期五"),
    ],
)
def test_a_day_is_worked_or_not_and_has_a_name(day: date, worked: bool, name: str) -> None:
    assert CALENDAR.is_working_day(day) is worked
    assert CALENDAR.day_name(day) == name


@given(days, days)
def test_working_days_are_counted_as_if_one_by_one(start: date, end: date) -> None:
    end = min(end, start + timedelta(days=500))
    expected = sum(map(CALENDAR.is_working_day, days_of(start, end)[1:]))
    assert CALENDAR.working_days(start, end) == expected if start <= end else CALENDAR.working_days(end, start) >= 0


@given(days, days)
def test_counting_backwards_is_the_negative(start: date, end: date) -> None:
    assert CALENDAR.working_days(start, end) == -CALENDAR.working_days(end, start)


@given(days)
def test_the_next_working_day_is_the_day_itself_or_the_first_after_days_off(day: date) -> None:
    found = CALENDAR.next_working_day(day)
    assert CALENDAR.is_working_day(found)
    assert not any(map(CALENDAR.is_working_day, days_of(day, found)[:-1]))


def test_the_table_has_every_day_once_in_order(rows: list[CalendarRow]) -> None:
    last = date(CALENDAR.last_published.year + 30, 12, 31)
    assert [row.day for row in rows] == days_of(date(1990, 1, 1), last)


def test_the_table_says_of_every_day_what_the_calendar_says(rows: list[CalendarRow]) -> None:
    number = 0
    for row in rows:
        number += CALENDAR.is_working_day(row.day)
        assert row.rolled_to == CALENDAR.next_working_day(row.day)
        assert row.working_day_number == number
        assert row.provisional == (not (CALENDAR.is_published(row.day) and CALENDAR.is_published(row.rolled_to)))


def test_what_rolls_over_the_last_published_day_is_provisional() -> None:
    until_2022 = Calendar(date(2022, 1, 1), date(2022, 12, 31), {}, [])  # ends on a Saturday
    provisional = {row.day: row.provisional for row in calendar_rows(until_2022)}
    assert not provisional[date(2022, 12, 30)]
    assert provisional[date(2022, 12, 31)]
    assert deadline(date(2022, 12, 21), Period(10, "days"), calendar=until_2022).provisional
    assert not deadline(date(2022, 12, 20), Period(10, "days"), calendar=until_2022).provisional


@given(st.dates(date(1990, 1, 2), date(2045, 1, 1)), st.integers(1, 300))
def test_the_nth_working_day_is_the_first_row_with_its_number(rows: list[CalendarRow], start: date, count: int) -> None:
    at = (start - date(1990, 1, 1)).days
    wanted = rows[at].working_day_number + count
    found = next(row.day for row in rows[at:] if row.working_day_number == wanted)
    assert found == CALENDAR.add_working_days(start, count)


def test_a_yearly_file_publishes_a_further_year_and_moves_the_end_of_the_december_before(tmp_path: Path) -> None:
    file = tmp_path / "2027.yaml"
    file.write_text(NOTICE_2027, encoding="utf-8-sig")
    amended = default_calendar(file)
    assert amended.last_published == date(2027, 12, 31)
    assert amended.next_working_day(date(2026, 12, 31)) == date(2027, 1, 4)
    assert amended.is_working_day(date(2027, 1, 30))
    assert amended.day_name(date(2027, 2, 5)) == "春节"
    assert amended.working_days(date(2026, 12, 30), date(2027, 1, 5)) == 2
    assert amended.is_working_day(date(2026, 10, 10)), "the shipped years stay"
    assert CALENDAR.is_working_day(date(2026, 12, 31)), "the shipped calendar itself is untouched"
    assert calendar_rows(amended)[-1].day == date(2057, 12, 31)


def test_a_folder_of_yearly_files_corrects_single_days_of_a_shipped_year(tmp_path: Path) -> None:
    (tmp_path / "2027.yaml").write_text(NOTICE_2027, encoding="utf-8")
    (tmp_path / "2026.yaml").write_text(
        "year: 2026\nholidays: [{name: 临时放假, from: 2026-10-08, to: 2026-10-10}]\nworking_days: [2026-10-07]\n",
        encoding="utf-8",
    )
    amended = default_calendar(tmp_path)
    assert amended.is_working_day(date(2026, 10, 7)), "a day off that is now worked"
    assert amended.day_name(date(2026, 10, 7)) == "星期三"
    assert amended.next_working_day(date(2026, 10, 8)) == date(2026, 10, 12), "a worked Saturday that is now off"
    assert amended.working_days(date(2026, 10, 6), date(2026, 10, 12)) == 2
    assert amended.day_name(date(2026, 10, 8)) == "临时放假"
    assert amended.last_published.year == 2027


@pytest.mark.parametrize(
    ("text", "code", "because"),
    [
        ("year: 2027\nholidays: []\n", "D802", "holidays 为空"),
        ("year: 2027\n", "D802", "holidays 为空"),
        ("holidays: [{name: 元旦, from: 2027-01-01, to: 2027-01-03}]\n", "D802", "缺少 year"),
        (NOTICE_2027 + "day_off: []\n", "D802", "day_off"),
        (NOTICE_2027.replace("to: 2027-01-03", "to: 2026-12-30"), "D802", "早于 from"),
        (NOTICE_2027.replace("2027-05-05", "2028-05-05"), "D802", "不在2027年"),
        (NOTICE_2027.replace("2027-05-05", "2027-02-30"), "D802", "不存在的日期"),
        (NOTICE_2027.replace("2027-05-05", "5月5日"), "D802", "不是日期"),
        (NOTICE_2027.replace("2027-05-05", "2027-05-05 10:00:00"), "D802", "不是日期"),
        (NOTICE_2027.replace("2027-01-30", "2027-01-02"), "D802", "既是放假日又是上班日"),
        (NOTICE_2027.replace("[2027-01-30, 2027-02-14]", "2027-01-30"), "D802", "working_days 不是日期的列表"),
        (NOTICE_2027.replace("name: 清明节", "festival: 清明节"), "D802", "恰有 name、from、to"),
        (NOTICE_2027.replace("清明节", '"清\\n明"'), "D802", "不可打印"),
        (NOTICE_2027.replace("]", ""), "D802", "YAML"),
        ("- 2027-01-01\n", "D802", "键值对"),
        (NOTICE_2027.replace("端午节", "假日"), "D805", "缺少：端午"),
        (NOTICE_2027.replace("2027", "2028").replace("2026-12-31", "2028-01-01"), "D804", "接不上"),
    ],
)
def test_a_yearly_file_that_is_wrong_or_half_done_is_refused(
    tmp_path: Path, text: str, code: str, because: str
) -> None:
    file = tmp_path / "year.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataProblem, match=because) as refusal:
        default_calendar(file)
    assert [problem.code for problem in refusal.value.problems] == [code]
    assert refusal.value.problems[0].file == str(file)


def test_one_year_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(NOTICE_2027, encoding="utf-8")
    with pytest.raises(DataProblem, match=r"D803 2027年的节假日安排有两份"):
        default_calendar(tmp_path)


@pytest.mark.parametrize("content", [None, "year: 2027 元旦".encode("gbk")])
def test_a_missing_or_unreadable_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "2027.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(DataProblem, match="D801|UTF-8"):
        default_calendar(file)


def test_importing_the_room_loads_neither_the_holiday_tables_nor_yaml() -> None:
    code = (
        "import sys, jianheng.core.legal_time.deadline;"
        "print([m for m in ('chinese_calendar', 'yaml') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
