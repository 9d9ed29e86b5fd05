"""Whoever kills an installation or a removal finds the old state or the new one, and the next attempt finishes it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jianheng.core import api
from jianheng.core.shelf.removing import sweep
from tests.core.shelf.author import Author, newer, receive, remove

ROOT = Path(__file__).resolve().parents[3]

# Every fourth change with the suite, every single one in the long runs.
STEPS = pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.soak)])


def killed(home: api.Home, number: int, *what: str) -> int:
    """Change the office in a process that is killed before its ``number``-th change; the exit code."""
    command = [sys.executable, "-m", "tests.core.shelf.killed_change", str(home.folder), str(number), *what]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode


def offices(clerk: api.Home, folder: Path, step: int, *what: str) -> Iterator[api.Home]:
    """The clerk's office after a change that was killed before its first, or a later, change; last, after all of it."""
    for number in range(1, 100, step):
        home = api.Home(folder / f"killed-{number}")
        shutil.copytree(clerk.folder, home.folder)
        code = killed(home, number, *what)
        yield home
        if code == 0:
            return
        assert code == -signal.SIGKILL
    pytest.fail("the change never came to its end")


def version_of(home: api.Home) -> str:
    """The version in use; an office that could not be read at all would raise."""
    (model,) = api.load_models(home, ["deposits"], api.load_lexicon(home))
    return model.spec.version


@STEPS
@pytest.mark.slow
def test_an_installation_killed_anywhere_leaves_the_old_version_or_the_new_one(
    step: int, author: Author, clerk: api.Home, tmp_path: Path
) -> None:
    receive(clerk, author.send())
    archive = author.send(newer())
    seen = []
    for home in offices(clerk, tmp_path, step, "install", str(archive)):
        seen.append(version_of(home))
        assert receive(home, archive, replace=True).status in ("replaced", "already")
        assert version_of(home) == "1.1.0"
    assert len(seen) > 8 // step
    assert seen == sorted(seen) and set(seen) == {"1.0.0", "1.1.0"}


@STEPS
@pytest.mark.slow
def test_a_removal_killed_anywhere_leaves_the_model_in_use_or_gone_with_its_record(
    step: int, author: Author, clerk: api.Home, tmp_path: Path
) -> None:
    receive(clerk, author.send())
    seen = []
    for home in offices(clerk, tmp_path, step, "uninstall", "deposits"):
        in_use = [place.id for place in api.find_models(home) if place.own]
        records = list(home.removed_models.glob("*/removed.json"))
        assert (in_use, len(records)) in ((["deposits"], 0), ([], 1))
        seen.append(len(records))
        if in_use:
            remove(home, "deposits")
        sweep(home.removed_models)  # as the next removal does
        left = {path.name for path in home.removed_models.rglob("*") if path.is_file()}
        assert left == {"removed.json", "package.zip"}
    assert len(seen) > 8 // step
    assert seen == sorted(seen) and set(seen) == {0, 1}


def test_what_a_killed_writer_left_beside_the_packs_is_nobodys_model(clerk: api.Home) -> None:
    half = clerk.packs / ".deposits.0badcafe.part"
    half.mkdir(parents=True)
    (half / "pack.yaml").write_text("id: [", encoding="utf-8")
    model = clerk.packs / "criminal" / "models" / ".late.0badcafe.part"
    model.mkdir(parents=True)
    (model / "model.yaml").write_text("id: [", encoding="utf-8")
    assert not [place for place in api.find_models(clerk) if place.own]
