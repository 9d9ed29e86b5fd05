"""Numbers that offices give to things: a flat, a lease, a meter, a tank, a certificate.

They have no common form, so the only promise is that equal numbers are equal text: one that looks like a paper's number
has that form; others in NFKC, no blanks, one kind of dash and bracket, capitals, leading zeros kept, without 第 and 号
around it. A number that a spreadsheet kept as a float has lost digits and is unread.
"""

from __future__ import annotations

import re

from jianheng.core.fields.cleaning import plain_code, read_nothing
from jianheng.core.fields.document_number import read_document_number
from jianheng.core.fields.reading import Reading, unread

_BRACKETS = str.maketrans("([{〔【﹝〖)]}〕】﹞〗", "（（（（（（（）））））））")
_LOST = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]{2,}|[0-9]{16,}\.0*")
_ORDINAL = re.compile(r"第([A-Z0-9-]*[0-9][A-Z0-9-]*)号")  # a certificate's number as judgments write it
_WHOLE_FLOAT = re.compile(r"([0-9]{1,15})\.0+")


def read_reference_number(text: str) -> Reading:
    """Read a number of a thing; any text that says something is one."""
    code = plain_code(text)
    nothing = read_nothing(code)
    if nothing is not None:
        return nothing
    if _LOST.fullmatch(code):
        return unread("编号按数值存储，末几位数字已丢失", "请把原表该列设为文本格式后重新录入或导出")
    paper = read_document_number(code)
    if not paper.notes and not paper.is_unread:
        return paper
    whole = _WHOLE_FLOAT.fullmatch(code)
    number = (whole[1] if whole else code).upper().translate(_BRACKETS)
    ordinal = _ORDINAL.fullmatch(number)
    return Reading(ordinal[1] if ordinal else number)
