"""JSON written by column is byte for byte what orjson writes record by record."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.screening.json_columns import (
    by_value,
    in_one,
    json_array,
    json_constant,
    json_list,
    json_numbers,
    json_object,
    json_string,
    json_texts,
    lists_written,
    values_of,
    written,
)

ITEM = st.none() | st.sampled_from(["1", '"甲"', "{}"])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.text('"\\\n\t\x00\x1f\x7f/中é😀', max_size=4)
MAYBE = st.none() | TEXT


def as_text(value: Any) -> str:
    return orjson.dumps(value).decode()


@given(st.lists(MAYBE, max_size=8), st.integers(0, 8))
def test_texts_are_escaped_as_orjson_escapes_them(texts: list[str | None], start: int) -> None:
    column = pa.array(texts, pa.string())
    assert written(json_texts(column), len(texts)).to_pylist() == [as_text(text) for text in texts]
    part = column.slice(start)
    assert written(json_texts(part), len(part)).to_pylist() == [as_text(text) for text in texts[start:]]


@given(st.lists(st.tuples(MAYBE, TEXT, st.none() | st.integers(-5, 10**12)), min_size=1, max_size=6), TEXT)
def test_objects_and_arrays_mix_what_is_shared_with_what_is_not(
    rows: list[tuple[str | None, str, int | None]], shared: str
) -> None:
    maybe, text, number = (pa.array(column) for column in zip(*rows, strict=True))
    maybe = maybe.cast(pa.string())
    record = json_object(
        {
            "shared": json_constant({"all": [shared]}),
            "inner": json_object({"maybe": json_texts(maybe), "number": json_numbers(number.cast(pa.int64()))}),
            "list": json_array([json_texts(text), json_constant(None), json_texts(maybe)]),
            "sentence": json_string([shared, text, "。", text]),
            "none": json_object({}),
            "nothing": json_array([]),
        }
    )
    assert [*map(orjson.loads, written(record, len(rows)).to_pylist())] == [
        {
            "shared": {"all": [shared]},
            "inner": {"maybe": a, "number": c},
            "list": [b, None, a],
            "sentence": f"{shared}{b}。{b}",
            "none": {},
            "nothing": [],
        }
        for a, b, c in rows
    ]
    lines = written((*record, "\n"), len(rows))
    assert bytes(in_one(lines)) == b"".join(as_text(orjson.loads(line)).encode() + b"\n" for line in lines.to_pylist())


@given(st.lists(st.lists(ITEM, max_size=3), max_size=6))
def test_lists_are_joined_without_what_is_null_and_no_list_is_lost(lists: list[list[str | None]]) -> None:
    offsets = pa.array([sum(map(len, lists[:index])) for index in range(len(lists) + 1)], pa.int32())
    joined = lists_written(offsets, pa.array([text for one in lists for text in one], pa.string()))
    expected = [[text for text in one if text is not None] for one in lists]
    assert joined.to_pylist() == [",".join(one) for one in expected]
    again = written(json_list([joined, pa.repeat("", len(lists)), joined]), len(lists)).to_pylist()
    assert again == [f"[{','.join([*one, *one])}]" for one in expected]
    assert written(json_list([]), len(lists)).to_pylist() == ["[]"] * len(lists)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([date(2024, 5, 1), None, date(2024, 5, 1)]),
        pa.array([Decimal("5.00"), None, Decimal("5.00")], pa.decimal128(18, 2)),
        pa.array([True, None, True]),
        pa.array([7, None, 7]),
        pa.array(["甲", None, "甲"]),
    ],
)
def test_a_value_is_put_into_words_once_however_often_it_comes(column: pa.Array) -> None:
    asked: list[Any] = []

    def said(value: Any) -> str | None:
        asked.append(value)
        return None if value is None else f"«{value}»"

    assert by_value(column, said).to_pylist() == [said(value) for value in column.to_pylist()]
    assert len(asked) == 2 + 3
    assert values_of(column) == column.to_pylist()
