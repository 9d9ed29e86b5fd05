"""``jianheng model``: list, show, explain, new, check, test."""

from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Said

Jianheng = Callable[..., Said]


def test_the_list_names_models_and_tables(jianheng: Jianheng, home: Path) -> None:
    said = jianheng("model", "list")
    assert said.code == 0
    assert "bail_deposit" in said.out
    assert "bail_decision" in said.out
    document = jianheng("model", "list", "--json").document
    (model,) = [one for one in document["models"] if one["id"] == "bail_deposit"]
    assert (model["pack"], model["rules"], model["own"]) == ("criminal", 16, False)
    assert document["tables"]["bail_decision"] == "取保候审决定"


def test_show_names_tables_columns_parameters_with_why_and_rules(jianheng: Jianheng, model_folder: Path) -> None:
    said = jianheng("model", "show", model_folder)
    assert said.code == 0
    assert "取保候审决定（bail_decision）：决定书文号、姓名" in said.out
    assert "least：最少天数，默认3日。试验用" in said.out
    assert "started_late：执行迟延（线索，V）" in said.out
    document = jianheng("model", "show", model_folder, "--json").document
    assert document["rules"][0]["kind"] == "clue"
    assert document["params"][0]["default"] == "3"


def test_explain_is_a_page_in_words(jianheng: Jianheng, model_folder: Path) -> None:
    said = jianheng("model", "explain", model_folder)
    assert said.code == 0
    assert "〔姓名〕的取保候审（〔决定书文号〕）迟延〔迟延若干日〕日执行。" in said.out
    assert "刑事诉讼法 第七十三条（自2018-10-26施行）" in said.out
    assert "迟延若干日：从决定日期到执行日期的天数大于最少天数" in said.out
    assert "监督对象：执行机关" in said.out
    assert "SELECT" not in said.out


def test_explain_shows_the_sql_of_both_engines_when_asked(jianheng: Jianheng, model_folder: Path) -> None:
    embedded = jianheng("model", "explain", model_folder, "started_late", "--sql")
    spark = jianheng("model", "explain", model_folder, "started_late", "--sql", "--engine", "spark", "--json")
    assert 'FROM "bail_decision"' in embedded.out
    assert "FROM `bail_decision`" in spark.document["rules"][0]["sql"]


def test_every_rule_of_the_shipped_models_can_be_explained(jianheng: Jianheng, home: Path) -> None:
    document = jianheng("model", "explain", "bail_deposit", "--json").document
    assert len(document["rules"]) == 16
    for rule in document["rules"]:
        titles = [section["title"] for section in rule["sections"]]
        assert {"发现什么", "依据", "条件（全部成立）", "核实步骤"} <= set(titles)
        words = "".join(line for section in rule["sections"] for line in section["lines"])
        assert not [mark for mark in ("days_between", "coalesce", " and ", "bail.", "{", "}") if mark in words]


def test_a_new_model_can_be_checked_and_its_case_fails(jianheng: Jianheng, home: Path) -> None:
    said = jianheng("model", "new", "criminal/late_transfer")
    folder = home / "packs" / "criminal" / "models" / "late_transfer"
    assert said.code == 0
    assert str(folder) in said.out
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "cases.yaml", "model.yaml"]
    assert jianheng("model", "check", "late_transfer").code == 0
    assert "late_transfer" in jianheng("model", "list").out
    failed = jianheng("model", "test", "late_transfer")
    assert failed.code == 1
    assert f"{folder / 'cases.yaml'}:5" in failed.out
    assert "：应为疑似问题（hit），得到" in failed.out and "None" not in failed.out


def test_new_never_overwrites(jianheng: Jianheng, home: Path, tmp_path: Path) -> None:
    first = jianheng("model", "new", "criminal/late_transfer", "--into", tmp_path / "mine", "--json")
    folder = tmp_path / "mine" / "criminal" / "models" / "late_transfer"
    assert first.document["folder"] == str(folder)
    (folder / "model.yaml").write_text("我写的", encoding="utf-8")
    again = jianheng("model", "new", "criminal/late_transfer", "--into", tmp_path / "mine")
    assert again.code == 2
    assert "不会覆盖" in again.err
    assert (folder / "model.yaml").read_text(encoding="utf-8") == "我写的"
    assert jianheng("model", "new", "criminal/bail_deposit").code == 2
    assert "是否想写 criminal" in jianheng("model", "new", "criminl/x").err
    assert "criminal/late_transfer" in jianheng("model", "new", "Late").err


def test_check_answers_every_mistake_with_its_place(jianheng: Jianheng, model_folder: Path) -> None:
    file = model_folder / "model.yaml"
    text = file.read_text(encoding="utf-8").replace("bail.started_on", "bail.startd_on").replace("{late}", "{lat}")
    file.write_text(text, encoding="utf-8")
    said = jianheng("model", "check", model_folder)
    assert said.code == 1
    line = next(number for number, one in enumerate(text.splitlines(), start=1) if "startd_on" in one)
    assert f"{file}:{line}:" in said.err
    assert "是否想写 started_on" in said.err
    assert "{lat} 不知所指" in said.err
    assert said.out == "deposits：2个问题。\n"
    document = jianheng("model", "check", model_folder, "--json").document
    assert [one["code"] for one in document["problems"]] == ["M203", "M306"]
    assert document["models"] == [{"id": "deposits", "folder": str(model_folder), "ok": False, "rules": 0, "cases": 0}]


def test_check_wants_cases_and_the_folder_named_like_the_model(jianheng: Jianheng, model_folder: Path) -> None:
    (model_folder / "cases.yaml").unlink()
    assert "没有用例" in jianheng("model", "check", model_folder).err
    renamed = model_folder.rename(model_folder.with_name("other"))
    assert "文件夹名应与模型 id 相同" in jianheng("model", "check", renamed).err


def test_a_folder_of_models_is_checked_whole(jianheng: Jianheng, model_folder: Path) -> None:
    said = jianheng("model", "check", model_folder.parent)
    assert said.code == 0
    assert said.out == "deposits：通过，1条规则，2个用例。\n"


def test_cases_that_come_out_as_written_pass(jianheng: Jianheng, model_folder: Path) -> None:
    said = jianheng("model", "test", model_folder)
    assert (said.code, said.out) == (0, "2个用例，运行2次，通过2个，未通过0个。\n")


def test_a_case_that_fails_only_when_moved_is_found(jianheng: Jianheng, model_folder: Path) -> None:
    file = model_folder / "cases.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("    expect: {started_late: hit}", "    move: [-3000, 0]\n    expect: {started_late: hit}")
    )
    said = jianheng("model", "test", model_folder, "--json")
    assert said.code == 1
    failures = {(one["case"], one["days"]) for one in said.document["failures"]}
    assert ("late", -3000) in failures and ("late", 0) not in failures
    assert {case for case, _ in failures} == {"late"}
    assert said.document["runs"] == 8, "both as written, one also at an end of its range and on five days inside it"
    assert said.document["failures"][0]["line"] == 2


def test_a_model_that_stands_twice_is_refused(jianheng: Jianheng, home: Path, model_folder: Path) -> None:
    place = home / "packs" / "criminal" / "models"
    place.mkdir(parents=True)
    (model_folder).rename(place / "bail_deposit")
    said = jianheng("model", "list")
    assert said.code == 1
    assert "P303" in said.err
