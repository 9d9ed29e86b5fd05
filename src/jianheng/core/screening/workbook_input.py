"""What the workbook is told besides the clues, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from jianheng.core.screening.summary import RuleSummary

OUTCOMES = ("属实", "不属实", "证据不足待补", "暂缓")
"""What a person may decide of a clue: words of their own, never those of a screening's verdict."""

MOST_NAMED = 3
"""As many models are named in the title of a workbook."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """A supplied file: its name, ``sha256:…``, sheets and data rows read, the titles of the tables recognised in it."""

    name: str
    hash: str
    sheets: int
    rows: int
    tables: str


@dataclass(frozen=True, slots=True)
class WorkbookInput:
    """``models``: titles of those that ran. ``office``: our own name, empty if nobody has said it.

    ``notes``: coverage of the data and whatever else a reader must know, a line each.
    """

    models: Sequence[str]
    as_of: date
    office: str
    summaries: Sequence[RuleSummary]
    files: Sequence[FileLine]
    notes: Sequence[str]

    @property
    def title(self) -> str:
        """The models by name, or how many they are where their names would not fit on one line."""
        return "、".join(self.models) if len(self.models) <= MOST_NAMED else f"{len(self.models)}个模型"


@dataclass(frozen=True, slots=True)
class UnlinkedRow:
    """A row of 未能关联. ``date`` ISO or empty; ``identity`` in clear (masked when written); ``amount`` as ``5000.00``.

    ``candidates``: numbers it might belong to, at most twenty of the ``candidate_count`` there are. ``flags`` as in
    :mod:`.protection`; with those that hide names ``name`` is masked already.
    """

    table_title: str
    file: str
    sheet: str
    row: int
    date: str
    name: str
    identity: str
    amount: str
    reason: str
    candidates: list[str] = field(default_factory=list)
    candidate_count: int = 0
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetLimits:
    """When a sheet goes on as “…（2）”: below Excel's 1,048,576 rows and 65,530 links."""

    rows: int = 1_000_000
    links: int = 60_000


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A finished sheet and its rows of content, without head and headings."""

    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class WorkbookReport:
    """The sheets in order, and how many records went where; ``own_office`` are among clues, lists and hints."""

    sheets: tuple[SheetLine, ...]
    clues: int
    lists: int
    hints: int
    own_office: int
    unlinked: int
    problems: int
