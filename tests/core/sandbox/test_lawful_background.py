"""The background breaks no rule, whatever the dice say."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.fields.resident_id import birth_on
from jianheng.core.sandbox.background import MOST_CASES, Background
from jianheng.core.sandbox.course import draw_course
from jianheng.core.sandbox.deposit import draw_deposit
from jianheng.core.sandbox.people import (
    BACKGROUND_NAMES,
    PLANTED_NAMES,
    background_person,
    identity_number,
    name_given_once,
    planted_id,
)
from jianheng.core.sandbox.places import DISTRICTS, planted_district
from tests.core.sandbox.conftest import Content

TODAY = date(2025, 6, 30)
SEEDS = st.integers()


@given(SEEDS)
def test_no_organ_keeps_anybody_for_twelve_months(seed: int) -> None:
    for stage in draw_course(Random(seed), TODAY).stages:
        assert ((stage.ended_on or TODAY) - stage.decided_on).days < 360


@given(SEEDS)
def test_stages_follow_each_other_and_ends_are_settled(seed: int) -> None:
    course = draw_course(Random(seed), TODAY)
    for earlier, later in zip(course.stages, course.stages[1:], strict=False):
        assert earlier.ended_on == later.decided_on
        assert later.with_deposit <= earlier.with_deposit
    last = course.stages[-1].ended_on
    assert (last is None) == (course.ending is None)
    assert last is None or last <= TODAY - timedelta(days=40)


@given(SEEDS)
def test_what_goes_out_is_what_came_in(seed: int) -> None:
    chance = Random(seed)
    deposit = draw_deposit(chance, draw_course(chance, TODAY))
    if deposit is None:
        return
    taken = deposit.confiscation.amount if deposit.confiscation else 0
    out = taken + deposit.moved + deposit.refund
    assert deposit.amount >= 1000
    assert out == deposit.amount if deposit.ended_on else out == taken


@given(SEEDS)
def test_a_deposit_given_up_has_been_returned_by_today(seed: int) -> None:
    chance = Random(seed)
    course = draw_course(chance, TODAY)
    deposit = draw_deposit(chance, course)
    assert deposit is None or deposit.ended_on is None or deposit.ended_on <= TODAY - timedelta(days=40)


def test_every_cell_of_the_background_can_be_read(content: Content) -> None:
    background = Background(content.lexicon, TODAY, 1, 600)
    rows = background.lists() + [row for _, story in background.stories() for row in story.rows]
    for row in rows:
        columns = content.lexicon.tables[row.table].columns
        for name, text in row.cells.items():
            assert not content.lexicon.read_cell(columns[name], text).is_unread, (row.table, name, text)


def test_nobody_is_on_bail_in_two_cases_at_once(content: Content) -> None:
    stretches = defaultdict(list)
    for _, story in Background(content.lexicon, TODAY, 1, 1500).stories():
        for row in story.rows:
            if row.table == "bail_decision":
                began, ended = row.cells["decided_on"], row.cells.get("ended_on") or "9999"
                stretches[row.cells["person_id"]].append((began, ended, row.cells["executed_by"]))
    several = [sorted(own) for own in stretches.values() if len(own) > 1]
    assert len(several) > 100
    for own in several:
        assert all(earlier[1] <= later[0] for earlier, later in zip(own, own[1:], strict=False))


def test_every_refund_of_a_case_is_what_was_left_of_its_payment(content: Content) -> None:
    for _, story in Background(content.lexicon, TODAY, 2, 800).stories():
        paid: dict[str, Decimal] = defaultdict(Decimal)
        for row in story.rows:
            if row.belongs_to:
                sign = 1 if row.table == "deposit_payment" else -1
                paid[row.cells["person_id"] or row.cells["person_name"]] += sign * Decimal(row.cells["amount"])
        assert sum(paid.values()) >= 0


def test_the_cases_are_as_many_as_wished(content: Content) -> None:
    for wished in (1, 2, 57):
        assert sum(count for count, _ in Background(content.lexicon, TODAY, 3, wished).stories()) == wished


@given(st.lists(st.integers(0, 49_999), unique=True, max_size=30))
def test_planted_people_have_numbers_of_their_own(people: list[int]) -> None:
    born = date(1990, 5, 6)
    numbers = {planted_id(person, born, male=male) for person in people for male in (True, False)}
    assert len(numbers) == 2 * len(people)


def test_names_given_once_are_given_once() -> None:
    names = [name_given_once(number, planted=True) for number in range(PLANTED_NAMES)]
    names += [name_given_once(number, planted=False) for number in range(BACKGROUND_NAMES)]
    assert len(set(names)) == 96_000


@pytest.mark.parametrize("planted", [True, False])
def test_a_name_is_not_given_again_when_all_are_gone(planted: bool) -> None:
    with pytest.raises(ValueError, match="no name left"):
        name_given_once(PLANTED_NAMES if planted else BACKGROUND_NAMES, planted=planted)


@pytest.mark.parametrize("number", [499_999, 500_000, 999_999, MOST_CASES - 1])
def test_the_largest_county_has_a_number_for_everybody(number: int) -> None:
    """Two people of one prefix and sequence could be born on one day; a companion is neither person nor plant."""
    for companion in (False, True):
        background_person(number, Random(1), TODAY, "某某", companion=companion)


@given(st.lists(st.integers(0, MOST_CASES - 1), unique=True, min_size=2, max_size=50), st.integers(0, 49_999))
def test_companions_share_no_number_with_each_other_nor_with_the_planted(people: list[int], planted: int) -> None:
    numbers = [background_person(one, Random(1), TODAY, "某某", companion=True).id for one in people]
    born = birth_on(numbers[0])
    assert (
        len({*numbers, planted_id(planted, born, male=True), planted_id(planted, born, male=False)}) == len(people) + 2
    )


def test_the_largest_county_has_names_for_all_who_need_their_own() -> None:
    people, elsewhere = MOST_CASES // 25, MOST_CASES // 400
    assert people + elsewhere < BACKGROUND_NAMES


def test_planted_districts_are_no_districts_of_the_background() -> None:
    planted = [planted_district(number) for number in range(5_000)]
    assert len(set(planted)) == 5_000
    assert not set(planted) & {district.name for district in DISTRICTS}


def test_a_sequence_beyond_three_digits_is_refused() -> None:
    try:
        identity_number(990_000, date(1990, 1, 1), 1_000)
    except ValueError:
        return
    raise AssertionError("accepted")
