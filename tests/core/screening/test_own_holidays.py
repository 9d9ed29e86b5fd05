"""An office lays the holidays of a further year over the shipped ones: ``holidays/`` in its own folder."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from jianheng.core import api
from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.screening.import_data import Workplace
from tests.story.village import Place


def notice(year: int) -> str:
    """A notice as a clerk would copy it; its days are made up."""
    festivals = {
        "元旦": "01-01",
        "春节": "02-05",
        "清明节": "04-04",
        "劳动节": "05-01",
        "端午节": "06-09",
        "中秋节、国庆节": "10-01",
    }
    days = "".join(f"  - {{name: {name}, from: {year}-{day}, to: {year}-{day}}}\n" for name, day in festivals.items())
    return f"year: {year}\nholidays:\n{days}working_days: []\n"


def test_a_file_of_the_year_after_is_used_by_a_run_and_recorded(tmp_path: Path) -> None:
    year = default_calendar().last_published.year + 1
    place = Place(tmp_path).write()
    holidays = place.home.folder / "holidays"
    holidays.mkdir(parents=True)
    (holidays / f"{year}.yaml").write_text(notice(year), encoding="utf-8")
    calendar = Workplace(place.home.folder).calendar()
    assert calendar.day_name(date(year, 2, 5)) == "春节"
    place.screen()
    record = json.loads((place.out / "run.json").read_text(encoding="utf-8"))
    assert record["calendar"] == {"published_to": f"{year}-12-31", "digest": calendar.digest}


def test_without_such_a_folder_the_shipped_calendar_holds(tmp_path: Path) -> None:
    assert Workplace(tmp_path).calendar() is default_calendar()


def test_a_faulty_file_stops_the_run_with_its_name_before_anything_is_written(tmp_path: Path) -> None:
    place = Place(tmp_path).write()
    holidays = place.home.folder / "holidays"
    holidays.mkdir(parents=True)
    (holidays / "2027.yaml").write_text("year: 2027\n", encoding="utf-8")
    with pytest.raises(api.DataProblem) as refused:
        place.screen()
    assert [(problem.code, Path(problem.file).name) for problem in refused.value.problems] == [("D802", "2027.yaml")]
    assert not (place.out / "clues.jsonl").exists()
