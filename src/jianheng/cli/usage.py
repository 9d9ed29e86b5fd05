"""What the parser of the command line complains about, in the words and the form of all other problems."""

from __future__ import annotations

from typing import Any

from jianheng.core import api


def usage_problem(error: Any) -> api.Problem:
    """One complaint of the parser as a problem (U101)."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "jianheng"
    return api.Problem("U101", _message(error), hint=f"用法见 {path} --help。")


def missing_package(module: str) -> api.Problem:
    """A Python package that the program needs and that is not installed (X002)."""
    hint = (
        "安装不完整，或者有一部分被删去了：请在程序的文件夹里重新运行 make setup；"
        "没有 make 的，运行 python -m pip install -c constraints.txt . 。"
    )
    return api.Problem("X002", f"缺少程序需要的 Python 包 {module.partition('.')[0]}。", hint=hint)


def is_bare(error: Any) -> bool:
    """Whether a group was called without a command: its help is the answer."""
    return type(error).__name__ == "NoArgsIsHelpError"


def _message(error: Any) -> str:
    kind = type(error).__name__
    if kind == "NoSuchOption":
        near = "、".join(sorted(error.possibilities or ()))
        return f"没有选项 {error.option_name}。" + (f"是否想写 {near}？" if near else "")
    if kind == "MissingParameter":
        names = "、".join(error.param.opts) if error.param.param_type_name == "option" else error.param.metavar
        return f"缺少 {names}。"
    if kind == "BadParameter":
        parameter = error.param
        name = "/".join(parameter.opts) if parameter and parameter.param_type_name == "option" else ""
        value = _quoted(error.message)
        return f"{name} 的值「{value}」不合要求。" if value else f"{name} 的值不合要求。"
    if kind == "BadOptionUsage":
        takes = "does not take" in error.message
        return f"选项 {error.option_name} 后面{'不能写' if takes else '要写'}值。"
    if error.message.startswith("No such command"):
        known = "、".join(getattr(error.ctx.command, "commands", {}))
        return f"没有命令「{_quoted(error.message)}」。可用的命令：{known}。"
    if error.message.startswith("Got unexpected extra"):
        return f"多了内容：{error.message.partition(') (')[2].removesuffix(')') or error.message}。"
    if error.message.startswith("Missing command"):
        return "缺少命令。"
    return str(error.message)


def _quoted(text: str) -> str:
    """The first quoted word of a message."""
    parts = text.split("'")
    return parts[1] if len(parts) > 2 else ""
