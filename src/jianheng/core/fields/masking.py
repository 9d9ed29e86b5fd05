"""Hiding personal numbers: the first and last four digits stay, stars stand for the rest."""

from __future__ import annotations

import re

from jianheng.core.fields.credit_code import is_business_code

_KEEP = 4
_MOBILE = re.compile(r"1[3-9]\d{9}")
_ROUNDED = r"\d\.\d{8,}[eE]\+?\d{2}"
_IDENTITY = r"(?<!\d)\d{6}[ -]?\d{8}[ -]?\d{3}[\dXxＸｘ](?!\d)"
_CARD_IN_GROUPS = r"(?<!\d)\d{4}(?:[ -]\d{4}){2,4}(?:[ -]\d{1,3})?(?!\d)"
_LONG = r"(?<![\dA-Za-z])\d{12,40}(?!\d)"
_PHONE = r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"
_LAND_LINE = r"(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)"
_CODE = re.compile(r"(?<![\dA-Za-z])9[\dA-Z]{17}(?![\dA-Za-z])")
_PERSONAL = re.compile(
    rf"(?P<rounded>{_ROUNDED})|(?P<number>{_IDENTITY}|{_CARD_IN_GROUPS})|(?P<phone>{_PHONE}|{_LAND_LINE})|(?P<long>{_LONG})"
)

MAYBE_PERSONAL = re.compile(r"\d[\d -]{6,}[\dXxＸｘ]|\d\.\d{8}")
"""Whatever is personal has eight of these in a row; most sentences have none, and this is soon seen."""


def mask_number(text: str) -> str:
    """A number with its first and last four characters; one of eight or fewer keeps only its last two."""
    if len(text) <= 2 * _KEEP:
        return "*" * max(len(text) - 2, 0) + text[-2:] if len(text) > 2 else "*" * len(text)
    return text[:_KEEP] + "*" * (len(text) - 2 * _KEEP) + text[-_KEEP:]


def mask_resident_id(text: str) -> str:
    """``4201**********1235``."""
    return mask_number(text)


def mask_phone(text: str) -> str:
    """``138****1234``; other telephone numbers keep their last four digits."""
    if _MOBILE.fullmatch(text):
        return text[:3] + "****" + text[-4:]
    return "*" * max(len(text) - _KEEP, 0) + text[-_KEEP:] if len(text) > _KEEP else "*" * len(text)


def mask_account_number(text: str) -> str:
    """``6228***********6782``."""
    return mask_number(text)


def mask_text(text: str) -> str:
    """A sentence with every identity number, telephone number and long account number in it masked.

    Numbers behind a Latin letter (police case codes) stay, unless they have the shape of an identity number. The codes
    of businesses stay: they are public, and without them nobody could tell which business is meant.
    """
    if not MAYBE_PERSONAL.search(text):
        return text
    parts, last = [], 0
    for found in _CODE.finditer(text):
        if is_business_code(found[0]):
            parts += [_PERSONAL.sub(_mask_found, text[last : found.start()]), found[0]]
            last = found.end()
    return "".join([*parts, _PERSONAL.sub(_mask_found, text[last:])])


def _mask_found(found: re.Match[str]) -> str:
    seen = found[0]
    if found["phone"]:
        digits = re.sub(r"\D", "", seen)
        return mask_phone(digits[-11:] if _MOBILE.fullmatch(digits[-11:]) else digits)
    if found["rounded"]:
        return seen[:_KEEP] + "*" * (len(seen) - _KEEP)
    return mask_number(re.sub(r"[ -]", "", seen))
