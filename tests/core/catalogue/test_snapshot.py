"""Snapshots: named by what they hold, whole or not there, never computed twice; purging; declarations."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from jianheng.core.catalogue.snapshot import build_snapshot, open_snapshot, snapshot_hash
from jianheng.core.catalogue.snapshot_declarations import (
    DECLARATIONS,
    Declaration,
    append_declaration,
    read_declarations,
)
from jianheng.core.catalogue.snapshot_purge import purge
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.errors import DataProblem, Problem, RunProblem
from jianheng.core.foundation.progress import Silent
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import CodeList
from tests.core.catalogue.conftest import Sheet, Snap, canonical, land_sheets, problems

COLUMNS = ("tenant", "paid_on", "amount")
SHEET = Sheet("rent", COLUMNS, [("张三", "2023-05-03", "5000"), ("李四", "2023-07-09", "约5千"), (None, None, "1")])
NOON = datetime(2025, 6, 30, 12, 0)


def test_a_finished_snapshot_reads_back_as_it_was_built(snap: Snap) -> None:
    built = snap(SHEET, Sheet(None, (), [], file="乙.xlsx"))
    assert open_snapshot(built.folder) == built
    assert [file.name for file in built.files] == ["乙.xlsx", "甲.xlsx"]
    assert built.table("receipt") is None
    profile = built.table("rent")
    assert profile is not None
    assert (profile.rows, profile.source_rows, profile.repeats) == (3, 3, 0)
    assert (profile.first, profile.last) == (date(2023, 5, 3), date(2023, 7, 9))
    assert profile.months == {"2023-05": 1, "2023-07": 1}


def test_the_profile_tells_certain_columns_from_others(snap: Snap) -> None:
    profile = snap(SHEET).table("rent")
    assert profile is not None
    columns = profile.columns
    assert (columns["amount"].nulls, columns["amount"].bad, columns["amount"].unread) == (1, 1, 1)
    assert (columns["tenant"].nulls, columns["tenant"].bad) == (1, 0)
    assert (columns["cash"].present, columns["cash"].bad, columns["cash"].unread) == (False, 3, 0)
    assert not any(column.certain for column in columns.values())
    full = snap(Sheet("rent", COLUMNS, [("张三", "2023-05-03", "5000")])).table("rent")
    assert full is not None
    assert {name for name, column in full.columns.items() if column.certain} == set(COLUMNS)


def test_the_landed_rows_move_into_the_snapshot(snap: Snap) -> None:
    built = snap(SHEET)
    assert (built.folder / built.sheets[0].parquet).is_file()
    assert sorted(path.name for path in built.folder.iterdir()) == [
        "canonical",
        "landed",
        "manifest.json",
        "problems.parquet",
    ]


def test_what_landing_said_stands_before_the_unread_cells(tmp_path: Path, words: Lexicon) -> None:
    landing = replace(land_sheets(tmp_path / "l", [SHEET]), problems=(Problem("D101", "有密码", file="丙.xlsx"),))
    with DuckdbEngine(tmp_path / "temp", memory="256MB", threads=1) as engine:
        built = build_snapshot(landing, words, engine, tmp_path / "s", Silent())
    assert [(one["code"], one["file"]) for one in problems(built)] == [("D101", "丙.xlsx"), ("D201", "甲.xlsx")]
    assert built.landing.problems == landing.problems


def test_the_same_import_is_not_computed_again(snap: Snap, tmp_path: Path) -> None:
    first = snap(SHEET, root=tmp_path / "s")
    stamp = (first.folder / "manifest.json").stat().st_mtime_ns
    second = snap(SHEET, root=tmp_path / "s")
    assert second.folder == first.folder
    assert (second.folder / "manifest.json").stat().st_mtime_ns == stamp


def test_the_name_hangs_on_content_mapping_and_terms(tmp_path: Path, words: Lexicon) -> None:
    def named(sheet: Sheet, lexicon: Lexicon = words) -> str:
        return snapshot_hash(land_sheets(tmp_path, [sheet]), lexicon)

    other_codes = CodeList(id="channel", title="交纳方式", values={"现金": ["现钞"]})
    base = named(SHEET)
    assert base == named(SHEET)
    assert base != named(replace(SHEET, rows=SHEET.rows[:2]))
    assert base != named(replace(SHEET, columns=("tenant", "booked_on", "amount")))
    assert base != named(replace(SHEET, unit=10000))
    assert base != named(SHEET, Lexicon(words.tables, {"channel": other_codes}))


def test_only_the_owner_may_read_a_snapshot(snap: Snap) -> None:
    built = snap(SHEET)
    for path in [built.folder, *built.folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


class Cancelled(Silent):
    def cancelled(self) -> bool:
        return True


def test_a_cancelled_import_leaves_nothing(tmp_path: Path, words: Lexicon) -> None:
    landing = land_sheets(tmp_path / "l", [SHEET])
    with DuckdbEngine(tmp_path / "temp", memory="256MB", threads=1) as engine, pytest.raises(RunProblem, match="停止"):
        build_snapshot(landing, words, engine, tmp_path / "s", Cancelled())
    assert list((tmp_path / "s").iterdir()) == []


KILLED = """
import sys
from pathlib import Path
from jianheng.core.catalogue.snapshot import build_snapshot
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.progress import Silent
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import CodeList, Table
from tests.core.catalogue.conftest import CHANNELS, TABLES, Sheet, land_sheets

folder = Path(sys.argv[1])
codes = {"channel": CodeList(id="channel", title="交纳方式", values=CHANNELS)}
words = Lexicon({table["id"]: Table.model_validate(table) for table in TABLES}, codes)
rows = [(f"租户{n}", "2023年5月3日", f"{n}元整") for n in range(6_000)]
landing = land_sheets(folder / "landing", [Sheet("rent", ("tenant", "paid_on", "amount"), rows)])
with DuckdbEngine(folder / "temp", memory="256MB", threads=1) as engine:
    print("begun", flush=True)
    build_snapshot(landing, words, engine, folder / "snapshots", Silent(), small_cells=0)
print("finished", flush=True)
"""


def seen_part(folder: Path, wanted: str) -> bool:
    return any((folder / "snapshots").glob(f".*.part/{wanted}")) if (folder / "snapshots").exists() else False


@pytest.mark.parametrize("wanted", ["staging/rent/answers_tenant.parquet", "canonical/*.parquet", "manifest.json"])
def test_killed_in_the_middle_no_half_snapshot_is_ever_taken_for_a_whole_one(
    tmp_path: Path, wanted: str, words: Lexicon
) -> None:
    root = Path(__file__).resolve().parents[3]
    environment = os.environ | {"PYTHONPATH": f"{root}{os.pathsep}{root / 'src'}", "PYTHONWARNINGS": "ignore"}
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], env=environment, stdout=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while child.poll() is None and not seen_part(tmp_path, wanted) and time.monotonic() < deadline:
        time.sleep(0.001)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    whole = [path for path in (tmp_path / "snapshots").iterdir() if not path.name.startswith(".")]
    for path in whole:
        assert open_snapshot(path).table("rent") is not None
    again = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], env=environment, stdout=subprocess.PIPE, check=True
    )
    assert again.stdout.decode().split()[-1] == "finished"
    (finished,) = [path for path in (tmp_path / "snapshots").iterdir() if not path.name.startswith(".")]
    profile = open_snapshot(finished).table("rent")
    assert profile is not None and profile.rows == 6_000


def test_a_folder_without_a_manifest_is_no_snapshot(tmp_path: Path) -> None:
    with pytest.raises(DataProblem, match="没有数据快照"):
        open_snapshot(tmp_path)


def test_purging_deletes_the_data_and_leaves_a_record_without_personal_data(snap: Snap) -> None:
    built = snap(SHEET)
    record = purge(built.folder, "期限届满", at=NOON)
    assert [path.name for path in built.folder.iterdir()] == ["destroyed.json"]
    assert record == json.loads((built.folder / "destroyed.json").read_text(encoding="utf-8"))
    assert record["snapshot"] == built.hash and record["rows"] == {"rent": 3}
    assert record["destroyed_at"] == "2025-06-30 12:00:00" and record["reason"] == "期限届满"
    assert "张三" not in json.dumps(record, ensure_ascii=False)
    with pytest.raises(DataProblem, match="销毁"):
        open_snapshot(built.folder)


def test_an_interrupted_purge_is_finished_under_its_first_record(snap: Snap) -> None:
    built = snap(SHEET)
    kept = (built.folder / "manifest.json").read_bytes()
    purge(built.folder, "期限届满", at=NOON)
    (built.folder / "manifest.json").write_bytes(kept)
    with pytest.raises(DataProblem, match="销毁"):
        open_snapshot(built.folder)
    assert purge(built.folder, "又一次", at=datetime(2026, 1, 1))["reason"] == "期限届满"
    assert not (built.folder / "manifest.json").exists()


def test_purging_needs_a_snapshot_and_a_reason(snap: Snap, tmp_path: Path) -> None:
    with pytest.raises(DataProblem, match="理由"):
        purge(snap(SHEET).folder, " ", at=NOON)
    with pytest.raises(DataProblem, match="没有数据快照"):
        purge(tmp_path, "误操作", at=NOON)


def test_destroyed_data_may_come_again_and_the_record_stays(snap: Snap, tmp_path: Path) -> None:
    first = snap(SHEET, root=tmp_path / "s")
    purge(first.folder, "期限届满", at=NOON)
    again = snap(SHEET, root=tmp_path / "s")
    assert again.folder == first.folder and len(canonical(again, "rent")) == 3
    assert (first.folder.with_name(f"{first.folder.name}.destroyed-1") / "destroyed.json").is_file()


DECLARED = Declaration(
    snapshot="sha256:1", at=NOON, by="王检察官", table="rent", action="replace", supplier="住建局", period="2023",
    legal_basis="调查核实", purpose="租金监督", expires_on=date(2026, 6, 30), coverage={"windows": []},
)  # fmt: skip


def test_declarations_are_kept_in_the_order_they_were_made(tmp_path: Path) -> None:
    assert read_declarations(tmp_path) == []
    later = replace(DECLARED, at=datetime(2025, 7, 1), expires_on=None)
    for declaration in (DECLARED, later):
        append_declaration(tmp_path, declaration)
    assert read_declarations(tmp_path) == [DECLARED, later]
    assert stat.S_IMODE((tmp_path / DECLARATIONS).stat().st_mode) == 0o600


def test_a_declaration_torn_by_an_interruption_never_counted(tmp_path: Path) -> None:
    append_declaration(tmp_path, DECLARED)
    with (tmp_path / DECLARATIONS).open("ab") as stream:
        stream.write('{"snapshot": "sha256:2", "by": "王'.encode()[:-1])
    assert read_declarations(tmp_path) == [DECLARED]
    append_declaration(tmp_path, DECLARED)
    assert read_declarations(tmp_path) == [DECLARED, DECLARED]


def test_a_spoilt_declaration_is_named_with_its_line(tmp_path: Path) -> None:
    append_declaration(tmp_path, DECLARED)
    with (tmp_path / DECLARATIONS).open("ab") as stream:
        stream.write(b"{}\n")
    with pytest.raises(DataProblem, match=":2:1 D216"):
        read_declarations(tmp_path)
