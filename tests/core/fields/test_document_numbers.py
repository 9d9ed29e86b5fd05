from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.fields.registry import read_field

PAPER = "武公（刑）取保字〔2024〕12号"


@pytest.mark.parametrize(
    "text",
    [
        PAPER, "武公(刑)取保字[2024]第0012号", "武公（刑）取保字【2024】 12 号", "武公(刑)取保字第(2024)0012号",
        "武公(刑)取保字﹝2024﹞12号",
        "武公［刑］取保字［２０２４］１２号", "武公(刑)取保字〔2024年〕12号", "武公（刑）\n取保字〔2024〕012号",
        "武公（刑）取保字〔2024〕12号。",
    ],
)  # fmt: skip
def test_every_spelling_of_one_paper_has_one_normal_form(text: str) -> None:
    assert (read_field("document_number", text).value, read_field("document_number", text).notes) == (PAPER, ())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("〔2023〕鄂0112刑初0123号", "（2023）鄂0112刑初123号"),
        ("(2014)鄂东西湖刑初字第00123号", "（2014）鄂东西湖刑初字123号"),
        ("（2023）最高法刑申12号", "（2023）最高法刑申12号"),
        ("（2023）鄂0112刑初123号之一", "（2023）鄂0112刑初123号之一"),
        ("鄂东检刑不诉〔2024〕Z012号", "鄂东检刑不诉〔2024〕Z12号"), ("鄂东检建[2024]3号", "鄂东检建〔2024〕3号"),
    ],
)  # fmt: skip
def test_court_and_procuratorate_numbers_have_their_own_brackets(text: str, value: str) -> None:
    assert read_field("case_number", text).value == value
    assert read_field("document_number", text).value == value


def test_numbers_of_different_serials_stay_different() -> None:
    texts = [
        f"武公刑取保字〔{year}〕{serial}号" for year in (2023, 2024) for serial in ("1", "10", "100", "12-1", "12")
    ]
    assert len({read_field("document_number", text).value for text in texts}) == len(texts)


def test_a_word_with_第_elsewhere_is_kept() -> None:
    text = "武公（第二大队）取保字〔2024〕12号"
    assert read_field("document_number", text).value == text


def test_a_missing_closing_word_is_added_and_said() -> None:
    reading = read_field("document_number", "武公（刑）取保字〔2024〕12")
    assert reading.value == PAPER and reading.notes


def test_a_police_case_code_is_a_value_and_free_text_is_kept_with_a_note() -> None:
    code = read_field("case_number", "A4201120000002024010001")
    assert (code.value, code.notes) == ("A4201120000002024010001", ())
    free = read_field("document_number", "取保 2024 第12号")
    assert free.value == "取保2024第12号" and free.notes and not free.reason
    assert read_field("case_number", "4.20112E+20").is_unread


HAN = st.text(alphabet="武公刑取保字检诉不（）号第", max_size=8)


@given(
    HAN,
    st.sampled_from(["〔2024〕", "[2024]", "（2024）", "2024", ""]),
    HAN,
    st.integers(0, 10**6),
    st.text("号。之一-0 第", max_size=4),
)
def test_the_normal_form_is_its_own_normal_form(front: str, year: str, middle: str, serial: int, end: str) -> None:
    for text in (f"{front}{year}{middle}{serial}{end}", f"{year}鄂{serial}{middle}{serial}{end}"):
        value = read_field("document_number", text).value
        assert read_field("document_number", str(value)).value == value


@given(
    st.integers(1, 10**6),
    st.integers(0, 4),
    st.sampled_from(["〔{}〕", "[{}]", "（{}）", "【{}】", "({})"]),
    st.sampled_from(["", "第"]),
)
def test_brackets_zeros_and_第_never_matter(serial: int, zeros: int, brackets: str, word: str) -> None:
    text = f"武公(刑)取保字{brackets.format(2024)}{word}{'0' * zeros}{serial}号"
    assert read_field("document_number", text).value == f"武公（刑）取保字〔2024〕{serial}号"
