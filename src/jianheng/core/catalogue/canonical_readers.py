"""The readers of a lexicon, asked once per text: names, numbers and days recur from column to column and table to table."""

from __future__ import annotations

from collections.abc import Sequence

from jianheng.core.catalogue.fast_text import vouch_for
from jianheng.core.fields.reading import Reading
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Column, Storage

_REMEMBERED = 500_000
_PLACE = 6  # digits of an identity number on which what is said about it hangs

_Kind = tuple[str, str | None, int]


class Readers:
    """Reads columns of distinct texts; what was read is remembered for the next column of the same type."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._known: dict[_Kind, dict[str, Reading]] = {}
        self._places: dict[str, tuple[str, ...]] = {}

    def read(self, column: Column, storage: Storage, unit: int, texts: Sequence[str]) -> list[Reading]:
        """One reading a text. ``unit`` is that of the heading and matters for money alone."""
        kind = (column.type, column.codes, unit if storage == "money" else 1)
        known = self._known.setdefault(kind, {})
        if len(known) + len(texts) > _REMEMBERED:
            known.clear()
        missing = [text for text in texts if text not in known]
        known.update(zip(missing, self._readings(column, storage, unit, missing), strict=True))
        return [known[text] for text in texts]

    def _readings(self, column: Column, storage: Storage, unit: int, texts: Sequence[str]) -> list[Reading]:
        vouch = vouch_for(column.type, storage, unit)
        read = self.lexicon.read_cell
        if vouch is None:
            return [read(column, text, unit) for text in texts]
        values = list(map(vouch, texts))
        if column.type == "resident_id":
            return [
                read(column, text, unit) if value is None else Reading(value, notes=self._place_notes(column, str(value)))
                for text, value in zip(texts, values, strict=True)
            ]
        return [
            read(column, text, unit) if value is None else Reading(value)
            for text, value in zip(texts, values, strict=True)
        ]

    def _place_notes(self, column: Column, number: str) -> tuple[str, ...]:
        """What the reader says of an identity number read fast."""
        place = number[:_PLACE]
        if place not in self._places:
            self._places[place] = self.lexicon.read_cell(column, number).notes
        return self._places[place]
