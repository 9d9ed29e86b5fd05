"""Equal rows (semantics 4) and row numbers (semantics 5)."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jianheng.core.catalogue.snapshot import Snapshot
from tests.core.catalogue.conftest import Cells, Sheet, Snap, canonical, source

COLUMNS = ("tenant", "paid_on", "amount")
ONE: Cells = ("张三", "2023-05-03", "5000")
OTHER: Cells = ("李四", "2023-05-04", "5000")


def rent(*rows: Cells, file: str = "甲.xlsx", name: str = "Sheet1", columns: tuple[str, ...] = COLUMNS) -> Sheet:
    return Sheet("rent", columns, rows, file=file, name=name)


def copies(snapshot: Snapshot, table: str = "rent") -> list[tuple[int, int]]:
    """Per row: whether it is a repeat, and how many sources it has."""
    sources = Counter(line["_row"] for line in source(snapshot, table))
    return [(record["_repeat"], sources[record["_row"]]) for record in canonical(snapshot, table)]


def test_equal_rows_of_different_files_are_one_row_with_several_sources(snap: Snap) -> None:
    assert copies(snap(rent(ONE), rent(ONE, file="乙.xlsx"))) == [(False, 2)]


def test_equal_rows_of_different_sheets_are_one_row(snap: Snap) -> None:
    assert copies(snap(rent(ONE), rent(ONE, name="Sheet2"))) == [(False, 2)]


def test_rows_that_read_alike_are_equal_however_they_were_typed(snap: Snap) -> None:
    typed: Cells = ("张 三", "2023年5月3日", "5,000.00元")
    snapshot = snap(rent(ONE), rent(typed, file="乙.xlsx"))
    assert copies(snapshot) == [(False, 2)]
    assert {line["amount"] for line in source(snapshot, "rent")} == {"5000", "5,000.00元"}


def test_equal_rows_inside_one_sheet_stay_and_the_further_ones_are_marked(snap: Snap) -> None:
    assert copies(snap(rent(ONE, ONE, OTHER))) == [(False, 1), (True, 1), (False, 1)]


def test_the_sheet_that_holds_a_row_most_often_says_how_often_it_stays(snap: Snap) -> None:
    snapshot = snap(rent(ONE, ONE), rent(ONE, ONE, ONE, file="乙.xlsx"), rent(ONE, file="丙.xlsx"))
    assert copies(snapshot) == [(False, 3), (True, 2), (True, 1)]


def test_two_blocks_of_one_sheet_are_one_sheet(snap: Snap) -> None:
    assert copies(snap(rent(ONE), rent(ONE))) == [(False, 1), (True, 1)]


def test_a_row_number_makes_equal_rows_of_one_sheet_the_same_record(snap: Snap) -> None:
    numbered = Sheet("receipt", ("no", "amount"), [("A1", "5"), ("A1", "5"), ("A2", "5")])
    assert sorted(copies(snap(numbered), "receipt")) == [(False, 1), (False, 2)]


def test_without_its_row_number_an_equal_row_stays(snap: Snap) -> None:
    unnumbered = Sheet("receipt", ("no", "amount"), [(None, "5"), (None, "5")])
    assert copies(snap(unnumbered), "receipt") == [(False, 1), (True, 1)]


def test_rows_that_differ_only_in_an_unreadable_text_are_two(snap: Snap) -> None:
    first, second = ("张三", "2023.13.45", "5"), ("张三", "2023.14.45", "5")
    assert copies(snap(rent(first), rent(second, file="乙.xlsx"))) == [(False, 1), (False, 1)]


def test_a_blank_cell_and_a_column_not_supplied_are_not_equal(snap: Snap) -> None:
    blank = rent((None, "2023-05-03", "5"))
    lacking = rent(("2023-05-03", "5"), file="乙.xlsx", columns=("paid_on", "amount"))
    assert copies(snap(blank, lacking)) == [(False, 1), (False, 1)]


def test_a_value_never_runs_over_into_the_next_column(snap: Snap) -> None:
    left: Cells = ("张三", "A B", "5")
    right: Cells = ("张三 A", "B", "5")
    assert len(canonical(snap(rent(left), rent(right, file="乙.xlsx")), "rent")) == 2


CELLS = st.tuples(
    st.sampled_from(["张三", "李四", None]),
    st.sampled_from(["2023-05-03", "2023年5月3日", "2023-06-30", "2023.13.45", None]),
    st.sampled_from(["5000", "5,000元", "约5千"]),
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sheets=st.lists(st.lists(CELLS, min_size=1, max_size=6), min_size=1, max_size=4), seed=st.integers(0, 999))
def test_the_order_of_files_sheets_columns_and_rows_changes_nothing(sheets: Any, seed: int, snap: Snap) -> None:
    first = [rent(*rows, file=f"{n}.xlsx") for n, rows in enumerate(sheets)]
    chance = random.Random(seed)
    names = [f"改名{n}.xlsx" for n in range(len(sheets))]
    chance.shuffle(names)
    second = []
    for rows, name in zip(sheets, names, strict=True):
        order = list(range(len(COLUMNS)))
        chance.shuffle(order)
        moved = [tuple(cells[place] for place in order) for cells in chance.sample(rows, len(rows))]
        second.append(rent(*moved, file=name, name="另名", columns=tuple(COLUMNS[place] for place in order)))
    chance.shuffle(second)
    assert canonical(snap(*first), "rent") == canonical(snap(*second), "rent")


def test_row_numbers_are_dense_and_follow_the_day(snap: Snap) -> None:
    records = canonical(
        snap(rent(OTHER, ONE, ("王五", None, "1"), ONE, file="甲.xlsx"), rent(ONE, file="乙.xlsx")), "rent"
    )
    assert [record["_row"] for record in records] == [0, 1, 2, 3]
    assert [record["tenant"] for record in records] == ["张三", "张三", "李四", "王五"]
