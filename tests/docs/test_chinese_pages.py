"""The Chinese pages say what the program says: codes, commands, functions, tables, rules, answers to mistakes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from jianheng.cli.main import app
from jianheng.core.api import Home, PackProblem, load_lexicon, load_models
from jianheng.core.model.functions import FUNCTIONS
from tests.docs.test_documents import BLOCK, ROOT

SOURCE = ROOT / "src" / "jianheng"
PACK = SOURCE / "packs" / "criminal"
ZH = ROOT / "docs" / "zh"
REFERENCE, AUTHORS, BAIL = ZH / "参考.md", ZH / "编写模型.md", ZH / "模型" / "取保候审保证金.md"

EMPTY = {"unknown": "不知道", "never": "尚未发生", "open": "仍在继续", "none": "没有"}
KIND = {"clue": "线索", "conflict": "数据矛盾", "list": "工作清单", "hint": "提示"}


def rows(text: str) -> list[list[str]]:
    """The cells of every row of every table in ``text``."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]


def part(page: Path, heading: str) -> str:
    """What stands under ``heading``, down to the next heading of its level or a higher one."""
    text = page.read_text(encoding="utf-8")
    start = text.index(f"{heading}\n") + len(heading)
    level = len(heading) - len(heading.lstrip("#"))
    end = re.search(rf"^#{{1,{level}}} ", text[start:], re.MULTILINE)
    return text[start : start + end.start()] if end else text[start:]


def yaml_files(folder: str) -> list[dict[str, Any]]:
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((PACK / folder).glob("*.yaml"))]


def test_every_problem_code_of_the_source_is_explained_and_no_other() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    used = set(re.findall(r'"([PTDMRU][0-9]{3})"', text))
    told = [row[0] for row in rows(part(REFERENCE, "## 问题代码")) if re.fullmatch(r"[A-Z][0-9]{3}", row[0])]
    assert len(told) == len(set(told))
    assert set(told) == used


def leaves(command: Any, path: str) -> Iterator[str]:
    below = getattr(command, "commands", None)
    if below is None:
        yield path
        return
    for name, one in below.items():
        yield from leaves(one, f"{path} {name}")


def test_every_command_is_in_the_reference_and_no_other() -> None:
    told = {row[0].strip("`") for row in rows(part(REFERENCE, "## 命令")) if row[0].startswith("`jianheng")}
    assert told == set(leaves(typer.main.get_command(app), "jianheng"))


def test_every_option_of_screen_is_in_the_reference_and_no_other() -> None:
    told = {row[0].strip("`") for row in rows(part(REFERENCE, "## 命令")) if row[0].startswith("`--")}
    screen: Any = typer.main.get_command(app).commands["screen"]  # type: ignore[attr-defined]
    assert told == {option for one in screen.params for option in one.opts if option.startswith("--")} - {"--json"}


def test_the_functions_are_those_of_the_language() -> None:
    table = [row for row in rows(part(AUTHORS, "## 5. 语言")) if row[0].strip("`") in FUNCTIONS and len(row) == 4]
    assert {row[0].strip("`"): row[3] for row in table} == {name: one.meaning for name, one in FUNCTIONS.items()}


def test_the_tables_of_the_bail_page_are_those_of_the_pack() -> None:
    for table in yaml_files("tables"):
        told = [row for row in rows(part(BAIL, f"### {table['title']}（`{table['id']}`）")) if row[1].startswith("`")]
        assert told == [
            [
                column["title"] + ("（必需）" if name in table["required"] else ""),
                f"`{name}`",
                EMPTY[column.get("empty", "unknown")],
            ]
            for name, column in table["columns"].items()
        ]


def test_the_code_lists_of_the_bail_page_are_those_of_the_pack() -> None:
    told = {row[0]: row[1].split("、") for row in rows(part(BAIL, "## 2. 词表"))}
    for codes in yaml_files("codes"):
        assert told[codes["title"]] == list(codes["values"])


def test_the_rules_of_the_bail_page_are_those_of_the_model() -> None:
    told = [row[:3] for row in rows(part(BAIL, "## 6. 规则")) if row[1].startswith("`")]
    model = yaml.safe_load((PACK / "models" / "bail_deposit" / "model.yaml").read_text(encoding="utf-8"))
    assert told == [[rule["title"], f"`{rule['id']}`", KIND[rule["kind"]]] for rule in model["rules"]]


def taught_model(folder: Path, change: tuple[str, str] = ("", "")) -> Path:
    """The model that the authors' page shows, as a folder; ``change`` replaces a piece of its text."""
    shown = next(block for block in BLOCK.findall(part(AUTHORS, "## 3. 一条规则")) if "id: late" in block)
    head = "id: late_release\nversion: 0.1.0\ntitle: 解除迟延\nline: criminal\nsummary: 示例\n"
    head += "tables: {bail: bail_decision}\n"
    model = folder / "criminal" / "models" / "late_release"
    model.mkdir(parents=True)
    (model / "model.yaml").write_text((head + shown.strip("`\n")).replace(*change, 1), encoding="utf-8")
    return model


def read(folder: Path, model: Path) -> None:
    """Read ``model`` with ``folder`` as the office's own. Raises PackProblem."""
    load_models(Home(folder), [str(model)], load_lexicon(Home(folder)))


def test_the_rule_that_the_authors_page_teaches_is_accepted(tmp_path: Path) -> None:
    read(tmp_path, taught_model(tmp_path / "packs"))


MISTAKES = [
    (row[0].strip("`"), row[1])
    for row in rows(part(AUTHORS, "## 10. 常见的错误和程序的回答"))
    if re.match(r"`(bail|lower)[.(]", row[0])
]


@pytest.mark.parametrize(("mistake", "answer"), MISTAKES, ids=[one for one, _ in MISTAKES])
def test_a_common_mistake_gets_the_answer_that_the_page_gives(mistake: str, answer: str, tmp_path: Path) -> None:
    condition = mistake if "=" in mistake or " " in mistake else f"{mistake} < as_of"
    model = taught_model(tmp_path / "packs", ("when: not has(bail.ended_on)", f'when: "{condition}"'))
    with pytest.raises(PackProblem) as caught:
        read(tmp_path, model)
    told = answer.partition("`（")[0].strip("`").rstrip("…")
    assert [str(problem) for problem in caught.value.problems if told in str(problem)] != []


def test_the_pictures_of_the_tutorial_are_small() -> None:
    assert [path.name for path in (ZH / "pictures").iterdir() if path.stat().st_size > 150_000] == []
