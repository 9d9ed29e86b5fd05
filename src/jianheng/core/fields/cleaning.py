"""Making the text of a cell plain, and what every type treats alike: blanks, database nulls, formula errors.

Decisions: a cell of dashes, slashes or underscores alone is empty. A database null written out (``NULL``, ``nan``) is
empty with a note. A formula error (``#N/A``) is unread in every type. A word such as 无 or 不详 is a value only where
any text may stand; elsewhere it is unread, because "there is none" and "we do not know" lead to different verdicts.
"""

from __future__ import annotations

import re
import unicodedata

from jianheng.core.fields.reading import EMPTY, Reading, unread

# Zero-width and directional marks, soft hyphen, byte-order mark, variation selectors: never meant by whoever typed.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_BLANKS = re.compile(r"\s+")
_NOTHING = re.compile(r"[-‐‑‒–—―−─━/\\_⁄]*")
_NULLS = frozenset({"NULL", "(NULL)", "<NULL>", "[NULL]", "NONE", "NAN", "NAT", "\\N"})
_FORMULA_ERROR = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|#+)", re.IGNORECASE)
_NO_ANSWER = frozenset(
    "无 暂无 没有 未知 不详 不明 不清楚 待定 待查 待补 空 空白 略 同上 N/A NA 无记录 未填 未填写 ? ?? ???".split()
)
_TWO_DIGITS = re.compile("[0-9].*[0-9]", re.DOTALL)  # nothing that says nothing has two: a short cut
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−─", "-"))
_QUOTES = re.compile(r"^['`‘’\"“”]+|['`‘’\"“”]+$")


def clean_text(text: str) -> str:
    """``text`` in NFKC, without invisible characters, runs of blanks and line breaks as one blank, trimmed."""
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
        text = unicodedata.normalize("NFKC", text)  # what stood apart before may compose now
    return _BLANKS.sub(" ", _CONTROL.sub("", text)).strip()


def squeeze(text: str) -> str:
    """``clean_text`` without any blank."""
    squeezed = clean_text(text).replace(" ", "")
    return squeezed if squeezed.isascii() else unicodedata.normalize("NFKC", squeezed)


def plain_code(text: str) -> str:
    """``text`` as somebody would type a number: squeezed, dashes as ``-``, without Excel's quote for text."""
    return _QUOTES.sub("", squeeze(text).translate(_DASHES))


def plain_dashes(text: str) -> str:
    """``text`` with every kind of dash as ``-``."""
    return text.translate(_DASHES)


def read_nothing(text: str, *, any_text: bool = False) -> Reading | None:
    """The reading of a cell that says nothing, or ``None`` if it says something.

    ``any_text``: the cell may hold any text, so that words such as 无 are values.
    """
    if _TWO_DIGITS.search(text):
        return None
    squeezed = squeeze(text)
    if len(squeezed) > 12:
        return None if squeezed.strip("-—_/\\─#") else _dashes_or_hashes(squeezed)
    if _NOTHING.fullmatch(squeezed):
        return EMPTY
    upper = squeezed.upper()
    if upper in _NULLS:
        return Reading(None, notes=(f"填写为“{squeezed}”，按空白处理",))
    if squeezed == "#公式未计算":
        return unread("公式没有计算结果", "请用 Excel 或者 WPS 打开、保存后重新导出，或粘贴为数值")
    if _FORMULA_ERROR.fullmatch(squeezed):
        return unread(f"公式出错，单元格显示“{squeezed}”", "请在原表中修正公式，或粘贴为数值后重新导出")
    if not any_text and upper in _NO_ANSWER:
        return unread(f"填写为“{squeezed}”，看不出是没有还是不清楚", "确实没有的请留空，有的请补填")
    return None


def _dashes_or_hashes(squeezed: str) -> Reading:
    if "#" in squeezed:
        return unread("单元格显示为“####”，内容未导出", "请把原表列宽调大后重新导出")
    return EMPTY
