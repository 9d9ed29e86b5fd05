"""Land files written by a test and read back what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import xlsxwriter

from jianheng.core.foundation.progress import Silent
from jianheng.core.ingest.landing import LandedSheet, Landing, land
from tests.core.ingest.words import WORDS

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "tables"


def landing_of(folder: Path, *paths: Path, **options: Any) -> Landing:
    """Land ``paths`` into ``folder``/out."""
    return land(list(paths), folder / "out", WORDS, Silent(), **options)


def rows_of(landing: Landing, sheet: LandedSheet) -> list[dict[str, Any]]:
    """The data rows: ``row`` and the recognised columns by name."""
    columns = {heading.index: name for name, heading in sheet.headings.items()}
    return [
        {"row": line["row"]} | {name: line[f"c{index}"] for index, name in columns.items()}
        for line in pq.read_table(landing.folder / sheet.parquet).to_pylist()
    ]


def codes_of(landing: Landing) -> set[str]:
    return {problem.code for problem in landing.problems}


def write_workbook(
    path: Path,
    sheets: Mapping[str, Sequence[Sequence[Any]]],
    merges: Sequence[tuple[int, int, int, int, str]] = (),
    hidden: Sequence[str] = (),
) -> Path:
    """A workbook with ``sheets``; ``merges`` (r0, c0, r1, c1, text) go to every sheet."""
    workbook = xlsxwriter.Workbook(str(path))
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        worksheet = workbook.add_worksheet(name)
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                if hasattr(value, "year"):
                    worksheet.write_datetime(row, column, value, day)
                elif value is not None:
                    worksheet.write(row, column, value)
        for r0, c0, r1, c1, text in merges:
            worksheet.merge_range(r0, c0, r1, c1, text)
        if name in hidden:
            worksheet.hide()
    workbook.close()
    return path


def write_text(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path
