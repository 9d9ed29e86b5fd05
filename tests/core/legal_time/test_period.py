"""Reading periods."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.legal_time.period import Period, parse_period


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("12个月", Period(12, "months")),
        ("12月", Period(12, "months")),
        ("1年", Period(12, "months")),
        ("2年", Period(24, "months")),
        ("30日", Period(30, "days")),
        ("30天", Period(30, "days")),
        ("10个工作日", Period(10, "working_days")),
        ("10工作日", Period(10, "working_days")),
        ("半个月", Period(1, "half_months")),
        ("半月", Period(1, "half_months")),
        (" １２ 个月 ", Period(12, "months")),
    ],
)
def test_the_usual_ways_of_writing_a_period_are_read(text: str, period: Period) -> None:
    assert parse_period(text) == period


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("1个月15日", "由两种单位拼成"),
        ("1年6个月", "由两种单位拼成"),
        ("1个半月", "由两种单位拼成"),
        ("1个月半", "由两种单位拼成"),
        ("1个月零半个月", "由两种单位拼成"),
        ("24小时", "以小时计算"),
        ("三个月", "中文数字"),
        ("十五日", "中文数字"),
        ("两个工作日", "中文数字"),
        ("12", "无法识别"),
        ("个月", "无法识别"),
        ("-3日", "无法识别"),
        ("1.5个月", "无法识别"),
        ("", "无法识别"),
        ("3 months", "无法识别"),
        ("1" * 5000 + "日", "无法识别"),
        ("0日", "超出范围"),
        ("101年", "超出范围"),
        ("999999日", "超出范围"),
    ],
)
def test_what_is_not_one_clear_period_is_refused_with_the_reason_and_an_example(text: str, because: str) -> None:
    with pytest.raises(ValueError, match=because) as refusal:
        parse_period(text)
    assert "例如“12个月”" in str(refusal.value)
    assert len(str(refusal.value)) < 200


@given(st.integers(1, 1200), st.sampled_from(["days", "working_days", "months"]))
def test_a_period_written_out_reads_back_the_same(count: int, unit: Any) -> None:
    assert parse_period(str(Period(count, unit))) == Period(count, unit)


@given(st.text(max_size=12))
def test_any_text_is_either_a_period_or_a_value_error(text: str) -> None:
    try:
        assert parse_period(text).count >= 1
    except ValueError as refusal:
        assert "例如" in str(refusal)


@pytest.mark.parametrize(("count", "text"), [(1, "半个月"), (2, "半个月×2")])
def test_half_months_are_written_so_that_nobody_reads_them_as_months_and_a_half(count: int, text: str) -> None:
    assert str(Period(count, "half_months")) == text
