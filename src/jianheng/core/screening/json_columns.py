"""JSON written column by column: the texts of many records at once, byte for byte as orjson writes them one by one.

A value here is a run of pieces, each either text that all records share or a column with the text of each record. The
pieces are put together once, by :func:`written`, so that nothing is copied on the way there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import orjson
import pyarrow as pa
import pyarrow.compute as pc

Piece: TypeAlias = "str | pa.Array"
Json: TypeAlias = "tuple[Piece, ...]"

_ESCAPED = bytes([*range(0x20), ord('"'), ord("\\")])
_NEEDS_ESCAPE = r'[\x00-\x1f"\\]'


def json_constant(value: object) -> Json:
    """``value`` in every record."""
    return (orjson.dumps(value).decode(),)


def json_texts(texts: pa.Array) -> Json:
    """Each text as a JSON string, no text as ``null``."""
    if texts.null_count == 0:
        return ('"', _escaped(texts), '"')
    return (pc.fill_null(written(('"', _escaped(texts), '"'), len(texts)), "null"),)


def json_words(texts: pa.Array) -> Json:
    """Texts that are JSON already, no text as ``null``."""
    return (pc.fill_null(texts, "null"),)


def json_numbers(numbers: pa.Array) -> Json:
    """Whole numbers and truth values."""
    return json_words(numbers.cast(pa.string()))


def json_string(parts: Iterable[Piece]) -> Json:
    """One JSON string put together from shared texts and columns without nulls."""
    return (
        '"',
        *(orjson.dumps(part)[1:-1].decode() if isinstance(part, str) else _escaped(part) for part in parts),
        '"',
    )


def json_object(members: Mapping[str, Json]) -> Json:
    """An object of ``members`` in their order."""
    pieces: list[Piece] = []
    for name, value in members.items():
        pieces += [f'{"," if pieces else "{"}"{name}":', *value]
    return (*pieces, "}") if pieces else ("{}",)


def json_array(items: Iterable[Json]) -> Json:
    """An array of as many items in every record."""
    pieces: list[Piece] = []
    for item in items:
        pieces += ["," if pieces else "[", *item]
    return (*pieces, "]") if pieces else ("[]",)


def written(pieces: Iterable[Piece], count: int) -> pa.Array:
    """The text of each of ``count`` records; null where any piece is."""
    joined: list[Piece] = [""]
    for piece in pieces:
        if isinstance(piece, str) and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    return pc.binary_join_element_wise(*joined, "") if len(joined) > 1 else pa.repeat(joined[0], count)


def lists_written(offsets: pa.Array, items: pa.Array) -> pa.Array:
    """``items`` that are not null from each offset to the next, with commas between them; empty if there are none."""
    if items.null_count:
        present = pc.cumulative_sum(pc.cast(items.is_valid(), pa.int32()))
        offsets = pa.concat_arrays([pa.array([0], pa.int32()), present]).take(offsets)
        items = items.drop_null()
    if pc.all(pc.equal(pc.subtract(offsets.slice(1), offsets.slice(0, len(offsets) - 1)), 1)).as_py():
        return items
    return pc.binary_join(pa.ListArray.from_arrays(offsets, items), ",")


def json_list(columns: Iterable[pa.Array]) -> Json:
    """An array of what stands in the columns, each several items with commas between them, one, or empty for none."""
    pieces: list[Piece] = ["["]
    begun = None
    for texts in columns:
        filled = pc.greater(pc.binary_length(texts), 0)
        pieces += [pc.if_else(pc.and_(begun, filled), ",", ""), texts] if begun is not None else [texts]
        begun = pc.or_(begun, filled) if begun is not None else filled
    return (*pieces, "]")


def one_batch(rows: pa.Table) -> pa.RecordBatch:
    """A table whose columns are in one piece each."""
    return pa.RecordBatch.from_arrays([column.combine_chunks() for column in rows.columns], rows.schema.names)


def in_one(texts: pa.Array) -> memoryview:
    """The bytes of all texts, one behind the other, without a copy."""
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return memoryview(b"")
    places = memoryview(offsets).cast("i")
    return memoryview(data)[places[texts.offset] : places[texts.offset + len(texts)]]


def by_value(column: pa.Array, said: Callable[[Any], str | None]) -> pa.Array:
    """What ``said`` gives for each value, asked once for every different one; null also is a value."""
    different, numbers = _numbered(column)
    return pa.array([said(value) for value in different], pa.string()).take(numbers)


def values_of(column: pa.Array) -> list[Any]:
    """The values of a column, equal ones as one object: days and amounts take Arrow long to make."""
    if pa.types.is_string(column.type):
        return list(column.to_pylist())
    different, numbers = _numbered(column)
    return [different[number] for number in numbers.to_pylist()]


def _numbered(column: pa.Array) -> tuple[list[Any], pa.Array]:
    encoded = pc.dictionary_encode(column, null_encoding="encode")
    return encoded.dictionary.to_pylist(), encoded.indices


def _escaped(texts: pa.Array) -> pa.Array:
    """What stands between the quotes. Hardly any text needs a change, and one look at all of them together tells."""
    data = bytes(in_one(texts))
    if len(data.translate(None, _ESCAPED)) == len(data):
        return texts
    needy = pc.fill_null(pc.match_substring_regex(texts, _NEEDS_ESCAPE), False)
    changed = [orjson.dumps(text)[1:-1].decode() for text in texts.filter(needy).to_pylist()]
    return pc.replace_with_mask(texts, needy, pa.array(changed, pa.string()))
