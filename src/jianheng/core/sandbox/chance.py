"""Chance that can be had again: every part of a county draws from its own stream, named by seed and place."""

from __future__ import annotations

import zlib
from random import Random


def dice(*names: object) -> Random:
    """A stream of its own for ``names``; the same names give the same stream on every machine."""
    return Random("/".join(str(name) for name in names))


def stable_number(text: str) -> int:
    """A number that belongs to ``text``, the same in every run (``hash`` is not)."""
    return zlib.crc32(text.encode("utf-8"))
