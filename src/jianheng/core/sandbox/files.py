"""Files being written row by row, so that a county of any size needs little memory; each row's place is given back."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter

from jianheng.core.sandbox.disguise import Value
from jianheng.core.sandbox.layout import Head, Place

#: Excel ends at 1,048,576; the rest is for what stands above and below.
MOST_ROWS = 1_000_000
_MADE_ON = datetime(2025, 1, 1)


class Sheet(Protocol):
    """Takes rows; gives the sheet's name and the row as Excel counts it (text files: the record)."""

    def head(self, head: Head) -> None: ...

    def write(self, values: Sequence[Value]) -> tuple[str, int]: ...


class TextSheet:
    """A csv file."""

    def __init__(self, path: Path, encoding: str, stack: ExitStack) -> None:
        self._writer = csv.writer(stack.enter_context(path.open("w", encoding=encoding, newline="")))
        self._row = 0

    def head(self, head: Head) -> None:
        for line in (*head.titles, *head.headings):
            self.write(line)

    def write(self, values: Sequence[Value]) -> tuple[str, int]:
        self._writer.writerow([_text(value) for value in values])
        self._row += 1
        return "", self._row


class Workbook:
    """An xlsx file with one or more sheets, all open at once."""

    def __init__(self, path: Path, scratch: Path) -> None:
        options = {"constant_memory": True, "tmpdir": str(scratch)}
        self._book: Any = xlsxwriter.Workbook(str(path), options)
        self._book.set_properties({"created": _MADE_ON})
        self._day: Any = self._book.add_format({"num_format": "yyyy-mm-dd"})

    def sheet(self, name: str) -> BookSheet:
        return BookSheet(self, name)

    def worksheet(self, name: str) -> Any:
        return self._book.add_worksheet(name)

    @property
    def day_format(self) -> Any:
        return self._day

    def close(self) -> None:
        self._book.close()


class BookSheet:
    """A sheet; when it is full it goes on in a further one with the same headings."""

    def __init__(self, book: Workbook, name: str) -> None:
        self._book, self._name, self._part = book, name, 1
        self._head: Head | None = None
        self._begin(name)

    def _begin(self, name: str) -> None:
        self._worksheet = self._book.worksheet(name)
        self._current, self._row = name, 0

    def head(self, head: Head) -> None:
        self._head = head
        width = len(head.headings[-1])
        for number, title in enumerate(head.titles):
            if number == 0 and width > 1:
                self._worksheet.merge_range(self._row, 0, self._row, width - 1, title[0])
            self.write(title)
        lower = head.headings[-1]
        if len(head.headings) == 2:
            upper = head.headings[0]
            self._merge(upper, lower)
            lower = tuple(text if above else "" for above, text in zip(upper, lower, strict=True))
        self.write(lower)

    def _merge(self, upper: Sequence[str], lower: Sequence[str]) -> None:
        """The upper of two heading rows: a text over each run of columns; the other headings take both rows."""
        column = 0
        while column < len(upper):
            end = column
            while upper[column] and end + 1 < len(upper) and upper[end + 1] == upper[column]:
                end += 1
            last_row = self._row if upper[column] else self._row + 1
            self._worksheet.merge_range(self._row, column, last_row, end, upper[column] or lower[column])
            column = end + 1
        self._row += 1

    def write(self, values: Sequence[Value]) -> tuple[str, int]:
        if self._row >= MOST_ROWS and self._head is not None:
            self._part += 1
            self._begin(f"{self._name}（续{self._part - 1}）")
            self.head(self._head)
        sheet, row = self._worksheet, self._row
        for column, value in enumerate(values):
            if value is None or value == "":
                continue
            if isinstance(value, str):
                sheet.write_string(row, column, value)
            elif isinstance(value, date):
                sheet.write_datetime(row, column, value, self._book.day_format)
            else:
                sheet.write_number(row, column, value)
        self._row += 1
        return self._current, self._row


class Files:
    """All files of a folder."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self.folder, self._scratch = folder, scratch
        self._stack = ExitStack()
        self._books: dict[str, Workbook] = {}

    def open(self, place: Place) -> Sheet:
        """A new sheet; its file is made with its first sheet."""
        if not place.is_workbook:
            return TextSheet(self.folder / place.file, place.encoding, self._stack)
        if place.file not in self._books:
            self._books[place.file] = Workbook(self.folder / place.file, self._scratch)
        return self._books[place.file].sheet(place.sheet)

    def close(self) -> None:
        """Finish every file."""
        self._stack.close()
        for book in self._books.values():
            book.close()


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{Decimal(repr(value)).normalize():f}"
    return str(value)
