"""Help in Chinese: usage, what the command does, arguments, options, commands, examples.

Widths are counted in columns of the terminal, where a Chinese character takes two.
"""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from typer.core import TyperCommand, TyperGroup

_PIECE = re.compile(r"[!-~]+|\s+|.")
_NEVER_FIRST = frozenset("，。；：、）】」”？！")
_WIDEST = 100


class HelpCommand(TyperCommand):
    """A command whose help is written here."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(help_page(self, ctx))


class HelpGroup(TyperGroup):
    """A group of commands whose help is written here."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(help_page(self, ctx))


def help_page(command: Any, ctx: Any) -> str:
    """The help of ``command``."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    parameters = [one for one in command.get_params(ctx) if not getattr(one, "hidden", False)]
    arguments = [one for one in parameters if one.param_type_name == "argument"]
    options = [one for one in parameters if one.param_type_name == "option"]
    commands = {name: one for name, one in getattr(command, "commands", {}).items() if not one.hidden}
    text = (command.help or "").strip()
    sections = [
        [f"用法：{ctx.command_path} {_usage(arguments, options, bool(commands))}".rstrip()],
        [line for paragraph in text.splitlines() for line in fold(paragraph, width)],
        _section("参数", [(_shown(one), _about(one)) for one in arguments], width),
        _section("选项", [(_shown(one), _about(one)) for one in options], width),
        _section("命令", [(name, _first_line(one.help)) for name, one in commands.items()], width),
        ["示例："] + [f"  {line}" for line in command.epilog.strip().splitlines()] if command.epilog else [],
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if any(lines)) + "\n"


def fold(text: str, width: int, indent: int = 0) -> list[str]:
    """``text`` in lines of at most ``width`` columns, the second and further ones indented. No word is cut."""
    lines, line, used = [], "", indent
    for piece in _PIECE.findall(text):
        size = columns(piece)
        if line and used + size > width and piece not in _NEVER_FIRST:
            lines.append(line.rstrip())
            line, used = "", indent
            if piece.isspace():
                continue
        line, used = line + piece, used + size
    lines.append(line.rstrip())
    return [lines[0], *(" " * indent + one for one in lines[1:])]


def columns(text: str) -> int:
    """How many columns of a terminal ``text`` takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _section(title: str, rows: list[tuple[str, str]], width: int) -> list[str]:
    if not rows:
        return []
    left = min(max(columns(name) for name, _ in rows) + 4, 34)
    return [f"{title}：", *(line for name, about in rows for line in _entry(name, about, left, width))]


def _entry(name: str, about: str, left: int, width: int) -> Iterator[str]:
    head = f"  {name}"
    lines = fold(about, width, left)
    if columns(head) + 2 > left:
        yield head
        yield " " * left + lines[0]
    else:
        yield head + " " * (left - columns(head)) + lines[0]
    yield from lines[1:]


def _usage(arguments: Iterable[Any], options: Iterable[Any], has_commands: bool) -> str:
    words = ["命令"] if has_commands else []
    words += [_name(one) if one.required else f"[{_name(one)}]" for one in arguments]
    words += [_shown(one) for one in options if one.required]
    return " ".join([*words, "[选项]"])


def _name(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _shown(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return _name(parameter)
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    return names if parameter.is_flag else f"{names} {_name(parameter)}"


def _about(parameter: Any) -> str:
    if "--help" in parameter.opts:
        return "显示本说明。"
    about = parameter.help or ""
    if parameter.required:
        about += "（必填）" if parameter.param_type_name == "option" else ""
    elif default := _default(parameter):
        about += f"（默认 {default}）"
    return about


def _default(parameter: Any) -> str:
    """What stands for an option that was not given; empty where nothing does, and for a flag."""
    value = parameter.default
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _first_line(text: str | None) -> str:
    return (text or "").strip().split("\n", 1)[0]
