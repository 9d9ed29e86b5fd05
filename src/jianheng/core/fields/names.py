"""Names of persons and organisations, cleaned so that equal names are equal text.

A person's name loses the blanks and the remarks put into it (张 三, 张三（曾用名张四）); remarks come back as notes.
Nothing is joined or split: two names in a cell stay as they stand, with a note.
"""

from __future__ import annotations

import re

from jianheng.core.fields.cleaning import clean_text, read_nothing
from jianheng.core.fields.masking import mask_text
from jianheng.core.fields.reading import Reading, unread

_HAN = "\u3400-\u9fff\U00020000-\U0003134f〇"
_PLAIN = re.compile("[\u4e00-\u9fff]{2,4}")
_INTERPUNCT = re.compile(rf"(?<=[{_HAN}])\s*[·•・●．.‧∙⋅᛫▪◦・˙•]\s*(?=[{_HAN}])")
_BLANK_BY_HAN = re.compile(rf"(?<=[{_HAN}()（）·*]) | (?=[{_HAN}()（）·*])")
_ALIAS_WORDS = "曾用名|又名|别名|化名|绰号|外号|自报名|乳名|小名|原名"
_REMARK = re.compile(rf"(?P<name>[{_HAN}·*A-Za-z ]+?)\s*\((?P<remark>[^()]*)\)?")
_ALIAS_TAIL = re.compile(rf"(?P<name>[{_HAN}·*]+?)[,、;:\s]*(?P<remark>(?:{_ALIAS_WORDS}).*)")
_MASKED = re.compile(r"某|[*＊?]|[×xX]{1,2}$")
_SEVERAL = re.compile(rf"[{_HAN}][、,;/][{_HAN}]")
_NO_NAME = frozenset("暂无 没有 未知 不详 不明 待定 待查 待补 空白 同上 不清楚 无记录 未填 未填写".split())
_NUMBER = re.compile(r"[0-9]{6,}[0-9X*]*", re.IGNORECASE)


def read_person_name(text: str) -> Reading:
    """Read a person's name; remarks such as （曾用名…） are taken off and noted."""
    if _PLAIN.fullmatch(text) and "某" not in text and text not in _NO_NAME:
        return Reading(text)
    nothing = read_nothing(text)
    if nothing is not None:
        return nothing
    name = _BLANK_BY_HAN.sub("", _INTERPUNCT.sub("·", clean_text(text).strip("'`‘’\"“”,、;。 ")))
    if _NUMBER.fullmatch(name):
        return unread("姓名栏填写的是号码", "请核对是否填错列")
    notes: tuple[str, ...] = ()
    remarked = _ALIAS_TAIL.fullmatch(name) or _REMARK.fullmatch(name)
    if remarked and remarked["name"].strip():
        name = remarked["name"].strip()
        notes = (f"姓名后的附注已分开：{mask_text(remarked['remark'].strip('()'))}",)
    if _NUMBER.search(name):
        return unread("姓名中夹有号码", "请把姓名与号码分列填写")
    if _MASKED.search(name):
        notes = (*notes, "姓名已脱敏")
    elif _SEVERAL.search(name):
        notes = (*notes, "写了不止一个姓名，按原文保留")
    return _named(name, notes)


def read_organisation_name(text: str) -> Reading:
    """Read the name of an organisation or organ: blanks beside Chinese characters dropped, brackets （）."""
    nothing = read_nothing(text)
    if nothing is not None:
        return nothing
    name = clean_text(text).strip("'`‘’\"“”,、;。 ").replace("(", "（").replace(")", "）")
    name = _BLANK_BY_HAN.sub("", name)
    return _named(name, ())


def _named(name: str, notes: tuple[str, ...]) -> Reading:
    """The reading of a cleaned name; what is left may still say nothing."""
    if not name:
        return unread("只有标点，不是名称")
    return read_nothing(name) or Reading(name, notes=notes)
