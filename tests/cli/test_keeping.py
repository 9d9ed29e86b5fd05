"""``jianheng intake --snapshots`` and ``--purge``: imported data looked over and destroyed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from jianheng.core import api
from jianheng.core.screening.import_data import Workplace
from tests.cli.conftest import Said

Jianheng = Callable[..., Said]


@pytest.fixture
def kept(jianheng: Jianheng, home: Path, data: Path) -> Path:
    """The folder of one import."""
    assert jianheng("intake", data).code == 0
    (folder,) = [one for one in (home / "snapshots").iterdir() if one.is_dir()]
    return folder


def test_what_was_imported_is_listed_with_its_files(jianheng: Jianheng, kept: Path) -> None:
    said = jianheng("intake", "--snapshots")
    assert said.code == 0
    assert kept.name in said.out and "取保候审决定.csv" in said.out and "保存中" in said.out
    (one,) = jianheng("intake", "--snapshots", "--json").document["snapshots"]
    assert (one["name"], one["rows"], one["reason"]) == (kept.name, 2, "")


def test_a_purge_destroys_the_data_and_leaves_a_record_with_the_reason(jianheng: Jianheng, kept: Path) -> None:
    said = jianheng("intake", "--purge", kept.name[:6], "--reason", "保存期限届满", "--yes")
    assert said.code == 0
    assert [path.name for path in kept.iterdir()] == ["destroyed.json"]
    record = json.loads((kept / "destroyed.json").read_text(encoding="utf-8"))
    assert record["reason"] == "保存期限届满"
    assert "保存期限届满" in jianheng("intake", "--snapshots").out


def test_without_a_yes_nothing_is_destroyed(
    jianheng: Jianheng, kept: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers = tmp_path / "answers"
    answers.write_text("n\n", encoding="utf-8")
    with answers.open(encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        said = jianheng("intake", "--purge", kept.name, "--reason", "保存期限届满")
    assert said.code == 130
    assert kept.name in said.err and "2行" in said.err
    assert (kept / "manifest.json").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--purge", "zzzz", "--reason", "届满", "--yes"), "没有这份数据"),
        (("--purge", "", "--reason", "届满", "--yes"), "没有这份数据"),
        (("--snapshots", "--purge", "zzzz"), "分开做"),
        ((), "缺少 PATH..."),
    ],
)
def test_wrong_words_are_refused(jianheng: Jianheng, kept: Path, words: tuple[str, ...], message: str) -> None:
    said = jianheng("intake", *words)
    assert said.code == 2
    assert message in said.err
    assert (kept / "manifest.json").is_file()


def test_a_purge_without_a_reason_is_refused(jianheng: Jianheng, kept: Path) -> None:
    said = jianheng("intake", "--purge", kept.name, "--yes")
    assert said.code == 3
    assert "理由" in said.err
    assert (kept / "manifest.json").is_file()


def test_nothing_is_destroyed_under_a_run(jianheng: Jianheng, home: Path, kept: Path) -> None:
    with Workplace(home).scratch():
        said = jianheng("intake", "--purge", kept.name, "--reason", "届满", "--yes")
    assert said.code == 2 and "正在进行" in said.err
    assert (kept / "manifest.json").is_file()


def test_a_purge_that_was_broken_off_is_finished_by_the_next_one(jianheng: Jianheng, home: Path, kept: Path) -> None:
    jianheng("intake", "--purge", kept.name, "--reason", "保存期限届满", "--yes")
    (kept / "canonical").mkdir()
    assert jianheng("intake", "--purge", kept.name, "--reason", "再来一次", "--yes").code == 0
    assert [path.name for path in kept.iterdir()] == ["destroyed.json"]
    (one,) = api.kept_snapshots(api.Home(home))
    assert one.reason == "保存期限届满"
