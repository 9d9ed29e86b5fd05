"""``jianheng intake``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from jianheng.cli.exit_codes import ExitCode
from jianheng.cli.options import Json, Mapping, home
from jianheng.cli.progress import watching
from jianheng.cli.render import say, say_json, say_table, tell
from jianheng.core import api

EXAMPLES = """\
jianheng intake 公安台账.xlsx 银行流水.csv
jianheng intake 数据文件夹 --out 识别结果
jianheng intake 数据文件夹 --out 识别结果 --mapping mapping.yaml
jianheng intake --snapshots
jianheng intake --purge 3f2a --reason 保存期限届满
"""

_MOST_PROBLEMS = 20
_MOST_SHEETS = 4


def intake(
    data: Annotated[list[Path] | None, typer.Argument(metavar="PATH...", help="数据文件或文件夹，可写多个。")] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="把识别结果、问题清单和待填的 mapping.yaml 写入此文件夹。"),
    ] = None,
    mapping: Mapping = None,
    snapshots: Annotated[bool, typer.Option("--snapshots", help="列出已导入并保存着的数据，以及销毁记录。")] = False,
    purge: Annotated[
        str | None, typer.Option("--purge", metavar="SNAPSHOT", help="销毁一份已导入的数据，只留销毁记录；编号见上。")
    ] = None,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="销毁的理由，记入销毁记录，如：保存期限届满。")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="销毁前不再询问，供脚本使用。")] = False,
    json: Json = False,
) -> ExitCode:
    """显示识别结果：哪个工作表是哪张表，哪些列，哪些内容未能读取及原因，各表覆盖的期间。

    也用来查看（--snapshots）和销毁（--purge）以前导入的数据。
    """
    if snapshots or purge is not None:
        if data or (snapshots and purge is not None):
            hint = "数据文件、--snapshots、--purge 只写一样。"
            raise api.UsageProblem(api.Problem("U116", "识别、查看、销毁要分开做。", hint=hint))
        return _list(json) if purge is None else _purge(purge, reason, yes, json)
    if not data:
        raise api.UsageProblem(api.Problem("U101", "缺少 PATH...。", hint="用法见 jianheng intake --help。"))
    with watching() as progress:
        report = api.intake(home(), data, as_of=date.today(), progress=progress, out=out, mapping=mapping)
    if json:
        document = {**report.record, "problem_count": report.problem_count, "first_problems": report.problems}
        say_json(document)
    else:
        _show(report, out)
    return ExitCode.DONE if report.record["tables"] else ExitCode.NOTHING_RAN


def _list(json: bool) -> ExitCode:
    kept = api.kept_snapshots(home())
    if json:
        say_json({"snapshots": [asdict(one) for one in kept]})
        return ExitCode.DONE
    rows = [(one.name, f"{one.imported_at:%Y-%m-%d %H:%M}", _files(one), one.rows, _fate(one)) for one in kept]
    say_table(("编号", "时间", "文件", "行数", "现状"), rows) if rows else say("没有保存着的数据。")
    return ExitCode.DONE


def _purge(name: str, reason: str, yes: bool, json: bool) -> ExitCode:
    one = api.find_snapshot(home(), name)
    if not yes:
        tell(f"将销毁 {one.folder}：{_files(one)}，{one.rows}行。不能恢复，原始文件不受影响。")
        typer.confirm("确定销毁吗？", abort=True, err=True)
    record = api.purge_snapshot(home(), one.name, reason, at=datetime.now())
    if json:
        say_json(record)
    else:
        say(f"已销毁，销毁记录在 {one.folder}。收到的原始文件请另行处理。")
    return ExitCode.DONE


def _files(one: api.KeptSnapshot) -> str:
    shown = "、".join(Path(name).name for name in one.files[:_MOST_SHEETS])
    return shown + (f"等{len(one.files)}个" if len(one.files) > _MOST_SHEETS else "")


def _fate(one: api.KeptSnapshot) -> str:
    return f"已于{one.destroyed_at}销毁：{one.reason}" if one.destroyed_at else "保存中"


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
    say_table(("文件", "识别为", "工作表", "数据行"), sorted(files))
    say()
    tables = [
        (one["title"], one["rows"], one["repeats"], one["unread"], "、".join(one["missing_columns"]))
        for one in record["tables"].values()
    ]
    if tables:
        say_table(("表", "行数", "同表重复", "未能读取", "没有提供的列"), tables)
        say()
    unmapped = [
        (names.get(one["file"], ""), one["sheet"], "、".join(heading["text"] for heading in one["unmapped"]))
        for one in record["sheets"]
        if one["table"] and one["unmapped"]
    ]
    if unmapped:
        say_table(("文件", "工作表", "没有认出的标题"), unmapped)
        say("其中有所缺的列的，在 mapping.yaml 写明是哪一列，用 --mapping 给出；或者改成列名。")
        say()
    for problem in report.problems[:_MOST_PROBLEMS]:
        say(_told(problem))
    if report.problem_count > _MOST_PROBLEMS:
        rest = report.problem_count - _MOST_PROBLEMS
        say(f"还有{rest}个问题" + ("，见 problems.xlsx。" if out else "；加 --out 可写出全部。"))
    if report.draft:
        say(f"有工作表没有认出或者不能确定，未采用。请填写 {report.draft}，以后用 --mapping 给出。")
    say(f"已写入 {out}。" if out else "没有写出文件；需要时加 --out。")


def _named(sheets: list[str]) -> str:
    """The sheets of one file that are one table; of many, the first, the last and how many."""
    return "、".join(sheets) if len(sheets) <= _MOST_SHEETS else f"{sheets[0]}……{sheets[-1]}（{len(sheets)}个）"


def _told(problem: dict[str, Any]) -> str:
    """One problem: where, what, what was seen unless that is said already, what to do."""
    seen = api.mask_text(str(problem.get("seen", "")))
    message, hint = problem["message"], problem.get("hint", "")
    marks = [f"看到「{seen}」"] if seen and f"「{seen}」" not in message else []
    marks += filter(None, [api.flag_titles(problem.get("flags", ()))])
    aside = f"（{'，'.join(marks)}）" if marks else ""
    return f"{_place(problem)} {message}{aside} {hint}".rstrip()


def _place(problem: dict[str, object]) -> str:
    return " › ".join(str(problem[key]) for key in ("file", "sheet", "cell") if problem.get(key))
