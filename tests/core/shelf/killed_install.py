"""Install a package in a process of its own and be killed (SIGKILL) before the n-th change to the office's packs.

``python -m tests.core.shelf.killed_install HOME FILE N``
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jianheng.core import api
from tests.core.shelf.author import receive

CHANGES = ("mkdir", "chmod", "fsync", "rename", "replace")


def main(home: str, file: str, number: str) -> None:
    left, packs = [int(number)], str(Path(home) / "packs")
    begun: list[bool] = []

    def deadly(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if begun or any(str(one).startswith(packs) for one in arguments):
                begun.append(True)
                left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **named)

        return call

    for name in CHANGES:
        setattr(os, name, deadly(getattr(os, name)))
    receive(api.Home(Path(home)), Path(file), replace=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
