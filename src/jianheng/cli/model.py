"""``jianheng model``: list, show, explain, new, check, test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jianheng.cli.exit_codes import ExitCode
from jianheng.cli.help_page import HelpCommand, HelpGroup
from jianheng.cli.options import Json, home, require_engine
from jianheng.cli.progress import watching
from jianheng.cli.render import say, say_json, say_table, tell
from jianheng.core import api

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(
    cls=HelpGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="查看、编写、检查和试验监督模型。",
    epilog="jianheng model list\njianheng model explain bail_deposit not_refunded",
)

One = Annotated[str, typer.Argument(metavar="MODEL", help="模型的 id 或文件夹。")]
Some = Annotated[list[str] | None, typer.Argument(metavar="MODEL|all", help="模型的 id 或文件夹，可写多个；默认全部。")]


@app.command("list", cls=HelpCommand, epilog="jianheng model list\njianheng model list --json")
def list_models(json: Json = False) -> ExitCode:
    """列出全部模型和各包定义的表。"""
    lexicon = api.load_lexicon(home())
    places = api.find_models(home())
    models = {place.id: model for place in places for model in api.load_models(home(), [place.id], lexicon)}
    rows = [
        {
            "id": place.id,
            "pack": place.pack,
            "title": models[place.id].spec.title,
            "version": models[place.id].spec.version,
            "rules": len(models[place.id].spec.rules),
            "own": place.own,
            "installed": place.installed,
            "folder": str(place.folder),
        }
        for place in places
    ]
    tables = {name: table.title for name, table in sorted(lexicon.tables.items())}
    if json:
        say_json({"models": rows, "tables": tables})
        return ExitCode.DONE
    headings = ("模型", "名称", "包", "版本", "规则数", "来源")
    columns = ("id", "title", "pack", "version", "rules")
    say_table(headings, [[*(row[name] for name in columns), _origin(row)] for row in rows])
    say()
    say_table(("表", "名称"), tables.items())
    return ExitCode.DONE


@app.command(cls=HelpCommand, epilog="jianheng model show bail_deposit")
def show(model: One, json: Json = False) -> ExitCode:
    """显示一个模型：需要哪些表和列，有哪些参数和规则。"""
    page = api.explain_model(_load_one(model))
    if json:
        say_json(page.as_dict())
        return ExitCode.DONE
    say(page.text())
    return ExitCode.DONE


@app.command(
    cls=HelpCommand,
    epilog="jianheng model explain bail_deposit\njianheng model explain bail_deposit not_refunded --sql",
)
def explain(
    model: One,
    rule: Annotated[str | None, typer.Argument(metavar="RULE", help="规则的 id；默认全部规则。")] = None,
    sql: Annotated[bool, typer.Option("--sql", help="另附运行的 SQL。")] = False,
    engine: Annotated[str, typer.Option("--engine", metavar="duckdb|spark", help="SQL 用哪个引擎的写法。")] = "duckdb",
    json: Json = False,
) -> ExitCode:
    """用中文说明每条规则：发现什么，依据，条件，需排除的情形，什么时候是数据不足。"""
    require_engine(engine)
    loaded = _load_one(model)
    wanted = [one for one in loaded.spec.rules if rule in (None, one.id)]
    if not wanted:
        known = "、".join(one.id for one in loaded.spec.rules)
        raise api.UsageProblem(api.Problem("U205", f"模型 {loaded.id} 没有规则「{rule}」。", hint=f"已有：{known}。"))
    statements = api.explain_sql(loaded, engine) if sql else {}
    pages = [api.explain_rule(loaded, one) for one in wanted]
    if json:
        documents = [{**page.as_dict(), **_sql_of(page.rule, statements)} for page in pages]
        say_json({"model": loaded.id, "rules": documents})
        return ExitCode.DONE
    for page in pages:
        say(page.text())
        if sql:
            say(f"SQL（{engine}，以某一天为基准日）：\n\n{statements[page.rule]}\n")
    return ExitCode.DONE


@app.command(
    cls=HelpCommand,
    epilog="jianheng model new criminal/late_transfer\njianheng model new criminal/late_transfer --into 我的包",
)
def new(
    name: Annotated[str, typer.Argument(metavar="PACK/ID", help="包和模型的 id，如 criminal/late_transfer。")],
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="DIR", help="写在这个文件夹下；默认是本院的包（JIANHENG_HOME/packs）。"),
    ] = None,
    json: Json = False,
) -> ExitCode:
    """新建一个模型的文件夹：model.yaml、cases.yaml（一个未通过的用例）、README.md。从不覆盖。"""
    folder = api.new_model(home(), name, into)
    if json:
        say_json({"folder": str(folder), "files": sorted(path.name for path in folder.iterdir())})
        return ExitCode.DONE
    say(f"已新建 {folder}。")
    say(
        f"请填写 model.yaml，用 jianheng model check {folder} 检查；"
        f"再写 cases.yaml，用 jianheng model test {folder} 试验。"
    )
    return ExitCode.DONE


@app.command(
    cls=HelpCommand, epilog="jianheng model check all\njianheng model check 我的包/criminal/models/late_transfer"
)
def check(models: Some = None, json: Json = False) -> ExitCode:
    """检查模型和用例的写法：每个错误都有文件、行、列和修改建议。"""
    checked = api.check_models(home(), models or [])
    problems = [problem for one in checked for problem in one.problems]
    if json:
        say_json({"models": [_checked(one) for one in checked], "problems": [one.as_dict() for one in problems]})
    else:
        for problem in problems:
            tell(str(problem))
        for one in checked:
            found = f"{len(one.problems)}个问题" if one.problems else f"通过，{one.rules}条规则，{one.cases}个用例"
            say(f"{one.place.id}：{found}。")
    return ExitCode.CHECK_FAILED if problems else ExitCode.DONE


@app.command(cls=HelpCommand, epilog="jianheng model test all\njianheng model test bail_deposit")
def test(
    models: Some = None,
    engine: Annotated[str, typer.Option("--engine", metavar="duckdb|spark", help="运行的引擎。")] = "duckdb",
    json: Json = False,
) -> ExitCode:
    """逐个运行用例；可移动的用例，日期移到两端和中间几天也要得到同样的结果。"""
    require_engine(engine)
    with watching() as progress:
        trials = list(api.try_models(home(), models or [], progress, engine))
    failed = [trial for trial in trials if not trial.passed]
    if json:
        say_json(_trials(trials))
        return ExitCode.CHECK_FAILED if failed else ExitCode.DONE
    for trial in failed:
        for difference in trial.differences:
            say(str(difference))
    cases = {(trial.case.model, trial.case.id) for trial in trials}
    wrong = {(trial.case.model, trial.case.id) for trial in failed}
    passed = len(cases) - len(wrong)
    say(f"{len(cases)}个用例，运行{len(trials)}次，通过{passed}个，未通过{len(wrong)}个。")
    return ExitCode.CHECK_FAILED if failed else ExitCode.DONE


def _load_one(name: str) -> api.SupervisionModel:
    """The one model that ``name`` names. Raises UsageProblem (U206) for several."""
    found = api.load_models(home(), [name], api.load_lexicon(home()))
    if len(found) != 1:
        raise api.UsageProblem(api.Problem("U206", f"「{name}」有{len(found)}个模型，这里只能写一个。"))
    return found[0]


def _origin(row: dict[str, Any]) -> str:
    return "安装" if row["installed"] else "本院" if row["own"] else "随程序"


def _sql_of(rule: str, statements: dict[str, str]) -> dict[str, str]:
    return {"sql": statements[rule]} if rule in statements else {}


def _checked(one: api.CheckedModel) -> dict[str, Any]:
    return {
        "id": one.place.id,
        "folder": str(one.place.folder),
        "ok": not one.problems,
        "rules": one.rules,
        "cases": one.cases,
    }


def _trials(trials: Sequence[api.Trial]) -> dict[str, Any]:
    failures = [
        {
            "model": trial.case.model,
            "case": trial.case.id,
            "rule": difference.rule,
            "days": trial.days,
            "file": trial.case.file,
            "line": trial.case.line,
            "message": difference.message,
        }
        for trial in trials
        for difference in trial.differences
    ]
    cases = {(trial.case.model, trial.case.id) for trial in trials}
    return {"cases": len(cases), "runs": len(trials), "failures": failures}
