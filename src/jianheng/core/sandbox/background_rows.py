"""The rows of a lawful case, as the agencies' tables would hold them.

This is the one place of the room that knows the tables of the pack ``criminal``; columns a lexicon does not have are
left out when the rows are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from jianheng.core.sandbox.course import Course, Stage, result_on
from jianheng.core.sandbox.deposit import Confiscation, Deposit, draw_deposit
from jianheng.core.sandbox.people import Person
from jianheng.core.sandbox.places import DISTRICT_WITH_GAP, District, refund_gap
from jianheng.core.sandbox.row import Row
from jianheng.core.terms.lexicon import Lexicon

_WORD = {"police": "公（刑）取保字", "procuratorate": "检取保", "court": "法取保字"}


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One person in one case. ``alone``: the person has no other case; ``second``: accused beside somebody else;
    ``own_name``: nobody else in the county has the name.
    """

    serial: int
    district: District
    course: Course
    person: Person
    alone: bool
    second: bool = False
    own_name: bool = False

    @property
    def year(self) -> int:
        days = (self.course.stages[0].decided_on if self.course.stages else None, self.course.transferred_on)
        return next(day.year for day in days if day)

    @property
    def police_no(self) -> str:
        return f"A99{self.district.number + 10}00{self.year}{self.serial + 1:07d}"

    @property
    def procuratorate_no(self) -> str:
        day = self.course.transferred_on
        return f"示{self.district.mark}检刑受〔{day.year}〕{self.serial + 1}号" if day else ""

    @property
    def court_no(self) -> str:
        day = self.course.charged_on
        return f"（{day.year}）{self.district.court_code}刑初{self.serial + 1}号" if day else ""

    @property
    def numbers(self) -> list[str]:
        """Every number the case has."""
        return [number for number in (self.police_no, self.procuratorate_no, self.court_no) if number]


def number_of_bail(case: CaseFile, place: int) -> str:
    """The number of the decision that began stage ``place``."""
    stage = case.course.stages[place]
    return f"示{case.district.mark}{_WORD[stage.organ]}〔{stage.decided_on.year}〕{2 * case.serial + 1 + case.second}号"


def case_rows(case: CaseFile) -> list[Row]:
    """The numbers of the case, once a case, and what came of it, once a person."""
    rows = []
    if not case.second:
        names = ("police_no", "procuratorate_no", "court_no")
        numbers = (case.police_no, case.procuratorate_no, case.court_no)
        rows.append(Row("case_link", dict(zip(names, numbers, strict=True))))
    steps = ((case.course.transferred_on, "移送审查起诉"), (case.course.charged_on, "提起公诉"))
    rows += [_outcome(case, case.police_no, event, "", day) for day, event in steps if day]
    day, ending = result_on(case.course), case.course.ending
    if day and ending:
        rows.append(_outcome(case, case.numbers[-1], ending.event, ending.event_kind, day))
    return rows


def _outcome(case: CaseFile, case_no: str, event: str, event_kind: str, day: date) -> Row:
    cells = {"case_no": case_no, "person_id": case.person.id, "event": event, "event_kind": event_kind}
    return Row("case_outcome", {**cells, "event_on": f"{day}"})


def bail_rows(case: CaseFile, chance: Random) -> list[Row]:
    """One row a decision. A deposit carried over is named again, with the same amount."""
    amount = draw_deposit_amount(case)
    rows = []
    for place, stage in enumerate(case.course.stages):
        last = place == len(case.course.stages) - 1
        cells = {
            "bail_no": number_of_bail(case, place),
            "case_no": case.numbers[place],
            "person_name": case.person.name,
            "person_id": case.person.id,
            "county": case.district.name,
            "decided_by": getattr(case.district, stage.organ),
            "executed_by": case.district.police,
            "decided_on": f"{stage.decided_on}",
            "started_on": f"{stage.decided_on + timedelta(days=chance.randint(0, 1))}",
            "due_on": f"{_year_after(stage.decided_on) - timedelta(days=1)}",
            "guarantee": "保证金" if stage.with_deposit else "保证人",
        }
        if stage.with_deposit:
            cells["amount_decided"] = f"{amount}.00"
        if place and chance.random() < 0.5:
            cells["prior_bail_no"] = number_of_bail(case, place - 1)
        rows.append(Row("bail_decision", {**cells, **_end_cells(case, stage, last, chance)}))
    return rows


def _end_cells(case: CaseFile, stage: Stage, last: bool, chance: Random) -> dict[str, str]:
    """How a bail ended. A register may leave it out where the result of the case says it."""
    if stage.ended_on is None:
        return {}
    if not last:
        reason = "移送审查起诉" if stage.organ == "police" else "移送审判"
        return {"ended_on": f"{stage.ended_on}", "end_reason": reason}
    ending = case.course.ending
    if ending is None:
        return {}
    if ending.event and not ending.released and len(case.course.stages) == 1 and case.alone and chance.random() < 0.2:
        return {}
    released = {"release_decided_on": f"{stage.ended_on}"} if ending.released else {}
    return {**released, "ended_on": f"{stage.ended_on}", "end_reason": ending.reason}


def _year_after(day: date) -> date:
    return day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else date(day.year + 1, 3, 1)


def _deposit(case: CaseFile) -> Deposit | None:
    """The deposit is a stream of its own, so that every row of the case sees the same one."""
    return draw_deposit(Random(f"{case.person.id}/{case.serial}"), case.course)


def draw_deposit_amount(case: CaseFile) -> int:
    """The amount of the case's deposit, 0 without one."""
    deposit = _deposit(case)
    return deposit.amount if deposit else 0


def money_rows(case: CaseFile, chance: Random, as_of: date, lexicon: Lexicon) -> list[Row]:
    """What was paid, confiscated, moved and returned, each with the ways to leave its number out."""
    deposit = _deposit(case)
    if deposit is None:
        return []
    rows = [_payment(case, deposit, chance)]
    if deposit.confiscation:
        rows += _confiscation(case, deposit.confiscation)
    if deposit.moved and deposit.ended_on:
        cells = {"notified_on": f"{deposit.ended_on}", "amount": f"{deposit.moved}.00", "purpose": "执行罚金"}
        rows.append(Row("court_transfer_notice", cells))
    if deposit.refund and deposit.ended_on:
        rows += _refund(case, deposit, deposit.ended_on, chance, as_of)
    for row in rows:
        if row.table in lexicon.tables and lexicon.tables[row.table].link:
            _sign(row, case, deposit, chance, lexicon)
    return rows


def _payment(case: CaseFile, deposit: Deposit, chance: Random) -> Row:
    cells = {
        "paid_on": f"{deposit.paid_on}",
        "amount": f"{deposit.amount}.00",
        "account_no": case.district.account_on(deposit.paid_on, case.serial),
        "account_name": case.district.account_name,
        "channel": chance.choice(("银行转账", "银行转账", "银行柜台现金", "网上银行")),
        "voucher_no": f"{deposit.paid_on.year}{2 * case.serial + 1 + case.second:09d}",
    }
    return Row("deposit_payment", cells)


def _confiscation(case: CaseFile, taken: Confiscation) -> list[Row]:
    cells = {
        "decided_on": f"{taken.on}",
        "decided_by": case.district.police,
        "approver_level": taken.approver,
        "ground": taken.ground,
        "amount": f"{taken.amount}.00",
        "read_out_on": f"{taken.on + timedelta(days=2)}",
        "treasury_on": f"{taken.on + timedelta(days=35)}",
    }
    rows = [Row("deposit_confiscation", cells)]
    if taken.for_new_offence:
        filed = {"filed_on": f"{taken.on - timedelta(days=15)}", "intent": "故意", "result": "有罪"}
        rows.append(Row("new_offence", {"person_id": case.person.id, **filed}))
    return rows


def _refund(case: CaseFile, deposit: Deposit, ended_on: date, chance: Random, as_of: date) -> list[Row]:
    """The return, decided with the end or soon after; one district did not hand over two months of them."""
    decided_on = ended_on + timedelta(days=chance.randint(0, 5))
    told_on = decided_on + timedelta(days=chance.randint(0, 3))
    refunded_on = told_on + timedelta(days=chance.randint(1, 20))
    first, last = refund_gap(as_of)
    if case.district is DISTRICT_WITH_GAP and first <= refunded_on <= last:
        return []
    cells = {
        "decided_on": f"{decided_on}",
        "bank_notified_on": f"{decided_on}",
        "person_told_on": f"{told_on}",
        "refunded_on": f"{refunded_on}",
        "amount": f"{deposit.refund}.00",
        "payee": case.person.name,
    }
    return [Row("deposit_refund", cells)]


def _sign(row: Row, case: CaseFile, deposit: Deposit, chance: Random, lexicon: Lexicon) -> None:
    """Write whose row it is, and how it may be written without the number."""
    row.belongs_to = _owner(row, case, lexicon)
    name, person_id, case_no = case.person.name, case.person.id, chance.choice(case.numbers)
    row.cells |= {"bail_no": row.belongs_to, "person_name": name}
    row.cells["person_id"] = person_id if chance.random() < 0.7 else ""
    row.cells["case_no"] = case.police_no if chance.random() < 0.5 else ""
    blank = {"bail_no": "", "organ_no": "", "person_id": "", "case_no": ""}
    by_person = {**blank, "person_id": person_id}
    by_case = {**blank, "case_no": case_no}
    by_both = {**by_person, "case_no": case_no}
    by_old_number = {**blank, "organ_no": row.belongs_to}
    row.without_number = (by_case, by_case, by_both, by_both, by_old_number)
    if case.alone:
        row.without_number += (by_person, by_person, by_person, by_person)
    elif case.own_name and row.table == "deposit_refund" and row.cells["amount"] == f"{deposit.amount}.00":
        # By identity alone it may be that of another case: it stays unlinked, and leaves nobody else in doubt.
        row.without_number = (by_person,)


def _owner(row: Row, case: CaseFile, lexicon: Lexicon) -> str:
    """The decision a money row belongs to.

    Where a deposit was carried over, several decisions have it; the term says which of them a row without a number is
    given to, by the day of the row.
    """
    carried = [place for place, stage in enumerate(case.course.stages) if stage.with_deposit]
    first = number_of_bail(case, carried[0])
    link = lexicon.tables[row.table].link
    if link is None or link.choose == "first" or len(carried) == 1:
        return first
    day = next((row.cells[name] for name in link.on if row.cells.get(name)), None)
    if day is None:
        return first
    latest = date.fromisoformat(day) + timedelta(days=link.stretch.before_days)
    begun = [place for place in carried if case.course.stages[place].decided_on <= latest]
    return number_of_bail(case, (begun or carried)[-1 if begun else 0])
