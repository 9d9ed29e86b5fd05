"""Forms that are already canonical, as patterns an engine can test over a whole column.

What a pattern matches needs no reader: the reader returns the very same text (for dates and money the same value) and
no reason. Patterns are anchored, use what RE2, Java and Python share, and must match the whole cell: some engines let
``$`` stand before a closing line break. Identity numbers need their check character (``resident_id.WEIGHTS``).
"""

from __future__ import annotations

from dataclasses import dataclass

from jianheng.core.fields.document_number import COURT_MARKS

_YEAR = "(19|20)[0-9][0-9]"


def _han_without(characters: str) -> str:
    """A class of the common Chinese characters without some; RE2 can neither subtract nor look ahead."""
    ends = ["一", *(chr(ord(each) + step) for each in sorted(characters) for step in (-1, 1)), "龥"]
    return "[" + "".join(f"{low}-{high}" for low, high in zip(ends[::2], ends[1::2], strict=True) if low <= high) + "]"


_HAN = _han_without("第")  # which the normal form drops before a year or a serial
_HAN_OF_NAMES = _han_without("不同待暂未没空无")  # which begin words such as 不详
_PAPER = f"{_HAN}{{1,20}}(（{_HAN}{{1,10}}）)?{_HAN}{{0,20}}〔{_YEAR}〕[1-9][0-9]{{0,8}}号"
_COURT = f"（{_YEAR}）[{COURT_MARKS}][0-9]{{0,4}}{_HAN}{{1,10}}[1-9][0-9]{{0,7}}号"


@dataclass(frozen=True, slots=True)
class FastForm:
    """``pattern`` of canonical texts; ``note`` says what it leaves to the reader."""

    pattern: str
    note: str


FAST_FORMS: dict[str, FastForm] = {
    "date": FastForm(
        f"^{_YEAR}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$", "days 29 to 31 need the calendar; value by CAST AS DATE"
    ),
    "money": FastForm(
        r"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$", "value by CAST AS DECIMAL(18,2), times the heading's unit"
    ),
    "integer": FastForm("^(0|[1-9][0-9]{0,17})$", "value by CAST AS BIGINT"),
    "boolean": FastForm("^[是否有无]$", "是 and 有 are true"),
    "document_number": FastForm(f"^{_PAPER}$", "numbers with letters, parts or suffixes need the reader"),
    "case_number": FastForm(f"^({_PAPER}|{_COURT}|[A-Z][0-9]{{10,30}}|[0-9]{{10,30}})$", "as document_number"),
    "reference_number": FastForm("^[A-Z0-9-]*[0-9][A-Z0-9-]*[0-9][A-Z0-9-]*$", "letters, digits and dashes only"),
    "month": FastForm(f"^{_YEAR}-(0[1-9]|1[0-2])-01$", "the first day written out; value by CAST AS DATE"),
    "quantity": FastForm(r"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$", "value by CAST AS DECIMAL(18,2)"),
    "phone": FastForm("^1[3-9][0-9]{9}$", "mobile numbers only"),
    "account_number": FastForm("^[0-9]{8,30}$", "Luhn and lost-digit notes are not given"),
    "person_name": FastForm(f"^{_HAN_OF_NAMES}[一-龥]{{1,3}}$", "masked names get no note"),
}
