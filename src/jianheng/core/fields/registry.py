"""The types a column may have, and the one function that reads a cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from jianheng.core.fields import resident_id as resident_ids
from jianheng.core.fields.account_number import read_account_number
from jianheng.core.fields.cleaning import squeeze
from jianheng.core.fields.credit_code import read_credit_code
from jianheng.core.fields.dates import read_date
from jianheng.core.fields.division import read_division
from jianheng.core.fields.document_number import read_case_number, read_document_number
from jianheng.core.fields.masking import mask_account_number, mask_phone, mask_resident_id
from jianheng.core.fields.money import read_money
from jianheng.core.fields.months import read_month
from jianheng.core.fields.name_kind import NAME_KINDS, name_kind
from jianheng.core.fields.names import read_organisation_name, read_person_name
from jianheng.core.fields.organ_kind import ORGAN_KINDS, organ_kind
from jianheng.core.fields.phone import read_phone
from jianheng.core.fields.plain_types import read_boolean, read_integer, read_text
from jianheng.core.fields.quantity import read_quantity
from jianheng.core.fields.reading import EMPTY, Reading, unread
from jianheng.core.fields.reference_number import read_reference_number

Storage = Literal["text", "date", "money", "boolean", "integer"]

LONGEST_CELL = 1_000
"""Characters beyond which only free text is read: no name, number or day is as long, and some patterns take quadratic
time, so that one cell of a hostile file could hold everything up for hours."""

_OFFICER_WORDS = ("民警", "办案", "承办人", "派出所")


@dataclass(frozen=True, slots=True)
class FieldType:
    """One type of column: how it is stored, read from text, and masked when shown (``None``: shown in clear)."""

    name: str
    title: str
    storage: Storage
    read: Callable[[str], Reading]
    mask: Callable[[str], str] | None = None


FIELD_TYPES: dict[str, FieldType] = {
    each.name: each
    for each in (
        FieldType("text", "文本", "text", read_text),
        FieldType("person_name", "姓名", "text", read_person_name),
        FieldType("organisation_name", "单位名称", "text", read_organisation_name),
        FieldType("resident_id", "公民身份号码", "text", resident_ids.read_resident_id, mask_resident_id),
        FieldType("credit_code", "统一社会信用代码", "text", read_credit_code),
        FieldType("document_number", "文书号", "text", read_document_number),
        FieldType("case_number", "案号", "text", read_case_number),
        FieldType("reference_number", "编号", "text", read_reference_number),
        FieldType("date", "日期", "date", read_date),
        FieldType("month", "月份", "date", read_month),
        FieldType("money", "金额", "money", read_money),
        FieldType("quantity", "数量", "money", read_quantity),
        FieldType("integer", "整数", "integer", read_integer),
        FieldType("boolean", "是否", "boolean", read_boolean),
        FieldType("phone", "电话号码", "text", read_phone, mask_phone),
        FieldType("account_number", "银行账号", "text", read_account_number, mask_account_number),
        FieldType("division", "行政区划", "text", read_division),
        FieldType("organ", "机关名称", "text", read_organisation_name),
    )
}


def read_field(type_name: str, text: str | None, *, unit: int = 1) -> Reading:
    """Read one cell as ``type_name``; ``None`` and blank text are empty.

    ``unit`` is what one stands for in yuan by the heading (10000 under 万元) and matters for money alone. Raises
    ``KeyError`` for a type that does not exist.
    """
    field_type = FIELD_TYPES[type_name]
    if not text:
        return EMPTY
    if len(text) > LONGEST_CELL and field_type.name != "text":
        text = text.strip()
        if len(text) > LONGEST_CELL:
            return unread(f"这一格有{len(text)}个字，不会是{field_type.title}", "请核对是否粘贴了别处的内容")
    if unit != 1 and type_name == "money":
        return read_money(text, unit)
    return field_type.read(text)


def handler_kind(text: str) -> str:
    """``officer`` if the text names a police handler, ``unknown`` otherwise."""
    plain = squeeze(text)
    return "officer" if any(word in plain for word in _OFFICER_WORDS) else "unknown"


def birth_on(text: str) -> str:
    """The birth date in an identity number as ISO text; "" if the number cannot be read."""
    value = resident_ids.read_resident_id(text).value
    return resident_ids.birth_on(value).isoformat() if isinstance(value, str) else ""


#: Readers that derive a text column from another: computed beside the column they read.
DERIVED_READERS: dict[str, Callable[[str], str]] = {
    "organ_kind": organ_kind,
    "name_kind": name_kind,
    "birth_on": birth_on,
    "handler_kind": handler_kind,
}

#: What people call the values of a derived column, by its reader; readers that are not here give plain text or dates.
DERIVED_WORDS: dict[str, dict[str, str]] = {
    "organ_kind": ORGAN_KINDS,
    "name_kind": NAME_KINDS,
    "handler_kind": {"officer": "办案人员", "unknown": "看不出是办案人员的"},
}
