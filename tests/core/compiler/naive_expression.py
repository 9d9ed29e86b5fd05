"""What an expression means, written down a second time from the description of the rule language.

Slow, plain and without SQL: a truth is True, False or None (cannot tell); a value is a pair (least, most) in which None
is "no bound", so that (None, None) is a value nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.legal_time.deadline import add_period, age_on
from jianheng.core.legal_time.period import parse_period
from jianheng.core.model import expression as ast
from tests.engines.town_tables import BLANK, UNREAD

Truth = bool | None
Value = tuple[Any, Any]
NOBODY_KNOWS: Value = (None, None)


@dataclass(frozen=True)
class Bounds:
    """A cell of facts of which only the bounds are known; ``high`` None: no upper bound."""

    low: Any
    high: Any


@dataclass(frozen=True)
class Place:
    """One joined row: per alias its cells, or None where the partner is missing (facts: no such key)."""

    rows: Mapping[str, Mapping[str, Any] | None]
    empty_means: Mapping[str, Mapping[str, str]]
    facts: frozenset[str]
    as_of: date
    params: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def cell(self, node: ast.Column) -> Any:
        """Value, Bounds, BLANK or UNREAD. A missing partner's cells are unread; a missing facts key counts nothing."""
        row = self.rows[node.alias]
        if row is None:
            if node.alias not in self.facts:
                return UNREAD
            return Bounds(0, 0) if self.empty_means[node.alias][node.column] == "bounds" else BLANK
        return row.get(node.column, BLANK)

    def empty(self, node: ast.Column) -> str:
        return self.empty_means[node.alias][node.column]


def both(first: Truth, second: Truth) -> Truth:
    """FALSE beats NULL beats TRUE."""
    if first is False or second is False:
        return False
    return None if first is None or second is None else True


def negate(truth: Truth) -> Truth:
    return None if truth is None else not truth


def either(first: Truth, second: Truth) -> Truth:
    return negate(both(negate(first), negate(second)))


def truth(node: ast.Node, at: Place) -> Truth:
    """A condition."""
    match node:
        case ast.Literal(value=constant):
            return None if constant is ast.UNKNOWN else bool(constant)
        case ast.Not(operand=operand):
            return negate(truth(operand, at))
        case ast.Binary(operator="and"):
            return both(truth(node.left, at), truth(node.right, at))
        case ast.Binary(operator="or"):
            return either(truth(node.left, at), truth(node.right, at))
        case ast.Binary():
            return compare(node.operator, value(node.left, at), value(node.right, at))
        case ast.Between(operand=operand, low=low, high=high):
            middle = value(operand, at)
            return both(compare(">=", middle, value(low, at)), compare("<=", middle, value(high, at)))
        case ast.In(operand=operand, items=items, list_name=name, negated=negated):
            known = [(word, word) for word in at.lists[name]] if name else [value(item, at) for item in items]
            found: Truth = False
            for one in known:
                found = either(found, compare("=", value(operand, at), one))
            return negate(found) if negated else found
    answer = value(node, at)
    return answer[0] if answer[0] == answer[1] else None


def compare(operator: str, a: Value, b: Value) -> Truth:
    """What holds for every pair of values between the bounds."""
    if operator == "<>":
        return negate(compare("=", a, b))
    if operator in ("<", "<="):
        return compare({"<": ">", "<=": ">="}[operator], b, a)
    (a_low, a_high), (b_low, b_high) = a, b
    if operator == "=":
        if None not in (a_low, a_high, b_low, b_high) and a_low == a_high == b_low == b_high:
            return True
        apart = (a_high is not None and b_low is not None and a_high < b_low) or (
            a_low is not None and b_high is not None and a_low > b_high
        )
        return False if apart else None
    strict = operator == ">"
    if a_low is not None and b_high is not None and (a_low > b_high or (not strict and a_low == b_high)):
        return True
    if a_high is not None and b_low is not None and (a_high < b_low or (strict and a_high == b_low)):
        return False
    return None


def value(node: ast.Node, at: Place) -> Value:
    """A value, or a truth where one is asked for as a value."""
    match node:
        case ast.Literal(value=constant):
            return NOBODY_KNOWS if constant is ast.UNKNOWN else (constant, constant)
        case ast.Name(name="as_of"):
            return (at.as_of, at.as_of)
        case ast.Name(name=name):
            return (at.params[name], at.params[name])
        case ast.Column():
            cell = at.cell(node)
            if isinstance(cell, Bounds):
                return (cell.low, cell.high)
            return NOBODY_KNOWS if cell is BLANK or cell is UNREAD else (cell, cell)
        case ast.Negative(operand=operand):
            low, high = value(operand, at)
            return (None if high is None else -high, None if low is None else -low)
        case ast.Binary(operator="+" | "-" | "*"):
            return _arithmetic(node, at)
        case ast.Case(branches=branches, otherwise=otherwise):
            for test, result in branches:
                answer = truth(test, at)
                if answer is None:
                    return NOBODY_KNOWS
                if answer:
                    return value(result, at)
            return value(otherwise, at)
        case ast.Call():
            return _call(node, at)
    answer = truth(node, at)
    return NOBODY_KNOWS if answer is None else (answer, answer)


def _arithmetic(node: ast.Binary, at: Place) -> Value:
    (a_low, a_high), (b_low, b_high) = value(node.left, at), value(node.right, at)
    if node.operator == "-":
        b_low, b_high = (None if b_high is None else -b_high), (None if b_low is None else -b_low)
    if node.operator != "*":
        low = None if a_low is None or b_low is None else a_low + b_low
        return (low, None if a_high is None or b_high is None else a_high + b_high)
    if None not in (a_low, a_high, b_low, b_high):
        corners = [one * other for one in (a_low, a_high) for other in (b_low, b_high)]
        return (min(corners), max(corners))
    if a_low is not None and a_low == a_high:
        a_low, a_high, b_low, b_high = b_low, b_high, a_low, a_high
    if b_low is None or b_low != b_high:
        return NOBODY_KNOWS
    factor = b_low
    ends = [None if end is None else end * factor for end in (a_low, a_high)]
    return (ends[1], ends[0]) if factor < 0 else (ends[0], ends[1])


def _call(node: ast.Call, at: Place) -> Value:
    arguments = node.arguments
    if node.function == "has":
        column = arguments[0]
        assert isinstance(column, ast.Column)
        answer = _has(column, at)
        return NOBODY_KNOWS if answer is None else (answer, answer)
    if node.function == "within":
        day = value(arguments[0], at)
        answer = both(_end(">=", day, arguments[1], at), _end("<=", day, arguments[2], at))
        return NOBODY_KNOWS if answer is None else (answer, answer)
    if node.function == "coalesce":
        for argument in arguments[:-1]:
            state = _state(argument, at)
            if state != "blank":
                return value(argument, at) if state == "value" else NOBODY_KNOWS
        return value(arguments[-1], at)
    if node.function in ("earliest", "latest"):
        states = [_state(argument, at) for argument in arguments]
        if "unknown" in states or "value" not in states:
            return NOBODY_KNOWS
        days = [value(argument, at)[0] for argument, state in zip(arguments, states, strict=True) if state == "value"]
        chosen = min(days) if node.function == "earliest" else max(days)
        return (chosen, chosen)
    if node.function == "contains_any":
        text = value(arguments[0], at)[0]
        name = arguments[1]
        assert isinstance(name, ast.Name)
        found = None if text is None else any(word in text for word in at.lists[name.name])
        return (found, found)
    known = [value(argument, at) for argument in arguments]
    if node.function == "overlap_days":
        known = [
            _or_claim(argument, at) if index % 2 else one
            for index, (argument, one) in enumerate(zip(arguments, known, strict=True))
        ]
    if any(low is None or low != high for low, high in known):
        return NOBODY_KNOWS
    result = _plain(node.function, [low for low, _ in known])
    return (result, result)


def _plain(function: str, known: list[Any]) -> Any:
    match function:
        case "days_between":
            return (known[1] - known[0]).days
        case "add_days":
            return known[0] + timedelta(days=int(known[1]))
        case "add_period":
            return add_period(known[0], parse_period(known[1]), default_calendar())
        case "age_on":
            return None if known[1] < known[0] else age_on(known[0], known[1])
        case "overlap_days":
            shared = set(_days(known[0], known[1])) & set(_days(known[2], known[3]))
            return len(shared)
        case "contains":
            return known[1] in known[0]
        case "starts_with":
            return known[0][: len(known[1])] == known[1]
    raise AssertionError(function)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def _has(node: ast.Column, at: Place) -> Truth:
    cell = at.cell(node)
    if cell is UNREAD:
        return None
    if cell is BLANK:
        return None if at.empty(node) == "unknown" else False
    return True


def _end(operator: str, day: Value, end: ast.Node, at: Place) -> Truth:
    if isinstance(end, ast.Column) and at.cell(end) is BLANK and at.empty(end) == "open":
        return True
    return compare(operator, day, value(end, at))


def _or_claim(node: ast.Node, at: Place) -> Value:
    if isinstance(node, ast.Column) and at.cell(node) is BLANK and at.empty(node) == "open":
        return (at.as_of, at.as_of)
    return value(node, at)


def _state(node: ast.Node, at: Place) -> str:
    """value, blank, or unknown."""
    if value(node, at) != NOBODY_KNOWS:
        return "value"
    cells = [at.cell(part) for part in ast.walk(node) if isinstance(part, ast.Column)]
    return "blank" if BLANK in cells and UNREAD not in cells else "unknown"
