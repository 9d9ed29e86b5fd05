"""Verify: clues re-derived from the original files, on any machine, by re-running what ``run.json`` recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import orjson

from jianheng.core.catalogue.coverage import TableCoverage
from jianheng.core.catalogue.snapshot import Snapshot
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.engine.locked import EngineLimits, LockedDuckdbEngine
from jianheng.core.fields.masking import mask_text
from jianheng.core.foundation.errors import Problem, UsageProblem
from jianheng.core.foundation.progress import Progress
from jianheng.core.ingest.mapping import read_mapping
from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.compiler.compile import compile_model
from jianheng.core.screening.clues import ClueContext, build_clues
from jianheng.core.screening.evidence import Sources
from jianheng.core.screening.import_data import Workplace, link_up, take_in
from jianheng.core.screening.pipeline import RUN_RECORD, read_jsonl
from jianheng.core.screening.request import read_parameters
from jianheng.core.screening.model_run import run_model
from jianheng.core.screening.tables import run_inputs
from jianheng.core.terms.lexicon import Lexicon

State = Literal["same", "different", "cannot"]
Clue = dict[str, Any]


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
class CellChange:
    """One cited cell that no longer says what it said (masked)."""

    file: str
    sheet: str
    address: str
    title: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ClueCheck:
    """What became of one clue."""

    clue_id: str
    model: str
    rule: str
    rule_title: str
    subject: dict[str, str]
    state: State
    message: str
    changes: tuple[CellChange, ...] = ()


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """All checks, and changed files that altered no clue."""

    checks: tuple[ClueCheck, ...]
    changed_without_effect: tuple[str, ...]

    def count(self, state: State) -> int:
        """How many clues are in ``state``."""
        return sum(check.state == state for check in self.checks)


def verify(request: VerifyRequest, lexicon: Lexicon, progress: Progress) -> VerifyReport:
    """Check every clue of ``request.clues``. Raises UsageProblem (U111 no run record, U112 not our clues)."""
    record = _read_record(request)
    clues = _read_clues(request.clues)
    mapping = read_mapping(request.mapping, lexicon) if request.mapping else None
    with request.workplace.scratch() as scratch:
        snapshot = take_in(request.data, lexicon, request.workplace, scratch, progress, mapping)
        found = _run_again(record, snapshot, request, lexicon, scratch, progress)
        comparison = _Comparison(record, snapshot, found, scratch, request.workplace)
        checks = tuple(comparison.check(clue, request.models) for clue in clues)
        return VerifyReport(checks, comparison.changed_without_effect(checks))


def _read_record(request: VerifyRequest) -> dict[str, Any]:
    path = request.run or request.clues.parent / RUN_RECORD
    if not path.is_file():
        hint = "run.json 与 clues.jsonl 在同一次筛查中写出；请放在一起，或用 --run 指明。"
        raise UsageProblem(Problem("U111", "没有找到运行记录 run.json，无法复核。", file=str(path), hint=hint))
    try:
        record = orjson.loads(path.read_bytes())
        record["models"], record["as_of"], record["coverage"], record["files"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise UsageProblem(Problem("U111", "这不是本程序写出的运行记录，或者文件不完整。", file=str(path))) from None
    return dict(record)


def _read_clues(path: Path) -> list[Clue]:
    try:
        clues = list(read_jsonl(path))
        for clue in clues:
            clue["clue_id"], clue["facts_hash"], clue["evidence"]
    except (orjson.JSONDecodeError, KeyError, TypeError, OSError):
        hint = "请给出筛查写出的 clues.jsonl。"
        raise UsageProblem(Problem("U112", "这不是线索文件，或者文件不完整。", file=str(path), hint=hint)) from None
    if not path.is_file():
        raise UsageProblem(Problem("U112", "没有这个文件。", file=str(path)))
    return clues


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
        tables.lay_out(engine, default_calendar())
        for recorded in record["models"]:
            model = by_id.get(recorded["id"])
            if model is None:
                unable[recorded["id"]] = f"本机没有模型 {recorded['id']}"
                continue
            if model.digest != recorded["digest"]:
                unable[model.id] = f"本机的模型是 {model.spec.version} 版，内容与当时（{recorded['version']} 版）不同"
                continue
            params = read_parameters([model], recorded["params"])[model.id]
            sources = Sources({f.number: f for f in snapshot.files}, {s.number: s for s in snapshot.sheets})
            context = ClueContext(as_of, params, (snapshot.hash,), sources, "", {})
            plan = compile_model(model, run_inputs(model, tables, as_of, params))
            for rule, outcome in run_model(model, plan, engine, progress):
                clues |= {clue["clue_id"]: clue for clue in build_clues(model, rule, outcome, tables, context, engine)}
    return _Found(clues, unable)


@dataclass(slots=True)
class _Comparison:
    """Finds the files of a clue today: by hash, else by name, else through the rows of the same clue."""

    record: dict[str, Any]
    snapshot: Snapshot
    found: _Found
    scratch: Path
    workplace: Workplace
    _raw: dict[tuple[str, int], dict[str, dict[int, dict[str, str | None]]]] = field(default_factory=dict)

    def check(self, clue: Clue, models: Sequence[SupervisionModel]) -> ClueCheck:
        unable = self.found.unable.get(clue["model"])
        if unable:
            return _check(clue, "cannot", unable)
        now = self.found.clues.get(clue["clue_id"])
        changes = tuple(self._changes(clue, now))
        if changes:
            still = "线索仍成立" if now else "线索不再成立"
            return _check(clue, "different", f"引用的单元格有变动，{still}", changes)
        if now is None:
            missing = [row["file"] for row in clue["evidence"] if self._file(row) is None]
            if missing:
                return _check(clue, "cannot", f"没有找到原始文件：{'、'.join(sorted(set(missing)))}")
            return _check(clue, "different", "不再成立：现有数据下该对象已不属于疑似问题")
        if now["facts_hash"] != clue["facts_hash"]:
            return _check(clue, "different", "事实有变：作为依据的记录有增减")
        return _check(clue, "same", "与原始文件一致")

    def changed_without_effect(self, checks: Sequence[ClueCheck]) -> tuple[str, ...]:
        """Names of files that are there with other bytes although no clue differs because of them."""
        today = {file.name: file.hash for file in self.snapshot.files}
        hashes = set(today.values())
        blamed = {change.file for check in checks for change in check.changes}
        changed = [
            file["name"]
            for file in self.record["files"]
            if file["hash"] not in hashes and today.get(file["name"], file["hash"]) != file["hash"]
        ]
        return tuple(sorted(name for name in changed if name not in blamed))

    def _file(self, row: Mapping[str, Any]) -> int | None:
        """The number of the file a row stands in today."""
        for file in self.snapshot.files:
            if file.hash == row["hash"]:
                return file.number
        name = Path(row["file"]).name
        exact = [file for file in self.snapshot.files if file.name == row["file"]]
        named = exact or [file for file in self.snapshot.files if Path(file.name).name == name]
        return named[0].number if len(named) == 1 else None

    def _changes(self, clue: Clue, now: Clue | None) -> Iterator[CellChange]:
        unchanged = {file.hash for file in self.snapshot.files}
        for row in clue["evidence"]:
            if row["hash"] in unchanged:
                continue
            number = self._file(row)
            today = self._row(row["table"], number, row["sheet"], row["row"]) if number is not None else None
            if today is None:
                yield from _moved(row, now)
                continue
            for name, cell in row["cells"].items():
                new = today.get(name)
                if (new or "") != (cell["raw"] or ""):
                    yield CellChange(
                        row["file"],
                        row["sheet"],
                        cell["address"],
                        cell["title"],
                        mask_text(cell["raw"] or ""),
                        mask_text(new or ""),
                    )

    def _row(self, table: str, file: int, sheet: str, row: int) -> dict[str, str | None] | None:
        """The raw texts of one row of a changed file, read once per table and file."""
        if table not in self.snapshot.tables:
            return None
        key = (table, file)
        if key not in self._raw:
            self._raw[key] = self._read(table, file)
        sheets = self._raw[key]
        if sheet not in sheets and len(sheets) == 1:  # a renamed sheet
            sheet = next(iter(sheets))
        return sheets.get(sheet, {}).get(row)

    def _read(self, table: str, file: int) -> dict[str, dict[int, dict[str, str | None]]]:
        names = {sheet.number: sheet.sheet for sheet in self.snapshot.sheets}
        result: dict[str, dict[int, dict[str, str | None]]] = {}
        with DuckdbEngine(self.scratch / "spill", memory=self.workplace.memory) as engine:
            engine.view("rows", [self.snapshot.source(table)])
            for batch in engine.stream(f"SELECT * FROM rows WHERE file = {file}", step="读取变动的文件"):
                for record in batch.to_pylist():
                    result.setdefault(names[record["sheet"]], {})[record["row"]] = record
        return result


def _moved(row: Mapping[str, Any], now: Clue | None) -> Iterator[CellChange]:
    """A row whose file or place is gone: compared with the rows the same clue cites today."""
    if now is None:
        return
    rows = [other for other in now["evidence"] if other["table"] == row["table"]]
    wanted = {name: cell["raw"] or "" for name, cell in row["cells"].items()}
    candidates = [{name: cell["raw"] or "" for name, cell in other["cells"].items()} for other in rows]
    if wanted in candidates or not candidates:
        return
    nearest = max(candidates, key=lambda other: sum(other.get(name) == text for name, text in wanted.items()))
    for name, text in wanted.items():
        new = nearest.get(name, "")
        if new != text:
            cell = row["cells"][name]
            yield CellChange(
                row["file"], row["sheet"], cell["address"], cell["title"], mask_text(text), mask_text(new)
            )


def _check(clue: Clue, state: State, message: str, changes: tuple[CellChange, ...] = ()) -> ClueCheck:
    return ClueCheck(
        clue["clue_id"],
        clue["model"],
        clue["rule"],
        clue.get("rule_title", clue["rule"]),
        clue["subject"],
        state,
        message,
        changes,
    )
