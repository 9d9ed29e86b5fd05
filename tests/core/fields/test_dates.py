from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.fields.registry import read_field

SIXTH_OF_MAY = date(2023, 5, 6)


@pytest.mark.parametrize(
    "text",
    [
        "2023-05-06", "2023-5-6", "2023.5.6", "2023/5/6", "2023/05/06", "20230506", "2023年5月6日", "2023年05月06日",
        "2023年5月6号",
        "２０２３年５月６日", "２０２３．５．６", "2023 年 5 月 6 日", " 2023-5-6\u00a0", "'2023-5-6", "2023年5月6",
        "2023.5.6日", "2023.5.6.",
        "二〇二三年五月六日", "二○二三年五月六日", "二零二三年五月六日", "二O二三年五月六日", "2023年五月六日",
        "45052", "45052.0", "45052.75",
        "2023-05-06 00:00:00", "2023-05-06T00:00:00", "2023-05-06T23:59:59.123", "2023-05-06T08:00:00+08:00",
        "2023/5/6 14:30",
        "2023年5月6日14时30分", "2023年5月6日下午3时", "2023年5月6日（星期六）", "20230506143000", "20230506.0",
        "2023\n-05-06",
        "2023、5、6",
    ],
)  # fmt: skip
def test_every_form_of_one_day_reads_as_that_day(text: str) -> None:
    reading = read_field("date", text)
    assert (reading.value, reading.notes) == (SIXTH_OF_MAY, ())


def test_a_two_digit_year_is_read_and_said() -> None:
    reading = read_field("date", "23.5.6")
    assert reading.value == SIXTH_OF_MAY and reading.notes
    assert read_field("date", "68年5月6日").value == date(1968, 5, 6)
    assert read_field("date", "二三年五月六日").value == SIXTH_OF_MAY


def test_a_moment_in_another_zone_becomes_the_day_in_shanghai() -> None:
    reading = read_field("date", "2023-05-05T16:30:00Z")
    assert reading.value == SIXTH_OF_MAY and reading.notes
    assert read_field("date", "2023-05-05T15:30:00Z").value == date(2023, 5, 5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2023年5月", "只有年月"), ("2023-05", "只有年月"), ("2023.5", "只有年月"), ("202305", "只有年月"),
        ("二〇二三年五月", "只有年月"),
        ("2023", "只有年份"), ("2023年", "只有年份"), ("2023-02-30", "没有30日"), ("2023-02-29", "没有29日"),
        ("2023.13.45", "没有13月"),
        ("2023-00-10", "没有0月"), ("2023-4-31", "没有31日"), ("1899-12-31", "1899"), ("2101-01-01", "2101"),
        ("5/6/2023", "顺序不清"), ("05/06/23", "顺序不清"), ("2023-5-6至2023-8-6", "不止一个日期"),
        ("2023-5-6 2023-8-6", "不止一个日期"),
        ("农历二〇二三年五月初六", "农历"), ("230506", "六位数字"), ("至今", "至今"), ("五月六日", "不是日期"),
        ("2023.5-6", "不是日期"),
        ("2023-05-06 25:00", "看不懂"), ("99999", "不是日期"), ("2023年5月6日左右", "看不懂"),
    ],
)  # fmt: skip
def test_what_is_not_one_certain_day_is_unread_with_its_reason(text: str, said: str) -> None:
    reading = read_field("date", text)
    assert reading.value is None and said in reading.reason and reading.hint


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_is_read_from_every_plain_form(day: date) -> None:
    forms = [
        day.isoformat(), f"{day.year}.{day.month}.{day.day}", f"{day.year}/{day.month}/{day.day}", f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日", f"{day.isoformat()} 13:05:09", f"{day.isoformat()}T00:00:00",
    ]  # fmt: skip
    assert {read_field("date", form).value for form in forms} == {day}


@given(st.dates(date(1928, 1, 1), date(2100, 12, 31)))
def test_every_excel_serial_reads_as_its_day(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    assert read_field("date", str(serial)).value == day
    assert read_field("date", f"{serial}.5").value == day


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_is_read_from_chinese_numerals(day: date) -> None:
    assert read_field("date", in_numerals(day)).value == day


def in_numerals(day: date) -> str:
    digits = "〇一二三四五六七八九"
    year = "".join(digits[int(each)] for each in str(day.year))
    return f"{year}年{below_hundred(day.month)}月{below_hundred(day.day)}日"


def below_hundred(number: int) -> str:
    digits = "〇一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return ("" if tens < 1 else ("" if tens == 1 else digits[tens]) + "十") + (digits[ones] if ones or not tens else "")


def test_leap_days_are_days_in_leap_years_alone() -> None:
    assert read_field("date", "2024-02-29").value == date(2024, 2, 28) + timedelta(days=1)
    assert read_field("date", "2000.2.29").value == date(2000, 2, 29)
    assert read_field("date", "1900.2.29").is_unread
