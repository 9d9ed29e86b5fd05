"""Intake against named peers, in one run: CPU seconds of all processes, median of three.

    python -m bench.intake            100,000 x 20 xlsx: landing and canonical snapshot against bare readers

Large text files are measured by ``bench.intake_csv``.
Each side runs in a process of its own; what is counted is the work, without the start of that process. The reading
process that landing starts counts whole. Files are made up and kept under --folder for the next run.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.measure import cpu_with_children, print_side, sides_in_turn
from jianheng.core.catalogue.snapshot import Snapshot, build_snapshot
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.fields.resident_id import check_character
from jianheng.core.foundation.durable import private_folder
from jianheng.core.foundation.progress import Silent
from jianheng.core.ingest.landing import land
from jianheng.core.pack.shelf import find_packs, shipped_packs
from jianheng.core.terms.lexicon import Lexicon, read_lexicon

ROWS, RUNS = 100_000, 3
_XLSX_HEADS = (
    "序号", "决定书文号", "案件编号", "姓名", "身份证号", "所属地区", "决定机关", "执行机关", "决定日期", "执行日期",
    "期限届满日期", "解除决定日期", "结束日期", "结束原因", "保证方式", "保证金数额", "前次决定书文号",
    "联系人", "住址", "登记编号",
)  # fmt: skip
_FAMILY, _GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀兰霞平刚桂英华玉"


def xlsx_rows(count: int) -> Iterator[list[Any]]:
    """Rows of a register of bails as an office keeps it: dates as dates, amounts as numbers, some cells blank."""
    chance = random.Random(1)
    for number in range(1, count + 1):
        day = date(2020, 1, 1) + timedelta(chance.randrange(1900))
        ended = day + timedelta(chance.randrange(360)) if chance.random() < 0.8 else None
        organ = f"示例市公安局第{number % 12}分局"
        deposit = chance.random() < 0.6
        yield [
            number, f"示公（刑）取保字〔{day.year}〕{number}号", f"A999999{day.year}{number:09d}", _name(chance),
            _identity(chance), f"9999{number % 12 + 1:02d}", organ, organ, day, day + timedelta(chance.randrange(3)),
            day + timedelta(365), ended, ended, "解除取保候审" if ended else None, "保证金" if deposit else "保证人",
            chance.randrange(1, 30) * 1000 if deposit else None, None, _name(chance), f"示例路{number}号",
            f"DJ{number:08d}",
        ]  # fmt: skip


def _name(chance: random.Random) -> str:
    return chance.choice(_FAMILY) + chance.choice(_GIVEN) + chance.choice(_GIVEN)


def _identity(chance: random.Random) -> str:
    stem = f"999999{1950 + chance.randrange(55)}{1 + chance.randrange(12):02d}{1 + chance.randrange(28):02d}"
    stem += f"{chance.randrange(1000):03d}"
    return stem + check_character(stem)


def write_xlsx(path: Path) -> None:
    """The workbook, with shared strings as Excel writes them."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("取保候审")
        sheet.write_row(0, 0, _XLSX_HEADS)
        for index, row in enumerate(xlsx_rows(ROWS), start=1):
            sheet.write_row(index, 0, row)


def taken_in(path: Path, lexicon: Lexicon) -> tuple[Snapshot, dict[str, float]]:
    """``path`` landed and made a canonical snapshot, its folder gone again; CPU and wall seconds of both parts."""
    folder = Path(tempfile.mkdtemp(prefix="jianheng-bench-", dir=path.parent))
    try:
        begun, clock = cpu_with_children(), time.perf_counter()
        landing = land([path], private_folder(folder / "landing"), lexicon, Silent())
        landed, landed_clock = cpu_with_children(), time.perf_counter()
        with DuckdbEngine(folder / "spill", memory="2GB", threads=2) as engine:
            snapshot = build_snapshot(landing, lexicon, engine, folder / "snapshots", Silent())
        return snapshot, {
            "landing": landed - begun,
            "canonical": cpu_with_children() - landed,
            "landing_wall": landed_clock - clock,
            "canonical_wall": time.perf_counter() - landed_clock,
        }
    finally:
        shutil.rmtree(folder)


def ours(path: Path) -> dict[str, Any]:
    """Landing and canonical snapshot."""
    snapshot, figures = taken_in(path, read_lexicon(find_packs([shipped_packs()])))
    return {"rows": sum(profile.rows for profile in snapshot.tables.values()), **figures}


def calamine(path: Path) -> dict[str, Any]:
    """Bare python-calamine: all cells as Python values."""
    from python_calamine import CalamineWorkbook

    return {"rows": len(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python())}


def openpyxl(path: Path) -> dict[str, Any]:
    """openpyxl in read-only mode, values only."""
    from openpyxl import load_workbook

    sheet = load_workbook(path, read_only=True).worksheets[0]
    return {"rows": sum(1 for _ in sheet.iter_rows(values_only=True))}


SIDES: dict[str, Callable[[Path], dict[str, Any]]] = {"ours": ours, "calamine": calamine, "openpyxl": openpyxl}


def compare(path: Path) -> None:
    """The sides in turn, and their figures."""
    runs = sides_in_turn("bench.intake", SIDES, path, RUNS)
    cpu = {name: statistics.median(one["cpu"] for one in each) for name, each in runs.items()}
    print(f"{ROWS:,} x {len(_XLSX_HEADS)} xlsx, CPU seconds, median of {RUNS}")
    for name, each in runs.items():
        print(f"  {name:9} {cpu[name]:7.2f}   peak {max(one['peak'] for one in each)} MB   rows {each[0]['rows']:,}")
    parts = {part: statistics.median(one[part] for one in runs["ours"]) for part in ("landing", "canonical")}
    print(f"  of ours: landing {parts['landing']:.2f}, canonical {parts['canonical']:.2f}")
    print(f"  ours / calamine {cpu['ours'] / cpu['calamine']:.2f}  (at most 2.5)")
    print(f"  ours / openpyxl {cpu['ours'] / cpu['openpyxl']:.2f}  (at most 0.33)")


def main() -> None:
    """Make the files that are missing, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "jianheng-bench-intake")
    parser.add_argument("--side", nargs=2, metavar=("NAME", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        print_side(lambda: SIDES[arguments.side[0]](Path(arguments.side[1])))
        return
    arguments.folder.mkdir(parents=True, exist_ok=True)
    path = arguments.folder / "intake.xlsx"
    if not path.exists():
        part = path.with_name(f"part-{path.name}")
        write_xlsx(part)
        part.rename(path)
    compare(path)


if __name__ == "__main__":
    main()
