"""Every fault of a model is refused at its line and column, with a suggestion; nothing is half-loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from jianheng.core.foundation.errors import PackProblem
from jianheng.core.model.read import read_model
from tests.engines.town_tables import town

MODEL = """\
id: small
version: 1.0.0
title: 小样
line: criminal
summary: 试验
tables: {stay: stay, fee: fee, notice: notice}
params:
  wait: {type: days, default: 30, title: 天数, why: 试验}
lists:
  warm: [红, 绿]
define:
  red: "stay.colour = '红'"
facts:
  paid:
    title: 合计
    from: fee
    group: {by: {chain: fee.chain}, columns: {total: {sum: fee.amount}}}
rules:
  - id: first
    title: 规则
    kind: clue
    certainty: V
    basis: [{cite: 甲法 第一条, from: 2020-01-01}]
    judged_on: stay.began
    subject: [stay.stay_no]
    against: stay.office
    from: stay
    join:
      - {table: paid, on: paid.chain = stay.chain}
    where:
      - {id: late, when: "days_between(stay.began, as_of) > wait"}
      - {id: red, when: "red"}
    absent:
      - {id: no_fee, table: fee, on: fee.chain = stay.chain, covering: stay.began}
    unless:
      - {id: told, table: notice, on: notice.person = stay.person, when: "has(notice.sent_on)"}
    amount: paid.total
    say: "{stay.stay_no}自{stay.began}起已{late}日，{amount}元。"
    innocent: [无]
    verify: [核对]
"""

# what is replaced, by what, the code, the text at whose start the fault is shown, what the message or hint says
FAULTS = [
    ("red: \"stay.colour = '红'\"", 'red: "stay.colour = \'红"', "M101", "'红\"", "单引号"),
    ("days_between(stay.began, as_of)", "days_between(stay.begin, as_of)", "M203", "begin, as_of", "began"),
    ("days_between(stay.began, as_of)", "days_between(stey.began, as_of)", "M202", "stey.began", "stay"),
    ("days_between(stay.began, as_of)", "days_betwen(stay.began, as_of)", "M205", "days_betwen", "days_between"),
    ("days_between(stay.began, as_of)", "days_between(stay.began)", "M205", "days_between(stay.began)", "2 个"),
    ("days_between(stay.began, as_of)", "days_between(stay.colour, as_of)", "M204", "stay.colour, as", "日期"),
    ("> wait", "> wayt", "M202", "wayt", "wait"),
    ("> wait", "> '30'", "M204", "'30'", "不能与"),
    ("as_of) > wait", "as_of) > > wait", "M101", '> wait"}', "看到"),
    ('when: "red"}', 'when: "read"}', "M202", 'read"}', "red"),
    ('when: "red"}', "when: \"stay.colour = '黄'\"}", "M206", "'黄'", "代码表"),
    ('when: "red"}', "when: \"stay.colour in ('红', '青色')\"}", "M206", "'青色'", "代码表"),
    ('when: "red"}', 'when: "stay.colour in wram"}', "M202", "in wram", "warm"),
    ('when: "red"}', "when: \"stay.colour > '红'\"}", "M204", "stay.colour > '", "不能比大小"),
    ('when: "red"}', "when: \"add_period(stay.began, '一年') < as_of\"}", "M207", "'一年'", "阿拉伯数字"),
    ('when: "red"}', "when: \"deadline(stay.began, '24小时') < as_of\"}", "M207", "'24小时'", "小时"),
    ('when: "red"}', 'when: "stay.amount"}', "M204", '"stay.amount"', "真假"),
    ('when: "red"}', 'when: "stay.amount * stay.amount > 1"}', "M204", "* stay.amount > 1", "相乘"),
    ('when: "red"}', 'when: "has(stay.amount + 1)"}', "M205", "has(", "一个列"),
    ('when: "red"}', 'when: "now() > stay.began"}', "M205", "now(", "不能使用函数"),
    ('when: "red"}', "when: \"read_text('/etc/passwd') = 'x'\"}", "M205", "read_text", "不能使用函数"),
    ('when: "red"}', "when: \"stay.began > date '2024-02-30'\"}", "M101", "'2024-02-30'", "不存在"),
    ("on: fee.chain = stay.chain,", "on: fee.chain = stay.chain or fee.person = stay.person,", "M209", "", ""),
    ("on: fee.chain = stay.chain,", "on: fee.chain > stay.chain,", "M209", "", ""),
    ("on: fee.chain = stay.chain,", "on: fee.chain = stay.stay_no,", "M204", "fee.chain = stay.stay_no", "类型"),
    ("table: fee, on: fee.chain", "table: fees, on: fee.chain", "M202", "fees, on", "fee"),
    ("table: notice, on: notice.person", "table: stay, on: stay.person", "M304", "stay, on: stay.person", "as"),
    ("covering: stay.began", "covering: stay.office", "M204", "stay.office}", "日期"),
    ("certainty: V", "certainty: U", "M307", "clue", "hint"),
    ("basis: [{cite: 甲法 第一条, from: 2020-01-01}]", "basis: []", "M307", "clue", "请在 basis 写明条文"),
    ("from: 2020-01-01}", "from: 2020-01-01, to: 2019-01-01}", "M308", "{cite", "早于"),
    ("id: red, when", "id: late, when", "M302", 'late, when: "red', "两次"),
    ("subject: [stay.stay_no]", "subject: []", "M303", "[]", "不能为空"),
    ("subject: [stay.stay_no]", "subject: [paid.total]", "M303", "paid.total]", "from"),
    ("from: stay\n", "from: paid\n", "M303", "paid\n", "facts"),
    ("{late}日", "{lete}日", "M306", '"{stay.stay_no}自', "late"),
    ("自{stay.began}起", "自{stay.begin}起", "M203", "", "began"),
    ("    amount: paid.total\n", "", "M306", '"{stay.stay_no}自', "amount"),
    ("amount: paid.total\n", "amount: stay.office\n", "M204", "stay.office\n    say", "数"),
    ("sum: fee.amount", "sum: fee.paid_on", "M204", "fee.paid_on}", "数"),
    ("sum: fee.amount", "count: fee.amount", "M204", "fee.amount}", "真假"),
    ("sum: fee.amount", "sum: fee.amount, count: 'true'", "M210", "{sum", "只能写一个"),
    ("by: {chain: fee.chain}", "by: {}", "M210", "", "by"),
    ("  paid:\n", "  fee:\n", "M304", "", "已经是表"),
    ('  red: "', '  wait: "', "M304", '"stay.colour', "参数"),
    ("tables: {stay: stay", "tables: {stay: stai", "M301", "stai", "stay"),
    ("    kind: clue", "    continues: [first]\n    kind: clue", "M311", "first]", "已经删去"),
    ("    kind: clue", "    continues: [gone, gone]\n    kind: clue", "M311", "gone]", "只接替一次"),
    ("default: 30, title", "default: 30, unit: 户, title", "M313", "户", "count"),
    ("on: paid.chain = stay.chain}", "on: paid.chain = stay.chain, expect: one}", "M312", "one}", "facts"),
    ("    kind: clue", "    kind: clew", "P203", "clew", "clue"),
    ("    verify:", "    verifi:", "P201", "verifi", "verify"),
    ("    title: 规则\n", "", "P202", "id: first", "title"),
    ("version: 1.0.0", "version: 1.0", "P203", "1.0\n", ""),
]


def write(folder: Path, text: str) -> Path:
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_model_without_a_fault_is_read(tmp_path: Path) -> None:
    model = read_model(write(tmp_path, MODEL), town())
    assert [rule.id for rule in model.spec.rules] == ["first"]
    assert set(model.sources) == {"stay", "fee", "notice", "paid"}


@pytest.mark.parametrize(("old", "new", "code", "shown", "says"), FAULTS, ids=[f"{f[2]}-{f[1][:40]}" for f in FAULTS])
def test_a_fault_is_refused_at_its_place_with_a_reason(
    tmp_path: Path, old: str, new: str, code: str, shown: str, says: str
) -> None:
    assert old in MODEL
    text = MODEL.replace(old, new, 1)
    with pytest.raises(PackProblem) as caught:
        read_model(write(tmp_path, text), town())
    found = [one for one in caught.value.problems if one.code == code]
    assert found, str(caught.value)
    problem = found[0]
    assert problem.file.endswith("model.yaml") and problem.line > 0 and problem.column > 0
    assert says in problem.message + problem.hint, str(problem)
    if shown:
        line = text.split("\n")[problem.line - 1] + "\n" + "\n".join(text.split("\n")[problem.line :])
        assert line[problem.column - 1 :].startswith(shown), f"{problem} | {line[problem.column - 1 :][:30]}"


def test_two_rules_of_one_id_are_refused(tmp_path: Path) -> None:
    rule = MODEL[MODEL.index("  - id: first") :]
    with pytest.raises(PackProblem) as caught:
        read_model(write(tmp_path, MODEL + rule), town())
    (problem,) = caught.value.problems
    assert problem.code == "M302" and problem.line == len(MODEL.splitlines()) + 1


def test_all_faults_of_a_model_are_told_at_once(tmp_path: Path) -> None:
    text = MODEL.replace("> wait", "> wayt").replace('when: "red"', 'when: "stay.colour = 5"').replace("{late}", "{x}")
    with pytest.raises(PackProblem) as caught:
        read_model(write(tmp_path, text), town())
    assert [one.code for one in caught.value.problems] == ["M202", "M204", "M306"]


def test_names_that_stand_for_each_other_are_refused(tmp_path: Path) -> None:
    text = MODEL.replace("  red: \"stay.colour = '红'\"", '  red: "blue"\n  blue: "red"')
    with pytest.raises(PackProblem) as caught:
        read_model(write(tmp_path, text), town())
    assert caught.value.problems[0].code == "M208"


def test_names_of_names_that_grow_without_end_are_refused(tmp_path: Path) -> None:
    names = ["a", "b", "c", "d", "e", "f", "g"]
    lines = [f'  {one}: "{" and ".join([after] * 20)}"' for one, after in zip(names, names[1:], strict=False)]
    defines = "\n".join([*lines, '  g: "stay.amount > 1"', '  red: "a"'])
    text = MODEL.replace("  red: \"stay.colour = '红'\"", defines)
    with pytest.raises(PackProblem) as caught:
        read_model(write(tmp_path, text), town())
    assert caught.value.problems[0].code == "M208"


USES = """\
      - {id: one, when: "red"}
      - {id: two, when: "not red and warm"}
"""


@pytest.mark.parametrize(
    ("defines", "code", "shown"),
    [
        (["red: \"stay.color = '红'\"", 'warm: "red"'], "M203", "color"),
        (['red: "stay.began > 3"', 'warm: "red or red"'], "M204", ""),
        (["red: \"stey.colour = '红'\"", 'warm: "red"'], "M202", "stey"),
    ],
)
def test_a_fault_in_a_defined_name_is_told_once_where_it_is_defined(
    tmp_path: Path, defines: list[str], code: str, shown: str
) -> None:
    text = MODEL.replace("  red: \"stay.colour = '红'\"", "\n".join(f"  {line}" for line in defines))
    text = text.replace('      - {id: red, when: "red"}\n', USES)
    with pytest.raises(PackProblem) as caught:
        read_model(write(tmp_path, text), town())
    (problem,) = caught.value.problems
    line = next(number for number, one in enumerate(text.splitlines(), 1) if one.startswith("  red:"))
    assert (problem.code, problem.line) == (code, line)
    if shown:
        assert text.splitlines()[line - 1][problem.column - 1 :].startswith(shown)


def test_a_defined_name_used_where_its_table_is_not_is_the_fault_of_that_place(tmp_path: Path) -> None:
    text = MODEL.replace("stay.colour = '红'", "notice.colour = '红'")
    with pytest.raises(PackProblem) as caught:
        read_model(write(tmp_path, text), town())
    (problem,) = caught.value.problems
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "{id: red," in one)
    assert (problem.code, problem.line) == ("M202", line)
