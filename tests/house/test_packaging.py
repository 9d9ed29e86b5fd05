"""What a stranger gets by installing: declared, pinned, and nothing from elsewhere."""

import ast
import re
import sys
import tomllib
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "jianheng"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pins() -> dict[str, str]:
    """Name -> exact version, of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    bare = [line.partition("#")[0].strip() for line in lines]
    pairs = [line.split("==") for line in bare if line]
    assert all(len(pair) == 2 for pair in pairs), "constraints.txt holds name==version only"
    return {canonicalize_name(name): version for name, version in pairs}


def closure(requirements: list[str]) -> set[str]:
    """Every distribution that ``requirements`` bring on this machine."""
    found: set[str] = set()
    done: set[tuple[str, str]] = set()
    todo = [(Requirement(text), "") for text in requirements]
    while todo:
        one, extra = todo.pop()
        if one.marker is not None and not one.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(one.name)
        found.add(name)
        for wanted in {"", *one.extras} - {extra for known, extra in done if known == name}:
            done.add((name, wanted))
            todo.extend((Requirement(text), wanted) for text in distribution(name).requires or [])
    return found


def declared() -> list[str]:
    extras = PROJECT["optional-dependencies"]
    return [*PROJECT["dependencies"], *extras["spark"], *extras["dev"]]


def test_all_that_is_installed_is_pinned_to_the_version_installed() -> None:
    pinned = pins()
    unequal = {
        name: (distribution(name).version, pinned.get(name))
        for name in closure(declared())
        if pinned.get(name) is None or Version(pinned[name]) != Version(distribution(name).version)
    }
    assert unequal == {}


def test_nothing_is_pinned_that_nothing_asks_for() -> None:
    assert set(pins()) - closure(declared()) == {"colorama"}  # Windows only


def test_what_the_program_imports_is_a_declared_dependency() -> None:
    base = closure(PROJECT["dependencies"])
    spark = closure(PROJECT["optional-dependencies"]["spark"])
    owners = packages_distributions()
    for path in SOURCE.rglob("*.py"):
        allowed = base | spark if path.name.startswith("spark") else base
        for package in outside_packages(path):
            assert {canonicalize_name(name) for name in owners.get(package, [])} & allowed, f"{path}: {package}"


def outside_packages(path: Path) -> set[str]:
    """The top-level packages that a file imports, other than Python's and ours."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"jianheng", "__future__"}


def test_no_file_that_decides_what_is_installed_names_an_address() -> None:
    for name in (
        "pyproject.toml",
        "constraints.txt",
        "Makefile",
        "tools/make_venv",
        "tools/check_wheels.py",
        ".ci/run",
    ):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text), name


def test_the_version_is_the_newest_of_the_changelog() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.MULTILINE)
    assert newest is not None
    assert newest[1] == PROJECT["version"]
