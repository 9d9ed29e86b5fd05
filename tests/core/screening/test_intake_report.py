"""Intake: what is in the files, without screening anything."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from jianheng.core import api
from tests.story.village import AS_OF, Place, Table, bail_no, records


def take_in(place: Place, out: Path | None = None) -> api.IntakeReport:
    return api.intake(place.home, [place.data], as_of=AS_OF, progress=api.Silent(), out=out)


def test_it_says_what_was_found_and_how_rows_are_linked(tmp_path: Path) -> None:
    place = Place(tmp_path).write()
    report = take_in(place, place.out)
    tables = report.record["tables"]
    assert {name: one["rows"] for name, one in tables.items()} == {
        "bail_decision": 6,
        "deposit_payment": 6,
        "deposit_refund": 1,
        "deposit_confiscation": 1,
        "special_account": 1,
        "new_offence": 1,
    }
    assert report.record["linked"]["deposit_payment"] == {
        "by_bail_no": 5, "by_organ_no": 0, "by_person": 1, "by_case_and_name": 0
    }  # fmt: skip
    assert report.record["coverage"]["deposit_payment"]["inferred"]
    assert report.problem_count == 0
    written = json.loads((place.out / "intake.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(report.record))
    linked = [link for link in records(place.out / "links.jsonl") if link["step_id"] == "by_person"]
    assert [(link["file"], link["sheet"], link["row"], link["bail_no"]) for link in linked] == [
        ("data/银行收款.xlsx", "明细", 2, bail_no(1))
    ]
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in place.out.iterdir())
    assert stat.S_IMODE(place.out.stat().st_mode) == 0o700


def test_without_an_out_folder_nothing_is_written_but_the_snapshot(tmp_path: Path) -> None:
    place = Place(tmp_path).write()
    report = take_in(place)
    assert Path(report.record["folder"]).is_dir()
    assert {path.name for path in tmp_path.iterdir()} == {"data", "home", "coverage.yaml"}


def test_the_same_files_make_one_snapshot(tmp_path: Path) -> None:
    place = Place(tmp_path).write()
    assert take_in(place).record["snapshot"] == take_in(place).record["snapshot"]
    assert len([one for one in (place.home.folder / "snapshots").iterdir() if one.is_dir()]) == 1


def test_an_unsure_table_gets_a_mapping_to_complete_and_bad_files_are_listed(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.tables["unsure"] = Table(
        "不明.xlsx", "1", [{"决定书文号": bail_no(1), "日子": "2024-01-01", "金额数": "5", "经办": "甲"}]
    )
    place.write()
    (place.data / "坏.xls").write_bytes(b"\xd0\xcf\x11\xe0 broken")
    report = take_in(place, place.out)
    assert report.problem_count >= 2
    assert {"data/不明.xlsx", "data/坏.xls"} <= {problem["file"] for problem in report.problems}
    assert report.record["tables"]["bail_decision"]["rows"] == 6
    assert (place.out / "mapping.yaml").is_file()


def test_without_any_table_it_still_says_what_there_was(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "读我.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")
    report = api.intake(api.Home(tmp_path / "home"), [data], as_of=AS_OF, progress=api.Silent(), out=tmp_path / "out")
    assert report.record["tables"] == {}
    assert report.problem_count >= 1
