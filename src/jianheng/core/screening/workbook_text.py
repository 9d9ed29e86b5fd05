"""What may stand in a cell: personal numbers masked, nothing that breaks a workbook, overlong texts cut with a word."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

from jianheng.core.fields.cleaning import read_nothing
from jianheng.core.fields.masking import mask_number, mask_text
from jianheng.core.fields.name_masking import mask_names
from jianheng.core.fields.resident_id import birth_on, read_resident_id

LONGEST = 1500
"""Characters shown of one text; a row of a workbook is at most 409 points high."""

_EXCEL_DAY_ZERO = date(1899, 12, 30).toordinal()
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"-?\d{1,13}(\.\d+)?")
_PERSONAL_HEADING = re.compile(r"身份证|身份号|证件号|[账帐卡]号|电话|手机|联系方式")
_CASE_HEADING = re.compile(r"案号|案件编号|文书号|文号|决定书编号")
_LONG_NUMBER = re.compile(r"\d{12,40}")
_IDENTITY_LENGTH = 18
_CACHE = 1 << 15


@lru_cache(_CACHE)
def shown(text: str) -> str:
    """``text`` as a cell may hold it."""
    return _safe(mask_text(text))


@lru_cache(_CACHE)
def shown_under(heading: str, text: str) -> str:
    """``text`` of a column: what stands under 身份证号, 账号, 电话 is masked whatever its shape.

    Case numbers that are nothing but digits (统一受案号) stay under their own heading: a case cannot be found without.
    """
    personal = _PERSONAL_HEADING.search(heading) is not None
    if not personal and _CASE_HEADING.search(heading) and _is_case_number(text):
        return _safe(text)
    masked = mask_text(text)
    if masked == text and personal and "前缀" not in heading and _digits(text) > 4:
        masked = mask_number(text)
    return _safe(masked)


def showing(names: Mapping[str, str]) -> Callable[[str], str]:
    """How texts are shown beside which ``names`` are not to be seen: each stands there as it says."""
    return (lambda text: shown(mask_names(text, names))) if names else shown


def shown_identity(text: str) -> str:
    """An identity number in whatever form it was written, masked."""
    return shown_under("身份证号", text)


@lru_cache(_CACHE)
def excel_day(text: str | None) -> int | None:
    """The serial number of an ISO date; None for anything else and for days before 1900-03-01, where Excel errs."""
    if not text or not _ISO_DATE.fullmatch(text):
        return None
    try:
        number = date.fromisoformat(text).toordinal() - _EXCEL_DAY_ZERO
    except ValueError:
        return None
    return number if number > 60 else None


def plain_number(text: str | None) -> float | None:
    """A number a cell can hold without losing digits; None for anything else."""
    return float(text) if text and _NUMBER.fullmatch(text) else None


@lru_cache(_CACHE)
def cell_text(heading: str, raw: str | None, value: str | None, address: str) -> str:
    """A source cell: heading, what was written, what was read if that is not plain to see, and where."""
    if not raw or not raw.strip():
        return f"{shown(heading)}：（空白）\n{address}"
    written = shown_under(heading, raw)
    if value is None:
        nothing = read_nothing(raw)
        how = "按空白处理" if nothing is not None and nothing.is_empty else "未能读取"
        return f"{shown(heading)}：{written}（{how}）\n{address}"
    if _same(raw, value):
        return f"{shown(heading)}：{written}\n{address}"
    return f"{shown(heading)}：{written}（读作{shown_under(heading, value)}）\n{address}"


def lines_of(text: str, width: float) -> int:
    """Lines that ``text`` takes in a cell ``width`` units wide: a Latin letter takes one, a Chinese character two."""
    room = int(max(width - 1.5, 2))
    if "\n" not in text:
        return -(-_units(text) // room) or 1
    return sum(-(-_units(line) // room) or 1 for line in text.split("\n"))


def _units(text: str) -> int:
    """One for a character of one byte, two for one of three; nothing is faster in plain Python."""
    return (len(text) + len(text.encode())) // 2


def _safe(text: str) -> str:
    text = text.encode("utf-8", "replace").decode("utf-8")
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}…（共{len(text)}字，余见原表）"
    # The writer takes a text of this shape for ready-made markup and would put it into the file as it is.
    return text + " " if text.startswith("<r>") and text.endswith("</r>") else text


def _same(raw: str, value: str) -> bool:
    """Whether everybody would read ``raw`` as ``value``: spaces, thousands separators, other forms of a date aside."""
    if raw == value:
        return True
    if _ISO_DATE.fullmatch(value):
        parts = re.findall(r"[0-9]+", raw)
        year, month, day = (int(part) for part in value.split("-"))
        written = [int(part) for part in parts]
        if day == 1 and (written == [year, month] or parts == [value[:7].replace("-", "")]):
            return True  # a month is kept as its first day
        return parts == [value.replace("-", "")] or written == [year, month, day]
    bare = raw.strip().replace(",", "").removesuffix("元")
    return bare == value or f"{bare}.00" == value or bare == f"{value}.00"


def _is_case_number(text: str) -> bool:
    """Digits alone, and no identity number that somebody wrote into the wrong column, slips of the pen included."""
    number = text.strip()
    if not _LONG_NUMBER.fullmatch(number) or read_resident_id(number).value is not None:
        return False
    try:
        return len(number) != _IDENTITY_LENGTH or not 1900 <= birth_on(number).year <= 2100
    except ValueError:
        return True


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)
