"""Hiding names of persons: the surname stays, 某 stands for the rest (张某某)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from jianheng.core.fields.name_kind import known_surnames

HIDDEN = "某"
_MOST_HIDDEN = 2
_CACHE = 1 << 14


@lru_cache(_CACHE)
def mask_person_name(name: str) -> str:
    """``张某某``, ``张某``, ``欧阳某``; a name of another form keeps its first character."""
    if len(name) < 2:
        return HIDDEN if name else ""
    surname = name[:2] if len(name) > 2 and name[:2] in known_surnames() else name[0]
    return surname + HIDDEN * min(len(name) - len(surname), _MOST_HIDDEN)


def mask_names(text: str, masked: Mapping[str, str]) -> str:
    """``text`` with every one of the names replaced by what is to be shown for it, longer names first."""
    for name in sorted(masked, key=lambda one: (-len(one), one)):
        text = text.replace(name, masked[name])
    return text
