"""``jianheng model package``, ``install`` and ``key``: what the author and the clerk see."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Said
from tests.core.shelf.author import NAME, Author, newer

Jianheng = Callable[..., Said]


@pytest.fixture
def author(tmp_path: Path) -> Author:
    return Author(tmp_path / "author")


def test_a_key_is_made_once_and_says_what_to_do_with_it(jianheng: Jianheng, home: Path, tmp_path: Path) -> None:
    said = jianheng("model", "key", "new", tmp_path / "own.key", "--name", NAME)
    assert said.code == 0
    assert NAME in said.out and "公钥指纹" in said.out and "私钥没有口令" in said.out
    assert jianheng("model", "key", "new", tmp_path / "own.key", "--name", NAME).code == 2
    document = jianheng("model", "key", "new", tmp_path / "b.key", "--name", NAME, "--json").document
    assert set(document) == {"private", "public", "name", "scheme", "fingerprint"}


def test_the_office_is_named_by_its_own_file(jianheng: Jianheng, home: Path, tmp_path: Path) -> None:
    assert jianheng("model", "key", "new", tmp_path / "own.key").code == 2
    home.mkdir()
    (home / "office.yaml").write_text("name: 示例市江北区人民检察院\n", encoding="utf-8")
    assert "示例市江北区人民检察院" in jianheng("model", "key", "new", tmp_path / "own.key").out


def test_packing_ends_with_the_fingerprint_to_tell(jianheng: Jianheng, home: Path, author: Author) -> None:
    model = author.write()
    author.answer(model)
    words = ("model", "package", model, "--key", author.key_file, "--out", author.folder / "made")
    refused = jianheng(*words)
    assert refused.code == 1
    assert "M506 没有回溯检验的结果" in refused.err
    said = jianheng(*words, "--backtest", author.replay(model))
    assert said.code == 0
    assert str(author.folder / "made" / "deposits-1.0.0.jianheng.zip") in said.out
    assert author.key.fingerprint in said.out
    document = jianheng(*words, "--backtest", author.replay(model), "--json").document
    assert (document["model"], document["cases"], document["left_out"]) == ("deposits", 2, [])


def test_a_clerk_installs_lists_tries_screens_replaces_and_puts_back(
    jianheng: Jianheng, home: Path, author: Author, data: Path, tmp_path: Path
) -> None:
    stick = tmp_path / "stick.zip"
    shutil.copy(author.send(), stick)
    unknown = jianheng("model", "install", stick)
    assert unknown.code == 1
    assert NAME in unknown.err and f"--trust {author.key.fingerprint}" in unknown.err
    assert jianheng("model", "install", stick, "--trust", "0000").code == 2
    installed = jianheng("model", "install", stick, "--trust", author.key.fingerprint)
    assert installed.code == 0
    assert f"签名者：{NAME}" in installed.out and "签名以后没有改动" in installed.out
    assert "取保候审决定（bail_decision）：决定书文号" in installed.out
    assert NAME in jianheng("model", "key", "list").out
    assert "本机还没有导入过数据的表：取保候审决定" in installed.out
    (row,) = [line for line in jianheng("model", "list").out.splitlines() if line.startswith("deposits ")]
    assert row.endswith("安装")
    assert jianheng("model", "test", "deposits").code == 0
    screened = jianheng("screen", "deposits", "--data", data, "--as-of", "2025-06-30", "--out", tmp_path / "found")
    assert screened.code == 0
    assert (tmp_path / "found" / "clues.jsonl").read_text(encoding="utf-8").count("\n") == 1
    later = author.send(newer())
    held = jianheng("model", "install", later)
    assert held.code == 1
    assert "缺省由3日改为2日" in held.out and "--replace" in held.out
    replaced = jianheng("model", "install", later, "--replace")
    assert replaced.code == 0 and "要换回原来的" in replaced.out
    back = next(line for line in replaced.out.splitlines() if "要换回原来的" in line).partition("jianheng ")[2]
    assert jianheng(*back.split()).code == 0
    rows = jianheng("model", "list", "--json").document["models"]
    assert [one["version"] for one in rows if one["id"] == "deposits"] == ["1.0.0"]


def test_checking_reads_everything_and_installs_nothing(jianheng: Jianheng, home: Path, author: Author) -> None:
    said = jianheng("model", "install", author.send(), "--check", "--trust", author.key.fingerprint)
    assert said.code == 0
    assert "没有安装" in said.out
    assert "deposits" not in jianheng("model", "list").out
    assert jianheng("model", "key", "list", "--json").document == {"keys": []}


def test_a_key_is_trusted_and_distrusted_by_its_fingerprint(jianheng: Jianheng, home: Path, author: Author) -> None:
    public = author.folder / "own.key.pub"
    shown = author.key.fingerprint
    assert jianheng("model", "key", "trust", public, "--fingerprint", "ffff").code == 2
    assert jianheng("model", "key", "trust", public, "--fingerprint", shown.upper()).code == 0
    assert jianheng("model", "install", author.send(), "--json").document["status"] == "installed"
    assert jianheng("model", "key", "distrust", shown).code == 0
    assert jianheng("model", "key", "distrust", shown).code == 2


def test_what_is_no_package_is_said_with_what_to_do(jianheng: Jianheng, home: Path, data: Path) -> None:
    said = jianheng("model", "install", data / "取保候审决定.csv")
    assert said.code == 1
    assert "P401" in said.err and "重新索取" in said.err
    assert jianheng("model", "install", data / "没有.zip").code == 2
    assert jianheng("model", "install", data / "取保候审决定.csv", "--json").document["problems"][0]["code"] == "P401"


def test_a_difference_is_told_in_words_and_in_clues(
    jianheng: Jianheng, home: Path, author: Author, data: Path, tmp_path: Path
) -> None:
    old = author.write()
    new = shutil.copytree(old, tmp_path / "later" / "deposits")
    (new / "model.yaml").write_text(newer().replace("default: 2", "default: 9"), encoding="utf-8")
    said = jianheng("model", "diff", old, new)
    assert said.code == 0
    assert "缺省由3日改为9日" in said.out and "在所给的数据上" not in said.out
    said = jianheng("model", "diff", old, new, "--data", data, "--as-of", "2025-06-30")
    assert said.code == 0
    assert "只有原有的1个，只有新的0个" in said.out
    assert "－示公（刑）取保字〔2024〕1号" in said.out
    document = jianheng("model", "diff", old, new, "--data", data, "--as-of", "2025-06-30", "--json").document
    assert document["clues"][0]["only_old"][0]["rule"] == "started_late"
    same = jianheng("model", "diff", old, old)
    assert "两个模型说的完全相同" in same.out
    assert jianheng("model", "diff", old, new, "--data", data).code == 2
    assert jianheng("model", "diff", old, "all").code == 2


def test_a_clerk_is_told_what_goes_and_stays_and_has_to_say_so(
    jianheng: Jianheng, home: Path, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    jianheng("model", "install", author.send(), "--trust", author.key.fingerprint)
    refused = jianheng("model", "uninstall", "deposits")
    assert refused.code == 1
    for told in (
        "去掉：",
        "1.0.0（在用的版本",
        NAME,
        "留下：",
        "已导入的数据",
        "jianheng verify",
        "没有卸下。确要卸下的加 --yes。",
    ):
        assert told in refused.out
    document = jianheng("model", "uninstall", "deposits", "--json").document
    assert (document["id"], document["removed"], document["kept"]) == ("deposits", False, "")
    monkeypatch.setattr("sys.stdin", Terminal("不\n"))
    assert "没有卸下" in jianheng("model", "uninstall", "deposits").out
    assert (home / "packs" / "deposits").is_dir()
    monkeypatch.setattr("sys.stdin", Terminal("是\n"))
    said = jianheng("model", "uninstall", "deposits")
    assert said.code == 0 and "已卸下。记录和原包在" in said.out
    assert not (home / "packs" / "deposits").exists()
    assert jianheng("model", "uninstall", "deposits", "--yes").code == 2


def test_in_a_script_it_is_said_beforehand(jianheng: Jianheng, home: Path, author: Author) -> None:
    jianheng("model", "install", author.send(), "--trust", author.key.fingerprint)
    document = jianheng("model", "uninstall", "deposits", "--yes", "--json").document
    assert document["removed"] and (Path(document["kept"]) / "removed.json").is_file()


class Terminal(io.StringIO):
    """Somebody at a terminal who types."""

    def isatty(self) -> bool:
        return True
