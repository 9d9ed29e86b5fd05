from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.fields.registry import read_field


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("5000", "5000.00"), ("5000.5", "5000.50"), ("5,000.00元", "5000.00"), ("￥5000", "5000.00"),
        ("¥ 5,000.00", "5000.00"),
        ("人民币5000元整", "5000.00"), ("５，０００．００", "5000.00"), ("12,345,678.90", "12345678.90"),
        ("5 000.00", "5000.00"),
        ("伍仟元整", "5000.00"), ("人民币伍仟圆整", "5000.00"), ("壹万贰仟叁佰元伍角", "12300.50"),
        ("五千元", "5000.00"), ("五千", "5000.00"),
        ("壹仟零伍拾元零伍分", "1050.05"), ("壹拾万元整", "100000.00"), ("十五元", "15.00"),
        ("贰拾万零叁佰元", "200300.00"),
        ("三万零五元", "30005.00"),
        ("人民币（大写）：伍仟元整", "5000.00"), ("伍角", "0.50"), ("零元", "0.00"), ("0", "0.00"), ("-0.00", "0.00"),
        ("3万", "30000.00"), ("3.5万元", "35000.00"), ("0.5亿元", "50000000.00"), ("3万5千元", "35000.00"),
        ("3万5000元", "35000.00"),
        ("5元3角2分", "5.32"), ("(5,000.00)", "-5000.00"), ("（5000）", "-5000.00"), ("-5000", "-5000.00"),
        ("－5000元", "-5000.00"),
        ("¥-5000", "-5000.00"), ("负五千元", "-5000.00"), ("4999.9999999999", "5000.00"),
        ("0.30000000000000004", "0.30"), (".5", "0.50"),
        ("5000元（伍仟元整）", "5000.00"), ("伍仟元整（¥5000.00）", "5000.00"), ("005000", "5000.00"),
        ("-1.4551915228366852e-11", "0.00"),
    ],
)  # fmt: skip
def test_every_form_of_an_amount_is_read_in_yuan(text: str, yuan: str) -> None:
    reading = read_field("money", text)
    assert str(reading.value) == yuan and not reading.reason


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("5000.123", "小数"), ("3万余元", "不确定"), ("约5000", "不确定"), ("5000左右", "不确定"),
        ("几千元", "不确定"), ("3-5万", "不止一个"),
        ("3000至5000", "不止一个"), ("5000 3000", "不止一个"), ("5E+3", "科学计数"), ("$500", "人民币"),
        ("500美元", "人民币"),
        ("5000元（伍佰元整）", "不一致"), ("三万五", "不是金额"), ("一百五", "不是金额"), ("3万5", "不是金额"),
        ("1,0000", "不是金额"),
        ("99999999999999999", "范围"), ("元", "不是金额"), ("伍仟万万元", "不是金额"), ("已退", "不是金额"),
    ],
)  # fmt: skip
def test_what_is_not_one_certain_amount_is_unread_with_its_reason(text: str, said: str) -> None:
    reading = read_field("money", text)
    assert reading.value is None and said in reading.reason and reading.hint


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("3.5", "35000.00"),
        ("1.23456", "12345.60"),
        ("5000元", "5000.00"),
        ("3万元", "30000.00"),
        ("叁万元", "30000.00"),
    ],
)
def test_a_heading_in_ten_thousands_counts_unless_the_cell_says_its_own_unit(text: str, yuan: str) -> None:
    assert str(read_field("money", text, unit=10_000).value) == yuan


def test_under_a_heading_in_ten_thousands_bare_capitals_are_open_to_doubt() -> None:
    assert read_field("money", "叁", unit=10_000).is_unread
    assert read_field("money", "1.2345678", unit=10_000).is_unread


@given(
    st.decimals(Decimal("-99999999999.99"), Decimal("99999999999.99"), places=2, allow_nan=False, allow_infinity=False)
)
def test_every_amount_is_read_with_and_without_separators(amount: Decimal) -> None:
    forms = [f"{amount:.2f}", f"{amount:,.2f}", f"{amount:,.2f}元", f"¥{amount:,.2f}"]
    if amount < 0:
        forms.append(f"({-amount:,.2f})")
    assert {read_field("money", form).value for form in forms} == {amount}


@given(st.integers(1, 999_999_999_999), st.integers(0, 9), st.integers(0, 9))
def test_every_amount_in_capitals_reads_back(yuan: int, jiao: int, fen: int) -> None:
    assert read_field("money", capitals(yuan, jiao, fen)).value == Decimal(yuan) + Decimal(jiao * 10 + fen) / 100


def capitals(yuan: int, jiao: int, fen: int) -> str:
    """An amount as a voucher writes it, by the textbook way: independent of the reader."""
    digits, units = "零壹贰叁肆伍陆柒捌玖", ["", "拾", "佰", "仟"]
    text, places, pending = "", str(yuan), False
    for index, each in enumerate(places):
        place = len(places) - 1 - index
        if each == "0":
            pending = True
        else:
            text += ("零" if pending and text else "") + digits[int(each)] + units[place % 4]
            pending = False
        section = places[max(0, index - 3) : index + 1] if place % 4 == 0 else ""
        if place in (4, 8) and section.strip("0"):
            text += {4: "万", 8: "亿"}[place]
    cents = (digits[jiao] + "角" if jiao else "零" if fen else "") + (digits[fen] + "分" if fen else "")
    return text + "元" + (cents or "整")
