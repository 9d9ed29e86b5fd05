"""``jianheng model uninstall``: says what goes and what stays, asks, and takes an installed model out of use."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from jianheng.cli.exit_codes import ExitCode
from jianheng.cli.options import Json, home, login
from jianheng.cli.render import say, say_json
from jianheng.core import api

EXAMPLES = "jianheng model uninstall late_release\njianheng model uninstall late_release --yes"
_YES = "是"


def uninstall(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="安装来的模型的 id。")],
    yes: Annotated[bool, typer.Option("--yes", help="不再询问，直接卸下。")] = False,
    json: Json = False,
) -> ExitCode:
    """卸下一个安装来的模型：先说明去掉什么、留下什么，确认以后再做；卸下的记录和收到的原包留着。

    随程序来的、本院自己写的模型不能这样卸下。不在终端上运行的，要加 --yes。
    """
    told = api.uninstall_model(home(), model, at=datetime.now(), by=login(), sure=False)
    if not json:
        for line in _plan(told):
            say(line)
    if yes or (not json and _agreed()):
        told = api.uninstall_model(home(), model, at=datetime.now(), by=login(), sure=True)
    if json:
        say_json(told.as_dict())
    elif told.removed:
        say(f"已卸下。记录和原包在 {told.kept}。")
    else:
        say("没有卸下。确要卸下的加 --yes。")
    return ExitCode.DONE if told.removed else ExitCode.CHECK_FAILED


def _plan(told: api.Removal) -> Iterator[str]:
    yield f"【{told.title}】{told.id}，在 {told.folder}"
    yield "去掉："
    for one in told.versions:
        came = f"，{one.signer}签名，{one.installed_at}安装" if one.signer else ""
        yield f"  {one.version or Path(one.folder).name}（{'在用的' if one.in_use else '此前的'}版本{came}）"
    if told.tables:
        yield f"  随它带来的表的定义：{'、'.join(told.tables)}。再有这样的表格，要装回它才认得出"
    yield "留下："
    yield "  收到的原包和卸下的记录；已导入的数据、已有的筛查结果、受信任的公钥都不动"
    yield "  用它筛查得到的线索不受影响，但是装回同一版本以后才能复核（jianheng verify）"
    if told.comes_back:
        yield f"恢复使用原来的同名模型：{told.comes_back}"
    yield ""


def _agreed() -> bool:
    """Whether the person at the terminal says so; where there is none, nobody does."""
    if not sys.stdin.isatty():
        return False
    sys.stdout.write(f"卸下吗？输入“{_YES}”确认：")
    sys.stdout.flush()
    return sys.stdin.readline().strip() == _YES
