"""Text, yes-or-no and whole numbers.

Decisions: the letter x is neither yes nor no (some tick with it, some cross out); an empty box is unread.
"""

from __future__ import annotations

import re

from jianheng.core.fields.cleaning import clean_text, plain_code, read_nothing, squeeze
from jianheng.core.fields.numerals import chinese_number, plain_numerals
from jianheng.core.fields.reading import Reading, unread

_YES = frozenset("是 √ ✓ ✔ ☑ ✅ 有 Y YES T TRUE 1 1.0 真 对 已".split())
_NO = frozenset("否 × ✕ ✖ ✗ ✘ ☒ ❌ 无 没有 N NO F FALSE 0 0.0 假 不是 未".split())
_WHOLE = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.0*)?")
_FLOAT_LIMIT = 2**53
_BIGINT_LIMIT = 2**63


def read_text(text: str) -> Reading:
    """Read any text: cleaned, nothing refused but formula errors."""
    if text.isalnum() and text.isascii() and text.upper() not in ("NULL", "NONE", "NAN", "NAT"):
        return Reading(text)
    return read_nothing(text, any_text=True) or Reading(clean_text(text))


def read_boolean(text: str) -> Reading:
    """Read yes or no."""
    word = squeeze(text).upper()
    if word in _YES or word in _NO:
        return Reading(word in _YES)
    return read_nothing(text) or unread("看不出是还是否", "请填“是”或“否”")


def read_integer(text: str) -> Reading:
    """Read a whole number within 64 bits; ``12.0`` is 12, 十二 is 12."""
    nothing = read_nothing(text)
    if nothing is not None:
        return nothing
    plain = plain_code(text).removeprefix("+")
    if _WHOLE.fullmatch(plain):
        value = int(plain.partition(".")[0].replace(",", ""))
        if "." in plain and abs(value) > _FLOAT_LIMIT:
            return unread("按数值存储，末几位数字已丢失", "请把原表该列设为文本格式后重新导出")
        if abs(value) >= _BIGINT_LIMIT:
            return unread("数字超出可记录的范围", "请核对是否填错列")
        return Reading(value)
    number = chinese_number(plain_numerals(plain))
    if number is not None:
        return Reading(number)
    if re.fullmatch(r"-?[0-9]*\.[0-9]+", plain):
        return unread("应为整数，现有小数", "请核对后填写整数")
    return unread("不是整数的形式", "请只填数字，不带单位")
