"""What a table covers (semantics 14): declared, inferred, and said when it is inferred."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.catalogue.coverage import (
    CoverageEntry,
    TableCoverage,
    Window,
    declared_coverage,
    infer_coverage,
    read_coverage,
)
from jianheng.core.catalogue.profile import TableProfile
from jianheng.core.foundation.errors import PackProblem
from jianheng.core.terms.lexicon import Lexicon

DAY = timedelta(days=1)
AS_OF = date(2025, 6, 30)


def day(text: str) -> date:
    return date.fromisoformat(text)


def read(folder: Path, words: Lexicon, text: str) -> dict[str, TableCoverage]:
    path = folder / "coverage.yaml"
    path.write_text(text, encoding="utf-8")
    return {table: declared_coverage(table, entries) for table, entries in read_coverage(path, words).items()}


def refused(folder: Path, words: Lexicon, text: str) -> str:
    with pytest.raises(PackProblem) as caught:
        read(folder, words, text)
    return str(caught.value)


def test_one_entry_says_days_districts_gaps_and_supplier(tmp_path: Path, words: Lexicon) -> None:
    text = (
        'rent: {from: 2022-01-01, to: 2025-06-30, districts: ["420112"],'
        " gaps: [[2023-04-01, 2023-04-30]], supplier: 江北区公安分局}\n"
    )
    found = read(tmp_path, words, text)["rent"]
    here = frozenset({"420112"})
    assert found.windows == (
        Window(day("2022-01-01"), day("2023-03-31"), here),
        Window(day("2023-05-01"), day("2025-06-30"), here),
    )
    assert (found.supplier, found.inferred, found.last) == ("江北区公安分局", False, day("2025-06-30"))


def test_an_entry_without_districts_covers_all(tmp_path: Path, words: Lexicon) -> None:
    found = read(tmp_path, words, "rent: {from: 2022-01-01, to: 2022-12-31}\n")["rent"]
    assert found.covers(day("2022-01-01"), day("2022-12-31"), "420112")
    assert found.covers(day("2022-01-01"), day("2022-12-31"), None)
    assert not found.covers(day("2021-12-31"), day("2022-12-31"), "420112")


def test_a_district_by_its_full_name_is_its_code(tmp_path: Path, words: Lexicon) -> None:
    text = "rent: {from: 2022-01-01, to: 2022-12-31, districts: [湖北省武汉市东西湖区]}\n"
    (window,) = read(tmp_path, words, text)["rent"].windows
    assert window.districts == frozenset({"420112"})
    assert window.applies_to("420112") and not window.applies_to("420102") and not window.applies_to(None)


def test_several_entries_of_a_table_add_up(tmp_path: Path, words: Lexicon) -> None:
    text = (
        "rent:\n"
        "  - {from: 2022-01-01, to: 2022-06-30, supplier: 甲局}\n"
        "  - {from: 2022-07-01, to: 2022-12-31, supplier: 乙局}\n"
    )
    found = read(tmp_path, words, text)["rent"]
    assert found.windows == (Window(day("2022-01-01"), day("2022-12-31")),)
    assert found.supplier == "甲局、乙局"


def test_what_covers_everywhere_continues_what_covers_one_district(tmp_path: Path, words: Lexicon) -> None:
    text = (
        'rent:\n  - {from: 2022-01-01, to: 2022-06-30, districts: ["420112"]}\n  - {from: 2022-07-01, to: 2022-12-31}\n'
    )
    found = read(tmp_path, words, text)["rent"]
    assert found.covers(day("2022-03-01"), day("2022-09-30"), "420112")
    assert not found.covers(day("2022-03-01"), day("2022-09-30"), "420102")
    assert found.covers(day("2022-07-01"), day("2022-09-30"), "420102")


def test_what_an_entry_does_not_say_it_takes_from_the_default(tmp_path: Path, words: Lexicon) -> None:
    text = "default: {from: 2022-01-01, to: 2022-12-31, supplier: 甲局}\nrent: {to: 2022-06-30}\n"
    found = read(tmp_path, words, text)["rent"]
    assert found.windows == (Window(day("2022-01-01"), day("2022-06-30")),)
    assert found.supplier == "甲局"


def test_a_local_gap_is_missing_in_its_districts_and_nowhere_else(tmp_path: Path, words: Lexicon) -> None:
    text = (
        "rent: {from: 2022-01-01, to: 2022-12-31,"
        ' local_gaps: [{from: 2022-03-01, to: 2022-04-30, districts: ["420112"]}]}\n'
    )
    found = read(tmp_path, words, text)["rent"]
    year, before, after = ("2022-01-01", "2022-12-31"), ("2022-01-01", "2022-02-28"), ("2022-05-01", "2022-12-31")
    assert found.covers(*map(day, year), "420102")
    assert not found.covers(*map(day, year), "420112")
    assert not found.covers(*map(day, year), None), "a district nobody knows may be the one without"
    assert found.covers(*map(day, before), "420112") and found.covers(*map(day, after), "420112")
    assert TableCoverage.from_dict(found.to_dict()) == found


def test_what_another_entry_covers_fills_a_local_gap(tmp_path: Path, words: Lexicon) -> None:
    text = (
        "rent:\n  - {from: 2022-01-01, to: 2022-12-31,"
        ' local_gaps: [{from: 2022-03-01, to: 2022-04-30, districts: ["420112"]}]}\n'
        '  - {from: 2022-02-01, to: 2022-05-31, districts: ["420112"]}\n'
    )
    found = read(tmp_path, words, text)["rent"]
    assert found.covers(day("2022-01-01"), day("2022-12-31"), "420112")
    assert found.covers(day("2022-01-01"), day("2022-12-31"), None)


def windows_of(*windows: tuple[str, str, str | None]) -> TableCoverage:
    made = [Window(day(first), day(last), frozenset([name]) if name else None) for first, last, name in windows]
    return TableCoverage("rent", tuple(made), inferred=False)


def test_a_coverage_in_words_names_a_single_day_as_that_day_and_no_stretch_twice() -> None:
    year, next_day = ("2024-01-01", "2024-12-31"), ("2025-06-30", "2025-06-30")
    assert windows_of().in_words() == "无"
    assert windows_of((*year, None), (*next_day, None)).in_words() == "2024-01-01至2024-12-31；2025-06-30"
    alike = windows_of((*year, "990001"), (*next_day, "990001"))
    assert alike.in_words() == "2024-01-01至2024-12-31；2025-06-30"
    assert windows_of((*year, None), (*year, "990001")).in_words() == "2024-01-01至2024-12-31"


def test_a_coverage_in_words_tells_apart_what_covers_some_districts_only() -> None:
    year, more = ("2024-01-01", "2024-12-31"), ("2024-01-01", "2025-03-31")
    both = windows_of((*year, None), (*more, "990001"), (*more, "990002"))
    assert both.in_words() == "2024-01-01至2024-12-31；部分地区：2024-01-01至2025-03-31"
    unlike = windows_of((*year, "990001"), (*more, "990002"))
    assert unlike.in_words() == "部分地区：2024-01-01至2024-12-31；2024-01-01至2025-03-31"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rant: {from: 2022-01-01, to: 2022-12-31}\n", ("coverage.yaml:1:1 D222", "是否想写 rent")),
        ("租金交纳: {from: 2022-01-01, to: 2022-12-31}\n", ("D222", "是否想写 rent")),
        ("rent: {from: 2022-01-01, until: 2022-12-31}\n", ("coverage.yaml:1:26 P201", "until")),
        ("rent: {from: 2022-01-01, to: 2022-12-31, suplier: 甲}\n", ("P201", "是否想写 supplier")),
        ("rent: {from: 2022-01-01}\n", ("P202", "to")),
        ("rent: {from: 2022-02-30, to: 2022-12-31}\n", ("coverage.yaml:1:14", "from")),
        ("rent: {from: 2022-12-31, to: 2022-01-01}\n", ("coverage.yaml:1:30 D223", "早于")),
        ("rent: {from: 2022-01-01, to: 2022-12-31, gaps: [[2021-01-01, 2021-02-01]]}\n", ("D223", "不在覆盖期内")),
        ("rent: {from: 2022-01-01, to: 2022-12-31, gaps: [[2022-03-01, 2022-02-01]]}\n", ("D223", "早于")),
        ("rent: {from: 2022-01-01, to: 2022-12-31, gaps: [[2022-03-01]]}\n", ("P203",)),
        ("rent: {from: 2022-01-01, to: 2022-12-31, districts: [420112]}\n", ("P203", "引号")),
        ("rent: {from: 2022-01-01, to: 2022-12-31, districts: []}\n", ("D224",)),
        ("rent: 2022\n", ("P203",)),
        ("default: 2022\nrent: {from: 2022-01-01, to: 2022-12-31}\n", ("D221", "default")),
        (
            "rent: {from: 2022-01-01, to: 2022-12-31,"
            " local_gaps: [{from: 2021-01-01, to: 2021-02-01, districts: []}]}\n",
            ("D223", "不在覆盖期内", "D224"),
        ),
        ("- rent\n", ("D221",)),
        ("default: {from: 2022-01-01, to: 2022-12-31}\n", ("D221", "没有写任何表")),
        ("rent:\n  - {from: 2022-01-01, to: 2022-12-31}\n  - {from: 2023-01-01, too: 1}\n", ("coverage.yaml:3:",)),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(
    text: str, said: tuple[str, ...], tmp_path: Path, words: Lexicon
) -> None:
    message = refused(tmp_path, words, text)
    assert all(part in message for part in said), message


def test_all_faults_are_shown_together(tmp_path: Path, words: Lexicon) -> None:
    message = refused(tmp_path, words, "rant: {}\nrent: {from: 2022-12-31, to: 2022-01-01}\n")
    assert "D222" in message and "D223" in message


def profile(rows: dict[str, int]) -> TableProfile:
    days = {day(text): count for text, count in rows.items()}
    return TableProfile("rent", sum(rows.values()), sum(rows.values()), 0, {}, days)


def stretches(coverage: TableCoverage) -> list[tuple[str, str]]:
    return [(window.first.isoformat(), window.last.isoformat()) for window in coverage.windows]


def test_without_a_declaration_a_table_covers_its_first_to_last_date() -> None:
    found = infer_coverage(profile({"2024-01-09": 5, "2024-02-03": 5, "2024-03-20": 5}), AS_OF)
    assert stretches(found) == [("2024-01-09", "2024-03-20")]
    assert found.inferred and found.note == ""


def test_a_date_after_the_day_of_the_run_does_not_widen_it() -> None:
    found = infer_coverage(profile({"2024-01-09": 5, "2024-02-03": 5, "2099-01-01": 1}), AS_OF)
    assert stretches(found) == [("2024-01-09", "2024-02-03")]


def test_an_empty_month_of_a_steady_table_is_a_gap() -> None:
    found = infer_coverage(profile({"2024-01-09": 5, "2024-03-20": 5}), AS_OF)
    assert stretches(found) == [("2024-01-09", "2024-01-31"), ("2024-03-01", "2024-03-20")]
    assert "2024年2月" in found.note


def test_an_empty_month_of_a_sparse_table_is_only_said() -> None:
    found = infer_coverage(profile({"2024-01-09": 4, "2024-03-20": 5}), AS_OF)
    assert stretches(found) == [("2024-01-09", "2024-03-20")]
    assert "2024年2月" in found.note and "未按缺口处理" in found.note


def test_one_mistyped_year_cannot_make_a_steady_table_cover_decades() -> None:
    days = {f"2024-{month:02}-15": 40 for month in range(1, 13)}
    found = infer_coverage(profile({"1924-03-05": 1} | days), AS_OF)
    assert not found.covers(day("1990-01-01"), day("2024-06-01"))
    assert stretches(found)[-1] == ("2024-01-01", "2024-12-15")


def test_a_table_without_any_date_covers_nothing() -> None:
    found = infer_coverage(profile({}), AS_OF)
    assert found.windows == () and found.last is None and "无法推定" in found.note


DAYS = st.dates(min_value=day("2020-01-01"), max_value=day("2021-12-31"))
STRETCHES = st.tuples(DAYS, DAYS).map(lambda pair: (min(pair), max(pair)))
PLACES = st.one_of(st.none(), st.frozensets(st.sampled_from(["a", "b", "c"]), min_size=1))


def covered_days(windows: Iterable[Window], district: str | None) -> set[date]:
    found: set[date] = set()
    for window in windows:
        if window.applies_to(district):
            found.update(window.first + DAY * n for n in range((window.last - window.first).days + 1))
    return found


@given(entries=st.lists(st.tuples(STRETCHES, PLACES, st.lists(STRETCHES, max_size=2)), max_size=4))
def test_windows_cover_exactly_the_declared_days_and_need_no_joining(entries: list[tuple[object, ...]]) -> None:
    declared: dict[str | None, set[date]] = {name: set() for name in ("a", "b", "c", None)}
    made = []
    for (first, last), places, gaps in entries:  # type: ignore[misc]
        record = {"from": first, "to": last, "gaps": [list(gap) for gap in gaps]}
        made.append(CoverageEntry.model_validate(record | {"districts": sorted(places) if places else None}))
        span = {first + DAY * n for n in range((last - first).days + 1)}
        for low, high in gaps:
            span -= {low + DAY * n for n in range((high - low).days + 1)}
        for name, days in declared.items():
            if places is None or name in places:
                days |= span
    found = declared_coverage("rent", made)
    for name, days in declared.items():
        assert covered_days(found.windows, name) == days
        assert all(found.covers(one, one + DAY, name) for one in days if one + DAY in days), (
            "two days in a row lie in one window"
        )
    assert TableCoverage.from_dict(found.to_dict()) == found
