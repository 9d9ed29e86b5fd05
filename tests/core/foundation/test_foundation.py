"""Problems with places, hashes that name themselves, files that are old or new but never half."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from jianheng.core.foundation.durable import private_folder, writing_file, writing_folder
from jianheng.core.foundation.errors import DataProblem, PackProblem, Problem, UsageProblem, raise_if_any
from jianheng.core.foundation.identity import hash_file, hash_text, hash_value, short_id
from jianheng.core.foundation.named_file import named_file_problem, require_named_file, why_unreadable
from jianheng.core.foundation.progress import Silent


def test_a_problem_says_its_place_as_text_files_or_tables_have_it() -> None:
    text = Problem("M203", "未知列。", file="model.yaml", line=3, column=7, hint="是否想写 amount？")
    assert str(text) == "model.yaml:3:7 M203 未知列。 是否想写 amount？"
    cell = Problem("D101", "读不出。", file="表.xlsx", sheet="一月", cell="C7")
    assert cell.place() == "表.xlsx › 一月 › C7"
    assert cell.as_dict() == {"code": "D101", "message": "读不出。", "file": "表.xlsx", "sheet": "一月", "cell": "C7"}


def test_all_problems_are_raised_together_and_none_raises_nothing() -> None:
    raise_if_any(PackProblem, [])
    with pytest.raises(DataProblem) as caught:
        raise_if_any(DataProblem, (Problem(f"D{number}", "错") for number in (1, 2)))
    assert [one.code for one in caught.value.problems] == ["D1", "D2"]


def test_a_hash_names_its_algorithm_and_does_not_depend_on_order(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes("甲".encode())
    assert hash_file(tmp_path / "a") == hash_text("甲")
    assert hash_text("甲").startswith("sha256:") and len(short_id(hash_text("甲"))) == 16
    assert hash_value({"b": 1, "a": ["甲"]}) == hash_value({"a": ["甲"], "b": 1}) != hash_value({"a": ["甲"], "b": 2})


def test_a_file_that_fails_half_way_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "clues.jsonl"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(ZeroDivisionError), writing_file(path) as aside:
        aside.write_text("half", encoding="utf-8")
        raise ZeroDivisionError
    assert path.read_text(encoding="utf-8") == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["clues.jsonl"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no owner bits")
def test_a_written_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "clues.jsonl"
    with writing_file(path) as aside:
        aside.write_text("new", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(private_folder(tmp_path / "temp").stat().st_mode) == 0o700


def test_a_folder_appears_whole_or_not_at_all_and_the_first_one_wins(tmp_path: Path) -> None:
    target = tmp_path / "snapshots" / "abc"
    with pytest.raises(ZeroDivisionError), writing_folder(target) as aside:
        (aside / "rows").write_text("half", encoding="utf-8")
        raise ZeroDivisionError
    assert not target.exists() and list(target.parent.iterdir()) == []
    for content in ("first", "second"):
        with writing_folder(target) as aside:
            (aside / "rows").write_text(content, encoding="utf-8")
    assert (target / "rows").read_text(encoding="utf-8") == "first"
    assert [one.name for one in target.parent.iterdir()] == ["abc"]


def test_progress_nobody_watches_is_never_cancelled() -> None:
    silent = Silent()
    silent.step("读取", 3)
    silent.advance(2)
    silent.note("说明")
    assert not silent.cancelled()


def test_a_file_that_cannot_be_read_is_told_in_words_of_the_reader(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("", encoding="utf-8")
    assert named_file_problem(tmp_path / "a.yaml", "表") is None
    seen = {path: named_file_problem(path, "表") for path in (tmp_path, tmp_path / "b", tmp_path / "a.yaml" / "b")}
    assert [problem.message for problem in seen.values() if problem] == [
        "这是一个文件夹，应是表。",
        "没有这个文件，应是表。",
        "路径中有一段不是文件夹，应是表。",
    ]
    with pytest.raises(UsageProblem, match="U104 不是文件名，应是表"):
        require_named_file(Path("a\0b"), "表")


def test_an_error_of_the_system_that_nobody_put_into_words_is_still_named() -> None:
    assert why_unreadable(OSError(errno.ELOOP, "Too many levels of symbolic links")) == "系统错误 ELOOP"


def test_a_pipe_is_refused_before_anybody_waits_for_its_other_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    problem = named_file_problem(tmp_path / "pipe", "表")
    assert problem is not None
    assert (problem.code, problem.message) == ("U104", "这不是普通文件，应是表。")
