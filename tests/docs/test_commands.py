"""Every `jianheng` command and option that a document names exists, and every command is named in the README."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from jianheng.cli.main import app
from tests.docs.test_documents import DOCUMENTS, READMES, in_code, named

# A command as typer builds it; groups of commands have `commands`. (typer brings its own click, so no type is named.)
PROGRAM: Any = typer.main.get_command(app)


def below(command: Any) -> dict[str, Any]:
    """The commands of a group; nothing for a single command."""
    return dict(getattr(command, "commands", {}))


def resolve(words: list[str]) -> tuple[Any, list[str]]:
    """The command that ``words`` lead to, and what is left of them."""
    command = PROGRAM
    while words and words[0] in below(command):
        command, words = below(command)[words[0]], words[1:]
    return command, words


def calls(document: Path) -> list[list[str]]:
    pieces = [piece.removeprefix("$ ") for piece in in_code(document.read_text(encoding="utf-8"))]
    return [piece.split()[1:] for piece in pieces if re.match(r"jianheng [a-z]", piece)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_command_and_option_that_is_named_exists(document: Path) -> None:
    for words in calls(document):
        command, rest = resolve(words)
        assert not below(command) or not rest, words
        options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert {word.partition("=")[0] for word in rest if word.startswith("--")} <= options | {"--help"}, words


def test_every_command_is_named_in_the_readme() -> None:
    nouns = {name for name, command in below(PROGRAM).items() if not command.hidden}  # hidden: not built yet
    assert {"screen", "verify", "intake", "sandbox", "model", "demo"} <= nouns
    text = READMES[0].read_text(encoding="utf-8")
    assert {noun for noun in nouns if f"jianheng {noun}" not in text} == set()
