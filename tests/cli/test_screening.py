"""``jianheng screen``, ``verify``, ``intake``, ``sandbox build`` and ``demo`` from the words to the files."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import BAIL, Said

Jianheng = Callable[..., Said]
AS_OF = "2025-06-30"


@pytest.fixture
def screened(jianheng: Jianheng, model_folder: Path, data: Path, tmp_path: Path) -> Path:
    out = tmp_path / "results"
    said = jianheng("screen", model_folder, "--data", data, "--as-of", AS_OF, "--out", out)
    assert said.code == 0, said.err
    return out


def test_screening_writes_its_files_and_says_which_to_open(screened: Path) -> None:
    names = {path.name for path in screened.iterdir()}
    assert {"clues.xlsx", "clues.jsonl", "lists.jsonl", "links.jsonl", "problems.xlsx", "problems.jsonl"} <= names
    assert "run.json" in names
    (clue,) = [json.loads(line) for line in (screened / "clues.jsonl").read_text(encoding="utf-8").splitlines()]
    assert clue["subject"] == {"bail_no": "示公（刑）取保字〔2024〕1号"}


def test_the_overview_goes_to_stdout_and_progress_to_stderr(
    jianheng: Jianheng, model_folder: Path, data: Path, tmp_path: Path
) -> None:
    said = jianheng("screen", model_folder, "--data", data, "--as-of", AS_OF, "--out", tmp_path / "o")
    assert said.out.splitlines()[0].split() == [
        "规则",
        "性质",
        "疑似问题",
        "未发现异常",
        "数据不足",
        "金额（元）",
        "数据不足的主要原因",
    ]
    assert "执行迟延" in said.out
    assert str(tmp_path / "o" / "clues.xlsx") in said.out
    assert said.err.startswith("· ")
    assert "99010119900506011X" not in said.out + said.err


def test_a_rule_without_hits_or_without_money_has_a_dash_for_an_amount(
    jianheng: Jianheng, model_folder: Path, data: Path, tmp_path: Path
) -> None:
    model = model_folder / "model.yaml"
    head, _, rule = model.read_text(encoding="utf-8").partition("  - id: started_late\n")
    money = rule.replace("    say:", "    amount: bail.amount_decided\n    say:")
    never = money.replace("执行迟延", "从未有过").replace("> least", "> 3000")
    paid = money.replace("执行迟延", "迟延的保证金")
    rules = [f"  - id: {name}\n{text}" for name, text in (("plain", rule), ("never", never), ("paid", paid))]
    model.write_text(head + "".join(rules), encoding="utf-8")
    said = jianheng("screen", model_folder, "--data", data, "--as-of", AS_OF, "--out", tmp_path / "o")
    amounts = {line.split()[0]: line.split()[5] for line in said.out.splitlines()[1:4]}
    assert amounts == {"执行迟延": "—", "从未有过": "—", "迟延的保证金": "5,000.00"}


def test_with_json_the_counts_are_the_one_document(
    jianheng: Jianheng, model_folder: Path, data: Path, tmp_path: Path
) -> None:
    words = ("screen", model_folder, "--data", data, "--as-of", AS_OF, "--out", tmp_path / "o", "--json")
    (rule,) = jianheng(*words).document["rules"]
    assert (rule["hit"], rule["clean"], rule["cannot_tell"]) == (1, 1, 0)
    (rule,) = jianheng(*words, "--param", "least=30").document["rules"]
    assert rule["hit"] == 0


def test_a_wrong_parameter_is_refused_before_anything_is_written(
    jianheng: Jianheng, model_folder: Path, data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "o"
    said = jianheng("screen", model_folder, "--data", data, "--as-of", AS_OF, "--out", out, "--param", "lest=3")
    assert said.code == 2
    assert "是否想写 least" in said.err
    assert not out.exists()


def test_data_in_which_no_rule_can_run_is_exit_three_and_says_what_is_missing(
    jianheng: Jianheng, model_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_text("结果,结果日期\n", encoding="utf-8")
    said = jianheng("screen", model_folder, "--data", tmp_path / "list.csv", "--as-of", AS_OF, "--out", tmp_path / "o")
    assert said.code == 3
    assert "取保候审决定" in said.out + said.err


def test_a_clue_is_verified_and_a_changed_cell_is_named(jianheng: Jianheng, screened: Path, data: Path) -> None:
    model = screened.parent / "deposits"
    words = ("verify", screened / "clues.jsonl", "--data", data, "--model", model)
    assert jianheng(*words).code == 0
    file = data / "取保候审决定.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("2024-08-09", "2024-08-19"), encoding="utf-8")
    said = jianheng(*words, "--json")
    assert said.code == 1
    (clue,) = said.document["clues"]
    assert clue["state"] == "different"
    (change,) = clue["changes"]
    assert (change["title"], change["old"], change["new"]) == ("执行日期", "2024-08-09", "2024-08-19")


def test_verify_without_the_run_record_cannot(jianheng: Jianheng, screened: Path, data: Path) -> None:
    (screened / "run.json").unlink()
    said = jianheng("verify", screened / "clues.jsonl", "--data", data)
    assert said.code == 3
    assert "run.json" in said.err


def test_intake_says_which_table_was_found(jianheng: Jianheng, home: Path, data: Path, tmp_path: Path) -> None:
    said = jianheng("intake", data, "--out", tmp_path / "found")
    assert said.code == 0
    assert "取保候审决定" in said.out
    assert (tmp_path / "found" / "intake.json").is_file()
    document = jianheng("intake", data, "--json").document
    assert document["tables"]["bail_decision"]["rows"] == 2


def test_a_county_can_be_built_and_screened(jianheng: Jianheng, home: Path, tmp_path: Path) -> None:
    county = tmp_path / "county"
    built = jianheng("sandbox", "build", county, "--cases", "20", "--mess", "0", "--json").document
    assert json.loads((county / "county.json").read_text(encoding="utf-8")) == {
        "as_of": built["as_of"],
        "seed": 1,
        "cases": 20,
        "mess": 0,
    }
    assert (county / "truth.jsonl").is_file()
    other = tmp_path / "full"
    other.mkdir()
    (other / "mine.txt").write_text("x", encoding="utf-8")
    assert jianheng("sandbox", "build", other, "--cases", "20").code == 2


@pytest.mark.slow
def test_the_demo_says_what_to_open(jianheng: Jianheng, home: Path, tmp_path: Path) -> None:
    said = jianheng("demo", "--cases", "60", "--out", tmp_path / "demo")
    assert said.code == 0
    assert str(tmp_path / "demo" / "results" / "clues.xlsx") in said.out
    assert (tmp_path / "demo" / "results" / "clues.xlsx").is_file()


def test_the_program_starts_without_the_engine_and_the_schema_library() -> None:
    script = (
        "import sys; from jianheng.cli.main import run; run(['--help']); "
        "print(sorted({'duckdb', 'pyarrow', 'pydantic', 'rich'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stderr == "[]\n"
    assert done.stdout.startswith("用法：")


def test_screening_says_that_a_file_was_not_read(
    jianheng: Jianheng, model_folder: Path, data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "results"
    words = ("screen", model_folder, "--data", data, "--as-of", AS_OF, "--out", out)
    assert "个问题" not in jianheng(*words).out
    (data / "照片.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n")
    said = jianheng(*words)
    assert f"数据有1个问题，其中1份文件或者工作表没有读入，原因和办法见 {out / 'problems.xlsx'}。\n" in said.out


def test_intake_says_of_a_cell_what_was_seen_and_what_to_do(jianheng: Jianheng, home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "取保.csv").write_text(
        BAIL.replace("2024-08-09", "2024.13.45").replace("保证金,5000", "保证,5000"), "utf-8"
    )
    said = jianheng("intake", folder)
    assert "odd/取保.csv › 第2条 执行日期：没有13月（看到「2024.13.45」） 请对照原始文书核对日期\n" in said.out
    assert "「保证方式」中没有这个词（看到「保证」） 是否想写 保证金 或 保证人？\n" in said.out
