"""What authors may write in ``tables/*.yaml`` and ``codes/*.yaml``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from jianheng.core.pack.typed import Strict

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
EmptyMeans = Literal["unknown", "never", "open", "none"]
Storage = Literal["text", "date", "money", "boolean", "integer"]


class Column(Strict):
    """One canonical column. ``type`` names a field type, or ``code`` together with ``codes``.

    ``empty`` says what a blank cell means (semantics 2). ``aliases`` are headings offices use, besides ``title``.
    ``optional`` columns that a file lacks mean what their blank cells mean; any other missing column is unknown.
    ``sensitivity``: names in ``personal`` columns are hidden from people where a row is about a minor or sealed.
    """

    title: str
    type: str
    empty: EmptyMeans = "unknown"
    codes: Identifier | None = None
    aliases: list[str] = []
    sensitivity: Literal["plain", "personal", "sensitive"] = "plain"
    optional: bool = False
    note: str = ""


class Derived(Strict):
    """A column computed from another by a reader of ``fields`` (the kind of organ, the birth date, …)."""

    title: str
    source: Identifier
    reader: str
    storage: Storage = "text"


class Step(Strict):
    """One rung of a ladder: our column = the anchor's column, all of them.

    ``within``: candidates must also hold the row's date in their stretch, and exactly one chain may remain.
    ``unless_known``: a row whose number in that column is known (of a case) goes to no anchor of another number.
    """

    id: Identifier
    step: int
    title: str
    columns: dict[Identifier, Identifier]
    within: bool = False
    unless_known: Identifier | None = None


class Stretch(Strict):
    """The days on which a row may belong to an anchor row: ``before_days`` before its start to ``after_end_days`` after
    its end; ``until: as_of`` lasts to the day of the run, ``until: next`` to the day before the next unrelated one.
    """

    before_days: int = 0
    after_end_days: int = 0
    until: Literal["end", "as_of", "next"] = "end"


class Link(Strict):
    """How the rows of a table find the row of ``to`` they belong to (semantics 11).

    ``other_keys``: columns by which rules find such a row without the ladder. Whoever fills one is no orphan.
    """

    to: Identifier
    key: Identifier
    on: list[Identifier] = []
    stretch: Stretch = Stretch()
    only: dict[Identifier, str] = {}
    agree: dict[Identifier, Identifier] = {}
    amount: Identifier | None = None
    anchor_amount: Identifier | None = None
    choose: Literal["first", "in_force"] = "first"
    ladder: list[Step]
    other_keys: list[Identifier] = []


class SameNumber(Strict):
    """A table whose columns are different numbers of one thing (police, procuratorate and court number of a case)."""

    column: Identifier
    table: Identifier
    columns: list[Identifier]


class Chain(Strict):
    """How rows of one table continue each other: by naming the previous one, or by the same values and nearness.

    Gives the columns ``chain`` (one number a chain), ``chain_position`` (1, 2, … by ``order``) and ``chain_count``.
    """

    number: Identifier
    previous: Identifier
    same: list[Identifier]
    start: list[Identifier]
    ended: list[Identifier]
    within_days: int
    order: Identifier


class Minor(Strict):
    """Which rows are about somebody under eighteen: ``always`` all of them; those in which a column has the word of
    ``said``; those whose ``person`` (an identity number or a date of birth) was under eighteen ``on`` a date.

    The eighteenth birthday still counts. A row that leaves the age open is flagged as such. Not so with ``unknown:
    leave``: for tables whose people are grown up as a rule, or named by the record to which the row belongs.
    """

    always: bool = False
    said: dict[Identifier, str] = {}
    person: Identifier | None = None
    on: Identifier | None = None
    unknown: Literal["flag", "leave"] = "flag"


class Sealed(Strict):
    """Which rows are sealed records: ``always`` all of them; those in which a column has the word of ``said``.

    What stands in such a column of yes and no and cannot be read counts as sealed.
    """

    always: bool = False
    said: dict[Identifier, str] = {}


class Table(Strict):
    """One logical table of the field."""

    id: Identifier
    title: str
    aliases: list[str] = []
    note: str = ""
    required: list[Identifier]
    coverage_on: list[Identifier] = []
    district: Identifier | None = None
    row_number: Identifier | None = None
    columns: dict[Identifier, Column]
    derive: dict[Identifier, Derived] = {}
    same_number: SameNumber | None = None
    chain: Chain | None = None
    link: Link | None = None
    minor: Minor | None = None
    sealed: Sealed | None = None

    def headings(self) -> Iterator[tuple[str, str]]:
        """Every heading a column may have, with the column."""
        for name, column in self.columns.items():
            for heading in (column.title, *column.aliases):
                yield heading, name


class CodeList(Strict):
    """A closed list: value -> the other exact spellings of it."""

    id: Identifier
    title: str
    note: str = ""
    values: dict[str, list[str]]
