"""Intake of a large text file against the least that any reader must do, in one run: CPU seconds of all processes.

    python -m bench.intake_csv [--rows 1000000] [--times 1]

A register of ten columns as offices export them: case and document numbers, names, identity numbers, two dates in
several forms, money, accounts, organs and free text; some hold commas, many are not in their common form, some cannot
be read. The peer lands the same file as text: DuckDB's ``read_csv`` with every column VARCHAR, written to Parquet. It
keeps no row number, cleans nothing, finds no equal rows: the ratio says how far above bare copying the whole intake is.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from bench.intake import taken_in
from bench.measure import print_side, sides_in_turn, verdict
from jianheng.core.fields.resident_id import CHECK_CHARACTERS, WEIGHTS
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Table

CPU_A_MILLION, MEMORY_MIB = 60.0, 4096
"""Ten million rows within ten minutes on two processors, if only half of the work runs side by side."""

REGISTER = Table.model_validate(
    {
        "id": "register",
        "title": "登记",
        "required": ["case_no", "decided_on"],
        "coverage_on": ["decided_on"],
        "columns": {
            "case_no": {"title": "案件编号", "type": "case_number"},
            "paper_no": {"title": "决定书文号", "type": "document_number"},
            "person_name": {"title": "姓名", "type": "person_name"},
            "person_id": {"title": "身份证号", "type": "resident_id"},
            "decided_on": {"title": "决定日期", "type": "date"},
            "ended_on": {"title": "结束日期", "type": "date", "empty": "never"},
            "amount": {"title": "金额", "type": "money"},
            "account_no": {"title": "收款账号", "type": "account_number"},
            "decided_by": {"title": "决定机关", "type": "organ"},
            "ground": {"title": "事由", "type": "text"},
        },
        "derive": {
            "decided_by_kind": {"title": "决定机关类别", "source": "decided_by", "reader": "organ_kind"},
            "born_on": {"title": "出生日期", "source": "person_id", "reader": "birth_on", "storage": "date"},
        },
    }
)


def write_register(path: Path, rows: int) -> None:
    """The text file, UTF-8; the same for the same number of rows."""
    surnames, given = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀兰霞平刚桂英华玉"
    sums = " + ".join(f"{weight} * (stem // {10 ** (16 - place)} % 10)" for place, weight in enumerate(WEIGHTS))
    drawn = f"""
        SELECT i, DATE '2020-01-01' + (hash(i, 1) % 1900)::INTEGER AS day, (hash(i, 2) % 360)::INTEGER AS days,
            hash(i, 3) % 100 AS way, hash(i, 4) % 100 AS other_way, (1 + hash(i, 5) % 300) * 100 AS money,
            {_letter(surnames, 6)} || {_letter(given, 7)} || {_letter(given, 8)} AS name,
            (9999990000000000::BIGINT + (1950 + hash(i, 9) % 55) * 1000000 + (1 + hash(i, 10) % 12) * 10000
                + (1 + hash(i, 11) % 28) * 100) * 10 + hash(i, 12) % 1000 AS stem
        FROM range({rows}) AS t(i)"""
    numbers = f"SELECT *, stem || substr('{CHECK_CHARACTERS}', 1 + (({sums}) % 11)::INTEGER, 1) AS id FROM ({drawn})"
    columns = f"""
        SELECT 'A999999' || year(day) || lpad(i::VARCHAR, 9, '0') AS 案件编号,
            CASE WHEN way < 92 THEN '示公（刑）取保字〔' || year(day) || '〕' || (i + 1) || '号'
                 WHEN way < 97 THEN '示公(刑)取保字[' || year(day) || ']第' || (i + 1) || '号'
                 ELSE '示公（刑）取保字' || year(day) || '年' || (i + 1) || '号之一' END AS 决定书文号,
            CASE WHEN way = 1 THEN name || ' ' ELSE name END AS 姓名,
            CASE WHEN other_way < 95 THEN id WHEN other_way < 97 THEN lower(id) WHEN other_way < 99 THEN '''' || id
                 ELSE substr(id, 1, 17) || '0' END AS 身份证号,
            {_day("day", "way")} AS 决定日期,
            CASE WHEN other_way < 80 THEN {_day("day + days", "way")} END AS 结束日期,
            CASE WHEN way < 90 THEN money || '.00' WHEN way < 95 THEN format('{{:,}}', money::BIGINT) || '元'
                 WHEN way < 99 THEN money::VARCHAR ELSE '待定' END AS 金额,
            '62284' || lpad((i * 7)::VARCHAR, 14, '0') AS 收款账号,
            '示例市公安局第' || i % 60 || '分局' AS 决定机关,
            ['涉嫌盗窃', '涉嫌诈骗，系初犯', '涉嫌危险驾驶,未造成后果', '患有严重疾病'][1 + (hash(i, 13) % 4)::INTEGER]
                || CASE WHEN way < 10 THEN '（补充材料' || i || '）' ELSE '' END AS 事由
        FROM ({numbers}) ORDER BY i"""
    with duckdb.connect(config={"memory_limit": "2GB"}) as engine:
        engine.execute(f"COPY ({columns}) TO '{path}' (FORMAT csv, HEADER)")


def _letter(letters: str, stream: int) -> str:
    return f"substr('{letters}', 1 + (hash(i, {stream}) % {len(letters)})::INTEGER, 1)"


def _day(day: str, way: str) -> str:
    """A day in one of five forms."""
    return f"""CASE WHEN {way} < 70 THEN strftime({day}, '%Y-%m-%d') WHEN {way} < 80 THEN strftime({day}, '%Y%m%d')
        WHEN {way} < 90 THEN strftime({day}, '%Y年%-m月%-d日') WHEN {way} < 95 THEN strftime({day}, '%Y.%-m.%-d')
        ELSE strftime({day}, '%Y/%-m/%-d') END"""


def ours(path: Path) -> dict[str, Any]:
    """Landing and canonical snapshot."""
    snapshot, figures = taken_in(path, Lexicon({REGISTER.id: REGISTER}, {}))
    rows = sum(profile.rows for profile in snapshot.tables.values())
    return {"rows": rows, "unread": sum(snapshot.problem_counts.values()), **figures}


def bare(path: Path) -> dict[str, Any]:
    """DuckDB alone: every cell as text into Parquet."""
    target = path.with_name("bare.parquet")
    with duckdb.connect(config={"memory_limit": "2GB", "threads": "2", "preserve_insertion_order": "false"}) as engine:
        read = f"read_csv('{path}', all_varchar=true, header=true, delim=',', quote='\"')"
        done = engine.execute(f"COPY (SELECT * FROM {read}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
        row = done.fetchone()
    target.unlink()
    return {"rows": row[0] if row else 0}


SIDES: dict[str, Callable[[Path], dict[str, Any]]] = {"ours": ours, "bare": bare}


def main() -> None:
    """Make the file if it is missing, run both sides in turn, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "jianheng-bench-intake")
    parser.add_argument("--side", nargs=2, metavar=("NAME", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        print_side(lambda: SIDES[arguments.side[0]](Path(arguments.side[1])))
        return
    arguments.folder.mkdir(parents=True, exist_ok=True)
    path = arguments.folder / f"register-{arguments.rows}.csv"
    if not path.exists():
        part = path.with_name(f"part-{path.name}")
        write_register(part, arguments.rows)
        part.rename(path)
    runs = sides_in_turn("bench.intake_csv", SIDES, path, arguments.times)
    _print(arguments.rows, path.stat().st_size, runs)


def _print(rows: int, size: int, runs: dict[str, list[dict[str, Any]]]) -> None:
    cpu = {name: median(one["cpu"] for one in each) for name, each in runs.items()}
    one, each_million = runs["ours"][0], cpu["ours"] / rows * 1e6
    peak = max(each["peak"] for each in runs["ours"])
    lines = [
        f"{rows:,} x {len(REGISTER.columns)} csv, {size / 1e6:,.0f} MB",
        f"  {one['rows']:,} rows, {one['unread']:,} cells unread",
        f"  ours    CPU {cpu['ours']:.1f} s, wall {median(each['wall'] for each in runs['ours']):.0f} s",
        f"          landing {one['landing']:.1f} s, wall {one['landing_wall']:.0f} s",
        f"          canonical {one['canonical']:.1f} s, wall {one['canonical_wall']:.0f} s",
        f"  DuckDB  CPU {cpu['bare']:.1f} s: read_csv of text to Parquet, nothing else",
        f"  ours / DuckDB {cpu['ours'] / cpu['bare']:.1f}",
        f"  CPU a million rows {each_million:.1f} s   {verdict(each_million, CPU_A_MILLION)}",
        f"  peak of the larger process {peak} MiB   {verdict(peak, MEMORY_MIB)}",
    ]
    print("\n".join(lines))


if __name__ == "__main__":
    main()
