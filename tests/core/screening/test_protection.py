"""Rows about minors and sealed records stay flagged through every output, and people are not shown their names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from jianheng.core import api
from tests.story.village import AS_OF, Place, Row, Table, bail_no, payment, records

MODEL = """\
id: trial
version: 1.0.0
title: 试验模型
line: criminal
summary: 只为试验。
tables: {{decision: nonprosecution}}
rules:
  - id: decided
    title: 已作决定
    kind: {kind}
    certainty: V
    basis: [{{cite: 刑事诉讼法 第一百七十七条, from: 2018-10-26}}]
    judged_on: decision.decided_on
    subject: [decision.decision_no]
    against: decision.office
    from: decision
    where:
      - {{id: decided, when: "{when}", say: 已作决定}}
    say: "对{{{name}}}作出{{decision.kind}}决定（{{decision.decision_no}}）。"
    innocent: [登记有误]
    verify: [核对决定书]
"""
OFFICE = "示例市江北区人民检察院"


def identity(born: str, number: int = 1) -> str:
    """A resident id of a place that does not exist, of somebody born on ``born`` (20070305)."""
    digits = f"995000{born}{number:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(a) * b for a, b in zip(digits, weights, strict=True)) % 11]


def decision(number: int, name: str, person: str, **more: str) -> Row:
    row = {
        "不起诉决定书文号": f"示检刑不诉〔2024〕{number}号",
        "姓名": name,
        "身份证号": person,
        "作出决定的检察院": OFFICE,
        "不起诉类型": "相对不起诉",
        "行为日期": "2024-03-05",
        "决定日期": "2024-06-01",
        "是否封存": "",
    }
    return row | more


def decisions() -> list[Row]:
    """1 of age, 2 seventeen, 3 sealed, 4 of unknown age, 5 sealed in words that nobody can read."""
    return [
        decision(1, "李四光", identity("19900101")),
        decision(2, "欧阳小锋", identity("20070305")),
        decision(3, "王 五", identity("19910101"), 是否封存="是"),
        decision(4, "赵六", identity("20070101")[:-1] + "#"),
        decision(5, "孙八", identity("19920101"), 是否封存="见卷宗封皮"),
    ]


def place_of(folder: Path, rows: list[Row]) -> Place:
    return Place(folder, {"decision": Table("不起诉台账.xlsx", "台账", rows)}).write()


def screen(
    place: Place,
    out: str = "out",
    kind: str = "clue",
    when: str = "has(decision.decided_on)",
    name: str = "decision.person_name",
    **wishes: Any,
) -> Path:
    return place.screen_with(MODEL.format(kind=kind, when=when, name=name), out, **wishes)


def by_number(path: Path) -> dict[str, dict[str, Any]]:
    return {clue["subject"]["decision_no"][-2]: clue for clue in records(path)}


@pytest.fixture(scope="module")
def screened(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = place_of(tmp_path_factory.mktemp("protected"), decisions())
    screen(place)
    return place


def cells(path: Path, sheet: str) -> list[list[str]]:
    book = openpyxl.load_workbook(path)
    return [["" if cell.value is None else str(cell.value) for cell in row] for row in book[sheet].iter_rows()]


def under(rows: list[list[str]], heading: str, key: str = "线索") -> list[str]:
    """What stands under a heading, row by row."""
    top = next(number for number, row in enumerate(rows) if heading in row and key in row)
    column = rows[top].index(heading)
    return [row[column] for row in rows[top + 1 :]]


def test_a_clue_and_its_row_say_that_they_are_about_a_minor_or_sealed(screened: Place) -> None:
    clues = by_number(screened.out / "clues.jsonl")
    flags = {"1": [], "2": ["minor"], "3": ["sealed"], "4": ["age_unknown"], "5": ["sealed"]}
    assert {number: clue["flags"] for number, clue in clues.items()} == flags
    assert {number: clue["evidence"][0]["flags"] for number, clue in clues.items()} == flags


def test_the_sentence_begins_with_the_mark_and_names_nobody(screened: Place) -> None:
    said = {number: clue["say"] for number, clue in by_number(screened.out / "clues.jsonl").items()}
    assert said["1"].startswith("对李四光作出")
    assert said["2"].startswith("（涉未成年人）对欧阳某某作出")
    assert said["3"].startswith("（已封存）对王某作出")
    assert said["4"].startswith("（年龄不明）对赵六作出")
    assert said["5"].startswith("（已封存）对孙某作出")


def test_the_raw_values_stay_for_verification_and_the_clue_says_what_to_hide(screened: Place) -> None:
    clues = by_number(screened.out / "clues.jsonl")
    assert clues["3"]["values"]["decision.person_name"] == "王五"
    assert clues["3"]["names_masked"] == {"王五": "王某", "王 五": "王某"}
    assert clues["1"]["names_masked"] == clues["4"]["names_masked"] == {}


def test_the_workbook_has_a_column_on_the_sheet_of_the_rule_and_of_the_sources_and_hides_the_names(
    screened: Place,
) -> None:
    path = screened.out / "clues.xlsx"
    sheet = "检察机关自查"
    assert under(cells(path, sheet), "特别保护") == ["", "涉未成年人", "已封存", "年龄不明", "已封存"]
    marked = [one for one in under(cells(path, "来源摘录"), "特别保护") if one]
    assert marked == ["涉未成年人"] * 2 + ["已封存"] * 2 + ["年龄不明"] * 2 + ["已封存"] * 2
    text = "\n".join("\t".join(row) for one in openpyxl.load_workbook(path).sheetnames for row in cells(path, one))
    assert "李四光" in text and "赵六" in text and "欧阳某某" in text
    assert not any(name in text for name in ("欧阳小锋", "王五", "王 五", "孙八"))


def test_a_name_that_stands_in_another_cell_is_hidden_although_the_clue_shows_no_column_of_names(
    tmp_path: Path,
) -> None:
    rows = decisions()
    rows[1]["罪名"] = rows[0]["罪名"] = "欧阳小锋等人盗窃"
    out = screen(place_of(tmp_path, [row | {"罪名": row.get("罪名", "")} for row in rows]), name="decision.charge")
    said = {number: clue["say"] for number, clue in by_number(out / "clues.jsonl").items()}
    assert said["2"].startswith("（涉未成年人）对欧阳某某等人盗窃作出")
    assert said["1"].startswith("对欧阳小锋等人盗窃作出")


def test_a_workbook_without_such_rows_has_no_such_column(tmp_path: Path) -> None:
    out = screen(place_of(tmp_path, decisions()[:1]))
    assert not any("特别保护" in row for row in cells(out / "clues.xlsx", "检察机关自查"))


def test_problems_of_such_rows_say_so(screened: Place) -> None:
    problems = {problem["cell"]: problem for problem in records(screened.out / "problems.jsonl")}
    assert problems["C5"]["flags"] == ["age_unknown"] and problems["H6"]["flags"] == ["sealed"]
    for name, sheet in (("problems.xlsx", "未能读取"), ("clues.xlsx", "未能读取")):
        assert under(cells(screened.out / name, sheet), "特别保护", "代码") == ["年龄不明", "已封存"]


def test_a_name_that_cannot_be_read_is_not_shown_among_the_problems_of_a_minor(tmp_path: Path) -> None:
    rows = decisions()
    rows[1]["姓名"] = "欧阳小锋13800000000"
    out = screen(place_of(tmp_path, rows))
    (problem,) = (one for one in records(out / "problems.jsonl") if one["cell"] == "B3")
    assert problem["flags"] == ["minor"] and problem["seen"] == "欧阳某某"
    text = "\n".join("\t".join(row) for one in ("来源摘录", "未能读取") for row in cells(out / "clues.xlsx", one))
    assert "小锋" not in text


def test_the_counts_of_a_run_say_how_many(screened: Place) -> None:
    record = json.loads((screened.out / "run.json").read_text(encoding="utf-8"))
    assert record["rules"][0]["flags"] == {"minor": 1, "sealed": 2, "age_unknown": 1}
    (summary,) = screened.report.summaries
    assert "其中涉未成年人1条、已封存2条、年龄不明1条" in summary.notes


@pytest.mark.parametrize(
    ("kind", "file"), [("list", "lists.jsonl"), ("hint", "hints.jsonl"), ("conflict", "clues.jsonl")]
)
def test_lists_hints_and_conflicts_are_flagged_alike(tmp_path: Path, kind: str, file: str) -> None:
    out = screen(place_of(tmp_path, decisions()[:2]), kind=kind, hints=True)
    assert by_number(out / file)["2"]["flags"] == ["minor"]


def test_verification_says_so_and_hides_names(screened: Place, tmp_path: Path) -> None:
    rows = decisions()
    rows[1]["姓名"] = "欧阳大锋"
    changed = place_of(tmp_path, rows)
    model = str(screened.folder / "models" / "trial")
    report = api.verify(
        screened.home, screened.out / "clues.jsonl", [changed.data], progress=api.Silent(), wanted=[model]
    )
    checks = {check.subject["decision_no"][-2]: check for check in report.checks}
    assert checks["2"].flags == ("minor",) and checks["3"].flags == ("sealed",) and checks["1"].flags == ()
    (change,) = checks["2"].changes
    assert (change.old, change.new) == ("欧阳某某", "欧阳某某")


def answered(place: Place, out: Path) -> Path:
    """The workbook of a run with an outcome on every clue."""
    book = openpyxl.load_workbook(out / "clues.xlsx")
    sheet = book["检察机关自查"]
    rows = list(sheet.iter_rows())
    top = next(number for number, row in enumerate(rows) if any(cell.value == "核查结论" for cell in row))
    column = next(cell.column for cell in rows[top] if cell.value == "核查结论")
    for row in rows[top + 1 :]:
        sheet.cell(row[0].row, column).value = "不属实"
    path = place.folder / "answered.xlsx"
    book.save(path)
    return path


def test_a_clue_keeps_its_flag_when_the_next_supply_no_longer_says_it(screened: Place, tmp_path: Path) -> None:
    rows = [{name: cell for name, cell in row.items() if name != "是否封存"} for row in decisions()]
    place = place_of(tmp_path, rows)
    before = answered(screened, screened.out)
    found = by_number(screen(place, previous=before) / "clues.jsonl")
    assert found["3"]["flags"] == ["sealed"] and found["3"]["say"].startswith("（已封存）对王某")
    assert found["3"]["decision"]["outcome"] == "不属实"
    assert by_number(screen(place, "without") / "clues.jsonl")["3"]["flags"] == []


def test_earlier_clues_that_are_gone_are_still_flagged_in_the_record(screened: Place, tmp_path: Path) -> None:
    place = place_of(tmp_path, decisions())
    out = screen(place, when="decision.decided_on > date '2024-12-31'", previous=answered(screened, screened.out))
    (recheck,) = json.loads((out / "run.json").read_text(encoding="utf-8"))["previous"]
    assert len(recheck["gone"]) == 5
    assert sorted(map(tuple, recheck["flags"].values())) == [("age_unknown",), ("minor",), ("sealed",), ("sealed",)]


def test_payments_are_flagged_by_themselves_and_by_the_bail_they_belong_to(tmp_path: Path) -> None:
    place = Place(tmp_path)
    young = identity("20080101")
    place.tables["bail"].rows[1]["身份证号"] = young
    stray = payment(9, "2024-04-02", 决定书文号="", 姓名="周小明", 身份证号=identity("20090101", 7))
    place.tables["payment"].rows.append(stray)
    place.write().screen()
    links = records(place.out / "links.jsonl")
    flagged = {(one["table"], one["bail_no"]) for one in links if one["flags"] == ["minor"]}
    assert flagged == {
        ("deposit_payment", bail_no(2)),
        ("deposit_refund", bail_no(2)),
        ("deposit_payment", None),
    }
    rows = cells(place.out / "clues.xlsx", "未能关联")
    assert under(rows, "特别保护", "姓名") == ["涉未成年人"] and under(rows, "姓名", "特别保护") == ["周某某"]


def test_intake_marks_links_and_problems_too(tmp_path: Path) -> None:
    place = place_of(tmp_path, decisions())
    report = api.intake(place.home, [place.data], as_of=AS_OF, progress=api.Silent(), out=place.out)
    assert [problem["flags"] for problem in report.problems] == [["age_unknown"], ["sealed"]]
    assert under(cells(place.out / "problems.xlsx", "未能读取"), "特别保护", "代码") == ["年龄不明", "已封存"]
