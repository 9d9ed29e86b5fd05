"""The yearly holiday notice as an office types it in, when the shipped calendar does not know the year yet.

One YAML file a year, copied from the State Council's notice of that year's holidays::

    year: 2027
    holidays:
      - {name: 元旦, from: 2027-01-01, to: 2027-01-03}
    working_days: [2027-01-09]          # Saturdays and Sundays on which people work

Days may lie in the year itself or in the December before it, where New Year's notices reach back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from jianheng.core.foundation.errors import DataProblem, Problem
from jianheng.core.foundation.named_file import why_unreadable

_EXAMPLE = (
    "写法示例：year: 2027，holidays: [{name: 元旦, from: 2027-01-01, to: 2027-01-03}]，working_days: [2027-01-09]。"
)


@dataclass(frozen=True, slots=True)
class YearlyNotice:
    """What one notice says: days off with their names, and weekend days that are worked. ``file`` is for messages."""

    year: int
    holidays: dict[date, str]
    working_days: frozenset[date]
    file: str


def read_notices(path: Path) -> list[YearlyNotice]:
    """Read one yearly file, or every ``*.yaml`` of a folder, in order of year.

    Raises DataProblem (D801 missing or unreadable, D802 wrong content, D803 one year twice), never half a calendar.
    """
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    notices = sorted((_read(file) for file in files), key=lambda notice: notice.year)
    for earlier, later in zip(notices, notices[1:], strict=False):
        if earlier.year == later.year:
            message = f"{later.year}年的节假日安排有两份：{earlier.file} 与 {later.file}。"
            raise DataProblem(Problem("D803", message, file=later.file, hint="只保留一份。"))
    return notices


def _read(file: Path) -> YearlyNotice:
    import yaml  # here, so that the command line starts without it

    try:
        content = yaml.safe_load(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise DataProblem(Problem("D801", f"节假日文件打不开：{why_unreadable(error)}。", file=str(file))) from error
    except (UnicodeDecodeError, ValueError) as error:
        raise _wrong(file, f"不是 UTF-8 文本，或写了不存在的日期（{error}）") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"第{mark.line + 1}行" if mark else ""
        raise _wrong(file, f"{where}不是有效的 YAML") from error
    if not isinstance(content, dict):
        raise _wrong(file, "内容不是键值对")
    if unknown := sorted(str(key) for key in content.keys() - {"year", "holidays", "working_days"}):
        raise _wrong(file, f"有不认识的键 {'、'.join(unknown)}")
    return _notice(file, content)


def _notice(file: Path, content: dict[Any, Any]) -> YearlyNotice:
    year = content.get("year")
    if type(year) is not int:
        raise _wrong(file, "缺少 year，或 year 不是整数")
    holidays = {day: name for name, day in _holidays(file, year, content.get("holidays"))}
    listed = content.get("working_days") or []
    if not isinstance(listed, list):
        raise _wrong(file, "working_days 不是日期的列表")
    working = frozenset(_day(file, year, value) for value in listed)
    if both := sorted(holidays.keys() & working):
        raise _wrong(file, f"{both[0]} 既是放假日又是上班日")
    return YearlyNotice(year, holidays, working, str(file))


def _holidays(file: Path, year: int, listed: Any) -> Iterator[tuple[str, date]]:
    # A year without a single holiday is a notice not yet published, not a year of work.
    if not isinstance(listed, list) or not listed:
        raise _wrong(file, "holidays 为空：未公布的年份请不要建文件")
    for item in listed:
        if not isinstance(item, dict) or item.keys() != {"name", "from", "to"}:
            raise _wrong(file, f"holidays 中的一项应恰有 name、from、to，看到 {item}")
        name, first, last = item["name"], _day(file, year, item["from"]), _day(file, year, item["to"])
        if not isinstance(name, str) or not name.strip() or not name.isprintable():
            raise _wrong(file, f"{first} 的节日名称为空或含不可打印的字符")
        if last < first:
            raise _wrong(file, f"{name}的 to（{last}）早于 from（{first}）")
        for offset in range((last - first).days + 1):
            yield name.strip(), first + timedelta(days=offset)


def _day(file: Path, year: int, value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _wrong(file, f"“{value}”不是日期，应写作 {year}-01-01")
    if not (value.year == year or (value.year == year - 1 and value.month == 12)):
        raise _wrong(file, f"{value} 不在{year}年（或上一年12月）之内")
    return value


def _wrong(file: Path, what: str) -> DataProblem:
    return DataProblem(Problem("D802", f"节假日文件有误：{what}。", file=str(file), hint=_EXAMPLE))
