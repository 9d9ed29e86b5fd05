"""What a table says it covers: an absence is evidence only inside it. Semantics 14.

``coverage.yaml`` declares it, one entry (or a list of entries) a table; what an entry does not say it takes from
``default``. A table without an entry is taken to cover its own first to last date, and every clue that leans on that
says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from jianheng.core.catalogue.profile import TableProfile
from jianheng.core.fields.registry import read_field
from jianheng.core.foundation.errors import PackProblem, Problem, raise_if_any
from jianheng.core.pack.strict_yaml import Document, Key, read_yaml
from jianheng.core.pack.typed import Strict, did_you_mean, read_content
from jianheng.core.terms.lexicon import Lexicon

#: From this many rows a month on, a month without any is a hole in the data and not chance (semantics 14).
STEADY_ROWS = 5

_DAY = timedelta(days=1)


DEFAULT = "default"


class LocalGap(Strict):
    """Days that are missing in some districts only."""

    first: Annotated[date, Field(alias="from")]
    last: Annotated[date, Field(alias="to")]
    districts: list[str]


class CoverageEntry(Strict):
    """One entry of ``coverage.yaml``; days are inclusive. ``districts`` are read into normal form; None: all.

    ``gaps`` are days missing everywhere, ``local_gaps`` days missing in the districts they name. ``purpose``: what the
    data were supplied for; ``expires``: the last day on which they may be kept.
    """

    first: Annotated[date, Field(alias="from")]
    last: Annotated[date, Field(alias="to")]
    districts: list[str] | None = None
    gaps: list[Annotated[list[date], Field(min_length=2, max_length=2)]] = []
    local_gaps: list[LocalGap] = []
    supplier: str = ""
    purpose: str = ""
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of days, both inclusive, that a table covers without a gap.

    ``districts`` None: everywhere but in those ``without`` it; a district that is unknown may be one of them.
    """

    first: date
    last: date
    districts: frozenset[str] | None = None
    without: frozenset[str] = frozenset()

    def in_words(self) -> str:
        """``2022-01-01至2025-06-30``; a single day as that day."""
        return f"{self.first}至{self.last}" if self.first < self.last else str(self.first)

    def applies_to(self, district: str | None) -> bool:
        """Whether the window speaks of ``district`` (a code or full name in normal form; None: unknown)."""
        if self.districts is not None:
            return district in self.districts
        return not self.without or (district is not None and district not in self.without)


@dataclass(frozen=True, slots=True)
class TableCoverage:
    """The coverage of one table. A stretch of days is covered for a district iff one applying window holds all of it.

    ``inferred``: taken from the data, to be said on every clue that leans on it; ``note`` says what else to say.
    """

    table: str
    windows: tuple[Window, ...]
    inferred: bool
    supplier: str = ""
    note: str = ""

    @property
    def last(self) -> date | None:
        """The end of the latest window; None if nothing is covered."""
        return max((window.last for window in self.windows), default=None)

    def covers(self, first: date, last: date, district: str | None = None) -> bool:
        """Whether all days from ``first`` to ``last`` are covered for ``district`` (None: unknown)."""
        return any(w.first <= first and last <= w.last and w.applies_to(district) for w in self.windows)

    def in_words(self) -> str:
        """Its stretches of days, each once; those of some districts only are told apart; “无” if it covers nothing."""
        everywhere = dict.fromkeys(window.in_words() for window in self.windows if window.districts is None)
        local = [window for window in self.windows if window.districts is not None]
        others = [words for words in dict.fromkeys(window.in_words() for window in local) if words not in everywhere]
        alike = len({window.districts for window in local}) == 1 and not everywhere
        parts = ["；".join(others if alike else everywhere)]
        parts += [f"部分地区：{'；'.join(others)}"] if others and not alike else []
        return "；".join(filter(None, parts)) or "无"

    def until(self, day: date) -> TableCoverage:
        """The same without what lies after ``day``."""
        windows = tuple(replace(w, last=min(w.last, day)) for w in self.windows if w.first <= day)
        return replace(self, windows=windows)

    def to_dict(self) -> dict[str, Any]:
        """JSON-like values."""
        windows = [
            {
                "first": window.first.isoformat(),
                "last": window.last.isoformat(),
                "districts": sorted(window.districts) if window.districts is not None else None,
                "without": sorted(window.without),
            }
            for window in self.windows
        ]
        told = {"inferred": self.inferred, "supplier": self.supplier, "note": self.note}
        return {"table": self.table, "windows": windows, **told}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> TableCoverage:
        """The inverse of :meth:`to_dict`."""
        windows = tuple(
            Window(
                date.fromisoformat(one["first"]),
                date.fromisoformat(one["last"]),
                frozenset(one["districts"]) if one["districts"] is not None else None,
                frozenset(one["without"]),
            )
            for one in record["windows"]
        )
        return cls(record["table"], windows, record["inferred"], record["supplier"], record["note"])


def read_coverage(path: Path, lexicon: Lexicon) -> dict[str, tuple[CoverageEntry, ...]]:
    """Read a coverage file. Raises PackProblem with every fault and its place (P1xx, P2xx, D221 to D224)."""
    document = read_yaml(path)
    if not isinstance(document.data, dict):
        raise PackProblem(document.problem("D221", (), "覆盖期文件应是“表名: 覆盖期”的列表。", "每张表一项，见文档。"))
    problems: list[Problem] = []
    result: dict[str, tuple[CoverageEntry, ...]] = {}
    default = document.data.get(DEFAULT, {})
    if not isinstance(default, dict):
        problems.append(document.problem("D221", (DEFAULT,), "default 应写各表共同的内容，如 {from: …, to: …}。"))
    elif set(document.data) == {DEFAULT}:
        problems.append(
            document.problem(
                "D221", (DEFAULT,), "default 只用于写明的表，而没有写任何表。", "每张表另写一项，如 表名: {}。"
            )
        )
    for table, content in document.data.items():
        if table == DEFAULT:
            continue
        if table not in lexicon.tables:
            problems.append(document.problem("D222", (table,), f"没有表 {table}。", _nearest(table, lexicon), key=True))
            continue
        places: list[Key] = (
            [(table, index) for index in range(len(content))] if isinstance(content, list) else [(table,)]
        )
        entries = [_read_entry(document, place, default, problems) for place in places]
        result[table] = tuple(entry for entry in entries if entry is not None)
    raise_if_any(PackProblem, problems)
    return result


def declared_coverage(table: str, entries: Iterable[CoverageEntry]) -> TableCoverage:
    """The coverage that entries declare together: what any of them covers, less its own gaps."""
    entries = tuple(entries)
    windows = [window for entry in entries for window in _entry_windows(entry)]
    suppliers = dict.fromkeys(entry.supplier for entry in entries if entry.supplier)
    return TableCoverage(table, _joined(windows), False, "、".join(suppliers))


def infer_coverage(profile: TableProfile, as_of: date) -> TableCoverage:
    """The coverage a table shows by itself: from its first to its last date that is not after ``as_of``.

    A month without rows in between is a gap if the table has at least five rows a month, averaged over the months that
    have any (so that one mistyped year cannot thin out a dense table); otherwise the months are named in ``note``.
    """
    days = sorted(day for day in profile.days if day <= as_of)
    if not days:
        return TableCoverage(profile.table, (), True, note="没有可用的日期，无法推定覆盖期")
    months: dict[date, int] = {}
    for day in days:
        month = day.replace(day=1)
        months[month] = months.get(month, 0) + profile.days[day]
    empty = [month for month in _months_between(days[0], days[-1]) if month not in months]
    steady = sum(months.values()) >= STEADY_ROWS * len(months)
    gaps = [(month, _next_month(month) - _DAY) for month in empty] if steady else []
    windows = [Window(*stretch) for stretch in _without(days[0], days[-1], gaps)]
    return TableCoverage(profile.table, _joined(windows), True, note=_inferred_note(empty, steady))


def _nearest(table: str, lexicon: Lexicon) -> str:
    titles = {term.title: name for name, term in lexicon.tables.items()}
    return f"是否想写 {titles[table]}？" if table in titles else did_you_mean(table, lexicon.tables)


def _read_entry(document: Document, place: Key, default: Any, problems: list[Problem]) -> CoverageEntry | None:
    part = _part(document, place)
    if isinstance(part.data, dict) and isinstance(default, dict):
        part.data = default | part.data
    try:
        entry = read_content(CoverageEntry, part)
    except PackProblem as error:
        problems.extend(error.problems)
        return None
    problems.extend(_check_days(entry, document, place))
    named = [((*place, "local_gaps", index, "districts"), gap.districts) for index, gap in enumerate(entry.local_gaps)]
    for where, districts in [*named, ((*place, "districts"), entry.districts)]:
        if districts is not None and not districts:
            problems.append(document.problem("D224", where, "地区列表是空的。", "不限地区请删去这一项。"))
    local = [
        gap.model_copy(update={"districts": [_district(text) for text in gap.districts]}) for gap in entry.local_gaps
    ]
    wanted = None if entry.districts is None else [_district(text) for text in entry.districts]
    return entry.model_copy(update={"districts": wanted, "local_gaps": local})


def _check_days(entry: CoverageEntry, document: Document, place: Key) -> Iterable[Problem]:
    if entry.first > entry.last:
        yield document.problem("D223", (*place, "to"), f"止日 {entry.last} 早于起日 {entry.first}。")
    gaps = [((*place, "gaps", index), first, last) for index, (first, last) in enumerate(entry.gaps)]
    gaps += [((*place, "local_gaps", index), gap.first, gap.last) for index, gap in enumerate(entry.local_gaps)]
    for where, first, last in gaps:
        if first > last:
            yield document.problem("D223", where, f"缺口的止日 {last} 早于起日 {first}。")
        elif last < entry.first or first > entry.last:
            yield document.problem("D223", where, f"缺口 {first} 至 {last} 不在覆盖期内。")


def _district(text: str) -> str:
    """The normal form by the division reader; a name it does not know stays as it was given."""
    value = read_field("division", text).value
    return text if value is None else str(value)


def _part(document: Document, place: Key) -> Document:
    """The part of a document at ``place`` as a document of its own, with the positions it has in the file."""
    data = document.data
    for step in place:
        data = data[step]
    depth = len(place)
    part = Document(document.file, data)
    for mine, theirs in ((part.keys, document.keys), (part.values, document.values)):
        mine.update({path[depth:]: where for path, where in theirs.items() if path[:depth] == place})
    return part


def _entry_windows(entry: CoverageEntry) -> list[Window]:
    everywhere = [(first, last) for first, last in entry.gaps]
    lacking: dict[str, list[tuple[date, date]]] = {}
    for gap in entry.local_gaps:
        for district in gap.districts:
            lacking.setdefault(district, []).append((gap.first, gap.last))
    rest = None if entry.districts is None else frozenset(entry.districts) - lacking.keys()
    without = frozenset(lacking) if rest is None else frozenset()
    windows = [Window(*days, rest, without) for days in _without(entry.first, entry.last, everywhere)]
    for district, gaps in lacking.items():
        if entry.districts is None or district in entry.districts:
            own = _without(entry.first, entry.last, [*everywhere, *gaps])
            windows += [Window(*days, frozenset({district})) for days in own]
    return windows


def _without(first: date, last: date, gaps: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """The stretches of ``first`` to ``last`` that remain without ``gaps``."""
    remaining = []
    for gap_first, gap_last in sorted(gaps):
        if first < gap_first:
            remaining.append((first, min(last, gap_first - _DAY)))
        first = max(first, gap_last + _DAY)
    return [*remaining, (first, last)] if first <= last else remaining


def _joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """The same coverage in windows that need no joining: touching ones are one, for each district that is named.

    A district named anywhere is also covered by what covers everywhere, so its windows take those in.
    """
    given = tuple(windows)
    everywhere = _merged((w.first, w.last) for w in given if w.districts is None)
    lacking: dict[tuple[date, date], set[str]] = {stretch: set() for stretch in everywhere}
    by_stretch: dict[tuple[date, date], set[str]] = {}
    for district in sorted({name for window in given for name in (window.districts or window.without)}):
        own = _merged((w.first, w.last) for w in given if w.applies_to(district))
        for stretch in own:
            if stretch not in everywhere:
                by_stretch.setdefault(stretch, set()).add(district)
        for first, last in everywhere:
            if not any(begin <= first and last <= end for begin, end in own):
                lacking[first, last].add(district)
    local = [Window(first, last, frozenset(names)) for (first, last), names in sorted(by_stretch.items())]
    return (*(Window(*stretch, without=frozenset(lacking[stretch])) for stretch in everywhere), *local)


def _merged(stretches: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    merged: list[tuple[date, date]] = []
    for first, last in sorted(stretches):
        if merged and first <= merged[-1][1] + _DAY:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _months_between(first: date, last: date) -> list[date]:
    """First days of the months strictly after that of ``first`` and before that of ``last``."""
    months = []
    month = _next_month(first)
    while month < last.replace(day=1):
        months.append(month)
        month = _next_month(month)
    return months


def _inferred_note(empty: list[date], steady: bool) -> str:
    if not empty:
        return ""
    named = "、".join(f"{month.year}年{month.month}月" for month in empty[:6])
    more = f"等{len(empty)}个月" if len(empty) > 6 else ""
    return f"{named}{more}没有记录，按缺口处理" if steady else f"{named}{more}没有记录，因数据较少未按缺口处理"
