"""The course of one criminal case: which organ had the person on bail from when to when, and how it ended.

Every course is lawful: no organ keeps anybody longer than eleven and a half months, every bail ends with what ends it
in law (公通字〔2022〕25号 第二十四条), and every end lies far enough back for the money to have been returned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal

Organ = Literal["police", "procuratorate", "court"]

#: Days before ``as_of`` by which every end and everything that follows from it has happened.
SETTLED_DAYS = 40
_OLDEST_END_DAYS = 1_700
_LONGEST_STAGE = 345


@dataclass(frozen=True, slots=True)
class Stage:
    """One organ's bail; ``ended_on`` None: still running. ``with_deposit`` False: with a guarantor."""

    organ: Organ
    decided_on: date
    ended_on: date | None
    with_deposit: bool


@dataclass(frozen=True, slots=True)
class Ending:
    """How the last bail ended: the reason written in it, the result of the case, whether a release was decided."""

    reason: str
    event: str = ""
    event_kind: str = ""
    released: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """``stages`` in order, each but the last handed over on its ``ended_on``; no stages: never on bail."""

    stages: tuple[Stage, ...]
    ending: Ending | None
    transferred_on: date | None = None
    charged_on: date | None = None


_RELEASED = Ending("解除取保候审", released=True)
_EXPIRED = Ending("期满解除", released=True)
_DROPPED = Ending("撤销案件", "撤销案件", released=True)
_ARRESTED = Ending("变更为逮捕", "逮捕执行")
_NOT_PROSECUTED = (Ending("不起诉", "相对不起诉"), Ending("不起诉", "存疑不起诉"), Ending("不起诉", "法定不起诉"))
_JUDGED = (
    *(Ending("判决生效", "社区矫正开始"),) * 4,
    *(Ending("判决生效", "刑罚开始执行"),) * 3,
    Ending("判决生效", "单处附加刑", "生效"),
    Ending("判决生效", "免予刑事处罚", "生效"),
    Ending("判决生效", "无罪", "生效"),
)

#: (weight, last organ, endings or None for a bail still running)
_COURSES: tuple[tuple[int, Organ, tuple[Ending, ...] | None], ...] = (
    (20, "police", (_RELEASED,)),
    (6, "police", (_EXPIRED,)),
    (6, "police", (_DROPPED,)),
    (5, "police", (_ARRESTED,)),
    (8, "police", _NOT_PROSECUTED),
    (14, "procuratorate", _NOT_PROSECUTED),
    (26, "court", _JUDGED),
    (8, "police", None),
    (3, "procuratorate", None),
    (4, "court", None),
)
_ORDER: tuple[Organ, ...] = ("police", "procuratorate", "court")


def draw_course(chance: Random, latest: date) -> Course:
    """A course whose settled part ends by ``latest`` less ``SETTLED_DAYS``; running bails run on ``latest``."""
    _, last_organ, endings = chance.choices(_COURSES, [course[0] for course in _COURSES])[0]
    ending = chance.choice(endings) if endings else None
    organs = _ORDER[: _ORDER.index(last_organ) + 1]
    lengths = [chance.randint(30, 330 if organ == "police" else 240) for organ in organs]
    if ending is _EXPIRED:
        lengths[-1] = chance.randint(335, _LONGEST_STAGE)
    if ending is None:
        start_of_last = latest - timedelta(days=chance.randint(10, 300))
    else:
        end = latest - timedelta(days=chance.randint(SETTLED_DAYS, _OLDEST_END_DAYS))
        start_of_last = end - timedelta(days=lengths[-1])
    starts = [start_of_last]
    for length in reversed(lengths[:-1]):
        starts.insert(0, starts[0] - timedelta(days=length))
    last_end = None if ending is None else start_of_last + timedelta(days=lengths[-1])
    stages = _stages(chance, organs, starts, last_end)
    return Course(stages, ending, *_steps(organs, starts))


def _stages(chance: Random, organs: tuple[Organ, ...], starts: list[date], end: date | None) -> tuple[Stage, ...]:
    """A deposit once given up for a guarantor does not come back; none is given up while its return is still due."""
    with_deposit = chance.random() < 0.8
    stages = []
    for number, organ in enumerate(organs):
        with_deposit = with_deposit and (number == 0 or end is None or chance.random() < 0.85)
        ended_on = starts[number + 1] if number + 1 < len(starts) else end
        stages.append(Stage(organ, starts[number], ended_on, with_deposit))
    return tuple(stages)


def _steps(organs: tuple[Organ, ...], starts: list[date]) -> tuple[date | None, date | None]:
    """The days on which the case went to the procuratorate and to the court."""
    return (starts[1] if len(organs) > 1 else None), (starts[2] if len(organs) > 2 else None)


def course_without_bail(chance: Random, latest: date) -> Course:
    """A case whose suspect was in custody: no bail, a result."""
    end = latest - timedelta(days=chance.randint(SETTLED_DAYS, _OLDEST_END_DAYS))
    return Course((), chance.choice(_JUDGED), end - timedelta(days=120), end - timedelta(days=60))


def first_day(course: Course) -> date | None:
    """The day on which the first bail was decided."""
    return course.stages[0].decided_on if course.stages else None


def result_on(course: Course) -> date | None:
    """The day of the result: that of the last end, or two months after the charge."""
    if course.ending is None or not course.ending.event:
        return None
    if course.stages:
        return course.stages[-1].ended_on
    return course.charged_on + timedelta(days=60) if course.charged_on else None
