"""The made-up town of these tests: its lexicon, and tables of cells written as values, ``BLANK`` or ``UNREAD``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from jianheng.core.compiler.profile import UNKNOWN_COLUMN, ColumnProfile, SourceProfile
from jianheng.core.pack.shelf import find_packs
from jianheng.core.terms.lexicon import Lexicon, read_lexicon

HERE = Path(__file__).resolve().parent


class Mark:
    """A cell without a value."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


BLANK: Final = Mark("BLANK")
UNREAD: Final = Mark("UNREAD")
Cell = Any
Row = Mapping[str, Cell]
_ARROW = {
    "text": pa.string(),
    "date": pa.date32(),
    "money": pa.decimal128(18, 2),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
}


@cache
def town() -> Lexicon:
    """The words of the town."""
    return read_lexicon(find_packs([HERE]))


def arrow_table(table: str, rows: Sequence[Row], lexicon: Lexicon | None = None) -> pa.Table:
    """A prepared table: its columns, ``_row`` (from 1), ``_bad``, ``_repeat`` (``rows[i].get("_repeat")``)."""
    terms = (lexicon or town()).columns(table)
    columns: dict[str, pa.Array] = {}
    for name, term in terms.items():
        values = [row.get(name, BLANK) for row in rows]
        kind = _ARROW[term.storage]
        columns[name] = pa.array([None if isinstance(value, Mark) else value for value in values], kind)
    bad = [
        sum(1 << bit for bit, name in enumerate(terms) if row.get(name) is UNREAD and terms[name].origin != "chain")
        for row in rows
    ]
    columns["_row"] = pa.array([row.get("_row", number) for number, row in enumerate(rows, start=1)], pa.int64())
    columns["_bad"] = pa.array(bad, pa.int64())
    columns["_repeat"] = pa.array([bool(row.get("_repeat")) for row in rows], pa.bool_())
    return pa.table(columns)


def measured(table: str, rows: Sequence[Row], *, doubts: bool = False) -> SourceProfile:
    """What these very rows allow the compiler to leave out."""
    columns = {}
    for name in town().columns(table):
        cells = [row.get(name, BLANK) for row in rows]
        nulls = sum(isinstance(cell, Mark) for cell in cells)
        columns[name] = ColumnProfile(nulls, sum(cell is UNREAD for cell in cells))
    return SourceProfile(len(rows), columns, any(row.get("_repeat") for row in rows), doubts)


def worst(table: str, rows: Sequence[Row], *, doubts: bool = False) -> SourceProfile:
    """A profile that rules nothing out."""
    columns = {name: UNKNOWN_COLUMN for name in town().columns(table)}
    return SourceProfile(len(rows), columns, True, doubts)
