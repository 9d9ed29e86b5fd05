"""The last tier of reading: our careful readers, once per distinct text that the engine did not vouch for.

The answers are a small Parquet table per column, joined back by text (and by the unit of its heading).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jianheng.core.fields.cleaning import clean_text
from jianheng.core.fields.masking import mask_text
from jianheng.core.fields.reading import Reading
from jianheng.core.fields.registry import FIELD_TYPES
from jianheng.core.terms.spec import Storage

ARROW_TYPES: dict[Storage, pa.DataType] = {
    "text": pa.string(),
    "date": pa.date32(),
    "money": pa.decimal128(18, 2),
    "boolean": pa.bool_(),
    "integer": pa.int64(),
}

_LONGEST_SEEN = 60
_DIGITS_TO_MASK = 6
_MOST_NOTES = 20
_OTHER_NOTES = "其他说明"


@dataclass(slots=True)
class Answers:
    """What the readers made of one column: the file of answers, and what is worth saying, counted in cells."""

    path: Path
    rows: int = 0
    unread: int = 0
    notes: Counter[str] = field(default_factory=Counter)


def read_leftovers(
    batches: Iterable[pa.RecordBatch],
    read: Callable[[str, int], Reading],
    storage: Storage,
    field_type: str,
    path: Path,
) -> Answers:
    """Read every (text, unit, cells) of ``batches`` and write ``path``.

    The file has the columns text, unit, value, is_unread, seen (masked), reason, hint; ``seen`` to ``hint`` are empty
    for what was read. Memory stays at one batch, whatever the number of texts.
    """
    answers = Answers(path)
    schema = pa.schema(
        [("text", pa.string()), ("unit", pa.int64()), ("value", ARROW_TYPES[storage]), ("is_unread", pa.bool_())]
        + [("seen", pa.string()), ("reason", pa.string()), ("hint", pa.string())]
    )
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            texts, units, cells = (batch.column(name).to_pylist() for name in ("text", "unit", "cells"))
            readings = [read(text, unit) for text, unit in zip(texts, units, strict=True)]
            writer.write_batch(_answer_batch(schema, texts, units, readings, field_type))
            _count(answers, readings, cells)
    return answers


def count_notes(notes: Counter[str], found: Iterable[str], cells: int) -> None:
    """Add ``found`` to ``notes``; beyond the first twenty different ones they are counted together."""
    for note in found:
        notes[note if note in notes or len(notes) < _MOST_NOTES else _OTHER_NOTES] += cells


def show_masked(text: str, field_type: str) -> str:
    """``text`` short enough for a list and with every long number masked; it could not be read, so it may be any."""
    known = FIELD_TYPES.get(field_type)
    cleaned = clean_text(text)
    masked = mask_text(cleaned)
    if masked == cleaned and known is not None and known.mask and sum(map(str.isdigit, cleaned)) >= _DIGITS_TO_MASK:
        masked = known.mask(cleaned)
    return masked if len(masked) <= _LONGEST_SEEN else masked[: _LONGEST_SEEN - 1] + "…"


def _answer_batch(
    schema: pa.Schema, texts: list[str], units: list[int], readings: list[Reading], field_type: str
) -> pa.RecordBatch:
    """All said of unread texts in one go: mostly there are few of them among many."""
    unread = [place for place, reading in enumerate(readings) if reading.reason]
    said: dict[str, list[str | None]] = {name: [None] * len(texts) for name in ("seen", "reason", "hint")}
    for place in unread:
        said["seen"][place] = show_masked(texts[place], field_type)
        said["reason"][place] = readings[place].reason
        said["hint"][place] = readings[place].hint
    is_unread = [False] * len(texts)
    for place in unread:
        is_unread[place] = True
    columns: list[list[Any]] = [texts, units, [reading.value for reading in readings], is_unread, *said.values()]
    return pa.record_batch([pa.array(values, kind.type) for values, kind in zip(columns, schema, strict=True)], schema)


def _count(answers: Answers, readings: list[Reading], cells: list[int]) -> None:
    answers.rows += len(readings)
    noted: Counter[tuple[str, ...]] = Counter()
    for reading, count in zip(readings, cells, strict=True):
        if reading.reason:
            answers.unread += count
        if reading.notes:
            noted[reading.notes] += count
    for notes, count in noted.items():
        count_notes(answers.notes, notes, count)
