"""Expressions -> SQL that keeps our three truths: TRUE, FALSE, and NULL for cannot tell.

Values known only as bounds: :mod:`.bounds`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from jianheng.core.compiler.bounds import Value, compare_bounds, exactly, product
from jianheng.core.compiler.coverage import Coverage, claim_of
from jianheng.core.compiler.dialect import Dialect
from jianheng.core.compiler.profile import Profile
from jianheng.core.legal_time.period import Period, parse_period
from jianheng.core.model import expression as ast
from jianheng.core.model.expression import Node, parse
from jianheng.core.model.scope import Alias, Scope, ScopeColumn

CALENDAR = "calendar"
FLAT = "f"


@dataclass(frozen=True, slots=True)
class FactsShape:
    """What the compiler found out about a facts table: which columns are exact, whether any can be unknown.

    ``laid``: overlaps, and the alias of our own rows, with the tables made for them (see ``overlap_tables``).
    """

    exact: frozenset[str]
    certain: bool
    keys: tuple[str, ...]
    laid: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Computed:
    """SQL that stands for a column of a row source that has it nowhere written; never unread."""

    value: Value
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders in one scope. ``outer`` are aliases that may have no row (left joins of tables).

    ``unknown_keys``: facts aliases whose key may be unknown -> SQL that is TRUE where it is. ``flat``: aliases whose
    columns stand in the source ``f``; ``bound``: values that stand there already (see ``bound_values``). ``computed``:
    (alias, column) -> what is written for it. ``coverage``: what the tables of the run say they cover.
    ``instead``: aliases whose rows are read from a copy (see ``near``).
    """

    scope: Scope
    dialect: Dialect
    profile: Profile
    as_of: date
    params: Mapping[str, object]
    facts: Mapping[str, FactsShape] = field(default_factory=dict)
    outer: frozenset[str] = frozenset()
    unknown_keys: Mapping[str, str] = field(default_factory=dict)
    flat: frozenset[str] = frozenset()
    instead: Mapping[str, str] = field(default_factory=dict)
    bound: Mapping[Node, Value] = field(default_factory=dict)
    computed: Mapping[tuple[str, str], Computed] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=dict)

    def claim(self, table: str) -> date:
        """The day up to which ``table`` is known: the end of its coverage, ``as_of`` at most."""
        return claim_of([table], self.coverage, self.as_of)

    def expression(self, text: str) -> Node:
        """``text`` as a tree with defined names filled in."""
        return self.scope.expand(parse(text))

    # -- names -------------------------------------------------------------------------------------------------------

    def column(self, alias: str, column: str) -> str:
        """The bare SQL name of a column."""
        if (alias, column) in self.computed:
            return self.computed[alias, column].value.low
        if alias in self.flat:
            return f"{self.dialect.quote(FLAT)}.{self.dialect.quote(f'{alias}.{column}')}"
        return f"{self.dialect.quote(alias)}.{self.dialect.quote(column)}"

    def _unread_bit(self, alias: Alias, column: ScopeColumn) -> str:
        bad = self.column(alias.name, "_bad")
        if alias.is_facts:
            bad = f"COALESCE({bad}, 0)"
        bit = f"({bad} & {1 << column.bit})"
        unknown = self.unknown_keys.get(alias.name)
        return f"(CASE WHEN {unknown} THEN {1 << column.bit} ELSE {bit} END)" if unknown else bit

    def can_be_null(self, alias: Alias, column: ScopeColumn) -> bool:
        """Whether the column's cell may be NULL for a row that is there."""
        if alias.is_facts:
            return True
        return self.profile.column(alias.source, column.name).nulls > 0

    def can_be_unread(self, alias: Alias, column: ScopeColumn) -> bool:
        """Whether the column's cell may be unread (or its column missing in some file)."""
        if column.bit < 0:
            return False
        if alias.is_facts:
            return alias.name in self.unknown_keys or not self.facts[alias.source].certain
        return self.profile.column(alias.source, column.name).unread > 0

    # -- truths ------------------------------------------------------------------------------------------------------

    def truth(self, node: Node) -> str:
        """SQL of a condition: TRUE, FALSE or NULL."""
        match node:
            case ast.Literal(value=value):
                return "CAST(NULL AS BOOLEAN)" if value is ast.UNKNOWN else self.dialect.literal(value)
            case ast.Column():
                return self.column(node.alias, node.column)
            case ast.Not(operand=operand):
                return f"(NOT {self.truth(operand)})"
            case ast.Binary(operator="and" | "or"):
                return f"({self.truth(node.left)} {node.operator.upper()} {self.truth(node.right)})"
            case ast.Binary():
                return self._comparison(node.operator, node.left, node.right)
            case ast.Between(operand=operand, low=low, high=high):
                return f"({self._comparison('>=', operand, low)} AND {self._comparison('<=', operand, high)})"
            case ast.In():
                return self._membership(node)
            case ast.Case():
                return self._case(node, self.truth)
            case ast.Call():
                return self._truth_call(node)
        raise AssertionError(node)

    def _comparison(self, operator: str, left: Node, right: Node) -> str:
        a, b = self.value(left), self.value(right)
        if a.exact and b.exact:
            return f"({a.low} {operator} {b.low})"
        return compare_bounds(operator, a, b)

    def _membership(self, node: ast.In) -> str:
        if node.list_name:
            words = [self.dialect.literal(word) for word in self.scope.lists[node.list_name]]
        else:
            words = [self.value(item).low for item in node.items]
        operand = self.value(node.operand)
        if not operand.exact:
            either = "(" + " OR ".join(compare_bounds("=", operand, exactly(word)) for word in words) + ")"
            return f"(NOT {either})" if node.negated else either
        keyword = "NOT IN" if node.negated else "IN"
        return f"({operand.low} {keyword} ({', '.join(words)}))"

    def _truth_call(self, node: ast.Call) -> str:
        if node.function == "has":
            return self._has(node.arguments[0])
        if node.function == "within":
            return self._within(*node.arguments)
        if node.function == "contains":
            return self.dialect.contains(self.value(node.arguments[0]).low, self.value(node.arguments[1]).low)
        if node.function == "contains_any":
            text, name = self.value(node.arguments[0]).low, node.arguments[1]
            assert isinstance(name, ast.Name)
            words = self.scope.lists[name.name]
            return "(" + " OR ".join(self.dialect.contains(text, self.dialect.literal(word)) for word in words) + ")"
        if node.function == "starts_with":
            return self.dialect.starts_with(self.value(node.arguments[0]).low, self.value(node.arguments[1]).low)
        if node.function == "coalesce":
            return self.value(node).low
        raise AssertionError(node.function)

    def _has(self, node: Node) -> str:
        assert isinstance(node, ast.Column)
        alias, column = self.scope.aliases[node.alias], self.scope.column(node)
        if column.bounds and column.type != "date":
            return "TRUE"
        sql = self.column(node.alias, node.column)
        may_miss = node.alias in self.outer
        if column.empty == "unknown":
            return f"(CASE WHEN {sql} IS NOT NULL THEN TRUE END)" if self.nullable(node) else "TRUE"
        if not may_miss and not self.can_be_unread(alias, column):
            return f"({sql} IS NOT NULL)"
        return f"(CASE WHEN {sql} IS NOT NULL THEN TRUE WHEN {self._never_test(alias, column)} THEN FALSE END)"

    def _never_test(self, alias: Alias, column: ScopeColumn) -> str:
        """TRUE where a NULL cell is a blank with a meaning, not an unread one."""
        if alias.name not in self.outer and not self.can_be_unread(alias, column):
            return "TRUE"
        return f"{self._unread_bit(alias, column)} = 0"

    def _within(self, day: Node, first: Node, last: Node) -> str:
        sql = self.value(day)
        return f"({self._end('>=', sql, first)} AND {self._end('<=', sql, last)})"

    def _end(self, operator: str, day: Value, end: Node) -> str:
        test = compare_bounds(operator, day, self.value(end))
        if isinstance(end, ast.Column):
            alias, column = self.scope.aliases[end.alias], self.scope.column(end)
            if column.empty == "open" and self.can_be_null(alias, column):
                blank = f"{self.column(end.alias, end.column)} IS NULL AND {self._never_test(alias, column)}"
                return f"(CASE WHEN {blank} THEN TRUE ELSE {test} END)"
        return test

    # -- values ------------------------------------------------------------------------------------------------------

    def value(self, node: Node) -> Value:
        """SQL of a text, number or date."""
        if node in self.bound:
            return self.bound[node]
        match node:
            case ast.Literal(value=value):
                return exactly(self.truth(node) if value is ast.UNKNOWN else self.dialect.literal(value))
            case ast.Column():
                return self._column_value(node)
            case ast.Name(name="as_of"):
                return exactly(self.dialect.literal(self.as_of))
            case ast.Name(name=name):
                return exactly(self.dialect.literal(self.params[name]))
            case ast.Negative(operand=operand):
                inner = self.value(operand)
                return Value(f"(-{inner.high})", f"(-{inner.low})")
            case ast.Binary(operator="+" | "-" | "*"):
                return self._arithmetic(node)
            case ast.Case():
                return self._case_value(node)
            case ast.Call():
                return self._value_call(node)
        return exactly(self.truth(node))

    def _column_value(self, node: ast.Column) -> Value:
        alias, column = self.scope.aliases[node.alias], self.scope.column(node)
        if (node.alias, node.column) in self.computed:
            return self.computed[node.alias, node.column].value
        sql = self.column(node.alias, node.column)
        if not column.bounds:
            return exactly(sql)
        shape = self.facts[alias.source]
        if column.type == "date":
            high = sql if node.column in shape.exact else self.column(node.alias, node.column + "__max")
            return Value(sql, high)
        low = f"COALESCE({sql}, 0)"
        unknown = self.unknown_keys.get(node.alias)
        if unknown:
            low = f"(CASE WHEN NOT {unknown} THEN {low} END)"
        if node.column in shape.exact:
            return exactly(low)
        missing = f"{self.column(node.alias, shape.keys[0])} IS NULL"
        high = f"CASE WHEN {missing} THEN 0 ELSE {self.column(node.alias, node.column + '__max')} END"
        return Value(low, f"(CASE WHEN NOT {unknown} THEN {high} END)" if unknown else f"({high})")

    def _arithmetic(self, node: ast.Binary) -> Value:
        a, b = self.value(node.left), self.value(node.right)
        if node.operator == "+":
            return Value(f"({a.low} + {b.low})", f"({a.high} + {b.high})")
        if node.operator == "-":
            return Value(f"({a.low} - {b.high})", f"({a.high} - {b.low})")
        return product(a, b)

    def _case(self, node: ast.Case, render: Callable[[Node], str]) -> str:
        """A branch whose test cannot be told makes the whole unknown; SQL would take the next one."""
        parts: list[str] = []
        for test, result in node.branches:
            sql = self.truth(test)
            parts.append(f"WHEN {sql} THEN {render(result)}")
            if self.nullable(test):
                parts.append(f"WHEN {sql} IS NULL THEN NULL")
        return f"(CASE {' '.join(parts)} ELSE {render(node.otherwise)} END)"

    def _case_value(self, node: ast.Case) -> Value:
        low = self._case(node, lambda part: self.value(part).low)
        high = self._case(node, lambda part: self.value(part).high)
        return Value(low, high)

    def _value_call(self, node: ast.Call) -> Value:
        arguments = node.arguments
        match node.function:
            case "days_between":
                a, b = self.value(arguments[0]), self.value(arguments[1])
                days = self.dialect.days_between
                return Value(days(a.high, b.low), days(a.low, b.high))
            case "add_days":
                day, count = self.value(arguments[0]), self.value(arguments[1])
                return Value(self.dialect.add_days(day.low, count.low), self.dialect.add_days(day.high, count.high))
            case "add_period":
                return self._add_period(self.value(arguments[0]), _period(arguments[1]))
            case "deadline":
                return self._deadline(self.value(arguments[0]), _period(arguments[1]))
            case "age_on":
                return exactly(self._age(self.value(arguments[0]).certain, self.value(arguments[1]).certain))
            case "overlap_days":
                starts = [self.value(argument).certain for argument in arguments[::2]]
                ends = [self._running_to_claim(argument) for argument in arguments[1::2]]
                return exactly(self._overlap([starts[0], ends[0], starts[1], ends[1]]))
            case "coalesce":
                return self._coalesce(arguments)
            case "earliest" | "latest":
                return self._extreme("least" if node.function == "earliest" else "greatest", arguments)
        return exactly(self.truth(node))

    def _add_period(self, day: Value, period: Period) -> Value:
        if period.unit == "working_days":
            return self._calendar(day, "working_day", period.count)
        return Value(self._nominal(day.low, period), self._nominal(day.high, period))

    def _nominal(self, day: str, period: Period) -> str:
        if period.unit == "months":
            return self.dialect.add_months(day, period.count)
        days = period.count * 15 if period.unit == "half_months" else period.count
        return self.dialect.add_days(day, str(days))

    def _deadline(self, day: Value, period: Period) -> Value:
        nominal = self._add_period(day, period)
        if period.unit == "working_days":
            return nominal
        return Value(self._looked_up("low", nominal.low), self._looked_up("high", nominal.high))

    def nominal_end(self, node: Node) -> str | None:
        """The one day on which a ``deadline`` in days or months nominally ends; None for anything else."""
        if not (isinstance(node, ast.Call) and node.function == "deadline"):
            return None
        period = _period(node.arguments[1])
        nominal = self._add_period(self.value(node.arguments[0]), period)
        return nominal.low if nominal.exact and period.unit != "working_days" else None

    def _looked_up(self, column: str, day: str) -> str:
        quote = self.dialect.quote
        return f"(SELECT max(c.{quote(column)}) FROM {quote(CALENDAR)} AS c WHERE c.{quote('day')} = {day})"

    def _calendar(self, day: Value, kind: str, count: int) -> Value:
        """The ``count``-th working day after ``day``: by the running number of working days."""
        quote, table = self.dialect.quote, self.dialect.quote(CALENDAR)

        def nth(start: str, what: str) -> str:
            pairs = f"{table} AS n JOIN {table} AS w ON w.{quote('nth')} = n.{quote('number')} + {count}"
            return f"(SELECT max({what}) FROM {pairs} WHERE n.{quote('day')} = {start})"

        # Weekends moved for a holiday can only bring the day nearer than weekdays alone would, holidays put it off;
        # one long run of days off is allowed for at the end and one for every further month of working days.
        low, high = f"w.{quote('low')}", f"w.{quote('high')}"
        known = f"n.{quote('low')} = n.{quote('high')} AND {low} = {high}"
        least = self.dialect.add_days(f"n.{quote('day')}", str(count))
        room = f"{self.dialect.days_between(low, high)} * {count // 20}"
        greatest = self.dialect.add_days(high, room)
        return Value(
            nth(day.low, f"CASE WHEN {known} THEN {low} ELSE {least} END"),
            nth(day.high, f"CASE WHEN {known} THEN {high} WHEN {low} < {high} THEN {greatest} END"),
        )

    def _age(self, birth: str, day: str) -> str:
        """Full years; a year of age is reached on the day after the birthday, as age counts in criminal law.

        Who was born on 29 February has the birthday on the last of February. Before birth there is no age.
        """
        years = f"(year({day}) - year({birth}))"
        birthday = self.dialect.add_years(birth, years)
        reached = f"({years} - CASE WHEN {day} > {birthday} THEN 0 ELSE 1 END)"
        return f"(CASE WHEN {day} = {birth} THEN 0 WHEN {day} > {birth} THEN {reached} END)"

    def _running_to_claim(self, end: Node) -> str:
        """The end of a stretch; one that is still running ends on the day of the claim (semantics 19)."""
        sql = self.value(end).certain
        if not isinstance(end, ast.Column):
            return sql
        alias, column = self.scope.aliases[end.alias], self.scope.column(end)
        if column.empty != "open" or not self.can_be_null(alias, column):
            return sql
        running = f"{sql} IS NULL AND {self._never_test(alias, column)}"
        return f"(CASE WHEN {running} THEN {self.dialect.literal(self.as_of)} ELSE {sql} END)"

    def _overlap(self, days: list[str]) -> str:
        """Closed days shared by two stretches; no ``greatest`` here, it would skip an unknown end."""
        a_from, a_to, b_from, b_to = days
        first = f"(CASE WHEN {a_from} >= {b_from} THEN {a_from} WHEN {a_from} < {b_from} THEN {b_from} END)"
        last = f"(CASE WHEN {a_to} <= {b_to} THEN {a_to} WHEN {a_to} > {b_to} THEN {b_to} END)"
        length = f"{self.dialect.days_between(first, last)} + 1"
        return f"(CASE WHEN {length} > 0 THEN {length} WHEN {length} <= 0 THEN 0 END)"

    def _coalesce(self, arguments: tuple[Node, ...]) -> Value:
        """Blank cells are passed over, unread ones are not: what they say is unknown."""
        *firsts, last = arguments
        result = self.value(last)
        for node in reversed(firsts):
            own = self.value(node)
            some = f"{own.low} IS NOT NULL" if own.exact else f"({own.low} IS NOT NULL OR {own.high} IS NOT NULL)"
            unknown = self._not_blank(node)
            unread = f" WHEN {unknown} THEN NULL" if unknown else ""
            low = f"(CASE WHEN {some} THEN {own.low}{unread} ELSE {result.low} END)"
            high = f"(CASE WHEN {some} THEN {own.high}{unread} ELSE {result.high} END)"
            result = exactly(low) if own.exact and result.exact else Value(low, high)
        return result

    def _not_blank(self, node: Node) -> str:
        """TRUE where ``node``, having no value, is unknown rather than blank; empty if that cannot be.

        A cell is unknown if it was not read or its partner is missing. Anything computed is unknown if a cell below it
        is, or if it has no value although no cell below it is blank (a day past the calendar).
        """
        columns = list(
            dict.fromkeys((part.alias, part.column) for part in ast.walk(node) if isinstance(part, ast.Column))
        )
        tests = [test for alias, name in columns if (test := self._unread_test(self.scope.aliases[alias], name))]
        if not isinstance(node, ast.Column) and self.nullable(node):
            filled = [f"{self.column(alias, name)} IS NOT NULL" for alias, name in columns]
            tests.append("(" + " AND ".join(filled) + ")" if filled else "TRUE")
        return "(" + " OR ".join(tests) + ")" if tests else ""

    def _unread_test(self, alias: Alias, name: str) -> str:
        column = alias.columns[name]
        if alias.name in self.outer:
            missing = f"{self.column(alias.name, '_row')} IS NULL"
        else:
            missing = ""
        if not self.can_be_unread(alias, column) or (column.bounds and column.type != "date"):
            return missing
        if not alias.is_facts and not self.profile.column(alias.source, column.name).supplied:
            return missing  # no file has the column at all: that is a blank, not a cell we failed to read
        unread = f"{self._unread_bit(alias, column)} <> 0"
        return f"({missing} OR {unread})" if missing else unread

    def _extreme(self, function: str, arguments: tuple[Node, ...]) -> Value:
        values = [self.value(node) for node in arguments]
        low, high = (
            f"{function}({', '.join(side)})" for side in zip(*((one.low, one.high) for one in values), strict=True)
        )
        tests = []
        for node, value in zip(arguments, values, strict=True):
            unknown = self._not_blank(node)
            if unknown:
                tests.append(f"({value.low} IS NULL AND {unknown})")
        if not tests:
            return Value(low, high)
        unsure = " OR ".join(tests)
        return Value(
            f"(CASE WHEN {unsure} THEN NULL ELSE {low} END)", f"(CASE WHEN {unsure} THEN NULL ELSE {high} END)"
        )

    # -- what cannot be unknown --------------------------------------------------------------------------------------

    def nullable(self, node: Node) -> bool:
        """Whether the SQL of ``node`` may be NULL. FALSE only where the data rule it out."""
        match node:
            case ast.Literal(value=value):
                return value is ast.UNKNOWN
            case ast.Name():
                return False
            case ast.Column(alias=name, column=named) if (name, named) in self.computed:
                return self.computed[name, named].nullable
            case ast.Column():
                alias, column = self.scope.aliases[node.alias], self.scope.column(node)
                if column.bounds and column.type != "date":
                    return node.alias in self.unknown_keys or node.column not in self.facts[alias.source].exact
                return node.alias in self.outer or self.can_be_null(alias, column)
            case ast.Call(function="has", arguments=(ast.Column() as inner,)):
                alias, column = self.scope.aliases[inner.alias], self.scope.column(inner)
                if column.empty == "unknown":
                    return self.nullable(inner)
                return inner.alias in self.outer or self.can_be_unread(alias, column)
            case ast.Call(function="deadline" | "age_on"):
                return True
            case ast.Call(function="add_period", arguments=(_, period)) if _period(period).unit == "working_days":
                return True
            case ast.Call(function="coalesce", arguments=arguments):
                return all(self.nullable(argument) for argument in arguments) or any(
                    self._not_blank(argument) for argument in arguments
                )
        return any(self.nullable(child) for child in ast.children(node))


def _period(node: Node) -> Period:
    assert isinstance(node, ast.Literal)
    return parse_period(str(node.value))
