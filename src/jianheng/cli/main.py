"""``jianheng``: the commands, and what happens when one fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from jianheng.cli import demo, intake, model, model_proof, model_shelf, sandbox, screen, serve, usage, verify
from jianheng.cli.exit_codes import ExitCode
from jianheng.cli.help_page import HelpCommand, HelpGroup
from jianheng.cli.options import home, spread
from jianheng.cli.render import say, show_problems, tell
from jianheng.core import api

_RUN_RECORD_MISSING = "U111"

_SPARED = ("numpy", "pandas")
"""Packages that a screening has no use for, and that Arrow would load."""

app = typer.Typer(
    cls=HelpGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="jianheng demo\njianheng screen all --data 数据文件夹 --as-of 2025-06-30 --out 结果文件夹",
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        say(f"jianheng {version('jianheng')}")
        raise typer.Exit


@app.callback()
def _jianheng(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="显示版本。")] = False,
) -> None:
    """检衡：把各单位的表格放在一起对照，发现法律监督线索，每条线索都能查到单元格。

    退出码：0 完成（发现疑似问题也是完成）；1 检查未通过；2 用法有误或者尚未提供；3 没有规则可以运行或者无法复核。
    """


app.command(cls=HelpCommand, epilog=demo.EXAMPLES)(demo.demo)
app.command(cls=HelpCommand, epilog=screen.EXAMPLES)(screen.screen)
app.command(cls=HelpCommand, epilog=verify.EXAMPLES)(verify.verify)
app.command(cls=HelpCommand, epilog=intake.EXAMPLES)(intake.intake)
app.add_typer(sandbox.app, name="sandbox")
model_shelf.add_to(model.app)
model_proof.register(model.app)
app.add_typer(model.app, name="model")
app.command(cls=HelpCommand, epilog=serve.EXAMPLES, hidden=True)(serve.serve)  # help lists what works


def main() -> None:
    """The program: run ``sys.argv`` and exit."""
    if not any("spark" in word for word in sys.argv[1:]):  # PySpark does not start without them
        api.do_without(*_SPARED)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.exit(run(sys.argv[1:]))


def run(words: Sequence[str]) -> int:
    """Run one command line and give its exit code. Our own errors are shown, never thrown."""
    as_json = "--json" in words
    try:
        program: Any = typer.main.get_command(app)  # typer brings its own click, whose types have no public name
        result = program.main(spread(words), prog_name="jianheng", standalone_mode=False)
        sys.stdout.flush()
        if result == ExitCode.INTERRUPTED:
            tell("已停止。")
        return int(result or 0)
    except api.JianhengError as error:
        show_problems(error.problems, as_json=as_json)
        return _code_of(error, words)
    except (KeyboardInterrupt, typer.Abort):
        tell("已停止。")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except typer.TyperException as error:
        if usage.is_bare(error):
            tell(str(error).rstrip())
        else:
            show_problems([usage.usage_problem(error)], as_json=as_json)
        return ExitCode.WRONG_USAGE
    except ModuleNotFoundError as error:
        if not _is_missing(error.name or ""):
            return _unexpected(error, as_json=as_json)
        show_problems([usage.missing_package(error.name or "")], as_json=as_json)
        return ExitCode.NOTHING_RAN
    except Exception as error:  # noqa: BLE001  a bug of ours: one line for the person, the trace for whoever mends it
        return _unexpected(error, as_json=as_json)


def _code_of(error: api.JianhengError, words: Sequence[str]) -> ExitCode:
    if any(problem.code == _RUN_RECORD_MISSING for problem in error.problems):
        return ExitCode.NOTHING_RAN
    if isinstance(error, api.UsageProblem):
        return ExitCode.WRONG_USAGE
    if isinstance(error, api.PackProblem) and words[:1] == ["model"]:
        return ExitCode.CHECK_FAILED
    return ExitCode.NOTHING_RAN


def _is_missing(module: str) -> bool:
    """Whether a module that was not found is somebody else's and not there; one of our own is a bug."""
    top = module.partition(".")[0]
    return bool(top) and top != "jianheng" and top not in _SPARED and top not in sys.stdlib_module_names


def _unexpected(error: Exception, *, as_json: bool) -> ExitCode:
    import traceback
    from datetime import datetime

    trace = api.mask_text("".join(traceback.format_exception(error)))
    try:
        path = home().temporary() / f"error-{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.log"
        path.write_text(trace, encoding="utf-8")
        path.chmod(0o600)
        where = f"经过已记入 {path}。"
    except OSError:
        where = "经过未能记下（文件夹不可写）。"
    hint = where + "请核对其中没有案件内容后，把它交给本程序的维护人员。"
    show_problems([api.Problem("X001", f"程序内部出错（{type(error).__name__}）。", hint=hint)], as_json=as_json)
    return ExitCode.NOTHING_RAN


if __name__ == "__main__":
    main()
