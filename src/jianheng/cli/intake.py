"""``jianheng intake``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from jianheng.cli.exit_codes import ExitCode
from jianheng.cli.options import Json, Mapping, home
from jianheng.cli.progress import watching
from jianheng.cli.render import say, say_json, say_table
from jianheng.core import api

EXAMPLES = """\
jianheng intake 公安台账.xlsx 银行流水.csv
jianheng intake 数据文件夹 --out 识别结果
jianheng intake 数据文件夹 --out 识别结果 --mapping mapping.yaml
"""

_MOST_PROBLEMS = 20
_MOST_SHEETS = 4


def intake(
    data: Annotated[list[Path], typer.Argument(metavar="PATH...", help="数据文件或文件夹，可写多个。")],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="把识别结果、问题清单和待填的 mapping.yaml 写入此文件夹。"),
    ] = None,
    mapping: Mapping = None,
    json: Json = False,
) -> ExitCode:
    """显示识别结果：哪个工作表是哪张表，哪些列，哪些内容未能读取及原因，各表覆盖的期间。"""
    with watching() as progress:
        report = api.intake(home(), data, as_of=date.today(), progress=progress, out=out, mapping=mapping)
    if json:
        document = {**report.record, "problem_count": report.problem_count, "first_problems": report.problems}
        say_json(document)
    else:
        _show(report, out)
    return ExitCode.DONE if report.record["tables"] else ExitCode.NOTHING_RAN


def _show(report: api.IntakeReport, out: Path | None) -> None:
    record = report.record
    names = {number: file["name"] for number, file in enumerate(record["files"], start=1)}
    grouped: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for one in record["sheets"]:
        key = names.get(one["file"], ""), one["table_title"] or "（未采用）"
        grouped.setdefault(key, []).append((one["sheet"], one["counts"].get("data", 0)))
    files = [
        (file, title, _named([name for name, _ in sheets]), sum(rows for _, rows in sheets))
        for (file, title), sheets in grouped.items()
    ]
    say_table(("文件", "识别为", "工作表", "数据行"), files)
    say()
    tables = [
        (one["title"], one["rows"], one["repeats"], one["unread"], "、".join(one["missing_columns"]))
        for one in record["tables"].values()
    ]
    if tables:
        say_table(("表", "行数", "同表重复", "未能读取", "没有提供的列"), tables)
        say()
    for problem in report.problems[:_MOST_PROBLEMS]:
        say(f"{_place(problem)} {problem.get('message', '')}")
    if report.problem_count > _MOST_PROBLEMS:
        rest = report.problem_count - _MOST_PROBLEMS
        say(f"还有{rest}个问题" + ("，见 problems.xlsx。" if out else "；加 --out 可写出全部。"))
    say(f"已写入 {out}。" if out else "没有写出文件；需要时加 --out。")


def _named(sheets: list[str]) -> str:
    """The sheets of one file that are one table; of many, the first, the last and how many."""
    return "、".join(sheets) if len(sheets) <= _MOST_SHEETS else f"{sheets[0]}……{sheets[-1]}（{len(sheets)}个）"


def _place(problem: dict[str, object]) -> str:
    return " › ".join(str(problem[key]) for key in ("file", "sheet", "cell") if problem.get(key))
