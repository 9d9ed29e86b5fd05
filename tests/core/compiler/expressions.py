"""Random small conditions and rows for the scope of the conformance table (a, p, f)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from jianheng.core.model import expression as ast
from jianheng.core.model.expression import Node
from tests.core.compiler.naive_expression import Bounds
from tests.engines.town_tables import BLANK, UNREAD

DAYS = [date(2024, 1, 30) + timedelta(days=offset) for offset in (0, 1, 2, 29, 30, 31, 60, 61, 400)]
AMOUNTS = [Decimal(text) for text in ("0.00", "0.01", "5.00", "5.01", "-3.00", "1000.00")]
NUMBERS = [0, 1, 2, -1, 31]
WORDS = ["甲", "甲乙", "乙", "O'B", "\\", "%", "１", "😀"]
COLOURS = ["红", "绿", "蓝"]
LISTS = {"officers": ("甲", "%"), "warm": ("红", "绿")}
PARAMS = {"grace": 1, "factor": -2}

_TEXTS = ["word", "other"]
_DATES = ["born", "day", "never", "until", "since"]
_MONEY = ["amount", "extra"]
_OPERATORS = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
_SAMPLE: dict[str, list[Any]] = {
    **{name: WORDS for name in _TEXTS},
    "colour": COLOURS,
    **{name: DAYS for name in _DATES},
    **{name: AMOUNTS for name in _MONEY},
    "number": NUMBERS,
    "flag": [True, False],
}


def cells(values: list[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from([*values, BLANK, UNREAD])


def sample_rows(*, gaps: bool = True) -> st.SearchStrategy[dict[str, Any]]:
    """Rows of the sample table; without ``gaps`` every cell has a value."""
    return st.fixed_dictionaries(
        {name: cells(values) if gaps else st.sampled_from(values) for name, values in _SAMPLE.items()}
    )


@st.composite
def facts_rows(draw: st.DrawFn) -> dict[str, Any]:
    row: dict[str, Any] = {"last": draw(cells(DAYS))}
    for name, values in (("total", AMOUNTS), ("times", [0, 1, 2])):
        low, high = sorted((draw(st.sampled_from(values)), draw(st.sampled_from(values))))
        row[name] = Bounds(low, None if draw(st.booleans()) and draw(st.booleans()) else high)
    return row


def _column(alias: str, name: str) -> Node:
    return ast.Column(0, alias, name)


def _columns(names: list[str]) -> st.SearchStrategy[Node]:
    return st.builds(_column, st.sampled_from(["a", "a", "p"]), st.sampled_from(names))


def _literals(values: list[Any]) -> st.SearchStrategy[Node]:
    return st.sampled_from(values).map(lambda value: ast.Literal(0, value))


def _call(name: str, *arguments: Node) -> Node:
    return ast.Call(0, name, arguments)


def texts() -> st.SearchStrategy[Node]:
    return st.one_of(
        _columns(_TEXTS),
        _literals(WORDS),
        st.builds(lambda a, b: _call("coalesce", a, b), _columns(_TEXTS), _columns(_TEXTS)),
    )


def plain_dates() -> st.SearchStrategy[Node]:
    """Columns, the picked date of the facts, as_of."""
    return st.one_of(_columns(_DATES), st.just(_column("f", "last")), st.just(ast.Name(0, "as_of")), _literals(DAYS))


def dates() -> st.SearchStrategy[Node]:
    columns = st.one_of(_columns(_DATES), st.just(_column("f", "last")))
    later = st.builds(
        lambda day, count: _call("add_days", day, ast.Literal(0, count)), plain_dates(), st.sampled_from([0, 1, 366])
    )
    periods = st.sampled_from(["1个月", "12个月", "半个月", "10日", "1年"])
    period = st.builds(lambda day, text: _call("add_period", day, ast.Literal(0, text)), plain_dates(), periods)
    return st.one_of(
        plain_dates(),
        later,
        period,
        st.builds(lambda a, b: _call("coalesce", a, b), st.one_of(columns, later), plain_dates()),
        st.builds(
            lambda name, a, b: _call(name, a, b),
            st.sampled_from(["earliest", "latest"]),
            st.one_of(columns, later),
            plain_dates(),
        ),
    )


def numbers() -> st.SearchStrategy[Node]:
    bounded = st.sampled_from([_column("f", "total"), _column("f", "times")])
    single = st.one_of(
        _columns([*_MONEY, "number"]),
        bounded,
        _literals(AMOUNTS[:4]),
        _literals([0, 1, 5]),
        st.just(ast.Name(0, "grace")),
    )
    between = st.builds(lambda a, b: _call("days_between", a, b), dates(), dates())
    age = st.builds(lambda a, b: _call("age_on", a, b), plain_dates(), plain_dates())
    overlap = st.builds(
        lambda a, b, c, d: _call("overlap_days", a, b, c, d),
        plain_dates(),
        _columns(_DATES),
        plain_dates(),
        plain_dates(),
    )
    whole = st.one_of(
        st.just(_column("f", "times")), _columns(["number"]), _literals([0, 1, 2]), st.just(ast.Name(0, "factor"))
    )
    product = st.builds(lambda a, b: ast.Binary(0, "*", a, b), single, whole)
    total = st.builds(lambda sign, a, b: ast.Binary(0, sign, a, b), st.sampled_from(["+", "-"]), single, single)
    minus = st.builds(lambda a: ast.Negative(0, a), single)
    filled = st.builds(lambda a, b: _call("coalesce", a, b), _columns(_MONEY), single)
    return st.one_of(single, between, age, overlap, product, total, minus, filled)


def leaves() -> st.SearchStrategy[Node]:
    """Conditions without and, or, not."""

    def compared(values: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        return st.builds(lambda sign, a, b: ast.Binary(0, sign, a, b), _OPERATORS, values, values)

    same = st.builds(lambda sign, a, b: ast.Binary(0, sign, a, b), st.sampled_from(["=", "<>"]), texts(), texts())
    between = st.one_of(
        st.builds(lambda a, b, c: ast.Between(0, a, b, c), numbers(), numbers(), numbers()),
        st.builds(lambda a, b, c: ast.Between(0, a, b, c), dates(), dates(), dates()),
    )
    member = st.builds(lambda a, negated: ast.In(0, a, (), "warm", negated), _columns(["colour"]), st.booleans())
    listed = st.builds(
        lambda a, items, negated: ast.In(0, a, tuple(items), "", negated),
        numbers(),
        st.lists(_literals([*AMOUNTS[:3], 1]), min_size=1, max_size=2),
        st.booleans(),
    )
    known = st.builds(
        lambda a: _call("has", a),
        st.one_of(_columns(list(_SAMPLE)), st.just(_column("f", "last")), st.just(_column("f", "total"))),
    )
    within = st.builds(lambda a, b, c: _call("within", a, b, c), dates(), plain_dates(), _columns(_DATES))
    holds = st.builds(lambda a, b: _call("contains", a, b), texts(), _literals(WORDS))
    holds_any = st.builds(lambda a: _call("contains_any", a, ast.Name(0, "officers")), texts())
    starts = st.builds(lambda a, b: _call("starts_with", a, b), texts(), texts())
    flags = st.one_of(_columns(["flag"]), _literals([True, False, ast.UNKNOWN]))
    return st.one_of(
        compared(numbers()),
        compared(dates()),
        same,
        between,
        member,
        listed,
        known,
        within,
        holds,
        holds_any,
        starts,
        flags,
    )


def conditions() -> st.SearchStrategy[Node]:
    """Small trees of conditions."""

    def larger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        return st.one_of(
            st.builds(lambda sign, a, b: ast.Binary(0, sign, a, b), st.sampled_from(["and", "or"]), inner, inner),
            st.builds(lambda a: ast.Not(0, a), inner),
            st.builds(lambda a, b, c: ast.Case(0, ((a, b),), c), inner, inner, inner),
            st.builds(
                lambda a, b, c, d: ast.Binary(0, ">", ast.Case(0, ((a, b),), c), d),
                inner,
                numbers(),
                numbers(),
                numbers(),
            ),
            st.builds(lambda sign, a, b: ast.Binary(0, sign, a, b), st.sampled_from(["=", "<>"]), inner, inner),
        )

    return st.recursive(leaves(), larger, max_leaves=4)
