"""The import contracts of ``pyproject.toml``: kept by the house, and each broken by a fault planted for it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "jianheng"

# contract -> (file that gets the fault, the faulty line)
FAULTS = {
    "faces": ("core/api/fault.py", "import jianheng.cli"),
    "rooms": ("core/ingest/fault.py", "import jianheng.core.catalogue"),
    "front-door": ("cli/fault.py", "import jianheng.core.screening"),
    "no-web-framework": ("core/api/fault.py", "import django"),
    "drivers": ("core/catalogue/fault.py", "import pyspark"),
    "no-engine-in-words": ("core/model/fault.py", "import jianheng.core.ingest.door"),
    "no-cycles": ("core/terms/fault.py", "import jianheng.core.terms.other.back"),
}


def lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    """Run the linter on the package in ``folder/src`` under the house's contracts."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    command += ["--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    command += [part for contract in contracts for part in ("--contract", contract)]
    path = os.pathsep.join([str(folder / "src"), *sys.path])
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path}
    )


def skeleton(folder: Path) -> Path:
    """An empty house: the same packages, and the two files that may hold a driver."""
    for package in SOURCE.rglob("__init__.py"):
        target = folder / "src" / "jianheng" / package.relative_to(SOURCE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    inside = folder / "src" / "jianheng" / "core"
    for driver in ("duckdb", "pyspark"):
        (inside / "engine" / f"{driver}_engine.py").write_text(f"import {driver}\n", encoding="utf-8")
    (inside / "ingest" / "door.py").write_text("import jianheng.core.engine\n", encoding="utf-8")
    (inside / "terms" / "other").mkdir()
    (inside / "terms" / "other" / "__init__.py").touch()
    (inside / "terms" / "other" / "back.py").write_text("import jianheng.core.terms.fault\n", encoding="utf-8")
    return folder


def test_the_house_keeps_its_contracts() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_there_is_a_planted_fault_for_every_contract() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert set(re.findall(r'^id = "(.+)"$', text, re.MULTILINE)) == set(FAULTS)


@pytest.mark.parametrize("contract", FAULTS)
def test_a_planted_fault_breaks_its_contract(contract: str, tmp_path: Path) -> None:
    house = skeleton(tmp_path)
    file, line = FAULTS[contract]
    (house / "src" / "jianheng" / file).write_text("", encoding="utf-8")
    before = lint(house, contract)
    assert before.returncode == 0, before.stdout + before.stderr
    (house / "src" / "jianheng" / file).write_text(line + "\n", encoding="utf-8")
    after = lint(house, contract)
    assert after.returncode == 1, after.stdout + after.stderr
    assert "BROKEN" in after.stdout


def test_a_room_that_is_in_no_layer_is_refused(tmp_path: Path) -> None:
    house = skeleton(tmp_path)
    (house / "src" / "jianheng" / "core" / "cellar").mkdir()
    (house / "src" / "jianheng" / "core" / "cellar" / "__init__.py").touch()
    done = lint(house, "rooms")
    assert done.returncode == 1
    assert "cellar" in done.stdout
