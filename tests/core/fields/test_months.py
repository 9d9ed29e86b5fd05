"""The month a payment is for, in the forms that offices write."""

from __future__ import annotations

from datetime import date

import pytest

from jianheng.core.fields.registry import read_field

MARCH = date(2024, 3, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03", "2024-3", "2024.03", "2024.3", "2024/3", "202403", "202403.0", "2024年3月", "2024年03月",
        "２０２４年３月", " 2024 年 3 月 ", "'202403", "二〇二四年三月", "二零二四年三月份", "2024-03-01",
        "2024年3月1日", "2024年3月份", "2024-03-01 00:00:00", "45352",
    ],
)  # fmt: skip
def test_every_form_of_a_month_reads_as_its_first_day(text: str) -> None:
    reading = read_field("month", text)
    assert (reading.value, reading.notes) == (MARCH, ())


def test_a_whole_date_stands_for_its_month_and_that_is_said() -> None:
    reading = read_field("month", "2024-03-15")
    assert reading.value == MARCH and "2024年3月" in reading.notes[0]


def test_a_two_digit_year_is_read_and_said() -> None:
    reading = read_field("month", "24年3月")
    assert reading.value == MARCH and "2024年" in reading.notes[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2024-13", "没有13月"), ("202400", "没有0月"), ("2024年1-3月", "不止一个月"), ("2024年1月至3月", "不止一个月"),
        ("2024", "只有年份"), ("2024年度", "只有年份"), ("3月", "只有月"), ("1899-12", "1899"), ("2101-01", "2101"),
        ("24-3", "不是月份"), ("三月", "不是月份"), ("第一季度", "不是月份"),
    ],
)  # fmt: skip
def test_what_is_not_one_month_is_unread_with_a_reason(text: str, said: str) -> None:
    reading = read_field("month", text)
    assert reading.is_unread and said in reading.reason


@pytest.mark.parametrize("text", ["", "   ", "/"])
def test_an_empty_cell_is_empty(text: str) -> None:
    reading = read_field("month", text)
    assert reading.value is None and not reading.is_unread
