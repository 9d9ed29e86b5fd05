from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.fields.masking import mask_account_number, mask_phone, mask_resident_id, mask_text


def test_numbers_keep_their_two_ends() -> None:
    assert mask_resident_id("420112199003071235") == "4201**********1235"
    assert mask_phone("13812341234") == "138****1234"
    assert mask_phone("02712345678") == "*******5678"
    assert mask_account_number("6228480000123456782") == "6228***********6782"


@given(st.text("0123456789X", min_size=1, max_size=30))
def test_a_short_number_is_not_shown_whole(number: str) -> None:
    for mask in (mask_resident_id, mask_phone, mask_account_number):
        assert mask(number) != number and len(mask(number)) == len(number)


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        (
            "身份证号420112199003071235，电话13812341234，账号6228480000123456782。",
            "身份证号4201**********1235，电话138****1234，账号6228***********6782。",
        ),
        ("11010519491231002x", "1101**********002x"),
        ("４２０１１２１９９００３０７１２３５", "４２０１**********１２３５"),
        ("420112 19900307 1235", "4201**********1235"),
        ("6228 4800 0012 3456 782", "6228***********6782"),
        ("138 1234 1234", "138****1234"),
        ("+8613812341234", "138****1234"),
        ("027-12345678", "*******5678"),
        ("4.2011219900307123e+17", "4.20******************"),
        ("证号ID420112199003071235", "证号ID4201**********1235"),
        ("420112900307123", "4201*******7123"),
    ],
)
def test_every_personal_number_in_a_sentence_is_masked(sentence: str, shown: str) -> None:
    assert mask_text(sentence) == shown


@pytest.mark.parametrize(
    "sentence",
    [
        "武公（刑）取保字〔2024〕12号",
        "2023-05-06",
        "5000.00元",
        "案号A4201120000002024010001",
        "距结束已120日",
        "20230506",
        "示例公司（919901019000100447）",
        "9199010190001001XH，92990101900010028E",
    ],
)
def test_dates_amounts_and_paper_numbers_stay_in_clear(sentence: str) -> None:
    assert mask_text(sentence) == sentence


@pytest.mark.parametrize("number", ["919901019000100448", "911990199003070001", "9199010190001001XK"])
def test_what_is_only_like_the_code_of_a_business_is_masked(number: str) -> None:
    assert number not in mask_text(f"代码{number}。")


@given(st.from_regex(r"[1-8][0-9]{16}[0-9X]", fullmatch=True), st.sampled_from(["，", "", " ", "（"]))
def test_no_identity_number_survives_in_a_sentence(number: str, around: str) -> None:
    assert number not in mask_text(f"陈某{around}{number}{around}已核实")
