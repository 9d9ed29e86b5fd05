"""Measured quantities (floor area, water or power used) as ``Decimal`` with two places, with or without a unit.

Decisions: the unit is dropped, the heading says which it is; further places are rounded and said; a minus sign, a vague
quantity or several numbers in one cell are unread.
"""

from __future__ import annotations

import re
from decimal import Decimal

from jianheng.core.fields.cleaning import clean_text, read_nothing
from jianheng.core.fields.numerals import plain_numerals
from jianheng.core.fields.reading import Reading, unread

_CENT = Decimal("0.01")
_LIMIT = Decimal(10) ** 16
_QUANTITY = re.compile(
    r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\.[0-9]*)?"
    r"(?:平方米|平米|平方|m2|立方米|立方|方|m3|吨|t|千瓦时|kwh|度|升|l|mg/100ml|毫克/100毫升|户|人|次)?",
    re.IGNORECASE,
)


def read_quantity(text: str) -> Reading:
    """Read a quantity of at least zero."""
    nothing = read_nothing(text)
    if nothing is not None:
        return nothing
    found = _QUANTITY.fullmatch(plain_numerals(clean_text(text)).strip("'`‘’\"“”").replace(" ", ""))
    if found is None:
        return unread("看不出是多少", "请只填一个数，不写范围和约数")
    exact = Decimal(found[1].replace(",", "") + (found[2] or ""))
    if exact >= _LIMIT:
        return unread("数量超出可记录的范围", "请核对是否填错列")
    value = exact.quantize(_CENT)
    return Reading(value, notes=() if value == exact else ("小数超过两位，已四舍五入",))
