"""What a model must have before it is packed; everything that it lacks is said at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jianheng.core import api
from jianheng.core.model.first_draft import README
from tests.cli.conftest import CASES, MODEL
from tests.core.shelf.author import Author

CASE = CASES.index("  - id: in_time")


def codes_of(author: Author, model: Path, backtest: Path | None) -> list[str]:
    with pytest.raises(api.JianhengError) as caught:
        author.package(model, backtest)
    assert not (author.folder / "out").exists()
    return [problem.code for problem in caught.value.problems]


LACKING: dict[str, tuple[str, Callable[[Author], Path]]] = {
    "a page for the prosecutor": ("M501", lambda author: author.write(readme=" \n")),
    "a page that somebody wrote": ("M501", lambda author: author.write(readme=README)),
    "a case that does not hit": ("M502", lambda author: author.write(cases=CASES[:CASE])),
    "cases that pass": ("M503", lambda author: author.write(cases=CASES.replace("2024-08-05", "2024-08-03"))),
    "steps to verify": (
        "M505",
        lambda author: author.write(MODEL.replace("verify: [核对执行通知书]", 'verify: [" "]')),
    ),
}


@pytest.mark.parametrize("what", LACKING)
def test_a_model_is_not_packed_without(what: str, author: Author) -> None:
    code, write = LACKING[what]
    model = write(author)
    author.answer(model)
    assert codes_of(author, model, author.replay(model)) == [code]


def test_a_model_of_hints_without_any_article_is_not_packed(author: Author) -> None:
    text = MODEL.replace("kind: clue", "kind: hint").replace("certainty: V", "certainty: U")
    model = author.write(text.replace("basis: [{cite: 刑事诉讼法 第七十三条, from: 2018-10-26}]", "basis: []"))
    author.answer(model)
    assert codes_of(author, model, author.replay(model)) == ["M504"]


def test_a_work_list_without_an_article_is_not_packed_though_the_model_has_one(author: Author) -> None:
    rules = MODEL.index("  - id: started_late")
    second = MODEL[rules:].replace("id: started_late", "id: listed").replace("kind: clue", "kind: list")
    second = second.replace("basis: [{cite: 刑事诉讼法 第七十三条, from: 2018-10-26}]", "basis: []")
    model = author.write(MODEL + second, CASES.replace("started_late: hit", "started_late: hit, listed: hit"))
    author.answer(model)
    assert codes_of(author, model, author.replay(model)) == ["M502", "M504"]


def test_a_model_is_not_packed_without_a_backtest(author: Author) -> None:
    model = author.write()
    author.answer(model)
    assert codes_of(author, model, None) == ["M506"]


def test_a_backtest_of_another_text_is_refused(author: Author) -> None:
    model = author.write()
    author.answer(model)
    before = author.replay(model)
    (model / "model.yaml").write_text(MODEL + "# 改过\n", encoding="utf-8")
    assert codes_of(author, model, before) == ["M507"]


@pytest.mark.parametrize(
    "changed",
    [
        {"format": 2},
        {"model_hash": None},
        {"as_of": []},
        {"as_of": ["去年"]},
        {"weeks": []},
        {"weeks": 3},
        {"confirmed": {"checked": 3, "true": 4}},
        {"confirmed": {"checked": -3, "true": -4}},
        {"confirmed": {"checked": True, "true": 0}},
        {"confirmed": "all"},
    ],
    ids=str,
)
def test_a_backtest_that_does_not_say_what_was_agreed_is_refused(changed: dict[str, object], author: Author) -> None:
    model = author.write()
    author.answer(model)
    assert codes_of(author, model, author.replay(model, **changed)) == ["M506"]


def test_a_backtest_without_conclusions_of_people_will_do(author: Author) -> None:
    model = author.write()
    author.answer(model)
    assert author.package(model, author.replay(model, confirmed=None)).is_file()


def test_without_answers_the_form_is_written_once_and_never_over(author: Author) -> None:
    model = author.write()
    replayed = author.replay(model)
    assert codes_of(author, model, replayed) == ["M508"]
    form = model / "listing.yaml"
    text = form.read_text(encoding="utf-8")
    assert all(gate in text for gate in ("建模必要性", "技术可行性", "线索准确性"))
    assert "本程序拟的，不是官方文本" in text
    form.write_text(text.replace("〔请填写〕", "写好的答复", 3), encoding="utf-8")
    assert set(codes_of(author, model, replayed)) == {"M509"}
    assert form.read_text(encoding="utf-8").count("写好的答复") == 3


def test_every_blank_left_in_the_form_is_named_with_its_line(author: Author) -> None:
    model = author.write()
    author.answer(model)
    form = model / "listing.yaml"
    text = form.read_text(encoding="utf-8").replace("answered_by: 已经研究并记录", "answered_by: 〔请填写〕", 2)
    form.write_text(text, encoding="utf-8")
    with pytest.raises(api.PackProblem) as caught:
        author.package(model, author.replay(model))
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if "〔请填写〕" in line]
    assert [problem.line for problem in caught.value.problems] == lines


def test_answers_for_an_earlier_version_are_refused(author: Author) -> None:
    model = author.write()
    author.answer(model)
    (model / "model.yaml").write_text(MODEL.replace("version: 1.0.0", "version: 1.0.1"), encoding="utf-8")
    assert codes_of(author, model, author.replay(model)) == ["M508"]


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("feasibility:", "feasible:", "P201"),
        ("answered_on: 2026-02-01", "answered_on: 二月", "P203"),
        ("answer: 第1问已经研究并记录", 'answer: "  "', "P203"),
        ("supervision_point: 已经研究并记录", "", "P202"),
    ],
)
def test_the_form_is_read_strictly(before: str, after: str, code: str, author: Author) -> None:
    model = author.write()
    author.answer(model)
    form = model / "listing.yaml"
    form.write_text(form.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
    assert code in codes_of(author, model, author.replay(model))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("无", "等于没有答复"),
        ("甲", "只有一个字"),
        ("——", "没有文字"),
        ("'2025'", "没有文字"),
        ("同上。", "等于没有答复"),
        ("N/A", "等于没有答复"),
        ("'[请 填 写]'", "等于没有答复"),
        ("啊啊啊啊啊", "只有一个字"),
        ("现有的设备和人员能不能运行、维护这个模型", "只是重复了所问的话"),
        ("维护这个模型", "只是重复了所问的话"),
        ("第1问已经研究并记录", "一字不差"),
    ],
)
def test_what_plainly_answers_nothing_is_refused_naming_the_question(answer: str, why: str, author: Author) -> None:
    model = author.write()
    author.answer(model)
    form = model / "listing.yaml"
    text = form.read_text(encoding="utf-8").replace("answer: 第4问已经研究并记录", f"answer: {answer}")
    form.write_text(text, encoding="utf-8")
    with pytest.raises(api.PackProblem) as caught:
        author.package(model, author.replay(model))
    (problem,) = caught.value.problems
    assert (problem.code, problem.line) == ("M512", text[: text.rindex(f"answer: {answer}")].count("\n") + 1)
    assert "技术可行性的问题「现有的设备和人员能不能运行、维护这个模型？」" in problem.message
    assert why in problem.message
    assert "用自己的话写明" in problem.hint and "本程序自己的规则" in problem.hint


@pytest.mark.parametrize("short", ["能运行", "本院两台电脑、一名助理"])
def test_a_short_answer_is_an_answer_though_its_words_stand_in_the_question(short: str, author: Author) -> None:
    model = author.write()
    author.answer(model)
    form = model / "listing.yaml"
    text = form.read_text(encoding="utf-8").replace("第4问已经研究并记录", short)
    form.write_text(text, encoding="utf-8")
    assert author.package(model, author.replay(model)).is_file()


@pytest.mark.parametrize(
    ("key", "hint"), [("supervision_point", "监督点"), ("problem_source", "从什么案件"), ("answered_by", "第二检察部")]
)
def test_what_is_supervised_where_it_came_from_and_who_answered_are_asked_for_too(
    key: str, hint: str, author: Author
) -> None:
    model = author.write()
    author.answer(model)
    form = model / "listing.yaml"
    text = form.read_text(encoding="utf-8").replace(f"{key}: 已经研究并记录", f"{key}: 同上", 1)
    form.write_text(text, encoding="utf-8")
    with pytest.raises(api.PackProblem) as caught:
        author.package(model, author.replay(model))
    (problem,) = caught.value.problems
    assert problem.code == "M512" and hint in problem.hint


def test_everything_that_is_lacking_is_said_at_once(author: Author) -> None:
    model = author.write(cases=CASES[:CASE], readme="")
    assert codes_of(author, model, None) == ["M501", "M502", "M508", "M506"]


@pytest.mark.parametrize("digits", ["0123456789", "０１２３４５６７８９"])
def test_a_number_that_a_living_person_may_have_does_not_leave_the_office(digits: str, author: Author) -> None:
    real = ("11010119900307" + "7934").translate(str.maketrans("0123456789", digits))  # no file holds it
    cases = CASES.replace(
        "bail_no: 示公（刑）取保字〔2024〕1号,", f'bail_no: 示公（刑）取保字〔2024〕1号, person_id: "{real}",'
    )
    model = author.write(cases=cases)
    author.answer(model)
    with pytest.raises(api.PackProblem) as caught:
        author.package(model, author.replay(model))
    assert {problem.code for problem in caught.value.problems} == {"M510"}
    assert real not in str(caught.value)


def test_made_up_numbers_may(author: Author) -> None:
    cases = CASES.replace("bail: [{", 'bail: [{person_id: "99010119900506011X", ')
    assert author.send(cases=cases).is_file()


def test_other_files_of_the_folder_stay_at_home_and_are_named(author: Author) -> None:
    model = author.write()
    author.answer(model)
    (model / "全年线索.xlsx").write_bytes(b"people")
    made = author.packed(model, author.replay(model))
    assert made.left_out == ("全年线索.xlsx",)
    assert b"people" not in made.archive.read_bytes()


def test_another_content_is_never_signed_as_the_same_version_in_one_place(author: Author) -> None:
    archive = author.send()
    before = archive.read_bytes()
    assert author.send().read_bytes() == before
    model = author.write(readme="# 另一个说明\n")
    author.answer(model)
    with pytest.raises(api.UsageProblem) as caught:
        author.package(model, author.replay(model))
    assert caught.value.problems[0].code == "U226"
    assert archive.read_bytes() == before


def test_models_of_the_office_with_the_same_conditions_are_named(author: Author) -> None:
    twin = author.home.packs / "criminal" / "models" / "twin"
    twin.mkdir(parents=True)
    (twin / "model.yaml").write_text(MODEL.replace("id: deposits", "id: twin"), encoding="utf-8")
    model = author.write()
    author.answer(model)
    made = author.packed(model, author.replay(model))
    (like,) = [one for one in made.like if one.id == "twin"]
    assert [pair.same for pair in like.rules] == [True]


def test_a_faulty_model_is_refused_with_the_place_of_the_fault(author: Author) -> None:
    text = MODEL.replace("bail.started_on", "bail.startd_on")
    model = author.write(text)
    line = text[: text.index("startd_on")].count("\n") + 1
    with pytest.raises(api.PackProblem) as caught:
        author.package(model)
    assert [(problem.code, problem.line) for problem in caught.value.problems] == [("M203", line)]


def test_a_model_that_came_with_the_program_can_be_packed_its_form_lying_beside_the_package(author: Author) -> None:
    with pytest.raises(api.PackProblem):
        author.package(Path("licence_not_revoked"))
    assert (author.folder / "out" / "listing.yaml").is_file()
