"""clues.xlsx read back as a person's program reads it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.datetime import from_excel

from jianheng.core.screening.workbook import SheetLimits, WorkbookReport, write_workbook
from jianheng.core.screening.workbook_text import cell_text, excel_day
from tests.core.screening.workbook_records import ACCOUNT, IDENTITY, PROBLEM, head, record, summary, unlinked

FORBIDDEN = set("[]:*?/\\'")


def write(path: Path, clues: Any = (), **given: Any) -> WorkbookReport:
    parts = {name: given.pop(name, ()) for name in ("lists", "hints", "unlinked", "problems")}
    return write_workbook(path, given.pop("head", None) or head(), clues, *parts.values(), **given)


def table(sheet: Any) -> list[dict[str, Any]]:
    """The rows below the headings, by heading."""
    rows = list(sheet.iter_rows())
    top = next(number for number, row in enumerate(rows) if row[0].value in ("序号", "线索"))
    headings = [cell.value for cell in rows[top]]
    return [dict(zip(headings, row, strict=True)) for row in rows[top + 1 :]]


def texts(sheet: Any) -> str:
    return "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None)


def everything(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


def test_sheets_stand_in_the_order_a_prosecutor_needs_them(tmp_path: Path) -> None:
    report = write(
        tmp_path / "clues.xlsx",
        [record(1), record(2, rule="over_paid", rule_title="交纳数额与决定数额不符"), record(3, own_office=True)],
        lists=[record(4, kind="list", rule="listed", rule_title="已决定未领取")],
        hints=[record(5, kind="hint", rule="hinted", rule_title="超过十二个月")],
        unlinked=[unlinked()],
        problems=[PROBLEM],
    )
    expected = [
        "总览",
        "保证金应退未退",
        "交纳数额与决定数额不符",
        "检察机关自查",
        "已决定未领取",
        "提示：超过十二个月",
    ]
    expected += ["来源摘录", "未能关联", "未能读取"]
    assert openpyxl.load_workbook(tmp_path / "clues.xlsx").sheetnames == expected
    assert [line.name for line in report.sheets] == expected
    assert (report.clues, report.lists, report.hints, report.own_office) == (3, 1, 1, 1)
    assert (report.unlinked, report.problems) == (1, 1)


def test_a_clue_is_a_row_with_a_real_date_a_real_amount_and_its_measured_condition(tmp_path: Path) -> None:
    clue = record(7)
    write(tmp_path / "clues.xlsx", [clue])
    row = table(openpyxl.load_workbook(tmp_path / "clues.xlsx")["保证金应退未退"])[0]
    values = {name: cell.value for name, cell in row.items()}
    assert values["线索"] == clue["say"]
    assert values["监督对象"] == "示例市公安局江北分局"
    assert values["决定书文号"] == "示公（刑）取保字〔2024〕7号"
    assert values["姓名"] == "张三"
    assert values["发生日期"] == datetime(2024, 6, 1)
    assert row["发生日期"].number_format == "yyyy-mm-dd"
    assert values["金额（元）"] == 5000
    assert row["金额（元）"].number_format == "#,##0.00"
    assert values["距结束已…日"] == 394
    assert values["要件"] == "以保证金方式取保"
    assert values["关联方式"] == "保证金交纳第8行：按身份证号和时间"
    assert values["还需排除"] == "取保期间新罪暂扣（未提供取保期间新罪）"
    assert values["依据"] == "刑事诉讼法 第七十三条\n公通字〔2022〕25号 第二十五条"
    assert (values["线索编号"], values["事实指纹"]) == (clue["clue_id"], clue["facts_hash"])


def test_the_head_of_a_rule_gives_articles_innocent_explanations_and_steps(tmp_path: Path) -> None:
    write(tmp_path / "clues.xlsx", [record()])
    sheet = openpyxl.load_workbook(tmp_path / "clues.xlsx")["保证金应退未退"]
    top = {sheet.cell(number, 1).value: sheet.cell(number, 2).value for number in range(1, 5)}
    assert top["返回总览"] == "保证金应退未退"
    assert top["依据"] == "刑事诉讼法 第七十三条；公通字〔2022〕25号 第二十五条"
    assert top["需排除"].startswith("1. 退还决定")
    assert top["核实步骤"].startswith("1. 调取不起诉决定书")


def test_an_amount_of_which_a_part_is_unknown_is_shown_as_at_least(tmp_path: Path) -> None:
    write(tmp_path / "clues.xlsx", [record(1, amount_at_least=True), record(2, amount=None)])
    first, second = table(openpyxl.load_workbook(tmp_path / "clues.xlsx")["保证金应退未退"])
    assert "至少" in first["金额（元）"].number_format
    assert second["金额（元）"].value is None


def test_no_identity_or_account_number_stands_in_clear_anywhere(tmp_path: Path) -> None:
    spoken = record(1, say=f"张三（{IDENTITY}）向{ACCOUNT}交款", values={"bail.person_name": "张三"})
    numbered = record(2, subject={"person_id": IDENTITY}, notes=[f"电话13812345678，账号{ACCOUNT}"])
    seen = PROBLEM | {"seen": IDENTITY, "message": f"看不懂{IDENTITY}"}
    write(tmp_path / "clues.xlsx", [spoken, numbered], unlinked=[unlinked()], problems=[seen])
    content = everything(tmp_path / "clues.xlsx")
    assert IDENTITY not in content
    assert ACCOUNT not in content
    assert "13812345678" not in content
    assert "9999**********1235" in content
    assert "张三" in content


def test_a_short_account_number_is_masked_by_its_heading(tmp_path: Path) -> None:
    clue = record()
    clue["evidence"][0]["cells"]["account_no"] |= {"raw": "1200 3456", "value": "12003456"}
    write(tmp_path / "clues.xlsx", [clue])
    content = everything(tmp_path / "clues.xlsx")
    assert "1200 3456" not in content
    assert "12003456" not in content


def test_a_case_number_of_digits_alone_stays_under_its_heading_an_identity_number_there_does_not(
    tmp_path: Path,
) -> None:
    clue = record(1, subject={"case_no": "42011520240000123"})
    case = {"title": "审查起诉案号", "raw": "42011520240000123", "value": "42011520240000123", "address": "A4"}
    clue["evidence"][0]["cells"] |= {
        "case_no": case,
        "mistaken": case | {"title": "案件编号", "raw": IDENTITY, "value": IDENTITY},
        "account": case | {"title": "收款账号", "raw": "42011520240000124", "value": "42011520240000124"},
    }
    write(tmp_path / "clues.xlsx", [clue])
    book = openpyxl.load_workbook(tmp_path / "clues.xlsx")
    (row,) = table(book["保证金应退未退"])
    assert row["审查起诉案号"].value == "42011520240000123"
    assert "审查起诉案号：42011520240000123\nA4" in texts(book["来源摘录"])
    content = everything(tmp_path / "clues.xlsx")
    assert IDENTITY not in content
    assert "42011520240000124" not in content


def test_the_cells_that_a_judgement_rests_on_are_lit_and_no_others(tmp_path: Path) -> None:
    write(tmp_path / "clues.xlsx", [record(1)])
    sheet = openpyxl.load_workbook(tmp_path / "clues.xlsx")["来源摘录"]
    cells = {cell.value: cell.fill.fill_type for row in sheet.iter_rows() for cell in row if cell.value}
    assert cells["结束日期：45444（读作2024-06-01）\nF4"] == "solid"
    assert cells["保证金数额：5,000元\nE4"] == "solid"
    assert cells["姓名：张三\nB4"] is None
    assert cells["退款日期：（空白）\nG4"] is None


def test_a_cell_that_could_not_be_read_says_so(tmp_path: Path) -> None:
    clue = record()
    clue["evidence"][0]["cells"]["ended_on"] |= {"raw": "2023.13.45", "value": None}
    write(tmp_path / "clues.xlsx", [clue])
    assert "结束日期：2023.13.45（未能读取）" in texts(openpyxl.load_workbook(tmp_path / "clues.xlsx")["来源摘录"])


def test_a_csv_row_is_a_record_without_a_sheet_and_a_row_sent_twice_names_both_places(tmp_path: Path) -> None:
    clue = record()
    clue["evidence"][0] |= {"file": "a.csv", "sheet": "", "row": 12}
    clue["evidence"][1]["also"] = [{"file": "b.xlsx", "sheet": "S", "row": 9}]
    write(tmp_path / "clues.xlsx", [clue])
    content = texts(openpyxl.load_workbook(tmp_path / "clues.xlsx")["来源摘录"])
    assert "a.csv › 第12条记录" in content
    assert "同一内容另见：b.xlsx › S › 第9行" in content


def linked_rows(book: Any) -> Iterator[tuple[Any, str, int]]:
    """Every link of a workbook: the cell, and the sheet and row it leads to."""
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.hyperlink:
                    assert cell.hyperlink.target is None, "a link leaves the workbook"
                    found = re.fullmatch(r"'(.+)'!A(\d+)", cell.hyperlink.location)
                    assert found
                    yield cell, found[1], int(found[2])


@pytest.mark.parametrize(
    "limits", [SheetLimits(), SheetLimits(rows=12), SheetLimits(links=3)], ids=["one", "rows", "links"]
)
def test_links_lead_from_a_clue_to_its_source_and_back_however_sheets_are_split(
    tmp_path: Path, limits: SheetLimits
) -> None:
    write(tmp_path / "clues.xlsx", [record(number) for number in range(1, 8)], limits=limits)
    book = openpyxl.load_workbook(tmp_path / "clues.xlsx")
    forth, back = {}, {}
    for cell, sheet, row in linked_rows(book):
        assert sheet in book.sheetnames
        if cell.value == "摘录":
            number = cell.parent.cell(cell.row, 1).value
            assert book[sheet].cell(row, 1).value == f"第{number}条"
            forth[number] = (sheet, row)
        elif str(cell.value).startswith("第"):
            back[book[sheet].cell(row, 1).value] = (cell.parent.title, cell.row)
    assert forth == back
    assert sorted(forth) == list(range(1, 8))


def test_sheets_are_split_before_their_limits_and_every_part_has_head_and_headings(tmp_path: Path) -> None:
    limits = SheetLimits(rows=12, links=5)
    report = write(
        tmp_path / "clues.xlsx",
        [record(number) for number in range(1, 15)],
        unlinked=[unlinked(n) for n in range(30)],
        limits=limits,
    )
    book = openpyxl.load_workbook(tmp_path / "clues.xlsx")
    parts = [name for name in book.sheetnames if name.startswith("保证金应退未退")]
    assert parts == ["保证金应退未退", "保证金应退未退（2）", "保证金应退未退（3）", "保证金应退未退（4）"]
    numbers = [row["序号"].value for name in parts for row in table(book[name])]
    assert numbers == list(range(1, 15))
    assert sum(line.rows for line in report.sheets if line.name.startswith("未能关联")) == 30
    for sheet in book.worksheets[1:]:
        assert sheet.max_row <= limits.rows
        assert sum(bool(cell.hyperlink) for row in sheet.iter_rows() for cell in row) <= limits.links


def test_every_sheet_prints_on_landscape_a4_with_its_own_headings_and_page_numbers(tmp_path: Path) -> None:
    write(tmp_path / "clues.xlsx", [record(), record(2, own_office=True)], unlinked=[unlinked()], problems=[PROBLEM])
    for sheet in openpyxl.load_workbook(tmp_path / "clues.xlsx").worksheets:
        setup = sheet.page_setup
        assert (setup.orientation, setup.paperSize) == ("landscape", 9)
        assert (setup.fitToWidth or 1, setup.fitToHeight) == (1, 0), "one page wide, as many pages long as it takes"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页"
        assert sheet.freeze_panes
        if sheet.title != "总览":
            top = int(sheet.print_title_rows.split("$")[-1])
            assert sheet.cell(top, 1).value in ("序号", "线索")
            assert sheet.freeze_panes == f"B{top + 1}"
            assert sheet.print_area.startswith(f"'{sheet.title}'!$A$1:")


ON_PAPER = ["监督对象", "发生日期", "金额（元）", "还需排除", "核查结论", "核查说明", "来源"]
"""What ends every row on paper."""


def columns_on_paper(sheet: Any) -> tuple[list[str], float]:
    """The headings inside the print area in their order, and how many characters wide they are together."""
    last = range_boundaries(sheet.print_area.split("!")[1].replace("$", ""))[2]
    top = int(sheet.print_title_rows.split("$")[-1])
    cells = [sheet.cell(top, column) for column in range(1, last + 1)]
    return [cell.value for cell in cells], sum(sheet.column_dimensions[cell.column_letter].width for cell in cells)


def test_paper_takes_the_sentence_and_room_for_the_answer_and_what_is_looked_up_stands_behind(tmp_path: Path) -> None:
    write(tmp_path / "clues.xlsx", [record(), record(2, own_office=True)], head=head([summary(flags={"minor": 1})]))
    book = openpyxl.load_workbook(tmp_path / "clues.xlsx")
    own_rule, own_office = columns_on_paper(book["保证金应退未退"]), columns_on_paper(book["检察机关自查"])
    assert own_rule[0] == ["序号", "特别保护", "线索", "姓名", "决定书文号", *ON_PAPER]
    assert own_office[0] == ["序号", "规则", "性质", "特别保护", "线索", "对象", *ON_PAPER]
    behind = list(table(book["保证金应退未退"])[0])[len(own_rule[0]) :]
    assert behind[-4:] == ["线索编号", "事实指纹", "规则代号", "对象代号"]
    assert {"距结束已…日", "关联方式", "备注", "依据", "要件"} <= set(behind)


def test_a_column_without_anything_to_say_is_left_out_and_the_sentence_takes_its_room(tmp_path: Path) -> None:
    widths = {}
    for name, told in (("all", {}), ("bare", {"amount": None, "left_open": False})):
        clue = record(amount=None, not_ruled_out=[]) if told else record()
        write(tmp_path / f"{name}.xlsx", [clue], head=head([summary(**told)]))
        sheet = openpyxl.load_workbook(tmp_path / f"{name}.xlsx")["保证金应退未退"]
        titles, together = columns_on_paper(sheet)
        widths[name] = (together, sheet.column_dimensions["B"].width, {"金额（元）", "还需排除"} & set(titles))
    (all_wide, all_said, all_have), (bare_wide, bare_said, bare_have) = widths["all"], widths["bare"]
    assert (all_have, bare_have) == ({"金额（元）", "还需排除"}, set())
    assert all_wide == pytest.approx(bare_wide, abs=2) and bare_said > all_said + 20


def test_of_several_models_a_sheet_names_its_own(tmp_path: Path) -> None:
    summaries = [summary(), summary("empty", "长期闲置", model="rent", model_title="公租房监督")]
    clues = [record(), record(2, model="rent", rule="empty", rule_title="长期闲置")]
    write(tmp_path / "clues.xlsx", clues, head=head(summaries))
    book = openpyxl.load_workbook(tmp_path / "clues.xlsx")
    told = {
        name: [row[1].value for row in book[name].iter_rows(max_row=4) if row[0].value == "模型"]
        for name in ("保证金应退未退", "长期闲置")
    }
    assert told == {"保证金应退未退": ["取保候审保证金监督"], "长期闲置": ["公租房监督"]}


def test_what_goes_on_paper_is_printed_at_three_quarters_of_its_size_or_more(tmp_path: Path) -> None:
    write(tmp_path / "clues.xlsx", [record(), record(2, own_office=True)], head=head([summary(flags={"minor": 1})]))
    book = openpyxl.load_workbook(tmp_path / "clues.xlsx")
    for name in ("保证金应退未退", "检察机关自查"):
        sheet = book[name]
        inches = 297 / 25.4 - sheet.page_margins.left - sheet.page_margins.right
        _, characters = columns_on_paper(sheet)
        letter_at_ten_points = 7 / 96  # inches
        assert inches / (characters * letter_at_ten_points) >= 0.75


def test_widths_are_counted_in_the_font_of_the_cells(tmp_path: Path) -> None:
    write(tmp_path / "clues.xlsx", [record()])
    book = openpyxl.load_workbook(tmp_path / "clues.xlsx")
    row = table(book["保证金应退未退"])[0]
    normal = book._named_styles["Normal"].font
    assert (normal.name, normal.size) == (row["线索"].font.name, row["线索"].font.size) == ("宋体", 10)
    assert row["线索"].font.scheme is None, "the theme of the reader's program would choose another font"


def test_a_few_models_are_named_in_the_title_and_many_are_counted(tmp_path: Path) -> None:
    for models, title in ((["甲监督", "乙监督", "丙监督"], "甲监督、乙监督、丙监督"), (list("甲乙丙丁"), "4个模型")):
        write(tmp_path / "clues.xlsx", head=replace(head(), models=models))
        sheet = openpyxl.load_workbook(tmp_path / "clues.xlsx")["总览"]
        assert sheet["A1"].value == f"检衡筛查结果：{title}"


NOT_RUN: dict[str, Any] = {"hits": 0, "clean": 0, "cannot_tell": 0, "subjects": 0, "reasons": (), "amount": None}


def test_of_several_models_each_has_a_line_that_leads_to_its_rules(tmp_path: Path) -> None:
    rent = {"model": "rent", "model_title": "公租房监督"}
    idle = {"model": "idle", "model_title": "养老金监督"} | NOT_RUN
    summaries = [
        summary(),
        summary("differs", "数额不符", kind="conflict", hits=2, cannot_tell=1),
        summary("listed", "已决定未领取", kind="list", hits=4, cannot_tell=9),
        summary("stopped", "保证金未如数退还", **NOT_RUN, not_run="未提供保证金退还"),
        summary("paid", "服刑期间仍发放", **idle, not_run="未提供羁押和服刑"),
        summary("paid_too", "在押期间仍发放", **idle, not_run="未提供羁押和服刑"),
        summary("empty", "长期闲置", **rent, hits=5),
        summary("doubtful", "疑似转租", **rent, kind="hint", hits=8),
    ]
    given = replace(head(summaries), models=["取保候审保证金监督", "养老金监督", "公租房监督", "骑手监督"])
    write(tmp_path / "clues.xlsx", head=given)
    sheet = openpyxl.load_workbook(tmp_path / "clues.xlsx")["总览"]
    rows = list(sheet.iter_rows())
    top = next(number for number, row in enumerate(rows) if row[0].value == "模型")
    index = {row[0].value: row for row in rows[top + 1 : top + 5]}
    shown = {title: [cell.value for cell in row[1:6]] for title, row in index.items()}
    assert shown == {
        "取保候审保证金监督": [3, 2, 4, 8, "1条规则未运行，见待补数据"],
        "养老金监督": ["未运行", "未运行", "未运行", "未运行", "2条规则未运行，见待补数据"],
        "公租房监督": [5, 0, 0, 7, "另有提示8项"],
        "骑手监督": ["未运行", "未运行", "未运行", "未运行", "只有提示类规则，这次没有要求运行（--hints）"],
    }
    first_rules = {"取保候审保证金监督": "保证金应退未退", "公租房监督": "长期闲置"}
    for title, row in index.items():
        link = row[0].hyperlink
        assert bool(link) == (title in first_rules), "a model of which no rule ran has no rules to lead to"
        if link:
            target = int(link.location.rpartition("A")[2])
            assert [sheet.cell(target + line, 1).value for line in range(3)] == [title, "规则", first_rules[title]]
    written = [row[0].value for row in rows]
    assert written.count("服刑期间仍发放") == 0
    waiting = {row[0].value: row[1].value for row in rows[written.index("待补数据") :]}
    assert waiting["未提供羁押和服刑"] == "服刑期间仍发放、在押期间仍发放"


def test_people_choose_from_four_words(tmp_path: Path) -> None:
    write(tmp_path / "clues.xlsx", [record(1), record(2)])
    sheet = openpyxl.load_workbook(tmp_path / "clues.xlsx")["保证金应退未退"]
    (choice,) = sheet.data_validations.dataValidation
    assert choice.formula1 == '"属实,不属实,证据不足待补,暂缓"'
    rows = table(sheet)
    assert str(choice.sqref) == f"{rows[0]['核查结论'].coordinate}:{rows[-1]['核查结论'].coordinate}"


def test_what_was_decided_before_stands_in_its_place(tmp_path: Path) -> None:
    write(tmp_path / "clues.xlsx", [record(decision={"outcome": "不属实", "note": "已退款"})])
    row = table(openpyxl.load_workbook(tmp_path / "clues.xlsx")["保证金应退未退"])[0]
    assert (row["核查结论"].value, row["核查说明"].value) == ("不属实", "已退款")


@pytest.mark.parametrize(("office", "title"), [("江北区人民检察院", "本院自查"), ("", "检察机关自查")])
def test_clues_against_our_own_office_stand_apart(tmp_path: Path, office: str, title: str) -> None:
    clues = [record(1), record(2, own_office=True, against="江北区人民检察院")]
    write(tmp_path / "clues.xlsx", clues, head=head([summary(hits=2)], office))
    book = openpyxl.load_workbook(tmp_path / "clues.xlsx")
    assert [row["决定书文号"].value for row in table(book["保证金应退未退"])] == ["示公（刑）取保字〔2024〕1号"]
    (own,) = table(book[title])
    assert own["规则"].value == "保证金应退未退"
    assert own["对象"].value == "示公（刑）取保字〔2024〕2号"
    assert own["核实步骤"].value.startswith("1. 调取")
    assert (office or "尚未设置本院名称") in book[title]["B2"].value
    assert f"其中1条列于{title}" in texts(book["总览"])


def test_the_overview_gives_verdicts_reasons_amounts_files_and_what_was_not_run(tmp_path: Path) -> None:
    summaries = [
        summary(hits=1),
        summary("full", "保证金未如数退还", **NOT_RUN, not_run="未提供保证金退还"),
        summary("listed", "已决定未领取", kind="list", hits=4),
    ]
    write(tmp_path / "clues.xlsx", [record()], head=head(summaries), problems=[PROBLEM, PROBLEM])
    sheet = openpyxl.load_workbook(tmp_path / "clues.xlsx")["总览"]
    rows: dict[Any, list[Any]] = {}
    for row in sheet.iter_rows():
        rows.setdefault(row[0].value, [cell.value for cell in row])
    assert rows["筛查日期"][1] == datetime(2025, 6, 30)
    assert rows["保证金应退未退"][1:5] == ["线索", 1, 120, 7]
    assert rows["保证金应退未退"][5] == "保证金退还的数据未完整覆盖应查期间：5\n缺少用于比对的文书号、身份证号等：2"
    assert rows["保证金应退未退"][6] == 15000
    assert rows["保证金未如数退还"][2:5] == ["未运行"] * 3
    assert rows["未提供保证金退还"][1] == "保证金未如数退还"
    assert rows["已决定未领取"][1:3] == ["工作清单", 4]
    assert rows["data/取保候审台账（江北）.xlsx"][:5] == ["data/取保候审台账（江北）.xlsx", 3, 1300, 2, "01234567"]
    assert "线索1项，数据矛盾0项，工作清单4项" in rows["结果"][1]
    assert "保证金退还的数据覆盖：2022-01-01至2025-06-30" in rows


def test_without_hits_the_overview_says_what_that_means_and_no_other_sheet_is_made(tmp_path: Path) -> None:
    write(tmp_path / "clues.xlsx", head=head([summary(hits=0, amount=None)]))
    book = openpyxl.load_workbook(tmp_path / "clues.xlsx")
    assert book.sheetnames == ["总览"]
    assert "没有发现线索" in texts(book["总览"])
    assert "不等于执法办案合法" in texts(book["总览"])


def test_if_nothing_could_run_that_is_not_called_clean(tmp_path: Path) -> None:
    idle = summary(**NOT_RUN, not_run="未提供取保候审决定")
    write(tmp_path / "clues.xlsx", head=head([idle]))
    content = texts(openpyxl.load_workbook(tmp_path / "clues.xlsx")["总览"])
    assert "没有一条规则可以运行" in content
    assert "没有发现线索" not in content


def test_unlinked_rows_show_candidates_and_how_many_there_are(tmp_path: Path) -> None:
    write(tmp_path / "clues.xlsx", unlinked=[unlinked()])
    (row,) = table(openpyxl.load_workbook(tmp_path / "clues.xlsx")["未能关联"])
    assert row["日期"].value == datetime(2024, 2, 29)
    assert row["身份证号"].value == "9999**********1235"
    assert row["金额（元）"].value == 3000
    numbers = row["可能对应的文书号或编号"].value
    assert numbers == "示公（刑）取保字〔2024〕5号\n示公（刑）取保字〔2024〕6号、等共23个"


DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "{=1}", "http://example.com", "<r><t>x</t></r>", "<r></oops></r>"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_hostile_text_stays_text(tmp_path: Path, text: str) -> None:
    write(tmp_path / "clues.xlsx", [record(say=text, rule_title=text, against=text)], head=head([summary(title=text)]))
    content = everything(tmp_path / "clues.xlsx")
    assert "<f>" not in content
    assert "TargetMode" not in content.replace('TargetMode="Internal"', "")
    book = openpyxl.load_workbook(tmp_path / "clues.xlsx")
    row = table(book.worksheets[1])[0]
    assert row["线索"].value.strip() == text.strip()
    assert row["线索"].data_type == "s"


@settings(max_examples=25)
@given(st.text(min_size=1, max_size=60))
def test_any_text_gives_a_workbook_of_well_formed_parts(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "clues.xlsx"
    clue = record(say=text, rule_title=text, against=text, notes=[text], subject={"bail_no": text})
    clue["evidence"][0] |= {"file": text, "sheet": text, "title": text}
    clue["evidence"][0]["cells"]["amount"] |= {"title": text, "raw": text, "value": text}
    write(path, [clue], unlinked=[], problems=[PROBLEM | {"seen": text}])
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            ElementTree.fromstring(archive.read(name))  # noqa: S314
    for name in openpyxl.load_workbook(path, read_only=True).sheetnames:
        assert len(name.encode("utf-16-le")) // 2 <= 31
        assert not set(name) & FORBIDDEN


@settings(max_examples=15)
@given(st.lists(st.text(min_size=1, max_size=40), min_size=2, max_size=6))
def test_rules_with_any_titles_get_sheets_of_different_names(
    tmp_path_factory: pytest.TempPathFactory, titles: list[str]
) -> None:
    path = tmp_path_factory.mktemp("names") / "clues.xlsx"
    clues = [record(number, rule=f"r{number}", rule_title=title) for number, title in enumerate(titles)]
    report = write(path, clues)
    names = [line.name.casefold() for line in report.sheets]
    assert len(names) == len(set(names)) == len(titles) + 2


def test_an_overlong_text_is_cut_with_a_word(tmp_path: Path) -> None:
    write(tmp_path / "clues.xlsx", [record(say="长" * 40000)])
    said = table(openpyxl.load_workbook(tmp_path / "clues.xlsx")["保证金应退未退"])[0]["线索"].value
    assert said.endswith("…（共40000字，余见原表）")
    assert len(said) < 2000


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        write(tmp_path / name, [record(1), record(2)], unlinked=[unlinked()], problems=[PROBLEM])
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_records_are_taken_one_at_a_time(tmp_path: Path) -> None:
    alive = []

    def clues() -> Iterator[dict[str, Any]]:
        for number in range(1, 4):
            alive.append(number)
            yield record(number)

    assert write(tmp_path / "clues.xlsx", clues()).clues == 3
    assert alive == [1, 2, 3]


def test_a_failure_half_way_leaves_the_old_workbook_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "clues.xlsx"
    write(path, [record()])
    before = path.read_bytes()

    def broken() -> Iterator[dict[str, Any]]:
        yield record(1)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        write(path, broken())
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["clues.xlsx"]


@pytest.mark.parametrize(
    ("raw", "value", "read_as"),
    [
        ("2024年6月1日", "2024-06-01", False),
        ("20240601", "2024-06-01", False),
        ("45444", "2024-06-01", True),
        ("2024.1.6", "2024-06-01", True),
        ("5,000.00元", "5000.00", False),
        ("5000", "5000.00", False),
        ("0.5", "5000.00", True),
        ("伍仟元整", "5000.00", True),
        ("0012345", "12345", True),
    ],
)
def test_a_cell_says_how_it_was_read_unless_that_is_plain_to_see(raw: str, value: str, read_as: bool) -> None:
    text = cell_text("列", raw, value, "B7")
    assert text == (f"列：{raw}（读作{value}）\nB7" if read_as else f"列：{raw}\nB7")


@pytest.mark.parametrize(
    ("raw", "how"), [("—", "按空白处理"), ("NULL", "按空白处理"), ("2023.13.45", "未能读取"), ("无", "未能读取")]
)
def test_a_dash_that_stands_for_nothing_is_not_said_to_be_unread(raw: str, how: str) -> None:
    assert cell_text("退款日期", raw, None, "B7") == f"退款日期：{raw}（{how}）\nB7"


@given(st.dates(date(1900, 3, 1), date(9999, 12, 31)))
def test_a_date_in_a_cell_is_the_same_day_in_excel(day: date) -> None:
    assert from_excel(excel_day(day.isoformat())).date() == day


@pytest.mark.parametrize("text", [None, "", "2023-13-45", "20240601", "1900-01-01", "２０２４-06-01"])
def test_what_is_no_date_excel_knows_stays_text(text: str | None) -> None:
    assert excel_day(text) is None


def test_a_condition_whose_value_is_a_telephone_number_is_masked_text(tmp_path: Path) -> None:
    conditions = [{"id": "phone", "say": "同一电话13812345678", "value": "13812345678"}]
    write(tmp_path / "clues.xlsx", [record(conditions=conditions)])
    assert "13812345678" not in everything(tmp_path / "clues.xlsx")
    row = table(openpyxl.load_workbook(tmp_path / "clues.xlsx")["保证金应退未退"])[0]
    assert row["要件"].value == "同一电话138****5678"
