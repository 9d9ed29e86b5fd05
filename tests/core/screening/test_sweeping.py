"""What a killed import leaves behind holds personal data: the next import removes it, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jianheng.core.screening.import_data import Workplace
from jianheng.core.screening.leftovers import LOCK

NOW = 1_700_000_000.0
HOUR = 3600.0


def leave(folder: Path, hours: float) -> Path:
    """A folder with one file, both last changed so many hours before ``NOW``."""
    folder.mkdir(parents=True)
    (folder / "rows.parquet").write_bytes(b"PAR1")
    for path in (folder / "rows.parquet", folder):
        os.utime(path, (NOW - hours * HOUR,) * 2)
    return folder


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


@pytest.mark.parametrize("place", ["snapshots/.0123456789abcdef.89abcdef.part", "tmp/0123456789ab"])
def test_what_has_not_changed_for_a_day_goes(workplace: Workplace, place: str) -> None:
    old = leave(workplace.home / place, 25)
    workplace.tidy(NOW)
    assert not old.exists()


def test_what_may_still_be_at_work_stays_and_so_does_every_half_made_snapshot(workplace: Workplace) -> None:
    young = leave(workplace.home / "tmp" / "0123456789ab", 23)
    half_made = leave(workplace.home / "snapshots" / ".0123456789abcdef.89abcdef.part", 23)
    workplace.tidy(NOW)
    assert (young / "rows.parquet").exists() and (half_made / "rows.parquet").exists()


def test_a_folder_whose_lock_nobody_holds_goes_at_once(workplace: Workplace) -> None:
    killed = leave(workplace.home / "tmp" / "0123456789ab", 0)
    (killed / LOCK).touch()
    half_made = leave(workplace.home / "snapshots" / ".0123456789abcdef.89abcdef.part", 0)
    workplace.tidy(NOW)
    assert not killed.exists() and not half_made.exists()


def test_an_old_folder_in_which_somebody_still_writes_stays(workplace: Workplace) -> None:
    working = leave(workplace.home / "tmp" / "0123456789ab", 30)
    os.utime(working / "rows.parquet", (NOW - HOUR,) * 2)
    workplace.tidy(NOW)
    assert working.exists()


@pytest.mark.parametrize("place", ["snapshots/0123456789abcdef", "tmp/mine", "snapshots/notes.part", "runs/.x.part"])
def test_finished_snapshots_and_what_is_not_ours_stay(workplace: Workplace, place: str) -> None:
    kept = leave(workplace.home / place, 1000)
    workplace.tidy(NOW)
    assert kept.exists()


def test_a_link_is_not_followed(workplace: Workplace, tmp_path: Path) -> None:
    elsewhere = leave(tmp_path / "elsewhere", 1000)
    workplace.snapshots.joinpath(".x.part").symlink_to(elsewhere)
    workplace.tidy(NOW)
    assert (elsewhere / "rows.parquet").exists()
