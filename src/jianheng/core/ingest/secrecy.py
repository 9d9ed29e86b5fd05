"""Classification marks 密级: a file that carries one is refused and listed; state secrets stay out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from jianheng.core.ingest.headings import squeezed

_LEVEL = "绝密|机密|秘密"
_STAR = "[★☆*]"
_TERM = r"(?:[0-9]+(?:年|个月|月)|长期)?"
_CELL = re.compile(rf"^(?:密级[:]?)?(?:{_LEVEL})级?(?:{_STAR}{_TERM}|\({_TERM}\)|{_TERM})$")
_STARRED = re.compile(rf"(?:{_LEVEL})级?[★☆]")
_NAME_PARTS = re.compile(r"[\s_\-—·.,，、()（）【】\[\]〔〕{}]+")


def secrecy_mark(texts: Iterable[str], *, starred: bool = False) -> str | None:
    """The first text that is a mark (``机密★5年``, ``绝密``), not one that merely has the words (商业秘密).

    ``starred``: only marks written with their star.
    """
    for text in texts:
        plain = squeezed(text)
        if len(plain) <= 60 and (_STARRED.search(plain) or (not starred and _CELL.match(plain))):
            return plain
    return None


def secrecy_in_name(name: str) -> str | None:
    """The mark in a file or sheet name: ``绝密_台账.xlsx``, ``台账（机密★1年）.xls``; 商业秘密案件.xlsx has none."""
    return secrecy_mark(part for part in (name, *_NAME_PARTS.split(name)) if part)
