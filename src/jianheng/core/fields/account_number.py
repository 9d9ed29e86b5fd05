"""Bank account numbers as digits (and letters), leading zeros kept.

Cards have 16-19 digits with a Luhn check, company accounts have none, so a failed check is only a note. A number
stored as a float is exact up to 15 digits and has lost its tail beyond.
"""

from __future__ import annotations

import re

from jianheng.core.fields.cleaning import plain_code, read_nothing
from jianheng.core.fields.reading import Reading, unread

_COMMON = re.compile(r"[0-9]{8,15}")
_ACCOUNT = re.compile(r"[A-Z]{0,6}[0-9][0-9A-Z]{0,39}")
_FLOAT = re.compile(r"([0-9]+)\.0*")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]{2,}")
_CARD = re.compile(r"62[0-9]{14,17}")
_EXACT_DIGITS = 15
_SHORT = 8
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)  # digit sum of twice the digit


def read_account_number(text: str) -> Reading:
    """Read one account number; blanks and dashes are dropped."""
    if _COMMON.fullmatch(text):
        return Reading(text)
    nothing = read_nothing(text)
    if nothing is not None:
        return nothing
    code = plain_code(text).upper().replace("-", "")
    stored = _FLOAT.fullmatch(code)
    if _SCIENTIFIC.fullmatch(code) or (stored and len(stored[1]) > _EXACT_DIGITS):
        return unread("账号按数值存储，末几位数字已丢失", "请把原表该列设为文本格式后重新录入或导出")
    if stored:
        return Reading(stored[1], notes=("账号按数值存储，前面的0可能已丢失",))
    if _ACCOUNT.fullmatch(code):
        return Reading(code, notes=_notes(code))
    if "*" in code:
        return unread("账号已脱敏，无法比对", "请向提供单位调取未脱敏的数据")
    if len(re.findall(r"[0-9]{8,}", code)) > 1:
        return unread("一格中写了不止一个账号", "请一格只填一个账号")
    return unread("不是账号的形式", "账号栏请只填账号，户名和开户行另填")


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the Luhn check of the others."""
    backwards = digits[::-1]
    return (sum(map(int, backwards[::2])) + sum(_DOUBLED[int(digit)] for digit in backwards[1::2])) % 10 == 0


def _notes(code: str) -> tuple[str, ...]:
    if len(code) < _SHORT:
        return ("账号位数偏少",)
    if code.isdigit() and len(code) > _EXACT_DIGITS + 1 and not code[_EXACT_DIGITS:].strip("0"):
        return ("账号第16位起全为0，可能按数值存储而丢位",)
    if _CARD.fullmatch(code) and not passes_luhn(code):
        return ("银行卡号校验位不符",)
    return ()
