"""The shapes ``overlap`` and ``events``: read, refused at their place, put into Chinese."""

from __future__ import annotations

from pathlib import Path

import pytest

from jianheng.core.foundation.errors import PackProblem
from jianheng.core.model.explain import explain_rule
from jianheng.core.model.read import read_model
from jianheng.core.model.reads import reads_of
from jianheng.core.model.supervision_model import SupervisionModel
from tests.engines.town_tables import town

MODEL = """\
id: small
version: 1.0.0
title: 小样
line: criminal
summary: 试验
tables: {stay: stay, fee: fee, notice: notice, grant: grant, custody: custody}
facts:
  inside_months:
    title: 在押期间的补助
    from: grant
    overlap:
      - id: inside
        title: 在押
        table: custody
        on: custody.person = grant.person
        when: custody.colour = '红'
        of: {month: grant.month}
        with: {from: custody.went_in, until: custody.came_out}
      - {id: held, table: notice, on: notice.person = grant.person, of: {from: grant.from_on, to: grant.to_on}, \
with: {from: notice.sent_on, to: notice.until}}
    group:
      by: {person: grant.person, began_on: inside.began_on}
      columns:
        months: {count: inside.whole and held.days = 0, title: 整月数}
        paid: {sum: grant.amount, when: inside.whole, title: 多发金额}
  review:
    title: 审查
    from: stay
    events:
      by: {stay_no: stay.stay_no}
      start: stay.began
      period:
        - {when: stay.colour = '红', period: 10日}
        - {period: 1个月}
      custody: stay.colour = '绿'
      end:
        - {id: ended, title: 结束, on: stay.ended}
        - {id: paid, title: 交费, table: fee, match: fee.person = stay.person, when: fee.amount > 0, on: fee.paid_on}
      pauses:
        - {id: notice, title: 通知期间, table: notice, match: notice.person = stay.person,
           from: notice.sent_on, to: notice.until}
      extensions:
        - {id: more, title: 延长, table: fee, as: more, match: more.person = stay.person,
           on: more.voided_on, period: 15日}
      restarts:
        - {id: again, title: 重新居留, table: stay, as: again, match: again.previous_no = stay.stay_no,
           on: again.began}
rules:
  - id: paid_inside
    title: 在押期间领补助
    kind: clue
    certainty: V
    basis: [{cite: 甲法 第一条, from: 2020-01-01}]
    judged_on: inside_months.began_on
    subject: [custody.person]
    episode: [inside_months.began_on]
    against: custody.colour
    from: custody
    join: [{table: inside_months, on: inside_months.person = custody.person}]
    where: [{id: months, when: inside_months.months > 0, say: "整月{value}个"}]
    amount: inside_months.paid
    say: "{custody.person}自{inside_months.began_on}起在押，整月{months}个，领取{amount}元。"
    innocent: [无]
    verify: [核对]
  - id: late
    title: 逾期
    kind: clue
    certainty: V
    basis: [{cite: 甲法 第一条, from: 2020-01-01}]
    judged_on: review.started_on
    subject: [stay.stay_no]
    episode: [review.started_on]
    against: stay.office
    from: stay
    join: [{table: review, on: review.stay_no = stay.stay_no}]
    where:
      - {id: late, when: review.late_days > 0, say: "逾期{value}日"}
      - {id: undone, when: not has(review.ended_on)}
      - {id: orderly, when: not has(review.before_on) and review.number <= 2}
    say: "{stay.stay_no}应于{review.deadline}前办结，逾期{late}日。"
    innocent: [无]
    verify: [核对]
"""

# what is replaced, by what, the code, the text at whose start the fault is shown, what the message or hint says
FAULTS = [
    ("of: {month: grant.month}", "of: {month: grant.from_on}", "M211", "grant.from_on}", "month"),
    ("of: {month: grant.month}", "of: {month: grant.monht}", "M203", "monht", "month"),
    ("of: {month: grant.month}", "of: {from: grant.from_on}", "M211", "{from: grant.from_on}", "三种之一"),
    ("of: {month: grant.month}", "of: {from: grant.amount, to: grant.to_on}", "M204", "grant.amount,", "日期"),
    ("until: custody.came_out", "to: custody.came_out, until: custody.came_out", "M211", "{from: custody", "三种之一"),
    ("until: custody.came_out", "until: grant.to_on", "M202", "grant.to_on", "custody"),
    ("when: custody.colour = '红'", "when: grant.colour = '红'", "M202", "grant.colour", "custody"),
    ("on: custody.person = grant.person", "on: custody.person = grant.month", "M204", "custody.person", "类型"),
    ("on: custody.person = grant.person", "on: custody.went_in < grant.month", "M209", "", ""),
    ("table: custody\n", "table: custody1\n", "M202", "custody1", "custody"),
    ("- id: inside\n", "- id: grant\n", "M304", "grant\n", "另起"),
    ("{id: held, table: notice", "{id: held, table: grant", "M304", "grant, on", "as"),
    ("count: inside.whole", "count: inside.hole", "M203", "hole", "whole"),
    ("held.days = 0", "has(held.began_on)", "M203", "began_on", ""),
    ("until: custody.came_out", "untill: custody.came_out", "P201", "untill", "until"),
    ("start: stay.began", "start: stay.office", "M204", "stay.office", "日期"),
    ("period: 10日}", "period: 十日}", "M207", "十日", "阿拉伯数字"),
    ("period: 15日}", "period: 3个工作日}", "M212", "3个工作日", "混用"),
    ("period: 15日}", "perod: 15日}", "P201", "perod", "period"),
    ("when: stay.colour = '红', period", "when: stay.colour, period", "M204", "stay.colour, period", "真假"),
    ("custody: stay.colour = '绿'", "custody: stay.colour", "M204", "stay.colour\n", "真假"),
    ("match: fee.person = stay.person, when", "match: fee.amount > stay.amount, when", "M209", "", ""),
    (", match: notice.person = stay.person,\n", ",\n", "M212", "{id: notice", "match"),
    ("{id: ended, title: 结束, on", "{id: ended, match: stay.a = stay.b, title: 结束, on", "M212", "stay", "table"),
    ("{id: paid, title: 交费, table: fee,", "{id: ended, title: 交费, table: fee,", "M302", "ended, title: 交", "两次"),
    ("table: fee, match", "table: feee, match", "M202", "feee", "fee"),
    ("table: stay, as: again, match: again", "table: stay, match: stay", "M304", "stay, match", "as"),
    ("by: {stay_no: stay.stay_no}", "by: {number: stay.stay_no}", "M212", "stay.stay_no}", "同名"),
    ("by: {stay_no: stay.stay_no}", "by: {}", "M210", "", "by"),
    ("review.late_days > 0", "review.late_day > 0", "M203", "late_day", "late_days"),
    ("from: notice.sent_on, to: notice.until}\n      ext", "from: notice.sent_on}\n      ext", "P202", "{id: n", "to"),
]  # fmt: skip


def read(folder: Path, text: str) -> SupervisionModel:
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    return read_model(folder, town())


def test_the_shapes_give_columns_to_the_rules(tmp_path: Path) -> None:
    model = read(tmp_path, MODEL)
    assert list(model.sources["inside_months"].columns) == ["person", "began_on", "months", "paid"]
    assert list(model.sources["review"].columns) == [
        "stay_no", "started_on", "ended_on", "ended_by", "before_on", "number", "times", "counted_from", "deadline",
        "late_days", "paused_days",
    ]  # fmt: skip


def test_without_a_period_there_is_no_deadline(tmp_path: Path) -> None:
    bare = MODEL[: MODEL.index("      period:")] + MODEL[MODEL.index("      end:") : MODEL.index("      pauses:")]
    rest = MODEL[MODEL.index("rules:") :].replace("review.late_days > 0", "review.times > 1")
    model = read(tmp_path, bare + rest.replace("{review.deadline}", "{review.started_on}"))
    assert "deadline" not in model.sources["review"].columns


@pytest.mark.parametrize(("old", "new", "code", "shown", "says"), FAULTS, ids=[f"{f[2]}-{f[1][:40]}" for f in FAULTS])
def test_a_fault_is_refused_at_its_place_with_a_reason(
    tmp_path: Path, old: str, new: str, code: str, shown: str, says: str
) -> None:
    assert old in MODEL
    text = MODEL.replace(old, new, 1)
    with pytest.raises(PackProblem) as caught:
        read(tmp_path, text)
    found = [one for one in caught.value.problems if one.code == code]
    assert found, str(caught.value)
    problem = found[0]
    assert problem.file.endswith("model.yaml") and problem.line > 0 and problem.column > 0
    assert says in problem.message + problem.hint, str(problem)
    if shown:
        line = text.split("\n")[problem.line - 1] + "\n" + "\n".join(text.split("\n")[problem.line :])
        assert line[problem.column - 1 :].startswith(shown), f"{problem} | {line[problem.column - 1 :][:30]}"


def test_an_overlap_needs_a_group_and_events_a_form_of_their_own(tmp_path: Path) -> None:
    group = MODEL[MODEL.index("    group:\n") : MODEL.index("  review:")]
    with pytest.raises(PackProblem, match="M210"):
        read(tmp_path, MODEL.replace(group, ""))
    with pytest.raises(PackProblem, match="M210"):
        read(
            tmp_path,
            MODEL.replace(
                "    events:\n", "    pick: {by: {a: stay.person}, take: earliest, candidates: []}\n    events:\n"
            ),
        )


def test_a_pause_without_a_period_is_refused(tmp_path: Path) -> None:
    period = MODEL[MODEL.index("      period:") : MODEL.index("      custody: stay")]
    with pytest.raises(PackProblem, match="M212"):
        read(tmp_path, MODEL.replace(period, ""))


def test_an_overlap_is_told_in_chinese(tmp_path: Path) -> None:
    model = read(tmp_path, MODEL)
    page = explain_rule(model, model.rule("paid_inside")).text()
    for words in (
        "月份整月",
        "入所日期至出所日期的前一日",
        "颜色是「红」",
        "合并为一段",
        "每一日都在其内",
        "不进入汇总",
    ):
        assert words in page, page


def test_events_are_told_in_chinese(tmp_path: Path) -> None:
    model = read(tmp_path, MODEL)
    page = explain_rule(model, model.rule("late")).text()
    for words in ("起算：开始日期", "颜色是「红」的，10日；其余1个月", "不顺延", "结束：交费", "不计入期间：通知期间",
                  "延长15日", "重新计算：重新居留", "逾期天数大于0", "没有审查的结束日期"):  # fmt: skip
        assert words in page, page


def test_what_the_shapes_look_at_counts_as_read(tmp_path: Path) -> None:
    model = read(tmp_path, MODEL)
    months = reads_of(model, model.rule("paid_inside")).judged
    assert {"went_in", "came_out", "colour"} <= months["custody"] and {"month", "amount"} <= months["grant"]
    late = reads_of(model, model.rule("late")).judged
    assert {"sent_on", "until"} <= late["notice"] and {"voided_on", "paid_on", "amount"} <= late["fee"]
