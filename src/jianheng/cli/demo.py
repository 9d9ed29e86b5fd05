"""``jianheng demo``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from jianheng.cli.exit_codes import ExitCode
from jianheng.cli.options import Json, home
from jianheng.cli.progress import watching
from jianheng.cli.render import say, say_json
from jianheng.cli.sandbox import county_document
from jianheng.cli.screen import screen_document, show_screening
from jianheng.core import api

EXAMPLES = """\
jianheng demo
jianheng demo --cases 5000 --out 示例
"""

_SEED = 1
_MESS = 2


def demo(
    cases: Annotated[int, typer.Option("--cases", metavar="N", help="虚构的县有多少件案件。")] = 2000,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="写入的文件夹：county 是虚构的县，results 是筛查结果。")
    ] = Path("demo-county"),
    json: Json = False,
) -> ExitCode:
    """生成一个虚构的县，用全部模型筛查，告诉您打开哪个文件。其中的人都不存在。"""
    county_folder, results = out / "county", out / "results"
    with watching() as progress:
        county = api.build_county(home(), county_folder, cases=cases, seed=_SEED, mess=_MESS, progress=progress)
        report = api.screen(
            home(),
            ["all"],
            [county_folder / "data"],
            as_of=county.as_of,
            out=results,
            started_at=datetime.now(),
            progress=progress,
            coverage=county_folder / "coverage.yaml",
        )
    if json:
        say_json({"county": county_document(county), "screening": screen_document(report)})
        return ExitCode.DONE if report.ran else ExitCode.NOTHING_RAN
    show_screening(report)
    say()
    say(f"1. 打开 {results / 'clues.xlsx'}：先看“总览”，再看每条规则的工作表。")
    say(f"2. 原始表格在 {county_folder / 'data'}，正确答案在 {county_folder / 'truth.jsonl'}。")
    say(f"3. 复核：jianheng verify {results / 'clues.jsonl'} --data {county_folder / 'data'}")
    return ExitCode.DONE if report.ran else ExitCode.NOTHING_RAN
