"""Reading a county's files back with nothing of ours: the csv module and calamine."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from python_calamine import CalamineWorkbook

Rows = list[list[object]]


def sheets(file: Path) -> Iterator[tuple[str, Rows]]:
    """Every sheet of a file with all its rows from the first on; a text file has one, called ""."""
    if file.suffix == ".csv":
        for encoding in ("utf-8", "gb18030"):
            try:
                with file.open(encoding=encoding, newline="") as stream:
                    yield "", [list(row) for row in csv.reader(stream)]
                return
            except UnicodeDecodeError:
                continue
        raise AssertionError(f"{file} is neither UTF-8 nor GB18030")
    book = CalamineWorkbook.from_path(file)
    for name in book.sheet_names:
        yield name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def all_sheets(folder: Path) -> dict[tuple[str, str], Rows]:
    """(file, sheet) -> rows, files named as from the folder above."""
    return {
        (f"{folder.name}/{file.name}", name): rows for file in sorted(folder.iterdir()) for name, rows in sheets(file)
    }


def table_at_mess_0(folder: Path, title: str) -> list[dict[str, str]]:
    """The rows of a clean table by heading."""
    with (folder / "data" / f"{title}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
