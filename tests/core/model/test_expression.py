"""The reader of conditions: what it refuses, and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.model.expression import ExpressionError, parse, to_text


def fault(text: str) -> tuple[str, int]:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    return caught.value.code, caught.value.offset


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("a.b =", 5),
        ("a.b = 'x", 6),
        ("a.b == 1", 5),
        ("a.b = 1 2", 8),
        ("a.", 2),
        ("a.b in ()", 8),
        ("a.b in (1", 9),
        ("(a.b", 4),
        ("a.b and", 7),
        ("not", 3),
        ("case else 1 end", 5),
        ("case when a.b then 1 end", 21),
        ("date 5", 5),
        ("date '2023-02-29'", 5),
        ("f(a.b", 5),
        ("a.b = 1; drop", 7),
        ("a.b is null", 4),
        ("a.b = （1）", 6),
        ("a.b = 张三", 6),
        ("a.b / 2", 4),
        ("select 1", 7),
        ("a.b between 1", 13),
        ('a.b = "x"', 6),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_first_wrong_character(text: str, offset: int) -> None:
    assert fault(text) == ("M101", offset)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 60 + "1" + ")" * 60,
        "-" * 200 + "1",
        "not " * 200 + "a.b",
        "1" + " + 1" * 900,
        "a.b" + " and a.b" * 400,
        "x" * 5000,
    ],
)
def test_what_is_too_deep_or_too_long_is_refused_and_never_overruns(text: str) -> None:
    assert fault(text)[0] == "M101"


@given(st.text(alphabet="ab.' ()=<>+-*,1'date not in case when end and or 中", max_size=40))
def test_any_text_is_either_read_or_refused_with_an_offset_inside_it(text: str) -> None:
    try:
        node = parse(text)
    except ExpressionError as error:
        assert error.code == "M101" and 0 <= error.offset <= len(text)
        return
    assert to_text(parse(to_text(node))) == to_text(node)


@pytest.mark.parametrize(
    "text",
    [
        "a.b = 1 and (a.c = 2 or not a.d = 3)",
        "a.b - (a.c - 1) - 2",
        "(a.b + 1) * 2",
        "a.x not in (1, 2.50) and a.y in names",
        "case when a.b then 1 when a.c then 2 else 3 end + 1",
        "not a.b between 1 and 2",
        "a.b = 'O''B'",
        "a.b > 0.0000001",
        "--1 < -a.b",
        "date '2024-02-29' <= as_of",
        "unknown or true",
    ],
)
def test_a_written_condition_reads_back_as_it_was_written(text: str) -> None:
    assert to_text(parse(text)) == text
