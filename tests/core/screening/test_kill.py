"""Killed anywhere, a run leaves the old results or the new ones, whole snapshots, and nothing that stays for good."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jianheng.core.catalogue.snapshot import open_snapshot
from jianheng.core.foundation.identity import hash_file
from tests.core.screening.conftest import Screened
from tests.story.village import Place, identities

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on this system")


def start(what: str, place: Place, moment: str, number: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.story.killed_run", what, str(place.folder), moment, str(number)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def killed(what: str, place: Place, moment: str, number: int) -> None:
    assert start(what, place, moment, number).wait() == -signal.SIGKILL


def assert_nothing_half(place: Place, record: str) -> None:
    """Results with their record are all there, each with the hash that the record names; snapshots open."""
    path = place.out / record
    if path.exists():
        outputs = json.loads(path.read_text(encoding="utf-8")).get("outputs", {})
        assert {name: hash_file(place.out / name) for name in outputs} == outputs
    snapshots = place.home.folder / "snapshots"
    for folder in snapshots.iterdir() if snapshots.is_dir() else ():
        if folder.is_dir() and not folder.name.startswith("."):
            assert open_snapshot(folder).tables
            assert all(table.is_file() for table in map(open_snapshot(folder).canonical, open_snapshot(folder).tables))


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


@pytest.fixture
def place(screened: Screened, tmp_path: Path) -> Place:
    """Old results in ``out``, and other data than they came from."""
    place = screened.place.changed(tmp_path)
    place.tables["payment"].rows[3]["交纳金额"] = "5000"
    shutil.copytree(screened.place.out, place.out)
    return place.write()


@pytest.mark.slow
def test_a_killed_screening_leaves_the_old_results_or_the_new_ones(screened: Screened, place: Place) -> None:
    old = contents(place.out)
    for moment, number in [("progress", 2), ("rename", 1), ("progress", 14), ("progress", 24)]:
        killed("screen", place, moment, number)
        assert_nothing_half(place, "run.json")
        assert contents(place.out) == old
    for number in (1, 4, 7):
        killed("screen", place, "replace", number)
        assert not (place.out / "run.json").exists()
        assert_nothing_half(place, "run.json")
    clues = place.screen()
    assert_nothing_half(place, "run.json")
    assert identities(clues).keys() < identities(screened.clues).keys() and len(clues) == 5
    assert not list(place.out.glob(".*")), "what the killed runs left is cleared away"
    assert not list((place.home.folder / "tmp").iterdir())
    assert not list((place.home.folder / "snapshots").glob(".*"))


@pytest.mark.slow
def test_a_killed_intake_leaves_the_old_report_or_none(place: Place) -> None:
    shutil.rmtree(place.out)
    assert start("intake", place, "never", 1).wait() == 0
    old = contents(place.out)
    place.tables["payment"].rows[3]["交纳金额"] = "4000"
    place.write()
    for moment, number in [("progress", 3), ("rename", 1), ("progress", 12)]:
        killed("intake", place, moment, number)
        assert_nothing_half(place, "intake.json")
        assert contents(place.out) == old
    for number in (1, 3):
        killed("intake", place, "replace", number)
        assert not (place.out / "intake.json").exists()
    assert start("intake", place, "never", 1).wait() == 0
    assert_nothing_half(place, "intake.json")
    assert not list(place.out.glob(".*")) and not list((place.home.folder / "tmp").iterdir())


def test_a_run_does_not_clear_away_what_another_run_is_working_on(screened: Screened, tmp_path: Path) -> None:
    from jianheng.core.screening.import_data import Workplace

    workplace = Workplace(tmp_path)
    with workplace.scratch() as mine:
        half_made = workplace.snapshots / ".abc.12345678.part"
        half_made.mkdir()
        with workplace.scratch() as other:
            assert mine.is_dir() and other.is_dir() and half_made.is_dir()
    with workplace.scratch():
        assert not half_made.exists() and not mine.exists()


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(40))
def test_killed_at_any_time(screened: Screened, place: Place, seed: int) -> None:
    chance = random.Random(seed)
    what = chance.choice(["screen", "intake"])
    record = {"screen": "run.json", "intake": "intake.json"}[what]
    if what == "intake":
        shutil.rmtree(place.out)
    for _ in range(4):
        process = start(what, place, "never", 1)
        time.sleep(chance.uniform(0.2, 8))
        process.kill()
        process.wait()
        assert_nothing_half(place, record)
    assert start(what, place, "never", 1).wait() == 0
    assert (place.out / record).exists()
    assert_nothing_half(place, record)
