"""What can go wrong, sorted by who can put it right.

    JianhengError
    ├── PackProblem    the author of a pack, term or model     (P…, T…, M…)
    ├── DataProblem    whoever supplied the files              (D…)
    ├── RunProblem     whoever runs the program                (R…)
    └── UsageProblem   whoever typed the command               (U…)

Author and data problems are collected as :class:`Problem` records and shown together; an operator's problem stops at
the first. Anything else that escapes is a bug of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where, and what to do about it.

    ``file`` is a path as the person named it; ``line`` and ``column`` are 1-based and belong to text files; ``sheet``
    and ``cell`` (``"C7"``, or ``"第12条"`` for a csv record) belong to tables. ``seen`` is the offending text, already
    masked if it may be personal data.
    """

    code: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    sheet: str = ""
    cell: str = ""
    seen: str = ""
    hint: str = ""

    def place(self) -> str:
        """The clickable place: ``file:line:column`` or ``file › sheet › cell``."""
        if self.line:
            return f"{self.file}:{self.line}:{self.column}"
        return " › ".join(part for part in (self.file, self.sheet, self.cell) if part)

    def __str__(self) -> str:
        place = self.place()
        text = f"{place} {self.code} {self.message}" if place else f"{self.code} {self.message}"
        return f"{text} {self.hint}" if self.hint else text

    def as_dict(self) -> dict[str, Any]:
        """The record for ``problems.jsonl`` and ``--json``: only the filled fields."""
        return {key: value for key, value in asdict(self).items() if value}


class JianhengError(Exception):
    """Base of all errors that are somebody's to put right; carries one or more problems."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems: tuple[Problem, ...] = problems


class PackProblem(JianhengError):
    """The content (pack, term, model) is wrong; every problem has a file, line and column."""


class DataProblem(JianhengError):
    """The supplied files cannot be used as asked."""


class RunProblem(JianhengError):
    """The run could not be carried out: engine, disk, memory, time."""


class UsageProblem(JianhengError):
    """The command or call was used wrongly."""


def raise_if_any(error: type[JianhengError], problems: Iterable[Problem]) -> None:
    """Raise ``error`` with all ``problems`` if there are any."""
    found = tuple(problems)
    if found:
        raise error(*found)
