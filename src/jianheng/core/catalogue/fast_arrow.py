"""The first two tiers of reading for a column in memory: what ``fast_sql`` says to the engine, said to Arrow.

A small table is read without the engine; it must not come out differently for that, down to the notes that these tiers
do not give. A test holds the two to each other.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from jianheng.core.catalogue.canonical_leftovers import ARROW_TYPES
from jianheng.core.catalogue.fast_sql import CODES_AND_WORDS, RESIDENT_ID
from jianheng.core.fields.fast_forms import FAST_FORMS
from jianheng.core.fields.resident_id import CHECK_CHARACTERS, WEIGHTS
from jianheng.core.terms.spec import Storage

_OPENING, _CLOSING = "([【〔", ")]】〕"
_YEAR = "第*（((19|20)[0-9]{2})年?度?）"
_SERIAL = "〕第*0*([1-9][0-9]{0,8})号$"


def vouched(field_type: str, storage: Storage, unit: int, texts: pa.Array) -> pa.Array:
    """The canonical values of ``texts``, NULL for what is left to the careful reader. ``unit``: of money alone."""
    if field_type == "resident_id":
        return _identities(texts)
    form = CODES_AND_WORDS if field_type == "text" else getattr(FAST_FORMS.get(field_type), "pattern", None)
    if form is None or storage == "boolean" or (field_type == "money" and unit != 1):
        return pa.nulls(len(texts), ARROW_TYPES[storage])
    plain = _matching(texts, form)
    tidy = _TIDIED.get(field_type)
    if tidy is not None and plain.null_count:
        rest = tidy(texts.filter(plain.is_null()))
        plain = pc.replace_with_mask(plain, plain.is_null(), _matching(rest, form))
    return plain if storage == "text" else plain.cast(ARROW_TYPES[storage])


def _matching(texts: pa.Array, pattern: str) -> pa.Array:
    """Those of ``texts`` that match as a whole, NULL for the others."""
    return pc.if_else(pc.match_substring_regex(texts, f"^(?:{pattern})$"), texts, pa.scalar(None, pa.string()))


def _without_typing(texts: pa.Array) -> pa.Array:
    """Without blanks and the apostrophe that keeps a number text in Excel."""
    return pc.replace_substring(pc.utf8_ltrim(texts, "'"), " ", "")


def _account(texts: pa.Array) -> pa.Array:
    return pc.replace_substring(_without_typing(texts), "-", "")


def _number(texts: pa.Array) -> pa.Array:
    texts = _without_typing(texts)
    for kinds, bracket in ((_OPENING, "（"), (_CLOSING, "）")):
        for kind in kinds:
            texts = pc.replace_substring(texts, kind, bracket)
    texts = pc.replace_substring_regex(texts, _YEAR, r"〔\1〕", max_replacements=1)
    return pc.replace_substring_regex(texts, _SERIAL, r"〕\1号", max_replacements=1)


def _identities(texts: pa.Array) -> pa.Array:
    """Identity numbers with the right check character (GB 11643)."""
    plain = _matching(pc.ascii_upper(_without_typing(texts)), RESIDENT_ID)
    number = pc.utf8_slice_codeunits(plain, 0, 17).cast(pa.int64())
    total = pa.scalar(0, pa.int64())
    for place, weight in enumerate(WEIGHTS):
        following = WEIGHTS[place + 1] if place < 16 else 0  # the digits up to here hold ten times those before
        total = pc.add(total, pc.multiply(pc.divide(number, 10 ** (16 - place)), weight - 10 * following))
    rest = pc.subtract(total, pc.multiply(pc.divide(total, 11), 11))
    check = pa.array(list(CHECK_CHARACTERS)).take(rest)
    return pc.if_else(pc.equal(check, pc.utf8_slice_codeunits(plain, 17, 18)), plain, pa.scalar(None, pa.string()))


_TIDIED: dict[str, Callable[[pa.Array], pa.Array]] = {
    "account_number": _account,
    "document_number": _number,
    "case_number": _number,
}
