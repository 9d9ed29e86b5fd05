"""One worked case through the real rooms: cells -> canonical -> linked -> compiled -> run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jianheng.core.catalogue.canonical import lay_out
from jianheng.core.catalogue.canonical_readers import Readers
from jianheng.core.catalogue.canonical_small import read_small
from jianheng.core.catalogue.coverage import TableCoverage, Window
from jianheng.core.catalogue.duplicates_small import write_small
from jianheng.core.catalogue.prepared import prepare
from jianheng.core.catalogue.profile import TableProfile
from jianheng.core.compiler.compile import compile_model
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.durable import private_folder
from jianheng.core.foundation.progress import Silent
from jianheng.core.ingest.landed import Heading, LandedSheet
from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.cases import FOREVER, Case, Expectation
from jianheng.core.screening.evidence import flags_of_hits, value_text
from jianheng.core.screening.protection import flags_of
from jianheng.core.screening.ruling_out import Excuses, claim_day
from jianheng.core.screening.run import RuleOutcome, drop_facts, drop_rule, judge_rule, run_blocked, run_facts, run_rule
from jianheng.core.screening.tables import RunTables, run_inputs
from jianheng.core.terms.lexicon import Lexicon

Subject = tuple[str, ...]
"""Canonical values; empty where the cell gives none."""

_VERDICTS = {"hit": "疑似问题", "clean": "未发现异常", "cannot_tell": "数据不足"}

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def case_tables(case: Case, lexicon: Lexicon, engine: Engine, folder: Path) -> RunTables:
    """The tables of a case, made by the same rooms that real files of its size go through."""
    readers = Readers(lexicon)
    landed = private_folder(folder / "landed")
    canonical: dict[str, Path] = {}
    source: dict[str, Path] = {}
    profiles: dict[str, TableProfile] = {}
    for alias, table_id in case.tables.items():
        if alias in case.not_supplied:
            continue
        sheets = _sheets(case, alias, table_id, lexicon, landed)
        table = read_small(lay_out(table_id, lexicon), sheets, folder, readers)
        canonical[table_id] = folder / f"{table_id}.parquet"
        source[table_id] = folder / f"{table_id}.source.parquet"
        profiles[table_id] = write_small(table, canonical[table_id], source[table_id])
    prepared = prepare(canonical, lexicon, engine, case.as_of, folder / "prepared", Silent())
    coverage = {case.tables[alias]: _coverage(case, alias) for alias in case.tables if alias not in case.not_supplied}
    doubtful = {name: pq.read_metadata(path).num_rows for name, path in prepared.doubts.items()}
    return RunTables(lexicon, prepared, canonical, source, profiles, coverage, doubtful)


def _sheets(case: Case, alias: str, table_id: str, lexicon: Lexicon, landed: Path) -> list[LandedSheet]:
    lacking = case.missing_columns.get(alias, ())
    columns = [name for name in lexicon.tables[table_id].columns if name not in lacking]
    by_sheet: dict[str, list[Mapping[str, str]]] = {}
    for row in case.given.get(alias, []):
        by_sheet.setdefault(row.get("_sheet", "1"), []).append(row)
    return [
        _sheet(number, name, rows, columns, table_id, lexicon, landed)
        for number, (name, rows) in enumerate(sorted((by_sheet or {"1": []}).items()), start=1)
    ]


def _sheet(
    number: int,
    name: str,
    rows: Sequence[Mapping[str, str]],
    columns: Sequence[str],
    table_id: str,
    lexicon: Lexicon,
    landed: Path,
) -> LandedSheet:
    texts = {f"c{index}": [row.get(column) or None for row in rows] for index, column in enumerate(columns)}
    arrays = {key: pa.array(values, pa.string()) for key, values in texts.items()}
    lines = pa.array(range(2, len(rows) + 2), pa.int32())
    path = landed / f"{table_id}-{number}.parquet"
    pq.write_table(pa.table({"row": lines, **arrays}), path)
    terms = lexicon.tables[table_id].columns
    headings = {
        column: Heading(index, _LETTERS[index % 26], terms[column].title) for index, column in enumerate(columns)
    }
    counts = {"rows": len(rows) + 1, "data": len(rows), "header": 1, "title": 0, "total": 0, "blank": 0, "rejected": 0}
    return LandedSheet(
        number, number, name, False, "case", table_id, headings, (), f"landed/{path.name}", counts, (1,), ()
    )


def _coverage(case: Case, alias: str) -> TableCoverage:
    span = case.coverage.get(alias)
    first, last = FOREVER, case.as_of
    gaps: list[list[date]] = []
    districts = None
    if span is not None:
        first, last, gaps = span.from_ or first, span.to or last, span.gaps
        districts = frozenset(span.districts) if span.districts is not None else None
    windows: list[Window] = []
    for gap in sorted(gaps):
        if first < gap[0]:
            windows.append(Window(first, date.fromordinal(gap[0].toordinal() - 1), districts))
        first = max(first, date.fromordinal(gap[1].toordinal() + 1))
    if first <= last:
        windows.append(Window(first, last, districts))
    return TableCoverage(case.tables[alias], tuple(windows), inferred=False, supplier="")


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a case came out otherwise than written; ``days``: by how many its dates were moved."""

    case: str
    days: int
    rule: str
    place: str
    subject: Subject
    message: str

    @property
    def said(self) -> str:
        """The difference without its place."""
        moved = f"（日期移动{self.days}日）" if self.days else ""
        subject = "、".join(part or "（空白）" for part in self.subject)
        return f"用例 {self.case}{moved}，规则 {self.rule}，对象 {subject}：{self.message}"

    def __str__(self) -> str:
        return f"{self.place} {self.said}"


def run_case(model: SupervisionModel, case: Case, folder: Path, engine: Engine) -> list[Difference]:
    """Run every rule of ``model`` on one case; what came out otherwise than written, hits nobody named included."""
    tables = case_tables(case, model.lexicon, engine, folder)
    tables.lay_out(engine, default_calendar())
    plan = compile_model(model, run_inputs(model, tables, case.as_of, {}))
    run_facts(plan, engine, Silent())
    outcomes = [run_rule(rule, engine, name_undecided=True) for rule in plan.rules]
    outcomes += [run_blocked(rule, engine) for rule in plan.blocked]
    found = [difference for outcome in outcomes for difference in _compare(model, case, outcome, tables, engine)]
    return [*found, *_without_guards(model, case, tables, engine)]


def judge_case(model: SupervisionModel, case: Case, folder: Path, engine: Engine, runner: Engine) -> list[Difference]:
    """As :func:`run_case`, the rules alone that the case names, judged by ``runner`` on tables ``engine`` prepared.

    That a case holds by its guard is a matter of the case, not of the engine, and not asked again.
    """
    tables = case_tables(case, model.lexicon, engine, folder)
    tables.lay_out(runner, default_calendar(), evidence=False)
    flagged = {rule for rule in case.expect if _names_flags(case, rule)}
    if flagged:
        for name in tables.canonical:
            runner.hold(f"canonical__{name}", [tables.canonical[name]])
    plan = compile_model(model, run_inputs(model, tables, case.as_of, {}, runner.dialect), case.expect)
    run_facts(plan, runner, Silent())
    found: list[Difference] = []
    for rule in plan.rules:
        outcome = judge_rule(rule, runner, evidence=rule.rule in flagged)
        found += _compare(model, case, outcome, tables, runner)
        drop_rule(rule, runner)
    for blocked in plan.blocked:
        found += _compare(model, case, run_blocked(blocked, runner), tables, runner)
    drop_facts(plan, runner)
    return found


def _names_flags(case: Case, rule: str) -> bool:
    return any(expected.flags is not None for expected in case.expect.get(rule, ()))


def _compare(
    model: SupervisionModel, case: Case, outcome: RuleOutcome, tables: RunTables, engine: Engine
) -> Iterator[Difference]:
    rule = model.rule(outcome.rule)
    hits = _hits(outcome)
    flags = _flags(case, outcome, tables, engine) if hits and _names_flags(case, outcome.rule) else {}
    undecided = _undecided_subjects(outcome)
    blocked = f"table_missing:{outcome.missing[0]}" if outcome.plan is None else ""
    excuses = Excuses(model, rule, tables, claim_day(model, rule, tables, case.as_of))
    named: set[Subject] = set()
    for expected in case.expect.get(outcome.rule, []):
        subject = _subject(model, rule, case, expected.subject)
        named.add(subject)
        hit = hits.get(subject)
        fault = _fault(expected, hit, blocked or undecided.get(subject, ""))
        if not fault and hit is not None and expected.not_ruled_out is not None:
            left = [one["id"] for one in excuses.not_ruled_out(hit["judged_on"], hit["district"])]
            if sorted(left) != sorted(expected.not_ruled_out):
                fault = f"not_ruled_out 应为 {list(expected.not_ruled_out)}，得到 {left}"
        if not fault and hit is not None and expected.flags is not None:
            borne = flags_of(flags.get(subject, 0))
            if set(borne) != set(expected.flags):
                fault = f"flags 应为 {list(expected.flags)}，得到 {list(borne)}"
        if fault:
            yield _difference(case, expected, rule.id, subject, fault)
    for subject in hits:
        if subject not in named:
            yield Difference(
                case.id, 0, rule.id, f"{case.file}:{case.line}", subject, f"得到{_said('hit')}，用例没有写"
            )


def _without_guards(model: SupervisionModel, case: Case, tables: RunTables, engine: Engine) -> Iterator[Difference]:
    """``excused:<guard>`` is true only if the subject is not clean once that guard is taken away."""
    wanted = {
        (rule_id, expected.reason.partition(":")[2])
        for rule_id, expectations in case.expect.items()
        for expected in expectations
        if expected.verdict == "clean" and expected.reason and expected.reason.startswith("excused:")
    }
    for rule_id, guard_id in sorted(wanted):
        rule = model.rule(rule_id)
        bare = rule.model_copy(update={"unless": [guard for guard in rule.unless if guard.id != guard_id]})
        spec = model.spec.model_copy(update={"rules": [bare]})
        plan = compile_model(replace(model, spec=spec), run_inputs(model, tables, case.as_of, {}))
        run_facts(plan, engine, Silent())
        outcome = run_rule(plan.rules[0], engine, name_undecided=True)
        suspected = {*_hits(outcome), *_undecided_subjects(outcome)}
        for expected in case.expect[rule_id]:
            subject = _subject(model, rule, case, expected.subject)
            if expected.reason == f"excused:{guard_id}" and subject not in suspected:
                yield _difference(case, expected, rule_id, subject, f"没有排除事由 {guard_id} 也是 clean")


def _difference(case: Case, expected: Expectation, rule: str, subject: Subject, message: str) -> Difference:
    place = f"{case.file}:{expected.line or case.line}"
    return Difference(expected.case or case.id, expected.days, rule, place, subject, message)


def _fault(expected: Expectation, hit: dict[str, Any] | None, reason: str) -> str:
    """What is wrong with one verdict."""
    verdict = "hit" if hit is not None else "cannot_tell" if reason else "clean"
    if verdict != expected.verdict:
        return f"应为{_said(expected.verdict)}，得到{_said(verdict)}{f'（{reason}）' if reason else ''}"
    amount = value_text(hit.get("amount")) if hit is not None else None
    if expected.amount is not None and amount != expected.amount:
        return f"金额应为 {expected.amount}，得到{f' {amount}' if amount else '的不知道是多少'}"
    if expected.reason is not None and verdict == "cannot_tell" and reason != expected.reason:
        return f"理由应为 {expected.reason}，得到 {reason}"
    return ""


def _said(verdict: str) -> str:
    return f"{_VERDICTS[verdict]}（{verdict}）"


def _hits(outcome: RuleOutcome) -> dict[Subject, dict[str, Any]]:
    """Hit subjects with the first of their combinations."""
    if outcome.hits is None or outcome.plan is None:
        return {}
    result: dict[Subject, dict[str, Any]] = {}
    count = len(outcome.plan.subject_names)
    for row in outcome.hits.to_pylist():
        result.setdefault(tuple(str(row[f"s{index}"]) for index in range(count)), row)
    return result


def _flags(case: Case, outcome: RuleOutcome, tables: RunTables, engine: Engine) -> dict[Subject, int]:
    """Of each hit subject the flags of all rows that its hits rest on; they must still stand in ``engine``."""
    assert outcome.plan is not None and outcome.hits is not None
    bits = flags_of_hits(outcome.rule, tables.canonical, tables.lexicon, engine, case.as_of)
    names = [f"s{index}" for index in range(len(outcome.plan.subject_names))]
    found: dict[Subject, int] = {}
    for row in outcome.hits.select(["n", *names]).to_pylist():
        subject = tuple(str(row[name]) for name in names)
        found[subject] = found.get(subject, 0) | bits.get(row["n"], 0)
    return found


def _undecided_subjects(outcome: RuleOutcome) -> dict[Subject, str]:
    count = len(outcome.plan.subject_names) if outcome.plan else 0
    return {tuple(str(row[f"s{index}"]) for index in range(count)): str(row["reason"]) for row in outcome.undecided}


def _subject(model: SupervisionModel, rule: Rule, case: Case, written: dict[str, str] | None) -> Subject:
    """The subject a case means: as written, else that of the first row of the rule's table, in canonical form."""
    table = model.lexicon.tables[model.spec.tables[rule.from_]]
    names = [text.partition(".")[2] for text in rule.subject]
    rows = case.given.get(rule.from_) or [{}]
    texts = written if written is not None else {name: rows[0].get(name, "") for name in names}
    values = (model.lexicon.read_cell(table.columns[name], texts.get(name, "")).value for name in names)
    return tuple("" if value is None else str(value) for value in values)
