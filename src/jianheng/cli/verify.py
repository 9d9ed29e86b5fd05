"""``jianheng verify``."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from jianheng.cli.exit_codes import ExitCode
from jianheng.cli.options import Data, Json, Mapping, home
from jianheng.cli.progress import watching
from jianheng.cli.render import say, say_json, say_table
from jianheng.core import api

EXAMPLES = """\
jianheng verify 结果/clues.jsonl --data 数据文件夹
jianheng verify clues.jsonl --run run.json --data 公安台账.xlsx 银行流水.csv
"""

_STATES: dict[Literal["same", "different", "cannot"], str] = {
    "same": "一致",
    "different": "不一致",
    "cannot": "无法复核",
}


def verify(
    clues: Annotated[Path, typer.Argument(metavar="CLUES.jsonl", help="筛查写出的 clues.jsonl。")],
    data: Data,
    run: Annotated[
        Path | None, typer.Option("--run", metavar="RUN.json", help="当时的运行记录；默认是线索文件旁边的 run.json。")
    ] = None,
    mapping: Mapping = None,
    model: Annotated[
        list[str] | None, typer.Option("--model", metavar="MODEL", help="当时所用的模型若在别处，写它的文件夹。")
    ] = None,
    json: Json = False,
) -> ExitCode:
    """用原始文件重新推导每条线索：一致、不一致（哪个单元格，原值与现值）、无法复核。

    全部一致时退出码为 0，有不一致为 1，有无法复核为 3。
    """
    with watching() as progress:
        report = api.verify(
            home(), clues, data, progress=progress, run=run, mapping=mapping, wanted=["all", *(model or [])]
        )
    if json:
        checks = [asdict(check) for check in report.checks]
        counts = {state: report.count(state) for state in _STATES}
        say_json(
            {
                "counts": counts,
                "clues": checks,
                "changed_without_effect": report.changed_without_effect,
                "notes": report.notes,
            }
        )
    else:
        _show(report)
    if report.count("cannot"):
        return ExitCode.NOTHING_RAN
    return ExitCode.CHECK_FAILED if report.count("different") else ExitCode.DONE


def _show(report: api.VerifyReport) -> None:
    wrong = [check for check in report.checks if check.state != "same"]
    if wrong:
        rows = [
            (
                _STATES[check.state],
                check.rule_title,
                "、".join(check.subject.values()),
                api.flag_titles(check.flags),
                check.message,
            )
            for check in wrong
        ]
        say_table(("结果", "规则", "对象", "特别保护", "说明"), rows)
        say()
    changes = [(change, check) for check in wrong for change in check.changes]
    if changes:
        places = [
            (
                "、".join(check.subject.values()),
                " › ".join(part for part in (change.file, change.sheet, change.address) if part),
                change.title,
                change.old,
                change.new,
            )
            for change, check in changes
        ]
        say_table(("对象", "单元格", "列", "原值", "现值"), places)
        say()
    for name in report.changed_without_effect:
        say(f"{name} 的内容有变动，不影响任何线索。")
    for note in report.notes:
        say(note)
    if protected := api.flag_counts(Counter(flag for check in report.checks for flag in check.flags)):
        say(f"特别保护：{protected}。")
    say("，".join(f"{title}{report.count(state)}条" for state, title in _STATES.items()) + "。")
