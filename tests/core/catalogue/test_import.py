"""From files to a snapshot: ingest and catalogue together."""

from __future__ import annotations

from pathlib import Path

from jianheng.core.catalogue.snapshot import Snapshot, build_snapshot, open_snapshot
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.progress import Silent
from jianheng.core.ingest.landing import land
from jianheng.core.terms.lexicon import Lexicon
from tests.core.catalogue.conftest import canonical, problems, source

FIRST = "承租人,身份证号,交纳日期,交纳金额（万元）,收取单位\n张 三,110101199003070038,2023年5月3日,0.5,江北区公安分局\n"
SECOND = (
    "交纳金额,承租人,收取单位,交纳日期,身份证号\n5000,张三,江北区公安分局,2023.5.3,110101199003070038\n约5千,李四,,,\n"
)


def imported(folder: Path, words: Lexicon) -> Snapshot:
    with DuckdbEngine(folder / "temp", memory="256MB", threads=1) as engine:
        landing = land([folder / "data"], folder / "landing", words, Silent())
        return build_snapshot(landing, words, engine, folder / "snapshots", Silent())


def write(folder: Path, **files: bytes) -> None:
    (folder / "data").mkdir(parents=True)
    for name, content in files.items():
        (folder / "data" / f"{name}.csv").write_bytes(content)


def test_the_same_payment_in_two_files_of_different_make_is_one_row_with_two_sources(
    tmp_path: Path, words: Lexicon
) -> None:
    write(tmp_path, a=FIRST.encode("gb18030"), b=SECOND.encode("utf-8-sig"))
    snapshot = imported(tmp_path, words)
    rows = canonical(snapshot, "rent")
    assert [(row["tenant"], str(row["amount"]), str(row["paid_on"])) for row in rows] == [
        ("张三", "5000.00", "2023-05-03"),
        ("李四", "None", "None"),
    ]
    lines = source(snapshot, "rent")
    assert [line["_row"] for line in lines] == [0, 0, 1]
    names = {file.number: file.name for file in snapshot.files}
    raw = {names[line["file"]]: (line["amount"], line["row"]) for line in lines if line["_row"] == 0}
    assert raw == {"data/a.csv": ("0.5", 2), "data/b.csv": ("5000", 2)}
    assert [(one["file"], one["column"], one["seen"]) for one in problems(snapshot) if one["code"] == "D201"] == [
        ("data/b.csv", "amount", "约5千")
    ]


def test_importing_again_finds_the_same_snapshot(tmp_path: Path, words: Lexicon) -> None:
    write(tmp_path, a=FIRST.encode(), b=SECOND.encode())
    first = imported(tmp_path, words)
    assert imported(tmp_path, words).folder == first.folder
    assert open_snapshot(first.folder).landing.to_dict() == first.landing.to_dict()
