"""Encodings, delimiters, formats, doubles and names: the files as offices really send them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.foundation.errors import UsageProblem
from jianheng.core.ingest.biff_errors import xls_error_cells
from jianheng.core.ingest.cells import cell_text, text_column
from jianheng.core.ingest.landing import Landing
from tests.core.ingest.landed_rows import codes_of, landing_of, rows_of, write_text, write_workbook

TEXT = "决定书文号,姓名,交纳金额\n武公〔2024〕1号,张三,5000\n武公〔2024〕2号,李𠮷,6000\n"
HEAD = ["决定书文号", "姓名", "交纳金额"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_a_text_file_is_read_in_any_encoding_with_any_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    padded = (
        TEXT.replace(",", delimiter) + f"A1{delimiter}B{delimiter}1\n" * 200
    )  # a mark-less UTF-16 is told by its Latin letters
    landing = landing_of(tmp_path, write_text(tmp_path / "a.txt", padded, encoding))
    data = rows_of(landing, landing.sheets[0])
    assert [line["person_name"] for line in data[:2]] == ["张三", "李𠮷"]
    assert len(data) == 202
    assert landing.problems == ()


def test_a_record_keeps_its_number_when_a_quoted_cell_holds_line_breaks(tmp_path: Path) -> None:
    text = '决定书文号,姓名,交纳金额\r\n"甲\r\n1号",张三,1\r\n\r\n乙2号,李四,2\r\n'
    landing = landing_of(tmp_path, write_text(tmp_path / "a.csv", text))
    assert [(line["row"], line["bail_no"]) for line in rows_of(landing, landing.sheets[0])] == [
        (2, "甲\r\n1号"), (4, "乙2号"),
    ]  # fmt: skip
    assert landing.sheets[0].counts["blank"] == 1


def test_a_record_with_too_many_cells_is_rejected_and_one_with_too_few_is_padded(tmp_path: Path) -> None:
    text = "决定书文号,姓名,交纳金额\n甲1号,张三,5,000\n乙2号,李四\n丙3号,王五,7,\n"
    landing = landing_of(tmp_path, write_text(tmp_path / "a.csv", text))
    assert [line["amount"] for line in rows_of(landing, landing.sheets[0])] == [None, "7"]
    assert landing.sheets[0].counts["rejected"] == 1
    assert [(p.code, p.cell) for p in landing.problems] == [("D125", "第2条")]


def test_a_quote_that_never_closes_is_said_and_nothing_is_swallowed(tmp_path: Path) -> None:
    text = TEXT + '"武公〔2024〕3号,王五,1\n' + "甲,乙,1\n" * 200_000
    landing = landing_of(tmp_path, write_text(tmp_path / "a.csv", text))
    assert landing.sheets == ()
    assert codes_of(landing) == {"D114"}
    assert list((landing.folder / "landed").iterdir()) == []


def test_bytes_that_fit_no_encoding_are_said_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT.encode() * 20 + b"\xff\xfe\xff,x,1\n")
    landing = landing_of(tmp_path, path)
    assert codes_of(landing) == {"D110"}
    assert landing.sheets[0].table == "deposit_payment"


def test_the_same_file_twice_is_landed_once_and_said(tmp_path: Path) -> None:
    (tmp_path / "data" / "b").mkdir(parents=True)
    write_text(tmp_path / "data" / "a.csv", TEXT)
    write_text(tmp_path / "data" / "b" / "copy.csv", TEXT)
    landing = landing_of(tmp_path, tmp_path / "data")
    assert [file.name for file in landing.files] == ["data/a.csv", "data/b/copy.csv"]
    assert len(landing.sheets) == 1
    assert [(p.code, p.file) for p in landing.problems] == [("D107", "data/b/copy.csv")]


def test_the_order_in_which_files_are_named_changes_nothing(tmp_path: Path) -> None:
    files = [write_text(tmp_path / f"{n}.csv", TEXT + f"丁{n}号,x,{n}\n") for n in range(5)]
    first = landing_of(tmp_path / "x", *files)
    second = landing_of(tmp_path / "y", *reversed(files))
    assert first.to_dict() == second.to_dict()


def test_lock_files_hidden_files_and_our_own_papers_are_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    write_text(folder / "a.csv", TEXT)
    for name in ("~$a.xlsx", ".a.csv", "coverage.yaml", "clues.jsonl", "run.json", "clues.xlsx"):
        (folder / name).write_bytes(b"x")
    landing = landing_of(tmp_path, folder)
    assert [file.name for file in landing.files] == ["data/a.csv"]
    assert landing.problems == ()


def test_a_path_that_is_not_there_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="U101"):
        landing_of(tmp_path, tmp_path / "missing")


def test_hidden_sheets_are_read_and_said(tmp_path: Path) -> None:
    sheets = {"首页": [["说明"]], "隐藏": [HEAD, ["甲1号", "张三", 1]]}
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", sheets, hidden=["隐藏"]))
    assert [(sheet.hidden, sheet.table) for sheet in landing.sheets] == [(False, None), (True, "deposit_payment")]
    assert ("D113", "隐藏") in [(p.code, p.sheet) for p in landing.problems]


@pytest.mark.parametrize("name", ["a.xls", "a.csv", "a.ods", "a.xlsb"])
def test_a_workbook_under_a_wrong_extension_is_read_by_its_content(tmp_path: Path, name: str) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"表": [HEAD, ["甲1号", "张三", 1]]}).rename(tmp_path / name)
    landing = landing_of(tmp_path, path)
    assert landing.sheets[0].table == "deposit_payment"
    assert codes_of(landing) == {"D109"}


def test_text_under_a_workbooks_extension_is_read_too(tmp_path: Path) -> None:
    landing = landing_of(tmp_path, write_text(tmp_path / "a.xls", TEXT.replace(",", "\t"), "gb18030"))
    assert landing.sheets[0].table == "deposit_payment"
    assert codes_of(landing) == {"D109"}


def test_a_formula_without_a_result_is_not_taken_for_a_blank_cell(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in ([None, *HEAD], [None, "甲1号", "张三", "=500*10"], [None, "乙2号", "李四", 5]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    landing = landing_of(tmp_path, tmp_path / "a.xlsx")
    assert [line["amount"] for line in rows_of(landing, landing.sheets[0])] == ["#公式未计算", "5"]
    assert [(p.code, p.cell) for p in landing.problems] == [("D126", "D2")]


def test_a_formula_whose_result_is_empty_is_blank(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    workbook = xlsxwriter.Workbook(str(path))
    sheet = workbook.add_worksheet("表")
    sheet.write_row(0, 0, HEAD)
    sheet.write_row(1, 0, ["甲1号", "张三"])
    sheet.write_formula(1, 2, '=IF(1,"")', None, "")
    workbook.close()
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    part = "xl/worksheets/sheet1.xml"
    assert b'<c r="C2"><f>' in parts[part]
    parts[part] = parts[part].replace(b'<c r="C2"><f>', b'<c r="C2" t="str"><f>')  # as Excel writes an empty text
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    landing = landing_of(tmp_path, path)
    assert [line["amount"] for line in rows_of(landing, landing.sheets[0])] == [None]
    assert not landing.problems


def test_error_values_are_not_taken_for_blank_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    workbook = xlsxwriter.Workbook(str(path))
    sheet = workbook.add_worksheet("表")
    sheet.write_row(2, 1, HEAD)
    sheet.write_row(3, 1, ["甲1号", "张三"])
    sheet.write_formula(3, 3, "=VLOOKUP(1,A1:B2,2)", None, "#N/A")
    sheet.write_row(4, 1, ["乙2号", "李四", 5])
    sheet.write_formula(5, 1, "=1/0", None, "#DIV/0!")
    workbook.close()
    landing = landing_of(tmp_path, path)
    data = rows_of(landing, landing.sheets[0])
    assert [line["amount"] for line in data] == ["#N/A", "5", None]
    assert data[2]["bail_no"] == "#DIV/0!"
    assert [(p.code, p.cell, p.seen) for p in landing.problems] == [("D126", "D4", "#N/A")]


def test_error_values_of_an_old_workbook_are_found_too(tmp_path: Path, shared_data: Path) -> None:
    content = (shared_data / "tables" / "sheetjs_artifacts_wps_write.et").read_bytes()
    at = content.index(b"\x05\x02\x08\x00") + 10  # the record of the cell A2, TRUE, becomes #N/A
    path = tmp_path / "a.et"
    path.write_bytes(content[:at] + b"\x2a\x01" + content[at + 2 :])
    assert xls_error_cells(path) == {0: {1: {0: "#N/A"}}}
    assert ("D126", "A2", "#N/A") in [(p.code, p.cell, p.seen) for p in landing_of(tmp_path, path).problems]


def test_an_open_document_with_error_values_is_refused(tmp_path: Path, shared_data: Path) -> None:
    path = tmp_path / "a.ods"
    with (
        zipfile.ZipFile(shared_data / "tables" / "sheetjs_merge_cells.ods") as old,
        zipfile.ZipFile(path, "w") as new,
    ):
        for name in old.namelist():
            mark = b'<table:table-cell calcext:value-type="error" '
            content = old.read(name)
            new.writestr(name, content.replace(b"<table:table-cell ", mark) if name == "content.xml" else content)
    landing = landing_of(tmp_path, path)
    assert landing.sheets == ()
    assert codes_of(landing) == {"D126"}


def test_a_landing_goes_to_json_and_back(tmp_path: Path) -> None:
    sheets = {"表": [HEAD, ["甲1号", "张三", 1]], "保证金": [["文号", "姓名", "金额"], ["甲1号", "张三", 1]]}
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", sheets))
    assert Landing.from_dict(landing.folder, json.loads(json.dumps(landing.to_dict()))) == landing


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5000.0, "5000"), (0.1, "0.1"), (0.1 + 0.2, "0.3"), (-12.5, "-12.5"),
        (4.2011219900307123e17, "4.201121990030712e+17"),
        (999999999999999.0, "999999999999999"), (1234567890123456.0, "1.234567890123456e+15"), (True, "TRUE"),
        ("", None), ("  \u3000\xa0", None), (" a ", " a "), (0.0, "0"), (-0.0, "0"),
    ],
)  # fmt: skip
def test_a_cell_becomes_the_text_a_person_sees(value: object, text: str | None) -> None:
    assert cell_text(value) == text
    assert text_column([value]).to_pylist() == [text]


CELLS = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(10**18), 10**18).map(float),
    st.booleans(),
    st.dates(),
    st.datetimes(),
)


@given(
    st.one_of(st.lists(CELLS, min_size=1), st.lists(st.floats(-1e16, 1e16) | st.just(""), min_size=1)),
    st.sampled_from([1, 400]),
)
def test_a_column_is_its_cells_be_it_short_or_long(values: list[object], times: int) -> None:
    assert text_column(values * times).to_pylist() == [cell_text(value) for value in values] * times


def test_the_list_of_universities_reconciles_with_its_own_counts(tmp_path: Path, shared_data: Path) -> None:
    landing = landing_of(tmp_path, shared_data / "tables" / "university.xls")
    sheet = landing.sheets[0]
    assert (sheet.table, sheet.header_rows) == ("school", (3,))
    assert sheet.counts == {
        "rows": 2665, "data": 2631, "title": 33, "header": 1, "total": 0, "blank": 0, "rejected": 0,
    }  # fmt: skip
    groups = [line["c0"] for line in pq.read_table(landing.folder / sheet.rest).to_pylist()][3:]
    stated = [int(text.split("（")[1].split("所")[0]) for text in groups]
    assert (len(stated), sum(stated)) == (31, 2631)


def test_the_real_files_are_read_or_refused_with_a_reason(tmp_path: Path, shared_data: Path) -> None:
    landing = landing_of(tmp_path, shared_data / "tables")
    said = {Path(p.file).name: p.code for p in landing.problems if p.code in ("D102", "D104")}
    assert said == {
        "calamine_password.xlsx": "D102",
        "sheetjs_password_2002_40_xor.xls": "D102",
        "university.json": "D104",
    }
    read = {Path(landing.files[sheet.file - 1].name).name for sheet in landing.sheets}
    assert {"sheetjs_artifacts_wps_write.et", "sheetjs_biff5_merge_cells.xls", "calamine_any_sheets.ods"} <= read
    hidden = {(p.file, p.sheet) for p in landing.problems if p.code == "D113"}
    assert len(hidden) == 6
