"""Telephone numbers as digits: mobile (11), land line with area code, 400/800 numbers.

A land line without area code and a 13-digit number of a machine are read with a note.
"""

from __future__ import annotations

import re

from jianheng.core.fields.cleaning import plain_code, read_nothing
from jianheng.core.fields.reading import Reading, unread

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_COUNTRY = re.compile(r"^(?:\+|00)?86(?=1[3-9][0-9]{9}$|0?[1-9][0-9]{8,11}$)|^\+86")
_LAND_LINE = re.compile(r"0[1-9][0-9]{1,2}[1-9][0-9]{6,7}")
_SERVICE = re.compile(r"[48]00[0-9]{7}")
_LOCAL = re.compile(r"[1-9][0-9]{6,7}")
_MACHINE = re.compile(r"1[0-9]{12}")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)


def read_phone(text: str) -> Reading:
    """Read one telephone number into its digits."""
    if _MOBILE.fullmatch(text):
        return Reading(text)
    nothing = read_nothing(text)
    if nothing is not None:
        return nothing
    plain = re.sub(r"\.0+$", "", plain_code(text))
    digits = _COUNTRY.sub("", re.sub(r"[-()]", "", plain))
    for form, notes in _FORMS:
        if form.fullmatch(digits):
            return Reading(digits, notes=notes)
    return _refuse(plain)


_FORMS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (_MOBILE, ()),
    (_LAND_LINE, ()),
    (_SERVICE, ()),
    (_LOCAL, ("固定电话缺区号",)),
    (_MACHINE, ("13位号码，可能为物联网卡",)),
)


def _refuse(plain: str) -> Reading:
    if _SCIENTIFIC.fullmatch(plain):
        return unread("号码按数值存储，末几位数字已丢失", "请把原表该列设为文本格式后重新导出")
    if "*" in plain:
        return unread("电话号码已脱敏", "请向提供单位调取未脱敏的数据")
    if len(re.findall(r"[0-9]{7,}", plain)) > 1:
        return unread("一格中写了不止一个电话号码", "请一格只填一个号码")
    return unread("不是电话号码的形式", "请核对号码位数")
