"""A table read in memory and the same table read by the engine: not one byte of what comes out may differ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jianheng.core.catalogue.canonical_small import landed_size
from jianheng.core.catalogue.snapshot import Snapshot, build_snapshot
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.errors import Problem
from jianheng.core.foundation.progress import Silent
from jianheng.core.ingest.landed import Landing
from jianheng.core.terms.lexicon import Lexicon
from tests.core.catalogue.conftest import Sheet, canonical, land_sheets, problems, source
from tests.core.catalogue.test_canonical import EVERY_TYPE, TEXTS, every_type

__all__ = ["every_type"]  # a fixture of the other file

RENT = ("tenant", "tenant_id", "paid_on", "amount", "cash", "channel", "taken_by")
PERSON = "110101199003070038"
CELLS: dict[str, list[str | None]] = {
    "tenant": ["张三", "张 三", "张三（曾用名张四）", "不详", None],
    "tenant_id": [PERSON, PERSON[:-1] + "1", "'" + PERSON, "9" + PERSON[1:], None],
    "paid_on": ["2023-05-03", "2023-02-30", "2023年5月3日", "不详", None],
    "amount": ["5000", "5,000.00元", "约5千", "0.5", "-3", None],
    "cash": ["是", "否", "√", "大概", None],
    "channel": ["转账", "现金", "托人\x1f", None],
    "taken_by": ["江北区公安分局", "某单位", "#N/A", None],
    "booked_on": ["2023-06-01", None],
}
NUMBERS: dict[str, list[str | None]] = {"no": ["1", "2", "无", None], "amount": ["1", "1.00", "一元"]}


def rows_of(cells: dict[str, list[str | None]], columns: Sequence[str]) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    return st.lists(st.tuples(*(st.sampled_from(cells[name]) for name in columns)), max_size=12)


@st.composite
def sheets(draw: st.DrawFn) -> list[Sheet]:
    result = []
    for number in range(draw(st.integers(1, 4))):
        file = draw(st.sampled_from(["甲.xlsx", "乙.csv"]))
        name = "" if file.endswith("csv") else draw(st.sampled_from(["一月", "二月"]))
        if draw(st.booleans()):
            more = ("booked_on",) if draw(st.booleans()) else ()
            columns = (*RENT, *more) if draw(st.booleans()) else ("paid_on", "amount", *more)
            rows, unit = draw(rows_of(CELLS, columns)), draw(st.sampled_from([1, 10000]))
            first = 2 + 100 * number
            result.append(Sheet("rent", columns, rows, file=file, name=name, unit=unit, first_row=first))
        else:
            columns = ("no", "amount")
            rows = draw(rows_of(NUMBERS, columns))
            result.append(Sheet("receipt", columns, rows, file=file, name=name, first_row=2 + 100 * number))
    return result


def both(landing: Landing, words: Lexicon, folder: Path) -> tuple[Snapshot, Snapshot]:
    with DuckdbEngine(folder / "temp", memory="512MB", threads=1) as engine:
        small = build_snapshot(landing, words, engine, folder / "small", Silent())
        landing = Landing(small.folder, landing.files, landing.sheets, landing.problems)  # the rows went with it
        large = build_snapshot(landing, words, engine, folder / "large", Silent(), small_cells=-1)
    return small, large


def assert_same(small: Snapshot, large: Snapshot) -> None:
    assert small.tables == large.tables
    assert small.problem_counts == large.problem_counts
    assert problems(small) == problems(large)
    for name in small.tables:
        assert canonical(small, name) == canonical(large, name)
        assert source(small, name) == source(large, name)
        for one, other in ((small.canonical(name), large.canonical(name)), (small.source(name), large.source(name))):
            assert pq.read_schema(one).names == pq.read_schema(other).names
            assert pq.read_schema(one).types == pq.read_schema(other).types


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_sheets=sheets())
def test_tables_profiles_and_problems_do_not_hang_on_the_size(
    given_sheets: list[Sheet], words: Lexicon, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("sizes")
    landing = land_sheets(folder / "landing", given_sheets)
    said = (Problem("D104", "隐藏", file="甲.xlsx", sheet="一月"), Problem("D111", "编码", file="乙.csv", line=3))
    assert_same(*both(Landing(landing.folder, landing.files, landing.sheets, said), words, folder))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=10, max_size=80))
def test_every_type_of_cell_is_read_alike(
    texts: list[str], every_type: Lexicon, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("types")
    rows = [[text or None] * len(EVERY_TYPE) for text in texts]
    landing = land_sheets(folder / "landing", [Sheet("all", EVERY_TYPE, rows)])
    assert_same(*both(landing, every_type, folder))


def test_the_size_of_landed_rows_is_never_told_too_small(tmp_path: Path) -> None:
    rows = [("2023-05-03", "长" * 10_000 + str(number)) for number in range(100)]
    landing = land_sheets(tmp_path, [Sheet("rent", ("paid_on", "taken_by"), rows)])
    assert landed_size(landing.sheets, tmp_path) >= sum(len(text.encode()) for row in rows for text in row)
