"""People who cannot exist: identity numbers of no division, names of which many are shared.

A number starts with 99, which no province has. Background, companions and planted people have prefixes or sequences of
their own, so two never share a number. Most names come from a small pool (homonyms); some are given once in a county.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from jianheng.core.fields.credit_code import credit_check, organisation_check
from jianheng.core.fields.resident_id import check_character

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
_GIVEN = (
    "伟 芳 娜 敏 静 丽 强 磊 洋 勇 艳 杰 娟 涛 明 超 霞 刚 玲 桂英 建华 建国 志强 志明 海燕 晓东 春梅 秀兰 国庆 红梅 "
    "文博 雨欣 子轩 浩然 思远 佳怡 俊杰 丽华 玉兰 小龙 永强 立新 大勇 学军 爱民 金凤 宝山 成林 世杰 晓明"
).split()
_MORE_SURNAMES = "蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白"
_RARE_FIRST = "砚澈珩翊昕珞瑄晞棠沐筠芮祺昀煜骁琛茗沁黎"
_RARE_LAST = "遥岚漪箴笙峤霁皓珂璟彧苒钰晗缇铮祎弈瑾楠"
_RARE_PAIRS = [(_RARE_FIRST, _RARE_LAST), (_RARE_LAST, _RARE_FIRST), (_RARE_FIRST,) * 2, (_RARE_LAST,) * 2]
_WAYS = [(surnames, *pair) for surnames in (_SURNAMES, _MORE_SURNAMES) for pair in _RARE_PAIRS]
_NAMES_A_WAY = len(_SURNAMES) * len(_RARE_FIRST) * len(_RARE_LAST)
_NAMES_GIVEN_ONCE = len(_WAYS) * _NAMES_A_WAY
_FOR_PLANTS, _MORE_FOR_PLANTS = 4_000, 24_000
PLANTED_NAMES = _FOR_PLANTS + _MORE_FOR_PLANTS
BACKGROUND_NAMES = _NAMES_GIVEN_ONCE - PLANTED_NAMES

_BACKGROUND_PREFIX, _COMPANION_PREFIX, _PLANT_PREFIX = 990_000, 994_000, 995_000
_BACKGROUND_PREFIXES, _COMPANION_PREFIXES, _PLANT_PREFIXES = 4_000, 1_000, 5_000
_TURNS = 500
"""People of one prefix: a sequence has three digits, the last of which tells men from women."""
_PLANT_TURNS = 250
"""Of a prefix for plants; its other turns are left to companions, of whom a large county has more than plants."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the background."""

    name: str
    id: str


def shared_name(chance: Random) -> str:
    """A name that several people may have; a few names are very common."""
    if chance.random() < 0.3:
        return chance.choice(_SURNAMES[:5]) + chance.choice(_GIVEN[:8])
    return chance.choice(_SURNAMES) + chance.choice(_GIVEN)


def name_given_once(number: int, *, planted: bool) -> str:
    """A name that nobody else has: ``number`` counts the planted and the background people who need one apart.

    Raises ValueError beyond PLANTED_NAMES and BACKGROUND_NAMES.
    """
    if not 0 <= number < (PLANTED_NAMES if planted else BACKGROUND_NAMES):
        raise ValueError(f"no name left for number {number}")
    if planted and number >= _FOR_PLANTS:
        place = _NAMES_GIVEN_ONCE - 1 - (number - _FOR_PLANTS)
    else:
        place = number if planted else _FOR_PLANTS + number
    way, place = divmod(place, _NAMES_A_WAY)
    surnames, firsts, lasts = _WAYS[way]
    rest, last = divmod(place, len(lasts))
    surname, first = divmod(rest, len(firsts))
    return surnames[surname] + firsts[first] + lasts[last]


def background_person(number: int, chance: Random, as_of: date, name: str, *, companion: bool = False) -> Person:
    """Person ``number`` of the background, an adult; companions (accused together with somebody) are counted apart."""
    born = as_of - timedelta(days=chance.randint(25 * 366, 70 * 365))
    prefix, turn = _companion_place(number) if companion else _place(number, _BACKGROUND_PREFIX, _BACKGROUND_PREFIXES)
    return Person(name, identity_number(prefix, born, 2 * turn + chance.randint(0, 1)))


def _companion_place(number: int) -> tuple[int, int]:
    further = number - _COMPANION_PREFIXES * _TURNS
    if further < 0:
        return _place(number, _COMPANION_PREFIX, _COMPANION_PREFIXES)
    prefix, turn = _place(further, _PLANT_PREFIX, _PLANT_PREFIXES)
    return prefix, _PLANT_TURNS + turn


def _place(number: int, first: int, count: int) -> tuple[int, int]:
    """The prefix of person ``number`` among ``count`` prefixes from ``first`` on, and whose turn it is there."""
    turn, place = divmod(number, count)
    return first + place, turn


def planted_id(number: int, born: date, *, male: bool) -> str:
    """The identity number of planted person ``number``. Raises ValueError when none is left."""
    prefix, turn = _place(number, _PLANT_PREFIX, _PLANT_PREFIXES)
    if turn >= _PLANT_TURNS:
        raise ValueError(f"no identity number left for planted person {number}")
    return identity_number(prefix, born, 2 * turn + male)


def planted_credit_code(value: str, number: int) -> str:
    """The code of planted firm ``number``: of the kind of body that ``value`` is of, in no place (990000)."""
    body = f"9{number:07d}"
    first17 = f"{value[:2] if len(value) == 18 else '91'}990000{body}{organisation_check(body)}"
    return first17 + credit_check(first17)


def identity_number(prefix: int, born: date, sequence: int) -> str:
    """An 18-character identity number. ``sequence`` is 0 to 999, odd for men. Raises ValueError beyond."""
    if not 0 <= sequence <= 999:
        raise ValueError(f"no identity number left for sequence {sequence}")
    first17 = f"{prefix:06d}{born:%Y%m%d}{sequence:03d}"
    return first17 + check_character(first17)
