"""``jianheng model backtest`` and ``like``: is this model good, and is this case one of many?"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from jianheng.cli.exit_codes import ExitCode
from jianheng.cli.help_page import HelpCommand
from jianheng.cli.options import Data, Json, Mapping, home, login, read_day, read_params
from jianheng.cli.progress import watching
from jianheng.cli.render import NOTHING, say, say_json, say_table
from jianheng.core import api

BACKTEST = """\
jianheng model backtest 我的包/criminal/models/late_transfer --data 数据 --from 2024-07-01 --to 2025-06-30 --out 回放
jianheng model backtest bail_deposit --data 数据 --from 2025-01-06 --to 2025-06-30 --vary refund_grace_days=9 --out 回放
jianheng model backtest bail_deposit --snapshot 3f2a 91bc --from 2025-01-06 --to 2025-06-30 --against all --out 回放
"""

LIKE = """\
jianheng model like --subject 决定书文号=示公〔2024〕1号 --for 示检控申〔2025〕12号 --data 数据 --as-of 2025-06-30
jianheng model like bail_deposit --subject 姓名=张三 案号=A99 --for 示检控申〔2025〕12号 --data 数据 --as-of 2025-06-30
"""

_MOST_LINES = 12
_MARKS = (
    {"T": "符合　　", "F": "不符合　", "?": "不能确定"},
    {"T": "无此情形", "F": "有此情形", "?": "不能确定"},
)

Past = Annotated[
    list[Path] | None,
    typer.Option("--data", metavar="PATH...", help="数据文件或文件夹，可写多个。基准日以后才发生的，当日看不见。"),
]
Snapshots = Annotated[
    list[str] | None,
    typer.Option(
        "--snapshot",
        metavar="SNAPSHOT...",
        help="以前导入的数据（编号见 jianheng intake --snapshots），可写多个：每个基准日用当时最近一次导入的。",
    ),
]
Coverage = Annotated[
    Path | None,
    typer.Option("--coverage", metavar="FILE", help="各表数据覆盖的期间和地区（YAML）；没有的按数据推定并注明。"),
]
Params = Annotated[
    list[str] | None, typer.Option("--param", metavar="K=V", help="设定模型的参数，可写多个；见 jianheng model show。")
]


def register(app: typer.Typer) -> None:
    """Add the commands to ``jianheng model``."""
    app.command(cls=HelpCommand, epilog=BACKTEST)(backtest)
    app.command(cls=HelpCommand, epilog=LIKE)(like)


def backtest(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="模型的 id 或文件夹，草稿也行。")],
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="最早的基准日。")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="最后的基准日，从它往前数。")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="结果写入的文件夹。")],
    data: Past = None,
    snapshot: Snapshots = None,
    every: Annotated[int, typer.Option("--every", metavar="DAYS", help="相邻基准日相隔的天数。")] = 7,
    vary: Annotated[
        list[str] | None,
        typer.Option("--vary", metavar="K=V,V…", help="试一试参数的其他值：哪些对象增加、减少。可写多个。"),
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option("--against", metavar="MODEL|all", help="与哪些模型比对重合，可写多个；all 为全部已安装的模型。"),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option("--previous", metavar="XLSX", help="填有核查结论的 clues.xlsx：看线索是否属实、属实的是否找回。"),
    ] = None,
    confirmed: Annotated[
        Path | None,
        typer.Option(
            "--confirmed", metavar="FILE", help="已属实对象的清单（csv 或 xlsx）：表头用列名，可有“核查结论”一列。"
        ),
    ] = None,
    param: Params = None,
    coverage: Coverage = None,
    mapping: Mapping = None,
    json: Json = False,
) -> ExitCode:
    """回溯检验：把一个模型（或草稿）放回过去的各个基准日运行，看每周多少线索，多少数据不足及原因，与谁重合，属实的能否找回。

    结果：backtest.json（只有数，没有个人信息）、backtest.xlsx、weeks.svg；改变参数时另有 sensitivity.svg。
    """
    days = read_day(first, "--from"), read_day(last, "--to")
    params = read_params(param or [])
    sources = api.PastSources(data or (), snapshot or (), coverage, mapping)
    with watching() as progress:
        _, record = api.backtest(
            home(),
            model,
            sources,
            first=days[0],
            last=days[1],
            every=every,
            out=out,
            started_at=datetime.now(),
            progress=progress,
            params=params,
            variations=vary or (),
            against=against or (),
            previous=previous,
            confirmed=confirmed,
        )
    if json:
        say_json({"out": str(out), **record})
    else:
        _show(record, out)
    ran = any(not rule["missing"] for rule in record["rules"])
    return ExitCode.DONE if ran else ExitCode.NOTHING_RAN


def like(
    subject: Annotated[
        list[str],
        typer.Option(
            "--subject",
            metavar="K=V…",
            help="已知的一件：列=值，列用列名或标题；可写多个，都要相符。号码在输出中遮盖。",
        ),
    ],
    reference: Annotated[
        str,
        typer.Option(
            "--for", metavar="TEXT", help="为哪一条线索或者哪一件案件查询；记入 JIANHENG_HOME/lookups.jsonl。"
        ),
    ],
    data: Data,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="基准日，如 2025-06-30。")],
    models: Annotated[
        list[str] | None, typer.Argument(metavar="MODEL|all", help="模型的 id 或文件夹，可写多个；默认全部。")
    ] = None,
    param: Params = None,
    coverage: Coverage = None,
    mapping: Mapping = None,
    json: Json = False,
) -> ExitCode:
    """从已知的一件看类案：它在哪些规则的对象之中，逐个条件是否符合，同样情形的另有多少。

    每次查询记下时间、登录名、为何查询和查询的对象（已遮盖）。没有找到对象时退出码为 3。
    """
    day, params = read_day(as_of, "--as-of"), read_params(param or [])
    inquiry = api.Inquiry(subject, reference, datetime.now(), login())
    with watching() as progress:
        record = api.like_case(
            home(),
            models or ["all"],
            inquiry,
            data,
            as_of=day,
            progress=progress,
            params=params,
            coverage=coverage,
            mapping=mapping,
        )
    if json:
        say_json(record)
    else:
        _show_like(record)
    return ExitCode.DONE if record["rules"] else ExitCode.NOTHING_RAN


def _show_like(record: dict[str, Any]) -> None:
    asked = "、".join(f"{name}={value}" for name, value in record["asked"].items())
    if not record["tables"]:
        say(f"提供的数据里没有 {asked}。请核对写法：要与表格里的相同，错字、简写不猜；也可换一列（如身份证号）再查。")
        return
    places = "、".join(f"{one['title']}{one['rows']}行" for one in record["tables"])
    say(f"{asked}，基准日{record['as_of']}：见于{places}。")
    if record["flags"]:
        say(f"{api.flag_titles(record['flags'])}：请按规定保护，不得扩散。")
    if len(record["persons"]) > 1:
        say(
            f"注意：这些行有{len(record['persons'])}个不同的身份证号，可能是同名的几个人：{'、'.join(record['persons'])}。"
        )
    for one in record["rules"]:
        if one["verdict"] != "clean":
            _show_rule(one)
    clean = [one for one in record["rules"] if one["verdict"] == "clean"]
    if clean:
        say()
        say("未发现异常的规则：")
        rows = [
            (f"{one['model_title']}：{one['title']}", _named(one), one["stopped"], f"{one['met']}个", one["as_far"])
            for one in clean
        ]
        say_table(("规则", "对象", "原因", "在此之前符合", "同样走到这一步的另有"), rows)
    say()
    if not record["rules"]:
        say("它不在任何可以运行的规则的监督对象之中。")
    say(f"另有{record['elsewhere']}条规则的监督对象中没有它；{len(record['not_run'])}条规则因缺少数据没有对照。")


def _show_rule(one: dict[str, Any]) -> None:
    say()
    say(f"{one['model_title']}：{one['title']}（{api.KIND_TITLES[one['kind']]}），{_named(one)}：{one['verdict_text']}")
    for step in one["steps"]:
        if step["kind"] == "data" and step["state"] == "T":
            continue
        told = step["why"] or step["say"]
        say(f"  {_MARKS[step['kind'] == 'excuse'][step['state']]}  {told}")
    if one["verdict"] == "hit":
        say(f"  同样的疑似问题另有{one['hits']}个对象：jianheng screen {one['model']} 可列出全部。")
    else:
        say(f"  各条件结果相同的另有{one['same']}个对象；同一规则的疑似问题有{one['hits']}个对象。")


def _named(one: dict[str, Any]) -> str:
    return "、".join(one["subject"].values())


def _show(record: dict[str, Any], out: Path) -> None:
    weeks, last = record["weeks"], record["as_of"][-1]
    say(f"{record['title']} {record['version']}：回放{len(weeks)}个基准日，{record['as_of'][0]}至{last}。")
    if record["data"]["as_they_stood"] == "dates":
        say("只有一次导入的数据：基准日以后才发生的，当日看不见；后来更正的内容无法还原。")
    say()
    rows = [(week["as_of"], week["clues"], week["new"], week["gone"], week["cannot_tell"]) for week in weeks]
    shown = rows if len(rows) <= _MOST_LINES else [*rows[:2], ("……", "", "", "", ""), *rows[2 - _MOST_LINES :]]
    say_table(("基准日", "疑似问题", "新增", "消失", "数据不足"), shown)
    say()
    rules = [one for one in record["rules"] if one["clues"] or one["cannot_tell"] or one["missing"]]
    say(f"各规则（{last}）：")
    say_table(
        ("规则", "性质", "疑似问题", "首日存量", "平均每期新增", "数据不足", "占比", "主要原因"), map(_rule, rules)
    )
    _show_known(record)
    _show_overlap(record)
    _show_varied(record)
    pictures = ["weeks.svg", *(["sensitivity.svg"] if record["sensitivity"] else [])]
    say()
    say(f"结果在 {out}，请先打开 {out / 'backtest.xlsx'}；图是 {'、'.join(pictures)}。")


def _rule(one: dict[str, Any]) -> tuple[object, ...]:
    share = NOTHING if one["cannot_tell_share"] is None else f"{one['cannot_tell_share']:.1%}"
    new = NOTHING if one["new_per_day"] is None else f"{one['new_per_day']:.2f}"
    why = f"{one['reasons'][0][0]}（{one['reasons'][0][1]}）" if one["reasons"] else ""
    if one["missing"]:
        why = f"未运行：未提供{'、'.join(one['missing'])}"
    kind = api.KIND_TITLES[one["kind"]]
    return one["title"], kind, one["clues"], one["at_first"], new, one["cannot_tell"], share, why


def _show_known(record: dict[str, Any]) -> None:
    confirmed, known = record["confirmed"], record["recovered"]
    if known is None:
        return
    say()
    if confirmed is None:
        say("本模型的线索：没有已知的核查结论。")
    else:
        say(f"本模型的线索中已有结论的{confirmed['checked']}条，属实{confirmed['true']}条{_share(confirmed)}。")
    listed = f"另有{known['only_listed']}个只在清单或提示中。" if known["only_listed"] else ""
    say(f"此前已属实的对象{known['of']}个，本模型找回{known['found']}个{_share(known)}。{listed}")
    rows = [(one["state"], one["rule"], one["why"], one["subjects"]) for one in known["missed"]]
    if rows:
        say_table(("没有找回", "规则", "原因", "对象数"), rows)
    if known["unmatched"]:
        say(f"另有{known['unmatched']}个对象与本模型没有共同的列，或者遮盖后对应多人，无法对照。")
    refuted = known["refuted"]
    if refuted["of"]:
        listed = f"另有{refuted['only_listed']}个只在清单或提示中。" if refuted["only_listed"] else ""
        say(f"此前不属实的对象{refuted['of']}个，本模型又列出{refuted['found_again']}个。{listed}")


def _share(one: dict[str, Any]) -> str:
    if one["interval"] is None:
        return f"（{one['note']}）"
    low, high = one["interval"]
    return f"（{one['share']:.0%}，95%区间{low:.0%}～{high:.0%}）"


def _show_overlap(record: dict[str, Any]) -> None:
    overlap = record["overlap"]
    if overlap is None:
        return
    say()
    titles = {one["rule"]: one["title"] for one in record["rules"]}
    rows = [
        (
            titles[one["rule"]],
            f"{one['shared']}/{one['clues']}",
            one["model_title"],
            one["other_title"],
            f"{one['theirs']}/{one['other_clues']}",
        )
        for one in overlap["pairs"]
    ]
    if rows:
        say_table(("本模型规则", "重合", "其他模型", "其规则", "重合"), rows)
    else:
        say(f"与{len(overlap['compared'])}个模型比对，没有重合。")
    if overlap["not_run"]:
        say(f"数据不够、没有比对的模型：{'、'.join(overlap['not_run'])}。")


def _show_varied(record: dict[str, Any]) -> None:
    if not record["sensitivity"]:
        return
    say()
    rows = [(one["title"], one["shown"], one["clues"], one["added"], one["removed"]) for one in record["sensitivity"]]
    say_table(("参数", "值", "疑似问题", "增加", "减少"), rows)
