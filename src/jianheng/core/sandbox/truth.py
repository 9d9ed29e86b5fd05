"""What is true of a county, line by line: the verdicts that must come out, and whose every money row is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from jianheng.core.model.spec import Model


@dataclass(frozen=True, slots=True)
class Truth:
    """One verdict. ``case`` names the worked case it comes from.

    ``problem``: a slip in the files touches this subject, so that nothing can be demanded of it.
    """

    model: str
    rule: str
    kind: str
    subject: dict[str, str]
    expected: str
    decoy: bool
    case: str = ""
    problem: bool = False

    def line(self) -> bytes:
        """The line of ``truth.jsonl``."""
        fields: dict[str, object] = {
            "model": self.model,
            "rule": self.rule,
            "kind": self.kind,
            "subject": self.subject,
            "expected": self.expected,
            "decoy": self.decoy,
        }
        if self.case:
            fields["case"] = self.case
        if self.problem:
            fields["problem"] = True
        return orjson.dumps(fields) + b"\n"


def link_line(table: str, file: str, sheet: str, row: int, number: str | None) -> bytes:
    """The line of ``truth_links.jsonl`` for one row of a linked money table."""
    return orjson.dumps({"table": table, "file": file, "sheet": sheet, "row": row, "bail_no": number}) + b"\n"


def excluded(numbers: Sequence[str], anchor: str, column: str, models: Mapping[str, Model]) -> Iterator[Truth]:
    """Everything that rules about rows of ``anchor`` might say of ``numbers``, of which nothing can be demanded."""
    for model in models.values():
        for rule in model.rules:
            alias, _, name = rule.subject[0].partition(".")
            named = {join.as_ or join.table: join.table for join in rule.join}
            if model.tables.get(named.get(alias, rule.from_)) == anchor and name == column:
                for number in numbers:
                    yield Truth(model.id, rule.id, rule.kind, {column: number}, "cannot_tell", False, problem=True)
