"""The background of a county: people, their cases and their money, all of it lawful.

People are made one after another, each from a stream of chance of their own, so that memory does not grow.
One in twelve has several cases, never on bail in two of them within three months; some are accused with a companion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from jianheng.core.sandbox.background_rows import CaseFile, bail_rows, case_rows, money_rows, number_of_bail
from jianheng.core.sandbox.chance import dice
from jianheng.core.sandbox.course import Course, course_without_bail, draw_course, first_day
from jianheng.core.sandbox.people import BACKGROUND_NAMES, Person, background_person, name_given_once, shared_name
from jianheng.core.sandbox.places import DISTRICTS
from jianheng.core.sandbox.row import Row, Story
from jianheng.core.terms.lexicon import Lexicon

#: Days between two cases of the same person.
_PAUSE_DAYS = 100
_EVERY_OWN_NAME = 25
_EVERY_FOREIGN_ROW = 400

#: Beyond this there are not enough identity numbers and names given once.
MOST_CASES = 1_500_000


@dataclass(frozen=True, slots=True)
class Background:
    """Draws the stories of ``cases`` criminal cases."""

    lexicon: Lexicon
    as_of: date
    seed: int
    cases: int

    def stories(self) -> Iterator[tuple[int, Story]]:
        """Every person's story and the number of cases in it."""
        drawn = number = 0
        while drawn < self.cases:
            count, story = self._person(number, drawn)
            yield count, story
            drawn += count
            number += 1

    def lists(self) -> list[Row]:
        """Rows that belong to nobody: the special accounts of the districts."""
        return [Row("special_account", cells) for district in DISTRICTS for cells in district.accounts()]

    def _person(self, number: int, first_case: int) -> tuple[int, Story]:
        chance = dice(self.seed, "person", number)
        own_name = number % _EVERY_OWN_NAME == 3
        name = name_given_once(number // _EVERY_OWN_NAME, planted=False) if own_name else shared_name(chance)
        person = background_person(number, chance, self.as_of, name)
        wanted = min(chance.choices((1, 2, 3), (92, 6, 2))[0], self.cases - first_case)
        courses = _courses(chance, wanted, self.as_of)
        story = Story(own_name=own_name)
        for place, course in enumerate(courses):
            serial = first_case + place
            district = DISTRICTS[chance.randrange(len(DISTRICTS))]
            case = CaseFile(serial, district, course, person, len(courses) == 1, own_name=own_name)
            self._tell(case, chance, story)
            if len(courses) == 1 and course.stages and not own_name and chance.random() < 0.06:
                companion = self._companion(number, chance, person)
                self._tell(CaseFile(serial, case.district, course, companion, True, second=True), chance, story)
        if number % _EVERY_FOREIGN_ROW == 7:
            story.rows.append(_row_of_elsewhere(number, chance, self.as_of))
        return len(courses), story

    def _companion(self, number: int, chance: Random, person: Person) -> Person:
        name = shared_name(chance)
        while name == person.name:
            name = shared_name(chance)
        return background_person(number, chance, self.as_of, name, companion=True)

    def _tell(self, case: CaseFile, chance: Random, story: Story) -> None:
        story.rows += case_rows(case)
        story.rows += bail_rows(case, chance)
        story.rows += money_rows(case, chance, self.as_of, self.lexicon)
        story.numbers += [number_of_bail(case, place) for place in range(len(case.course.stages))]


def _courses(chance: Random, wanted: int, as_of: date) -> list[Course]:
    """Courses of one person, the latest first; earlier ones are settled before the next begins."""
    if wanted == 1 and chance.random() < 0.08:
        return [course_without_bail(chance, as_of)]
    courses: list[Course] = []
    latest = as_of
    for _ in range(wanted):
        course = draw_course(chance, latest)
        while courses and course.ending is None:
            course = draw_course(chance, latest)
        courses.append(course)
        begun = first_day(course)
        latest = (begun or latest) - timedelta(days=_PAUSE_DAYS)
    return courses


def _row_of_elsewhere(number: int, chance: Random, as_of: date) -> Row:
    """A payment for a bail of another county, entered here by mistake: it belongs to nobody and names nobody else."""
    paid_on = as_of - timedelta(days=chance.randint(50, 900))
    cells = {
        "bail_no": f"示外公（刑）取保字〔{paid_on.year}〕{number + 1}号",
        "paid_on": f"{paid_on}",
        "amount": "6000.00",
        "channel": "银行转账",
        "voucher_no": f"{paid_on.year}8{number:08d}",
        "person_name": name_given_once(BACKGROUND_NAMES - 1 - number // _EVERY_FOREIGN_ROW, planted=False),
    }
    return Row("deposit_payment", cells)


def nameless_row(number: int, chance: Random, as_of: date) -> Row:
    """A refund without number, identity or name: an orphan."""
    on = as_of - timedelta(days=chance.randint(50, 900))
    cells = {"decided_on": f"{on}", "bank_notified_on": f"{on}", "refunded_on": f"{on + timedelta(days=3)}"}
    return Row("deposit_refund", {**cells, "amount": f"{1000 + number % 7 * 500}.00"})
