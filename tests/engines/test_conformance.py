"""Every function and operator of the rule language, on awkward values, on every engine (``conformance.yaml``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from jianheng.core.compiler.dialect import DIALECTS
from jianheng.core.compiler.profile import Profile
from jianheng.core.compiler.render import CALENDAR, FactsShape, Renderer
from jianheng.core.engine.port import Engine
from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.model import expression as ast
from jianheng.core.model.expression import parse, walk
from jianheng.core.model.functions import FUNCTIONS
from jianheng.core.model.scope import Alias, Scope, ScopeColumn, type_of
from jianheng.core.model.supervision_model import table_alias
from jianheng.core.pack.strict_yaml import read_yaml
from jianheng.core.screening.tables import calendar_table
from tests.engines.town_tables import BLANK, HERE, UNREAD, Mark, arrow_table, measured, town, worst

AS_OF = date(2025, 6, 30)
FACTS = Alias(
    "f",
    "f",
    "汇总",
    {
        "k": ScopeColumn("k", "键", "integer"),
        "total": ScopeColumn("total", "合计", "money", bounds=True),
        "times": ScopeColumn("times", "次数", "integer", bounds=True),
        "last": ScopeColumn("last", "最晚", "date", "never", bit=0),
    },
    is_facts=True,
)
SCOPE = Scope(
    {"a": table_alias("a", "sample", town()), "p": table_alias("p", "sample", town()), "f": FACTS},
    {"grace": "integer", "factor": "integer"},
    {"officers": ("民警", "派出所", "承办人"), "warm": ("红", "绿")},
)
MARKS = {"blank": BLANK, "unread": UNREAD}


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    number: int
    place: str
    expr: str
    given: Mapping[str, Any]
    gives: Any

    @property
    def node(self) -> ast.Node:
        return parse(self.expr)


def read_lines() -> list[Line]:
    document = read_yaml(HERE / "conformance.yaml")
    return [
        Line(
            number,
            f"conformance.yaml:{document.place(('cases', number))[0]}",
            case["expr"],
            case.get("given", {}),
            case["gives"],
        )
        for number, case in enumerate(document.data["cases"])
    ]


LINES = read_lines()


def sample_row(line: Line, alias: str) -> dict[str, Any] | None:
    """The row of ``a`` or ``p``, None where it is missing."""
    if line.given.get(alias) == "missing":
        return None
    prefix = "" if alias == "a" else f"{alias}."
    row: dict[str, Any] = {"_row": line.number}
    for name, value in line.given.items():
        if name.startswith(prefix) and ("." in name) == bool(prefix) and name not in ("f", "p"):
            row[name.removeprefix(prefix)] = MARKS.get(value, value) if isinstance(value, str) else value
    return row


def facts_row(line: Line) -> dict[str, Any] | None:
    if line.given.get("f") == "missing":
        return None
    row: dict[str, Any] = {"k": line.number, "_bad": 0, "last": None}
    for name in ("total", "times"):
        low, high = line.given.get(f"f.{name}", [0, 0])
        row[name], row[f"{name}__max"] = low, None if high == "none" else high
    last = line.given.get("f.last", "blank")
    if last == "unread":
        row["_bad"] = 1
    elif last != "blank":
        row["last"] = last
    return row


def facts_table() -> pa.Table:
    money, whole = pa.decimal128(18, 2), pa.int64()
    kinds = {"total": money, "total__max": money, "times": whole, "times__max": whole, "last": pa.date32()}
    kinds |= {"k": whole, "_bad": whole}
    rows = [row for line in LINES if (row := facts_row(line)) is not None]
    return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()})


def renderer(line: Line, dialect: str, *, tight: bool) -> Renderer:
    """``tight``: the profile of this very row; else one that rules nothing out."""
    rows = [row for alias in ("a", "p") if (row := sample_row(line, alias)) is not None]
    source = (measured if tight else worst)("sample", rows)
    shape = FactsShape(frozenset(), False, ("k",))
    params = {"grace": 30, "factor": -2}
    profile = Profile({"sample": source})
    return Renderer(SCOPE, DIALECTS[dialect], profile, AS_OF, params, {"f": shape}, frozenset({"p"}))


def answer(line: Line, dialect: str, *, tight: bool) -> tuple[str, str]:
    """SQL of the least and the greatest answer, as text."""
    own = renderer(line, dialect, tight=tight)
    if type_of(line.node, SCOPE) == "boolean":
        low = high = own.truth(line.node)
    else:
        value = own.value(line.node)
        low, high = value.low, value.high
    text = own.dialect.type("text")
    return f"CAST({low} AS {text})", f"CAST({high} AS {text})"


def queries(lines: list[Line], dialect: str, *, tight: bool) -> str:
    """One query for many lines, each for its own row: a union, or (Spark plans unions slowly) a case of rows."""
    if dialect == "spark":
        return query(lines, dialect, tight=tight)
    return "\nUNION ALL\n".join(query([line], dialect, tight=tight) for line in lines)


def query(lines: list[Line], dialect: str, *, tight: bool) -> str:
    own = renderer(lines[0], dialect, tight=tight)
    quote, row = own.dialect.quote, own.column("a", "_row")
    answers = {line.number: answer(line, dialect, tight=tight) for line in lines}
    low = " ".join(f"WHEN {number} THEN {texts[0]}" for number, texts in answers.items())
    high = " ".join(f"WHEN {number} THEN {texts[1]}" for number, texts in answers.items())
    return (
        f"SELECT {row} AS n, CASE {row} {low} END AS low, CASE {row} {high} END AS high"
        f" FROM {quote('sample')} AS {quote('a')}"
        f" LEFT JOIN {quote('partner')} AS {quote('p')} ON {own.column('p', '_row')} = {row}"
        f" LEFT JOIN {quote('f')} AS {quote('f')} ON {own.column('f', 'k')} = {row}"
        f" WHERE {row} IN ({', '.join(map(str, answers))})"
    )


def lay_out(engine: Engine) -> None:
    engine.load("sample", arrow_table("sample", [row for line in LINES if (row := sample_row(line, "a"))]))
    engine.load("partner", arrow_table("sample", [row for line in LINES if (row := sample_row(line, "p"))]))
    engine.load("f", facts_table())
    engine.load(CALENDAR, calendar_table(default_calendar()))


def read_back(text: str | None, line: Line) -> Any:
    """What an engine's text means, by the type of the expression."""
    kind = type_of(line.node, SCOPE)
    if text is None or kind == "text":
        return text
    if kind == "boolean":
        return {"true": True, "false": False}[text]
    return date.fromisoformat(text) if kind == "date" else Decimal(text)


def wanted(line: Line) -> tuple[Any, Any]:
    if isinstance(line.gives, dict):
        return line.gives["from"], line.gives["to"]
    return line.gives, line.gives


def differences(engine: Engine, *, tight: bool) -> list[str]:
    """Lines that came out otherwise than written, each with its place."""
    found: list[str] = []
    lines = {line.number: line for line in LINES}
    for start in range(0, len(LINES), 50):
        part = LINES[start : start + 50]
        rows = engine.fetch(queries(part, engine.dialect, tight=tight), step="conformance").to_pylist()
        answers = {row["n"]: row for row in rows}
        for number in (line.number for line in part):
            line = lines[number]
            got = read_back(answers[number]["low"], line), read_back(answers[number]["high"], line)
            if got != wanted(line):
                found.append(f"{line.place} {line.expr} {dict(line.given)}: {got} instead of {wanted(line)}")
    return found


@pytest.fixture(scope="module")
def laid_out(duckdb_engine: Engine) -> Engine:
    lay_out(duckdb_engine)
    return duckdb_engine


def test_the_embedded_engine_answers_as_the_table_says(laid_out: Engine) -> None:
    assert differences(laid_out, tight=False) == []


def test_leaving_out_what_the_data_rule_out_changes_no_answer(laid_out: Engine) -> None:
    assert differences(laid_out, tight=True) == []


@pytest.mark.spark
def test_the_second_engine_answers_as_the_table_says(spark_engine: Engine) -> None:
    lay_out(spark_engine)
    assert differences(spark_engine, tight=False) == []


def test_every_function_of_the_language_is_in_the_table() -> None:
    called = {node.function for line in LINES for node in walk(line.node) if isinstance(node, ast.Call)}
    assert called == set(FUNCTIONS)


def test_every_operator_of_the_language_is_in_the_table() -> None:
    nodes = [node for line in LINES for node in walk(line.node)]
    operators = {node.operator for node in nodes if isinstance(node, ast.Binary)}
    assert operators == {"and", "or", "=", "<>", "<", "<=", ">", ">=", "+", "-", "*"}
    kinds = {type(node) for node in nodes}
    assert kinds == {
        ast.Literal, ast.Name, ast.Column, ast.Not, ast.Negative, ast.Binary, ast.In, ast.Between, ast.Case, ast.Call,
    }  # fmt: skip


def test_every_function_is_asked_what_it_says_of_an_unknown_cell() -> None:
    asked = {
        node.function
        for line in LINES
        for node in walk(line.node)
        if isinstance(node, ast.Call) and wanted(line) == (None, None)
    }
    assert asked == set(FUNCTIONS)


def test_the_two_marks_of_a_cell_without_a_value_are_not_values() -> None:
    assert isinstance(BLANK, Mark) and isinstance(UNREAD, Mark) and BLANK is not UNREAD
