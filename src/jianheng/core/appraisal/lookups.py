"""Who was looked up, for which clue or case: a list that is only ever added to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jianheng.core.foundation.durable import append_line, private_folder
from jianheng.core.foundation.errors import Problem, UsageProblem

LOOKUPS = "lookups.jsonl"
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Lookup:
    """One look-up. ``reference``: the clue or case it is made for; ``subject``: column -> what was asked, masked.

    ``at`` is local time without zone.
    """

    at: datetime
    by: str
    reference: str
    subject: Mapping[str, str]


def record_lookup(home: Path, lookup: Lookup) -> Path:
    """Write ``lookup`` down; it is on disk when this returns. The list.

    Raises UsageProblem (U431) for a reference that names nothing.
    """
    if len(lookup.reference.strip()) < _SHORTEST:
        hint = "请写线索编号、案号或者受理登记的编号，如 --for 示检控申〔2025〕12号。"
        message = f"--for 应写明为哪一条线索或者哪一件案件查询，看到「{lookup.reference}」。"
        raise UsageProblem(Problem("U431", message, hint=hint))
    path = private_folder(home) / LOOKUPS
    record = {
        "at": lookup.at.isoformat(timespec="seconds"),
        "by": lookup.by,
        "for": lookup.reference.strip(),
        "subject": dict(lookup.subject),
    }
    append_line(path, record)
    return path
