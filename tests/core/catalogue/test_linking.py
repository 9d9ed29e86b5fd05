"""The ladder, sentence by sentence: how money and outcomes find their bail (semantics 11)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.core.catalogue.linking_tables import Row, bail_words, flat_words, links, read, reasons, run

ZHANG: Row = {
    "bail_no": "A",
    "case_no": "C1",
    "person_name": "张三",
    "person_id": "P1",
    "decided_on": "2024-03-10",
    "ended_on": "2024-09-10",
    "guarantee": "保证金",
    "amount_decided": 5000,
}
LI: Row = {**ZHANG, "bail_no": "B", "case_no": "C2", "person_name": "李四", "person_id": "P2"}
BY_PERSON: Row = {"person_id": "P1", "paid_on": "2024-03-12", "amount": 5000}


def outcome_of(tmp_path: Path, bails: list[Row], row: Row, table: str = "payment", **more: Any) -> Any:
    """(anchor number, step) of one row, or the reason why it has none."""
    prepared = run(tmp_path, bail_words(), {"bail": bails, table: [row], **more})
    return links(prepared, table).get(0) or reasons(prepared, table)[0]


# ---- step 1: the number


def test_a_number_links(tmp_path: Path) -> None:
    assert outcome_of(tmp_path, [ZHANG, LI], {"bail_no": "B"}) == ("B", "by_number")


def test_the_original_number_links_when_the_first_is_empty(tmp_path: Path) -> None:
    assert outcome_of(tmp_path, [ZHANG, LI], {"organ_no": "B"}) == ("B", "by_original")


def test_an_unread_number_counts_as_not_filled(tmp_path: Path) -> None:
    assert outcome_of(tmp_path, [ZHANG], {"_unread": ["bail_no"]}) == "nothing_filled"


@pytest.mark.parametrize("stranger", [{"person_name": "李四"}, {"person_id": "P2"}])
def test_a_number_does_not_link_when_name_or_identity_contradicts(tmp_path: Path, stranger: Row) -> None:
    assert outcome_of(tmp_path, [ZHANG], {"bail_no": "A", **stranger}) == "contradiction"


def test_a_contradicted_number_leaves_the_row_to_the_next_steps(tmp_path: Path) -> None:
    row = {"bail_no": "A", "person_id": "P2", "person_name": "李四", "paid_on": "2024-03-12"}
    assert outcome_of(tmp_path, [ZHANG, LI], row) == ("B", "by_person")


def test_a_number_links_although_the_anchor_has_no_name_to_compare(tmp_path: Path) -> None:
    assert outcome_of(tmp_path, [{**ZHANG, "person_name": None}], {"bail_no": "A", "person_name": "李四"}) == (
        "A",
        "by_number",
    )


def test_a_number_that_matches_no_bail_falls_through(tmp_path: Path) -> None:
    assert outcome_of(tmp_path, [ZHANG], {**BY_PERSON, "bail_no": "X"}) == ("A", "by_person")


def test_a_number_links_whatever_the_day_and_the_kind_of_guarantee(tmp_path: Path) -> None:
    bail = {**ZHANG, "guarantee": "保证人"}
    assert outcome_of(tmp_path, [bail], {"bail_no": "A", "paid_on": "2030-01-01"}) == ("A", "by_number")


def test_one_number_borne_by_two_chains_does_not_link_and_names_the_candidates(tmp_path: Path) -> None:
    prepared = run(tmp_path, bail_words(), {"bail": [ZHANG, {**LI, "bail_no": "A"}], "payment": [{"bail_no": "A"}]})
    [row] = read(prepared.unlinked)
    assert (row["reason"], row["candidates"], row["candidate_count"]) == ("several", ["A"], 1)


def test_one_number_twice_in_one_chain_links(tmp_path: Path) -> None:
    assert outcome_of(tmp_path, [ZHANG, ZHANG], {"bail_no": "A"}) == ("A", "by_number")


def test_one_number_borne_by_two_persons_links_to_the_one_the_name_tells(tmp_path: Path) -> None:
    prepared = run(
        tmp_path,
        bail_words(),
        {"bail": [ZHANG, {**LI, "bail_no": "A"}], "payment": [{"bail_no": "A", "person_name": "李四"}]},
    )
    assert [(row["anchor"], row["chain"]) for row in read(prepared.links)] == [("A", 1)]


# ---- step 2: identity number, one bail with a deposit, the day in its stretch


@pytest.mark.parametrize(
    ("paid_on", "expected"),
    [
        ("2024-03-02", "outside_stretch"),
        ("2024-03-03", ("A", "by_person")),  # seven days before the decision of 03-10
        ("2024-10-10", ("A", "by_person")),  # thirty days after the end of 09-10
        ("2024-10-11", "outside_stretch"),
    ],
)
def test_the_stretch_runs_from_seven_days_before_to_thirty_days_after(
    tmp_path: Path, paid_on: str, expected: object
) -> None:
    assert outcome_of(tmp_path, [ZHANG], {**BY_PERSON, "paid_on": paid_on}) == expected


@pytest.mark.parametrize(("paid_on", "linked"), [("2025-06-30", True), ("2025-07-01", False)])
def test_without_an_end_the_stretch_runs_to_the_day_of_the_run(tmp_path: Path, paid_on: str, linked: bool) -> None:
    result = outcome_of(tmp_path, [{**ZHANG, "ended_on": None}], {**BY_PERSON, "paid_on": paid_on})
    assert result == (("A", "by_person") if linked else "outside_stretch")


@pytest.mark.parametrize(("decided_on", "linked"), [("2025-06-30", True), ("2025-07-01", False)])
def test_refunds_may_come_until_the_day_of_the_run(tmp_path: Path, decided_on: str, linked: bool) -> None:
    result = outcome_of(tmp_path, [ZHANG], {"person_id": "P1", "decided_on": decided_on}, "refund")
    assert result == (("A", "by_person") if linked else "outside_stretch")


def test_the_day_of_a_row_is_the_first_filled_of_its_dates(tmp_path: Path) -> None:
    late = {"person_id": "P1", "notified_on": "2024-04-01", "decided_on": "2030-01-01"}
    assert outcome_of(tmp_path, [ZHANG], late, "refund") == ("A", "by_person")


def test_without_a_day_uniqueness_alone_decides(tmp_path: Path) -> None:
    assert outcome_of(tmp_path, [ZHANG, LI], {"person_id": "P1"}) == ("A", "by_person")


def test_without_a_day_two_chains_stay_open(tmp_path: Path) -> None:
    again = {**ZHANG, "bail_no": "C", "case_no": "C3", "decided_on": "2025-03-10", "ended_on": None}
    assert outcome_of(tmp_path, [ZHANG, again], {"person_id": "P1"}) == "several"


def test_the_day_tells_two_chains_of_one_person_apart(tmp_path: Path) -> None:
    again = {**ZHANG, "bail_no": "C", "case_no": "C3", "decided_on": "2025-03-10", "ended_on": None}
    assert outcome_of(tmp_path, [ZHANG, again], {**BY_PERSON, "paid_on": "2025-03-10"}) == ("C", "by_person")


def test_two_chains_in_stretch_do_not_link_and_both_are_named(tmp_path: Path) -> None:
    beside = {**ZHANG, "bail_no": "C", "case_no": "C3"}
    prepared = run(tmp_path, bail_words(), {"bail": [ZHANG, beside], "payment": [BY_PERSON]})
    [row] = read(prepared.unlinked)
    assert (row["reason"], row["candidates"], row["candidate_count"]) == ("several", ["A", "C"], 2)


def test_a_bail_without_a_deposit_is_no_candidate(tmp_path: Path) -> None:
    guarantor = {**ZHANG, "bail_no": "C", "case_no": "C3", "guarantee": "保证人"}
    assert outcome_of(tmp_path, [guarantor, ZHANG], BY_PERSON) == ("A", "by_person")
    assert outcome_of(tmp_path, [guarantor], BY_PERSON) == "other_kind"


def test_a_bail_of_unknown_guarantee_spoils_uniqueness_and_is_not_chosen(tmp_path: Path) -> None:
    unclear = {**ZHANG, "bail_no": "C", "case_no": "C3", "guarantee": None}
    assert outcome_of(tmp_path, [ZHANG, unclear], BY_PERSON) == "several"
    assert outcome_of(tmp_path, [unclear], BY_PERSON) == "kind_unknown"


def test_several_bails_of_one_chain_count_as_one_and_the_first_with_a_deposit_is_taken(tmp_path: Path) -> None:
    first = {**ZHANG, "bail_no": "0", "guarantee": "保证人", "decided_on": "2024-01-10", "ended_on": "2024-03-10"}
    third = {**ZHANG, "bail_no": "C", "decided_on": "2024-09-10", "ended_on": None}
    assert outcome_of(tmp_path, [third, ZHANG, first], {**BY_PERSON, "paid_on": "2025-01-01"}) == ("A", "by_person")


def test_an_identity_number_does_not_link_when_the_name_contradicts(tmp_path: Path) -> None:
    assert outcome_of(tmp_path, [ZHANG], {**BY_PERSON, "person_name": "李四"}) == "contradiction"


# ---- step 3: case number and name


def test_case_number_and_name_link_together(tmp_path: Path) -> None:
    accomplice = {**LI, "case_no": "C1"}
    row = {"case_no": "C1", "person_name": "李四", "paid_on": "2024-03-12"}
    assert outcome_of(tmp_path, [ZHANG, accomplice], row) == ("B", "by_case")


def test_another_number_of_the_same_case_links_too(tmp_path: Path) -> None:
    row = {"case_no": "J1", "person_name": "张三", "paid_on": "2024-03-12"}
    case_link = [{"police_no": "C1", "procuratorate_no": "J1"}]
    assert outcome_of(tmp_path, [ZHANG], row, case_link=case_link) == ("A", "by_case")
    assert outcome_of(tmp_path, [ZHANG], row) == "no_match"


def test_two_of_the_same_name_in_one_case_stay_open(tmp_path: Path) -> None:
    namesake = {**ZHANG, "bail_no": "B", "person_id": "P2"}
    assert outcome_of(tmp_path, [ZHANG, namesake], {"case_no": "C1", "person_name": "张三"}) == "several"


def test_a_name_or_a_case_number_alone_is_too_little(tmp_path: Path) -> None:
    assert outcome_of(tmp_path, [ZHANG], {"person_name": "张三"}) == "too_little"
    assert outcome_of(tmp_path, [ZHANG], {"case_no": "C1"}) == "too_little"


def test_a_row_that_leaves_bails_in_doubt_by_name_and_amount_names_them(tmp_path: Path) -> None:
    bails = [ZHANG, {**LI, "person_name": "张三"}, {**LI, "bail_no": "C", "person_name": "张三", "amount_decided": 900}]
    prepared = run(tmp_path, bail_words(), {"bail": bails, "payment": [{"person_name": "张三", "amount": 5000}]})
    [row] = read(prepared.unlinked)
    assert (row["reason"], row["candidates"], row["candidate_count"]) == ("too_little", ["A", "B"], 2)


def test_a_later_step_may_decide_what_an_earlier_left_open(tmp_path: Path) -> None:
    beside = {**ZHANG, "bail_no": "C", "case_no": "C3"}
    row = {**BY_PERSON, "case_no": "C3", "person_name": "张三"}
    assert outcome_of(tmp_path, [ZHANG, beside], row) == ("C", "by_case")


# ---- outcomes: in force on the day, up to the next unrelated bail


def test_an_outcome_links_by_case_and_person_to_the_bail_in_force(tmp_path: Path) -> None:
    next_organ = {**ZHANG, "bail_no": "C", "decided_on": "2024-09-10", "ended_on": None}
    for event_on, expected in [("2024-09-09", "A"), ("2024-09-10", "C"), ("2020-01-01", "A"), (None, "A")]:
        row = {"case_no": "C1", "person_id": "P1", "event_on": event_on}
        assert outcome_of(tmp_path, [ZHANG, next_organ], row, "outcome") == (expected, "by_case_and_person")


def test_an_outcome_links_through_the_case_table(tmp_path: Path) -> None:
    row = {"case_no": "F1", "person_id": "P1", "event_on": "2024-08-01"}
    case_link = [{"police_no": "C1", "court_no": "F1"}]
    assert outcome_of(tmp_path, [ZHANG], row, "outcome", case_link=case_link) == ("A", "by_case_and_person")


def test_an_outcome_without_the_case_table_belongs_to_the_bail_before_the_next_unrelated_one(tmp_path: Path) -> None:
    again = {**ZHANG, "bail_no": "C", "case_no": "C3", "decided_on": "2025-03-10", "ended_on": None}
    for event_on, expected in [
        ("2024-03-09", "outside_stretch"),
        ("2024-03-10", ("A", "by_person")),
        ("2025-03-09", ("A", "by_person")),
        ("2025-03-10", ("C", "by_person")),
        ("2025-07-01", "outside_stretch"),
    ]:
        row = {"case_no": "F1", "person_id": "P1", "event_on": event_on}
        assert outcome_of(tmp_path, [ZHANG, again], row, "outcome") == expected


def test_the_next_bail_of_the_same_chain_does_not_end_the_stretch(tmp_path: Path) -> None:
    same_chain = {**ZHANG, "bail_no": "C", "decided_on": "2024-09-10", "ended_on": "2024-10-10"}
    unrelated = {**ZHANG, "bail_no": "D", "case_no": "C3", "decided_on": "2025-03-10"}
    row = {"person_id": "P1", "event_on": "2025-01-01"}
    assert outcome_of(tmp_path, [ZHANG, same_chain, unrelated], row, "outcome") == ("C", "by_person")


def test_two_unrelated_bails_decided_on_one_day_cannot_be_told_apart(tmp_path: Path) -> None:
    beside = {**ZHANG, "bail_no": "C", "case_no": "C3"}
    row = {"person_id": "P1", "event_on": "2024-05-01"}
    assert outcome_of(tmp_path, [ZHANG, beside], row, "outcome") == "several"


def test_a_shared_day_ends_the_stretch_of_the_chain_before_it(tmp_path: Path) -> None:
    later = {**ZHANG, "bail_no": "C", "case_no": "C3", "decided_on": "2025-03-10"}
    beside = {**later, "bail_no": "D", "case_no": "C4"}
    bails = [ZHANG, later, beside]
    assert outcome_of(tmp_path, bails, {"person_id": "P1", "event_on": "2025-03-09"}, "outcome") == ("A", "by_person")
    assert outcome_of(tmp_path, bails, {"person_id": "P1", "event_on": "2025-03-10"}, "outcome") == "several"


# ---- another field


def test_rents_find_their_flat_without_a_word_of_bail(tmp_path: Path) -> None:
    old = {"contract_no": "T1", "flat": "3-201", "tenant": "王五", "from_on": "2023-01-01", "to_on": "2023-12-31"}
    new = {**old, "contract_no": "T2", "tenant": "赵六", "from_on": "2024-01-20", "to_on": None}
    rents = [
        {"contract": "T1"},
        {"flat": "3-201", "paid_on": "2023-05-01"},
        {"flat": "3-201", "payer": "赵六", "paid_on": "2024-02-01"},
        {"flat": "3-201", "payer": "王五", "paid_on": "2024-02-01"},
        {"flat": "3-201", "paid_on": "2024-01-10"},
        {"payer": "王五"},
        {},
    ]
    prepared = run(tmp_path, flat_words(), {"tenancy": [old, new], "rent": rents}, date(2024, 6, 30))
    assert links(prepared, "rent") == {0: ("T1", "contract"), 1: ("T1", "flat"), 2: ("T2", "flat")}
    # a contradicting neighbour says more than the day that does not fit
    assert reasons(prepared, "rent") == {3: "contradiction", 4: "outside_stretch", 5: "too_little", 6: "nothing_filled"}


def test_a_number_known_to_be_another_case_does_not_fall_through_to_the_person(tmp_path: Path) -> None:
    """Otherwise the outcome of one case would end the bail of another."""
    bails = [ZHANG, LI]
    row = {"case_no": "J9", "person_id": "P1", "event_on": "2024-06-01"}
    listed = [{"police_no": "C9", "procuratorate_no": "J9"}]
    assert outcome_of(tmp_path / "listed", bails, row, "outcome", case_link=listed) == "no_match"
    assert outcome_of(tmp_path / "borne", bails, {**row, "case_no": "C2"}, "outcome") == "no_match"
    assert outcome_of(tmp_path / "unheard of", bails, row, "outcome") == ("A", "by_person")
