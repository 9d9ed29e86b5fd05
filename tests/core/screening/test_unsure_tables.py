"""A sheet whose table is not sure is left out of a screening, and the results hold a mapping to complete."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from tests.story.village import Place, Table, bail_no, pairs

COMPLETED = """\
sheets:
  - file: 不明.xlsx
    table: deposit_refund
    columns: {日子: refunded_on, 金额数: amount}
"""


def unsure(folder: Path) -> Place:
    """The village, and a sheet with the refund of bail 1 under headings nobody knows."""
    place = Place(folder)
    row = {"决定书文号": bail_no(1), "日子": "2024-11-02", "金额数": "5000", "经办": "甲"}
    place.tables["unsure"] = Table("不明.xlsx", "1", [row])
    return place.write()


def test_a_screening_writes_the_mapping_to_complete_and_says_so(tmp_path: Path) -> None:
    place = unsure(tmp_path)
    assert ("not_refunded", bail_no(1)) in pairs(place.screen())
    draft = place.out / "mapping.yaml"
    assert (place.report.unsure, place.report.draft) == (1, draft)
    assert "不明.xlsx" in draft.read_text(encoding="utf-8")
    overview = openpyxl.load_workbook(place.out / "clues.xlsx").worksheets[0]
    said = [str(cell) for row in overview.iter_rows(values_only=True) for cell in row if cell]
    assert any("有1个工作表没有认出" in text and "mapping.yaml" in text for text in said)


def test_what_somebody_filled_in_is_used_and_never_written_over(tmp_path: Path) -> None:
    place = unsure(tmp_path)
    place.screen()
    mapping = place.out / "mapping.yaml"
    mapping.write_text(COMPLETED, encoding="utf-8")
    place.screen()
    beside = place.out / "mapping-draft.yaml"
    assert mapping.read_text(encoding="utf-8") == COMPLETED
    assert place.report.draft == beside and "不明.xlsx" in beside.read_text(encoding="utf-8")
    assert ("not_refunded", bail_no(1)) not in pairs(place.screen(mapping=mapping))
    assert (place.report.unsure, place.report.draft) == (0, None)
    assert mapping.read_text(encoding="utf-8") == COMPLETED and not beside.exists()


def test_where_every_sheet_is_sure_there_is_no_mapping(tmp_path: Path) -> None:
    place = Place(tmp_path).write()
    place.screen()
    assert (place.report.unsure, place.report.draft) == (0, None)
    assert not (place.out / "mapping.yaml").exists()
