"""problems.xlsx."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from jianheng.core.screening.problem_book import write_problem_book
from jianheng.core.screening.workbook import SheetLimits
from tests.core.screening.workbook_records import IDENTITY, PROBLEM


def test_a_problem_is_a_row_with_place_what_was_seen_why_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "problems.xlsx"
    assert write_problem_book(path, [PROBLEM, {"code": "D101", "message": "文件已损坏。", "file": "b.xlsx"}]) == 2
    sheet = openpyxl.load_workbook(path)["未能读取"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert rows[0] == [
        1,
        PROBLEM["file"],
        "2024年",
        "F9",
        "2023.13.45",
        PROBLEM["message"],
        PROBLEM["hint"],
        "D212",
        "",
    ]
    assert rows[1][:2] == [2, "b.xlsx"]
    assert [cell.value for cell in sheet[3]][:5] == ["序号", "文件", "工作表", "单元格", "看到的内容"]


def test_what_was_seen_is_masked_even_if_it_came_in_clear(tmp_path: Path) -> None:
    write_problem_book(tmp_path / "problems.xlsx", [PROBLEM | {"seen": IDENTITY}])
    sheet = openpyxl.load_workbook(tmp_path / "problems.xlsx")["未能读取"]
    assert sheet["E4"].value == "9999**********1235"


def test_without_problems_the_book_says_so(tmp_path: Path) -> None:
    assert write_problem_book(tmp_path / "problems.xlsx", []) == 0
    assert openpyxl.load_workbook(tmp_path / "problems.xlsx")["未能读取"]["B2"].value == "没有未能读取的内容。"


def test_a_long_list_goes_on_to_further_sheets_and_no_link_leads_nowhere(tmp_path: Path) -> None:
    write_problem_book(tmp_path / "problems.xlsx", (PROBLEM for _ in range(10)), SheetLimits(rows=7))
    book = openpyxl.load_workbook(tmp_path / "problems.xlsx")
    assert book.sheetnames == ["未能读取", "未能读取（2）", "未能读取（3）"]
    assert [book[name].cell(4, 1).value for name in book.sheetnames] == [1, 5, 9]
    assert not any(cell.hyperlink for sheet in book for row in sheet.iter_rows() for cell in row)
