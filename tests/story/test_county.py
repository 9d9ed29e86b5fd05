"""The whole way on a synthetic county whose every verdict is known: from the workbooks of its agencies to the clues."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from jianheng.core import api
from tests.core.sandbox.reading import Rows, all_sheets
from tests.core.screening.test_screen_results import assert_contract
from tests.story.village import AS_OF, STARTED, identities, records

CASES = 300
SEED = 5

DISTRICT = re.compile(r".{2,3}市.{2}[区县]")

Pair = tuple[str, str, str]

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("mess", [2, 3])]


@dataclass(frozen=True)
class Screened:
    """A county, its results and its truth."""

    folder: Path
    report: Any
    clues: list[dict[str, Any]]
    truth: list[dict[str, Any]]

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def expected(self, verdict: str) -> set[Pair]:
        """What must come out so, without what slips in the files have touched."""
        return {_pair(one) for one in self.truth if one["expected"] == verdict} - self.touched

    @property
    def touched(self) -> set[Pair]:
        return {_pair(one) for one in self.truth if one.get("problem")}

    @property
    def found(self) -> set[Pair]:
        return {_pair(clue) for clue in [*self.clues, *records(self.out / "lists.jsonl"), *self.hints]} - self.touched

    @property
    def hints(self) -> list[dict[str, Any]]:
        return records(self.out / "hints.jsonl")


def _pair(one: dict[str, Any]) -> Pair:
    return one["model"], one["rule"], json.dumps(one["subject"], sort_keys=True)


def _screen(folder: Path, out: Path, data: list[Path]) -> Any:
    return api.screen(
        api.Home(folder / "home"),
        ["all"],
        data,
        as_of=AS_OF,
        out=out,
        started_at=STARTED,
        progress=api.Silent(),
        coverage=folder / "coverage.yaml",
        hints=True,
    )


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Screened]:
    @cache
    def build(mess: int) -> Screened:
        folder = tmp_path_factory.mktemp("county") / f"mess{mess}"
        api.build_county(
            api.Home(folder.parent / "home"), folder, cases=CASES, seed=SEED, mess=mess, progress=api.Silent()
        )
        report = _screen(folder, folder / "out", [folder / "data"])
        return Screened(folder, report, records(folder / "out" / "clues.jsonl"), records(folder / "truth.jsonl"))

    return build


def test_what_is_found_is_exactly_what_is_true(county: Callable[[int], Screened], mess: int) -> None:
    screened = county(mess)
    assert screened.found == screened.expected("hit")
    assert len({rule for _, rule, _ in screened.found}) >= 15


def test_decoys_are_silent_and_holes_cannot_tell(county: Callable[[int], Screened], mess: int) -> None:
    screened = county(mess)
    decoys = {_pair(one) for one in screened.truth if one["decoy"]} - screened.touched
    unsure = screened.expected("cannot_tell")
    assert len(decoys) > 50 and not decoys & screened.found
    assert len(unsure) > 20 and not unsure & screened.found
    summaries = {summary.rule: summary for summary in screened.report.summaries}
    for rule in {rule for _, rule, _ in unsure}:
        assert summaries[rule].cannot_tell >= sum(one[1] == rule for one in unsure)
        assert sum(count for _, count in summaries[rule].reasons) == summaries[rule].cannot_tell
    assert any("未完整覆盖" in text for text, _ in summaries["not_refunded"].reasons)
    for summary in summaries.values():
        assert summary.hits + summary.clean + summary.cannot_tell == summary.subjects


def test_holes_under_a_guard_leave_the_clue_and_say_so(county: Callable[[int], Screened], mess: int) -> None:
    screened = county(mess)
    declared = yaml.safe_load((screened.folder / "coverage.yaml").read_text(encoding="utf-8"))["new_offence"]
    holes = {name for gap in declared["local_gaps"] for name in gap["districts"]}
    rows = all_sheets(screened.folder / "data")
    found = 0
    for clue in screened.clues:
        if clue["rule"] == "not_refunded":
            county_of_bail = _county_of(rows, clue)
            said = {one["id"] for one in clue["not_ruled_out"]}
            assert ("held_for_new_offence" in said) == (county_of_bail in holes), clue["subject"]
            found += county_of_bail in holes
    assert found


def _county_of(rows: dict[tuple[str, str], Rows], clue: dict[str, Any]) -> str:
    """The district that stands in the row of the bail; organs do not say whether theirs is a 区 or a 县."""
    row = next(one for one in clue["evidence"] if one["table"] == "bail_decision")
    cells = [str(cell).strip() for cell in rows[row["file"], row["sheet"]][row["row"] - 1]]
    return next(cell for cell in cells if DISTRICT.fullmatch(cell))


def test_no_row_of_money_is_linked_wrongly_and_most_are_linked(county: Callable[[int], Screened], mess: int) -> None:
    screened = county(mess)
    truth = {
        (one["table"], Path(one["file"]).name, one["sheet"], one["row"]): one["bail_no"]
        for one in records(screened.folder / "truth_links.jsonl")
    }
    linked = without_number = missed = 0
    for link in records(screened.out / "links.jsonl"):
        key = (link["table"], Path(link["file"]).name, link["sheet"], link["row"])
        if key not in truth:
            assert link["table"] not in {table for table, *_ in truth}  # money alone is in the truth
            continue
        number = next(link[name] for name in link if name not in ("table", "file", "sheet", "row", "step", "step_id"))
        if number:
            assert number == truth[key], key
            linked += 1
            without_number += link["step"] > 1
        else:
            missed += truth[key] is not None
    assert linked > 300 and without_number > 100
    assert without_number >= 0.9 * (without_number + missed)


def test_every_clue_keeps_the_contract(county: Callable[[int], Screened], mess: int) -> None:
    screened = county(mess)
    for clue in [*screened.clues, *screened.hints, *records(screened.out / "lists.jsonl")]:
        assert_contract(clue)


def test_every_cited_cell_holds_what_the_clue_cites(county: Callable[[int], Screened], mess: int) -> None:
    screened = county(mess)
    read = _Cells(screened.folder)
    compared = 0
    for clue in screened.clues:
        for row in clue["evidence"]:
            for cell in row["cells"].values():
                written = read.text(row["file"], row["sheet"], cell["address"])
                if written is not None:
                    assert _same(written, cell["raw"]), (row["file"], row["sheet"], cell["address"])
                    compared += 1
    assert compared > 500


class _Cells:
    """Cells of workbooks read by another library; None where it cannot tell (text files, merged cells)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._book = cache(lambda file: openpyxl.load_workbook(self._folder / file, data_only=True))

    def text(self, file: str, sheet: str, address: str) -> object:
        if not file.endswith(".xlsx"):
            return None
        page = self._book(file)[sheet]
        if any(address in merged for merged in page.merged_cells.ranges):
            return None
        value = page[address].value
        return "" if value is None else value


def _same(written: object, raw: str | None) -> bool:
    """Numbers and days have no one spelling in a workbook; texts must be equal to the letter."""
    if isinstance(written, str):
        return written == (raw or "") or written.strip() == (raw or "").strip()
    if hasattr(written, "isoformat"):
        return str(written)[:10] == (raw or "")[:10]
    return float(str(written)) == float(raw or "nan")


def test_clues_can_be_verified_and_a_second_run_gives_the_same(
    county: Callable[[int], Screened], mess: int, tmp_path: Path
) -> None:
    screened = county(mess)
    report = api.verify(
        api.Home(tmp_path / "home"), screened.out / "clues.jsonl", [screened.folder / "data"], progress=api.Silent()
    )
    assert report.count("same") == len(screened.clues)
    renamed = tmp_path / "旧盘"
    renamed.mkdir()
    for number, file in enumerate(sorted((screened.folder / "data").iterdir())):
        (renamed / f"{99 - number}{file.suffix}").write_bytes(file.read_bytes())
    _screen(screened.folder, tmp_path / "out", [renamed])
    assert identities(records(tmp_path / "out" / "clues.jsonl")) == identities(screened.clues)


def test_results_hold_no_personal_number_where_they_are_for_reading(
    county: Callable[[int], Screened], mess: int
) -> None:
    screened = county(mess)
    cells = [cell for clue in screened.clues for row in clue["evidence"] for cell in row["cells"].items()]
    persons = {cell["value"] for name, cell in cells if name == "person_id" and cell["value"]}
    assert persons
    shown = (screened.out / "problems.jsonl").read_text(encoding="utf-8")
    shown += "".join(clue["say"] for clue in screened.clues)
    shown += json.dumps(screened.report.record, ensure_ascii=False)
    assert not [person for person in persons if person in shown]
