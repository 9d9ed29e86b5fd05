from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.fields.fast_forms import FAST_FORMS
from jianheng.core.fields.registry import FIELD_TYPES, read_field


@pytest.mark.parametrize("type_name", sorted(FAST_FORMS))
@given(data=st.data())
def test_what_a_fast_form_matches_reads_to_the_same_value(type_name: str, data: st.DataObject) -> None:
    inner = FAST_FORMS[type_name].pattern.removeprefix("^").removesuffix("$")
    text = data.draw(st.from_regex(inner, fullmatch=True))
    reading = read_field(type_name, text)
    assert not reading.reason
    assert reading.value == expected(type_name, text)


def expected(type_name: str, text: str) -> object:
    """What the engine makes of the text by a plain cast."""
    storage = FIELD_TYPES[type_name].storage
    if storage == "date":
        return date.fromisoformat(text)
    if storage == "money":
        return Decimal(text).quantize(Decimal("0.01"))
    if storage == "integer":
        return int(text)
    return text in "是有" if storage == "boolean" else text


@pytest.mark.parametrize(
    ("type_name", "text", "matches"),
    [
        ("date", "2023-05-06", True), ("date", "2023-02-30", False), ("date", "2023-5-6", False),
        ("money", "5000.00", True), ("money", "05", False),
        ("document_number", "武公（刑）取保字〔2024〕12号", True),
        ("document_number", "武公（刑）取保字〔2024〕012号", False),
        ("document_number", "武公（刑）取保字第〔2024〕12号", False), ("case_number", "（2023）鄂0112刑初123号", True),
        ("case_number", "A4201120000002024010001", True), ("person_name", "张三", True), ("person_name", "不详", False),
        ("person_name", "张 三", False),
        ("account_number", "00123456", True), ("phone", "13812341234", True),
    ],
)  # fmt: skip
def test_fast_forms_match_the_common_and_leave_the_rest(type_name: str, text: str, matches: bool) -> None:
    assert bool(re.fullmatch(FAST_FORMS[type_name].pattern, text)) is matches


def test_every_fast_form_belongs_to_a_type_and_uses_only_shared_syntax() -> None:
    assert set(FAST_FORMS) <= set(FIELD_TYPES)
    for form in FAST_FORMS.values():
        assert form.pattern.startswith("^") and form.pattern.endswith("$")
        assert not re.search(r"\\[dwsbDWSB1-9]|\(\?", form.pattern)
