"""Measured quantities, and the numbers that offices give to things."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jianheng.core.fields.registry import read_field


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("89.53", "89.53"), ("89.53㎡", "89.53"), ("89.53 平方米", "89.53"), ("1,089.5", "1089.50"), ("0", "0.00"),
        ("0吨", "0.00"), ("12度", "12.00"), ("3立方米", "3.00"), ("120kWh", "120.00"), ("156.3mg/100mL", "156.30"),
        ("８９．５", "89.50"),
    ],
)  # fmt: skip
def test_a_quantity_is_read_with_or_without_its_unit(text: str, value: str) -> None:
    assert read_field("quantity", text).value == Decimal(value)


def test_further_places_are_rounded_and_said() -> None:
    reading = read_field("quantity", "89.536")
    assert reading.value == Decimal("89.54") and reading.notes


@pytest.mark.parametrize("text", ["约90", "-3", "60-90", "九十左右", "不详", "12元"])
def test_a_vague_or_negative_quantity_is_unread(text: str) -> None:
    reading = read_field("quantity", text)
    assert reading.value is None and reading.reason


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("gzf-01-0203", "GZF-01-0203"), (" GZF－01－0203 ", "GZF-01-0203"), ("001203", "001203"), ("1203.0", "1203"),
        ("鄂（2024）示例市不动产权第0001234号", "鄂（2024）示例市不动产权第0001234号"),
        ("鄂(2024)示例市不动产权第0001234号", "鄂（2024）示例市不动产权第0001234号"), ("3栋2单元1203", "3栋2单元1203"),
        ("示房租(2024)第0012号", "示房租〔2024〕12号"),
        ("第99012345号", "99012345"), ("第 g１234567 号", "G1234567"), ("第3号楼", "第3号楼"), ("12号", "12号"),
    ],
)  # fmt: skip
def test_equal_numbers_of_things_are_equal_text(text: str, value: str) -> None:
    reading = read_field("reference_number", text)
    assert (reading.value, reading.notes) == (value, ())


@pytest.mark.parametrize("text", ["1.2E+17", "123456789012345678.0", "不详", "无"])
def test_a_number_of_a_thing_that_lost_digits_or_says_nothing_is_unread(text: str) -> None:
    reading = read_field("reference_number", text)
    assert reading.value is None and reading.reason
