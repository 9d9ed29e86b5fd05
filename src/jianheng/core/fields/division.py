"""Administrative divisions: codes and full names, current and abolished, through a shipped table.

Codes change, so the table keeps abolished codes with their successors. A name that several provinces use (江北区)
stays text: it needs its province or city in front. Table and licences: ``data/NOTICE``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jianheng.core.fields.cleaning import plain_code, read_nothing, squeeze
from jianheng.core.fields.masking import mask_text
from jianheng.core.fields.reading import Reading

_CODE = re.compile(r"[1-9][0-9]{5}")
_LONGER_CODE = re.compile(r"([1-9][0-9]{5})(?:[0-9]{3}|[0-9]{6})")
_CODE_AS_FLOAT = re.compile(r"([1-9][0-9]{5})\.0+")
_CODE_AND_NAME = re.compile(r"([1-9][0-9]{5})[-_/(]?([\u4e00-\u9fff]+)\)?")
# Rows that only group others; nobody writes them as part of an address.
_FILLERS = frozenset({"市辖区", "县", "市区", "市", "省直辖行政单位", "省直辖县级行政区划", "自治区直辖县级行政区划"})
_PROVINCE_ENDS = ("维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "省", "市")


@dataclass(frozen=True, slots=True)
class Division:
    """One code of the table; ``successors`` are the codes an abolished one went to, if known."""

    code: str
    name: str
    is_current: bool
    successors: tuple[str, ...]


def read_division(text: str) -> Reading:
    """Read a division into its six-digit code; a name that is unknown or not unique stays text with a note."""
    if _CODE.fullmatch(text):
        return _from_code(text)
    nothing = read_nothing(text)
    if nothing is not None:
        return nothing
    code = plain_code(text)
    if _CODE.fullmatch(code):
        return _from_code(code)
    if same := _CODE_AS_FLOAT.fullmatch(code):
        return _from_code(same[1])
    if longer := _LONGER_CODE.fullmatch(code):
        return _from_code(longer[1], f"取{len(code)}位代码的前六位")
    if (both := _CODE_AND_NAME.fullmatch(code)) and both[1] in _codes_of(both[2]):
        return _from_code(both[1])
    return _from_name(squeeze(text))


def division_name(code: str) -> str:
    """The full name of a known code, province first (``湖北省武汉市东西湖区``); "" if the code is unknown."""
    if code not in _table():
        return ""
    above = [upper for upper in (code[:2] + "0000", code[:4] + "00") if upper != code and upper in _table()]
    return "".join(name for name in (_table()[each].name for each in (*above, code)) if name not in _FILLERS)


def is_known_division(code: str) -> bool:
    """Whether the code is or ever was in the table."""
    return code in _table()


def _from_code(code: str, *notes: str) -> Reading:
    division = _table().get(code)
    if division is None:
        return Reading(code, notes=(*notes, f"行政区划代码{code}不在区划表中"))
    return Reading(code, notes=(*notes, *_abolished_note(division)))


def _from_name(name: str) -> Reading:
    codes = _codes_of(name)
    if not codes:
        return Reading(name, notes=(f"“{mask_text(name)}”不在区划表中，按原文保留",))
    current = [code for code in codes if _table()[code].is_current]
    candidates = current or codes
    if len(candidates) > 1:
        return Reading(name, notes=(f"“{name}”在区划表中不止一处，请写明省、市或代码",))
    return Reading(candidates[0], notes=_abolished_note(_table()[candidates[0]]))


def _abolished_note(division: Division) -> tuple[str, ...]:
    if division.is_current:
        return ()
    now = "、".join(f"{code}{division_name(code)}" for code in division.successors)
    return (f"{division.code}{division.name}已撤销" + (f"，现为{now}" if now else ""),)


@cache
def _table() -> dict[str, Division]:
    text = files("jianheng.core.fields").joinpath("data/divisions.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines()[1:])
    return {
        code: Division(code, name, current == "1", tuple(successors.split()))
        for code, name, current, successors in rows
    }


def _codes_of(name: str) -> list[str]:
    """The codes that ``name`` may mean: a bare name, alone or with its province, its city or both in front."""
    return [
        code
        for start in range(len(name))
        for code in _by_bare_name().get(name[start:], ())
        if start == 0 or name[:start] in _fronts(code)
    ]


@cache
def _by_bare_name() -> dict[str, list[str]]:
    index: dict[str, list[str]] = {}
    for division in _table().values():
        if division.name not in _FILLERS:
            index.setdefault(division.name, []).append(division.code)
    return index


def _fronts(code: str) -> set[str]:
    """What may stand before the bare name of ``code``; province and city also by their short names."""
    cities, provinces = {""}, {""}
    city = _table().get(code[:4] + "00")
    if not code.endswith("00") and city is not None and city.name not in _FILLERS:
        cities |= {city.name, city.name.removesuffix("市")}
    province = _table().get(code[:2] + "0000")
    if province is not None and province.code != code:
        provinces |= {province.name, _short_province(province.name)}
    return {front + middle for front in provinces for middle in cities}


def _short_province(name: str) -> str:
    for end in _PROVINCE_ENDS:
        if name.endswith(end):
            return name.removesuffix(end)
    return name
