"""Rules of the house that no linter knows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "jianheng"
CORE = SOURCE / "core"
ROOMS = sorted(folder.name for folder in CORE.iterdir() if (folder / "__init__.py").exists())
LONG_FILE = 600

# The clock is a parameter: these would read it. `as_of` and `now` come in from the faces.
CLOCK = {("date", "today"), ("datetime", "today"), ("datetime", "now"), ("datetime", "utcnow"), ("time", "time")}


def modules(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*.py")) if "packs" not in path.relative_to(SOURCE).parts[:1])


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_in_fifteen_lines_what_enters_what_leaves_and_what_it_must_not_know(room: str) -> None:
    lines = (CORE / room / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 15
    text = "\n".join(lines)
    assert all(f"**{part}**" in text for part in ("Enters", "Leaves", "Must not know")), text


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "api"])
def test_the_init_of_a_room_is_empty(room: str) -> None:
    assert (CORE / room / "__init__.py").read_text(encoding="utf-8").strip() == ""


def test_no_file_is_named_after_nothing_in_particular() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    assert [path for path in modules(SOURCE) if {path.stem, *path.parent.parts} & vague] == []


def test_a_long_file_gives_its_reason_in_the_first_line() -> None:
    long = [path for path in modules(SOURCE) if len(path.read_text(encoding="utf-8").splitlines()) > LONG_FILE]
    first_lines = {path.name: path.read_text(encoding="utf-8").partition("\n")[0] for path in long}
    assert [name for name, line in first_lines.items() if "long because" not in line.lower()] == []


def test_the_core_never_reads_the_clock() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules(CORE)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in CLOCK
    ]
    assert found == []


def test_packs_hold_no_python() -> None:
    assert sorted((SOURCE / "packs").rglob("*.py")) == []
