"""Chinese numerals, small and capital (壹万贰仟叁佰), as exact numbers.

Colloquial short forms (三万五 = 35,000, 一百五 = 150) have a second, literal reading and are refused.
"""

from __future__ import annotations

import re

_DIGITS = dict(zip("零一二三四五六七八九", range(10), strict=True))
_SAME = str.maketrans(
    "〇○壹壱弌贰貳弍两兩叁參叄弎肆伍陆陸柒捌玖拾佰陌仟阡萬億圓圆",
    "零零一一一二二二二二三三三三四五六六七八九十百百千千万亿元元",
)
_ONE_TO_NINE = "[一二三四五六七八九]"
_SECTION = re.compile(
    rf"零*(?:({_ONE_TO_NINE})千)?零*(?:({_ONE_TO_NINE})百)?零*(?:({_ONE_TO_NINE})?(十))?零*({_ONE_TO_NINE})?零*"
)
_ONLY = re.compile(r"[零一二三四五六七八九十百千万亿]+")


def plain_numerals(text: str) -> str:
    """Capitals and variants as small numerals, 圆 as 元; nothing else changes."""
    return text.translate(_SAME)


def chinese_number(text: str) -> int | None:
    """The whole number that plain numerals say; ``None`` if malformed or open to two readings."""
    if not _ONLY.fullmatch(text) or text.count("亿") > 1 or text.count("万") > 1:
        return None
    total, rest, first = 0, text, True
    for unit, weight in (("亿", 10**8), ("万", 10**4), ("", 1)):
        part, found, after = rest.partition(unit) if unit else (rest, "", "")
        if unit and not found:
            continue
        value = _section(part, first=first, must_hold=bool(unit))
        if value is None:
            return None
        total, rest, first = total + value * weight, after, False
    return total


def chinese_digits(text: str) -> str | None:
    """Digits written one after the other (二零二三) as ``2023``; ``None`` if anything else stands there."""
    digits = [_DIGITS.get(character) for character in text]
    return None if None in digits or not digits else "".join(str(digit) for digit in digits)


def _section(text: str, *, first: bool, must_hold: bool) -> int | None:
    """A part below 万; bare units after a jump (三万五, 三千五) need a 零 in between."""
    if not text:
        return None if must_hold else 0
    found = _SECTION.fullmatch(text)
    if found is None:
        return None
    thousands, hundreds, tens, ten, ones = found.groups()
    before = text.rstrip("零")[-2:-1]
    if ones and before not in (("", "零", "十") if first else ("零", "十")):
        return None
    tens_value = (_DIGITS[tens] if tens else 1) if ten else 0
    value = 1000 * _digit(thousands) + 100 * _digit(hundreds) + 10 * tens_value + _digit(ones)
    return value if value or set(text) == {"零"} else None


def _digit(character: str | None) -> int:
    return _DIGITS[character] if character else 0
