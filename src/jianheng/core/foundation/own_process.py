"""For processes of our own: libraries they have no use for are, to them, not installed.

Arrow loads numpy and pandas wherever they are found, and pandas alone takes longer to load than a county takes to read.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType


class _Missing(MetaPathFinder):
    """Finds that certain packages are not installed."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if fullname in self._names:
            raise ModuleNotFoundError(f"{fullname} is not needed here", name=fullname)


def do_without(*names: str) -> None:
    """Make importing any of ``names`` fail in this process from now on; only the start of a program may say so."""
    sys.meta_path.insert(0, _Missing(frozenset(names)))
