"""Whoever kills an installation finds the old version or the new one, and the next attempt finishes it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jianheng.core import api
from tests.core.shelf.author import Author, newer, receive

ROOT = Path(__file__).resolve().parents[3]


def version_of(home: api.Home) -> str:
    """The version in use; an office that could not be read at all would raise."""
    (model,) = api.load_models(home, ["deposits"], api.load_lexicon(home))
    return model.spec.version


@pytest.mark.slow
def test_an_installation_killed_anywhere_leaves_the_old_version_or_the_new_one(
    author: Author, clerk: api.Home, tmp_path: Path
) -> None:
    receive(clerk, author.send())
    archive = author.send(newer())
    seen = []
    for number in range(1, 100):
        home = api.Home(tmp_path / f"killed-{number}")
        shutil.copytree(clerk.folder, home.folder)
        command = [sys.executable, "-m", "tests.core.shelf.killed_install", str(home.folder), str(archive), str(number)]
        code = subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode
        seen.append(version_of(home))
        assert receive(home, archive, replace=True).status in ("replaced", "already")
        assert version_of(home) == "1.1.0"
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert code == 0 and len(seen) > 8
    assert seen == sorted(seen) and set(seen) == {"1.0.0", "1.1.0"}


def test_what_a_killed_writer_left_beside_the_packs_is_nobodys_model(clerk: api.Home) -> None:
    half = clerk.packs / ".deposits.0badcafe.part"
    half.mkdir(parents=True)
    (half / "pack.yaml").write_text("id: [", encoding="utf-8")
    model = clerk.packs / "criminal" / "models" / ".late.0badcafe.part"
    model.mkdir(parents=True)
    (model / "model.yaml").write_text("id: [", encoding="utf-8")
    assert not [place for place in api.find_models(clerk) if place.own]
