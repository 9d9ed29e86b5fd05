"""Screen, verify, take in: what a face asks for by names and paths."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from jianheng.core.api.content import ALL, load_lexicon, load_models
from jianheng.core.api.home import Home
from jianheng.core.api.working import workplace_of
from jianheng.core.foundation.errors import Problem, UsageProblem, raise_if_any
from jianheng.core.foundation.named_file import named_file_problem
from jianheng.core.foundation.progress import Progress
from jianheng.core.screening import intake as taking_in
from jianheng.core.screening import pipeline, verification
from jianheng.core.screening.intake import IntakeReport, IntakeRequest
from jianheng.core.screening.request import ScreenReport, ScreenRequest
from jianheng.core.screening.verification import VerifyReport, VerifyRequest

_FILES = {
    "clues": "筛查写出的 clues.jsonl",
    "coverage": "覆盖期文件（YAML）",
    "mapping": "填好的 mapping.yaml",
    "previous": "前次筛查写出的 clues.xlsx",
    "confirmed": "已属实对象的清单（csv 或者 xlsx）",
}
"""What each file that a command takes should be."""


def screen(
    home: Home,
    wanted: Sequence[str],
    data: Sequence[Path],
    *,
    as_of: date,
    out: Path,
    started_at: datetime,
    progress: Progress,
    params: Mapping[str, str] | None = None,
    coverage: Path | None = None,
    mapping: Path | None = None,
    previous: Path | None = None,
    hints: bool = False,
    funnel: bool = False,
    engine: str = "duckdb",
    spark_remote: str = "",
) -> ScreenReport:
    """Screen ``data`` with the models that ``wanted`` names and write the results to ``out``.

    ``engine``: ``duckdb`` or ``spark``, the latter on this machine or at ``spark_remote`` (``sc://…``).
    Raises UsageProblem, PackProblem, DataProblem or RunProblem; then nothing in ``out`` has changed.
    """
    require_files(data, coverage=coverage, mapping=mapping, previous=previous)
    require_out(out)
    lexicon = load_lexicon(home)
    request = ScreenRequest(
        models=load_models(home, wanted, lexicon),
        data=data,
        as_of=as_of,
        out=out,
        workplace=workplace_of(home),
        started_at=started_at,
        params=params or {},
        coverage=coverage,
        mapping=mapping,
        previous=previous,
        hints=hints,
        funnel=funnel,
        engine=engine,
        spark_remote=spark_remote,
    )
    return pipeline.screen(request, lexicon, progress)


def intake(
    home: Home,
    data: Sequence[Path],
    *,
    as_of: date,
    progress: Progress,
    out: Path | None = None,
    mapping: Path | None = None,
) -> IntakeReport:
    """Take ``data`` in without screening; with ``out`` also write what was found. ``as_of`` ends inferred coverage."""
    require_files(data, mapping=mapping)
    if out:
        require_out(out)
    request = IntakeRequest(data=data, as_of=as_of, workplace=workplace_of(home), out=out, mapping=mapping)
    return taking_in.intake(request, load_lexicon(home), progress)


def verify(
    home: Home,
    clues: Path,
    data: Sequence[Path],
    *,
    progress: Progress,
    run: Path | None = None,
    mapping: Path | None = None,
    wanted: Sequence[str] = (ALL,),
) -> VerifyReport:
    """Derive every clue of ``clues`` again from ``data``. ``wanted`` names the models that may have made them."""
    require_files(data, mapping=mapping, clues=clues)
    lexicon = load_lexicon(home)
    request = VerifyRequest(
        clues=clues,
        data=data,
        workplace=workplace_of(home),
        models=load_models(home, wanted, lexicon),
        run=run,
        mapping=mapping,
    )
    return verification.verify(request, lexicon, progress)


def require_out(out: Path) -> None:
    """Before any work: whether results can be written there. Raises UsageProblem (U110)."""
    place = out
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        hint = "请换一个文件夹。"
        seen = "不是文件夹" if not place.is_dir() else "没有写入的权限"
        raise UsageProblem(Problem("U110", f"结果写不进这里：{place} {seen}。", file=str(out), hint=hint))


def require_files(data: Sequence[Path], **files: Path | None) -> None:
    """Raises UsageProblem (U104) naming everything of ``data`` that is not there and all ``files`` that are none."""
    problems = [Problem("U104", "没有这个文件或文件夹。", file=str(path)) for path in data if not path.exists()]
    given = [(path, _FILES[name]) for name, path in files.items() if path]
    problems += [found for path, wanted in given if (found := named_file_problem(path, wanted))]
    raise_if_any(UsageProblem, problems)
