"""``jianheng model diff``: two models side by side, in words and in what they find."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jianheng.cli.exit_codes import ExitCode
from jianheng.cli.options import Json, Mapping, home, read_day
from jianheng.cli.progress import watching
from jianheng.cli.render import say, say_json, say_table
from jianheng.core import api

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EXAMPLES = """\
jianheng model diff bail_deposit bail_deposit-1.1.0.jianheng.zip
jianheng model diff bail_deposit 草稿/bail_deposit --data 数据文件夹 --as-of 2025-06-30
"""
_SHOWN = 20
Either = "模型的 id、文件夹或者模型包。"


def diff(
    old: Annotated[str, typer.Argument(metavar="A", help=Either)],
    new: Annotated[str, typer.Argument(metavar="B", help=Either)],
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", metavar="PATH...", help="也在这些数据上各运行一次，比较线索。"),
    ] = None,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="筛查基准日，与 --data 同写。")] = "",
    coverage: Annotated[
        Path | None, typer.Option("--coverage", metavar="FILE", help="各表数据覆盖的期间和地区（YAML）。")
    ] = None,
    mapping: Mapping = None,
    json: Json = False,
) -> ExitCode:
    """用业务的话说明两个模型的区别：规则、条件、依据、参数、要用的表和列；有数据时再比较线索。"""
    if bool(data) != bool(as_of):
        hint = "例如 --data 数据文件夹 --as-of 2025-06-30。"
        raise api.UsageProblem(api.Problem("U228", "--data 和 --as-of 要同时写。", hint=hint))
    shared = None
    if data:
        shared = api.SharedData(data, read_day(as_of, "--as-of"), datetime.now(), coverage, mapping)
    with watching() as progress:
        found = api.diff_models(home(), old, new, progress=progress, data=shared)
    if json:
        say_json(found.as_dict())
        return ExitCode.DONE
    for side, word in ((found.old, "原有（－）"), (found.new, "新的（＋）")):
        signed = f"，签名者自称{side.signer}，公钥指纹 {side.fingerprint}" if side.signer else ""
        say(f"{word}：{side.title}（{side.id} {side.version}），{side.source}{signed}")
    say()
    say("区别：" if found.sections else "两个模型说的完全相同。")
    for line in section_lines(found.sections):
        say(line)
    if found.like:
        say("两个模型相近之处：")
        for line in like_lines(found.like):
            say(line)
    if found.clues is not None:
        _show_clues(found)
    return ExitCode.DONE


def section_lines(found: Sequence[api.Section]) -> Iterator[str]:
    """Titled lines, indented."""
    for section in found:
        yield f"  {section.title}："
        yield from (f"    {line}" for line in section.lines)


def like_lines(one: api.LikeModel) -> Iterator[str]:
    """A model that resembles the one spoken of: which tables, which rules."""
    which = "所用的表完全相同" if one.same_tables else f"共用的表：{'、'.join(one.tables)}"
    yield f"  {one.title}（{one.id}），{which}"
    for pair in one.rules:
        if pair.same:
            yield f"    规则「{pair.title}」与「{pair.other_title}」条件完全相同"
            continue
        yield f"    规则「{pair.title}」与「{pair.other_title}」部分条件相同：{'；'.join(pair.shared)}"
        if pair.only_here:
            yield f"      只有前者：{'；'.join(pair.only_here)}"
        if pair.only_there:
            yield f"      只有后者：{'；'.join(pair.only_there)}"


def _show_clues(found: api.ModelDifference) -> None:
    say()
    say("在所给的数据上：")
    headings = ("规则", "原有：疑似问题", "数据不足", "新的：疑似问题", "数据不足", "没有运行")
    say_table(
        headings, [(one.title, *(one.old or ("", "")), *(one.new or ("", "")), one.not_run) for one in found.verdicts]
    )
    lines = found.clues or ()
    different = [line for line in lines if line.only_old or line.only_new or line.amounts]
    say()
    say(f"{len(lines) - len(different)}条规则的线索相同。" if found.old.id == found.new.id else "按对象比较：")
    for line in different if found.old.id == found.new.id else lines:
        say()
        changed = f"（其中{line.amounts}个金额不同）" if line.amounts else ""
        say(
            f"{line.title}：两边都有{line.both}个{changed}，只有原有的{len(line.only_old)}个，只有新的{len(line.only_new)}个。"
        )
        for mark, clues in (("－", line.only_old), ("＋", line.only_new)):
            for clue in clues[:_SHOWN]:
                say(f"  {mark}{clue.subject}：{clue.say}")
            if len(clues) > _SHOWN:
                say(f"  {mark}另有{len(clues) - _SHOWN}个，加 --json 列出全部。")
