"""The first two tiers of reading for one text at a time: what ``fast_sql`` says to the engine, said in Python.

A small table is read without the engine; it must not come out differently for that, down to the notes that the engine
does not give. A test holds the two to each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from jianheng.core.catalogue.fast_sql import CODES_AND_WORDS, RESIDENT_ID
from jianheng.core.fields.fast_forms import FAST_FORMS
from jianheng.core.fields.resident_id import check_character
from jianheng.core.terms.spec import Storage

Value = str | date | Decimal | int
Vouch = Callable[[str], Value | None]
"""Gives the canonical value of a text, or None for every text that is left to the careful reader."""

_RESIDENT_ID = re.compile(RESIDENT_ID)
_BRACKETS = str.maketrans("([【〔)]】〕", "（（（（））））")
_YEAR = re.compile("第*（((?:19|20)[0-9]{2})年?度?）")
_SERIAL = re.compile(r"〕第*0*([1-9][0-9]{0,8})号\Z")


def vouch_for(field_type: str, storage: Storage, unit: int) -> Vouch | None:
    """How texts of a column are read fast; None if all of them are left to the reader. ``unit``: of money alone."""
    if field_type == "resident_id":
        return _identity
    pattern = CODES_AND_WORDS if field_type == "text" else getattr(FAST_FORMS.get(field_type), "pattern", None)
    if pattern is None or storage == "boolean" or (field_type == "money" and unit != 1):
        return None
    matches = re.compile(pattern).fullmatch
    convert = _CONVERTED.get(storage)
    if convert is not None:
        return lambda text: convert(text) if matches(text) else None
    tidy = _TIDIED.get(field_type)
    if tidy is None:
        return lambda text: text if matches(text) else None
    return lambda text: text if matches(text) else tidied if matches(tidied := tidy(text)) else None


def _identity(text: str) -> str | None:
    plain = _without_typing(text).upper()
    return plain if _RESIDENT_ID.fullmatch(plain) and check_character(plain[:17]) == plain[17] else None


def _without_typing(text: str) -> str:
    return text.lstrip("'").replace(" ", "")


def _account(text: str) -> str:
    return _without_typing(text).replace("-", "")


def _number(text: str) -> str:
    with_year = _YEAR.sub(r"〔\1〕", _without_typing(text).translate(_BRACKETS), count=1)
    return _SERIAL.sub(r"〕\1号", with_year)


_CONVERTED: dict[Storage, Callable[[str], Value]] = {"date": date.fromisoformat, "money": Decimal, "integer": int}
_TIDIED: dict[str, Callable[[str], str]] = {
    "account_number": _account,
    "document_number": _number,
    "case_number": _number,
}
