"""Two models side by side: in words, in canonical form, in what they find."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jianheng.core import api
from jianheng.core.shelf.canonical_form import rule_form, rule_hash
from jianheng.core.shelf.clue_difference import compare_clues
from jianheng.core.shelf.difference import differ
from jianheng.core.shelf.likeness import like_models
from tests.cli.conftest import BAIL, MODEL
from tests.core.shelf.author import AT, EASY, Author, newer

HOME = api.Home(Path("no-such-office"))
WHERE = """days_between(bail.decided_on, bail.started_on) > least", say: "迟延{value}日"}"""


def read(folder: Path, text: str) -> api.SupervisionModel:
    folder.mkdir()
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    (model,) = api.load_models(HOME, [str(folder)], api.load_lexicon(HOME))
    return model


def said(tmp_path: Path, text: str, before: str = MODEL) -> list[str]:
    """Every line of the difference, with its title."""
    sections = differ(read(tmp_path / "old", before), read(tmp_path / "new", text))
    return [f"{section.title} {line}" for section in sections for line in section.lines]


def test_a_model_does_not_differ_from_itself(tmp_path: Path) -> None:
    assert said(tmp_path, MODEL) == []


def test_a_comment_is_no_difference_of_meaning(tmp_path: Path) -> None:
    assert said(tmp_path, MODEL + "# 只是说明\n") == ["模型 只改了写法或者注释，说法没有变。"]


RULE = "规则「执行迟延」（started_late）"
CHANGES: dict[str, tuple[str, str, list[str]]] = {
    "a version": ("version: 1.0.0", "version: 2.0.0", ["模型 版本：1.0.0 改为 2.0.0"]),
    "a parameter": ("default: 3", "default: 5", ["参数 最少天数（least）：缺省由3日改为5日。试验用"]),
    "a condition": (
        "> least",
        ">= least",
        [
            f"{RULE} －条件（全部成立）：迟延若干日：从决定日期到执行日期的天数大于最少天数",
            f"{RULE} ＋条件（全部成立）：迟延若干日：从决定日期到执行日期的天数不少于最少天数",
        ],
    ),
    "an article": (
        "from: 2018-10-26",
        "from: 2012-03-14",
        [
            f"{RULE} －依据：刑事诉讼法 第七十三条（自2018-10-26施行）",
            f"{RULE} ＋依据：刑事诉讼法 第七十三条（自2012-03-14施行）",
        ],
    ),
    "a step to verify": (
        "verify: [核对执行通知书]",
        "verify: [询问当事人, 核对执行通知书]",
        [f"{RULE} ＋核实步骤：询问当事人"],
    ),
    "a column more": (
        WHERE,
        WHERE + "\n      - {id: deposit, when: bail.guarantee = '保证金', say: 以保证金方式}",
        [
            "表和列 ＋取保候审决定（bail_decision）另需的列：保证方式",
            f"{RULE} ＋条件（全部成立）：以保证金方式：保证方式是「保证金」",
        ],
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_this_change_is_said_and_nothing_else(what: str, tmp_path: Path) -> None:
    before, after, lines = CHANGES[what]
    assert before in MODEL
    assert said(tmp_path, MODEL.replace(before, after)) == lines


def test_rules_that_came_went_and_took_over_are_named(tmp_path: Path) -> None:
    text = MODEL.replace(
        "id: started_late\n    title: 执行迟延", "id: late\n    title: 迟延\n    continues: [started_late]"
    )
    assert said(tmp_path, text) == ["规则 ＋迟延（late，线索），接替执行迟延", "规则 －执行迟延（started_late，线索）"]


def test_a_long_list_that_the_words_cut_short_is_no_silent_change(tmp_path: Path) -> None:
    kinds = "lists: {names: [甲, 乙, 丙, 丁, 戊, 己, 庚, 辛, 壬]}\nparams:"
    long = MODEL.replace("params:", kinds).replace(WHERE, "bail.person_name in names" + WHERE[WHERE.index('", say') :])
    lines = said(tmp_path, long.replace("壬", "癸"), long)
    assert lines[:2] == ["词表 －names：壬", "词表 ＋names：癸"]
    assert lines[2:] == [f"{RULE} 中文说明没有变，所说的内容有改动（如引用的长词表、汇总的条件）。"]


@pytest.mark.parametrize(
    "condition",
    [
        "least < days_between(bail.decided_on, bail.started_on)",
        "(days_between(bail.decided_on, bail.started_on)) > (least)",
    ],
)
def test_the_canonical_form_does_not_depend_on_how_a_condition_is_written(condition: str, tmp_path: Path) -> None:
    other = MODEL.replace("days_between(bail.decided_on, bail.started_on) > least", condition)
    one, two = read(tmp_path / "one", MODEL), read(tmp_path / "two", other)
    assert rule_form(one, one.spec.rules[0]).conditions.keys() == rule_form(two, two.spec.rules[0]).conditions.keys()
    assert rule_hash(one, one.spec.rules[0]) == rule_hash(two, two.spec.rules[0])


def test_a_name_that_stands_for_a_condition_is_that_condition(tmp_path: Path) -> None:
    defined = MODEL.replace("rules:", "define:\n  wait: days_between(bail.decided_on, bail.started_on)\nrules:")
    defined = defined.replace('when: "days_between(bail.decided_on, bail.started_on) > least"', "when: wait > least")
    one, two = read(tmp_path / "one", MODEL), read(tmp_path / "two", defined)
    assert rule_hash(one, one.spec.rules[0]) == rule_hash(two, two.spec.rules[0])


@pytest.mark.parametrize("condition", ["> least + 1", ">= least", "> 3"])
def test_another_condition_has_another_form(condition: str, tmp_path: Path) -> None:
    one, two = read(tmp_path / "one", MODEL), read(tmp_path / "two", MODEL.replace("> least", condition))
    assert rule_hash(one, one.spec.rules[0]) != rule_hash(two, two.spec.rules[0])


def test_every_rule_that_ships_has_a_form_of_its_own_and_is_like_itself_alone() -> None:
    models = api.load_models(HOME, ["all"], api.load_lexicon(HOME))
    for model in models:
        hashes = [rule_hash(model, rule) for rule in model.spec.rules]
        assert len(set(hashes)) == len(hashes), model.id
        (itself,) = like_models(model, [model])
        assert itself.same_tables
        pairs = [(pair.rule, pair.other_rule, pair.same) for pair in itself.rules]
        assert pairs == [(rule.id, rule.id, True) for rule in model.spec.rules]


def clue(name: str, amount: str | None = None, continues: tuple[str, ...] = ()) -> dict[str, object]:
    found: dict[str, object] = {"clue_id": name, "rule": "late", "rule_title": "迟延", "subject": {"bail_no": name}}
    found |= {"say": f"{name}迟延", "amount": amount, "names_masked": {}}
    return found | ({"continues": list(continues)} if continues else {})


def test_clues_of_two_versions_are_told_apart_by_their_identity() -> None:
    old = [clue("both"), clue("sum", "5.00"), clue("gone"), clue("former")]
    new = [clue("both"), clue("sum", "6.00"), clue("come"), clue("latter", continues=("former",))]
    (line,) = compare_clues(old, new, versions=True)
    assert (line.both, line.amounts) == (3, 1)
    assert [one.subject for one in line.only_old] == ["gone"]
    assert [one.subject for one in line.only_new] == ["come"]


def test_clues_of_models_that_are_no_versions_of_one_are_compared_by_subject_each_counted_once() -> None:
    old = [clue("1") | {"clue_id": "a"}, clue("1") | {"clue_id": "b"}, clue("2")]
    new = [clue("1") | {"rule": "slow"}, clue("3"), clue("3") | {"rule": "slow"}]
    (line,) = compare_clues(old, new, versions=False)
    assert (line.rule, line.both) == ("", 1)
    assert [one.subject for one in line.only_old] == ["2"]
    assert [one.subject for one in line.only_new] == ["3"]


def test_the_line_of_models_that_are_no_versions_of_one_says_which_kinds_of_rule_it_is_of() -> None:
    (line,) = compare_clues([clue("1")], [], versions=False, title="线索和矛盾")
    assert (line.title, line.both, [one.subject for one in line.only_old]) == ("线索和矛盾", 0, ["1"])


def test_numbers_of_persons_are_masked_where_people_look() -> None:
    (line,) = compare_clues([clue("99010119900506011X")], [], versions=True)
    assert "19900506" not in line.only_old[0].subject + line.only_old[0].say


def test_names_that_people_are_not_shown_are_not_shown_here_either() -> None:
    protected = clue("张小三") | {"names_masked": {"张小三": "张某某"}}
    (line,) = compare_clues([protected], [], versions=True)
    assert line.only_old[0].subject == "张某某"


def test_two_versions_are_compared_on_data_and_a_package_may_be_one_of_them(author: Author, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    rows = BAIL + BAIL.splitlines()[2].replace("2号", "3号").replace("2024-08-02", "2024-08-04") + "\n"
    (data / "取保候审决定.csv").write_text(rows, encoding="utf-8")
    archive, folder = author.send(), author.write(newer(), EASY)
    home = api.Home(tmp_path / "office")
    shared = api.SharedData([data], date(2025, 6, 30), AT)
    with pytest.raises(api.PackProblem) as caught:
        api.diff_models(home, str(archive), str(folder), progress=api.Silent(), data=shared)
    assert caught.value.problems[0].code == "P406"
    api.trust_key(home, archive, author.key.fingerprint)
    found = api.diff_models(home, str(archive), str(folder), progress=api.Silent(), data=shared)
    assert (found.old.version, found.new.version) == ("1.0.0", "1.1.0")
    (line,) = found.clues or ()
    assert (line.both, len(line.only_old)) == (1, 0)
    assert [one.subject for one in line.only_new] == ["示公（刑）取保字〔2024〕3号"]
    assert [(one.old, one.new) for one in found.verdicts] == [((1, 0), (2, 0))]
    assert not (home.folder / "packs").exists()


def test_a_package_may_be_read_in_words_before_anybody_trusts_it(author: Author, tmp_path: Path) -> None:
    home = api.Home(tmp_path / "office")
    found = api.diff_models(home, str(author.send()), str(author.write(newer())), progress=api.Silent())
    assert found.old.fingerprint == author.key.fingerprint
    assert [section.title for section in found.sections] == ["模型", "参数"]


def test_models_that_are_no_versions_of_one_are_compared_by_their_conditions(author: Author) -> None:
    twin = author.write(MODEL.replace("id: deposits", "id: twin"), name="twin")
    found = api.diff_models(author.home, str(author.write()), str(twin), progress=api.Silent())
    assert found.like is not None and [pair.same for pair in found.like.rules] == [True]
