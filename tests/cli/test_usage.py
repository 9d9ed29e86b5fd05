"""Help, wrong usage, errors: in Chinese, in the right place, with the right exit code."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from jianheng.cli import main
from jianheng.cli.help_page import columns, fold
from jianheng.cli.main import app
from jianheng.cli.options import spread
from jianheng.core import api
from jianheng.core.api.working import workplace_of
from tests.cli.conftest import Said

Jianheng = Callable[..., Said]


def commands() -> list[tuple[str, ...]]:
    """Every command, as the words that call it."""
    program: Any = typer.main.get_command(app)
    return list(below(program, ()))


def below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The commands of a group, those of groups in it included; a single command itself."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield words
        return
    for name, one in inner.items():
        yield from below(one, (*words, name))


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_help_is_chinese_and_ends_with_examples(jianheng: Jianheng, words: tuple[str, ...]) -> None:
    said = jianheng(*words, "--help")
    assert said.code == 0
    assert said.out.startswith(f"用法：jianheng {' '.join(words)}")
    assert f"示例：\n  jianheng {' '.join(words)}" in said.out
    assert "--json" in said.out
    assert not {"Usage", "Options", "Show this message"} & set(said.out.replace(":", " ").split())


def test_every_option_and_argument_is_explained() -> None:
    program: Any = typer.main.get_command(app)
    for words in commands():
        command = program
        for word in words:
            command = command.commands[word]
        assert [one.name for one in command.params if not one.help] == [], words


def test_help_names_a_default_only_where_there_is_one(jianheng: Jianheng) -> None:
    assert "（默认" not in jianheng("model", "install", "--help").out
    assert "（默认 duckdb）" in jianheng("screen", "--help").out


def test_without_a_command_the_help_goes_to_stderr(jianheng: Jianheng) -> None:
    said = jianheng()
    assert (said.code, said.out) == (2, "")
    assert "命令：" in said.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("sceen",), "没有命令「sceen」"),
        (("screen",), "缺少 MODEL|all"),
        (("screen", "all", "--data", "x", "--out", "y"), "缺少 --as-of"),
        (("model", "list", "--jsn"), "没有选项 --jsn"),
        (("sandbox", "build", "x", "--cases", "many"), "--cases 的值不合要求"),
        (("model", "list", "more"), "多了内容：more"),
        (("screen", "all", "--data"), "选项 --data 后面要写值"),
        (("model", "show", "bail_deposite"), "没有模型「bail_deposite」"),
        (("serve",), "尚未提供"),
        (
            ("screen", "all", "--data", "x", "--as-of", "2025-06-30", "--out", "y", "--spark-remote", "sc://x"),
            "U108 --spark-remote 不能这样用",
        ),
        (("model", "test", "--engine", "sqlite"), "没有引擎「sqlite」"),
        (("model", "explain", "bail_deposit", "nothing"), "没有规则「nothing」"),
        (("sandbox", "build", "x", "--mess", "4"), "0至3"),
        (("screen", "all", "--data", "x", "--as-of", "30.6.2025", "--out", "y"), "--as-of 应是日期"),
        (("screen", "all", "--data", "x", "--as-of", "2025-06-30", "--out", "y", "--param", "k"), "名称=值"),
        (("screen", "all", "--data", "no such", "--as-of", "2025-06-30", "--out", "y"), "no such U104 没有这个文件"),
        (
            ("screen", "all", "--data", ".", "--as-of", "2025-06-30", "--out", "y", "--coverage", "."),
            ". U104 这是一个文件夹，应是覆盖期文件（YAML）。 请写到其中那一个文件。",
        ),
        (("model", "install", "no such.zip"), "no such.zip U104 没有这个文件，应是模型包"),
        (
            ("model", "package", "bail_deposit", "--key", ".", "--out", "y"),
            ". U104 读不了密钥文件：这是一个文件夹。",
        ),
    ],
)
def test_wrong_usage_is_said_in_chinese_on_stderr(
    jianheng: Jianheng, home: Path, words: tuple[str, ...], message: str
) -> None:
    said = jianheng(*words)
    assert (said.code, said.out) == (2, "")
    assert message in said.err
    assert "Traceback" not in said.err


def test_with_json_problems_are_the_one_document(jianheng: Jianheng, home: Path) -> None:
    said = jianheng("model", "show", "bail_deposite", "--json")
    assert said.code == 2
    (problem,) = said.document["problems"]
    assert problem["code"] == "U201"
    assert "bail_deposit" in problem["hint"]
    assert said.err == ""


def test_a_bug_is_one_line_and_a_log_without_personal_numbers(
    jianheng: Jianheng, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: object) -> None:
        raise ZeroDivisionError("99010119900506011X")

    monkeypatch.setattr(main, "spread", fault)
    said = jianheng("model", "list")
    assert said.code == 3
    assert said.err.count("\n") == 1
    assert "ZeroDivisionError" in said.err
    (log,) = (home / "tmp").glob("error-*.log")
    assert str(log) in said.err
    text = log.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "99010119900506011X" not in text
    assert log.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("module", "code"),
    [
        pytest.param("docx.shared", "X002", id="a package that is not installed"),
        pytest.param("jianheng.core.gone", "X001", id="a part of our own"),
        pytest.param("numpy", "X001", id="a package that we said we need not"),
    ],
)
def test_a_package_that_is_not_installed_is_named_and_how_to_bring_it(
    jianheng: Jianheng, home: Path, monkeypatch: pytest.MonkeyPatch, module: str, code: str
) -> None:
    def lacking(*_: object) -> None:
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)

    monkeypatch.setattr(main, "spread", lacking)
    said = jianheng("model", "list")
    assert said.code == 3
    assert said.err.startswith(code)
    assert ("缺少程序需要的 Python 包 docx" in said.err and "make setup" in said.err) == (code == "X002")


def test_ctrl_c_ends_cleanly(jianheng: Jianheng, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "spread", interrupted)
    said = jianheng("model", "list")
    assert (said.code, said.out, said.err) == (130, "", "已停止。\n")


def test_an_option_of_several_values_may_be_written_once_or_often() -> None:
    once = spread(["screen", "all", "--data", "a", "b", "c", "--as-of", "d", "--json"])
    often = spread(["screen", "all", "--data", "a", "--data", "b", "--data", "c", "--as-of", "d", "--json"])
    assert once == often


@given(st.lists(st.text(st.characters(exclude_characters="-", categories=("L", "N")), min_size=1), min_size=1))
def test_no_value_is_lost_or_moved_when_values_are_spread(values: list[str]) -> None:
    words = spread(["--data", *values, "--out", "x", "y"])
    assert words == [*(part for value in values for part in ("--data", value)), "--out", "x", "y"]


@given(st.text(st.sampled_from("检察监督 abc-d，。（）x1")), st.integers(20, 60))
def test_folding_loses_nothing_and_keeps_the_width(text: str, width: int) -> None:
    lines = fold(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    longest = max(len(word) for word in text.split(" ")) if text.strip() else 0
    punctuation = sum(2 for mark in text if mark in "，。）")
    assert all(columns(line) <= max(width, 2 * longest) + punctuation for line in lines)


@pytest.mark.parametrize("typed", ["viel", "2", "-1GB", "0GB", "2TB", "1.5GB"])
def test_a_bound_on_memory_that_is_no_size_is_refused(
    jianheng: Jianheng, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.setenv("JIANHENG_MEMORY", typed)
    said = jianheng("model", "list")
    assert said.code == 2
    assert "U124" in said.err and typed in said.err and "512MB" in said.err


@pytest.mark.parametrize(("given", "bound"), [({}, "2GB"), ({"JIANHENG_MEMORY": "512MB"}, "512MB")])
def test_engines_are_bound_by_the_memory_that_the_environment_names(given: dict[str, str], bound: str) -> None:
    assert workplace_of(api.Home.named_by({"JIANHENG_HOME": "office", **given})).memory == bound
