"""Starts the reading process without libraries it has no use for.

Arrow loads numpy and pandas wherever they are installed, and pandas alone takes longer to load than a county takes to
read. Only a process of our own may be told that they are not there.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

_NOT_NEEDED = ("numpy", "pandas")


class _Missing(MetaPathFinder):
    """Finds that certain packages are not installed."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if fullname in _NOT_NEEDED:
            raise ModuleNotFoundError(f"{fullname} is not needed here", name=fullname)


def main() -> None:
    """Serve until standard input ends."""
    sys.meta_path.insert(0, _Missing())
    from jianheng.core.ingest.worker import main as serve

    serve()


if __name__ == "__main__":
    main()
