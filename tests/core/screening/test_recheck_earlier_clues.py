"""Clues that people have judged: kept until their facts change, and found again, gone or not examined."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.core.screening.conftest import Screened
from tests.story.village import Place, bail_no, identities


@pytest.fixture(scope="module")
def judged(screened: Screened, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of the first run with an outcome for every clue of the overview's rules."""
    path = tmp_path_factory.mktemp("judged") / "clues.xlsx"
    book = openpyxl.load_workbook(screened.place.out / "clues.xlsx")
    filled = 0
    for sheet in book.worksheets:
        for line in sheet.iter_rows():
            titles = {cell.value: cell.column for cell in line}
            if "核查结论" in titles and "核查说明" in titles:
                for number in range(line[0].row + 1, sheet.max_row + 1):
                    if sheet.cell(number, titles["核查结论"] + 0).value is None and sheet.cell(number, 1).value:
                        sheet.cell(number, titles["核查结论"]).value = "不属实"
                        sheet.cell(number, titles["核查说明"]).value = f"已核对{sheet.title}"
                        filled += 1
                break
    assert filled == 6
    book.save(path)
    return path


def decisions(clues: list[dict[str, Any]]) -> dict[str, str | None]:
    return {clue["rule"]: clue["decision"] and clue["decision"]["outcome"] for clue in clues}


def recheck(place: Place) -> dict[str, dict[str, int]]:
    names = ("still", "gone", "not_examined")
    return {one["rule"]: {name: len(one[name]) for name in names} for one in place.report.record["previous"]}


def test_what_was_decided_stays_decided_while_the_facts_stay(screened: Screened, judged: Path, tmp_path: Path) -> None:
    place = screened.place.changed(tmp_path).write()
    clues = place.screen(previous=judged)
    assert identities(clues) == identities(screened.clues)
    assert set(decisions(clues).values()) == {"不属实"}
    assert {clue["decision"]["note"][:3] for clue in clues} == {"已核对"}
    assert all(one == {"still": 1, "gone": 0, "not_examined": 0} for one in recheck(place).values())
    assert len(recheck(place)) == 6
    summary = next(one for one in place.report.summaries if one.rule == "not_refunded")
    assert summary.notes == ("其中1条此前已核查，事实未变",)


def test_changed_facts_bring_a_decided_clue_back(screened: Screened, judged: Path, tmp_path: Path) -> None:
    place = screened.place.changed(tmp_path)
    place.tables["bail"].rows[0]["结束日期"] = "2024-11-02"
    found = decisions(place.write().screen(previous=judged))
    assert found.pop("not_refunded") is None
    assert set(found.values()) == {"不属实"}


def test_gone_is_only_what_is_clean_now(screened: Screened, judged: Path, tmp_path: Path) -> None:
    """4 is paid in full: gone. The end of 1 is unreadable, 3 is in no file, no confiscations came: not examined."""
    place = screened.place.changed(tmp_path)
    place.tables["payment"].rows[3]["交纳金额"] = "5000"
    place.tables["bail"].rows[0]["结束日期"] = "2024.13.45"
    place.tables["bail"].rows = [row for row in place.tables["bail"].rows if row["决定书文号"] != bail_no(3)]
    del place.tables["taken"]
    place.write().screen(previous=judged)
    still, gone, unknown = ({"still": a, "gone": b, "not_examined": c} for a, b, c in [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
    assert recheck(place) == {
        "not_refunded": unknown,
        "not_released": unknown,
        "over_twelve_months": unknown,
        "paid_amount_differs": gone,
        "amount_below_minimum": still,
        "confiscation_without_ground": unknown,
    }


def test_decisions_pass_through_several_runs(screened: Screened, judged: Path, tmp_path: Path) -> None:
    place = screened.place.changed(tmp_path).write()
    place.screen(previous=judged)
    again = place.screen(previous=place.out / "clues.xlsx", out=place.folder / "third")
    assert set(decisions(again).values()) == {"不属实"}
