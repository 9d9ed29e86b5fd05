"""Options that several commands share, and the values people type into them."""

from __future__ import annotations

import getpass
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from jianheng.core import api

Json = Annotated[bool, typer.Option("--json", help="在标准输出只写一个 JSON 文档，供程序读取。")]
Data = Annotated[
    list[Path],
    typer.Option("--data", metavar="PATH...", help="数据文件或文件夹，可写多个，也可重复本选项。按表头识别各表。"),
]
Mapping = Annotated[
    Path | None,
    typer.Option("--mapping", metavar="FILE", help="填好的 mapping.yaml，用于程序拿不准的表和列。"),
]

SEVERAL = frozenset({"--data", "--param", "--model", "--against", "--snapshot", "--subject", "--vary"})


def home() -> api.Home:
    """The office's folder, as the environment names it."""
    return api.Home.named_by(os.environ)


def login() -> str:
    """Who is logged in; empty where the system does not say."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def spread(words: Sequence[str]) -> list[str]:
    """``--data a b c`` as ``--data a --data b --data c``: up to the next option, every word is a value."""
    result: list[str] = []
    option, first = "", False
    for word in words:
        if word.startswith("-") and word != "-":
            option, first = (word if word in SEVERAL else ""), True
            result.append(word)
        elif option and not first:
            result += [option, word]
        else:
            first = False
            result.append(word)
    return result


def read_day(text: str, option: str) -> date:
    """A date as typed. Raises UsageProblem (U105)."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        hint = "写法如 2025-06-30。"
        raise api.UsageProblem(api.Problem("U105", f"{option} 应是日期，看到「{text}」。", hint=hint)) from None


def read_params(pairs: Sequence[str]) -> dict[str, str]:
    """``K=V`` as typed. Raises UsageProblem (U106)."""
    problems = [
        api.Problem("U106", f"--param 应写成 名称=值，看到「{pair}」。", hint="例如 --param refund_grace_days=30。")
        for pair in pairs
        if not all(pair.partition("="))
    ]
    if problems:
        raise api.UsageProblem(*problems)
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def require_engine(engine: str, spark_remote: str = "") -> None:
    """Raises UsageProblem (U107 no such engine, U108 an address that is not for it or not one of Spark Connect)."""
    if spark_remote and (engine != "spark" or not spark_remote.startswith("sc://")):
        hint = "写法如 --engine spark --spark-remote sc://主机:15002。"
        raise api.UsageProblem(api.Problem("U108", f"--spark-remote 不能这样用：「{spark_remote}」。", hint=hint))
    if engine not in ("duckdb", "spark"):
        raise api.UsageProblem(api.Problem("U107", f"没有引擎「{engine}」。", hint="可用：duckdb、spark。"))
