"""A benchmark that no longer reaches its end measures nothing: the peers still find what we find, whatever it takes."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
HERE = Path(__file__).parents[2]


def run(*words: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *map(str, words)], cwd=HERE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_checks_with_group_apply_find_the_same_as_the_rules() -> None:
    models = ("penalty_after_nonprosecution", "criminal_year_screen")
    told = run("bench.case_rules", "--cases", 400, "--times", 1, "--models", *models)
    assert told.count("hits both ways") == len(models)


def test_overlaps_come_out_as_by_hand_and_with_little_memory_too(tmp_path: Path) -> None:
    told = run("bench.overlap", "--months", 20_000, "--stays", 2_000, "--times", 1, "--data", tmp_path)
    assert "the same by hand" in told
    plenty, little = (line for line in told.splitlines() if "engine memory" in line)
    assert plenty.partition(" engine")[0] == little.partition(" engine")[0]
