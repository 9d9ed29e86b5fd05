"""A statutory period as the law writes it: a count of one unit."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Unit = Literal["days", "working_days", "half_months", "months"]

# A hundred years: longer is a slip of the pen, and would run off the end of the calendar.
_LONGEST: dict[Unit, int] = {"days": 36_500, "working_days": 24_000, "half_months": 2_400, "months": 1_200}
_WORDS: dict[Unit, str] = {"days": "日", "working_days": "个工作日", "half_months": "个半月", "months": "个月"}
_READ: dict[str, tuple[Unit, int]] = {
    "日": ("days", 1),
    "天": ("days", 1),
    "个工作日": ("working_days", 1),
    "工作日": ("working_days", 1),
    "个月": ("months", 1),
    "月": ("months", 1),
    "年": ("months", 12),
}
_SIMPLE = re.compile(rf"([0-9]{{1,6}})({'|'.join(_READ)})")
_COMPOUND = re.compile(r"[0-9]+[^0-9.]+[0-9]+\D*|[0-9]+个?(?:半月|月半|年半).*|[0-9]+\D+半个?月")
_EXPECTED = "应为“数字+单位”，单位可用日、天、个工作日、个月、年，或写作“半个月”，例如“12个月”“10个工作日”。"


@dataclass(frozen=True, slots=True)
class Period:
    """``count`` units, at least one and at most a hundred years; a year is twelve months. Else ValueError."""

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 1 <= self.count <= _LONGEST[self.unit]:
            raise ValueError(f"期间“{self.count}{_WORDS[self.unit]}”超出范围：至少为1，最长一百年，例如“12个月”。")

    def __str__(self) -> str:
        """The period in Chinese; what :func:`parse_period` accepts reads back as the same period."""
        if self.unit == "half_months":
            return "半个月" if self.count == 1 else f"半个月×{self.count}"
        return f"{self.count}{_WORDS[self.unit]}"


def parse_period(text: str) -> Period:
    """Read ``12个月``, ``12月``, ``1年`` (12 months), ``30日``, ``30天``, ``10个工作日``, ``半个月``.

    Full-width digits and spaces are forgiven. Periods of hours, of two units (``1个月15日``) and numbers in Chinese are
    refused. Raises ValueError with a Chinese sentence: what was seen, what is expected, an example.
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if plain in ("半个月", "半月"):
        return Period(1, "half_months")
    if found := _SIMPLE.fullmatch(plain):
        unit, times = _READ[found[2]]
        return Period(int(found[1]) * times, unit)
    raise ValueError(f"期间“{text[:40]}”{_reason(plain)}：{_EXPECTED}")


def _reason(plain: str) -> str:
    if "时" in plain or "分钟" in plain:
        return "以小时计算，暂不支持"
    if _COMPOUND.fullmatch(plain):
        return "由两种单位拼成，暂不支持，请只用一种单位"
    if re.match(r"[〇零一二两三四五六七八九十百]+(?:个|日|天|月|年|工作日)", plain):
        return "用了中文数字，请改用阿拉伯数字"
    return "无法识别"
