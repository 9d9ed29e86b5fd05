"""Data are kept no longer than declared, and destroyed data do not come back by the way."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from jianheng.core import api
from jianheng.core.catalogue.snapshot_declarations import read_declarations
from jianheng.core.catalogue.snapshot_purge import purge
from tests.story.village import AS_OF, COVERAGE, Place


def screen(place: Place, day: datetime, expires: str) -> None:
    line = f"deposit_refund: {{from: 2015-01-01, to: 2025-06-30, purpose: 保证金监督, expires: {expires}}}\n"
    kept = [one for one in COVERAGE.splitlines(keepends=True) if "refund" not in one]
    place.coverage.write_text("".join([*kept, line]), encoding="utf-8")
    api.screen(
        place.home,
        ["bail_deposit"],
        [place.data],
        as_of=AS_OF,
        out=place.out,
        started_at=day,
        progress=api.Silent(),
        coverage=place.coverage,
    )


def folders(place: Place) -> list[Path]:
    return sorted(one for one in (place.home.folder / "snapshots").iterdir() if one.is_dir())


def test_data_past_the_day_to_which_they_may_be_kept_are_destroyed_by_the_next_run(tmp_path: Path) -> None:
    place = Place(tmp_path).write()
    screen(place, datetime(2026, 1, 1, 9), "2026-06-30")
    (declared,) = read_declarations(place.home.folder / "snapshots")
    assert (declared.table, declared.purpose, declared.expires_on) == (
        "deposit_refund",
        "保证金监督",
        date(2026, 6, 30),
    )
    (first,) = folders(place)
    screen(place, datetime(2026, 6, 30, 9), "2026-06-30")  # the last day still counts
    assert (first / "manifest.json").exists() and len(read_declarations(place.home.folder / "snapshots")) == 1
    place.tables["refund"].rows[0]["退还金额"] = "4000"
    place.write()
    screen(place, datetime(2026, 7, 1, 9), "2027-06-30")
    record = json.loads((first / "destroyed.json").read_text(encoding="utf-8"))
    assert record["reason"] == "保存期限届满" and record["destroyed_at"].startswith("2026-07-01")
    assert [one.name for one in first.iterdir()] == ["destroyed.json"] and len(folders(place)) == 2


def test_expired_data_are_not_screened_again(tmp_path: Path) -> None:
    place = Place(tmp_path).write()
    with pytest.raises(api.DataProblem) as refused:
        screen(place, datetime(2026, 7, 1, 9), "2026-06-30")
    (problem,) = refused.value.problems
    assert problem.code == "D225" and "保证金退还的保存期限已于2026-06-30届满" in problem.message
    assert not place.out.exists() and not (place.home.folder / "snapshots").exists()


def test_destroyed_data_are_verified_from_the_files_and_not_kept_again(tmp_path: Path) -> None:
    place = Place(tmp_path).write()
    clues = place.screen()
    (snapshot,) = folders(place)
    purge(snapshot, "期限届满", at=datetime(2026, 2, 1))
    report = place.verify(place.out / "clues.jsonl")
    assert report.count("same") == len(clues)
    assert any("2026-02-01销毁（期限届满）" in note for note in report.notes)
    assert folders(place) == [snapshot] and [one.name for one in snapshot.iterdir()] == ["destroyed.json"]
    assert list((place.home.folder / "tmp").iterdir()) == []


def test_without_the_files_destroyed_data_cannot_be_verified(tmp_path: Path) -> None:
    place = Place(tmp_path).write()
    clues = place.screen()
    (snapshot,) = folders(place)
    purge(snapshot, "期限届满", at=datetime(2026, 2, 1))
    for name in ("取保台账.xlsx", "银行收款.xlsx", "没收台账.xlsx"):
        (place.data / name).unlink()
    report = place.verify(place.out / "clues.jsonl")
    assert report.count("cannot") == len(clues)
