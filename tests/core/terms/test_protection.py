"""What a table may say of minors and sealed records."""

from __future__ import annotations

from pathlib import Path

import pytest

from jianheng.core.foundation.errors import PackProblem
from jianheng.core.pack.shelf import find_packs, shipped_packs
from jianheng.core.terms.lexicon import read_lexicon

PACK = 'id: own\nversion: 1.0.0\ntitle: 本院\ntitle_en: Own\nlaw_as_of: "2026-07-17"\n'
TABLE = """\
id: guest
title: 旅客
required: [entered_on]
{said}
columns:
  person_id: {{title: 身份证号, type: resident_id}}
  entered_on: {{title: 日期, type: date}}
  group: {{title: 类别, type: code, codes: age}}
  marked: {{title: 是否封存, type: boolean}}
"""
GROWN_UP = {"business_entity", "deregistration", "driving_licence"}
"""They have identity numbers and say nothing of minors: nobody under age is in them, or no date tells."""


def read(folder: Path, said: str) -> None:
    pack = folder / "own"
    for name in ("tables", "codes"):
        (pack / name).mkdir(parents=True)
    (pack / "pack.yaml").write_text(PACK, encoding="utf-8")
    (pack / "codes" / "age.yaml").write_text("id: age\ntitle: 年龄段\nvalues: {未成年人: []}\n", encoding="utf-8")
    (pack / "tables" / "guest.yaml").write_text(TABLE.format(said=said), encoding="utf-8")
    read_lexicon(find_packs([folder]))


@pytest.mark.parametrize(
    "said",
    [
        "minor: {always: true}",
        "minor: {person: person_id, on: entered_on}",
        "minor: {said: {group: 未成年人}, person: person_id, on: entered_on, unknown: leave}",
        "sealed: {said: {marked: 是}}",
    ],
)
def test_a_table_may_say_it_in_several_ways(tmp_path: Path, said: str) -> None:
    read(tmp_path, said)


@pytest.mark.parametrize(
    ("said", "code", "line"),
    [
        ("minor: {}", "T108", 4),
        ("sealed: {}", "T108", 4),
        ("minor: {person: person_id}", "T108", 4),
        ("minor: {person: entered_on, on: person_id}", "T108", 4),
        ("minor: {said: {group: 未成年}}", "T108", 4),
        ("sealed: {said: {marked: 有}}", "T108", 4),
        ("sealed: {said: {mark: 是}}", "T105", 4),
        ("minor: {person: person, on: entered_on}", "T105", 4),
    ],
)
def test_what_cannot_tell_is_refused_at_its_place(tmp_path: Path, said: str, code: str, line: int) -> None:
    with pytest.raises(PackProblem) as refused:
        read(tmp_path, said)
    (problem,) = refused.value.problems
    assert (problem.code, problem.line) == (code, line) and problem.file.endswith("guest.yaml")


def test_every_shipped_table_with_an_identity_number_says_whether_it_may_be_about_minors() -> None:
    tables = read_lexicon(find_packs([shipped_packs()])).tables
    silent = {
        name
        for name, table in tables.items()
        if any(column.type == "resident_id" for column in table.columns.values()) and table.minor is None
    }
    assert silent == GROWN_UP
