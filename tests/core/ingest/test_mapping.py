"""mapping.yaml: what a person says about a sheet holds, and the draft can be completed."""

from __future__ import annotations

from pathlib import Path

import pytest

from jianheng.core.foundation.errors import PackProblem
from jianheng.core.ingest.mapping import read_mapping, write_mapping_draft
from tests.core.ingest.landed_rows import codes_of, landing_of, rows_of, write_text, write_workbook
from tests.core.ingest.words import WORDS

ODD = [["台账"], ["决定文书编号", "当事人", "缴纳数额"], ["甲1号", "张三", 500]]


def data_folder(tmp_path: Path, mapping: str) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    write_workbook(folder / "台账.xlsx", {"表": ODD})
    write_text(folder / "mapping.yaml", mapping)
    return folder


def test_a_mapping_in_the_folder_says_which_heading_is_which_column(tmp_path: Path) -> None:
    mapping = """
sheets:
  - file: 台账.xlsx
    sheet: 表
    table: deposit_payment
    header_row: 2
    columns: {决定文书编号: bail_no, 缴纳数额: amount, 当事人: person_name}
"""
    landing = landing_of(tmp_path, data_folder(tmp_path, mapping))
    assert landing.problems == ()
    assert rows_of(landing, landing.sheets[0]) == [
        {"row": 3, "bail_no": "甲1号", "person_name": "张三", "amount": "500"}
    ]


@pytest.mark.parametrize(("wanted", "letter"), [("数额（实缴）", "C"), ("数额（应缴）", "B"), ("数额", "C")])
def test_a_mapping_means_the_heading_with_its_brackets_and_without_them_the_last(
    tmp_path: Path, wanted: str, letter: str
) -> None:
    rows = [["文号", "数额（应缴）", "数额（实缴）"], ["甲1号", 500, 400]]
    write_workbook(tmp_path / "台账.xlsx", {"表": rows})
    entry = f'sheets:\n  - {{file: 台账.xlsx, table: deposit_payment, columns: {{"{wanted}": amount}}}}\n'
    mapping = read_mapping(write_text(tmp_path / "own.yaml", entry), WORDS)
    landing = landing_of(tmp_path, tmp_path / "台账.xlsx", mapping=mapping)
    assert landing.sheets[0].headings["amount"].letter == letter


def test_a_sheet_to_be_skipped_is_left_out_and_that_is_said(tmp_path: Path) -> None:
    landing = landing_of(tmp_path, data_folder(tmp_path, "sheets:\n  - {file: 台账.xlsx, table: skip}\n"))
    assert landing.sheets[0].table is None
    assert codes_of(landing) == {"D129"}


def test_an_entry_for_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    landing = landing_of(tmp_path, data_folder(tmp_path, "sheets:\n  - {file: 别的.xlsx, table: skip}\n"))
    assert codes_of(landing) == {"D120", "D133"}


def test_a_named_mapping_goes_before_the_one_in_the_folder(tmp_path: Path) -> None:
    folder = data_folder(tmp_path, "sheets:\n  - {file: 台账.xlsx, table: skip}\n")
    named = write_text(tmp_path / "own.yaml", "sheets:\n  - {file: 别的.xlsx}\n")
    landing = landing_of(tmp_path, folder, mapping=read_mapping(named, WORDS))
    assert codes_of(landing) == {"D120", "D133"}


@pytest.mark.parametrize(
    "entries",
    [
        ["{file: a.xlsx, sheet: 表, table: skip}", "{file: a.xlsx, sheet: 表}"],
        ["{file: a.xlsx}", "{file: a.xlsx, sheet: 表, table: skip}"],
        ["{file: a.xlsx}", "{file: 一月/a.xlsx}"],
    ],
)
def test_two_entries_for_one_sheet_are_refused_naming_both_places(tmp_path: Path, entries: list[str]) -> None:
    text = "sheets:\n" + "".join(f"  - {entry}\n" for entry in entries)
    with pytest.raises(PackProblem) as caught:
        read_mapping(write_text(tmp_path / "m.yaml", text), WORDS)
    (problem,) = caught.value.problems
    assert (problem.code, problem.line) == ("D134", 3) and "第2行" in problem.message


def test_one_sheet_by_name_and_then_the_others_is_no_fault(tmp_path: Path) -> None:
    text = "sheets:\n  - {file: a.xlsx, sheet: 表, table: skip}\n  - {file: a.xlsx}\n  - {file: b.xlsx}\n"
    assert len(read_mapping(write_text(tmp_path / "m.yaml", text), WORDS).entries) == 3


@pytest.mark.parametrize(
    ("entry", "code", "place"),
    [
        ("{file: a, table: deposit_paymnt}", "D130", (2, 22)),
        ("{file: a, table: deposit_payment, columns: {数额: amuont}}", "D131", (2, 53)),
        ("{file: a, header_rows: [3, 5]}", "D132", (2, 28)),
        ("{file: a, tabel: x}", "P201", (2, 15)),
    ],
)
def test_a_faulty_mapping_is_refused_with_its_place(
    tmp_path: Path, entry: str, code: str, place: tuple[int, int]
) -> None:
    with pytest.raises(PackProblem) as caught:
        read_mapping(write_text(tmp_path / "m.yaml", f"sheets:\n  - {entry}\n"), WORDS)
    problem = caught.value.problems[0]
    assert (problem.code, problem.line, problem.column) == (code, *place)


def test_the_draft_names_the_unsure_sheets_suggests_and_can_be_read_back(tmp_path: Path) -> None:
    rows = [["文号", "姓名", "交纳金额额"], ["甲1号", "张三", 1]]
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"表": rows}))
    draft = write_mapping_draft(landing, WORDS)
    assert 'sheet: "表"' in draft and "# 可能是 deposit_refund" in draft and '"交纳金额额"' in draft
    mapping = read_mapping(write_text(tmp_path / "m.yaml", draft), WORDS)
    assert [(entry.file, entry.table) for entry in mapping.entries] == [("a.xlsx", "skip")]


def test_where_nothing_is_unsure_there_is_no_draft(tmp_path: Path) -> None:
    landing = landing_of(tmp_path, write_text(tmp_path / "a.csv", "决定书文号,交纳金额\n甲1号,1\n"))
    assert write_mapping_draft(landing) == ""
