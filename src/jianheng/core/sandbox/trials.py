"""Worked cases run together: each with keys of its own in one set of tables, moved to both ends of its range.

A case alone takes the engine as long as five hundred together. What cannot share tables (a table not supplied, a
coverage of its own, an orphan, a list that must lack something) is run alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from jianheng.core.engine.port import Engine
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.sandbox.renaming import Counters, Renaming, renamed_row
from jianheng.core.screening.cases import Case, Expectation
from jianheng.core.screening.trial import Difference, run_case

EngineMaker = Callable[[Path], AbstractContextManager[Engine]]


@dataclass(frozen=True, slots=True)
class _Instance:
    """One case with new keys; ``label`` says which, moved by how many days."""

    label: str
    given: dict[str, list[dict[str, str]]]
    expect: dict[str, list[Expectation]]


def run_cases(
    model: SupervisionModel, cases: Sequence[Case], folder: Path, make_engine: EngineMaker
) -> list[Difference]:
    """Every case at its written days and at both ends of its range; what came out otherwise than written."""
    differences: list[Difference] = []
    together = [case for case in cases if _shares_tables(case)]
    for as_of in sorted({case.as_of for case in together}):
        group = [case for case in together if case.as_of == as_of]
        differences += _run_together(model, group, as_of, folder / f"together-{as_of}", make_engine)
    for case in cases:
        if not _shares_tables(case):
            alone = folder / f"alone-{case.id}"
            with make_engine(alone / "engine") as engine:
                differences += run_case(model, case, alone, engine)
    return differences


def _shares_tables(case: Case) -> bool:
    return case.plant and not (case.not_supplied or case.missing_columns or case.coverage)


def _run_together(
    model: SupervisionModel, cases: Sequence[Case], as_of: date, folder: Path, make_engine: EngineMaker
) -> list[Difference]:
    counters = Counters()
    merged: dict[str, list[dict[str, str]]] = {alias: [] for alias in model.spec.tables}
    expect: dict[str, list[Expectation]] = {}
    for number, (case, days) in enumerate(_variants(cases)):
        instance = _instance(model, case, days, number, counters)
        for alias, rows in instance.given.items():
            merged[alias].extend(rows)
        for rule, expectations in instance.expect.items():
            expect.setdefault(rule, []).extend(expectations)
    batch = replace(cases[0], id="together", as_of=as_of, given=merged, expect=expect)
    with make_engine(folder / "engine") as engine:
        return run_case(model, batch, folder, engine)


def _variants(cases: Sequence[Case]) -> Iterator[tuple[Case, int]]:
    for case in cases:
        for days in dict.fromkeys((0, *case.move)):
            yield case, days


def _instance(model: SupervisionModel, case: Case, days: int, number: int, counters: Counters) -> _Instance:
    renaming = Renaming(model.lexicon, counters, seed=0, number=number, days=days, own_names=True)
    label = case.id if days == 0 else f"{case.id}（日期移动{days}日）"
    given: dict[str, list[dict[str, str]]] = {}
    for alias, rows in case.given.items():
        table = model.lexicon.tables[case.tables[alias]]
        given[alias] = [
            {**renamed_row(renaming, table, row), **({"_sheet": row["_sheet"]} if "_sheet" in row else {})}
            for row in rows
        ]
    for alias, rows in given.items():
        columns = model.lexicon.tables[case.tables[alias]].columns
        for row in rows:
            for name in row:
                if name != "_sheet":
                    row[name] = renaming.free_text(columns[name], row[name])
    expect = {
        rule: [_expected(model, case, rule, one, renaming, label) for one in expectations]
        for rule, expectations in case.expect.items()
    }
    return _Instance(label, given, expect)


def _expected(
    model: SupervisionModel, case: Case, rule_id: str, one: Expectation, renaming: Renaming, label: str
) -> Expectation:
    """The expectation with its subject under its new key, written out even where it was understood."""
    rule = model.rule(rule_id)
    columns = model.lexicon.tables[model.spec.tables[rule.from_]].columns
    first = next(iter(case.given.get(rule.from_, [])), {})
    names = [text.partition(".")[2] for text in rule.subject]
    written = one.subject or {name: first.get(name, "") for name in names}
    subject = {name: renaming.cell(columns[name], text) for name, text in written.items()}
    return replace(one, subject=subject, case=label, line=case.line)
