"""The unified social credit code (GB 32100, 18 characters) and the two numbers it replaced.

Old numbers are read with a note: 15 digits of the former business registration, and the 9-character organisation
code (8 characters and a check).
"""

from __future__ import annotations

import re
from typing import Literal

from jianheng.core.fields.cleaning import plain_code, read_nothing
from jianheng.core.fields.reading import Reading, unread

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

_UNIFIED = re.compile(rf"[{ALPHABET}]{{18}}")
_BIRTH_DATE = re.compile(r"(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_ORGANISATION = re.compile(r"[0-9A-Z]{8}[0-9X]")
_REGISTRATION = re.compile(r"[0-9]{15}")
_REGISTRATION_AS_FLOAT = re.compile(r"([0-9]{15})\.0+")
_LOST = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]{2,}|[0-9]{16,18}\.[0-9]*")
_HINT = "请对照营业执照或登记证核对，改正后重新导入"

CreditCodeKind = Literal["unified", "registration", "organisation"]


def read_credit_code(text: str) -> Reading:
    """Read a credit code, or one of its two predecessors with a note."""
    if _UNIFIED.fullmatch(text):
        return _read_unified(text)
    nothing = read_nothing(text)
    if nothing is not None:
        return nothing
    code = plain_code(text).upper().replace("-", "")
    if same := _REGISTRATION_AS_FLOAT.fullmatch(code):
        code = same[1]
    if _UNIFIED.fullmatch(code):
        return _read_unified(code)
    if _REGISTRATION.fullmatch(code):
        return Reading(code, notes=("15位旧注册号",))
    if _ORGANISATION.fullmatch(code):
        if organisation_check(code[:8]) != code[8]:
            return unread("组织机构代码校验码不符", _HINT)
        return Reading(code, notes=("9位组织机构代码",))
    return _refuse(code)


def is_business_code(text: str) -> bool:
    """Whether ``text`` is, to the letter, the code of a business (class 9), and cannot be an identity number.

    Identity numbers of foreigners begin with 9 too, but have a birth date where a code has none.
    """
    if not _UNIFIED.fullmatch(text) or text[0] != "9" or _BIRTH_DATE.match(text, 6):
        return False
    return credit_check(text[:17]) == text[17]


def credit_code_kind(value: str) -> CreditCodeKind:
    """Which of the three numbers a canonical value is."""
    kinds: dict[int, CreditCodeKind] = {18: "unified", 15: "registration"}
    return kinds.get(len(value), "organisation")


def credit_check(first17: str) -> str:
    """The 18th character that belongs to the first 17."""
    total = sum(weight * ALPHABET.index(character) for weight, character in zip(WEIGHTS, first17, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def organisation_check(first8: str) -> str:
    """The 9th character that belongs to the first 8 of an organisation code."""
    total = sum(weight * int(character, 36) for weight, character in zip(_ORGANISATION_WEIGHTS, first8, strict=True))
    return "0123456789X0"[11 - total % 11]


def _read_unified(code: str) -> Reading:
    if credit_check(code[:17]) != code[17]:
        return unread("统一社会信用代码校验码不符", _HINT)
    return Reading(code)


def _refuse(code: str) -> Reading:
    if _LOST.fullmatch(code):
        return unread("代码按数值存储，末几位数字已丢失", "请把原表该列设为文本格式后重新录入或导出")
    if "*" in code:
        return unread("代码已脱敏，无法核对", "请向提供单位调取未脱敏的数据")
    if re.fullmatch(r"[0-9A-Z]{18}", code):
        return unread("统一社会信用代码含有不使用的字母（I、O、S、V、Z）", "可能把数字1、0、5、2误录为字母，请核对")
    if re.fullmatch(r"[0-9A-Z]+", code):
        return unread(f"统一社会信用代码应为18位，现为{len(code)}位", _HINT)
    return unread("不是统一社会信用代码的形式", _HINT)
