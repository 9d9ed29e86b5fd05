"""``jianheng model backtest`` from the words to the files."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Said

Jianheng = Callable[..., Said]
DAYS = ("--from", "2024-08-05", "--to", "2024-08-12")


def test_a_draft_is_replayed_and_its_result_shown_and_written(
    jianheng: Jianheng, model_folder: Path, data: Path, tmp_path: Path
) -> None:
    """1 was decided on 1 August and carried out on 9 August, 2 on the next day."""
    out = tmp_path / "replay"
    words = ("model", "backtest", model_folder, "--data", data, *DAYS, "--out", out, "--vary", "least=3,10")
    said = jianheng(*words)
    assert said.code == 0, said.err
    lines = [line.split() for line in said.out.splitlines()]
    assert ["基准日", "疑似问题", "新增", "消失", "数据不足"] in lines
    assert ["2024-08-12", "1", "0", "0", "0"] in lines
    assert ["最少天数", "3日（现用）", "1", "0", "0"] in lines
    assert ["最少天数", "10日", "0", "0", "1"] in lines
    assert "只有一次导入的数据" in said.out
    assert said.err.startswith("· ")
    assert {path.name for path in out.iterdir()} == {"backtest.json", "backtest.xlsx", "weeks.svg", "sensitivity.svg"}
    document = jianheng(*words, "--json").document
    assert document == {"out": str(out), **json.loads((out / "backtest.json").read_text(encoding="utf-8"))}


def test_a_list_of_confirmed_subjects_is_looked_for(
    jianheng: Jianheng, model_folder: Path, data: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "属实.csv"
    listed.write_text("姓名,核查结论\n张三,属实\n李四,属实\n王五,属实\n", encoding="utf-8")
    said = jianheng(
        "model", "backtest", model_folder, "--data", data, *DAYS, "--out", tmp_path / "o", "--confirmed", listed
    )
    assert said.code == 0, said.err
    assert "本模型的线索中已有结论的1条，属实1条（样本过少，不作判断）。" in said.out
    assert "此前已属实的对象3个，本模型找回1个（样本过少，不作判断）。" in said.out
    assert "不符合「迟延…日」" in said.out
    assert "不在本模型的监督对象之中" in said.out
    assert "李四" not in said.out


def test_where_no_rule_can_run_the_exit_code_says_so(
    jianheng: Jianheng, data: Path, home: Path, tmp_path: Path
) -> None:
    said = jianheng("model", "backtest", "shell_company", "--data", data, *DAYS, "--out", tmp_path / "o")
    assert said.code == 3
    assert "未运行：未提供" in said.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--from", "2024-08-12", "--to", "2024-08-05"), "U421"),
        (("--from", "2024-08-05", "--to", "2024-08-12", "--every", "0"), "U421"),
        (("--from", "2000-01-01", "--to", "2024-08-12", "--every", "1"), "U422"),
        ((*DAYS, "--vary", "least"), "U423"),
        ((*DAYS, "--vary", "most=1"), "U102"),
        ((*DAYS, "--vary", "least=soon"), "U103"),
        ((*DAYS, "--snapshot", "1234"), "U424"),
        (("--from", "5.8.2024", "--to", "2024-08-12"), "U105"),
        ((*DAYS, "--confirmed", "no such.csv"), "U104"),
    ],
)
def test_wrong_wishes_are_refused_before_any_work(
    jianheng: Jianheng, model_folder: Path, data: Path, tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    said = jianheng("model", "backtest", model_folder, "--data", data, "--out", tmp_path / "o", *words)
    assert said.code == 2
    assert code in said.err
    assert not (tmp_path / "o").exists()


def test_data_are_needed_from_somewhere(jianheng: Jianheng, model_folder: Path, tmp_path: Path) -> None:
    said = jianheng("model", "backtest", model_folder, *DAYS, "--out", tmp_path / "o")
    assert said.code == 2
    assert "U424" in said.err


def test_a_misspelt_parameter_is_answered_with_the_right_one(
    jianheng: Jianheng, model_folder: Path, data: Path, tmp_path: Path
) -> None:
    words = ("model", "backtest", model_folder, "--data", data, *DAYS, "--out", tmp_path / "o", "--vary", "leest=1")
    assert "least" in jianheng(*words).err


# -- like ------------------------------------------------------------------------------------------------------------

LIKE = ("--for", "示检控申〔2025〕12号", "--as-of", "2025-06-30")


def test_one_case_is_laid_beside_the_rules_and_the_look_up_is_written_down(
    jianheng: Jianheng, model_folder: Path, data: Path, home: Path
) -> None:
    said = jianheng("model", "like", model_folder, "--subject", "身份证号=99010119900506011X", "--data", data, *LIKE)
    assert said.code == 0, said.err
    assert "试验模型：执行迟延（线索），示公（刑）取保字〔2024〕1号：疑似问题" in said.out
    assert "  符合　　  迟延8日" in said.out.splitlines()
    assert "同样的疑似问题另有0个对象" in said.out
    assert "99010119900506011X" not in said.out + said.err
    (line,) = (home / "lookups.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["for"] == "示检控申〔2025〕12号"
    assert json.loads(line)["subject"] == {"身份证号": "9901**********011X"}


def test_a_case_in_order_is_told_which_condition_it_does_not_meet(
    jianheng: Jianheng, model_folder: Path, data: Path
) -> None:
    words = ("model", "like", model_folder, "--subject", "姓名=李四", "--data", data, *LIKE)
    assert "不符合「迟延…日」" in jianheng(*words).out
    (rule,) = jianheng(*words, "--json").document["rules"]
    assert (rule["verdict"], rule["hits"], rule["met"]) == ("clean", 1, 0)


def test_a_case_that_is_not_in_the_data_gives_its_own_exit_code(
    jianheng: Jianheng, model_folder: Path, data: Path
) -> None:
    said = jianheng("model", "like", model_folder, "--subject", "姓名=王五", "--data", data, *LIKE)
    assert said.code == 3
    assert said.out.startswith("提供的数据里没有 姓名=王五。请核对写法")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--subject", "姓名", *LIKE), "U432"),
        (("--subject", "姓=张三", *LIKE), "是否想写 姓名"),
        (("--subject", "姓名=张三", "--for", "查", "--as-of", "2025-06-30"), "U431"),
        (("--subject", "姓名=张三", "--as-of", "2025-06-30"), "缺少 --for"),
    ],
)
def test_a_look_up_without_a_reason_or_a_subject_is_refused(
    jianheng: Jianheng, model_folder: Path, data: Path, words: tuple[str, ...], told: str
) -> None:
    said = jianheng("model", "like", model_folder, "--data", data, *words)
    assert said.code == 2
    assert told in said.err
