"""Identity numbers, credit codes, accounts and telephones."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.fields.account_number import passes_luhn
from jianheng.core.fields.credit_code import credit_check, credit_code_kind, organisation_check
from jianheng.core.fields.registry import read_field
from jianheng.core.fields.resident_id import birth_on, check_character, sex

SHARED = Path(__file__).resolve().parents[4] / "shared"
LOST = "已丢失"


@pytest.mark.parametrize(
    "text", ["11010519491231002X", "440524188001010014", "420112199003071235", "420112200802290018"]
)
def test_well_known_identity_numbers_are_read_as_they_stand(text: str) -> None:
    reading = read_field("resident_id", text)
    assert (reading.value, reading.notes) == (text, ())


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002x",
        "１１０１０５１９４９１２３１００２ｘ",
        "'11010519491231002X",
        "110105 19491231 002X",
        "110105-19491231-002X",
    ],
)
def test_an_identity_number_is_read_in_every_way_of_typing_it(text: str) -> None:
    assert read_field("resident_id", text).value == "11010519491231002X"


@pytest.mark.parametrize("text", ["420112900307123", "420112900307123.0"])
def test_an_old_identity_number_is_lengthened_and_said(text: str) -> None:
    reading = read_field("resident_id", text)
    assert reading.value == "420112199003071235" and "15位旧号已升位" in reading.notes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("4.2011219900307123e+17", LOST), ("4.20112E+17", LOST), ("420112199003071232.0", LOST),
        ("420112199003071000", LOST),
        ("4201**********1235", "脱敏"), ("420112199003071234", "校验码"), ("420112199002301235", "出生日期"),
        ("42011219900307123", "17位"),
        ("420112900230123", "出生日期"), ("护照E1234567", "形式"),
        ("420112199003071235、11010519491231002X", "不止一个"),
    ],
)  # fmt: skip
def test_an_identity_number_that_cannot_be_right_is_unread_without_showing_it(text: str, said: str) -> None:
    reading = read_field("resident_id", text)
    assert reading.value is None and said in reading.reason
    assert text[6:14] not in reading.reason + reading.hint


@given(st.dates(date(1900, 1, 1), date(2030, 1, 1)), st.integers(1, 999))
def test_a_number_of_no_known_place_is_read_with_a_note(born: date, sequence: int) -> None:
    first17 = f"429999{born:%Y%m%d}{sequence:03d}"
    reading = read_field("resident_id", first17 + check_character(first17))
    assert isinstance(reading.value, str) and "429999" in reading.notes[0]
    assert birth_on(reading.value) == born
    assert sex(reading.value) == ("男" if sequence % 2 else "女")


@given(st.dates(date(1900, 1, 1), date(2030, 1, 1)), st.integers(1, 999), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(born: date, sequence: int, place: int, shift: int) -> None:
    first17 = f"420112{born:%Y%m%d}{sequence:03d}"
    code = first17 + check_character(first17)
    old = 10 if code[place] == "X" else int(code[place])
    wrong = code[:place] + str((old + shift) % 10) + code[place + 1 :]
    assert wrong == code or read_field("resident_id", wrong).is_unread


def test_a_residence_card_number_is_named_as_such() -> None:
    first17 = "81000019900307123"
    assert read_field("resident_id", first17 + check_character(first17)).notes == ("港澳台居民居住证号码",)


def test_a_credit_code_is_read_and_its_check_tested() -> None:
    assert read_field("credit_code", "91350100m000100y43").value == "91350100M000100Y43"
    assert "校验码" in read_field("credit_code", "91350100M000100Y44").reason
    assert "字母" in read_field("credit_code", "9135010OM000100Y43").reason
    assert LOST in read_field("credit_code", "9.11522010783763E+17").reason
    assert credit_check("91350100M000100Y4") == "3"


def test_the_two_older_numbers_are_read_with_a_note() -> None:
    registration = read_field("credit_code", "420112000012345")
    assert registration.notes and credit_code_kind(str(registration.value)) == "registration"
    organisation = read_field("credit_code", f"12345678-{organisation_check('12345678')}")
    assert organisation.notes and credit_code_kind(str(organisation.value)) == "organisation"
    assert read_field("credit_code", "12345678-9").is_unread
    assert credit_code_kind("91350100M000100Y43") == "unified"


def test_real_credit_codes_are_all_read_and_all_refused_when_one_digit_changes() -> None:
    path = SHARED / "data" / "linkage" / "uscc_numbers.txt"
    if not path.exists():
        pytest.skip("development data are not here")
    codes = path.read_text(encoding="utf-8").split()
    assert len(codes) > 200
    assert all(read_field("credit_code", code).value == code for code in codes)
    broken = [code[:9] + str((int(code[9], 36) + 1) % 10) + code[10:] for code in codes]
    assert all(read_field("credit_code", code).is_unread for code in broken)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("6228480000123456782", "6228480000123456782"), ("6228 4800 0012 3456 782", "6228480000123456782"),
        ("0012-3456-78", "0012345678"),
        ("'00123456", "00123456"), ("nra1234567890", "NRA1234567890"), ("４２０１００００", "42010000"),
    ],
)  # fmt: skip
def test_an_account_number_keeps_its_zeros_and_loses_its_gaps(text: str, value: str) -> None:
    assert (read_field("account_number", text).value, read_field("account_number", text).notes) == (value, ())


@pytest.mark.parametrize("text", ["6228480000123456.0", "6.22848E+18", "6.228480000123457e+18"])
def test_an_account_number_stored_as_a_float_has_lost_its_tail(text: str) -> None:
    assert LOST in read_field("account_number", text).reason


def test_doubts_about_an_account_number_are_notes() -> None:
    assert read_field("account_number", "6228480000123456783").notes == ("银行卡号校验位不符",)
    assert read_field("account_number", "420100123456789.0").notes
    assert "第16位" in read_field("account_number", "6228480000123450000").notes[0]
    assert "脱敏" in read_field("account_number", "6228****6782").reason
    assert "不是账号" in read_field("account_number", "现金").reason
    assert (
        passes_luhn("6228480000123456782") is False or read_field("account_number", "6228480000123456782").notes == ()
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("13812341234", "13812341234"), ("+86 138-1234-1234", "13812341234"), ("8613812341234", "13812341234"),
        ("13812341234.0", "13812341234"),
        ("027-12345678", "02712345678"), ("（027）12345678", "02712345678"), ("400-800-1234", "4008001234"),
        ("83781234", "83781234"),
    ],
)  # fmt: skip
def test_telephone_numbers_are_read_as_digits(text: str, value: str) -> None:
    assert read_field("phone", text).value == value


@pytest.mark.parametrize("text", ["138****1234", "1.38123E+10", "13812341234、13912341234", "123", "张三"])
def test_what_is_not_one_telephone_number_is_unread(text: str) -> None:
    assert read_field("phone", text).is_unread


@pytest.mark.parametrize(
    ("text", "value"), [("是", True), ("√", True), ("Y", True), ("1.0", True), ("有", True), ("TRUE", True)]
)
def test_yes_is_true(text: str, value: bool) -> None:
    assert read_field("boolean", text).value is value


@pytest.mark.parametrize("text", ["否", "×", "n", "0", "无", "false", "Ｎ"])
def test_no_is_false(text: str) -> None:
    assert read_field("boolean", text).value is False


@pytest.mark.parametrize("text", ["x", "□", "对错", "2"])
def test_neither_yes_nor_no_is_unread(text: str) -> None:
    assert read_field("boolean", text).is_unread


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_whole_numbers_are_read_with_and_without_separators(number: int) -> None:
    assert read_field("integer", str(number)).value == number
    assert read_field("integer", f"{number:,}").value == number


def test_what_is_not_a_whole_number_is_unread() -> None:
    assert read_field("integer", "12.0").value == 12
    assert read_field("integer", "十二").value == 12
    for text in ("1.5", "12个", "1E+5", "99999999999999999999", "12345678901234567890.0"):
        assert read_field("integer", text).is_unread
