"""What people wrote into clues.xlsx, read back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from jianheng.core.foundation.errors import DataProblem, UsageProblem
from jianheng.core.screening.previous import read_previous
from jianheng.core.screening.workbook import SheetLimits, write_workbook
from tests.core.screening.workbook_records import head, record, summary

SHEET = "保证金应退未退"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "clues.xlsx"
    write_workbook(path, head(), [record(1), record(2), record(3, own_office=True)], [], [], [], [])
    return path


def heading(sheet: Any, title: str) -> Any:
    return next(cell for row in sheet.iter_rows() for cell in row if cell.value == title)


def edit(path: Path, change: Callable[[Any], None], sheet: str = SHEET) -> None:
    book = openpyxl.load_workbook(path)
    change(book[sheet])
    book.save(path)


def fill(path: Path, below: int, outcome: str, note: str = "", sheet: str = SHEET) -> None:
    def change(target: Any) -> None:
        first = heading(target, "核查结论")
        target.cell(first.row + below, first.column, outcome)
        target.cell(first.row + below, first.column + 1, note)

    edit(path, change, sheet)


def test_outcomes_come_back_with_rule_subject_and_facts(book: Path) -> None:
    fill(book, 1, "不属实", " 已退款 ")
    fill(book, 1, "属实", sheet="检察机关自查")
    found = read_previous(book)
    assert list(found) == [record(number)["clue_id"] for number in (1, 2, 3)]
    first, second, own = found.values()
    assert (first.outcome, first.note, first.rule, first.model) == ("不属实", "已退款", "not_refunded", "bail_deposit")
    assert first.subject == {"bail_no": "示公（刑）取保字〔2024〕1号"}
    assert first.facts_hash == record(1)["facts_hash"]
    assert second.outcome == ""
    assert own.outcome == "属实"


def test_rows_may_be_sorted_and_columns_and_lines_added(book: Path) -> None:
    def rearrange(sheet: Any) -> None:
        top = heading(sheet, "序号").row
        first, second = ([cell.value for cell in sheet[top + offset]] for offset in (1, 2))
        for number, (one, two) in enumerate(zip(second, first, strict=True), start=1):
            sheet.cell(top + 1, number, one)
            sheet.cell(top + 2, number, two)
        sheet.cell(top, sheet.max_column + 1, "承办人")
        sheet.cell(sheet.max_row + 2, 2, "以上已报部门负责人")

    edit(book, rearrange)
    fill(book, 1, "暂缓")
    found = read_previous(book)
    assert found[record(2)["clue_id"]].outcome == "暂缓"
    assert len(found) == 3


def test_parts_of_a_split_sheet_are_all_read(tmp_path: Path) -> None:
    path = tmp_path / "clues.xlsx"
    write_workbook(path, head(), [record(n) for n in range(1, 6)], [], [], [], [], SheetLimits(links=3))
    fill(path, 1, "属实", sheet="保证金应退未退（2）")
    found = read_previous(path)
    assert len(found) == 5
    assert found[record(3)["clue_id"]].outcome == "属实"


def test_a_workbook_without_clues_is_ours_and_empty(tmp_path: Path) -> None:
    path = tmp_path / "clues.xlsx"
    write_workbook(path, head([summary(hits=0)]), [], [], [], [], [])
    assert read_previous(path) == {}


def test_an_unknown_outcome_is_refused_with_its_place(book: Path) -> None:
    fill(book, 2, "基本属实")
    with pytest.raises(DataProblem) as caught:
        read_previous(book)
    (problem,) = caught.value.problems
    assert (problem.code, problem.sheet, problem.cell, problem.seen) == ("D322", SHEET, "第7行", "基本属实")
    assert "证据不足待补" in problem.hint


def test_a_damaged_number_is_refused_not_guessed(book: Path) -> None:
    def damage(sheet: Any) -> None:
        first = heading(sheet, "线索编号")
        sheet.cell(first.row + 1, first.column, "1.2E+20")

    edit(book, damage)
    with pytest.raises(DataProblem) as caught:
        read_previous(book)
    assert [problem.code for problem in caught.value.problems] == ["D323"]


def test_one_clue_decided_in_two_ways_is_refused(book: Path) -> None:
    fill(book, 1, "属实")

    def copy(sheet: Any) -> None:
        top = heading(sheet, "序号").row
        for number, cell in enumerate(list(sheet[top + 1]), start=1):
            sheet.cell(sheet.max_row if number > 1 else sheet.max_row + 1, number, cell.value)
        answer = heading(sheet, "核查结论")
        sheet.cell(sheet.max_row, answer.column, "不属实")

    edit(book, copy)
    with pytest.raises(DataProblem) as caught:
        read_previous(book)
    assert [problem.code for problem in caught.value.problems] == ["D324"]


def test_a_missing_heading_is_named(book: Path) -> None:
    edit(book, lambda sheet: setattr(heading(sheet, "核查结论"), "value", "结论"))
    with pytest.raises(DataProblem, match="缺少「核查结论」栏"):
        read_previous(book)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: None, "U121"),
        (lambda path: path.write_text("序号,线索\n"), "U122"),
        (lambda path: path.write_bytes(b"PK\x03\x04 broken"), "U122"),
        (lambda path: openpyxl.Workbook().save(path), "U123"),
    ],
    ids=["missing", "text", "broken", "not ours"],
)
def test_a_file_that_is_not_ours_is_refused_with_what_is_wrong(
    tmp_path: Path, make: Callable[[Path], object], code: str
) -> None:
    path = tmp_path / "别的.xlsx"
    make(path)
    with pytest.raises(UsageProblem) as caught:
        read_previous(path)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert "别的.xlsx" in problem.message
