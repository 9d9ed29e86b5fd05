"""The Chinese pages say what the program says: codes, commands, functions, tables, rules, answers to mistakes."""

import re
from collections.abc import Iterator
from functools import cache
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
PACKS = SOURCE / "packs"
MODELS = sorted(PACKS.glob("*/models/*/model.yaml"))
ZH = ROOT / "docs" / "zh"
REFERENCE, AUTHORS = ZH / "参考.md", ZH / "编写模型.md"
MODEL_PAGES = sorted((ZH / "模型").glob("*.md"))

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


@cache
def yaml_files(folder: str) -> dict[str, Any]:
    """Everything under ``folder`` of all packs, by id."""
    found = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(PACKS.glob(f"*/{folder}/*.yaml"))]
    return {one["id"]: one for one in found}


def model_of(page: Path) -> dict[str, Any]:
    """The model that a page is about: the id that stands in its title."""
    named = re.match(r"# .*（([a-z0-9_]+)）\n", page.read_text(encoding="utf-8"))
    assert named, page.name
    path = next(path for path in MODELS if path.parent.name == named[1])
    model: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return model


def tables_of(model: dict[str, Any]) -> list[dict[str, Any]]:
    return [yaml_files("tables")[name] for name in model["tables"].values()]


def test_every_problem_code_of_the_source_is_explained_and_no_other() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    used = set(re.findall(r'"([PTDMRUX][0-9]{3})"', text))
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


def heading(page: Path, words: str) -> str:
    """The heading of the second level whose name, apart from its number, is ``words``."""
    found = re.search(rf"^## (?:[0-9]+\. )?{words}$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert found, f"{page.name}: {words}"
    return found[0]


@pytest.mark.parametrize("page", MODEL_PAGES, ids=lambda page: page.stem)
def test_the_tables_of_a_models_page_are_those_of_the_packs(page: Path) -> None:
    for table in tables_of(model_of(page)):
        told = [row for row in rows(part(page, f"### {table['title']}（`{table['id']}`）")) if row[1].startswith("`")]
        assert told == [
            [
                column["title"] + ("（必需）" if name in table["required"] else ""),
                f"`{name}`",
                EMPTY[column.get("empty", "unknown")],
            ]
            for name, column in table["columns"].items()
        ]


@pytest.mark.parametrize("page", MODEL_PAGES, ids=lambda page: page.stem)
def test_the_code_lists_of_a_models_page_are_those_of_the_packs(page: Path) -> None:
    told = {row[0]: row[1].split("、") for row in rows(part(page, heading(page, "词表")))}
    columns = [column for table in tables_of(model_of(page)) for column in table["columns"].values()]
    for name in {column["codes"] for column in columns if "codes" in column}:
        codes = yaml_files("codes")[name]
        assert told[codes["title"]] == list(codes["values"])


@pytest.mark.parametrize("page", MODEL_PAGES, ids=lambda page: page.stem)
def test_the_rules_of_a_models_page_are_those_of_the_model(page: Path) -> None:
    told = [row[:3] for row in rows(part(page, heading(page, "规则"))) if row[1].startswith("`")]
    assert told == [[rule["title"], f"`{rule['id']}`", KIND[rule["kind"]]] for rule in model_of(page)["rules"]]


def test_every_model_has_a_page_that_the_list_of_pages_names() -> None:
    listed = (ZH / "README.md").read_text(encoding="utf-8")
    assert sorted(model_of(page)["id"] for page in MODEL_PAGES) == sorted(path.parent.name for path in MODELS)
    assert [page.name for page in MODEL_PAGES if f"(模型/{page.name})" not in listed] == []


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
