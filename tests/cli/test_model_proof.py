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
    assert ["最少天数", "3（现用）", "1", "0", "0"] in lines
    assert ["最少天数", "10", "0", "0", "1"] in lines
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
