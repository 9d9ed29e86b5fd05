"""The engine that runs models: what it cannot reach, and how it ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jianheng.core.engine.locked import EngineLimits, LockedDuckdbEngine
from jianheng.core.foundation.errors import RunProblem


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "run"
    inside.mkdir()
    pq.write_table(pa.table({"n": [1, 2, 3]}), inside / "rows.parquet")
    pq.write_table(pa.table({"secret": ["身份证号"]}), tmp_path / "other.parquet")
    (tmp_path / "other.csv").write_text("secret\n1\n", encoding="utf-8")
    return inside


@pytest.fixture
def engine(folder: Path, tmp_path: Path) -> Iterator[LockedDuckdbEngine]:
    limits = EngineLimits(memory="200MB", disk="20MB", threads=1, seconds=120)
    with LockedDuckdbEngine([folder], tmp_path / "temp", limits) as engine:
        yield engine


def code(caught: pytest.ExceptionInfo[RunProblem]) -> str:
    return caught.value.problems[0].code


def test_it_reads_the_files_of_its_run(engine: LockedDuckdbEngine, folder: Path) -> None:
    engine.view("rows", [folder / "rows.parquet"])
    assert engine.fetch("SELECT sum(n) AS total FROM rows").to_pylist() == [{"total": 6}]


def test_tables_go_in_are_made_and_given_back(engine: LockedDuckdbEngine) -> None:
    engine.load("names", pa.table({"name": ["张三", "李'四"]}))
    engine.make("one", "SELECT name FROM names WHERE name LIKE '李%'")
    engine.make_view("two", "SELECT count(*) AS n FROM one")
    assert engine.fetch("SELECT * FROM one").to_pylist() == [{"name": "李'四"}]
    assert engine.fetch("SELECT n FROM two").to_pylist() == [{"n": 1}]
    engine.drop_view("two")
    engine.drop("one")
    engine.drop("one")
    with pytest.raises(RunProblem) as caught:
        engine.fetch("SELECT * FROM one")
    assert code(caught) == "R201"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_parquet('{outside}/other.parquet')",
        "SELECT * FROM read_csv('{outside}/other.csv')",
        "SELECT * FROM read_text('{outside}/other.csv')",
        "SELECT * FROM '{outside}/other.parquet'",
        "SELECT * FROM read_parquet('{folder}/../other.parquet')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('{outside}/*')",
        "ATTACH '{outside}/new.db' AS another",
        "COPY (SELECT 1) TO '{outside}/written.csv'",
        "EXPORT DATABASE '{outside}/all'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM read_csv('https://example.invalid/x.csv')",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET lock_configuration = false",
        "SET memory_limit = '100GB'",
        "RESET lock_configuration",
        "PRAGMA temp_directory = '/tmp'",
        "SET threads = 64",
    ],
)
def test_nothing_outside_its_run_and_no_setting_can_be_reached(
    engine: LockedDuckdbEngine, folder: Path, tmp_path: Path, sql: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(RunProblem) as caught:
        engine.fetch(sql.format(outside=tmp_path, folder=folder))
    assert code(caught) == "R201"
    assert [path for path in sorted(tmp_path.rglob("*")) if "temp" not in path.parts] == [
        path for path in before if "temp" not in path.parts
    ]
    assert engine.fetch("SELECT 1 AS one").to_pylist() == [{"one": 1}]


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 99 AS n) TO '{folder}/rows.parquet' (FORMAT parquet)",
        "COPY (SELECT 99 AS n) TO '{folder}/new.csv'",
        "ATTACH '{folder}/new.db' AS another",
    ],
)
def test_not_even_the_files_of_its_run_can_be_written(engine: LockedDuckdbEngine, folder: Path, sql: str) -> None:
    with pytest.raises(RunProblem):
        engine.run(sql.format(folder=folder))
    assert [path.name for path in folder.iterdir()] == ["rows.parquet"]
    assert pq.read_table(folder / "rows.parquet").to_pylist() == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_two_statements_in_one_are_refused(engine: LockedDuckdbEngine) -> None:
    engine.load("kept", pa.table({"n": [1]}))
    with pytest.raises(RunProblem):
        engine.run("SELECT 1; DROP TABLE kept")
    assert engine.fetch("SELECT n FROM kept").to_pylist() == [{"n": 1}]


def test_a_statement_that_ignores_interrupts_is_killed(folder: Path, tmp_path: Path) -> None:
    limits = EngineLimits(memory="2GB", threads=1, seconds=2)
    with LockedDuckdbEngine([folder], tmp_path / "temp", limits) as engine:
        with pytest.raises(RunProblem) as caught:
            engine.fetch("SELECT length(regexp_replace(repeat('ab', 20000000), 'a(b)', '\\1\\1', 'g')) AS n")
        assert code(caught) in ("R203", "R204")
        with pytest.raises(RunProblem) as after:
            engine.fetch("SELECT 1")
        assert code(after) == "R204"


def test_too_much_memory_is_a_problem_not_a_crash(engine: LockedDuckdbEngine) -> None:
    with pytest.raises(RunProblem) as caught:
        engine.fetch("SELECT length(list(i)) AS n FROM range(200000000) AS t(i)")
    assert code(caught) in ("R201", "R204")
    assert "range" not in str(caught.value)


def test_a_dead_child_is_a_problem_that_names_the_step(engine: LockedDuckdbEngine) -> None:
    os.kill(engine._child.pid, signal.SIGKILL)
    with pytest.raises(RunProblem) as caught:
        engine.fetch("SELECT 1", step="汇总")
    assert code(caught) == "R204"
    assert "汇总" in str(caught.value)


def test_the_child_gets_no_secret_of_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    from jianheng.core.engine.locked import _environment

    monkeypatch.setenv("SOME_TOKEN", "secret")
    assert "SOME_TOKEN" not in _environment()
