"""Heads are found where agencies put them, and nothing is guessed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.core.ingest.landed_rows import codes_of, landing_of, rows_of, write_text, write_workbook

HEAD = ["决定书文号", "姓名", "交纳日期", "交纳金额", "收款账号"]
ROW = ["武公〔2024〕1号", "张三", dt.date(2024, 1, 2), 5000, "6222020000000000001"]
OTHER = ["武公〔2024〕2号", "李四", dt.date(2024, 1, 3), 6000.5, "6222020000000000002"]


def only_sheet(landing):
    assert len(landing.sheets) == 1, landing.sheets
    return landing.sheets[0]


def test_a_plain_sheet_keeps_every_cell_as_its_text_with_its_row(tmp_path: Path) -> None:
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"表": [HEAD, ROW, OTHER]}))
    sheet = only_sheet(landing)
    assert sheet.table == "deposit_payment"
    assert sheet.header_rows == (1,)
    assert rows_of(landing, sheet) == [
        {"row": 2, "bail_no": "武公〔2024〕1号", "person_name": "张三", "paid_on": "2024-01-02", "amount": "5000",
         "account_no": "6222020000000000001"},
        {"row": 3, "bail_no": "武公〔2024〕2号", "person_name": "李四", "paid_on": "2024-01-03", "amount": "6000.5",
         "account_no": "6222020000000000002"},
    ]  # fmt: skip
    assert landing.problems == ()


def test_title_lines_totals_footers_and_blank_rows_are_counted_and_are_not_data(tmp_path: Path) -> None:
    rows = [
        ["江北区保证金交纳台账"], ["单位：万元"], HEAD, ROW, [], ["小计", None, None, 5000], OTHER,
        HEAD, ROW, ["合  计", None, None, 11000], ["填表人：王五", None, "审核：赵六"], ["备注：本表不含手机"],
    ]  # fmt: skip
    sheet = only_sheet(landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"表": rows})))
    assert sheet.counts == {
        "rows": 12, "data": 3, "title": 4, "header": 2, "total": 2, "blank": 1, "rejected": 0,
    }  # fmt: skip
    assert sheet.header_rows == (3,)


def test_rows_that_are_not_data_are_kept_beside_them(tmp_path: Path) -> None:
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"表": [["题目"], HEAD, ROW, ["合计"]]}))
    rest = pq.read_table(landing.folder / only_sheet(landing).rest).to_pylist()
    assert [(line["row"], line["kind"], line["c0"]) for line in rest] == [
        (1, "title", "题目"), (2, "header", "决定书文号"), (4, "total", "合计"),
    ]  # fmt: skip


def test_a_head_of_two_merged_rows_is_joined(tmp_path: Path) -> None:
    rows = [
        ["台账"],
        [],
        [None, None, "交纳信息", None],
        [None, None, "日期（年月日）", "金额"],
        ["甲1号", "张三", "2024.1.2", 1],
    ]
    merges = [(0, 0, 0, 3, "台账"), (2, 0, 3, 0, "文号"), (2, 1, 3, 1, "姓 名"), (2, 2, 2, 3, "交纳")]
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"表": rows}, merges))
    sheet = only_sheet(landing)
    assert sheet.header_rows == (3, 4)
    assert {name: heading.text for name, heading in sheet.headings.items()} == {
        "bail_no": "文号", "person_name": "姓 名", "paid_on": "交纳/日期（年月日）", "amount": "交纳/金额",
    }  # fmt: skip
    assert rows_of(landing, sheet)[0]["row"] == 5


def test_two_head_rows_without_merge_information_are_joined_too(tmp_path: Path) -> None:
    text = "文号,姓名,交纳,\n,,日期,金额\n甲1号,张三,2024-01-02,5000\n"
    sheet = only_sheet(landing_of(tmp_path, write_text(tmp_path / "a.csv", text)))
    assert sheet.header_rows == (1, 2)
    assert sheet.headings["paid_on"].text == "交纳/日期"
    assert sheet.counts["data"] == 1


@pytest.mark.parametrize(
    ("heading", "title", "unit"),
    [
        ("交纳金额（万元）", "", 10_000), ("交纳金额(元)", "单位：万元", 1), ("交纳金额", "（单位：万元）", 10_000),
        ("交纳金额", "金额单位:元", 1), ("交纳金额万元", "", 10_000), ("交纳金额（千元）", "", 1_000),
    ],
)  # fmt: skip
def test_the_unit_of_an_amount_comes_from_its_heading_then_from_the_title(
    tmp_path: Path, heading: str, title: str, unit: int
) -> None:
    text = f"{title},,\n决定书文号,姓名,{heading}\n甲1号,张三,0.5\n"
    sheet = only_sheet(landing_of(tmp_path, write_text(tmp_path / "a.csv", text)))
    assert sheet.headings["amount"].unit == unit
    assert sheet.headings["bail_no"].unit == 1


@pytest.mark.parametrize(
    "heading",
    ["交纳\n金额", "交 纳 金 额", "交纳金额（必填）", "交纳金额*", "4.交纳金额", "交纳金额：", "交纳金额（元/人）"],
)
def test_a_heading_is_known_whatever_its_spacing_notes_and_marks(tmp_path: Path, heading: str) -> None:
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"表": [["文号", heading], ["甲1号", 5]]}))
    assert set(only_sheet(landing).headings) == {"bail_no", "amount"}


def test_headings_that_fit_two_tables_are_decided_by_the_sheet_name(tmp_path: Path) -> None:
    rows = [["文号", "姓名", "金额"], ["甲1号", "张三", 1]]
    named = {"保证金退还2024": rows, "保证金缴纳": rows, "某表": rows}
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", named))
    assert [sheet.table for sheet in landing.sheets] == ["deposit_refund", "deposit_payment", None]
    assert codes_of(landing) == {"D121"}
    assert landing.sheets[2].counts["rejected"] == 2


def test_headings_that_fit_two_tables_are_decided_by_a_title_merged_over_the_head(tmp_path: Path) -> None:
    rows = [[], ["文号", "姓名", "金额"], ["甲1号", "张三", 1]]
    merged = [(0, 0, 0, 2, "江北区退还台账")]
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"表": rows}, merged))
    assert only_sheet(landing).table == "deposit_refund"
    assert only_sheet(landing).header_rows == (2,)


def test_a_sheet_whose_name_contradicts_its_headings_is_left_to_a_person(tmp_path: Path) -> None:
    rows = [["文号", "姓名", "金额", "收款账号"], ["甲1号", "张三", 1, "6222"]]
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"保证金退还": rows}))
    assert only_sheet(landing).table is None
    assert codes_of(landing) == {"D121"}


def test_a_heading_that_only_resembles_a_known_one_is_not_taken(tmp_path: Path) -> None:
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"表": [["决定文书号", "交纳金額"], ["甲", 1]]}))
    assert only_sheet(landing).table is None
    assert codes_of(landing) == {"D120"}


def test_of_two_columns_with_one_meaning_the_first_is_kept_and_the_second_is_said(tmp_path: Path) -> None:
    rows = [["文号", "金额", "交纳金额"], ["甲1号", 1, 2]]
    landing = landing_of(tmp_path, write_workbook(tmp_path / "交纳台账.xlsx", {"表": rows}))
    assert only_sheet(landing).headings["amount"].letter == "B"
    assert [(p.code, p.cell) for p in landing.problems] == [("D122", "C1")]


def test_columns_that_their_brackets_tell_apart_are_two_and_no_problem(tmp_path: Path) -> None:
    rows = [["案号", "刑期（年）", "刑期（月）", "罚金（元）"], ["甲1号", 3, 6, 2000]]
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"表": rows}))
    assert {name: heading.letter for name, heading in only_sheet(landing).headings.items()} == {
        "case_no": "A", "years": "B", "months": "C", "fine": "D",
    }  # fmt: skip
    assert landing.problems == ()


def test_a_heading_without_a_telling_bracket_goes_before_one_with_it_wherever_it_stands(tmp_path: Path) -> None:
    rows = [["案号", "罚金（大写）", "罚金（元）"], ["甲1号", "贰仟元", 2000]]
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"判决": rows}))
    assert only_sheet(landing).headings["fine"].letter == "C"
    (problem,) = landing.problems
    assert (problem.code, problem.cell) == ("D122", "B1")
    assert "采用 C 列" in problem.message


def test_two_tables_under_one_another_become_two_sheets(tmp_path: Path) -> None:
    rows = [
        HEAD, ROW, OTHER, [], ["二、退还情况"], ["文号", "姓名", "退还决定日期", "退款日期", "退还金额"],
        ["武公〔2024〕1号", "张三", dt.date(2024, 5, 1), None, 5000], ["合计", None, None, None, 5000],
    ]  # fmt: skip
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"表": rows}))
    assert [sheet.table for sheet in landing.sheets] == ["deposit_payment", "deposit_refund"]
    payment, refund = landing.sheets
    assert (payment.counts["rows"], payment.counts["data"]) == (4, 2)
    assert (refund.counts["rows"], refund.counts["data"], refund.counts["title"]) == (4, 1, 1)
    assert refund.header_rows == (6,)
    assert rows_of(landing, refund)[0]["row"] == 7
    assert payment.number != refund.number and payment.parquet != refund.parquet


def test_cells_merged_down_a_group_hold_for_every_row_but_an_amount_is_counted_once(tmp_path: Path) -> None:
    rows = [HEAD, ROW, [None, "李四", dt.date(2024, 1, 3), None, "1"], OTHER]
    merges = [(1, 0, 2, 0, "武公〔2024〕1号"), (1, 3, 2, 3, "5000")]
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"表": rows}, merges))
    data = rows_of(landing, only_sheet(landing))
    assert [line["bail_no"] for line in data] == ["武公〔2024〕1号", "武公〔2024〕1号", "武公〔2024〕2号"]
    assert [line["amount"] for line in data] == ["5000", None, "6000.5"]
    assert codes_of(landing) == {"D124", "D127"}


def test_a_sheet_that_begins_away_from_the_corner_has_its_true_rows_and_letters(tmp_path: Path) -> None:
    rows = [[], [], [None, None, *HEAD], [None, None, *ROW]]
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"表": rows}))
    sheet = only_sheet(landing)
    assert sheet.headings["bail_no"].letter == "C"
    assert rows_of(landing, sheet)[0]["row"] == 4
    assert sheet.counts["blank"] == 2


def test_a_column_with_content_and_no_heading_is_kept_and_said(tmp_path: Path) -> None:
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"表": [HEAD, [*ROW, "另有说明"]]}))
    assert [heading.letter for heading in only_sheet(landing).unmapped] == ["F"]
    assert codes_of(landing) == {"D123"}


def test_a_person_whose_remark_holds_the_word_total_stays_data(tmp_path: Path) -> None:
    rows = [[*HEAD, "备注"], [*ROW, "合计"], [*OTHER, "备注：小计见附表"]]
    sheet = only_sheet(landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"表": rows})))
    assert sheet.counts["data"] == 2


@pytest.mark.parametrize(
    ("rows", "cell", "seen", "words"),
    [
        ([["2024年台账"]], "第1行", "2024年台账", "只有标题"),
        ([[], ["2024年台账"], ["填表人：王五"]], "第2行", "2024年台账", "只有标题"),
        ([["编号", "当事人"], ["甲1号", "张三"]], "第1行", "编号、当事人", "没有认出表头"),
        ([["台账"], ["金额", "缴款方"], [5000, "张三"]], "第2行", "金额、缴款方", "缺少必需的列：决定书文号"),
    ],
)
def test_where_no_table_is_recognised_it_is_said_what_stands_there_instead(
    tmp_path: Path, rows: list[list[object]], cell: str, seen: str, words: str
) -> None:
    (problem,) = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"表": rows})).problems
    assert (problem.code, problem.sheet, problem.cell, problem.seen) == ("D120", "表", cell, seen)
    assert words in problem.message and problem.hint


def test_an_identity_number_in_a_line_that_is_shown_is_masked(tmp_path: Path) -> None:
    rows = [["张三", "999999199001011235"], ["李四", "999999199001011235"]]
    (problem,) = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", {"表": rows})).problems
    assert problem.seen == "张三、9999**********1235"


def test_a_table_without_a_single_row_is_said_and_an_empty_month_is_not(tmp_path: Path) -> None:
    empty = write_workbook(tmp_path / "空.xlsx", {"一月": [HEAD], "二月": [HEAD]})
    (problem,) = landing_of(tmp_path / "one", empty).problems
    assert (problem.code, problem.file, problem.sheet) == ("D135", "空.xlsx", "一月")
    filled = write_workbook(tmp_path / "有.xlsx", {"一月": [HEAD], "二月": [HEAD, ROW]})
    assert landing_of(tmp_path / "two", filled).problems == ()
