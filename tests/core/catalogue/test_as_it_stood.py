"""A table as it stood on an earlier day (docs/semantics.md, "Past days")."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from jianheng.core.catalogue.as_it_stood import StoodTable, as_it_stood, happening_columns
from jianheng.core.catalogue.snapshot import Snapshot
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Table
from tests.core.catalogue.conftest import Sheet, Snap

DAY = date(2024, 6, 30)
COLUMNS = ("tenant", "paid_on", "booked_on", "amount")
ROWS = [
    ("甲", "2024-06-30", "2024-07-02", "1"),
    ("乙", "2024-07-01", "2024-07-02", "2"),
    ("丙", "2024-07-01", "2024-06-29", "3"),
    ("丁", None, None, "4"),
    ("戊", "2024.13.45", None, "5"),
    ("己", "2024-05-01", "2024-05-02", "6"),
]


@pytest.fixture
def snapshot(snap: Snap) -> Snapshot:
    return snap(Sheet("rent", COLUMNS, ROWS))


def stood(snapshot: Snapshot, words: Lexicon, day: date, folder: Path) -> StoodTable:
    with DuckdbEngine(folder / "temp", memory="512MB", threads=1) as engine:
        return as_it_stood(
            snapshot.canonical("rent"), snapshot.tables["rent"], words, day, folder / "t.parquet", engine
        )


def rows(table: StoodTable) -> dict[str, dict[str, Any]]:
    return {row["tenant"]: row for row in pq.read_table(table.path).to_pylist()}


def test_a_row_is_seen_once_the_first_of_its_days_has_come(snapshot: Snapshot, words: Lexicon, tmp_path: Path) -> None:
    table = stood(snapshot, words, DAY, tmp_path)
    assert set(rows(table)) == {"甲", "丙", "丁", "戊", "己"}
    assert table.rows == 1


def test_a_row_without_a_day_that_can_be_read_stays(snapshot: Snapshot, words: Lexicon, tmp_path: Path) -> None:
    assert {"丁", "戊"} <= set(rows(stood(snapshot, words, date(2000, 1, 1), tmp_path)))


def test_a_day_that_had_not_come_is_blank_and_the_rest_of_the_row_stays(
    snapshot: Snapshot, words: Lexicon, tmp_path: Path
) -> None:
    table = stood(snapshot, words, DAY, tmp_path)
    seen = rows(table)
    assert (seen["甲"]["paid_on"], seen["甲"]["booked_on"]) == (DAY, None)
    assert (seen["丙"]["paid_on"], seen["丙"]["booked_on"]) == (None, date(2024, 6, 29))
    assert table.cells == 2
    assert {row["_row"] for row in seen.values()} <= set(range(len(ROWS)))


def test_the_profile_is_that_of_the_table_as_it_stood(snapshot: Snapshot, words: Lexicon, tmp_path: Path) -> None:
    table = stood(snapshot, words, DAY, tmp_path)
    assert table.profile.rows == 5
    assert table.profile.columns["paid_on"].nulls == 3
    assert table.profile.columns["paid_on"].bad == 1
    assert table.profile.days == {date(2024, 5, 1): 1, date(2024, 6, 29): 1, DAY: 1}
    assert table.profile.source_rows == snapshot.tables["rent"].source_rows


def test_a_table_in_which_nothing_is_later_is_the_table_itself(
    snapshot: Snapshot, words: Lexicon, tmp_path: Path
) -> None:
    table = stood(snapshot, words, date(2024, 7, 2), tmp_path)
    assert table == StoodTable(snapshot.canonical("rent"), snapshot.tables["rent"], 0, 0)


def test_what_happened_is_blanked_and_what_is_planned_is_not() -> None:
    """A day by which something is due has no meaning of "blank: has not happened"; an open end is one in a dated table
    only: in a directory it may be a beginning."""
    columns = {
        "filed_on": {"title": "立案日期", "type": "date"},
        "due_on": {"title": "届满日期", "type": "date"},
        "closed_on": {"title": "结案日期", "type": "date", "empty": "never"},
        "held_to": {"title": "羁押至", "type": "date", "empty": "open"},
        "extended_to": {"title": "延长至", "type": "date", "empty": "none"},
    }
    term = {"id": "case", "title": "案件", "required": ["filed_on"], "columns": columns}
    dated = Lexicon({"case": Table.model_validate(term | {"coverage_on": ["filed_on"]})}, {})
    directory = Lexicon({"case": Table.model_validate(term)}, {})
    assert happening_columns("case", dated) == ["filed_on", "closed_on", "held_to"]
    assert happening_columns("case", directory) == ["closed_on"]
