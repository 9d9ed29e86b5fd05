"""``jianheng model`` between offices: package, install, and the keys that sign."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jianheng.cli import model_diff, model_uninstall
from jianheng.cli.exit_codes import ExitCode
from jianheng.cli.help_page import HelpCommand, HelpGroup
from jianheng.cli.model_diff import like_lines, section_lines
from jianheng.cli.options import Json, home
from jianheng.cli.progress import watching
from jianheng.cli.render import say, say_json, say_table
from jianheng.core import api

if TYPE_CHECKING:
    from collections.abc import Iterator

keys = typer.Typer(
    cls=HelpGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="签名用的密钥：生成自己的，信任别的单位的。",
    epilog="jianheng model key new 本院.key --name 示例市江北区人民检察院\njianheng model key list",
)
One = Annotated[str, typer.Argument(metavar="MODEL", help="模型的 id 或文件夹。")]
Fingerprint = Annotated[str, typer.Argument(metavar="FINGERPRINT", help="公钥指纹。")]

_OUTCOMES = {
    "installed": "已安装",
    "replaced": "已替换",
    "already": "已经装有同样的模型，没有改动",
    "checked": "核对完毕，没有安装",
    "needs_replace": "没有安装：已有同名的模型，内容不同。看过上面的区别以后，要替换的加 --replace",
}


def add_to(app: typer.Typer) -> None:
    """Hang these commands under ``jianheng model``."""
    app.command("package", cls=HelpCommand, epilog=_PACKAGE)(package)
    app.command("install", cls=HelpCommand, epilog=_INSTALL)(install)
    app.command("uninstall", cls=HelpCommand, epilog=model_uninstall.EXAMPLES)(model_uninstall.uninstall)
    app.command("diff", cls=HelpCommand, epilog=model_diff.EXAMPLES)(model_diff.diff)
    app.add_typer(keys, name="key")


_PACKAGE = "jianheng model package late_release --key 本院.key --backtest 回溯/backtest.json --out 上架"


def package(
    model: One,
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="签名的私钥，由 model key new 生成。")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="模型包写在这个文件夹。")],
    backtest: Annotated[
        Path | None, typer.Option("--backtest", metavar="FILE", help="回溯检验写出的 backtest.json，必需。")
    ] = None,
    listing: Annotated[
        Path | None,
        typer.Option("--listing", metavar="FILE", help="上架审查三关的答复；默认是模型文件夹里的 listing.yaml。"),
    ] = None,
    json: Json = False,
) -> ExitCode:
    """把一个模型打成签了名的包，供别的单位安装或者申请上架；另写一份上架申请材料的草稿。

    没有用例、法律依据、核实步骤、回溯检验或者三关答复的，逐项说明，不打包；没有答复表的，写出一份待填。
    """
    with watching() as progress:
        made = api.package_model(home(), model, key=key, backtest=backtest, out=out, listing=listing, progress=progress)
    if json:
        say_json(
            {**{name: getattr(made, name) for name in made.__slots__}, "like": [one.as_dict() for one in made.like]}
        )
        return ExitCode.DONE
    say(f"已打包 {made.archive}。")
    say(f"模型 {made.model} {made.version}，{made.cases}个用例全部通过；签名者 {made.signer}。")
    say(f"公钥指纹 {made.fingerprint}：请用另外的途径（当面、电话）告诉对方，供其核对。")
    kept = "上架申请材料已经有一份，没有改动" if made.material_kept else "上架申请材料的草稿，请填写标出的空白"
    say(f"{kept}：{made.material}。")
    if made.like:
        say("与本院其他模型相近之处（审查时会问）：")
    for one in made.like:
        for line in like_lines(one):
            say(line)
    if made.left_out:
        say(f"没有放进包里的文件：{'、'.join(made.left_out)}。")
    return ExitCode.DONE


_INSTALL = (
    "jianheng model install bail_deposit-1.1.0.jianheng.zip --check\n"
    "jianheng model install bail_deposit-1.1.0.jianheng.zip --replace"
)


def install(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="收到的模型包。")],
    trusting: Annotated[
        str, typer.Option("--trust", metavar="FINGERPRINT", help="向打包单位核对过的公钥指纹；以后信任这个公钥。")
    ] = "",
    replace: Annotated[bool, typer.Option("--replace", help="替换已有的同名模型；原来的留着，可以换回。")] = False,
    check: Annotated[bool, typer.Option("--check", help="只核对，不安装。")] = False,
    json: Json = False,
) -> ExitCode:
    """核对收到的模型包，再装进本院的包：谁签的名，有没有改动，要哪些表，和已有的模型有没有重复。

    签名者不在信任之列的不装；已有同名模型的，说明区别，不加 --replace 不替换。
    """
    with watching() as progress:
        report = api.install_model(
            home(), file, at=datetime.now(), progress=progress, trusting=trusting, replace=replace, only_check=check
        )
    if json:
        say_json(report.as_dict())
    else:
        for line in _report(report):
            say(line)
    return ExitCode.CHECK_FAILED if report.status == "needs_replace" else ExitCode.DONE


def _report(report: api.Installed) -> Iterator[str]:
    yield f"【{report.title}】{report.id} {report.version}"
    yield report.summary
    yield ""
    yield f"签名者：{report.signer}（公钥指纹 {report.fingerprint}）。文件完整，签名以后没有改动。"
    passed = "" if report.status == "already" else "在本机全部通过"
    yield f"内容：{report.rules}条规则，{report.cases}个用例{passed}。"
    yield "读哪些表："
    for table in report.tables:
        note = "" if table.here else "（本机原来没有这张表的定义，随模型带来）"
        note = "（本机的定义与打包单位的不同，按本机的；用例已全部通过）" if table.different else note
        yield f"  {table.title}（{table.table}）：{'、'.join(table.columns) or '用于关联'}{note}"
    lacking = "、".join(table.title for table in report.tables if not table.imported)
    yield f"本机还没有导入过数据的表：{lacking or '无'}。"
    if report.like:
        yield "与已有模型相近之处（供判断是否重复）："
    for one in report.like:
        yield from like_lines(one)
    if report.difference:
        yield f"与已有的 {report.id} {report.existing_version}（{report.existing}）的区别，－原有，＋新的："
        yield from section_lines(report.difference)
    yield ""
    yield f"{_OUTCOMES[report.status]}{f'：{report.folder}' if report.folder else ''}。"
    if report.status in ("installed", "replaced"):
        yield f"请先看 {report.folder}/models/{report.id}/README.md，再用 jianheng model explain {report.id} 逐条阅读。"
    if report.status == "replaced" and report.earlier:
        yield f"要换回原来的：jianheng model install {report.earlier[-1]} --replace"
    elif report.status == "replaced":
        yield f"要换回原来的：jianheng model uninstall {report.id}"


@keys.command(cls=HelpCommand, epilog="jianheng model key new 本院.key --name 示例市江北区人民检察院")
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="私钥写在这里，公钥写在同名的 .pub 文件。")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="本院全称；默认取 office.yaml 里的名称。")] = "",
    json: Json = False,
) -> ExitCode:
    """生成签名的密钥：私钥自己保管（0600，从不覆盖），公钥交给别的单位。"""
    made = api.new_signing_key(home(), file, name)
    if json:
        say_json({"private": str(file), "public": f"{file}.pub", **_key(made)})
        return ExitCode.DONE
    say(f"已生成私钥 {file} 和公钥 {file}.pub，属于{made.name}。")
    say(f"公钥指纹 {made.key.fingerprint}：请用另外的途径（当面、电话）告诉对方，供其核对。")
    say("私钥没有口令，谁拿到谁就能以本院名义签名：请放在加密的盘上，不要发给任何人，也不要放进数据文件夹。")
    return ExitCode.DONE


@keys.command(cls=HelpCommand, epilog="jianheng model key trust 某院.key.pub --fingerprint 3f2a-…")
def trust(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="对方的 .pub 文件，或者对方签名的模型包。")],
    fingerprint: Annotated[
        str, typer.Option("--fingerprint", metavar="FINGERPRINT", help="对方用另外的途径告诉您的公钥指纹。")
    ],
    json: Json = False,
) -> ExitCode:
    """信任一个公钥：以后它签名的模型包可以安装。指纹要先与对方逐位核对。"""
    one = api.trust_key(home(), file, fingerprint)
    if json:
        say_json(_key(one))
        return ExitCode.DONE
    say(f"已信任{one.name}的公钥 {one.key.fingerprint}。")
    return ExitCode.DONE


@keys.command("list", cls=HelpCommand, epilog="jianheng model key list")
def list_keys(json: Json = False) -> ExitCode:
    """列出受信任的公钥。"""
    found = api.trusted_keys(home())
    if json:
        say_json({"keys": [_key(one) for one in found]})
        return ExitCode.DONE
    say_table(("单位", "签名方式", "公钥指纹"), [(one.name, one.key.scheme, one.key.fingerprint) for one in found])
    return ExitCode.DONE


@keys.command(cls=HelpCommand, epilog="jianheng model key distrust 3f2a-…")
def distrust(fingerprint: Fingerprint, json: Json = False) -> ExitCode:
    """不再信任一个公钥；已经装上的模型不动。"""
    one = api.distrust_key(home(), fingerprint)
    if json:
        say_json(_key(one))
        return ExitCode.DONE
    say(f"不再信任{one.name}的公钥 {one.key.fingerprint}。已经装上的模型仍在用，不再用的请 jianheng model uninstall。")
    return ExitCode.DONE


def _key(one: api.TrustedKey) -> dict[str, str]:
    return {"name": one.name, "scheme": one.key.scheme, "fingerprint": one.key.fingerprint}
