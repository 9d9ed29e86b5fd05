"""``model test``: every worked case on an engine, as written and at both ends of the stretch it may be moved by.

A case says by how many days its rows may move before and after the day of the run without another outcome (``move``):
the synthetic county plants it anywhere in between. Only cells of date columns move; the day of the run stays.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jianheng.core.catalogue.prepared import prepare
from jianheng.core.compiler.compile import ModelPlan, compile_model
from jianheng.core.compiler.plan import RulePlan
from jianheng.core.compiler.render import CALENDAR
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.durable import private_folder
from jianheng.core.foundation.progress import Progress, Silent
from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.cases import Case
from jianheng.core.screening.run import RuleOutcome, run_blocked, run_facts, run_rule
from jianheng.core.screening.tables import RunTables, calendar_table, run_inputs
from jianheng.core.screening.trial import Difference, _compare, _coverage
from jianheng.core.screening.trial_tables import write_trial_table
from jianheng.core.terms.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class Trial:
    """One case at one place of its stretch; ``days`` is 0 as written. No difference: passed."""

    case: Case
    days: int
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        return not self.differences


class Bench:
    """Where cases are tried: one engine, with the calendar that all of them share, and a folder for their rows."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self._runs = 0
        engine.load(CALENDAR, _calendar())

    def next_folder(self) -> Path:
        """A fresh folder for one run."""
        self._runs += 1
        return private_folder(self.folder / f"{self._runs}")


def run_trials(model: SupervisionModel, cases: Sequence[Case], bench: Bench, progress: Progress) -> Iterator[Trial]:
    """Every case of ``model`` in turn, each at the places of :func:`places_of`."""
    progress.step(f"{model.spec.title}：{len(cases)}个用例", sum(len(places_of(case)) for case in cases))
    for case in cases:
        for days in places_of(case):
            yield run_trial(model, case, days, bench)
            progress.advance()


def run_trial(model: SupervisionModel, case: Case, days: int, bench: Bench) -> Trial:
    """One case, its dates moved by ``days``."""
    there = moved(case, days, model.lexicon)
    folder = bench.next_folder()
    tables = trial_tables(there, model.lexicon, bench.engine, folder)
    _lay_out(tables, bench.engine)
    plan = compile_model(model, run_inputs(model, tables, there.as_of, {}))
    run_facts(plan, bench.engine, Silent())
    found = [
        difference
        for outcome in _outcomes(plan, there, bench.engine)
        for difference in _compare(model, there, outcome, tables)
    ]
    shutil.rmtree(folder)
    return Trial(case, days, tuple(_said_of_move(one, days) for one in found))


def places_of(case: Case) -> tuple[int, ...]:
    """By how many days to move a case: not at all, and to both ends."""
    return tuple(dict.fromkeys((0, *case.move)))


def moved(case: Case, days: int, lexicon: Lexicon) -> Case:
    """``case`` with every cell of a date column that can be read ``days`` later. What its tables cover stays."""
    if not days:
        return case
    return replace(
        case,
        given={
            alias: [_moved_row(row, case.tables[alias], days, lexicon) for row in rows]
            for alias, rows in case.given.items()
        },
    )


def _moved_row(row: dict[str, str], table_id: str, days: int, lexicon: Lexicon) -> dict[str, str]:
    columns = lexicon.tables[table_id].columns
    result = dict(row)
    for name, text in row.items():
        column = columns.get(name)
        value = lexicon.read_cell(column, text).value if column and column.type == "date" else None
        if isinstance(value, date):
            result[name] = (value + timedelta(days=days)).isoformat()
    return result


def trial_tables(case: Case, lexicon: Lexicon, engine: Engine, folder: Path) -> RunTables:
    """The tables of a case, ready for a run: as :func:`~.trial.case_tables`, without importing."""
    supplied = {alias: table for alias, table in case.tables.items() if alias not in case.not_supplied}
    written = {table: write_trial_table(case, alias, lexicon, folder) for alias, table in supplied.items()}
    canonical = {table: paths[0] for table, paths in written.items()}
    source = {table: paths[1] for table, paths in written.items()}
    profiles = {table: paths[2] for table, paths in written.items()}
    prepared = prepare(canonical, lexicon, engine, case.as_of, folder / "prepared", Silent())
    coverage = {table: _coverage(case, alias) for alias, table in supplied.items()}
    doubtful = {name: pq.read_metadata(path).num_rows for name, path in prepared.doubts.items()}
    return RunTables(lexicon, prepared, canonical, source, profiles, coverage, doubtful)


def _lay_out(tables: RunTables, engine: Engine) -> None:
    """The tables that rules read; those that only clues are written from stay away, the calendar is there already."""
    for name, path in tables.prepared.paths.items():
        engine.view(name, [path])
    for name in tables.prepared.doubts:
        if tables.doubtful.get(name):
            tables._lay_out_doubts(name, engine)


@cache
def _calendar() -> pa.Table:
    return calendar_table(default_calendar())


def _outcomes(plan: ModelPlan, case: Case, engine: Engine) -> Iterator[RuleOutcome]:
    """Rules the case speaks of are run whole; of the others only whether they hit."""
    spoken = [rule for rule in plan.rules if rule.rule in case.expect]
    others = [rule for rule in plan.rules if rule.rule not in case.expect]
    yield from (run_rule(rule, engine, name_undecided=True) for rule in spoken)
    yield from _hits_alone(others, engine)
    yield from (run_blocked(blocked, engine) for blocked in plan.blocked)


def _hits_alone(plans: Sequence[RulePlan], engine: Engine) -> Iterator[RuleOutcome]:
    """The subjects that rules hit, all rules in one statement: most hit nobody."""
    if not plans:
        return
    width = max(len(plan.subject_names) for plan in plans)
    parts = []
    for number, plan in enumerate(plans):
        own = range(len(plan.subject_names))
        columns = [f"CAST({f's{index}' if index in own else 'NULL'} AS VARCHAR) AS s{index}" for index in range(width)]
        parts.append(f"SELECT {number} AS rule, {', '.join(columns)} FROM ({plan.possible.sql}) WHERE reason IS NULL")
    engine.run(f"CREATE OR REPLACE TABLE hits_alone AS {' UNION ALL '.join(parts)}", step="其他规则的命中")
    found = engine.fetch("SELECT * FROM hits_alone ORDER BY ALL", step="其他规则的命中")
    for number, plan in enumerate(plans):
        yield RuleOutcome(plan.rule, None, plan, found.filter(pc.equal(found.column("rule"), number)))


def _said_of_move(difference: Difference, days: int) -> Difference:
    if not days:
        return difference
    return replace(difference, message=f"{difference.message}（日期整体移动{days:+d}日时）")
