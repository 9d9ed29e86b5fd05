"""Values of which only bounds may be known: a sum with an unsure part, a deadline past the last published calendar.

A value is a pair of SQL texts, low and high, NULL standing for "no bound"; comparisons answer only when every value
between the bounds gives the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Value:
    """SQL of a value: ``low`` and ``high`` are the same text when it is known exactly."""

    low: str
    high: str

    @property
    def exact(self) -> bool:
        return self.low == self.high

    @property
    def certain(self) -> str:
        """SQL of the value where the bounds leave but one; else NULL."""
        return self.low if self.exact else f"(CASE WHEN {self.low} = {self.high} THEN {self.low} END)"


def exactly(sql: str) -> Value:
    """A value known exactly."""
    return Value(sql, sql)


def compare_bounds(operator: str, a: Value, b: Value) -> str:
    """A comparison of values of which at least one is known only by its bounds."""
    if a.exact and b.exact:
        return f"({a.low} {operator} {b.low})"
    if operator in ("<", "<="):
        return compare_bounds(_FLIPPED[operator], b, a)
    if operator in (">", ">="):
        refuted = "<=" if operator == ">" else "<"
        return f"(CASE WHEN {a.low} {operator} {b.high} THEN TRUE WHEN {a.high} {refuted} {b.low} THEN FALSE END)"
    same = f"{a.low} = {a.high} AND {b.low} = {b.high} AND {a.low} = {b.low}"
    apart = f"{a.high} < {b.low} OR {a.low} > {b.high}"
    yes, no = ("TRUE", "FALSE") if operator == "=" else ("FALSE", "TRUE")
    return f"(CASE WHEN {same} THEN {yes} WHEN {apart} THEN {no} END)"


def product(a: Value, b: Value) -> Value:
    """Bounds of a product: a negative factor turns them round; no bound stays none."""
    if a.exact and b.exact:
        return exactly(f"({a.low} * {b.low})")
    if a.exact:
        a, b = b, a
    if b.exact:
        return Value(*_scaled(a, b.low))
    corners = [f"({one} * {other})" for one in (a.low, a.high) for other in (b.low, b.high)]
    bounded = " AND ".join(f"{side} IS NOT NULL" for side in (a.low, a.high, b.low, b.high))
    listing = ", ".join(corners)
    least, greatest = (
        f"(CASE WHEN {bounded} THEN {function}({listing}) WHEN {b.low} = {b.high} THEN {of_a}"
        f" WHEN {a.low} = {a.high} THEN {of_b} END)"
        for function, of_a, of_b in zip(("least", "greatest"), _scaled(a, b.low), _scaled(b, a.low), strict=True)
    )
    return Value(least, greatest)


def _scaled(bounds: Value, factor: str) -> tuple[str, str]:
    """Least and greatest of ``bounds`` times a factor that is known."""
    least = f"(CASE WHEN {factor} >= 0 THEN {bounds.low} ELSE {bounds.high} END * {factor})"
    return least, f"(CASE WHEN {factor} >= 0 THEN {bounds.high} ELSE {bounds.low} END * {factor})"
