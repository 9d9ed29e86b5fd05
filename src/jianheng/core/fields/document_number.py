"""Document and case numbers in one normal form, so that equal numbers are equal text.

The form: NFKC, no blanks; the year of a paper stands in 〔〕, of a court number (year first, then a court's mark) in
（）; all other brackets are （）; 第 before year or serial and the leading zeros of the serial are dropped:
``武公(刑)取保字[2024]第0012号`` becomes ``武公（刑）取保字〔2024〕12号``. A missing closing 号 is added with a note.
"""

from __future__ import annotations

import re

from jianheng.core.fields.cleaning import plain_code, read_nothing
from jianheng.core.fields.reading import Reading, unread

_OPEN, _CLOSE = "([{〔【﹝〖「『〈《<", ")]}〕】﹞〗」』〉》>"
_BRACKETS = str.maketrans({**dict.fromkeys(_OPEN, "（"), **dict.fromkeys(_CLOSE, "）")})
_YEAR = r"(?:19|20)[0-9]{2}"
_HAN = "[\u4e00-\u7b2b\u7b2d-\u9fff]"  # without 第
_BRACKETED_YEAR = re.compile(rf"第*（({_YEAR})年?度?）")
COURT_MARKS = "京津冀晋内辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新兵军"
_SUFFIX = "之[一二三四五六七八九十0-9]+"
_COURT = re.compile(
    rf"（({_YEAR})）((?:最高法|[{COURT_MARKS}])[0-9]{{0,4}}[^0-9第].*?)第*0*([0-9]+)(号?)((?:{_SUFFIX})?)"
)
_COURT_FRONT = re.compile(rf"（{_YEAR}）(?:最高法|[{COURT_MARKS}])")
_PAPER_SERIAL = re.compile(
    rf"(〔{_YEAR}〕{_HAN}{{0,6}}?)第*([A-Za-z]?)0*([0-9]+)((?:-[0-9]+)?)(号?)((?:{_SUFFIX}|-[0-9]+)?)"
)
_TRAILING = re.compile(r"[。,、;.:'`‘’\"“”]+$")
_FREE_CODE = re.compile(r"[A-Za-z]{0,4}[0-9][0-9A-Za-z-]{7,}")
_LOST = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]{2,}|[0-9]{16,}\.0*")
# The common form as it should be: nothing to change. 第 (U+7B2C) is left out of the characters before the year.
_NORMAL = re.compile(
    r"[一-笫笭-龥]{1,20}(?:（[一-笫笭-龥]{1,10}）)?[一-笫笭-龥]{0,20}〔(?:19|20)[0-9]{2}〕[1-9][0-9]{0,8}号"
)

_NO_YEAR = "未见年份和序号，按原文保留"
_ADDED = "文号末尾缺“号”字，已补"


def read_document_number(text: str) -> Reading:
    """Read a paper's number; text without a recognisable year and serial is kept, cleaned, with a note."""
    return _read(text, code_is_normal=False)


def read_case_number(text: str) -> Reading:
    """Read a case number of police, procuratorate or court; codes of digits and letters are values as they stand."""
    return _read(text, code_is_normal=True)


def _read(text: str, *, code_is_normal: bool) -> Reading:
    if _NORMAL.fullmatch(text):
        return Reading(text)
    code = plain_code(text)
    code = _TRAILING.sub("", code) or code
    nothing = read_nothing(code)
    if nothing is not None:
        return nothing
    if _LOST.fullmatch(code):
        return unread("编号按数值存储，末几位数字已丢失", "请把原表该列设为文本格式后重新录入或导出")
    if code_is_normal and _FREE_CODE.fullmatch(code):
        return Reading(code)
    return _normal_form(code)


def _normal_form(code: str) -> Reading:
    code = code.translate(_BRACKETS)
    court_style = _BRACKETED_YEAR.sub(r"（\1）", code, count=1)
    if _COURT_FRONT.match(court_style):
        return _court_number(court_style)
    with_year, years = _BRACKETED_YEAR.subn(r"〔\1〕", code)
    if years != 1:
        return Reading(with_year, notes=(_NO_YEAR if years == 0 else "写了不止一个文号或年份，按原文保留",))
    front, mark, rest = with_year.partition("〔")
    serial = _PAPER_SERIAL.fullmatch(mark + rest)
    if serial is None:
        return Reading(with_year, notes=("未见序号，按原文保留",))
    year, letter, number, part, closing, suffix = serial.groups()
    return _joined(f"{front}{year}{letter}{number}{part}", closing, suffix)


def _court_number(code: str) -> Reading:
    found = _COURT.fullmatch(code)
    if found is None:
        return Reading(code, notes=("未见序号，按原文保留",))
    year, court, number, closing, suffix = found.groups()
    return _joined(f"（{year}）{court}{number}", closing, suffix)


def _joined(number: str, closing: str, suffix: str) -> Reading:
    return Reading(f"{number}号{suffix}", notes=() if closing else (_ADDED,))
