"""The set-based ladder against a slow one written row by row, and two promises about any data whatever."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.catalogue.linking_tables import AS_OF, bail_words, doubted, links, read, run

Row = dict[str, Any]
DAYS = [date(2024, 1, 1) + timedelta(days=20 * n) for n in range(20)]
GROUPS = 12
FEW = settings(max_examples=4, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**32)


def county(seed: int) -> dict[str, list[Row]]:
    """Twelve tangles of a few persons each, side by side: one engine run costs as much for many tangles as for one."""
    random = Random(seed)

    def pick(*values: object) -> Any:
        return random.choice([None, *values])

    def who() -> Row:
        return {"case_no": pick("C1", "C2", "J1", "C9"), "person_id": pick("P1", "P2", "P3", "P9")}

    def money() -> Row:
        named = {"bail_no": pick("A", "B", "X"), "organ_no": pick("C", "X"), "person_name": pick("张三", "李四")}
        return {**who(), **named, "amount": pick(1000, 5000)}

    def bail() -> Row:
        return {
            "bail_no": random.choice(["A", "B", "C", "D", "E", None]),
            "case_no": pick("C1", "C2", "J1"),
            "person_name": pick("张三", "李四"),
            "person_id": pick("P1", "P2", "P3"),
            "decided_on": random.choice([*DAYS, None]),
            "ended_on": pick(*DAYS),
            "guarantee": random.choice(["保证金", "保证金", "保证人", None]),
            "amount_decided": pick(1000, 5000),
            "prior_bail_no": pick("A", "B", "X"),
        }

    makers: list[tuple[str, int, Callable[[], Row]]] = [
        ("bail", 8, bail),
        ("payment", 10, lambda: {**money(), "paid_on": pick(*DAYS)}),
        ("refund", 6, lambda: {**money(), "refunded_on": pick(*DAYS)}),
        ("outcome", 8, lambda: {**who(), "event_on": pick(*DAYS)}),
        ("case_link", 1, lambda: {"police_no": "C1", "procuratorate_no": "J1", "court_no": None}),
    ]
    tables: dict[str, list[Row]] = {}
    for name, most, make in makers:
        rows = [(group, make()) for group in range(GROUPS) for _ in range(random.randint(0, most))]
        tables[name] = [{key: _in_group(key, value, group) for key, value in row.items()} for group, row in rows]
        for index, row in enumerate(tables[name]):
            row["_row"] = index
    return tables


def _in_group(key: str, value: Any, group: int) -> Any:
    return f"{value}/{group}" if value is not None and key.endswith(("_no", "_id")) else value


def by_hand(tables: dict[str, list[Row]], bails: list[Row], table: str) -> dict[int, tuple[str | None, str]]:
    """The ladder of semantics 11, row by row; ``bails`` carry their chain and chain_position already."""
    standing = {row["procuratorate_no"]: row["police_no"] for row in tables["case_link"]}

    def equal(row: Row, bail: Row, columns: dict[str, str]) -> bool:
        pairs = [(standing.get(row[a], row[a]), standing.get(bail[b], bail[b])) for a, b in columns.items()]
        return all(a is not None and a == b for a, b in pairs)

    def agrees(row: Row, bail: Row) -> bool:
        names = ["person_id"] if table == "outcome" else ["person_id", "person_name"]
        return not any(row[n] and bail[n] and row[n] != bail[n] for n in names)

    def last_day(bail: Row) -> date:
        if table == "refund":
            return AS_OF
        if table == "payment":
            return bail["ended_on"] + timedelta(days=30) if bail["ended_on"] else AS_OF
        later = [
            other["decided_on"]
            for other in bails
            if bail["decided_on"] and other["decided_on"] and other["decided_on"] > bail["decided_on"]
            if other["person_id"] == bail["person_id"] and other["chain"] != bail["chain"]
        ]
        return min(later) - timedelta(days=1) if later else AS_OF

    def inside(row: Row, bail: Row) -> bool:
        day = row[{"payment": "paid_on", "refund": "refunded_on", "outcome": "event_on"}[table]]
        before = timedelta(days=0 if table == "outcome" else 7)
        return day is None or (
            (bail["decided_on"] is None or day >= bail["decided_on"] - before) and day <= last_day(bail)
        )

    def choose(row: Row, pool: list[Row]) -> Row:
        ordered = sorted(pool, key=lambda bail: (not fits(bail), bail["chain_position"]))
        if table == "outcome" and row["event_on"]:
            running = [bail for bail in ordered if bail["decided_on"] and bail["decided_on"] <= row["event_on"]]
            return (running or ordered[:1])[-1]
        return ordered[0]

    def fits(bail: Row) -> bool:
        return table == "outcome" or bail["guarantee"] == "保证金"

    def by_number(row: Row, columns: dict[str, str]) -> Row | None:
        found = [bail for bail in bails if equal(row, bail, columns) and agrees(row, bail)]
        return choose(row, found) if len({bail["chain"] for bail in found}) == 1 else None

    known = {*standing, *standing.values(), *(standing.get(bail["case_no"], bail["case_no"]) for bail in bails)}

    def another_case(row: Row, bail: Row) -> bool:
        if table != "outcome" or not bail["case_no"] or row["case_no"] not in known - {None}:
            return False
        return standing.get(row["case_no"], row["case_no"]) != standing.get(bail["case_no"], bail["case_no"])

    def within(row: Row, columns: dict[str, str]) -> Row | None:
        found = {
            bail["chain"]
            for bail in bails
            if equal(row, bail, columns) and agrees(row, bail) and inside(row, bail) and not another_case(row, bail)
            if fits(bail) or bail["guarantee"] is None
        }
        pool = [bail for bail in bails if bail["chain"] in found and fits(bail) and agrees(row, bail)]
        return choose(row, pool) if len(found) == 1 and pool else None

    Rung = tuple[str, Callable[[Row, dict[str, str]], Row | None], dict[str, str]]
    person, case = {"person_id": "person_id"}, {"case_no": "case_no"}
    ladder: list[Rung] = [
        ("by_number", by_number, {"bail_no": "bail_no"}),
        ("by_original", by_number, {"organ_no": "bail_no"}),
        ("by_person", within, person),
        ("by_case", within, {**case, "person_name": "person_name"}),
    ]
    if table == "outcome":
        ladder = [("by_case_and_person", by_number, {**case, **person}), ("by_person", within, person)]
    linked: dict[int, tuple[str | None, str]] = {}
    for index, row in enumerate(tables[table]):
        for step_id, climb, columns in ladder:
            bail = climb(row, columns)
            if bail is not None:
                linked[index] = (bail["bail_no"], step_id)
                break
    return linked


@given(SEEDS)
@FEW
def test_the_ladder_links_what_a_patient_clerk_would_link(seed: int) -> None:
    tables = county(seed)
    with tempfile.TemporaryDirectory() as folder:
        prepared = run(Path(folder), bail_words(), tables)
        bails = read(prepared.paths["bail"])
        for table in ("payment", "refund", "outcome"):
            assert links(prepared, table) == by_hand(tables, bails, table)


@given(SEEDS)
@FEW
def test_no_row_is_ever_linked_to_somebody_it_contradicts(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepared = run(Path(folder), bail_words(), county(seed))
        bails = {(bail["chain"], bail["chain_position"]): bail for bail in read(prepared.paths["bail"])}
        for table in ("payment", "refund", "outcome"):
            for row in read(prepared.paths[table]):
                if row["chain"] is None:
                    continue
                bail = bails[row["chain"], row["chain_position"]]
                for name in ("person_id", "person_name"):
                    assert not row.get(name) or not bail[name] or row[name] == bail[name]


@given(SEEDS)
@FEW
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    """The same rows stored in another order link to the same numbers by the same steps."""
    tables = county(seed)
    shuffled = {name: Random(seed).sample(rows, len(rows)) for name, rows in tables.items()}
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        first = run(Path(one), bail_words(), tables)
        second = run(Path(other), bail_words(), shuffled)
        assert read(first.links) == read(second.links)
        assert read(first.unlinked) == read(second.unlinked)
        for table in ("bail", "payment", "refund", "outcome"):
            assert read(first.paths[table]) == read(second.paths[table])
        for table in first.doubts:
            assert doubted(first, table) == doubted(second, table)
