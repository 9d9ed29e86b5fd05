"""Worked cases run together: each with keys of its own in one set of tables, at the ends of its range and between them.

A case alone takes the engine as long as five hundred together. What cannot share tables (a table not supplied, a
coverage of its own, an orphan, a list that must lack something) is run alone, as written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from jianheng.core.engine.port import Engine
from jianheng.core.foundation.progress import Progress
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.sandbox.chance import dice
from jianheng.core.sandbox.renaming import Counters, Renaming, renamed_row
from jianheng.core.screening.cases import Case, Expectation
from jianheng.core.screening.trial import Difference, judge_case, run_case

INNER_DAYS = 5
"""How many days between the ends of its range a case is tried at: a month's end or a Sunday may lie there."""

EngineMaker = Callable[[Path], AbstractContextManager[Engine]]
Rows = dict[str, list[dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Trial:
    """One case at one place of its range; ``days`` is 0 as written. No difference: passed."""

    case: Case
    days: int
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        return not self.differences


def run_cases(
    model: SupervisionModel,
    cases: Sequence[Case],
    folder: Path,
    make_engine: EngineMaker,
    progress: Progress,
    runner: Engine | None = None,
    *,
    inner: int = INNER_DAYS,
) -> Iterator[Trial]:
    """Every case at its written days; those that share tables also at both ends of their range and at ``inner`` days
    between, chosen by chance, always the same.

    With ``runner`` the engines made only prepare the tables, as in a screening, and ``runner`` judges, of cases run
    together or of one alone, the rules that they name, because a statement is what takes such an engine long.
    """
    together = [case for case in cases if shares_tables(case)]
    alone = [case for case in cases if not shares_tables(case)]
    progress.step(f"{model.spec.title}：{len(cases)}个用例", len(cases))
    for as_of in sorted({case.as_of for case in together}):
        group = [case for case in together if case.as_of == as_of]
        variants = [(case, days) for case in group for days in days_of(case, inner)]
        yield from _run_together(model, variants, as_of, folder / f"together-{as_of}", make_engine, runner)
        progress.advance(len(group))
    for case in alone:
        with make_engine(folder / case.id / "engine") as engine:
            yield Trial(case, 0, tuple(_run(model, case, folder / case.id, engine, runner)))
        progress.advance()


def shares_tables(case: Case) -> bool:
    """Whether a case keeps its verdicts among the rows of others."""
    return case.plant and not (case.not_supplied or case.missing_columns or case.coverage)


def days_of(case: Case, inner: int) -> list[int]:
    """The days by which a case is moved: none, to both ends, and ``inner`` others, each only once."""
    first, last = case.move
    between = [days for days in range(first + 1, last) if days]
    chosen = dice("inner days", case.model, case.id).sample(between, len(between))[:inner]
    return list(dict.fromkeys((0, first, last, *sorted(chosen))))


@dataclass(frozen=True, slots=True)
class _Instance:
    """One case under new keys, moved by ``days``."""

    case: Case
    days: int
    given: Rows
    expect: dict[str, list[Expectation]]


def _run_together(
    model: SupervisionModel,
    variants: Sequence[tuple[Case, int]],
    as_of: date,
    folder: Path,
    make_engine: EngineMaker,
    runner: Engine | None,
) -> Iterator[Trial]:
    instances, batch = _batch(model, variants, as_of)
    with make_engine(folder / "engine") as engine:
        found = [_placed(one, instances) for one in _run(model, batch, folder, engine, runner)]
    for instance in instances:
        own = [one for one in found if (one.case, one.days) == (instance.case.id, instance.days)]
        yield Trial(instance.case, instance.days, tuple(own))


def repeated(model: SupervisionModel, cases: Sequence[Case], times: int) -> Case:
    """Cases of one day that share tables, each ``times`` times with keys of its own, as one large case."""
    (as_of,) = {case.as_of for case in cases}
    return _batch(model, [(case, 0) for _ in range(times) for case in cases], as_of)[1]


def _batch(model: SupervisionModel, variants: Sequence[tuple[Case, int]], as_of: date) -> tuple[list[_Instance], Case]:
    counters = Counters()
    instances = [_instance(model, case, days, number, counters) for number, (case, days) in enumerate(variants)]
    merged: Rows = {alias: [] for alias in model.spec.tables}
    expect: dict[str, list[Expectation]] = {}
    for instance in instances:
        for alias, rows in instance.given.items():
            merged[alias].extend(rows)
        for rule, expectations in instance.expect.items():
            expect.setdefault(rule, []).extend(expectations)
    return instances, replace(variants[0][0], id="", as_of=as_of, given=merged, expect=expect)


def _run(model: SupervisionModel, case: Case, folder: Path, engine: Engine, runner: Engine | None) -> list[Difference]:
    if runner is None:
        return run_case(model, case, folder, engine)
    return judge_case(model, case, folder, engine, runner)


def _placed(found: Difference, instances: Sequence[_Instance]) -> Difference:
    """A hit that no case names belongs to the case in whose rows its subject stands."""
    if found.case:
        return found
    for instance in instances:
        values = {text for rows in instance.given.values() for row in rows for text in row.values()}
        if values.issuperset(found.subject):
            place = f"{instance.case.file}:{instance.case.line}"
            return replace(found, case=instance.case.id, days=instance.days, place=place)
    first = instances[0]
    return replace(found, case=first.case.id, days=first.days)


def _instance(model: SupervisionModel, case: Case, days: int, number: int, counters: Counters) -> _Instance:
    renaming = Renaming(model.lexicon, counters, seed=0, number=number, days=days, own_names=True)
    given: Rows = {}
    for alias, rows in case.given.items():
        table = model.lexicon.tables[case.tables[alias]]
        kept = [{"_sheet": row["_sheet"]} if "_sheet" in row else {} for row in rows]
        given[alias] = [{**renamed_row(renaming, table, row), **extra} for row, extra in zip(rows, kept, strict=True)]
    for alias, rows in given.items():  # free texts mention names: only now are all of them known
        columns = model.lexicon.tables[case.tables[alias]].columns
        for row in rows:
            row |= {name: renaming.free_text(columns[name], text) for name, text in row.items() if name in columns}
    expect = {
        rule: [_expected(model, case, days, rule, one, renaming) for one in expectations]
        for rule, expectations in case.expect.items()
    }
    return _Instance(case, days, given, expect)


def _expected(
    model: SupervisionModel, case: Case, days: int, rule_id: str, one: Expectation, renaming: Renaming
) -> Expectation:
    """The expectation with its subject under its new key, written out even where it was understood."""
    rule = model.rule(rule_id)
    columns = model.lexicon.tables[model.spec.tables[rule.from_]].columns
    first = next(iter(case.given.get(rule.from_, [])), {})
    names = [text.partition(".")[2] for text in rule.subject]
    written = one.subject or {name: first.get(name, "") for name in names}
    subject = renaming.subject(columns, written)
    return replace(one, subject=subject, case=case.id, days=days, line=case.line)
