"""Giving a worked case new keys and other days, so that it can happen many times in one county.

Within one instance equal values stay equal and different ones different, whatever table they stand in. What a key is
follows from its field type. Cells that are blank or cannot be read stay as they are: that is what the case is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from jianheng.core.fields.resident_id import birth_on, sex
from jianheng.core.sandbox.chance import dice
from jianheng.core.sandbox.people import name_given_once, planted_credit_code, planted_id, shared_name
from jianheng.core.sandbox.places import planted_district
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Column, Table

_SERIAL = re.compile(r"(?<![0-9])[0-9]+(?=号[^号]*$)|[0-9]+(?=[^0-9]*$)")
_NO_OPERATOR = "169"  # a prefix of mobile numbers that no operator gives out
_STEM = re.compile(r".{2,3}市(.{2,4})[区县市]")
_FIRST_SERIAL = 9_000_001
_NUMBERS = frozenset({"document_number", "case_number", "reference_number"})
_KEYS = frozenset({"number", "resident_id", "credit_code", "person_name", "account_number", "division", "phone"})
_FREE_TEXTS = frozenset({"text", "organ", "organisation_name"})


@dataclass(slots=True)
class Counters:
    """What has been given out so far in the county."""

    people: Iterator[int] = field(default_factory=count)
    firms: Iterator[int] = field(default_factory=count)
    names: Iterator[int] = field(default_factory=count)
    serials: Iterator[int] = field(default_factory=lambda: count(_FIRST_SERIAL))
    districts: Iterator[int] = field(default_factory=count)
    phones: Iterator[int] = field(default_factory=count)


@dataclass(slots=True)
class Renaming:
    """New values for one instance: ``number`` counts instances, ``days`` moves every date."""

    lexicon: Lexicon
    counters: Counters
    seed: int
    number: int
    days: int
    own_names: bool
    _new: dict[tuple[str, str], str] = field(default_factory=dict)

    def cell(self, column: Column, text: str, *, is_key: bool = False) -> str:
        """The new text of one cell; ``is_key`` for columns that number rows whatever their type."""
        value = self.lexicon.read_cell(column, text).value
        if value is None:
            return text
        if isinstance(value, date):
            return self.day(value).isoformat()
        if isinstance(value, Decimal):
            return f"{value:.2f}"
        if isinstance(value, bool):
            return "是" if value else "否"
        return self.value(column.type, str(value), is_key=is_key)

    def value(self, field_type: str, value: str, *, is_key: bool = False) -> str:
        """The new value for a canonical value."""
        kind = "number" if field_type in _NUMBERS or is_key else field_type
        if kind not in _KEYS:
            return value
        if (kind, value) not in self._new:
            self._new[kind, value] = self._fresh(kind, value)
        return self._new[kind, value]

    def day(self, value: date) -> date:
        return value + timedelta(days=self.days)

    def free_text(self, column: Column, text: str) -> str:
        """A free text with the new names of the people and districts that it mentions."""
        if column.type not in _FREE_TEXTS:
            return text
        for (kind, old), new in self._new.items():
            if kind == "person_name":
                text = text.replace(old, new)
            elif kind == "division" and old:
                text = text.replace(old, new)
                if stem := _STEM.fullmatch(old):
                    text = text.replace(stem[1], new[3:-1])  # 示例市公安局江北分局 of 示例市江北区
        return text

    def subject(self, columns: Mapping[str, Column], written: Mapping[str, str]) -> dict[str, str]:
        """A subject under its new keys, once all names of the instance are known: a free text may be what it is."""
        return {name: self.free_text(columns[name], self.cell(columns[name], text)) for name, text in written.items()}

    def districts(self) -> list[str]:
        """The districts given out."""
        return [new for (kind, _), new in self._new.items() if kind == "division"]

    def new_district(self) -> str:
        """A district of its own for an instance that names none."""
        return self.value("division", "")

    def _fresh(self, kind: str, value: str) -> str:
        if kind == "division":
            return planted_district(next(self.counters.districts))
        if kind == "resident_id":
            return planted_id(next(self.counters.people), self.day(birth_on(value)), male=sex(value) == "男")
        if kind == "credit_code":
            return planted_credit_code(value, next(self.counters.firms))
        if kind == "person_name":
            return self._fresh_name()
        if kind == "phone":
            return f"{_NO_OPERATOR}{next(self.counters.phones):08d}"
        if kind == "account_number":
            return f"8{self.number:06d}{value}"  # in front, so that what was a prefix of another still is
        return _renumbered(value, next(self.counters.serials))

    def _fresh_name(self) -> str:
        if self.own_names:
            return name_given_once(next(self.counters.names), planted=True)
        taken = {new for (kind, _), new in self._new.items() if kind == "person_name"}
        chance = dice(self.seed, "name", self.number, len(taken))
        name = shared_name(chance)
        while name in taken:
            name = shared_name(chance)
        return name


def _renumbered(value: str, serial: int) -> str:
    """A number with another serial: the digits before the last 号, or else the last digits, or else at its end."""
    new, found = _SERIAL.subn(str(serial), value, count=1)
    return new if found else f"{value}{serial}"


def renamed_row(renaming: Renaming, table: Table, row: Mapping[str, str]) -> dict[str, str]:
    """One row with new keys and days. Free texts come later, when all names of the instance are known."""
    return {
        name: renaming.cell(table.columns[name], text, is_key=name == table.row_number)
        for name, text in row.items()
        if name in table.columns
    }
