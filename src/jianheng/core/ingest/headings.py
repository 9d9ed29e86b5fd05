"""Headings: their normal form, the unit they name, and which canonical column of a table they stand for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

UNITS = {"元": 1, "百元": 100, "千元": 1_000, "万元": 10_000, "亿元": 100_000_000}
_UNIT_WORDS = "|".join(sorted(UNITS, key=len, reverse=True))
_BRACKETED = re.compile(r"[(\[{〔【<《][^()\[\]{}〔〕【】<>《》]*[)\]}〕】>》]")
_UNIT_IN_HEADING = re.compile(rf"(?:[(\[〔【,，/:：]|单位[:：]?)(?:人民币)?({_UNIT_WORDS})[)\]〕】]?|({_UNIT_WORDS})$")
_UNIT_IN_TITLE = re.compile(rf"(?:金额)?单位[:：]?(?:人民币)?({_UNIT_WORDS})")
_BETWEEN_PARTS = re.compile(r"/(?![^(（\[{〔【]*[)）\]}〕】])")  # not the slash of a unit in brackets: （mg/100ml）
_NUMBERING = re.compile(r"^(?:[0-9]{1,3}[.、)]|[①-⑳])")
_ONLY_TRAILING = re.compile(rf"(?:[*#:：,，.。;；、?？!！_-]|{_UNIT_WORDS})*$")
_TRAILING = re.compile(rf"[*#:：,，.。;；、?？!！_-]+$|(?:{_UNIT_WORDS})$")


@lru_cache(maxsize=50_000)
def squeezed(text: str) -> str:
    """NFKC without any white space or line break."""
    return "".join(unicodedata.normalize("NFKC", text).split())


@lru_cache(maxsize=50_000)
def normal_heading(text: str) -> str:
    """The form headings are compared in: squeezed, lower case, bracketed notes and units and numbering taken off.

    ``缴纳 金额（元）*`` -> ``缴纳金额``. A heading that is nothing but a bracket keeps its text.
    """
    plain = _NUMBERING.sub("", squeezed(text).lower().replace("\\", "/"))
    bare = _BRACKETED.sub("", plain).strip("*#")
    return bare or plain


@lru_cache(maxsize=50_000)
def without_trailing(heading: str) -> str:
    """A normal heading without the marks and the unit word at its end: ``交纳金额元:`` -> ``交纳金额``."""
    while True:
        shorter = _TRAILING.sub("", heading)
        if shorter == heading or not shorter:
            return heading
        heading = shorter


def unit_of_heading(text: str) -> int | None:
    """The money unit a heading names (``没收金额（万元）`` -> 10000), or None."""
    found = _UNIT_IN_HEADING.search(squeezed(text))
    return UNITS[found.group(1) or found.group(2)] if found else None


def unit_of_title(text: str) -> int | None:
    """The unit a title line declares for the whole sheet (``单位：万元``), or None."""
    found = _UNIT_IN_TITLE.search(squeezed(text))
    return UNITS[found.group(1)] if found else None


def column_letter(index: int) -> str:
    """Excel's letters of a 0-based column: 0 -> A, 26 -> AA."""
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def heading_spellings(text: str) -> tuple[str, ...]:
    """The normal forms under which a joined heading may be known, most telling first."""
    parts = [normal_heading(part) for part in _BETWEEN_PARTS.split(text) if part.strip()]
    if not parts:
        return ()
    spellings = ["/".join(parts), "".join(parts)]
    spellings += ["".join(parts[index:]) for index in range(1, len(parts))]
    return tuple(dict.fromkeys(spellings))


@dataclass(frozen=True, slots=True)
class TableHeads:
    """What recognising needs to know of one term table; plain values, so that it travels to the reading process."""

    id: str
    names: tuple[str, ...]
    """Squeezed title and aliases of the table."""
    required: tuple[str, ...]
    headings: dict[str, str]
    """Normal heading -> canonical column."""
    titles: dict[str, str]
    """Canonical column -> its title, for messages."""
    money: frozenset[str] = frozenset()


class KnownHeadings:
    """The headings of several tables together: how many tables there are costs nothing where none of them is meant."""

    def __init__(self, heads: Sequence[TableHeads]) -> None:
        self._owners: dict[str, dict[str, str]] = {}
        for table in heads:
            for heading, column in table.headings.items():
                self._owners.setdefault(heading, {})[table.id] = column
        self._ends = frozenset(heading[at:] for heading in self._owners for at in range(len(heading)))
        self._last = frozenset(heading[-1:] for heading in self._owners)
        self._columns: dict[str, dict[str, str]] = {}  # one window after the other has the same headings

    def __contains__(self, heading: str) -> bool:
        """Whether a normal heading is one of any table."""
        return heading in self._owners

    def columns(self, heading: str) -> dict[str, str]:
        """Table id -> canonical column, of every table that knows a joined heading by its most telling spelling."""
        found = self._columns.get(heading)
        if found is None:
            found = self._columns[heading] = {}
            spellings = heading_spellings(heading)
            for spelling in (*spellings, *map(without_trailing, spellings)):
                for table, column in self._owners.get(spelling, {}).items():
                    found.setdefault(table, column)
        return found

    def may_end_with(self, text: str) -> bool:
        """Whether a heading put together from cells above one another may be known if its last cell is ``text``."""
        last = text[-1]
        if last.isascii() and last.isalnum() and last.lower() not in self._last:
            return False  # no normal form takes a letter or a digit off the end
        plain = normal_heading(text)
        return plain in self._ends or without_trailing(plain) in self._ends or bool(_ONLY_TRAILING.match(plain))
