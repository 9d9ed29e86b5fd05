"""clues.xlsx: what a prosecutor opens first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jianheng.core.foundation.durable import writing_file
from jianheng.core.screening.workbook_book import OVERVIEW, Book
from jianheng.core.screening.workbook_clues import EVIDENCE, UNLINKED, UNREAD, RuleSheets
from jianheng.core.screening.workbook_evidence import EvidenceSheets
from jianheng.core.screening.workbook_input import (
    FileLine,
    SheetLimits,
    SheetLine,
    UnlinkedRow,
    WorkbookInput,
    WorkbookReport,
)
from jianheng.core.screening.workbook_lists import write_unlinked, write_unread
from jianheng.core.screening.workbook_overview import Overview

__all__ = [
    "FileLine",
    "SheetLimits",
    "SheetLine",
    "UnlinkedRow",
    "WorkbookInput",
    "WorkbookReport",
    "write_workbook",
]


def write_workbook(
    path: Path,
    head: WorkbookInput,
    clues: Iterable[dict[str, Any]],
    lists: Iterable[dict[str, Any]],
    hints: Iterable[dict[str, Any]],
    unlinked: Iterable[UnlinkedRow],
    problems: Iterable[Mapping[str, Any]],
    limits: SheetLimits | None = None,
) -> WorkbookReport:
    """Write the results of a run to ``path``, aside and renamed.

    ``clues`` (clues and conflicts), ``lists`` and ``hints`` are records as the JSONL files hold them, those of a rule
    together. Everything is read once and not kept. The same input gives the same bytes. Personal numbers are masked,
    names are in clear but for those of minors and in sealed records.
    """
    with writing_file(path) as aside:
        book = Book(aside, head.as_of, head.title, limits or SheetLimits())
        try:
            report = _write(book, head, (clues, lists, hints), unlinked, problems)
        finally:
            book.abandon()
    return report


def _write(
    book: Book,
    head: WorkbookInput,
    records: tuple[Iterable[dict[str, Any]], ...],
    unlinked: Iterable[UnlinkedRow],
    problems: Iterable[Mapping[str, Any]],
) -> WorkbookReport:
    overview = Overview(book)
    evidence = EvidenceSheets(book, EVIDENCE, protected=any(summary.flags for summary in head.summaries))
    rules = RuleSheets(book, evidence, head.office, head.summaries)
    clues, lists, hints = (_add_all(rules, stream) for stream in records)
    loose = write_unlinked(book, UNLINKED, unlinked)
    unread = write_unread(book, UNREAD, problems)
    book.finish()
    overview.write(head, rules, unread, [line for line in book.sheets() if line.name != OVERVIEW])
    sheets = book.close()
    return WorkbookReport(sheets, clues, lists, hints, rules.own_count, loose, unread.total())


def _add_all(rules: RuleSheets, records: Iterable[dict[str, Any]]) -> int:
    count = 0
    for record in records:
        rules.add(record)
        count += 1
    return count
