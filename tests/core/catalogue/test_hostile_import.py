"""Whatever stands in files and cells, an import ends with a snapshot, within bounds (``make soak``: at length)."""

from __future__ import annotations

import random
import resource
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jianheng.core.catalogue.snapshot import build_snapshot
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.progress import Silent
from jianheng.core.ingest.landing import land
from jianheng.core.ingest.limits import MIB, Limits
from jianheng.core.terms.lexicon import Lexicon
from tests.core.catalogue.conftest import canonical, problems, source
from tests.core.ingest.landed_rows import write_text, write_workbook
from tests.core.ingest.mutants import mutants, real_files

HEAD = ("承租人", "身份证号", "交纳日期", "入账日期", "交纳金额", "是否现金", "交纳方式", "收取单位")
GOOD = ("张三", "110101199003070038", "2023-05-03", "2023年5月4日", "1,200.50元", "是", "转账", "江北区公安分局")
QUICK, SOAK = 60, 10_000
TIGHT = Limits(memory=1536 * MIB, stall=20.0)
OWN_MEMORY = 2048 * MIB
PIECES = (
    *"10９x．-/年月至（)号第万元,'\"#一亿某·é\\|", "〔2023〕", "=1+1", "@SUM(A1)", "<b>", "二十", "😀", "E5", "ﷺ",
    "\u0000", "\u200b", "\u202e", "\ufffd", "\u3000", "\n", "\r", "\t", "110101199003070038", "2023-02-30",
    "分局", "监狱", "NULL", "%s", "{0}", "合计", "填表人：", "秘密",
)  # fmt: skip
"""What cells of no type, or of any, are made of."""


def hostile_cell(chance: random.Random) -> str:
    """A run of one piece, a few different ones, or a good cell with something in the middle."""
    way = chance.randrange(3)
    if way == 0:
        return chance.choice(PIECES) * chance.choice((1, 2, 17, 18, 60, 999, 40_000))
    if way == 1:
        return "".join(chance.choices(PIECES, k=chance.randrange(1, 40)))
    good = chance.choice(GOOD)
    place = chance.randrange(len(good) + 1)
    return good[:place] + chance.choice(PIECES) * chance.randrange(1, 4) + good[place:]


def hostile_tables(folder: Path, count: int) -> Iterator[Path]:
    """Tables under a good head; cells as a careless program writes them, sometimes unquoted."""
    chance = random.Random(20_260_102)
    for number in range(count):
        rows = [
            [hostile_cell(chance) if chance.random() < 0.2 else cell for cell in GOOD]
            for _ in range(chance.randrange(1, 12))
        ]
        quoted = chance.random() < 0.7
        lines = [
            ",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' if quoted else cell for cell in row) for row in rows
        ]
        text = "\n".join((",".join(HEAD), *lines)) + "\n"
        encoding = chance.choice(("utf-8", "gb18030", "utf-16"))
        path = folder / f"t{number}.csv"
        path.write_bytes(text.encode(encoding, errors="replace"))
        yield path


def seeds(folder: Path) -> list[Path]:
    book = write_workbook(folder / "seed.xlsx", {"租金交纳": [HEAD, *[GOOD] * 30], "空": []})
    text = ",".join(HEAD) + "\n" + (",".join(f'"{cell}"' for cell in GOOD) + "\n") * 30
    return [book, write_text(folder / "seed.csv", text, "gb18030"), *real_files()]


@pytest.mark.parametrize("count", [QUICK, pytest.param(SOAK, marks=pytest.mark.soak)])
def test_broken_and_hostile_files_end_in_a_snapshot_within_bounds(tmp_path: Path, words: Lexicon, count: int) -> None:
    data = tmp_path / "data"
    data.mkdir()
    broken = [*mutants(seeds(tmp_path), data, count - count // 4), *hostile_tables(data, count // 4)]
    for path in real_files():
        (data / path.name).write_bytes(path.read_bytes())
    healthy = write_text(data / "healthy.csv", f"{','.join(HEAD)}\n完好,,2023-05-03,,1,,,\n")
    landing = land([data], tmp_path / "landing", words, Silent(), limits=TIGHT)
    again = replace(landing, folder=tmp_path / "again")
    shutil.copytree(landing.folder, again.folder)
    with DuckdbEngine(tmp_path / "temp", memory="512MB", threads=1) as engine:
        snapshot = build_snapshot(landing, words, engine, tmp_path / "snapshots", Silent())
        by_engine = build_snapshot(again, words, engine, tmp_path / "large", Silent(), small_cells=0)

    assert len(landing.files) == len(broken) + len(real_files()) + 1
    landed, said = {sheet.file for sheet in landing.sheets}, {problem.file for problem in landing.problems}
    for file in landing.files:
        assert file.number in landed or file.name in said, file.name
    for sheet in landing.sheets:
        counts = dict(sheet.counts)
        assert counts.pop("rows") == sum(counts.values())
    rows = source(snapshot, "rent")
    assert source(by_engine, "rent") == rows
    assert canonical(by_engine, "rent") == canonical(snapshot, "rent")
    assert by_engine.problem_counts == snapshot.problem_counts
    assert len(rows) == sum(sheet.counts["data"] for sheet in landing.sheets if sheet.table == "rent")
    names = {file.number: file.name for file in landing.files}
    assert [row["tenant"] for row in rows if names[row["file"]] == f"data/{healthy.name}"] == ["完好"]
    unread = Counter(problem["column"] for problem in problems(snapshot) if problem["code"] == "D201")
    assert unread == {name: one.unread for name, one in snapshot.tables["rent"].columns.items() if one.unread}
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 <= TIGHT.memory
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 <= OWN_MEMORY
