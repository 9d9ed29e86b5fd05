"""How the same meaning is written for each engine. Every function of the language has one rendering a dialect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

_TYPES = {"date": "DATE", "money": "DECIMAL(18,2)", "integer": "BIGINT", "text": "VARCHAR", "boolean": "BOOLEAN"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """DuckDB's writing; the base of the others."""

    name: str = "duckdb"

    def quote(self, name: str) -> str:
        """An identifier."""
        return '"' + name.replace('"', '""') + '"'

    def literal(self, value: object) -> str:
        """A constant: text, number, date or truth value."""
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, date):
            return f"DATE '{value.isoformat()}'"
        if isinstance(value, Decimal):
            return format(value, "f")  # never 1E-7: that would be a floating-point number
        if isinstance(value, int):
            return str(value)
        return "'" + self.escape(str(value)) + "'"

    def escape(self, text: str) -> str:
        """Text inside single quotes."""
        return text.replace("'", "''")

    def days_between(self, first: str, second: str) -> str:
        """Whole days from ``first`` to ``second``."""
        return f"date_diff('day', {first}, {second})"

    def add_days(self, day: str, count: str) -> str:
        """A day ``count`` days later."""
        return f"({day} + CAST({count} AS INTEGER))"

    def add_months(self, day: str, count: int) -> str:
        """T5: the same day, else the last; a last day of a month gives the last day of the target month."""
        later = f"CAST({day} + INTERVAL {count} MONTH AS DATE)"
        return f"(CASE WHEN {day} = last_day({day}) THEN last_day({later}) ELSE {later} END)"

    def add_counted_months(self, day: str, count: str) -> str:
        """As :meth:`add_months`, the number of months being an expression."""
        later = f"CAST({day} + to_months(CAST({count} AS INTEGER)) AS DATE)"
        return f"(CASE WHEN {day} = last_day({day}) THEN last_day({later}) ELSE {later} END)"

    def add_years(self, day: str, count: str) -> str:
        """The same day ``count`` years later (an expression); the last of February for the 29th."""
        return f"CAST({day} + to_years(CAST({count} AS INTEGER)) AS DATE)"

    def type(self, kind: str) -> str:
        """The column type of text, date, money, integer or boolean."""
        return _TYPES[kind]

    def least_key(self, column: str, key: str, condition: str) -> str:
        """The ``column`` of the row with the least ``key`` among those meeting ``condition``."""
        return f"arg_min_null({column}, {key}) FILTER (WHERE {condition})"  # arg_min would pass over a NULL column

    def greatest_key(self, column: str, key: str, condition: str) -> str:
        """The ``column`` of the row with the greatest ``key`` among those meeting ``condition``."""
        return f"arg_max_null({column}, {key}) FILTER (WHERE {condition})"

    def day_number(self, day: str) -> str:
        """Days since 1970-01-01 as a whole number."""
        return f"CAST(date_diff('day', DATE '1970-01-01', {day}) AS BIGINT)"

    def contains(self, text: str, part: str) -> str:
        """Whether ``text`` holds ``part``."""
        return f"contains({text}, {part})"

    def starts_with(self, text: str, part: str) -> str:
        """Whether ``text`` begins with ``part``."""
        return f"starts_with({text}, {part})"


@dataclass(frozen=True, slots=True)
class SparkDialect(Dialect):
    """Spark SQL, ANSI mode."""

    name: str = "spark"

    def quote(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def escape(self, text: str) -> str:
        return text.replace("\\", "\\\\").replace("'", "\\'")

    def days_between(self, first: str, second: str) -> str:
        return f"datediff({second}, {first})"

    def add_days(self, day: str, count: str) -> str:
        return f"date_add({day}, CAST({count} AS INT))"

    def add_months(self, day: str, count: int) -> str:
        later = f"add_months({day}, {count})"
        return f"(CASE WHEN {day} = last_day({day}) THEN last_day({later}) ELSE {later} END)"

    def add_counted_months(self, day: str, count: str) -> str:
        later = f"add_months({day}, CAST({count} AS INT))"
        return f"(CASE WHEN {day} = last_day({day}) THEN last_day({later}) ELSE {later} END)"

    def add_years(self, day: str, count: str) -> str:
        return f"add_months({day}, CAST({count} AS INT) * 12)"

    def type(self, kind: str) -> str:
        return "STRING" if kind == "text" else _TYPES[kind]

    def least_key(self, column: str, key: str, condition: str) -> str:
        return f"min_by({column}, {key}) FILTER (WHERE {condition})"

    def greatest_key(self, column: str, key: str, condition: str) -> str:
        return f"max_by({column}, {key}) FILTER (WHERE {condition})"

    def day_number(self, day: str) -> str:
        return f"CAST(datediff({day}, DATE '1970-01-01') AS BIGINT)"

    def starts_with(self, text: str, part: str) -> str:
        return f"startswith({text}, {part})"


DIALECTS: dict[str, Dialect] = {"duckdb": Dialect(), "spark": SparkDialect()}
