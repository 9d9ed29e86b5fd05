"""Tiny fields of work for the tests of chains and linking, and small canonical tables written straight to Parquet.

``bail_words()`` and ``flat_words()`` are two lexicons that share nothing; ``write_table`` fills what a row leaves out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jianheng.core.catalogue.prepared import Prepared, prepare
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Table

AS_OF = date(2025, 6, 30)
ARROW = {
    "text": pa.string(),
    "date": pa.date32(),
    "money": pa.decimal128(18, 2),
    "boolean": pa.bool_(),
    "integer": pa.int64(),
}
Row = Mapping[str, Any]


def table(table_id: str, columns: Mapping[str, str], **more: Any) -> Table:
    """A table term: column id -> field type."""
    spec = {"id": table_id, "title": table_id, "required": [], **more}
    spec["columns"] = {name: {"title": name, "type": kind} for name, kind in columns.items()}
    return Table.model_validate(spec)


def lexicon(*tables: Table) -> Lexicon:
    return Lexicon({each.id: each for each in tables}, {})


def step(step_id: str, number: int, columns: Mapping[str, str], within: bool = False) -> dict[str, Any]:
    return {"id": step_id, "step": number, "title": step_id, "columns": columns, "within": within}


MONEY_LADDER = [
    step("by_number", 1, {"bail_no": "bail_no"}),
    step("by_original", 1, {"organ_no": "bail_no"}),
    step("by_person", 2, {"person_id": "person_id"}, within=True),
    step("by_case", 3, {"case_no": "case_no", "person_name": "person_name"}, within=True),
]
AGREE = {"person_name": "person_name", "person_id": "person_id"}
WHO = {"bail_no": "text", "organ_no": "text", "case_no": "text", "person_name": "text", "person_id": "text"}


def money(table_id: str, on: Sequence[str], until: str) -> Table:
    stretch = {"before_days": 7, "after_end_days": 30, "until": until}
    link = {
        "to": "bail",
        "key": "bail_no",
        "on": list(on),
        "stretch": stretch,
        "only": {"guarantee": "保证金"},
        "agree": AGREE,
        "amount": "amount",
        "anchor_amount": "amount_decided",
        "ladder": MONEY_LADDER,
    }
    return table(table_id, {**WHO, **dict.fromkeys(on, "date"), "amount": "money"}, link=link)


def bail_words() -> Lexicon:
    bail = table(
        "bail",
        {
            "bail_no": "text",
            "case_no": "text",
            "person_name": "text",
            "person_id": "text",
            "decided_on": "date",
            "released_on": "date",
            "ended_on": "date",
            "guarantee": "text",
            "amount_decided": "money",
            "prior_bail_no": "text",
        },
        same_number={
            "column": "case_no",
            "table": "case_link",
            "columns": ["police_no", "procuratorate_no", "court_no"],
        },
        chain={
            "number": "bail_no",
            "previous": "prior_bail_no",
            "same": ["case_no", "person_id"],
            "start": ["decided_on"],
            "ended": ["released_on", "ended_on"],
            "within_days": 30,
            "order": "decided_on",
        },
    )
    case_link = table("case_link", {"police_no": "text", "procuratorate_no": "text", "court_no": "text"})
    outcome = table(
        "outcome",
        {"bail_no": "text", "case_no": "text", "person_id": "text", "event_on": "date"},
        link={
            "to": "bail",
            "key": "bail_no",
            "on": ["event_on"],
            "stretch": {"until": "next"},
            "agree": {"person_id": "person_id"},
            "choose": "in_force",
            "ladder": [
                step("by_case_and_person", 1, {"case_no": "case_no", "person_id": "person_id"}),
                {**step("by_person", 2, {"person_id": "person_id"}, within=True), "unless_known": "case_no"},
            ],
        },
    )
    payment = money("payment", ["paid_on"], "end")
    refund = money("refund", ["refunded_on", "notified_on", "decided_on"], "as_of")
    return lexicon(bail, case_link, outcome, payment, refund)


def flat_words() -> Lexicon:
    """Public flats let to families, and rents: another field, other words, the same machinery."""
    tenancy = table(
        "tenancy",
        {
            "contract_no": "text",
            "flat": "text",
            "tenant": "text",
            "from_on": "date",
            "to_on": "date",
            "rent": "money",
            "renews": "text",
        },
        chain={
            "number": "contract_no",
            "previous": "renews",
            "same": ["flat", "tenant"],
            "start": ["from_on"],
            "ended": ["to_on"],
            "within_days": 10,
            "order": "from_on",
        },
    )
    rent = table(
        "rent",
        {"contract": "text", "flat": "text", "payer": "text", "paid_on": "date", "sum": "money"},
        link={
            "to": "tenancy",
            "key": "contract",
            "on": ["paid_on"],
            "stretch": {"before_days": 3, "after_end_days": 5},
            "agree": {"payer": "tenant"},
            "amount": "sum",
            "anchor_amount": "rent",
            "choose": "in_force",
            "ladder": [
                step("contract", 1, {"contract": "contract_no"}),
                step("flat", 2, {"flat": "flat"}, within=True),
            ],
        },
    )
    return lexicon(tenancy, rent)


def write_table(words: Lexicon, table_id: str, rows: Sequence[Row], path: Path) -> Path:
    """Write canonical rows. ``_row`` counts from 0 unless a row says it; ``_unread`` names the row's unread columns."""
    terms = [term for term in words.columns(table_id).values() if term.origin != "chain"]
    names = [term.id for term in terms]
    columns: dict[str, pa.Array] = {
        "_row": pa.array([row.get("_row", index) for index, row in enumerate(rows)], pa.int64())
    }
    for term in terms:
        values = [_value(row.get(term.id), term.storage) for row in rows]
        columns[term.id] = pa.array(values, ARROW[term.storage])
    bad = [sum(1 << names.index(column) for column in row.get("_unread", ())) for row in rows]
    columns["_bad"] = pa.array(bad, pa.int64())
    columns["_repeat"] = pa.array([False] * len(rows), pa.bool_())
    assert all(key in columns or key == "_unread" for row in rows for key in row), "a row names an unknown column"
    pq.write_table(pa.table(columns), path)
    return path


def _value(value: Any, storage: str) -> Any:
    if isinstance(value, str) and storage == "date":
        return date.fromisoformat(value)
    if isinstance(value, int) and storage == "money":
        return Decimal(value)
    return value


def run(folder: Path, words: Lexicon, tables: Mapping[str, Sequence[Row]], as_of: date = AS_OF) -> Prepared:
    """Write ``tables`` below ``folder`` and prepare them there."""
    source = folder / "canonical"
    source.mkdir(parents=True, exist_ok=True)
    paths = {name: write_table(words, name, rows, source / f"{name}.parquet") for name, rows in tables.items()}
    with DuckdbEngine(folder / "spill", memory="1GB", threads=1) as engine:
        return prepare(paths, words, engine, as_of, folder / "prepared")


def read(path: Path) -> list[dict[str, Any]]:
    return list(pq.read_table(path).to_pylist())


def reasons(prepared: Prepared, table_id: str) -> dict[int, str]:
    return {row["_row"]: row["reason"] for row in read(prepared.unlinked) if row["table"] == table_id}


def links(prepared: Prepared, table_id: str) -> dict[int, tuple[str | None, str]]:
    """Row -> (anchor number, step id)."""
    return {row["_row"]: (row["anchor"], row["step_id"]) for row in read(prepared.links) if row["table"] == table_id}


def doubted(prepared: Prepared, table_id: str) -> set[tuple[int, int]]:
    return {(row["chain"], row["_row"]) for row in read(prepared.doubts[table_id])}
