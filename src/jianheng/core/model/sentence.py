"""The one Chinese sentence of a rule: a text with ``{places}`` to be filled from a hit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from jianheng.core.model.spec import Model, Rule

_PLACE = re.compile(r"\{([^{}]*)\}")
_COLUMN = re.compile(r"([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)\Z")


@dataclass(frozen=True, slots=True)
class Place:
    """One ``{…}``: a column, a defined name, the value of a condition, a parameter, as_of, the amount or a supplier."""

    kind: Literal["column", "defined", "condition", "parameter", "as_of", "amount", "supplier", "unknown"]
    name: str
    column: str = ""

    @property
    def expression(self) -> str:
        """What a column or a defined name shows, as an author writes it; empty for the other kinds."""
        if self.kind == "column":
            return f"{self.name}.{self.column}"
        return self.name if self.kind == "defined" else ""


Part = str | Place


def sentence_parts(text: str, rule: Rule, model: Model) -> tuple[Part, ...]:
    """``text`` cut at its places, in order. What is none of the known kinds comes back as ``unknown``."""
    parts: list[Part] = []
    position = 0
    for match in _PLACE.finditer(text):
        if match.start() > position:
            parts.append(text[position : match.start()])
        parts.append(_place(match.group(1).strip(), rule, model))
        position = match.end()
    if position < len(text):
        parts.append(text[position:])
    return tuple(parts)


def _place(name: str, rule: Rule, model: Model) -> Place:
    if name in ("as_of", "amount"):
        return Place("as_of" if name == "as_of" else "amount", name)
    column = _COLUMN.match(name)
    if column:
        kind: Literal["supplier", "column"] = "supplier" if column.group(2) == "supplier" else "column"
        return Place(kind, column.group(1), column.group(2))
    if any(condition.id == name for condition in rule.where):
        return Place("condition", name)
    if name in model.define:
        return Place("defined", name)
    return Place("parameter" if name in model.params else "unknown", name)
