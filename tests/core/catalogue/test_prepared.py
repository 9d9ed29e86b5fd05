"""What a run finds after preparation: tables with keys replaced, links, leftovers, doubts, counts."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from jianheng.core.catalogue.linking_unlinked import REASONS
from jianheng.core.catalogue.prepared import prepare
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.errors import PackProblem, RunProblem
from jianheng.core.foundation.progress import Silent
from jianheng.core.terms.lexicon import Lexicon
from tests.core.catalogue.linking_tables import (
    AS_OF,
    Row,
    bail_words,
    doubted,
    lexicon,
    links,
    read,
    reasons,
    run,
    step,
    table,
    write_table,
)

A: Row = {
    "bail_no": "A",
    "case_no": "C1",
    "person_name": "张三",
    "person_id": "P1",
    "decided_on": "2024-03-10",
    "guarantee": "保证金",
    "amount_decided": 5000,
}
B: Row = {**A, "bail_no": "B", "case_no": "C2", "person_id": "P2"}
KEY_BIT = 1  # bail_no is the first column of a payment


def test_a_linked_row_carries_its_anchors_number_chain_place_and_step(tmp_path: Path) -> None:
    first = {**A, "bail_no": "0", "decided_on": "2024-01-10", "guarantee": "保证人"}
    prepared = run(tmp_path, bail_words(), {"bail": [B, A, first], "payment": [{"person_id": "P1"}]})
    [row] = read(prepared.paths["payment"])
    assert (row["bail_no"], row["_step"]) == ("A", "by_person")
    assert (row["chain"], row["chain_position"], row["chain_count"]) == (1, 2, 2)


def test_a_table_of_anchors_carries_its_chains_and_no_step(tmp_path: Path) -> None:
    prepared = run(tmp_path, bail_words(), {"bail": [A, B]})
    rows = read(prepared.paths["bail"])
    added = ("bail_no", "chain", "chain_position", "chain_count", "_step")
    assert [tuple(row[name] for name in added) for row in rows] == [("A", 0, 1, 1, None), ("B", 1, 1, 1, None)]


def test_every_other_column_and_row_is_kept(tmp_path: Path) -> None:
    payments = [{"bail_no": "A", "amount": 10}, {"amount": 20}, {"bail_no": "X", "paid_on": "2024-05-01"}]
    prepared = run(tmp_path, bail_words(), {"bail": [A], "payment": payments})
    before = read(tmp_path / "canonical" / "payment.parquet")
    after = sorted(read(prepared.paths["payment"]), key=lambda row: row["_row"])
    added = {"bail_no", "_bad", "chain", "chain_position", "chain_count", "_step"}
    assert [{k: v for k, v in row.items() if k not in added} for row in after] == [
        {k: v for k, v in row.items() if k not in added} for row in before
    ]


@pytest.mark.parametrize(
    ("row", "number", "bad"),
    [
        ({"bail_no": "A"}, "A", 0),
        ({"_unread": ["bail_no", "amount"], "person_id": "P1"}, "A", 1 << 6),  # the ladder found what could not be read
        ({"bail_no": "X"}, None, KEY_BIT),  # written, but leads nowhere: unknown, not empty
        ({"_unread": ["bail_no"]}, None, KEY_BIT),
        ({}, None, 0),
    ],
)
def test_the_unread_mark_of_the_key_tells_whether_the_key_is_known(
    tmp_path: Path, row: Row, number: str | None, bad: int
) -> None:
    prepared = run(tmp_path, bail_words(), {"bail": [A], "payment": [row]})
    [found] = read(prepared.paths["payment"])
    assert (found["bail_no"], found["_bad"]) == (number, bad)


def test_tables_without_chain_or_link_pass_through(tmp_path: Path) -> None:
    prepared = run(tmp_path, bail_words(), {"bail": [A], "case_link": [{"police_no": "C1"}]})
    assert prepared.paths["case_link"] == tmp_path / "canonical" / "case_link.parquet"
    assert prepared.rows == {"bail": 1, "case_link": 1}
    assert "case_link" not in prepared.orphans and "bail" not in prepared.doubts


def test_links_name_table_row_number_step_and_chain_in_order(tmp_path: Path) -> None:
    tables = {"bail": [A, B], "refund": [{"bail_no": "B"}], "payment": [{"organ_no": "B"}, {}, {"person_id": "P1"}]}
    prepared = run(tmp_path, bail_words(), tables)
    assert [tuple(row.values()) for row in read(prepared.links)] == [
        ("payment", 0, "B", 1, "by_original", 1),
        ("payment", 2, "A", 2, "by_person", 0),
        ("refund", 0, "B", 1, "by_number", 1),
    ]
    assert pq.read_schema(prepared.links).names == ["table", "_row", "anchor", "step", "step_id", "chain"]


def test_counts_are_kept_for_every_step_and_orphans_apart(tmp_path: Path) -> None:
    payments: list[Row] = [{"bail_no": "A"}, {"bail_no": "B"}, {"person_id": "P1"}, {"amount": 5}, {"person_name": "x"}]
    prepared = run(tmp_path, bail_words(), {"bail": [A, B], "payment": payments})
    assert prepared.steps["payment"] == {"by_number": 2, "by_original": 0, "by_person": 1, "by_case": 0}
    assert prepared.rows["payment"] == 5
    assert prepared.orphans["payment"] == 1
    assert reasons(prepared, "payment") == {3: "nothing_filled", 4: "too_little"}


def test_a_row_with_another_key_by_which_rules_find_it_is_no_orphan(tmp_path: Path) -> None:
    words = bail_words()
    payment = words.tables["payment"]
    assert payment.link is not None
    link = payment.link.model_copy(update={"other_keys": ["amount"]})
    words.tables["payment"] = payment.model_copy(update={"link": link})
    prepared = run(tmp_path, words, {"bail": [A], "payment": [{"amount": 5}, {}, {"_unread": ["amount"]}]})
    assert prepared.orphans["payment"] == 2
    assert set(reasons(prepared, "payment").values()) == {"nothing_filled"}


def test_candidates_are_named_up_to_twenty_and_counted_beyond(tmp_path: Path) -> None:
    bails = [{**A, "bail_no": f"N{n:02}", "case_no": f"C{n}"} for n in range(25)]
    prepared = run(tmp_path, bail_words(), {"bail": bails, "payment": [{"person_id": "P1"}]})
    [row] = read(prepared.unlinked)
    assert row["candidates"] == [f"N{n:02}" for n in range(20)]
    assert row["candidate_count"] == 25


def test_without_links_or_leftovers_the_lists_are_empty_but_there(tmp_path: Path) -> None:
    prepared = run(tmp_path, bail_words(), {"bail": [A]})
    assert read(prepared.links) == read(prepared.unlinked) == []
    assert pq.read_schema(prepared.unlinked).names == ["table", "_row", "reason", "candidates", "candidate_count"]


def test_every_reason_has_its_words() -> None:
    assert all(words and not words.isascii() for words in REASONS.values())


# ---- doubts: an unlinked row never accuses, never clears


@pytest.mark.parametrize(
    ("row", "chains"),
    [
        ({"person_name": "张三", "amount": 5000}, {0, 1}),  # the same name and amount, whoever it is
        ({"person_name": "张三", "amount": 4999}, set()),
        ({"person_name": "张三"}, {0, 1}),  # an amount not filled may be the same
        ({"person_name": "王五", "amount": 5000}, set()),
        ({"person_id": "P2", "paid_on": "2020-01-01", "amount": 5000}, {1}),
        ({"case_no": "C1", "amount": 5000}, set()),  # carries neither name nor identity number
        ({"amount": 5000}, set()),
        ({"bail_no": "A", "person_name": "张三", "amount": 5000}, set()),  # linked
    ],
)
def test_an_unlinked_row_leaves_in_doubt_only_the_same_person_with_the_same_amount(
    tmp_path: Path, row: Row, chains: set[int]
) -> None:
    other = {**A, "bail_no": "C", "person_name": "李四", "person_id": "P3"}
    prepared = run(tmp_path, bail_words(), {"bail": [A, B, other], "payment": [row]})
    assert doubted(prepared, "payment") == {(chain, 0) for chain in chains}


def test_an_amount_not_filled_at_the_anchor_may_be_the_same(tmp_path: Path) -> None:
    unread = {**A, "amount_decided": None}
    prepared = run(tmp_path, bail_words(), {"bail": [unread, B], "payment": [{"person_name": "张三", "amount": 1}]})
    assert doubted(prepared, "payment") == {(0, 0)}


def test_an_outcome_leaves_in_doubt_the_chains_it_could_not_decide_between(tmp_path: Path) -> None:
    beside, other = {**B, "person_id": "P1"}, {**B, "bail_no": "C", "person_id": "P3"}
    outcomes = [{"person_id": "P1", "event_on": "2024-05-01"}, {"person_id": "P1", "event_on": "2020-01-01"}]
    prepared = run(tmp_path, bail_words(), {"bail": [A, beside, other], "outcome": outcomes})
    assert doubted(prepared, "outcome") == {(0, 0), (1, 0)}


# ---- what may be missing or wrong


def test_without_the_anchor_table_nothing_is_linked_and_nothing_breaks(tmp_path: Path) -> None:
    prepared = run(tmp_path, bail_words(), {"payment": [{"bail_no": "A"}, {}]})
    assert links(prepared, "payment") == {}
    assert reasons(prepared, "payment") == {0: "no_match", 1: "nothing_filled"}
    assert "bail" not in prepared.paths


def test_empty_tables_are_prepared_too(tmp_path: Path) -> None:
    prepared = run(tmp_path, bail_words(), {"bail": [], "payment": [], "case_link": []})
    assert prepared.rows == {"bail": 0, "case_link": 0, "payment": 0}
    assert read(prepared.paths["payment"]) == []


def refused(tmp_path: Path, words: Lexicon, *tables: str) -> list[str]:
    with pytest.raises(PackProblem) as caught:
        run(tmp_path, words, {name: [] for name in tables})
    return [problem.code for problem in caught.value.problems]


LINK: dict[str, Any] = {"to": "thing", "key": "no", "ladder": [step("no", 1, {"no": "no"})]}
CHAIN: dict[str, Any] = {
    "number": "no",
    "previous": "no",
    "same": [],
    "start": [],
    "ended": [],
    "within_days": 0,
    "order": "on",
}
THING = {"no": "text", "on": "date"}


def test_a_link_to_a_table_without_a_chain_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, lexicon(table("thing", THING), table("row", THING, link=LINK)), "row") == ["T121"]


def test_a_link_naming_a_column_the_anchor_lacks_is_refused(tmp_path: Path) -> None:
    link = {**LINK, "agree": {"no": "nmae"}, "only": {"kidn": "x"}}
    words = lexicon(table("thing", THING, chain=CHAIN), table("row", THING, link=link))
    assert refused(tmp_path, words, "row") == ["T122", "T122"]


def test_a_table_that_links_and_has_chains_of_its_own_is_refused(tmp_path: Path) -> None:
    words = lexicon(table("thing", THING, chain=CHAIN), table("row", THING, chain=CHAIN, link=LINK))
    assert refused(tmp_path, words, "row") == ["T123"]


def test_a_chain_without_shared_values_still_follows_previous_numbers(tmp_path: Path) -> None:
    chain = {**CHAIN, "previous": "before"}
    words = lexicon(table("thing", {**THING, "before": "text"}, chain=chain), table("row", THING, link=LINK))
    things = [{"no": "1"}, {"no": "2", "before": "1", "on": "2024-01-01"}]
    prepared = run(tmp_path, words, {"thing": things, "row": [{"no": "1"}]})
    assert links(prepared, "row") == {0: ("1", "no")}
    assert {row["chain"] for row in read(prepared.paths["thing"])} == {0}


class Impatient(Silent):
    def cancelled(self) -> bool:
        return True


def test_a_run_asked_to_stop_stops_and_leaves_the_engine_clean(tmp_path: Path) -> None:
    words = bail_words()
    paths = {"bail": write_table(words, "bail", [A], tmp_path / "bail.parquet")}
    with DuckdbEngine(tmp_path / "spill", memory="1GB", threads=1) as engine:
        with pytest.raises(RunProblem):
            prepare(paths, words, engine, AS_OF, tmp_path / "out", Impatient())
        prepare(paths, words, engine, AS_OF, tmp_path / "out")
        prepare(paths, words, engine, date(2026, 1, 1), tmp_path / "out")
        left = engine.fetch("SELECT table_name FROM information_schema.tables").to_pylist()
    assert left == []


def test_what_is_written_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    prepared = run(tmp_path, bail_words(), {"bail": [A], "payment": [{"bail_no": "A"}]})
    files = [*prepared.doubts.values(), prepared.links, prepared.unlinked, prepared.paths["payment"]]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    written = {file.name for file in (tmp_path / "prepared").iterdir()}
    assert written == {"bail.parquet", "payment.parquet", "doubts.payment.parquet", "links.parquet", "unlinked.parquet"}
