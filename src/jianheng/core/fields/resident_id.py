"""The citizen's identity number (GB 11643): 18 characters, the last a check; the older form has 15 digits.

Digits 1-6 say where the number was first issued (that place may since be abolished or unknown: a note), 7-14 the
birth date, 15-17 a sequence whose last digit is odd for men.
"""

from __future__ import annotations

import re
from datetime import date
from operator import mul
from typing import Literal

from jianheng.core.fields.cleaning import plain_code, read_nothing
from jianheng.core.fields.division import is_known_division
from jianheng.core.fields.reading import Reading, unread

#: Weight of each of the first 17 digits; ``CHECK_CHARACTERS[sum % 11]`` is the 18th. Enough for a vectorised check.
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
_ZEROS = sum(WEIGHTS) * ord("0")

_NEW = re.compile(r"[1-9][0-9]{16}[0-9X]")
_OLD = re.compile(r"[1-9][0-9]{14}")
_OLD_AS_FLOAT = re.compile(r"([1-9][0-9]{14})\.0+")
_LOST = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+|[0-9]{16,18}\.[0-9]*", re.IGNORECASE)
_SUFFIX_OF_ROUNDED = "000"
_CHECK_HINT = "请对照身份证或户籍信息核对，改正后重新导入"
_EARLIEST_BIRTH, _LATEST_BIRTH = 1850, 2100


def read_resident_id(text: str) -> Reading:
    """Read an identity number into its 18-character form; 15-digit numbers are lengthened with a note."""
    if _NEW.fullmatch(text):
        return _read_new(text)
    nothing = read_nothing(text)
    if nothing is not None:
        return nothing
    code = plain_code(text).upper().replace("-", "")
    if _NEW.fullmatch(code):
        return _read_new(code)
    old = _OLD_AS_FLOAT.fullmatch(code)
    if old or _OLD.fullmatch(code):
        return _read_old(old[1] if old else code)
    return _refuse(code)


def birth_on(value: str) -> date:
    """The birth date inside a canonical 18-character number; ``ValueError`` if there is none."""
    return date(int(value[6:10]), int(value[10:12]), int(value[12:14]))


def sex(value: str) -> Literal["男", "女"]:
    """The sex that a canonical 18-character number carries."""
    return "男" if int(value[16]) % 2 else "女"


def check_character(first17: str) -> str:
    """The 18th character that belongs to 17 digits."""
    return CHECK_CHARACTERS[(sum(map(mul, WEIGHTS, first17.encode())) - _ZEROS) % 11]


def _read_new(code: str, *notes: str) -> Reading:
    try:
        born = birth_on(code)
    except ValueError:
        return unread("身份证号中的出生日期不存在", _CHECK_HINT)
    if not _EARLIEST_BIRTH <= born.year <= _LATEST_BIRTH:
        return unread(f"身份证号中的出生年份为{born.year}年，不合常理", _CHECK_HINT)
    if check_character(code[:17]) != code[17]:
        if code.endswith(_SUFFIX_OF_ROUNDED):
            return _lost_digits()
        return unread("身份证号校验码不符", _CHECK_HINT)
    return Reading(code, notes=(*notes, *_place_note(code)))


def _read_old(code: str) -> Reading:
    lengthened = code[:6] + "19" + code[6:]
    return _read_new(lengthened + check_character(lengthened), "15位旧号已升位")


def _place_note(code: str) -> tuple[str, ...]:
    if code[0] == "9":
        return ("外国人永久居留身份证号码",)
    if code[:2] in ("81", "82", "83"):
        return ("港澳台居民居住证号码",)
    return () if is_known_division(code[:6]) else (f"行政区划代码{code[:6]}不在区划表中",)


def _lost_digits() -> Reading:
    return unread("身份证号按数值存储，末几位数字已丢失", "请把原表该列设为文本格式后重新录入或导出")


def _refuse(code: str) -> Reading:
    if _LOST.fullmatch(code):
        return _lost_digits()
    if re.search(r"[*X#]{3,}|某", code):
        return unread("身份证号已脱敏，无法核对", "请向提供单位调取未脱敏的数据")
    if len(re.findall(r"[0-9]{17}[0-9X]|[0-9]{15}", code)) > 1:
        return unread("一格中写了不止一个身份证号", "请拆分为每行一人")
    if re.fullmatch(r"[0-9]+X?", code):
        return unread(f"身份证号应为18位，现为{len(code)}位", _CHECK_HINT)
    return unread("不是身份证号的形式", "请核对是否填错列，或为护照等其他证件")
