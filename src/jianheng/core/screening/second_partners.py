"""Rows that are one too many: partners beyond the one that a join expects (semantics 12), as problem rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jianheng.core.catalogue.snapshot import Snapshot
from jianheng.core.compiler.dialect import DIALECTS
from jianheng.core.engine.port import Engine
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.run import RuleOutcome

SECOND_PARTNER = "D202"


@dataclass(frozen=True, slots=True)
class DataFault:
    """One row that two rules may find: it is one problem."""

    table: str
    message: str
    file: str
    sheet: str
    cell: str

    def record(self) -> dict[str, Any]:
        """The record for ``problems.jsonl``: the filled fields."""
        fields = {
            "code": SECOND_PARTNER,
            "message": self.message,
            "file": self.file,
            "sheet": self.sheet,
            "cell": self.cell,
            "hint": "请核对是否重复登记，或者文书号填错。",
            "table": self.table,
        }
        return {name: value for name, value in fields.items() if value}


def second_partners_of(
    model: SupervisionModel, outcome: RuleOutcome, snapshot: Snapshot, engine: Engine
) -> Iterator[DataFault]:
    """The second and further partners of one rule, each row where it stands; the run's tables must still stand."""
    files = {file.number: file.name for file in snapshot.files}
    sheets = {sheet.number: sheet.sheet for sheet in snapshot.sheets}
    quote = DIALECTS[engine.dialect].quote
    for wanted in outcome.plan.second_partners if outcome.plan else ():
        rows = sorted({row for found in outcome.second_partners[wanted.alias].values() for row in found})
        if not rows:
            continue
        title = model.lexicon.tables[wanted.table].title
        sql = (
            f"SELECT s.file AS file, s.sheet AS sheet, s.{quote('row')} AS place"
            f" FROM {quote(f'source__{wanted.table}')} AS s WHERE s._row IN ({', '.join(map(str, rows))})"
            f" ORDER BY s.file, s.sheet, s.{quote('row')}"
        )
        for row in engine.fetch(sql, step=f"多出的{title}记录").to_pylist():
            sheet = sheets[row["sheet"]]
            place = f"第{row['place']}行" if sheet else f"第{row['place']}条"
            yield DataFault(
                wanted.table, f"{title}应当只有一条对应的记录，这是多出的", files[row["file"]], sheet, place
            )
