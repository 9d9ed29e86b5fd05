"""What the documents name exists: paths, links, targets of make, commands."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {".venv", ".git", "build", "dist", "jianheng-data", "demo-county", ".pytest_cache"}
DOCUMENTS = sorted(path for path in ROOT.rglob("*.md") if not SKIPPED & set(path.relative_to(ROOT).parts))
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
TOP = {path.name for path in ROOT.iterdir()} - SKIPPED

LINK = re.compile(r"\]\(([^)#]+?)(?:#[^)]*)?\)")
CODE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def in_code(text: str) -> Iterator[str]:
    """Everything set as code: inline pieces, and the lines of blocks without their comments."""
    yield from CODE.findall(BLOCK.sub("", text))
    for block in BLOCK.findall(text):
        yield from (line.partition("#")[0].strip() for line in block.splitlines()[1:-1])


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_link_leads_somewhere(document: Path) -> None:
    links = LINK.findall(document.read_text(encoding="utf-8"))
    lost = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert lost == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_path_of_the_repository_that_is_named_exists(document: Path) -> None:
    pieces = in_code(document.read_text(encoding="utf-8"))
    paths = [piece for piece in pieces if piece.partition("/")[0] in TOP and re.fullmatch(r"[\w./-]+", piece)]
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_make_target_that_is_named_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    calls = [piece.split()[1:] for piece in in_code(document.read_text(encoding="utf-8")) if piece.startswith("make ")]
    assert {target for call in calls for target in call} - targets == set()


def test_every_make_target_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z]+):(.*)$", makefile, re.MULTILINE)
    assert {"setup", "demo", "test", "quick", "check", "bench", "soak"} <= {name for name, _ in targets}
    assert [name for name, rest in targets if "## " not in rest] == []


def test_both_readmes_have_the_same_parts_in_the_same_order() -> None:
    english, chinese = (shape(path.read_text(encoding="utf-8")) for path in READMES)
    assert english == chinese


def shape(text: str) -> list[str]:
    """What must be equal in both tongues: levels of headings, blocks with their commands, rows of tables, pictures."""
    marks = re.compile(r"^(#+) |^(```)|^(\|)|^(!)|^(\d\.) ", re.MULTILINE)
    outline = ["".join(part or "" for part in found) for found in marks.findall(text)]
    commands = [line.partition("#")[0].strip() for block in BLOCK.findall(text) for line in block.splitlines()]
    return outline + commands


def test_both_readmes_name_the_same_files_and_commands() -> None:
    english, chinese = (set(in_code(path.read_text(encoding="utf-8"))) for path in READMES)
    assert english == chinese


def test_the_changelog_keeps_its_form() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert versions
    for version in versions:
        assert re.fullmatch(r"\[(Unreleased|\d+\.\d+\.\d+)\]( - (\d{4}-\d{2}-\d{2}|unreleased))?", version), version
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_every_decision_is_listed_dated_and_complete() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    decisions = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} ")
        assert re.search(r"^\d{4}-\d{2}-\d{2} · (accepted|superseded by \d{4})$", text, re.MULTILINE)
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Options", "Decision", "Consequences"]
        assert path.name in index


def test_every_room_stands_in_the_architecture() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in (ROOT / "src" / "jianheng" / "core").glob("*/__init__.py")}
    assert {room for room in rooms if f"`{room}`" not in text} == set()


def test_every_rule_of_the_semantics_that_a_comment_cites_exists() -> None:
    text = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
    rules = {int(number) for number in re.findall(r"^(\d+)\. ", text, re.MULTILINE)}
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")]
    cited = {
        int(number)
        for source in sources
        for group in re.findall(r"[Ss]emantics ((?:\d+(?:, | and )?)+)", source)
        for number in re.findall(r"\d+", group)
    }
    assert cited and cited <= rules
