"""How a clue says months, and an organ that nobody named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl

from tests.story.village import Place, Row, Table, identity, records

MODEL = """\
id: trial
version: 1.0.0
title: 试验模型
line: public_interest
summary: 只为试验。
tables: {pension: pension_payment}
facts:
  paid:
    title: 发放的月份
    from: pension
    group:
      by: {person_id: pension.person_id}
      columns: {first: {min: pension.month, title: 最早月份}, total: {sum: pension.amount, title: 合计}}
rules:
  - id: paid_at_all
    title: 发过养老金
    kind: list
    certainty: V
    basis: [{cite: 刑事诉讼法 第七十三条, from: 2018-10-26}]
    judged_on: pension.month
    subject: [pension.person_id]
    episode: [pension.month]
    against: pension.agency
    from: pension
    join: [{table: paid, on: paid.person_id = pension.person_id}]
    where: [{id: paid, when: "pension.amount > 0", say: 已发}]
    say: "{pension.month}发放，最早一次在{paid.first}。"
    innocent: [登记有误]
    verify: [核对]
"""


def payment(month: str, agency: str) -> Row:
    return {
        "领取人姓名": "张三",
        "领取人身份证号": identity(1),
        "经办机构": agency,
        "险种": "城镇职工",
        "待遇所属月份": month,
        "实发金额": "3000",
    }


def screened(folder: Path, *more: Row, text: str = MODEL) -> tuple[Place, list[dict[str, Any]]]:
    rows = [payment("2024-02", ""), payment("2024年3月", "示例市社会保险中心"), *more]
    place = Place(folder, {"pension": Table("养老金.xlsx", "发放", rows)}).write()
    return place, records(place.screen_with(text) / "lists.jsonl")


def test_months_are_said_as_months_and_an_organ_that_is_blank_is_said_to_be_unknown(tmp_path: Path) -> None:
    place, clues = screened(tmp_path)
    assert [clue["say"] for clue in clues] == [
        "2024年2月发放，最早一次在2024年2月。",
        "2024年3月发放，最早一次在2024年2月。",
    ]
    assert [clue["against"] for clue in clues] == [None, "示例市社会保险中心"]
    book = openpyxl.load_workbook(place.out / "clues.xlsx")
    texts = [[str(cell.value) for cell in row] for row in book["发过养老金"].iter_rows()]
    top = next(number for number, row in enumerate(texts) if "监督对象" in row)
    column = texts[top].index("监督对象")
    assert [row[column] for row in texts[top + 1 :]] == ["监督对象不明", "示例市社会保险中心"]
    cells = [str(cell.value) for row in book["来源摘录"].iter_rows() for cell in row]
    assert not any("读作2024" in cell for cell in cells)


def test_rows_that_a_sum_could_not_take_in_are_counted_on_the_clue(tmp_path: Path) -> None:
    nameless = payment("2024-04", "示例市社会保险中心") | {"领取人身份证号": ""}
    unread = payment("2024-05", "示例市社会保险中心") | {"领取人身份证号": "查无此号"}
    _, clues = screened(tmp_path, nameless, unread)
    (note,) = {note for clue in clues for note in clue["notes"]}
    assert note == "养老金发放另有2行没有可用的领取人身份证号，不知道属于谁，没有计入发放的月份"


def test_an_amount_of_which_nothing_is_known_is_said_to_be_unknown_not_to_be_at_least_so(tmp_path: Path) -> None:
    text = MODEL.replace('when: "pension.amount > 0"', "when: has(pension.month)")
    text = text.replace("最早一次在{paid.first}", "{amount}元").replace(
        '    say: "', '    amount: pension.amount\n    say: "'
    )
    unread = payment("2024-04", "示例市社会保险中心") | {"实发金额": "若干"}
    _, clues = screened(tmp_path, unread, text=text)
    assert [clue["say"] for clue in clues][-1] == "2024年4月发放，（不明）元。"
