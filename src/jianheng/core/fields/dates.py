"""Dates in every form that offices write, as ``date``; less than a day's precision is unread, never completed.

Years 1900 to 2100. Decisions: a time of day is dropped (with a zone it is first moved to Shanghai); five digits are an
Excel serial of the 1900 system; two-digit years are read year first with a note (00-49 are 20xx), but after ``-`` or
``/`` only if the first number cannot be a month; forms with the year last are unread, their order is open.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

from jianheng.core.fields.cleaning import clean_text, plain_dashes, read_nothing
from jianheng.core.fields.numerals import chinese_digits, chinese_number, plain_numerals
from jianheng.core.fields.reading import Reading, unread

FIRST_YEAR, LAST_YEAR = 1900, 2100
_SHANGHAI = timezone(timedelta(hours=8))
_EXCEL_ZERO = date(1899, 12, 30)
_LAST_SERIAL = (date(LAST_YEAR, 12, 31) - _EXCEL_ZERO).days
_TURN_OF_CENTURY = 50
_EARLY_SERIAL = 1990  # 20235 may be a serial of 1955 or somebody's 2023-5: read, but said

_COMMON = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?: 00:00:00)?")
_CLOCK = r"(?:[01]?[0-9]|2[0-3])(?:[:时点](?:[0-5]?[0-9](?:[:分](?:[0-5]?[0-9](?:\.[0-9]+)?秒?)?)?)?)?"
_TIME = rf"(?:T|,|上午|下午|凌晨|中午|晚上?)*(?P<time>{_CLOCK})"
_WEEKDAY = r"\(?(?:星期|周|礼拜)[一二三四五六日天]\)?"
_TAIL = re.compile(rf"(?:{_WEEKDAY})?(?:{_TIME})?(?P<zone>Z|[+-][0-9]{{2}}:?[0-9]{{2}})?")
_SEPARATED = re.compile(
    r"(?P<y>[0-9]{4}|[0-9]{2})(?P<s>[-./\\。、·_ ])(?P<m>[0-9]{1,2})(?P=s)(?P<d>[0-9]{1,2})"
    r"[日号]?\.?(?P<tail>[^0-9].*)?"
)
_CHINESE = re.compile(r"(?P<y>[0-9]{4}|[0-9]{2})年(?P<m>[0-9]{1,2})月(?P<d>[0-9]{1,2})[日号]?(?P<tail>.*)")
_COMPACT = re.compile(r"(?P<y>(?:19|20|21)[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})(?P<tail>(?:[0-9]{6}|[0-9]{4}|\.0+)?)")
_SERIAL = re.compile(r"([1-9][0-9]{4})(?:\.[0-9]+)?")
_MONTH = re.compile(
    r"(?:[0-9]{4}|[0-9]{2})年[0-9]{1,2}月?[份初底末上中下旬]*"
    r"|(?:19|20)[0-9]{2}[-./][0-9]{1,2}|(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])"
)
_YEAR = re.compile(r"[0-9]{4}(?:年度?[初底末上下半春夏秋冬]*)?(?:\.0)?")
_YEAR_LAST = re.compile(r"[0-9]{1,2}([-./])[0-9]{1,2}\1[0-9]{2,4}(?:[^0-9].*)?")
_LUNAR = re.compile(r"农历|阴历|旧历|正月|腊月|闰|初[一二三四五六七八九十]|廿|卅")
_YEAR_NUMERAL, _NUMERAL = "[零一二三四五六七八九0-9]", "[一二三四五六七八九十0-9]{1,3}"
_NUMERAL_DATE = re.compile(rf"({_YEAR_NUMERAL}{{4}}|{_YEAR_NUMERAL}{{2}})年({_NUMERAL})月(?:({_NUMERAL})[日号]?)?(.*)")
_TO_NUMERALS = str.maketrans("0123456789", "零一二三四五六七八九")
_WHOLE_DAY_HINT = "请补填到年月日"
_CHECK_HINT = "请对照原始文书核对日期"


def read_date(text: str) -> Reading:
    """Read a calendar day; the reading's value is a ``date``."""
    common = _COMMON.fullmatch(text)
    if common:
        return _day(int(common[1]), int(common[2]), int(common[3]))
    nothing = read_nothing(text)
    if nothing is not None:
        return nothing
    plain = _without_blanks(plain_dashes(clean_text(text)).strip("'`‘’\"“”")).removeprefix("公元")
    if _LUNAR.search(plain):
        return unread("写的是农历日期", "请填写公历日期")
    return _read_plain(_arabic(plain))


def _without_blanks(text: str) -> str:
    """Drop blanks, but keep apart what would run together: a blank between digits stays, before a time it is ``T``."""
    text = re.sub(r"(?<=[0-9]) (?=[0-9]{1,2}[:时点])", "T", text)
    return re.sub(r"(?<![0-9]) | (?![0-9])", "", text)


def _read_plain(plain: str) -> Reading:
    for form in (_COMPACT, _CHINESE, _SEPARATED):
        found = form.fullmatch(plain)
        if found:
            return _from_parts(found)
    serial = _SERIAL.fullmatch(plain)
    if serial and int(serial[1]) <= _LAST_SERIAL:
        day = _EXCEL_ZERO + timedelta(days=int(serial[1]))
        return Reading(day, notes=(f"按Excel日期序号读为{day}，年代较早，请核对",) if day.year < _EARLY_SERIAL else ())
    return _refuse(plain)


def _from_parts(found: re.Match[str]) -> Reading:
    year, month, day = int(found["y"]), int(found["m"]), int(found["d"])
    tail = found["tail"] or ""
    notes: tuple[str, ...] = ()
    if len(found["y"]) == 2:
        separator = found.groupdict().get("s", "年")
        if separator in ("-", "/", "\\") and year <= 12:
            return unread("年份只写两位，年月日的顺序不清", "请写四位年份")
        year += 1900 if year >= _TURN_OF_CENTURY else 2000
        notes = (f"年份只写两位，按{year}年读取",)
    reading = _day(year, month, day)
    if reading.is_unread or not tail:
        return Reading(reading.value, reading.reason, reading.hint, notes if not reading.is_unread else ())
    return _with_time(date(year, month, day), tail, notes)


def _with_time(day: date, tail: str, notes: tuple[str, ...]) -> Reading:
    """Drop the time of day in ``tail``; a zone other than Shanghai's may move the day."""
    if tail.isdigit() or tail.strip(".0") == "":
        hour_and_minute = re.fullmatch(r"(?:([01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9])?)?|\.0+", tail)
        return Reading(day, notes=notes) if hour_and_minute else unread("日期后的时刻看不懂", _CHECK_HINT)
    found = _TAIL.fullmatch(tail)
    if found is None:
        several = re.search(r"[0-9]{2,4}[-./年]?[0-9]{1,2}", tail)
        return unread("一格中写了不止一个日期" if several else "日期后有看不懂的文字", "请一格只填一个日期")
    if found["zone"] and found["time"]:
        moved = _moment(day, found["time"], found["zone"]).astimezone(_SHANGHAI).date()
        return Reading(moved, notes=notes if moved == day else (*notes, "已由原时区换算为北京时间"))
    return Reading(day, notes=notes)


def _moment(day: date, time: str, zone: str) -> datetime:
    hour, minute = ([int(part) for part in re.findall(r"[0-9]+", time)] + [0])[:2]
    offset = timedelta(0)
    if zone != "Z":
        minutes = int(zone[1:3]) * 60 + int(zone[-2:])
        offset = timedelta(minutes=-minutes if zone[0] == "-" else minutes)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=timezone(offset))


def _day(year: int, month: int, day: int) -> Reading:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return unread(f"年份{year}不在1900至2100之间", _CHECK_HINT)
    if not 1 <= month <= 12:
        return unread(f"没有{month}月", _CHECK_HINT)
    try:
        return Reading(date(year, month, day))
    except ValueError:
        return unread(f"{year}年{month}月没有{day}日", _CHECK_HINT)


def _refuse(plain: str) -> Reading:
    if re.fullmatch(r"[0-9]{4}[0-9]{4}", plain):
        return unread("八位数字不是1900至2100年间的日期", _CHECK_HINT)
    if _MONTH.fullmatch(plain):
        return unread("只有年月，没有日", _WHOLE_DAY_HINT)
    if _YEAR.fullmatch(plain):
        return unread("只有年份，没有月日", _WHOLE_DAY_HINT)
    if _YEAR_LAST.fullmatch(plain):
        return unread("年份写在最后，月和日的顺序不清", "请按“年-月-日”填写")
    if re.search(r"[0-9].*[至到~].*[0-9]", plain):
        return unread("一格中写了不止一个日期", "请一格只填一个日期")
    if plain in ("至今", "长期", "永久", "现在", "目前", "持续中"):
        return unread(f"写的是“{plain}”，不是具体日期", "尚未结束的请留空")
    if re.fullmatch(r"[0-9]{6}", plain):
        return unread("只有六位数字，看不出年月日", _WHOLE_DAY_HINT)
    return unread("不是日期的形式，应如2023-05-06", _CHECK_HINT)


def _arabic(plain: str) -> str:
    """A date in Chinese numerals as digits; any other text unchanged."""
    numerals = plain_numerals(re.sub("[OoΟ◯](?=[零一二三四五六七八九十0-9]|年)", "零", plain))
    found = _NUMERAL_DATE.fullmatch(numerals)
    if found is None:
        return plain
    year = chinese_digits(found[1].translate(_TO_NUMERALS))
    month, day = _small_number(found[2]), _small_number(found[3] or "")
    if year is None or not month or (found[3] and not day):
        return plain
    return f"{year}年{month}月" + (f"{day}日" if day else "") + found[4]


def _small_number(text: str) -> str:
    if text.isdigit() and text.isascii():
        return text
    number = chinese_number(text) if text else None
    return "" if number is None else str(number)
