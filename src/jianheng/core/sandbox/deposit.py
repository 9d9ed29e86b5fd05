"""What became of a deposit in a lawful case: paid once and in full, carried over, returned, taken or moved lawfully.

The sums always come out even: refunded + confiscated + moved to the court = paid, once the deposit has ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from jianheng.core.sandbox.course import Course, Stage

_AMOUNTS = (1_000, 2_000, 2_000, 3_000, 3_000, 5_000, 5_000, 5_000, 8_000, 10_000, 20_000, 30_000, 50_000, 80_000)
_GROUNDS = ("未经批准离开所居住的市县", "传讯不到案", "干扰证人作证", "变动情况未按时报告")
_BY_PREFECTURE_FROM = 50_000


@dataclass(frozen=True, slots=True)
class Confiscation:
    """A lawful confiscation during the first bail; ``for_new_offence``: for a new intentional offence, found guilty."""

    on: date
    amount: int
    ground: str
    approver: str
    for_new_offence: bool


@dataclass(frozen=True, slots=True)
class Deposit:
    """``amount`` in yuan, ``refund`` what was returned (0: nothing was due or the deposit still stands)."""

    amount: int
    paid_on: date
    confiscation: Confiscation | None
    moved: int
    ended_on: date | None
    refund: int


def draw_deposit(chance: Random, course: Course) -> Deposit | None:
    """The deposit of a course, None if the first bail was on a guarantor."""
    carried = [stage for stage in course.stages if stage.with_deposit]
    if not carried:
        return None
    amount = chance.choice(_AMOUNTS)
    paid_on = carried[0].decided_on + timedelta(days=chance.randint(0, 2))
    ended_on = carried[-1].ended_on
    confiscation = _confiscation(chance, carried[0], amount) if chance.random() < 0.06 else None
    left = amount - (confiscation.amount if confiscation else 0)
    moved = 0
    if left and ended_on and carried[-1].organ == "court" and _convicted(course) and chance.random() < 0.12:
        moved = left if chance.random() < 0.5 else left // 2
    return Deposit(amount, paid_on, confiscation, moved, ended_on, left - moved if ended_on else 0)


def _convicted(course: Course) -> bool:
    return course.ending is not None and course.ending.event in ("社区矫正开始", "刑罚开始执行", "单处附加刑")


def _confiscation(chance: Random, stage: Stage, amount: int) -> Confiscation | None:
    """The whole or half, decided while the first bail ran and well before its end; None if it ran too short."""
    if stage.ended_on is None or (stage.ended_on - stage.decided_on).days < 60:
        return None
    on = stage.decided_on + timedelta(days=chance.randint(20, (stage.ended_on - stage.decided_on).days - 20))
    new_offence = chance.random() < 0.15
    taken = amount if new_offence or chance.random() < 0.5 else amount // 2
    approver = "设区的市级公安机关负责人" if taken >= _BY_PREFECTURE_FROM else "县级公安机关负责人"
    ground = "故意犯新罪" if new_offence else chance.choice(_GROUNDS)
    return Confiscation(on, taken, ground, approver, new_offence)
