"""What a command puts on the screen: tables and JSON on stdout, problems on stderr. Personal numbers are masked."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from jianheng.cli.help_page import columns
from jianheng.core import api

NOTHING = "—"
"""Stands in a table where there is nothing to tell."""

AT_LEAST = "至少"
"""Stands before a sum that a part is missing from."""


def say(text: str = "") -> None:
    """One line of the result, on stdout."""
    sys.stdout.write(text + "\n")


def tell(text: str) -> None:
    """One line beside the result, on stderr."""
    sys.stderr.write(text + "\n")


def say_json(document: Any) -> None:
    """The one JSON document of a command, on stdout."""
    say(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def say_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on stdout; numbers stand to the right. Nothing is cut: a pipe wants all of it."""
    body = [["" if cell is None else api.mask_text(str(cell)) for cell in row] for row in rows]
    lines = [list(headings), *body]
    widths = [max(columns(line[index]) for line in lines) for index in range(len(headings))]
    right = [bool(body) and all(_is_number(row[index]) for row in body) for index in range(len(headings))]
    for line in lines:
        cells = [
            " " * (width - columns(cell)) + cell if at_right else cell + " " * (width - columns(cell))
            for cell, width, at_right in zip(line, widths, right, strict=True)
        ]
        say("  ".join(cells).rstrip())


def show_problems(problems: Sequence[api.Problem], *, as_json: bool) -> None:
    """Problems as lines on stderr, or as the JSON document of a command that failed."""
    if as_json:
        say_json({"problems": [problem.as_dict() for problem in problems]})
        return
    for problem in problems:
        tell(str(problem))


def _is_number(text: str) -> bool:
    number = text.removeprefix(AT_LEAST).replace(",", "").replace(".", "", 1)
    return text == NOTHING or (number.isascii() and number.isdigit())
