"""Small pieces of SQL text that chaining and linking share. Pure: text in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date


def quoted(identifier: str) -> str:
    """``identifier`` as a quoted SQL name."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(value: str) -> str:
    """``value`` as a SQL string."""
    return "'" + value.replace("'", "''") + "'"


def date_literal(value: date) -> str:
    """``value`` as a SQL date."""
    return f"DATE '{value.isoformat()}'"


def first_filled(columns: Sequence[str], alias: str) -> str:
    """The first of some date columns that is filled; NULL if none is."""
    return f"coalesce({', '.join([*(f'{alias}.{quoted(c)}' for c in columns), 'NULL::DATE'])})"


def least_filled(columns: Sequence[str], alias: str) -> str:
    """The earliest of some date columns that are filled; NULL if none is (``least`` passes over NULL)."""
    return f"least({', '.join([*(f'{alias}.{quoted(c)}' for c in columns), 'NULL::DATE'])})"


def standing_for(column: str, alias: str, numbers: str | None, joined: str) -> tuple[str, str]:
    """What the number in ``alias.column`` stands for: the expression, and the join it needs.

    ``numbers`` is a table made by ``build_numbers``; without it, or where it lacks the number, a number stands for
    itself.
    """
    own = f"{alias}.{quoted(column)}"
    if numbers is None:
        return own, ""
    return f"coalesce({joined}.same, {own})", f" LEFT JOIN {quoted(numbers)} AS {joined} ON {joined}.number = {own}"
