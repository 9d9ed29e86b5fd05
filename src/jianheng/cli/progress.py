"""How far long work is, on stderr: a moving bar for a person, one line per step for a log."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jianheng.cli.render import tell
from jianheng.core import api

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


@contextmanager
def watching() -> Iterator[api.Progress]:
    """The progress of one command; the bar is gone when it ends."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    shown = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*shown, console=Console(stderr=True), transient=True) as bars:
        yield Bar(bars)


class Lines:
    """One line per step."""

    def step(self, title: str, total: int | None = None) -> None:
        tell(f"· {title}")

    def advance(self, count: int = 1) -> None: ...

    def note(self, text: str) -> None: ...

    def cancelled(self) -> bool:
        return False


class Bar:
    """A bar for the current step."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._task: TaskID | None = None
        self._title = ""

    def step(self, title: str, total: int | None = None) -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._title = title
        self._task = self._bars.add_task(title, total=total)

    def advance(self, count: int = 1) -> None:
        if self._task is not None:
            self._bars.advance(self._task, count)

    def note(self, text: str) -> None:
        if self._task is not None:
            self._bars.update(self._task, description=f"{self._title}（{text}）")

    def cancelled(self) -> bool:
        return False
