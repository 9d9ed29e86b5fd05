"""The reading process: takes jobs on standard input, one JSON line each, and answers on standard output.

It exists because a hostile workbook can make a reader abort or ask for all memory: then this process dies, not ours. It
imports no more than reading needs.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from jianheng.core.ingest import explain
from jianheng.core.ingest.context import Context
from jianheng.core.ingest.headings import KnownHeadings, TableHeads
from jianheng.core.ingest.limits import Limits
from jianheng.core.ingest.one_file import Landed, land_file, nothing_landed
from jianheng.core.ingest.wishes import Wishes


def main() -> None:
    """Serve until standard input ends."""
    answers = _own_output()
    setup = json.loads(sys.stdin.readline())
    limits = Limits(**setup["limits"])
    _limit_memory(limits.memory)
    heads = [heads_from_dict(item) for item in setup["heads"]]
    known = KnownHeadings(heads)
    gc.freeze()  # what was loaded stays
    gc.disable()  # collecting among millions of cells costs more than reading them
    for line in sys.stdin:
        gc.collect()
        landed = _serve(json.loads(line), heads, known, limits, answers)
        _answer(
            answers, {"sheets": [s.to_dict() for s in landed.sheets], "problems": [asdict(p) for p in landed.problems]}
        )


def heads_to_dict(heads: TableHeads) -> dict[str, Any]:
    """JSON-like values."""
    return asdict(heads) | {"money": sorted(heads.money)}


def heads_from_dict(data: dict[str, Any]) -> TableHeads:
    """The inverse of :func:`heads_to_dict`."""
    names, required = tuple(data["names"]), tuple(data["required"])
    return TableHeads(**data | {"names": names, "required": required, "money": frozenset(data["money"])})


def _serve(
    job: dict[str, Any], heads: list[TableHeads], known: KnownHeadings, limits: Limits, answers: TextIO
) -> Landed:
    path = Path(job["path"])
    wishes = Wishes.from_list(job["wishes"])
    context = Context(
        folder=Path(job["folder"]),
        file=job["file"],
        name=job["name"],
        stem=path.stem,
        tag=job["tag"],
        heads=heads,
        known=known,
        next_number=job["next_number"],
        limits=limits,
        wish=wishes.for_sheet,
        alive=lambda rows: _answer(answers, {"rows": rows}),
    )
    try:
        return land_file(path, context)
    except MemoryError:
        return nothing_landed(context, explain.too_large(context.name, "读取所需内存超过上限"))


def _answer(answers: TextIO, value: dict[str, Any]) -> None:
    answers.write(json.dumps(value, ensure_ascii=True) + "\n")
    answers.flush()


def _own_output() -> TextIO:
    """Keep the pipe to ourselves: whatever a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return answers


def _limit_memory(size: int) -> None:
    """Bound the address space where the system knows how; elsewhere a failed allocation ends the process too."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    bound = size if hard == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(resource.RLIMIT_AS, (bound, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
