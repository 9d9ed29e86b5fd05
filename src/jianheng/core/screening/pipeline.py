"""Screen: files in, verified places out. Everything is written aside; ``run.json`` comes last and names the rest."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, BinaryIO

import orjson

from jianheng.core.catalogue.snapshot import Snapshot
from jianheng.core.compiler.compile import ModelPlan, compile_model
from jianheng.core.engine.locked import EngineLimits, LockedDuckdbEngine
from jianheng.core.engine.port import Engine
from jianheng.core.fields.masking import mask_text
from jianheng.core.foundation.durable import private_folder
from jianheng.core.foundation.identity import hash_file
from jianheng.core.foundation.progress import Progress
from jianheng.core.ingest.landed import LandedSheet, SourceFile
from jianheng.core.ingest.mapping import read_mapping, unsure_sheets
from jianheng.core.legal_time.calendar import Calendar
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.clues import ClueBatch, ClueContext, build_clues
from jianheng.core.screening.evidence_table import Sources
from jianheng.core.screening.expiry import declare, destroy_expired, read_kept_until
from jianheng.core.screening.import_data import coverage_of, link_up, take_in
from jianheng.core.screening.leftovers import clear_abandoned, clock_of, working_folder
from jianheng.core.screening.listing import links_of, problems_of, unlinked_of
from jianheng.core.screening.mapping_draft import BESIDE_A_MAPPING, write_draft
from jianheng.core.screening.model_run import run_model
from jianheng.core.screening.office import read_office
from jianheng.core.screening.previous import PreviousClue, read_previous
from jianheng.core.screening.problem_book import write_problem_book
from jianheng.core.screening.protected_problems import with_flags
from jianheng.core.screening.protection import LASTING
from jianheng.core.screening.recheck import Recheck, recheck_rule
from jianheng.core.screening.request import ScreenReport, ScreenRequest, check_as_of, read_parameters
from jianheng.core.screening.run import RuleOutcome
from jianheng.core.screening.second_partners import SECOND_PARTNER, DataFault, second_partners_of
from jianheng.core.screening.summary import RuleSummary
from jianheng.core.screening.summing import Tally, missing_columns, summarise
from jianheng.core.screening.tables import RunTables, run_inputs
from jianheng.core.screening.workbook import write_workbook
from jianheng.core.screening.workbook_input import FileLine, WorkbookInput
from jianheng.core.terms.lexicon import Lexicon

RUN_RECORD = "run.json"
_STREAMS = {"clue": "clues.jsonl", "conflict": "clues.jsonl", "list": "lists.jsonl", "hint": "hints.jsonl"}


def screen(request: ScreenRequest, lexicon: Lexicon, progress: Progress) -> ScreenReport:
    """Run ``request`` and write its results to ``request.out``.

    Raises DataProblem, PackProblem, RunProblem or UsageProblem; then nothing in ``out`` has changed.
    """
    check_as_of(request.as_of)
    params = read_parameters(request.models, request.params)
    previous = read_previous(request.previous) if request.previous else {}
    mapping = read_mapping(request.mapping, lexicon) if request.mapping else None
    entries = read_kept_until(request.coverage, lexicon, request.started_at)
    calendar = request.workplace.calendar()
    for record in destroy_expired(request.workplace, request.started_at):
        progress.note(f"保存期限届满，已销毁：{'、'.join(file['name'] for file in record['files'])}")
    with request.workplace.scratch() as scratch:
        snapshot = take_in(request.data, lexicon, request.workplace, scratch, progress, mapping)
        declare(snapshot, entries, request.workplace, request.started_at)
        coverage = coverage_of(snapshot.tables, lexicon, request.as_of, request.coverage)
        tables = link_up(snapshot, lexicon, request.workplace, request.as_of, coverage, scratch, progress)
        run = ScreenRun(request, lexicon, snapshot, tables, params, previous, progress, calendar)
        with writing_results(request.out, RUN_RECORD, stale=[*_STREAMS.values(), BESIDE_A_MAPPING]) as aside:
            record = run.write(aside, scratch)
            draft = write_draft(aside, request.out, snapshot.landing, lexicon)
    unsure = len(unsure_sheets(snapshot.landing))
    return ScreenReport(request.out, tuple(run.summaries), record, run.ran, unsure, draft)


@contextmanager
def writing_results(out: Path, record: str, stale: Collection[str] = ()) -> Iterator[Path]:
    """A folder to write all results to; on success they replace those in ``out``, the file ``record`` last.

    Between the removal of the old record and the arrival of the new one there is none: results without their record
    are unfinished, whoever reads them. Results named in ``stale`` are removed if they were not written this time.
    """
    private_folder(out)
    clear_abandoned(out.glob(".*.part"), clock_of(out))
    with working_folder(out / f".{uuid.uuid4().hex[:8]}.part") as aside:
        results = aside / "results"
        results.mkdir(mode=0o700)
        yield results
        names = sorted(file.name for file in results.iterdir() if file.name != record)
        for name in [*names, record]:
            os.chmod(results / name, 0o600)
            with (results / name).open("rb") as stream:
                os.fsync(stream.fileno())
        (out / record).unlink(missing_ok=True)
        for name in set(stale) - set(names):
            (out / name).unlink(missing_ok=True)
        for name in [*names, record]:
            os.replace(results / name, out / name)


@dataclass(slots=True)
class ScreenRun:
    """The state of one run."""

    request: ScreenRequest
    lexicon: Lexicon
    snapshot: Snapshot
    tables: RunTables
    params: Mapping[str, Mapping[str, object]]
    previous: Mapping[str, PreviousClue]
    progress: Progress
    calendar: Calendar
    summaries: list[RuleSummary] = field(default_factory=list)
    plans: list[ModelPlan] = field(default_factory=list)
    rules: list[dict[str, Any]] = field(default_factory=list)
    rechecks: list[Recheck] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    doubled: dict[DataFault, None] = field(default_factory=dict)
    engine_version: str = ""
    ran: bool = False

    def write(self, folder: Path, scratch: Path) -> dict[str, Any]:
        """Everything into ``folder``; the run record."""
        started = perf_counter()
        with self._engine(scratch / "engine") as engine:
            self.engine_version = engine.version
            self.tables.lay_out(engine, self.calendar)
            with ClueFiles(folder, hints=self.request.hints) as files:
                for model in self.request.models:
                    self._model(model, engine, files)
            self.progress.step("写出关联结果")
            write_jsonl(folder / "links.jsonl", links_of(self.tables, self.snapshot, engine, self.request.as_of))
            problems = with_flags(self._problems(), self.snapshot, self.lexicon, engine, self.request.as_of)
            write_jsonl(folder / "problems.jsonl", problems)
            self.progress.step("写出工作簿")
            self._workbook(folder, engine)
        write_problem_book(folder / "problems.xlsx", read_jsonl(folder / "problems.jsonl"))
        record = self._record(folder, perf_counter() - started)
        (folder / RUN_RECORD).write_bytes(orjson.dumps(record, option=orjson.OPT_INDENT_2))
        return record

    def _engine(self, temp: Path) -> Engine:
        """The engine that the rules run on; files are read, chained and linked by the embedded one in any case."""
        if self.request.engine == "spark":
            from jianheng.core.engine.spark_engine import SparkEngine
            from jianheng.core.engine.spark_small import FEW_ROWS, SmallSparkEngine

            memory, remote = self.request.workplace.memory, self.request.spark_remote
            if not remote and sum(self.tables.prepared.rows.values()) <= FEW_ROWS:
                return SmallSparkEngine(temp, memory=memory)
            return SparkEngine(temp, memory=memory, remote=remote)
        limits = EngineLimits(memory=self.request.workplace.memory, threads=self.request.workplace.threads)
        return LockedDuckdbEngine(self.tables.folders(), temp, limits)

    def _model(self, model: SupervisionModel, engine: Engine, files: ClueFiles) -> None:
        params = self.params.get(model.id, {})
        wanted = {rule.id for rule in model.spec.rules if rule.kind != "hint" or self.request.hints}
        inputs = run_inputs(model, self.tables, self.request.as_of, params, engine.dialect, funnel=self.request.funnel)
        plan = compile_model(model, inputs, wanted)
        self.plans.append(plan)
        context = self._context(params)
        before = {clue.rule for clue in self.previous.values() if clue.model in ("", model.id)}
        outcomes = run_model(
            model,
            plan,
            engine,
            self.progress,
            funnel=self.request.funnel,
            name_undecided=lambda rule: bool(before & {rule.id, *rule.continues}),
        )
        for rule, outcome in outcomes:
            tally = Tally()
            for batch in build_clues(model, rule, outcome, self.tables, context, engine):
                files.add(batch)
                tally.add(batch)
            if before & {rule.id, *rule.continues}:
                self.rechecks.append(recheck_rule(model, rule, self.previous, tally.ids, outcome, engine))
            self.doubled |= dict.fromkeys(second_partners_of(model, outcome, self.snapshot, engine))
            self.ran = self.ran or outcome.plan is not None
            self.summaries.append(summarise(model, rule, outcome, tally, self.tables))
            self.rules.append(_rule_record(model, outcome) | ({"flags": dict(tally.flags)} if tally.flags else {}))

    def _context(self, params: Mapping[str, object]) -> ClueContext:
        sources = Sources(
            {file.number: file for file in self.snapshot.files}, {sheet.number: sheet for sheet in self.snapshot.sheets}
        )
        decisions = {
            clue_id: (clue.facts_hash, {"outcome": clue.outcome, "note": clue.note})
            for clue_id, clue in self.previous.items()
            if clue.outcome
        }
        flagged = {
            clue_id: tuple(flag for flag in clue.flags if flag in LASTING) for clue_id, clue in self.previous.items()
        }
        office = read_office(self.request.workplace.home)
        return ClueContext(self.request.as_of, params, (self.snapshot.hash,), sources, office, decisions, flagged)

    def _workbook(self, folder: Path, engine: Engine) -> None:
        head = WorkbookInput(
            models=tuple(model.spec.title for model in self.request.models),
            as_of=self.request.as_of,
            office=read_office(self.request.workplace.home),
            summaries=tuple(self.summaries),
            files=tuple(self._file_lines()),
            notes=tuple(self._notes()),
        )
        write_workbook(
            folder / "clues.xlsx",
            head,
            read_jsonl(folder / "clues.jsonl"),
            read_jsonl(folder / "lists.jsonl"),
            read_jsonl(folder / "hints.jsonl"),
            unlinked_of(self.tables, self.snapshot, engine, self.request.as_of),
            read_jsonl(folder / "problems.jsonl"),
        )

    def _problems(self) -> Iterator[dict[str, Any]]:
        """What could not be read, then rows that are more than there should be."""
        yield from problems_of(self.snapshot)
        for fault in self.doubled:
            yield fault.record()

    def _file_lines(self) -> Iterator[FileLine]:
        for file in self.snapshot.files:
            sheets = [sheet for sheet in self.snapshot.sheets if sheet.file == file.number]
            tables = sorted({self.lexicon.tables[sheet.table].title for sheet in sheets if sheet.table})
            rows = sum(sheet.counts.get("data", 0) for sheet in sheets)
            yield FileLine(file.name, file.hash, len(sheets), rows, "、".join(tables))

    def _notes(self) -> Iterator[str]:
        """What the tables cover that the models read, in their order, and what of them belongs to nobody."""
        read = dict.fromkeys(table for model in self.request.models for table in model.spec.tables.values())
        for name in read:
            title, coverage = self.lexicon.tables[name].title, self.tables.coverage.get(name)
            if coverage is None or not self.lexicon.tables[name].coverage_on:
                continue
            how = "（按数据推定）" if coverage.inferred else ""
            yield f"{title}的数据覆盖{how}：{coverage.in_words()}{'。' + coverage.note if coverage.note else ''}"
        for name, count in sorted(self.tables.prepared.orphans.items()):
            if count and name in read:
                yield f"{self.lexicon.tables[name].title}有{count}行既无文书号也无姓名、身份证号，不能归属到人"
        if unsure := unsure_sheets(self.snapshot.landing):
            yield f"有{len(unsure)}个工作表没有认出或者不能确定，未采用；填好结果文件夹中的 mapping.yaml 后可重新筛查"
        for recheck in self.rechecks:
            yield recheck.text
        for name, columns in sorted(missing_columns(self.request.models, self.tables).items()):
            lacking = f"{self.lexicon.tables[name].title}缺少的列：{'、'.join(columns)}（涉及这些列的判断为数据不足）"
            yield lacking + _unmapped(sheet for sheet in self.snapshot.sheets if sheet.table == name)

    def _record(self, folder: Path, seconds: float) -> dict[str, Any]:
        outputs = {file.name: hash_file(file) for file in sorted(folder.iterdir())}
        return {
            "format": 1,
            "started_at": self.request.started_at.isoformat(timespec="seconds"),
            "seconds": round(seconds, 2),
            "peak_memory_mb": peak_memory(),
            "as_of": self.request.as_of.isoformat(),
            "engine": {"name": self.request.engine, "version": self.engine_version},
            "models": [
                {
                    "id": model.id,
                    "version": model.spec.version,
                    "digest": model.digest,
                    "plan": plan.digest,
                    "plan_text": plan_text(plan),
                    "params": {key: str(value) for key, value in self.params.get(model.id, {}).items()},
                    "terms": terms_of(model),
                }
                for model, plan in zip(self.request.models, self.plans, strict=True)
            ],
            "calendar": {"published_to": self.calendar.last_published.isoformat(), "digest": self.calendar.digest},
            "hints": self.request.hints,
            "snapshots": [self.snapshot.hash],
            "mapping": hash_file(self.request.mapping) if self.request.mapping else None,
            "files": [self._file_record(file) for file in self.snapshot.files],
            "tables": {name: profile.rows for name, profile in sorted(self.snapshot.tables.items())},
            "coverage": {name: one.to_dict() for name, one in sorted(self.tables.coverage.items())},
            "orphans": self.tables.prepared.orphans,
            "linked": self.tables.prepared.steps,
            "rules": self.rules,
            "previous": [recheck.as_dict() for recheck in self.rechecks],
            "missing_columns": missing_columns(self.request.models, self.tables),
            "problems": self._problem_counts(),
            "outputs": outputs,
        }

    def _problem_counts(self) -> dict[str, int]:
        counts = dict(self.snapshot.problem_counts)
        return counts | {SECOND_PARTNER: len(self.doubled)} if self.doubled else counts

    def _file_record(self, file: SourceFile) -> dict[str, Any]:
        tables = {sheet.table for sheet in self.snapshot.sheets if sheet.file == file.number and sheet.table}
        return {"name": file.name, "hash": file.hash, "size": file.size, "tables": sorted(tables)}


def _unmapped(sheets: Iterable[LandedSheet]) -> str:
    """The headings among which what is missing may stand under another name, and what to do; empty for none."""
    texts = dict.fromkeys(mask_text(heading.text) for sheet in sheets for heading in sheet.unmapped)
    if not texts:
        return ""
    return f"；没有认出的标题：{'、'.join(texts)}。其中有缺少的列的，在 mapping.yaml 写明是哪一列，或者改成列名，再筛查"


class ClueFiles:
    """The JSONL files of a run, one per audience; every file is there even if nothing was found."""

    def __init__(self, folder: Path, *, hints: bool) -> None:
        names = ["clues.jsonl", "lists.jsonl", *(["hints.jsonl"] if hints else [])]
        self._streams: dict[str, BinaryIO] = {name: (folder / name).open("wb") for name in names}

    def add(self, batch: ClueBatch) -> None:
        """Write clues where they belong."""
        self._streams[_STREAMS[batch.kind]].write(batch.text())

    def __enter__(self) -> ClueFiles:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in self._streams.values():
            stream.close()


def write_jsonl(path: Path, records: Iterator[dict[str, Any]]) -> None:
    """One record a line."""
    with path.open("wb") as stream:
        for record in records:
            stream.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a JSONL file; none if it is not there."""
    if not path.is_file():
        return
    with path.open("rb") as stream:
        for line in stream:
            yield orjson.loads(line)


def plan_text(plan: ModelPlan) -> str:
    """The whole plan as text an auditor can read."""
    parts = [f"-- {statement.title}\n{statement.sql};" for statement in plan.facts]
    for rule in plan.rules:
        for statement in (*rule.before, rule.population, rule.possible, rule.verdicts, rule.hits, rule.evidence):
            parts.append(f"-- {statement.title}\n{statement.sql};")
    return "\n\n".join(parts)


def terms_of(model: SupervisionModel) -> dict[str, str]:
    """Table id -> digest of what is said of it, for all tables on which the model's verdicts rest."""
    tables = model.lexicon.leaned_on(model.spec.tables.values())
    return {name: model.lexicon.digest(name) for name in tables}


def peak_memory() -> int | None:
    """Megabytes at the worst moment of this process or a child; None where the system does not say."""
    if sys.platform == "win32":
        return None
    import resource

    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(own, child) // 1024


def _rule_record(model: SupervisionModel, outcome: RuleOutcome) -> dict[str, Any]:
    verdicts = outcome.verdicts
    digest = outcome.plan.digest if outcome.plan else ""
    record: dict[str, Any] = {"model": model.id, "rule": outcome.rule, "plan": digest, "missing": list(outcome.missing)}
    if verdicts is not None:
        record |= {
            "rows": verdicts.rows,
            "subjects": verdicts.subjects,
            "unidentified": verdicts.unidentified,
            "hit": verdicts.hits,
            "clean": verdicts.clean,
            "cannot_tell": verdicts.cannot_tell,
            "reasons": verdicts.reasons,
        }
    if outcome.funnel:
        record["funnel"] = [
            {"id": step.id, "title": step.title, "possible": step.possible, "sure": step.sure}
            for step in outcome.funnel
        ]
    return record
