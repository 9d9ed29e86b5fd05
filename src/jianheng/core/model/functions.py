"""The named functions of the language: what each takes, gives and means. Each has one rendering per dialect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Type = Literal["text", "date", "money", "integer", "boolean"]
Slot = Literal["text", "date", "number", "integer", "any", "period", "words", "list"]


@dataclass(frozen=True, slots=True)
class Function:
    """``slots``: one per argument; with ``more`` the last may repeat. ``result`` "same" is the first's type."""

    name: str
    slots: tuple[Slot, ...]
    result: Type | Literal["same"]
    meaning: str
    more: bool = False


FUNCTIONS = {
    function.name: function
    for function in (
        Function("has", ("any",), "boolean", "有值为真；空白若表示「尚未发生」「没有」为假；未知、未读出为不明"),
        Function("days_between", ("date", "date"), "integer", "从前一日到后一日的天数"),
        Function("add_days", ("date", "integer"), "date", "若干日之后"),
        Function("add_period", ("date", "period"), "date", "法定期间的名义届满日，不顺延"),
        Function("deadline", ("date", "period"), "date", "法定期间届满日，末日遇节假日顺延"),
        Function("age_on", ("date", "date"), "integer", "出生日期、某日 → 该日周岁（生日次日满岁）"),
        Function("overlap_days", ("date", "date", "date", "date"), "integer", "两段期间（首尾均计）重合的天数"),
        Function("within", ("date", "any", "any"), "boolean", "某日在起止日期之内（首尾均计，空白的一端视为不限）"),
        Function("contains", ("text", "words"), "boolean", "文字中含有某词"),
        Function("contains_any", ("text", "list"), "boolean", "文字中含有词表中任一词"),
        Function("starts_with", ("text", "text"), "boolean", "文字以另一文字开头"),
        Function("coalesce", ("any", "any"), "same", "依次取第一个有值者；未读出则不明", more=True),
        Function("earliest", ("date", "date"), "date", "有值者中最早的日期；有未读出者则不明", more=True),
        Function("latest", ("date", "date"), "date", "有值者中最晚的日期；有未读出者则不明", more=True),
    )
}
