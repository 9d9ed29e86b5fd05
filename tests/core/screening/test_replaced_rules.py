"""Rules that replace others (semantics 9), joins that expect one partner (semantics 12)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl

from tests.story.village import Place, Table, bail, bail_no, payment, records

MODEL = """\
id: trial
version: 1.0.0
title: 试验模型
line: criminal
summary: 只为试验。
tables: {{bail: bail_decision, payment: deposit_payment}}
rules:
  - id: {rule}
    title: 执行迟延
    kind: clue
    certainty: V
    basis: [{{cite: 刑事诉讼法 第七十三条, from: 2018-10-26}}]
    judged_on: bail.decided_on
    subject: [bail.bail_no]
    against: bail.executed_by
    from: bail
    {more}
    where:
      - {{id: started, when: "{when}", say: 已执行}}
    say: "{{bail.person_name}}的取保候审（{{bail.bail_no}}）已执行。"
    innocent: [登记有误]
    verify: [核对执行通知书]
"""
PLAIN = "has(bail.started_on)"
WIDER = "has(bail.started_on) and bail.guarantee = '保证金'"


def screen(place: Place, out: str, rule: str, when: str = PLAIN, more: str = "", **wishes: Any) -> list[dict[str, Any]]:
    return records(place.screen_with(MODEL.format(rule=rule, when=when, more=more), out, **wishes) / "clues.jsonl")


def decided(place: Place, out: str) -> Path:
    """The workbook of a run with an outcome on its first clue."""
    book = openpyxl.load_workbook(place.folder / out / "clues.xlsx")
    for sheet in book.worksheets:
        for line in list(sheet.iter_rows()):
            titles = {cell.value: cell.column for cell in line}
            if "核查结论" in titles and "线索编号" in titles:
                sheet.cell(line[0].row + 1, titles["核查结论"]).value = "不属实"
                path = place.folder / "judged.xlsx"
                book.save(path)
                return path
    raise AssertionError("no sheet of clues")


def two_bails(folder: Path) -> Place:
    rows = [bail(1, "张三", "2024-04-01"), bail(2, "李四", "2024-04-02")]
    payments = [payment(1, "2024-04-02"), payment(1, "2024-04-03", "2000"), payment(2, "2024-04-03")]
    tables = {"bail": Table("取保台账.xlsx", "台账", rows), "payment": Table("银行收款.xlsx", "明细", payments)}
    return Place(folder, tables).write()


def test_what_was_decided_under_a_replaced_rule_is_carried_to_the_rule_that_continues_it(tmp_path: Path) -> None:
    place = two_bails(tmp_path)
    before = screen(place, "first", "old_rule")
    after = screen(place, "second", "new_rule", more="continues: [old_rule]", previous=decided(place, "first"))
    assert [one["subject"] for one in after] == [one["subject"] for one in before]
    assert not {one["clue_id"] for one in after} & {one["clue_id"] for one in before}
    assert [one["continues"] for one in after] == [[one["clue_id"]] for one in before]
    assert [one["decision"] and one["decision"]["outcome"] for one in after] == ["不属实", None]
    assert after[0]["notes"] == ["核查结论承接自原规则old_rule"] and after[1]["notes"] == []
    (checked,) = place.report.record["previous"]
    assert [len(checked[name]) for name in ("still", "gone", "not_examined")] == [2, 0, 0]


def test_a_carried_decision_says_that_the_new_rule_rests_on_other_cells(tmp_path: Path) -> None:
    place = two_bails(tmp_path)
    screen(place, "first", "old_rule")
    after = screen(place, "second", "new_rule", WIDER, "continues: [old_rule]", previous=decided(place, "first"))
    assert after[0]["decision"]["outcome"] == "不属实"
    assert after[0]["notes"] == ["核查结论承接自原规则old_rule；两条规则依据的内容不同，事实是否有变请核对"]


def test_without_continues_nothing_is_carried_to_another_rule(tmp_path: Path) -> None:
    place = two_bails(tmp_path)
    screen(place, "first", "old_rule")
    after = screen(place, "second", "new_rule", previous=decided(place, "first"))
    assert [one["decision"] for one in after] == [None, None]
    assert place.report.record["previous"] == []


def test_a_second_partner_is_a_problem_row_and_a_note_on_the_clue(tmp_path: Path) -> None:
    place = two_bails(tmp_path)
    join = "join: [{table: payment, on: payment.chain = bail.chain, expect: one}]"
    first, second = screen(place, "out", "paid", more=join)
    assert first["subject"] == {"bail_no": bail_no(1)}
    assert first["notes"] == ["保证金交纳应当只有一条对应的记录，实有2条，见未能读取及存疑的内容（D202）"]
    assert second["notes"] == []
    problems = [one for one in records(place.folder / "out" / "problems.jsonl") if one["code"] == "D202"]
    assert [(one["file"], one["sheet"], one["cell"]) for one in problems] == [("data/银行收款.xlsx", "明细", "第3行")]
    assert place.report.record["problems"]["D202"] == 1


def test_a_join_that_expects_nothing_takes_as_many_partners_as_there_are(tmp_path: Path) -> None:
    place = two_bails(tmp_path)
    clues = screen(place, "out", "paid", more="join: [{table: payment, on: payment.chain = bail.chain}]")
    assert [one["notes"] for one in clues] == [[], []]
    assert "D202" not in place.report.record["problems"]
