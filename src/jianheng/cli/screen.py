"""``jianheng screen``."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jianheng.cli.exit_codes import ExitCode
from jianheng.cli.options import Data, Json, Mapping, home, read_day, read_params, require_engine
from jianheng.cli.progress import watching
from jianheng.cli.render import AT_LEAST, NOTHING, say, say_json, say_table
from jianheng.core import api

if TYPE_CHECKING:
    from collections.abc import Sequence

EXAMPLES = """\
jianheng screen bail_deposit --data 公安台账.xlsx 银行流水.csv --as-of 2025-06-30 --out 结果
jianheng screen all --data 数据文件夹 --as-of 2025-06-30 --out 结果 --coverage coverage.yaml
jianheng screen bail_deposit --data 数据 --as-of 2025-06-30 --out 结果 --param refund_grace_days=30
"""


def screen(
    model: Annotated[str, typer.Argument(metavar="MODEL|all", help="模型的 id 或文件夹；all 为全部模型。")],
    data: Data,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="筛查基准日，如 2025-06-30。")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="结果写入的文件夹。")],
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="K=V", help="设定模型的参数，可写多个；见 jianheng model show。"),
    ] = None,
    coverage: Annotated[
        Path | None,
        typer.Option("--coverage", metavar="FILE", help="各表数据覆盖的期间和地区（YAML）；没有的按数据推定并注明。"),
    ] = None,
    mapping: Mapping = None,
    previous: Annotated[
        Path | None,
        typer.Option(
            "--previous", metavar="XLSX", help="上次的 clues.xlsx：带入已填写的核查结果，说明哪些线索已消失。"
        ),
    ] = None,
    engine: Annotated[str, typer.Option("--engine", metavar="duckdb|spark", help="运行的引擎。")] = "duckdb",
    spark_remote: Annotated[
        str,
        typer.Option("--spark-remote", metavar="sc://…", help="Spark Connect 服务的地址；不写则在本机运行 Spark。"),
    ] = "",
    hints: Annotated[bool, typer.Option("--hints", help="也运行提示类规则，写入 hints.jsonl。")] = False,
    funnel: Annotated[
        bool, typer.Option("--funnel", help="在 run.json 中记下筛查过程：每个条件之后还剩多少。")
    ] = False,
    json: Json = False,
) -> ExitCode:
    """用一个或全部模型筛查各单位的表格，写出线索。

    先打开结果文件夹里的 clues.xlsx。没有规则可以运行时退出码为 3，并列出缺少的表。
    """
    require_engine(engine, spark_remote)
    day, params = read_day(as_of, "--as-of"), read_params(param or [])
    with watching() as progress:
        report = api.screen(
            home(),
            [model],
            data,
            as_of=day,
            out=out,
            started_at=datetime.now(),
            progress=progress,
            params=params,
            coverage=coverage,
            mapping=mapping,
            previous=previous,
            hints=hints,
            funnel=funnel,
            engine=engine,
            spark_remote=spark_remote,
        )
    if json:
        say_json(screen_document(report))
    else:
        show_screening(report)
    return ExitCode.DONE if report.ran else ExitCode.NOTHING_RAN


def screen_document(report: api.ScreenReport) -> dict[str, Any]:
    """What ``--json`` says of a run: the counts of every rule, and where the files are."""
    rules = [
        {
            "model": one.model,
            "rule": one.rule,
            "title": one.title,
            "kind": one.kind,
            "subjects": one.subjects,
            "hit": one.hits,
            "clean": one.clean,
            "cannot_tell": one.cannot_tell,
            "unidentified": one.unidentified,
            "reasons": dict(one.reasons),
            "amount": None if one.amount is None else f"{one.amount:.2f}",
            "amount_at_least": one.amount_at_least,
            "flags": dict(one.flags),
            "not_run": one.not_run,
        }
        for one in report.summaries
    ]
    return {
        "out": str(report.out),
        "ran": report.ran,
        "rules": rules,
        "files": sorted(report.record["outputs"]),
        "unsure_sheets": report.unsure,
        "mapping_draft": str(report.draft) if report.draft else None,
    }


def show_screening(report: api.ScreenReport) -> None:
    """The overview of a run on the terminal."""
    run = [one for one in report.summaries if not one.not_run]
    if run:
        headings = ("规则", "性质", "疑似问题", "未发现异常", "数据不足", "金额（元）", "数据不足的主要原因")
        say_table(headings, [_line(one) for one in run])
    _show_missing([one for one in report.summaries if one.not_run])
    say()
    flags: Counter[str] = Counter()
    for one in report.summaries:
        flags.update(one.flags)
    if protected := api.flag_counts(flags):
        say(f"特别保护：{protected}；涉未成年人和已封存的姓名已遮盖，只限有权限的人查阅。")
    if report.draft:
        say(f"有{report.unsure}个工作表没有认出或者不能确定，未采用。请填写 {report.draft}，加 --mapping 重新筛查。")
    if faults := report.record["problems"]:
        left_out = sum(faults.get(code, 0) for code in api.NOT_READ)
        which = f"，其中{left_out}份文件或者工作表没有读入" if left_out else ""
        say(f"数据有{sum(faults.values())}个问题{which}，原因和办法见 {report.out / 'problems.xlsx'}。")
    say(f"结果在 {report.out}，请先打开 {report.out / 'clues.xlsx'}。" if report.ran else "没有规则可以运行。")


def _line(one: api.RuleSummary) -> tuple[object, ...]:
    reasons = sorted(one.reasons, key=lambda reason: -reason[1])
    why = f"{reasons[0][0]}（{reasons[0][1]}）" if reasons else ""
    return one.title, api.KIND_TITLES[one.kind], one.hits, one.clean, one.cannot_tell, _amount(one), why


def _amount(one: api.RuleSummary) -> str:
    """Yuan over all hits; without a hit, or of a rule that counts no money, there is no amount, not one of nought."""
    if one.amount is None or not one.hits:
        return NOTHING
    return f"{AT_LEAST if one.amount_at_least else ''}{one.amount:,.2f}"


def _show_missing(stopped: Sequence[api.RuleSummary]) -> None:
    """待补数据清单: the rules that could not run, and what they lack."""
    if not stopped:
        return
    say()
    say("待补数据清单：")
    say_table(("规则", "未运行的原因"), [(one.title, one.not_run) for one in stopped])
