"""Headings: their normal form, the unit they name, and which canonical column of a table they stand for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

UNITS = {"元": 1, "百元": 100, "千元": 1_000, "万元": 10_000, "亿元": 100_000_000}
_UNIT_WORDS = "|".join(sorted(UNITS, key=len, reverse=True))
_BRACKETED = re.compile(r"[(\[{〔【<《][^()\[\]{}〔〕【】<>《》]*[)\]}〕】>》]")
_UNIT_IN_HEADING = re.compile(rf"(?:[(\[〔【,，/:：]|单位[:：]?)(?:人民币)?({_UNIT_WORDS})[)\]〕】]?|({_UNIT_WORDS})$")
_UNIT_IN_TITLE = re.compile(rf"(?:金额)?单位[:：]?(?:人民币)?({_UNIT_WORDS})")
_BRACKETS = re.compile(r"[()\[\]{}〔〕【】<>《》]")
_SAYS_NOTHING = re.compile(
    rf"[*#]|(?:必|选)(?:填|录)项?|可?不填|(?:单位[:：]?)?(?:人民币)?(?:{_UNIT_WORDS})|年/?月/?日|[ymd]{{4,8}}|yyyy[-/.]mm[-/.]dd"
)
"""What stands in brackets and tells no column from another."""
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
    """The barest form of a heading: squeezed, lower case, bracketed notes and units and numbering taken off.

    ``缴纳 金额（元）*`` -> ``缴纳金额``. A heading that is nothing but a bracket keeps its text.
    """
    plain = _plain(text)
    bare = _BRACKETED.sub("", plain).strip("*#")
    return bare or plain


@lru_cache(maxsize=50_000)
def heading_forms(text: str) -> tuple[str, str, str]:
    """The forms headings are compared in, most telling first: with its brackets, with their words alone, without.

    ``刑期（年）*`` -> ``刑期(年)``, ``刑期年``, ``刑期``: one column is told from another by its bracket where anybody
    knows it. A bracket that says nothing (必填, a unit of money) is taken off all three.
    """
    kept = _BRACKETED.sub(lambda found: "" if _SAYS_NOTHING.fullmatch(found[0][1:-1]) else found[0], _plain(text))
    kept = kept.strip("*#") or normal_heading(text)
    return kept, _BRACKETS.sub("", kept) or kept, normal_heading(text)


def known_forms(columns: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Form -> column, of pairs of heading and column.

    A heading is known by a less telling form too, unless that is the form of another or would be of two columns.
    """
    named = [(heading_forms(heading), column) for heading, column in columns]
    result: dict[str, str] = {}
    for level in range(3):
        of_level: dict[str, set[str]] = {}
        for forms, column in named:
            of_level.setdefault(forms[level], set()).add(column)
        for form, owners in of_level.items():
            if len(owners) == 1 or level == 0:
                result.setdefault(form, next(column for forms, column in named if forms[level] == form))
    return result


def _plain(text: str) -> str:
    return _NUMBERING.sub("", squeezed(text).lower().replace("\\", "/"))


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
    """The forms under which a joined heading may be known, most telling first."""
    return tuple(_spellings(text))


def _spellings(text: str) -> dict[str, bool]:
    """Form of a joined heading -> whether it has lost a bracket that may tell it from others; most telling first."""
    parts = [heading_forms(part) for part in _BETWEEN_PARTS.split(text) if part.strip()]
    result: dict[str, bool] = {}
    for level in range(3 if parts else 0):
        words = [forms[level] for forms in parts]
        for spelling in ("/".join(words), *("".join(words[index:]) for index in range(len(words)))):
            result.setdefault(spelling, level == 2 and any(forms[0] != forms[2] for forms in parts))
    return result


@dataclass(frozen=True, slots=True)
class TableHeads:
    """What recognising needs to know of one term table; plain values, so that it travels to the reading process."""

    id: str
    names: tuple[str, ...]
    """Squeezed title and aliases of the table."""
    required: tuple[str, ...]
    headings: dict[str, str]
    """Form of a heading -> canonical column."""
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
        self._columns: dict[str, dict[str, tuple[str, bool]]] = {}  # window after window has the same headings

    def knows(self, text: str) -> bool:
        """Whether the text of a cell is a heading of any table."""
        return any(form in self._owners for form in heading_forms(text))

    def columns(self, heading: str) -> dict[str, tuple[str, bool]]:
        """Table id -> canonical column, of every table that knows a joined heading by its most telling spelling.

        With it whether a bracket had to be passed over that may tell the column from another.
        """
        found = self._columns.get(heading)
        if found is None:
            found = self._columns[heading] = {}
            spellings = _spellings(heading)
            trailing = [(without_trailing(spelling), lost) for spelling, lost in spellings.items()]
            for spelling, lost in (*spellings.items(), *trailing):
                for table, column in self._owners.get(spelling, {}).items():
                    found.setdefault(table, (column, lost))
        return found

    def may_end_with(self, text: str) -> bool:
        """Whether a heading put together from cells above one another may be known if its last cell is ``text``."""
        last = text[-1]
        if last.isascii() and last.isalnum() and last.lower() not in self._last:
            return False  # no normal form takes a letter or a digit off the end
        forms = heading_forms(text)
        if any(form in self._ends or without_trailing(form) in self._ends for form in forms):
            return True
        return bool(_ONLY_TRAILING.match(forms[-1]))
