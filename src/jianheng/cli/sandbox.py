"""``jianheng sandbox``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jianheng.cli.exit_codes import ExitCode
from jianheng.cli.help_page import HelpCommand, HelpGroup
from jianheng.cli.options import Json, home
from jianheng.cli.progress import watching
from jianheng.cli.render import say, say_json
from jianheng.core import api

EXAMPLES = """\
jianheng sandbox build 示例县
jianheng sandbox build 示例县 --cases 5000 --seed 7 --mess 3
"""

app = typer.Typer(
    cls=HelpGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="生成虚构的县，附正确答案，用来检验模型。其中的人都不存在。",
    epilog="jianheng sandbox build 示例县 --mess 2",
)


@app.command(cls=HelpCommand, epilog=EXAMPLES)
def build(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="写入的文件夹；里面若有以前生成的县，会被替换。")],
    cases: Annotated[int, typer.Option("--cases", metavar="N", help="案件数。")] = 2000,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="种子：相同的种子生成相同的县。")] = 1,
    mess: Annotated[
        int,
        typer.Option(
            "--mess",
            metavar="0..3",
            help=(
                "杂乱程度：0 整齐的 CSV；1 普通工作簿；2 标题、合并表头、混杂的日期和单位；"
                "3 另有 GBK、拆分、重复报送和笔误。"
            ),
        ),
    ] = 2,
    json: Json = False,
) -> ExitCode:
    """生成一个县的表格（data/）、覆盖期（coverage.yaml）和正确答案（truth.jsonl、truth_links.jsonl）。"""
    with watching() as progress:
        county = api.build_county(home(), folder, cases=cases, seed=seed, mess=mess, progress=progress)
    if json:
        say_json(county_document(county))
        return ExitCode.DONE
    rows = sum(county.rows.values())
    say(f"已在 {county.folder} 生成虚构的县：{county.cases}件案件，{rows}行，其中应命中{county.hits}处。")
    say(
        f"筛查：jianheng screen all --data {county.folder / 'data'} --coverage {county.folder / 'coverage.yaml'}"
        f" --as-of {county.as_of} --out 结果"
    )
    return ExitCode.DONE


def county_document(county: api.County) -> dict[str, object]:
    """What ``--json`` says of a county."""
    return {
        "folder": str(county.folder),
        "as_of": county.as_of.isoformat(),
        "seed": county.seed,
        "cases": county.cases,
        "mess": county.mess,
        "planted": county.planted,
        "hits": county.hits,
        "rows": county.rows,
    }
