"""Run ``screen`` or ``intake`` of a village in a process of its own and be killed (SIGKILL) at a chosen moment.

``python -m tests.story.killed_run screen|intake FOLDER progress|replace|rename|never N``
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jianheng.core import api
from tests.story.village import AS_OF, STARTED, Place


class _Dying(api.Silent):
    """Progress whose listener shoots the process at its n-th word."""

    def __init__(self, left: int) -> None:
        self.left = left

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def step(self, title: str, total: int | None = None) -> None:
        self._count()

    def advance(self, count: int = 1) -> None:
        self._count()


def _deadly(name: str, left: int, folder: Path) -> Callable[..., Any]:
    """A function of ``os`` that is never carried out the n-th time that something is to be put into ``folder``."""
    real, calls = getattr(os, name), [left]

    def call(source: Any, target: Any) -> Any:
        calls[0] -= Path(target).parent == folder
        if calls[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(source, target)

    return call


def main(what: str, folder: str, moment: str, number: str) -> None:
    place = Place(Path(folder))
    if moment in ("replace", "rename"):
        to = place.out if moment == "replace" else place.home.folder / "snapshots"
        setattr(os, moment, _deadly(moment, int(number), to))
    progress = _Dying(int(number)) if moment == "progress" else api.Silent()
    if what == "intake":
        api.intake(place.home, [place.data], as_of=AS_OF, progress=progress, out=place.out)
    else:
        api.screen(
            place.home,
            ["bail_deposit"],
            [place.data],
            as_of=AS_OF,
            out=place.out,
            started_at=STARTED,
            progress=progress,
            coverage=place.coverage,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
