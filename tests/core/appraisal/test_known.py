"""Conclusions of earlier work, read from a list made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from jianheng.core import api
from jianheng.core.appraisal.known import FALSE, TRUE, Conclusion, read_confirmed
from jianheng.core.foundation.errors import JianhengError
from jianheng.core.model.supervision_model import SupervisionModel


@pytest.fixture(scope="module")
def model(office_folder: Path) -> SupervisionModel:
    home = api.Home(office_folder)
    (found,) = api.load_models(home, ["bail_deposit"], api.load_lexicon(home))
    return found


def listed(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


def test_headings_are_names_titles_or_what_offices_call_them(model: SupervisionModel, tmp_path: Path) -> None:
    for heading in ("bail_no", "决定书文号", "取保文书号"):
        path = listed(tmp_path / f"{heading}.xlsx", [[heading, "备注"], ["示公（刑）取保字〔2024〕1号", "已发纠正"]])
        assert read_confirmed(path, model) == [
            Conclusion({"bail_no": "示公（刑）取保字〔2024〕1号"}, TRUE, told=False)
        ], heading


def test_values_are_read_as_data_are_and_empty_lines_left_out(model: SupervisionModel, tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    path.write_bytes("决定书文号,身份证号\n示公(刑)取保字[2024]１号,'99010119900506011x\n,\n".encode("gb18030"))
    (one,) = read_confirmed(path, model)
    assert one.values == {"bail_no": "示公（刑）取保字〔2024〕1号", "person_id": "99010119900506011X"}


def test_only_decided_subjects_count(model: SupervisionModel, tmp_path: Path) -> None:
    rows = [["姓名", "核查结论"], ["张三", "属实"], ["李四", "不属实"], ["王五", "暂缓"], ["赵六", ""]]
    found = read_confirmed(listed(tmp_path / "a.xlsx", rows), model)
    assert [(one.values["person_name"], one.outcome, one.told) for one in found] == [
        ("张三", TRUE, True),
        ("李四", FALSE, True),
    ]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["对象"], ["张三"]], "U426"),
        ([["姓名", "结论"], ["张三", "基本属实"]], "D332"),
        ([["决定日期"], ["2023.13.45"]], "D331"),
        ([], "U425"),
    ],
    ids=["no heading known", "unknown outcome", "unreadable", "empty"],
)
def test_what_cannot_be_understood_is_refused(
    model: SupervisionModel, tmp_path: Path, rows: list[list[str]], code: str
) -> None:
    with pytest.raises(JianhengError) as caught:
        read_confirmed(listed(tmp_path / "a.xlsx", rows), model)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_file_that_is_no_table_is_refused(model: SupervisionModel, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(JianhengError) as caught:
        read_confirmed(path, model)
    assert [problem.code for problem in caught.value.problems] == ["U425"]
