"""Whatever a file is, it is read or refused with a reason, and the others go on."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest

from jianheng.core.ingest.limits import MIB, Limits
from tests.core.ingest.landed_rows import codes_of, landing_of, write_text, write_workbook
from tests.core.ingest.mutants import mutants, real_files

HEAD = ["决定书文号", "姓名", "交纳金额"]
GOOD = [HEAD, ["甲1号", "张三", 1]]
QUICK, SLOW = 60, 300
TIGHT = Limits(memory=1536 * MIB, stall=20.0)


def good_workbook(path: Path) -> Path:
    return write_workbook(path, {"表": GOOD + [[f"甲{n}号", "李四", n / 7] for n in range(30)]})


def test_a_bad_file_does_not_keep_the_good_ones_out(tmp_path: Path) -> None:
    good = good_workbook(tmp_path / "good.xlsx")
    (tmp_path / "empty.xlsx").write_bytes(b"")
    (tmp_path / "cut.xlsx").write_bytes(good.read_bytes()[:3000])
    (tmp_path / "cut.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    (tmp_path / "binary.csv").write_bytes(random.Random(1).randbytes(5000))
    (tmp_path / "paper.xlsx").write_bytes(b"%PDF-1.4 x")
    (tmp_path / "web.xls").write_bytes(b"<html><table><tr><td>1</td></tr></table></html>")
    with zipfile.ZipFile(tmp_path / "word.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    landing = landing_of(tmp_path, *sorted(tmp_path.glob("*.*")))
    assert [sheet.table for sheet in landing.sheets] == ["deposit_payment"]
    assert {Path(p.file).name: p.code for p in landing.problems} == {
        "empty.xlsx": "D103", "cut.xlsx": "D101", "cut.xls": "D101", "binary.csv": "D104", "paper.xlsx": "D104",
        "web.xls": "D104", "word.xlsx": "D104",
    }  # fmt: skip
    assert all(p.hint for p in landing.problems)


def test_a_zip_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = good_workbook(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.bin", b"\0" * (80 * MIB))
    assert codes_of(landing_of(tmp_path, path)) == {"D105"}


def test_two_cells_in_opposite_corners_cannot_take_all_memory(tmp_path: Path) -> None:
    rows = "".join(
        f'<row r="{row}"><c r="{cell}" t="inlineStr"><is><t>x</t></is></c></row>'
        for row, cell in ((1, "A1"), (1_048_576, "XFD1048576"))
    )
    bomb = replace_member(good_workbook(tmp_path / "b.xlsx"), "xl/worksheets/sheet1.xml", sheet_xml(rows))
    landing = landing_of(tmp_path, bomb, good_workbook(tmp_path / "good.xlsx"), limits=TIGHT)
    assert {Path(p.file).name: p.code for p in landing.problems} == {"b.xlsx": "D111"}
    assert [sheet.table for sheet in landing.sheets] == ["deposit_payment"]


def test_deeply_nested_xml_is_survived(tmp_path: Path) -> None:
    deep = "<a>" * 200_000 + "</a>" * 200_000
    path = replace_member(good_workbook(tmp_path / "b.xlsx"), "xl/worksheets/sheet1.xml", sheet_xml(deep))
    landing = landing_of(tmp_path, path, good_workbook(tmp_path / "good.xlsx"), limits=TIGHT)
    assert "deposit_payment" in [sheet.table for sheet in landing.sheets]


@pytest.mark.parametrize("mark", ["机密★5年", "绝密", "秘密★", "密级：机密", "机 密 ★ 长期"])
def test_a_classified_file_is_refused_and_leaves_nothing(tmp_path: Path, mark: str) -> None:
    sheets = {"表": GOOD, "二": [[mark], *GOOD]}
    landing = landing_of(tmp_path, write_workbook(tmp_path / "a.xlsx", sheets))
    assert landing.sheets == ()
    assert codes_of(landing) == {"D106"}
    assert list((landing.folder / "landed").iterdir()) == []


@pytest.mark.parametrize("name", ["绝密_台账.csv", "台账（机密★1年）.csv", "秘密 台账.csv"])
def test_a_mark_in_the_file_name_refuses_it(tmp_path: Path, name: str) -> None:
    assert codes_of(landing_of(tmp_path, write_text(tmp_path / name, "决定书文号,交纳金额\n甲1号,1\n"))) == {"D106"}


def test_the_words_alone_are_no_mark(tmp_path: Path) -> None:
    text = "侵犯商业秘密案件台账,,\n决定书文号,姓名,交纳金额\n甲1号,秘密,1\n"
    landing = landing_of(tmp_path, write_text(tmp_path / "商业秘密案件.csv", text))
    assert landing.sheets[0].counts["data"] == 1


def test_macros_are_said_and_the_data_are_read(tmp_path: Path) -> None:
    path = good_workbook(tmp_path / "a.xlsm")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    landing = landing_of(tmp_path, path)
    assert codes_of(landing) == {"D108"}
    assert landing.sheets[0].table == "deposit_payment"


def sheet_xml(rows: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def replace_member(path: Path, member: str, content: bytes) -> Path:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, old in parts.items():
            archive.writestr(name, content if name == member else old)
    return path


def seeds(tmp_path: Path) -> list[Path]:
    found = [good_workbook(tmp_path / "seed.xlsx")]
    found.append(write_text(tmp_path / "seed.csv", "决定书文号,姓名,交纳金额\n" + '甲1号,"张,三",1\n' * 40, "gb18030"))
    return found + real_files()


@pytest.mark.parametrize("count", [QUICK, pytest.param(SLOW, marks=pytest.mark.slow)])
def test_mutated_files_are_read_or_refused_and_never_crash_us(tmp_path: Path, count: int) -> None:
    (tmp_path / "data").mkdir()
    broken = list(mutants(seeds(tmp_path), tmp_path / "data", count))
    healthy = good_workbook(tmp_path / "data" / "zz.xlsx")
    landing = landing_of(tmp_path, tmp_path / "data", limits=TIGHT)
    assert len(landing.files) == len(broken) + 1
    landed = {sheet.file for sheet in landing.sheets}
    said = {problem.file for problem in landing.problems}
    for file in landing.files:
        assert file.number in landed or file.name in said, file.name
    by_name = {file.name: file.number for file in landing.files}
    assert [s.counts["data"] for s in landing.sheets if s.file == by_name[f"data/{healthy.name}"]] == [31]
    for sheet in landing.sheets:
        counts = dict(sheet.counts)
        assert counts.pop("rows") == sum(counts.values())
