"""Chains, sentence by sentence: which decisions continue each other."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jianheng.core.catalogue.same_number import least_members
from tests.core.catalogue.linking_tables import Row, bail_words, flat_words, read, run

A = {"bail_no": "A", "case_no": "C1", "person_id": "P1", "decided_on": "2024-01-01"}


def chains(tmp_path: Path, *bails: Row, case_link: list[Row] | None = None) -> list[tuple[int, int]]:
    tables: dict[str, list[Row]] = {"bail": list(bails)}
    if case_link is not None:
        tables["case_link"] = case_link
    prepared = run(tmp_path, bail_words(), tables)
    return [(row["chain"], row["chain_position"]) for row in read(prepared.paths["bail"])]


def test_a_row_alone_is_a_chain_of_its_own(tmp_path: Path) -> None:
    assert chains(tmp_path, A, {**A, "bail_no": "B", "person_id": "P2"}) == [(0, 1), (1, 1)]


def test_a_row_that_names_the_previous_number_continues_it(tmp_path: Path) -> None:
    later = {"bail_no": "B", "prior_bail_no": "A", "decided_on": "2025-01-01"}
    assert chains(tmp_path, {**A, "ended_on": "2024-02-01"}, later) == [(0, 1), (0, 2)]


def test_a_previous_number_that_nobody_bears_connects_nothing(tmp_path: Path) -> None:
    assert chains(tmp_path, A, {"bail_no": "B", "prior_bail_no": "X"}) == [(0, 1), (1, 1)]


def test_a_previous_number_borne_by_two_strangers_connects_only_the_one_that_shares_something(tmp_path: Path) -> None:
    stranger = {**A, "case_no": "C9", "person_id": "P9"}
    later = {"bail_no": "B", "prior_bail_no": "A", "person_id": "P1", "decided_on": "2025-01-01"}
    assert chains(tmp_path, stranger, A, later) == [(0, 1), (1, 1), (1, 2)]


@pytest.mark.parametrize(("decided_on", "together"), [("2024-03-02", True), ("2024-03-03", False)])
def test_the_next_decision_of_the_same_case_and_person_counts_up_to_thirty_days_after_the_end(
    tmp_path: Path, decided_on: str, together: bool
) -> None:
    # 2024-02-01 + 30 days = 2024-03-02
    rows = chains(tmp_path, {**A, "ended_on": "2024-02-01"}, {**A, "bail_no": "B", "decided_on": decided_on})
    assert rows == ([(0, 1), (0, 2)] if together else [(0, 1), (1, 1)])


def test_the_earliest_filled_end_counts(tmp_path: Path) -> None:
    earlier = {**A, "released_on": "2024-02-01", "ended_on": "2024-12-01"}
    assert chains(tmp_path, earlier, {**A, "bail_no": "B", "decided_on": "2024-12-02"}) == [(0, 1), (1, 1)]


def test_without_an_end_the_earlier_one_still_runs_and_the_next_continues_it(tmp_path: Path) -> None:
    assert chains(tmp_path, A, {**A, "bail_no": "B", "decided_on": "2025-05-01"}) == [(0, 1), (0, 2)]


def test_an_unread_end_counts_as_not_filled(tmp_path: Path) -> None:
    unread = {**A, "_unread": ["ended_on"]}
    assert chains(tmp_path, unread, {**A, "bail_no": "B", "decided_on": "2025-05-01"}) == [(0, 1), (0, 2)]


def test_a_decision_before_the_earlier_end_continues_it(tmp_path: Path) -> None:
    assert chains(tmp_path, {**A, "ended_on": "2024-06-01"}, {**A, "bail_no": "B", "decided_on": "2024-03-01"}) == [
        (0, 1),
        (0, 2),
    ]


@pytest.mark.parametrize("emptied", ["case_no", "person_id"])
def test_rows_with_an_empty_value_are_not_connected_by_it(tmp_path: Path, emptied: str) -> None:
    row = {**A, emptied: None}
    assert chains(tmp_path, row, {**row, "bail_no": "B"}) == [(0, 1), (1, 1)]


def test_numbers_of_one_case_in_the_case_table_are_the_same_case(tmp_path: Path) -> None:
    later = {**A, "bail_no": "B", "case_no": "J1", "decided_on": "2024-02-01"}
    last = {**A, "bail_no": "D", "case_no": "F1", "decided_on": "2024-03-01"}
    link = [{"police_no": "C1", "procuratorate_no": "J1"}, {"procuratorate_no": "J1", "court_no": "F1"}]
    assert chains(tmp_path, A, later, last, case_link=link) == [(0, 1), (0, 2), (0, 3)]


def test_without_the_case_table_a_number_stands_for_itself(tmp_path: Path) -> None:
    assert chains(tmp_path, A, {**A, "bail_no": "B", "case_no": "J1"}) == [(0, 1), (1, 1)]


def test_a_chain_is_named_by_its_smallest_row_and_counted_by_the_day_of_decision(tmp_path: Path) -> None:
    last = {**A, "bail_no": "D", "prior_bail_no": "B", "decided_on": "2025-01-01"}
    middle = {"bail_no": "B", "prior_bail_no": "A", "decided_on": "2024-06-01"}
    assert chains(tmp_path, {"bail_no": "Z"}, last, A, middle) == [(0, 1), (1, 3), (1, 1), (1, 2)]


def test_equal_days_are_counted_by_number_then_row(tmp_path: Path) -> None:
    second, first = {**A, "bail_no": "B"}, {**A, "bail_no": "A"}
    assert chains(tmp_path, second, first, first) == [(0, 3), (0, 1), (0, 2)]


def test_a_row_without_a_day_comes_last_and_is_not_parted_from_its_case(tmp_path: Path) -> None:
    undated = {**A, "bail_no": "0", "decided_on": None}
    assert chains(tmp_path, undated, {**A, "ended_on": "2024-01-05"}) == [(0, 2), (0, 1)]


def test_rows_that_name_each_other_or_themselves_do_no_harm(tmp_path: Path) -> None:
    rows = [{"bail_no": "A", "prior_bail_no": "B"}, {"bail_no": "B", "prior_bail_no": "A"}]
    assert chains(tmp_path, *rows, {"bail_no": "C", "prior_bail_no": "C"}) == [(0, 1), (0, 2), (2, 1)]


def test_flats_renewed_within_ten_days_are_one_tenancy(tmp_path: Path) -> None:
    first = {"contract_no": "T1", "flat": "3-201", "tenant": "王五", "from_on": "2023-01-01", "to_on": "2023-12-31"}
    renewed = {**first, "contract_no": "T2", "from_on": "2024-01-10", "to_on": "2024-12-31"}
    other = {**first, "contract_no": "T3", "from_on": "2025-02-01"}
    prepared = run(tmp_path, flat_words(), {"tenancy": [other, first, renewed]})
    assert [row["chain"] for row in read(prepared.paths["tenancy"])] == [0, 1, 1]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=20))
@settings(max_examples=200)
def test_components_are_closed_under_their_edges_and_named_by_their_least_member(edges: list[tuple[int, int]]) -> None:
    table = pa.table(
        {"a": pa.array([a for a, _ in edges], pa.int64()), "b": pa.array([b for _, b in edges], pa.int64())}
    )
    least = {row["member"]: row["least"] for row in least_members(table).to_pylist()}
    reach = {member: {member} for member in least}
    for _ in reach:
        for a, b in edges:
            reach[a] = reach[b] = reach[a] | reach[b]
    for _ in reach:
        for member in reach:
            reach[member] = set().union(*(reach[other] for other in reach[member]))
    assert least == {member: min(others) for member, others in reach.items()}
