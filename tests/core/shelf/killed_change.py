"""Install or remove a model in a process of its own and be killed (SIGKILL) before the n-th change to the packs.

``python -m tests.core.shelf.killed_change HOME N install FILE`` or ``… uninstall MODEL``
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jianheng.core import api
from tests.core.shelf.author import receive, remove

CHANGES = ("mkdir", "chmod", "fsync", "rename", "replace")
DELETIONS = ("unlink", "rmdir")
"""Changes too, but an installation only deletes what it worked with."""


def main(home: str, number: str, verb: str, what: str) -> None:
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

    for name in CHANGES if verb == "install" else (*CHANGES, *DELETIONS):
        setattr(os, name, deadly(getattr(os, name)))
    if verb == "install":
        receive(api.Home(Path(home)), Path(what), replace=True)
    else:
        remove(api.Home(Path(home)), what)


if __name__ == "__main__":
    main(*sys.argv[1:])
