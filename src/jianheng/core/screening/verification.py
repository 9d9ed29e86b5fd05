"""Verify: clues re-derived from the original files, on any machine, by re-running what ``run.json`` recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from jianheng.core.catalogue.coverage import TableCoverage
from jianheng.core.catalogue.snapshot import Snapshot, destroyed_record
from jianheng.core.compiler.compile import compile_model
from jianheng.core.engine.locked import EngineLimits, LockedDuckdbEngine
from jianheng.core.foundation.errors import Problem, UsageProblem
from jianheng.core.foundation.identity import hash_file
from jianheng.core.foundation.progress import Progress
from jianheng.core.ingest.mapping import read_mapping
from jianheng.core.legal_time.calendar import Calendar
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.cited_rows import CitedRows
from jianheng.core.screening.clues import ClueContext, build_clues
from jianheng.core.screening.comparison import Clue, ClueCheck, Comparison, FilesToday, State
from jianheng.core.screening.evidence_table import Sources
from jianheng.core.screening.import_data import Workplace, link_up, take_in
from jianheng.core.screening.model_run import run_model
from jianheng.core.screening.pipeline import RUN_RECORD, read_jsonl
from jianheng.core.screening.request import read_parameters
from jianheng.core.screening.tables import run_inputs
from jianheng.core.terms.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """``run``: the run record, by default the one beside the clues."""

    clues: Path
    data: Sequence[Path]
    workplace: Workplace
    models: Sequence[SupervisionModel]
    run: Path | None = None
    mapping: Path | None = None


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """All checks, changed files that altered no clue, and what else is not as it was at the run."""

    checks: tuple[ClueCheck, ...]
    changed_without_effect: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def count(self, state: State) -> int:
        """How many clues are in ``state``."""
        return sum(check.state == state for check in self.checks)


def verify(request: VerifyRequest, lexicon: Lexicon, progress: Progress) -> VerifyReport:
    """Check every clue of ``request.clues``.

    Raises UsageProblem (U111 no run record, U112 not our clues, U113 the run had a mapping that is not given now).
    """
    record = _read_record(request)
    clues = _read_clues(request.clues)
    mapping = read_mapping(request.mapping, lexicon) if request.mapping else None
    calendar = request.workplace.calendar()
    with request.workplace.scratch() as scratch:
        snapshot = take_in(request.data, lexicon, request.workplace, scratch, progress, mapping, lasting=False)
        found = _run_again(record, snapshot, request, lexicon, calendar, scratch, progress)
        comparison = Comparison(
            FilesToday(record["files"], snapshot),
            CitedRows(snapshot, scratch, request.workplace),
            found.clues,
            found.unable,
            {model.id: model for model in request.models},
        )
        checks = tuple(comparison.check(clue) for clue in clues)
        notes = [*_calendar_note(record, calendar), *_destroyed_note(snapshot, lexicon, request.workplace)]
        return VerifyReport(checks, comparison.changed_without_effect(checks), tuple(notes))


def _read_record(request: VerifyRequest) -> dict[str, Any]:
    path = request.run or request.clues.parent / RUN_RECORD
    if not path.is_file():
        hint = "run.json 与 clues.jsonl 在同一次筛查中写出；请放在一起，或用 --run 指明。"
        raise UsageProblem(Problem("U111", "没有找到运行记录 run.json，无法复核。", file=str(path), hint=hint))
    try:
        record = orjson.loads(path.read_bytes())
        record["as_of"], record["coverage"], record["calendar"]["digest"], record["calendar"]["published_to"]
        [file["tables"] for file in record["files"]], [model["terms"] for model in record["models"]]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise UsageProblem(Problem("U111", "这不是本程序写出的运行记录，或者文件不完整。", file=str(path))) from None
    wanted, given = record.get("mapping"), request.mapping
    if wanted and (given is None or hash_file(given) != wanted):
        hint = "请用 --mapping 给出当时的那一份对照文件。"
        raise UsageProblem(Problem("U113", "当时的筛查用了表头对照文件，现在没有给出或者不是同一份。", hint=hint))
    return dict(record)


def _read_clues(path: Path) -> list[Clue]:
    try:
        clues = list(read_jsonl(path))
        for clue in clues:
            clue["clue_id"], clue["facts_hash"], clue["evidence"], clue["flags"], clue["names_masked"]
    except (orjson.JSONDecodeError, KeyError, TypeError, OSError):
        hint = "请给出筛查写出的 clues.jsonl。"
        raise UsageProblem(Problem("U112", "这不是线索文件，或者文件不完整。", file=str(path), hint=hint)) from None
    if not path.is_file():
        raise UsageProblem(Problem("U112", "没有这个文件。", file=str(path)))
    return clues


def _calendar_note(record: dict[str, Any], calendar: Calendar) -> Iterator[str]:
    """Deadlines are counted by the calendar of today: a year published since only makes them surer."""
    then = record["calendar"]
    if then["digest"] != calendar.digest:
        known = f"当时收录至{then['published_to']}，现在收录至{calendar.last_published}"
        yield f"节假日安排与当时不同（{known}），期满日期按现在的安排推算。"


def _destroyed_note(snapshot: Snapshot, lexicon: Lexicon, workplace: Workplace) -> Iterator[str]:
    """Data destroyed here are looked at again for as long as this takes, and no longer."""
    record = destroyed_record(snapshot.landing, lexicon, workplace.snapshots)
    if record:
        when = f"{record['destroyed_at'][:10]}销毁（{record['reason']}）"
        yield f"本机导入的这批数据已于{when}，本次用给出的原始文件复核，只临时读取，没有重新保存。"


def _changed_terms(recorded: dict[str, str], lexicon: Lexicon) -> list[str]:
    """Titles of the tables of which something else is said today."""
    return [
        lexicon.tables[name].title if name in lexicon.tables else name
        for name, digest in recorded.items()
        if name not in lexicon.tables or lexicon.digest(name) != digest
    ]


@dataclass(frozen=True, slots=True)
class _Found:
    """The clues the files give today, by id, and models that cannot be re-run with the reason."""

    clues: dict[str, Clue]
    unable: dict[str, str]


def _run_again(
    record: dict[str, Any],
    snapshot: Snapshot,
    request: VerifyRequest,
    lexicon: Lexicon,
    calendar: Calendar,
    scratch: Path,
    progress: Progress,
) -> _Found:
    as_of = date.fromisoformat(record["as_of"])
    coverage = {
        name: TableCoverage.from_dict(one) for name, one in record["coverage"].items() if name in snapshot.tables
    }
    tables = link_up(snapshot, lexicon, request.workplace, as_of, coverage, scratch, progress)
    by_id = {model.id: model for model in request.models}
    clues: dict[str, Clue] = {}
    unable: dict[str, str] = {}
    limits = EngineLimits(memory=request.workplace.memory, threads=request.workplace.threads)
    with LockedDuckdbEngine(tables.folders(), scratch / "engine", limits) as engine:
        tables.lay_out(engine, calendar)
        for recorded in record["models"]:
            model = by_id.get(recorded["id"])
            if model is None:
                unable[recorded["id"]] = f"本机没有模型 {recorded['id']}"
                continue
            if model.digest != recorded["digest"]:
                unable[model.id] = f"本机的模型是 {model.spec.version} 版，内容与当时（{recorded['version']} 版）不同"
                continue
            if changed := _changed_terms(recorded["terms"], lexicon):
                unable[model.id] = f"本机对这些表的定义或所用代码表与当时不同：{'、'.join(changed)}"
                continue
            params = read_parameters([model], recorded["params"])[model.id]
            sources = Sources({f.number: f for f in snapshot.files}, {s.number: s for s in snapshot.sheets})
            context = ClueContext(as_of, params, (snapshot.hash,), sources, "", {})
            plan = compile_model(model, run_inputs(model, tables, as_of, params))
            for rule, outcome in run_model(model, plan, engine, progress):
                for batch in build_clues(model, rule, outcome, tables, context, engine):
                    clues |= {clue["clue_id"]: clue for clue in batch.records()}
    return _Found(clues, unable)
