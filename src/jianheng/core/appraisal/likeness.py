"""One known case laid beside every rule: which conditions it meets, and how many others meet the same.

A call from one party becomes the question whether it is a class. The case is found by any columns that a table has;
rows of other tables that were linked to the same matter are its too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from jianheng.core.appraisal.findings import Subject, subject_names
from jianheng.core.appraisal.trace import TracedSubject, trace_subjects, tracing
from jianheng.core.compiler.compile import missing_tables
from jianheng.core.compiler.dialect import DIALECTS
from jianheng.core.engine.port import Engine
from jianheng.core.fields.masking import mask_text
from jianheng.core.fields.name_masking import mask_names, mask_person_name
from jianheng.core.foundation.errors import Problem, UsageProblem
from jianheng.core.foundation.progress import Progress, Quiet
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.pack.typed import did_you_mean
from jianheng.core.screening.evidence import value_text
from jianheng.core.screening.protection import flags_of, flags_sql, hides_names, personal_columns
from jianheng.core.screening.tables import RunTables
from jianheng.core.screening.workbook_text import shown_under
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Column, Table

MOST_SUBJECTS = 100
"""Subjects of one rule that are one case at most: more are no case but a group."""

_MOST_ROWS = 5_000

Asked = Sequence[tuple[str, str]]
"""Columns (by name, title or what offices call them) with the value that the case has; all must agree."""


@dataclass(frozen=True, slots=True)
class FoundRows:
    """Where a case was found: by table the row numbers; ``chains``: by anchor table, the matters they belong to.

    ``persons``: the different identity numbers in them, masked.
    """

    rows: Mapping[str, tuple[int, ...]]
    chains: Mapping[str, frozenset[int]]
    persons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Protection:
    """What the rows of a case are flagged as, and the names in them with what people are shown instead."""

    flags: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def hide(self, text: str) -> str:
        """``text`` as people may read it."""
        return mask_text(mask_names(text, self.names))


@dataclass(frozen=True, slots=True)
class LikeRule:
    """One rule and the subjects of the case in it."""

    model: SupervisionModel
    rule: Rule
    subjects: tuple[TracedSubject, ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """``rules``: those that the case is a subject of; ``elsewhere``: how many others could have run; ``not_run``: rules
    that could not, with the titles of the tables they lack.
    """

    found: FoundRows
    rules: tuple[LikeRule, ...]
    elsewhere: int
    not_run: tuple[tuple[SupervisionModel, Rule, str], ...]
    protection: Protection


def read_asked(words: Sequence[str]) -> Asked:
    """``K=V`` as typed. Raises UsageProblem (U432)."""
    pairs = [(name.strip(), value.strip()) for name, _, value in (word.partition("=") for word in words)]
    if not pairs or not all(name and value for name, value in pairs):
        hint = "例如 --subject 决定书文号=示公（刑）取保字〔2024〕1号，或者 --subject 身份证号=…。"
        raise UsageProblem(Problem("U432", "--subject 应写成 列=值。", hint=hint))
    return pairs


def masked_subject(asked: Asked) -> dict[str, str]:
    """What was asked, fit to be written down."""
    return {name: shown_under(name, value) for name, value in asked}


def like(
    models: Sequence[SupervisionModel],
    asked: Asked,
    tables: RunTables,
    as_of: date,
    params: Mapping[str, Mapping[str, object]],
    engine: Engine,
    progress: Progress,
) -> Likeness:
    """Find the case in the tables that stand in ``engine`` and follow it through every rule.

    Raises UsageProblem (U433 no table has such a column, U434 a value that cannot be read, U435 more than one case).
    """
    found = find_rows(asked, tables, engine)
    rules: list[LikeRule] = []
    not_run: list[tuple[SupervisionModel, Rule, str]] = []
    elsewhere = 0
    progress.step("逐个规则对照", len(models))
    for model in models:
        of_model: dict[str, list[Subject]] = {}
        for rule in model.spec.rules:
            if missing := missing_tables(model, rule, tables.profile()):
                not_run.append((model, rule, "、".join(model.sources[name].title for name in missing)))
            elif subjects := _subjects(model, rule, found, tables, engine):
                of_model[rule.id] = subjects
            else:
                elsewhere += 1
        rules += _traced(model, of_model, tables, as_of, params.get(model.id, {}), engine, progress)
        progress.advance()
    protection = _protection(found, {one.model.alias(one.rule.from_).source for one in rules}, tables, engine, as_of)
    return Likeness(found, tuple(rules), elsewhere, tuple(not_run), protection)


def find_rows(asked: Asked, tables: RunTables, engine: Engine) -> FoundRows:
    """The rows that have all that was asked. Raises UsageProblem (U433, U434)."""
    lexicon, dialect = tables.lexicon, DIALECTS[engine.dialect]
    rows: dict[str, tuple[int, ...]] = {}
    chains: dict[str, set[int]] = {}
    persons: set[str] = set()
    having, readable = False, False
    for name in tables.prepared.paths:
        term = lexicon.tables[name]
        columns = [_column(key, term) for key, _ in asked]
        if not all(columns):
            continue
        having = True
        tests = list(_tests(term, [one for one in columns if one], asked, lexicon, engine))
        if len(tests) < len(asked):
            continue
        readable = True
        identity = next((key for key, one in term.columns.items() if one.type == "resident_id"), None)
        anchor = name if term.chain else term.link.to if term.link else None
        listing = ["_row AS r", "chain AS c" if anchor else "NULL AS c"]
        listing.append(f"{dialect.quote(identity)} AS p" if identity else "NULL AS p")
        sql = f"SELECT {', '.join(listing)} FROM {dialect.quote(name)} WHERE {' AND '.join(tests)} ORDER BY _row"
        found = engine.fetch(sql, step="查找对象").to_pydict()
        if len(found["r"]) > _MOST_ROWS:
            raise _too_many()
        if found["r"]:
            rows[name] = tuple(found["r"])
            persons |= {one for one in found["p"] if one}
            if anchor:
                chains.setdefault(anchor, set()).update(one for one in found["c"] if one is not None)
    if not having:
        raise _unknown_column(asked, tables)
    if not readable:
        raise _unreadable(asked, tables)
    shown = tuple(sorted(shown_under("身份证号", one) for one in persons))
    return FoundRows(rows, {anchor: frozenset(found) for anchor, found in chains.items()}, shown)


def subject_text(model: SupervisionModel, rule: Rule, subject: Subject, protection: Protection) -> dict[str, str]:
    """A subject for people: titles of its columns and masked values."""
    columns = model.alias(rule.from_).columns
    titles = [columns[name].title for name in subject_names(rule)]
    return {title: protection.hide(shown_under(title, value)) for title, value in zip(titles, subject, strict=True)}


def verdict_text(verdict: Literal["hit", "cannot_tell", "clean"]) -> str:
    """A verdict in the words of the screen."""
    return {"hit": "疑似问题", "cannot_tell": "数据不足", "clean": "未发现异常"}[verdict]


def _traced(
    model: SupervisionModel,
    subjects: Mapping[str, list[Subject]],
    tables: RunTables,
    as_of: date,
    params: Mapping[str, object],
    engine: Engine,
    progress: Progress,
) -> Iterator[LikeRule]:
    if not subjects:
        return
    with tracing(model, tables, as_of, params, engine, Quiet(progress), subjects.keys()) as plan:
        for rule_plan in plan.rules:
            traced = trace_subjects(model, rule_plan, subjects[rule_plan.rule], engine)
            yield LikeRule(model, model.rule(rule_plan.rule), tuple(traced))


def _subjects(
    model: SupervisionModel, rule: Rule, found: FoundRows, tables: RunTables, engine: Engine
) -> list[Subject]:
    """The subjects of ``rule`` in the rows found, and in rows of its first table that belong to the same matter."""
    table, dialect = model.alias(rule.from_).source, DIALECTS[engine.dialect]
    ours = _rows_of_case(table, found, tables.lexicon)
    if not ours:
        return []
    names = subject_names(rule)
    listing = ", ".join(f"{dialect.quote(name)} AS s{place}" for place, name in enumerate(names))
    known = " AND ".join(f"{dialect.quote(name)} IS NOT NULL" for name in names)
    sql = f"SELECT DISTINCT {listing} FROM {dialect.quote(table)} WHERE {ours} AND {known}"
    rows = engine.fetch(f"{sql} LIMIT {MOST_SUBJECTS + 1}", step="监督对象").to_pydict()
    subjects = [tuple(value_text(value) or "" for value in row) for row in zip(*rows.values(), strict=True)]
    if len(subjects) > MOST_SUBJECTS:
        raise _too_many()
    return sorted(subjects)


def _rows_of_case(table: str, found: FoundRows, lexicon: Lexicon) -> str:
    """A test for the rows of ``table`` that are of the case; empty if there can be none."""
    term = lexicon.tables[table]
    anchor = table if term.chain else term.link.to if term.link else ""
    among = {"_row": found.rows.get(table, ()), "chain": found.chains.get(anchor, ())}
    tests = [f"{key} IN ({', '.join(map(str, sorted(numbers)))})" for key, numbers in among.items() if numbers]
    return f"({' OR '.join(tests)})" if tests else ""


def _protection(found: FoundRows, first: Collection[str], tables: RunTables, engine: Engine, as_of: date) -> Protection:
    """The flags of all rows of the case, in the tables it was found in and the first tables of its rules."""
    lexicon, dialect = tables.lexicon, DIALECTS[engine.dialect]
    bits, names = 0, set[str]()
    for table in sorted({*found.rows, *first}):
        term = lexicon.tables[table]
        columns = [f"t.{dialect.quote(name)}" for name in personal_columns(term)]
        listing = ", ".join([f"{flags_sql(term, lexicon, dialect, 't', as_of)} AS flags", *columns])
        sql = f"SELECT DISTINCT {listing} FROM {dialect.quote(table)} AS t"
        for row in engine.fetch(f"{sql} WHERE {_rows_of_case(table, found, lexicon)}", step="特别保护").to_pylist():
            bits |= int(row.pop("flags"))
            names.update(name for name in row.values() if name)
    flags = flags_of(bits)
    hidden = {name: mask_person_name(name) for name in names} if hides_names(flags) else {}
    return Protection(flags, hidden)


def _column(key: str, term: Table) -> Column | None:
    """The column of a table that people call ``key``."""
    if key in term.columns:
        return term.columns[key]
    titled = next((one for one in term.columns.values() if one.title == key), None)
    return titled or next((one for one in term.columns.values() if key in one.aliases), None)


def _tests(term: Table, columns: Sequence[Column], asked: Asked, lexicon: Lexicon, engine: Engine) -> Iterator[str]:
    """One comparison for each value that can be read as its column is."""
    dialect = DIALECTS[engine.dialect]
    for column, (_, text) in zip(columns, asked, strict=True):
        value = lexicon.read_cell(column, text).value
        name = next(name for name, one in term.columns.items() if one is column)
        if value is not None:
            yield f"{dialect.quote(name)} = {dialect.literal(value)}"


def _too_many() -> UsageProblem:
    hint = "请写能认定一件案件或者一个人的列，如文书号、身份证号，或者再加一个 --subject。"
    return UsageProblem(Problem("U435", f"这样写有{MOST_SUBJECTS}个以上的对象，不是一件案件。", hint=hint))


def _unknown_column(asked: Asked, tables: RunTables) -> UsageProblem:
    terms = [tables.lexicon.tables[name] for name in tables.prepared.paths]
    titles = list(dict.fromkeys(one.title for term in terms for one in term.columns.values()))
    lacking = [key for key, _ in asked if not any(_column(key, term) for term in terms)]
    named = lacking[0] if lacking else "、".join(key for key, _ in asked)
    message = f"提供的表里没有「{named}」这一列。" if lacking else f"没有一张表同时有「{named}」。"
    return UsageProblem(
        Problem("U433", message, hint=did_you_mean(named, titles) or f"可用的列：{'、'.join(titles[:12])}……")
    )


def _unreadable(asked: Asked, tables: RunTables) -> UsageProblem:
    for name in tables.prepared.paths:
        for key, text in asked:
            column = _column(key, tables.lexicon.tables[name])
            reading = tables.lexicon.read_cell(column, text) if column else None
            if reading is not None and reading.value is None:
                message = f"「{key}」的值未能读取：{mask_text(text)}。{reading.reason}。"
                return UsageProblem(Problem("U434", message, hint="请核对所写的值，写法与表格里一样。"))
    raise AssertionError("some value could not be read")
