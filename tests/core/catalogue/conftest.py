"""Small terms and landed sheets for the catalogue's tests.

``words`` is a lexicon of two tables; ``landed`` lays rows out as ingest would (text or None, one Parquet per sheet);
``snap`` builds a snapshot of them with an engine of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jianheng.core.catalogue.snapshot import Snapshot, build_snapshot
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.progress import Silent
from jianheng.core.ingest.landed import Heading, LandedSheet, Landing, SourceFile
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import CodeList, Table

TABLES: list[dict[str, Any]] = [
    {
        "id": "rent",
        "title": "租金交纳",
        "required": ["paid_on", "amount"],
        "coverage_on": ["paid_on", "booked_on"],
        "columns": {
            "tenant": {"title": "承租人", "type": "person_name"},
            "tenant_id": {"title": "身份证号", "type": "resident_id"},
            "paid_on": {"title": "交纳日期", "type": "date", "empty": "never"},
            "booked_on": {"title": "入账日期", "type": "date", "optional": True},
            "amount": {"title": "交纳金额", "type": "money"},
            "cash": {"title": "是否现金", "type": "boolean"},
            "channel": {"title": "交纳方式", "type": "code", "codes": "channel"},
            "taken_by": {"title": "收取单位", "type": "organ", "empty": "none"},
        },
        "derive": {
            "taken_by_kind": {"title": "收取单位类别", "source": "taken_by", "reader": "organ_kind"},
            "born_on": {"title": "出生日期", "source": "tenant_id", "reader": "birth_on", "storage": "date"},
        },
    },
    {
        "id": "receipt",
        "title": "收据",
        "required": ["no"],
        "row_number": "no",
        "columns": {
            "no": {"title": "票据号", "type": "text"},
            "amount": {"title": "金额", "type": "money"},
        },
    },
]
CHANNELS = {"银行转账": ["转账"], "现金": []}

Cells = Sequence[str | None]


@dataclass(frozen=True)
class Sheet:
    """One sheet to lay out. ``columns``: the canonical column of each cell; ``unit``: of the column amount."""

    table: str | None
    columns: Sequence[str]
    rows: Sequence[Cells]
    file: str = "甲.xlsx"
    name: str = "Sheet1"
    unit: int = 1
    first_row: int = 2


@pytest.fixture(scope="session")
def words() -> Lexicon:
    codes = CodeList(id="channel", title="交纳方式", values=CHANNELS)
    return Lexicon({table["id"]: Table.model_validate(table) for table in TABLES}, {"channel": codes})


Land = Callable[..., Landing]
Snap = Callable[..., Snapshot]


def land_sheets(folder: Path, sheets: Sequence[Sheet]) -> Landing:
    """Lay out ``sheets`` under ``folder``; files are numbered by name and "hashed" from what they hold."""
    (folder / "landed").mkdir(parents=True, exist_ok=True)
    names = sorted({sheet.file for sheet in sheets})
    files = tuple(
        SourceFile(number, name, folder / name, _digest([sheet for sheet in sheets if sheet.file == name]), 1)
        for number, name in enumerate(names, 1)
    )
    landed = [_land(folder, number, names.index(sheet.file) + 1, sheet) for number, sheet in enumerate(sheets, 1)]
    return Landing(folder, files, tuple(landed), ())


def _digest(sheets: Sequence[Sheet]) -> str:
    return "sha256:" + hashlib.sha256(repr(sheets).encode()).hexdigest()


def _land(folder: Path, number: int, file: int, sheet: Sheet) -> LandedSheet:
    path = f"landed/{number:04}.parquet"
    columns: Mapping[str, pa.Array] = {
        "row": pa.array(range(sheet.first_row, sheet.first_row + len(sheet.rows)), pa.int32()),
        **{
            f"c{index}": pa.array([row[index] for row in sheet.rows], pa.string())
            for index in range(len(sheet.columns))
        },
    }
    pq.write_table(pa.table(columns), folder / path)
    headings = {
        name: Heading(index, chr(65 + index), name, sheet.unit if name == "amount" else 1)
        for index, name in enumerate(sheet.columns)
    }
    counts = {"rows": len(sheet.rows), "data": len(sheet.rows), "title": 0, "header": 0}
    counts |= {"total": 0, "blank": 0, "rejected": 0}
    return LandedSheet(number, file, sheet.name, False, "", sheet.table, headings, (), path, counts, (1,), ())


@pytest.fixture
def snap(tmp_path: Path, words: Lexicon) -> Snap:
    """Build a snapshot of the sheets given; each call under a root of its own unless ``root`` says otherwise."""
    calls = iter(range(1000))

    def build(*sheets: Sheet, root: Path | None = None) -> Snapshot:
        folder = tmp_path / f"case{next(calls)}"
        landing = land_sheets(folder / "landing", sheets)
        with DuckdbEngine(tmp_path / "temp", memory="512MB", threads=1) as engine:
            return build_snapshot(landing, words, engine, root or folder / "snapshots", Silent())

    return build


def canonical(snapshot: Snapshot, table: str) -> list[dict[str, Any]]:
    """The rows of a canonical table by ``_row``."""
    return sorted(pq.read_table(snapshot.canonical(table)).to_pylist(), key=lambda row: row["_row"])


def source(snapshot: Snapshot, table: str) -> list[dict[str, Any]]:
    """The source rows of a table by ``_row``, file, sheet and row."""
    rows = pq.read_table(snapshot.source(table)).to_pylist()
    return sorted(rows, key=lambda row: (row["_row"], row["file"], row["sheet"], row["row"]))


def problems(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The problem rows in their order."""
    return pq.read_table(snapshot.problems).to_pylist()
