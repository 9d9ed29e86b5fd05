"""One worked case through the real rooms: cells -> canonical -> linked -> compiled -> run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from jianheng.core.catalogue.canonical import lay_out, read_table
from jianheng.core.catalogue.coverage import TableCoverage, Window
from jianheng.core.catalogue.duplicates import write_numbered
from jianheng.core.catalogue.prepared import prepare
from jianheng.core.catalogue.profile import TableProfile, measure_profile
from jianheng.core.compiler.compile import compile_model
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.durable import private_folder
from jianheng.core.foundation.progress import Silent
from jianheng.core.ingest.landed import Heading, LandedSheet
from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.cases import FOREVER, Case, Expectation
from jianheng.core.screening.run import RuleOutcome, run_blocked, run_facts, run_rule
from jianheng.core.screening.tables import RunTables, run_inputs
from jianheng.core.terms.lexicon import Lexicon

Subject = tuple[str, ...]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def case_tables(case: Case, lexicon: Lexicon, engine: Engine, folder: Path) -> RunTables:
    """The tables of a case, made by the same rooms that real files go through."""
    landed = private_folder(folder / "landed")
    canonical: dict[str, Path] = {}
    source: dict[str, Path] = {}
    profiles: dict[str, TableProfile] = {}
    for alias, table_id in case.tables.items():
        if alias in case.not_supplied:
            continue
        layout = lay_out(table_id, lexicon)
        sheets = _sheets(case, alias, table_id, lexicon, landed)
        result = read_table(layout, sheets, folder, lexicon, engine, private_folder(folder / "staging" / table_id))
        canonical[table_id] = folder / f"{table_id}.parquet"
        source[table_id] = folder / f"{table_id}.source.parquet"
        write_numbered(result, canonical[table_id], source[table_id], engine)
        profiles[table_id] = measure_profile(result, canonical[table_id], source[table_id], engine)
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
    """Where a case came out otherwise than written."""

    case: str
    rule: str
    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place} 用例 {self.case}，规则 {self.rule}：{self.message}"


def run_case(model: SupervisionModel, case: Case, folder: Path, engine: Engine) -> list[Difference]:
    """Run every rule of ``model`` on one case; what came out otherwise than written, hits nobody named included."""
    tables = case_tables(case, model.lexicon, engine, folder)
    calendar = default_calendar()
    tables.lay_out(engine, calendar)
    plan = compile_model(model, run_inputs(model, tables, case.as_of, {}))
    run_facts(plan, engine, Silent())
    outcomes = [run_rule(rule, engine, name_undecided=True) for rule in plan.rules]
    outcomes += [run_blocked(rule, engine) for rule in plan.blocked]
    return [difference for outcome in outcomes for difference in _compare(model, case, outcome, tables)]


def _compare(model: SupervisionModel, case: Case, outcome: RuleOutcome, tables: RunTables) -> Iterator[Difference]:
    rule = model.rule(outcome.rule)
    hits = _hit_subjects(outcome)
    undecided = _undecided_subjects(outcome)
    blocked = f"table_missing:{outcome.missing[0]}" if outcome.plan is None else ""
    named: set[Subject] = set()
    for expected in case.expect.get(outcome.rule, []):
        subject = _subject(model, rule, case, expected.subject)
        named.add(subject)
        fault = _fault(expected, hits.get(subject), blocked or undecided.get(subject, ""))
        if fault:
            place = f"{case.file}:{expected.line or case.line}"
            yield Difference(expected.case or case.id, rule.id, place, f"{'、'.join(subject)} {fault}")
    for subject in hits:
        if subject not in named:
            place = f"{case.file}:{case.line}"
            yield Difference(case.id, rule.id, place, f"{'、'.join(subject)} 得到 hit，用例没有写")


def _fault(expected: Expectation, amount: str | None, reason: str) -> str:
    """What is wrong with one verdict; ``amount`` is None where there is no hit."""
    verdict = "hit" if amount is not None else "cannot_tell" if reason else "clean"
    if verdict != expected.verdict:
        return f"应为 {expected.verdict}，得到 {verdict}{f'（{reason}）' if reason else ''}"
    if expected.amount is not None and amount != expected.amount:
        return f"金额应为 {expected.amount}，得到 {amount}"
    if expected.reason is not None and verdict == "cannot_tell" and reason != expected.reason:
        return f"理由应为 {expected.reason}，得到 {reason}"
    return ""


def _hit_subjects(outcome: RuleOutcome) -> dict[Subject, str]:
    """Hit subjects with their amount as text."""
    if outcome.hits is None or outcome.plan is None:
        return {}
    result: dict[Subject, str] = {}
    count = len(outcome.plan.subject_names)
    for row in outcome.hits.to_pylist():
        subject = tuple(str(row[f"s{index}"]) for index in range(count))
        amount = row.get("amount")
        result.setdefault(subject, "" if amount is None else f"{amount:.2f}")
    return result


def _undecided_subjects(outcome: RuleOutcome) -> dict[Subject, str]:
    count = len(outcome.plan.subject_names) if outcome.plan else 0
    return {tuple(str(row[f"s{index}"]) for index in range(count)): str(row["reason"]) for row in outcome.undecided}


def _subject(model: SupervisionModel, rule: Rule, case: Case, written: dict[str, str] | None) -> Subject:
    """The subject a case means: as written, else that of the first row of the rule's table, in canonical form."""
    table = model.lexicon.tables[model.spec.tables[rule.from_]]
    names = [text.partition(".")[2] for text in rule.subject]
    rows = case.given.get(rule.from_) or [{}]
    texts = written if written is not None else {name: rows[0].get(name, "") for name in names}
    return tuple(str(model.lexicon.read_cell(table.columns[name], texts.get(name, "")).value) for name in names)
