"""problems.xlsx: everything that could not be read, for whoever can put it right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from jianheng.core.foundation.durable import writing_file
from jianheng.core.screening.workbook_book import Book
from jianheng.core.screening.workbook_input import SheetLimits
from jianheng.core.screening.workbook_lists import UNREAD_TITLE, write_nothing_unread, write_unread

_CREATED = date(2000, 1, 1)  # a problem list has no date of its own, and the same input must give the same bytes


def write_problem_book(path: Path, problems: Iterable[Mapping[str, Any]], limits: SheetLimits | None = None) -> int:
    """Write ``problems`` (records of ``problems.jsonl``) as a workbook; how many there were.

    Written aside and renamed. An empty list gives a sheet that says so.
    """
    with writing_file(path) as aside:
        book = Book(aside, _CREATED, UNREAD_TITLE, limits or SheetLimits())
        try:
            count = write_unread(book, 0, problems, way_back=False).total()
            if not count:
                write_nothing_unread(book, 0)
            book.finish()
            book.close()
        finally:
            book.abandon()
    return count
