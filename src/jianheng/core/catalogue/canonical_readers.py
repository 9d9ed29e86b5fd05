"""Columns of distinct texts read in memory: vouched for at once or by our readers, each text once per import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from jianheng.core.catalogue.canonical_leftovers import count_notes
from jianheng.core.catalogue.fast_arrow import vouched
from jianheng.core.fields.reading import Reading
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Column, Storage

_REMEMBERED = 500_000
_PLACE = 6
"""Digits of an identity number on which what is said about it hangs."""

_Kind = tuple[str, str | None, int]


@dataclass(slots=True)
class Answers:
    """What the distinct texts of a column became: their values, and by position what is to be said of them."""

    values: pa.Array
    unread: dict[int, Reading] = field(default_factory=dict)
    notes: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def unread_rows(self, codes: pa.Array) -> Iterator[tuple[int, Reading]]:
        """Rows that could not be read; ``codes`` gives the position of the text of every row."""
        if self.unread:
            for row, code in enumerate(codes.to_pylist()):
                if code in self.unread:
                    yield row, self.unread[code]

    def counts(self, codes: pa.Array) -> tuple[int, Counter[str]]:
        """Cells unread, and cells per note."""
        notes: Counter[str] = Counter()
        if not self.unread and not self.notes:
            return 0, notes
        cells = Counter(codes.to_pylist())
        for code, found in self.notes.items():
            count_notes(notes, found, cells[code])
        return sum(cells[code] for code in self.unread), notes


def answers_of(readings: dict[int, Reading], values: pa.Array) -> Answers:
    """``values`` completed by ``readings``, which belong to all positions where they are NULL."""
    if readings:
        read = pa.array([readings[code].value for code in sorted(readings)], values.type)
        values = pc.replace_with_mask(values, values.is_null(), read)
    unread = {code: reading for code, reading in readings.items() if reading.reason}
    notes = {code: reading.notes for code, reading in readings.items() if reading.notes}
    return Answers(values, unread, notes)


class Readers:
    """The readers of a lexicon. Names, numbers and days recur from column to column and table to table."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._known: dict[_Kind, dict[str, Reading]] = {}
        self._places: dict[str, tuple[str, ...]] = {}

    def read(self, column: Column, storage: Storage, unit: int, texts: pa.Array) -> Answers:
        """The answers for distinct ``texts``. ``unit`` is that of the heading and matters for money alone."""
        values = vouched(column.type, storage, unit, texts)
        missing = pc.indices_nonzero(values.is_null()).to_pylist()
        readings = self._readings(column, unit if storage == "money" else 1, texts.take(pa.array(missing, pa.int64())))
        answers = answers_of(dict(zip(missing, readings, strict=True)), values)
        if column.type == "resident_id":
            self._note_places(column, values, answers)
        return answers

    def _readings(self, column: Column, unit: int, texts: pa.Array) -> list[Reading]:
        known = self._known.setdefault((column.type, column.codes, unit), {})
        if len(known) + len(texts) > _REMEMBERED:
            known.clear()
        result = []
        for text in texts.to_pylist():
            reading = known.get(text)
            if reading is None:
                reading = known[text] = self.lexicon.read_cell(column, text, unit)
            result.append(reading)
        return result

    def _note_places(self, column: Column, numbers: pa.Array, answers: Answers) -> None:
        """What the reader says of identity numbers read at once; asked once per place."""
        coded = pc.utf8_slice_codeunits(numbers, 0, _PLACE).dictionary_encode()
        first: dict[str, str] = {}
        for place in coded.dictionary.to_pylist():
            if place not in self._places:
                first = first or dict(zip(coded.to_pylist(), numbers.to_pylist(), strict=True))
                self._places[place] = self.lexicon.read_cell(column, first[place]).notes
        said = [self._places[place] for place in coded.dictionary.to_pylist()]
        if any(said):
            for code, place in enumerate(coded.indices.to_pylist()):
                if place is not None and said[place]:
                    answers.notes[code] = said[place]
