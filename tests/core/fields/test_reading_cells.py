"""What every type treats alike, and the registry."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jianheng.core.fields.reading import Reading
from jianheng.core.fields.registry import DERIVED_READERS, FIELD_TYPES, LONGEST_CELL, read_field

TYPES = sorted(FIELD_TYPES)


def test_the_registry_holds_the_types_that_terms_may_name() -> None:
    names = "text person_name organisation_name resident_id credit_code document_number case_number reference_number"
    others = "date month money quantity integer boolean phone account_number division organ"
    assert set(TYPES) == {*names.split(), *others.split()}


@pytest.mark.parametrize("type_name", TYPES)
@pytest.mark.parametrize(
    "text", [None, "", "  ", "\u00a0\u3000", "\u200b\ufeff", "-", "—", "——", "－", "/", "\n", "-" * 30]
)
def test_blank_cells_and_lone_dashes_are_empty_in_every_type(type_name: str, text: str | None) -> None:
    reading = read_field(type_name, text)
    assert reading.is_empty and not reading.is_unread and not reading.notes


@pytest.mark.parametrize("type_name", sorted(set(TYPES) - {"text"}))
@pytest.mark.parametrize("text", ["1" * 1_000_000, "．" * 1_000_000 + "x", "（" * 1_000_000])
def test_a_cell_as_long_as_a_book_is_unread_at_once_in_every_type_but_text(type_name: str, text: str) -> None:
    reading = read_field(type_name, text)
    assert reading.is_unread and str(len(text)) in reading.reason and reading.hint
    assert text[:20] not in reading.reason


def test_blanks_do_not_make_a_cell_long() -> None:
    assert read_field("integer", " " * LONGEST_CELL + "7" + " " * LONGEST_CELL).value == 7
    assert read_field("text", "字" * 3 * LONGEST_CELL).value == "字" * 3 * LONGEST_CELL


@pytest.mark.parametrize("type_name", TYPES)
def test_a_database_null_written_out_is_empty_but_said(type_name: str) -> None:
    reading = read_field(type_name, "NULL")
    assert reading.is_empty and reading.notes


@pytest.mark.parametrize("type_name", TYPES)
@pytest.mark.parametrize("text", ["#N/A", "#公式未计算", "#REF!", "#VALUE!", "########", "#" * 40])
def test_a_formula_error_is_unread_in_every_type(type_name: str, text: str) -> None:
    assert read_field(type_name, text).is_unread


@pytest.mark.parametrize("type_name", [each for each in TYPES if each not in ("text", "boolean")])
@pytest.mark.parametrize("text", ["无", "不详", "待定"])
def test_a_word_for_no_answer_is_unread_where_a_value_is_wanted(type_name: str, text: str) -> None:
    reading = read_field(type_name, text)
    assert reading.is_unread and reading.hint


@given(type_name=st.sampled_from(TYPES), text=st.text(max_size=40))
def test_no_text_makes_a_reader_fail_and_unread_has_no_value(type_name: str, text: str) -> None:
    reading = read_field(type_name, text)
    assert reading.value is None or not reading.reason


AWKWARD = st.text(
    alphabet="0123456789０１２年月日.-/－,，元万亿整伍仟零¥()（）〔〕[]第字号Xx×eE+*某 \u00a0\u200b至T:Z'·张三"
    "曾用名京鄂\u0301\u1100\u1161",
    max_size=24,
)
TEXT_TYPES = [name for name in TYPES if FIELD_TYPES[name].storage == "text"]


@settings(max_examples=400)
@given(type_name=st.sampled_from(TEXT_TYPES), text=AWKWARD)
def test_reading_a_value_again_gives_the_same_value(type_name: str, text: str) -> None:
    value = read_field(type_name, text).value
    if isinstance(value, str):
        assert read_field(type_name, value).value == value


@given(type_name=st.sampled_from(["date", "money", "integer"]), text=AWKWARD)
def test_the_canonical_text_of_a_value_reads_to_that_value(type_name: str, text: str) -> None:
    value = read_field(type_name, text).value
    if value is not None:
        assert read_field(type_name, str(value)).value == value


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(KeyError):
        read_field("datum", "2023-05-06")


def test_text_is_cleaned_but_otherwise_kept() -> None:
    assert read_field("text", " 涉嫌\u00a0 盗窃\r\n罪，ＡＢ\u200b ").value == "涉嫌 盗窃 罪,AB"
    assert read_field("text", "无").value == "无"


def test_derived_readers_never_fail_and_give_text() -> None:
    assert DERIVED_READERS["birth_on"]("420112199003071235") == "1990-03-07"
    assert DERIVED_READERS["birth_on"]("420112199003071234") == ""
    assert DERIVED_READERS["handler_kind"]("办案民警 王某") == "officer"
    assert DERIVED_READERS["handler_kind"]("东湖派出所") == "officer"
    assert DERIVED_READERS["handler_kind"]("银行柜员") == "unknown"
    assert all(isinstance(read(""), str) for read in DERIVED_READERS.values())


def test_a_reading_tells_empty_from_unread() -> None:
    assert Reading(None).is_empty
    assert Reading(None, "只有年月").is_unread
    assert not Reading(False).is_empty
