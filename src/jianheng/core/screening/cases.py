"""Worked cases (``cases.yaml``): given cells, expected verdicts. Read by ``model test`` and by the synthetic county."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from jianheng.core.foundation.errors import PackProblem, Problem, raise_if_any
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.pack.strict_yaml import Document, Key, read_yaml
from jianheng.core.pack.typed import Strict, did_you_mean, read_content

Verdict = Literal["hit", "clean", "cannot_tell"]
Flag = Literal["minor", "sealed", "age_unknown"]
FOREVER = date(1990, 1, 1)


class ExpectedDetail(Strict):
    """What a rule must say of one subject; ``subject`` defaults to the first row's.

    ``flags``: all that its clue must bear (see ``protection``), none if empty.
    """

    verdict: Verdict
    subject: dict[str, str] | None = None
    subjects: list[dict[str, str]] | None = None
    amount: str | None = None
    reason: str | None = None
    not_ruled_out: list[str] | None = None
    flags: list[Flag] | None = None


class CoverageSpan(Strict):
    """What a table covers in a case; ``from`` and ``to`` default to everything up to the day of the run."""

    from_: date | None = Field(default=None, alias="from")
    to: date | None = None
    gaps: list[list[date]] = []
    districts: list[str] | None = None


class CaseSpec(Strict):
    """One case as written."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: str
    as_of: date
    given: dict[str, list[dict[str, str | int]]]
    not_supplied: list[str] = []
    missing_columns: dict[str, list[str]] = {}
    coverage: dict[str, CoverageSpan] = {}
    move: list[int] = [0, 0]
    plant: bool = True
    note: str = ""
    expect: dict[str, Verdict | ExpectedDetail]


class CasesFile(Strict):
    """``cases.yaml``."""

    defaults: dict[str, dict[str, str]] = {}
    cases: list[CaseSpec]


@dataclass(frozen=True, slots=True)
class Expectation:
    """One verdict that must come out; ``case``, ``days`` moved, ``line``: which case it is of, if not the one run."""

    verdict: Verdict
    subject: dict[str, str] | None
    amount: str | None = None
    reason: str | None = None
    not_ruled_out: tuple[str, ...] | None = None
    flags: tuple[str, ...] | None = None
    case: str = ""
    days: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """One case with its defaults filled in. ``given``: alias -> rows of cell texts by canonical column."""

    id: str
    title: str
    model: str
    as_of: date
    given: dict[str, list[dict[str, str]]]
    tables: dict[str, str]
    kinds: dict[str, str]
    not_supplied: tuple[str, ...]
    missing_columns: dict[str, tuple[str, ...]]
    coverage: dict[str, CoverageSpan]
    move: tuple[int, int]
    plant: bool
    expect: dict[str, list[Expectation]]
    file: str
    line: int


def read_cases(model: SupervisionModel) -> list[Case]:
    """The cases of a model; an absent file is an empty list. Raises PackProblem (M4xx) with every fault."""
    path = model.folder / "cases.yaml"
    if not path.is_file():
        return []
    document = read_yaml(path)
    content = read_content(CasesFile, document)
    raise_if_any(PackProblem, _check(content, document, model))
    return [_case(spec, content, document, model, index) for index, spec in enumerate(content.cases)]


def _check(content: CasesFile, document: Document, model: SupervisionModel) -> list[Problem]:
    problems: list[Problem] = []
    seen: set[str] = set()
    tables = model.spec.tables
    for alias, default in content.defaults.items():
        problems += _check_row(document, ("defaults", alias), alias, default, model)
    for index, spec in enumerate(content.cases):
        place: Key = ("cases", index)
        if spec.id in seen:
            problems.append(document.problem("M401", (*place, "id"), f"用例 {spec.id} 出现两次。"))
        seen.add(spec.id)
        for alias, rows in spec.given.items():
            for number, row in enumerate(rows):
                problems += _check_row(document, (*place, "given", alias, number), alias, row, model)
        rules = [rule.id for rule in model.spec.rules]
        for rule, expected in spec.expect.items():
            if isinstance(expected, ExpectedDetail) and expected.flags is not None and expected.verdict != "hit":
                where = (*place, "expect", rule, "flags")
                problems.append(document.problem("M407", where, "flags 是线索的标记，只能和 hit 一起写。"))
            if rule not in rules:
                hint = did_you_mean(rule, rules)
                problems.append(
                    document.problem("M402", (*place, "expect", rule), f"没有规则 {rule}。", hint, key=True)
                )
        for alias in (*spec.not_supplied, *spec.missing_columns, *spec.coverage):
            if alias not in tables:
                problems.append(document.problem("M403", place, f"没有表 {alias}。", did_you_mean(alias, tables)))
        if len(spec.move) != 2 or not spec.move[0] <= 0 <= spec.move[1]:
            problems.append(document.problem("M404", (*place, "move"), "move 应是 [负数或0, 0或正数]。"))
    return problems


def _check_row(
    document: Document, place: Key, alias: str, row: dict[str, str] | dict[str, str | int], model: SupervisionModel
) -> list[Problem]:
    if alias not in model.spec.tables:
        hint = did_you_mean(alias, model.spec.tables)
        return [document.problem("M403", place, f"没有表 {alias}。", hint)]
    columns = model.lexicon.tables[model.spec.tables[alias]].columns
    return [
        document.problem("M405", (*place, name), f"表 {alias} 没有列 {name}。", did_you_mean(name, columns), key=True)
        for name in row
        if name not in columns and name != "_sheet"
    ]


def _case(spec: CaseSpec, content: CasesFile, document: Document, model: SupervisionModel, index: int) -> Case:
    given = {
        alias: [{**content.defaults.get(alias, {}), **{key: str(value) for key, value in row.items()}} for row in rows]
        for alias, rows in spec.given.items()
    }
    line, _ = document.place(("cases", index))
    return Case(
        id=spec.id,
        title=spec.title,
        model=model.id,
        as_of=spec.as_of,
        given=given,
        tables=dict(model.spec.tables),
        kinds={rule.id: rule.kind for rule in model.spec.rules},
        not_supplied=tuple(spec.not_supplied),
        missing_columns={alias: tuple(columns) for alias, columns in spec.missing_columns.items()},
        coverage=dict(spec.coverage),
        move=(spec.move[0], spec.move[1]),
        plant=spec.plant,
        expect={rule: _expectations(expected) for rule, expected in spec.expect.items()},
        file=document.file,
        line=line,
    )


def _expectations(expected: Verdict | ExpectedDetail) -> list[Expectation]:
    if isinstance(expected, str):
        return [Expectation(expected, None)]
    subjects: list[dict[str, str] | None] = list(expected.subjects) if expected.subjects else [expected.subject]
    not_ruled_out = tuple(expected.not_ruled_out) if expected.not_ruled_out is not None else None
    flags = tuple(expected.flags) if expected.flags is not None else None
    return [
        Expectation(expected.verdict, subject, expected.amount, expected.reason, not_ruled_out, flags)
        for subject in subjects
    ]
