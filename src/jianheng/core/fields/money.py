"""Amounts of money in yuan as ``Decimal`` with two places, in the forms offices write.

Decisions: more than two decimals is unread, except float noise below 1e-6; vague amounts (3万余元, 约5000), ranges and
foreign currencies are unread; an amount in a cell with its own unit (3万元) ignores the unit of the heading; figures
and capitals side by side must agree. Range DECIMAL(18,2).
"""

from __future__ import annotations

import re
from decimal import Decimal

from jianheng.core.fields.cleaning import clean_text, plain_dashes, read_nothing
from jianheng.core.fields.numerals import chinese_number, plain_numerals
from jianheng.core.fields.reading import Reading, unread

_CENT = Decimal("0.01")
_NOISE = Decimal("0.000001")
_LIMIT = Decimal(10) ** 16
_UNITS = {"": Decimal(1), "百": Decimal(100), "千": Decimal(1000), "万": Decimal(10**4), "亿": Decimal(10**8)}
_UNITS |= {"百万": Decimal(10**6), "千万": Decimal(10**7)}

_COMMON = re.compile(r"(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{1,2})?")
_FIGURE = r"(?:[0-9]{1,3}(?:[, ][0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+"
_ARABIC = re.compile(rf"({_FIGURE})(千万|百万|百|千|万|亿)?(元|块钱?)?")
_COMPOUND_PARTS = re.compile(r"([0-9]+(?:\.[0-9]+)?)(亿|万|千|百|元|角|分)")
_COMPOUND = re.compile(rf"(?:{_COMPOUND_PARTS.pattern})+元?")
_COMPOUND_WEIGHTS = {**_UNITS, "元": Decimal(1), "角": Decimal("0.1"), "分": Decimal("0.01")}
_CAPITALS = re.compile(
    r"(?P<yuan>[零一二三四五六七八九十百千万亿]*)(?P<word>元)?零?(?:(?P<jiao>[零一二三四五六七八九])角)?零?(?:(?P<fen>[一二三四五六七八九])分)?"
)
_BOTH = re.compile(r"(.+?)[(（/,，、](?:大写|小写)?:?(.+?)[)）]?")
_LABEL = re.compile(
    r"^(?:人民币|RMB|CNY|金额|大写|小写|合计|共计|\((?:大写|小写|人民币)\)|[¥:])+|(?:人民币|RMB|CNY)$", re.IGNORECASE
)
_VAGUE = re.compile(r"[余多约近几数许]|左右|上下|以[上下内]|不足|不到|超过|大概|将近|≈|\+$")
_FOREIGN = re.compile(r"美[元金]|港[元币]|欧元|日元|英镑|澳元|加元|韩元|台币|USD|HKD|EUR|JPY|GBP|[$€£]", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[-+]?[0-9.]+E[-+]?[0-9]+", re.IGNORECASE)
_TINY = re.compile(r"[-+]?[0-9](?:\.[0-9]+)?E-[0-9]{1,3}", re.IGNORECASE)  # what a sum of floats leaves of zero
_SEVERAL = re.compile(r"[0-9千百万亿元][-~至到;、][0-9]")
_HINT = "请对照票据核对金额"


def read_money(text: str, unit: int = 1) -> Reading:
    """Read an amount into yuan; ``unit`` is what one stands for by the heading (10000 under 万元)."""
    if _COMMON.fullmatch(text):
        return _in_range(Decimal(text) * unit)
    nothing = read_nothing(text)
    if nothing is not None:
        return nothing
    plain = plain_numerals(plain_dashes(clean_text(text)).strip("'`‘’\"“”"))
    if _TINY.fullmatch(plain):
        return _in_range(Decimal(plain) * unit)
    if _FOREIGN.search(plain):
        return unread("不是人民币金额", "请折算为人民币并注明")
    if _VAGUE.search(plain):
        return unread("数额不确定", "请按票据填写准确数额")
    amount = _signed(plain, unit)
    if amount is not None:
        return _in_range(amount)
    both = _figures_and_capitals(plain, unit)
    return both if both is not None else _refuse(plain)


def _signed(plain: str, unit: int) -> Decimal | None:
    """An amount with labels, a sign, or the brackets that mean a negative."""
    plain = _LABEL.sub("", plain.strip()).strip()
    bracketed = re.fullmatch(r"\(([^()]*[0-9][^()]*)\)(元)?", plain)
    if bracketed:
        amount = _unsigned(_LABEL.sub("", bracketed[1]) + (bracketed[2] or ""), unit)
        return None if amount is None else -amount
    for minus in ("-", "负"):
        if plain.startswith(minus):
            amount = _unsigned(_LABEL.sub("", plain[len(minus) :].strip()), unit)
            return None if amount is None else -amount
    return _unsigned(plain.removeprefix("+"), unit)


def _unsigned(plain: str, unit: int) -> Decimal | None:
    plain = re.sub(r"(?<![0-9]) | (?![0-9])", "", plain)
    plain = re.sub(r"(?<=[元角分万亿千百0-9])[整正]$", "", plain)
    figure = _ARABIC.fullmatch(plain)
    if figure:
        value = Decimal(re.sub("[, ]", "", figure[1]))
        return value * _UNITS[figure[2]] if figure[2] else value if figure[3] else value * unit
    if _COMPOUND.fullmatch(plain):
        return _compound(plain)
    return _capitals(plain, unit)


def _compound(plain: str) -> Decimal | None:
    """3万5千元, 5元3角: every part with its unit, units strictly falling."""
    parts = [(Decimal(figure), _COMPOUND_WEIGHTS[unit]) for figure, unit in _COMPOUND_PARTS.findall(plain)]
    weights = [weight for _, weight in parts]
    if any(below >= above for above, below in zip(weights, weights[1:], strict=False)):
        return None
    return sum((figure * weight for figure, weight in parts), Decimal(0))


def _capitals(plain: str, unit: int) -> Decimal | None:
    """伍仟元, 壹万贰仟叁佰元伍角, 五千: a bare number is yuan, but open to doubt under 万元."""
    found = _CAPITALS.fullmatch(plain)
    if found is None or not plain:
        return None
    if found["yuan"] and not found["word"] and (found["jiao"] or found["fen"]):
        return None
    if found["word"] and not found["yuan"] or not found["word"] and found["yuan"] and unit != 1:
        return None
    yuan = chinese_number(found["yuan"].removesuffix("零") or "零") if found["yuan"] else 0
    if yuan is None:
        return None
    jiao, fen = (chinese_number(found[name]) or 0 if found[name] else 0 for name in ("jiao", "fen"))
    return Decimal(yuan * 100 + jiao * 10 + fen) / 100


def _figures_and_capitals(plain: str, unit: int) -> Reading | None:
    """5000元（伍仟元整）: both must be amounts and agree; an amount in figures then is in yuan whatever the heading."""
    found = _BOTH.fullmatch(plain.replace(" ", ""))
    if found is None:
        return None
    for scale in dict.fromkeys((unit, 1)):
        first, second = _signed(found[1], scale), _signed(found[2], scale)
        if first is None or second is None:
            return None
        if first == second:
            return _in_range(first)
    if _is_capitals(found[1]) != _is_capitals(found[2]):
        return unread("大写金额与小写金额不一致", _HINT)
    return None


def _is_capitals(plain: str) -> bool:
    return not re.search("[0-9]", plain)


def _in_range(amount: Decimal) -> Reading:
    rounded = amount.quantize(_CENT) if abs(amount) < _LIMIT else amount
    if abs(rounded) >= _LIMIT:
        return unread("金额超出可记录的范围", _HINT)
    if abs(amount - rounded) >= _NOISE:
        return unread("金额的小数超过两位", _HINT)
    return Reading(rounded if rounded else Decimal("0.00"))


def _refuse(plain: str) -> Reading:
    squeezed = plain.replace(" ", "")
    if _SCIENTIFIC.fullmatch(squeezed):
        return unread("金额显示为科学计数法，可能已丢位", "请把原表该列设为数值格式后重新导出")
    if _SEVERAL.search(squeezed) or re.search(r"[0-9] [0-9]", plain):
        return unread("一格中写了不止一个数额", "请一格只填一个金额")
    return unread("不是金额的形式，应如5000.00", _HINT)
