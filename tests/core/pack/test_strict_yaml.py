"""YAML that changes no text and remembers where everything stood."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from jianheng.core.foundation.errors import PackProblem
from jianheng.core.pack.shelf import find_packs
from jianheng.core.pack.strict_yaml import read_yaml, read_yaml_text
from jianheng.core.pack.typed import Strict, did_you_mean, read_content


class Wheel(Strict):
    size: int
    colour: str = "黑"


class Cart(Strict):
    name: str
    wheels: list[Wheel] = []
    kind: str = ""


def problem_of(text: str) -> tuple[str, int, int, str]:
    with pytest.raises(PackProblem) as caught:
        read_yaml_text(text, "a.yaml")
    first = caught.value.problems[0]
    return first.code, first.line, first.column, first.message


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("012345", "012345"),
        ("12:30:00", "12:30:00"),
        ("no", "no"),
        ("Yes", "Yes"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("110101199003070019", "110101199003070019"),
        ("1234567890", "1234567890"),
        (".5", ".5"),
        ("1e3", "1e3"),
        ("2024-02-30", "2024-02-30"),
        ("'5'", "5"),
        ('"true"', "true"),
        ("5", 5),
        ("-5", -5),
        ("0", 0),
        ("5.50", Decimal("5.50")),
        ("true", True),
        ("2024-02-29", date(2024, 2, 29)),
        ("~", None),
        ("null", None),
    ],
)
def test_a_plain_value_is_what_it_looks_like_and_all_else_stays_text(written: str, read: object) -> None:
    value = read_yaml_text(f"key: {written}\n", "a.yaml").data["key"]
    assert value == read and type(value) is type(read)


def test_a_key_written_twice_is_refused_with_both_places() -> None:
    code, line, column, message = problem_of("a: 1\nb:\n  c: 1\n  c: 2\n")
    assert (code, line, column) == ("P103", 4, 3)
    assert "第 3 行第 3 列" in message


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a: &here 1\nb: 2\n", [(1, 4)]),
        ("a: &here 1\nb: *here\n", [(1, 4), (2, 4)]),
        ("a:\n  - &x {b: 1}\n  - *x\n", [(2, 5), (3, 5)]),
        ("a: !!python/object:os.system {}\n", [(1, 4)]),
        ("a: !own 1\n", [(1, 4)]),
        ("a: !!str 1\n", [(1, 4)]),
    ],
)
def test_anchors_and_tags_are_refused_where_they_stand(text: str, places: list[tuple[int, int]]) -> None:
    with pytest.raises(PackProblem) as caught:
        read_yaml_text(text, "a.yaml")
    assert [(one.code, one.line, one.column) for one in caught.value.problems] == [("P104", *place) for place in places]


def test_a_syntax_fault_has_its_place() -> None:
    code, line, _, _ = problem_of("a: 1\nb: [1, 2\nc: 3\n")
    assert (code, line) == ("P102", 3)


@pytest.mark.parametrize("text", ["a: 1\n---\nb: 2\n", "[" * 3000])
def test_two_documents_or_endless_nesting_are_refused(text: str) -> None:
    assert problem_of(text)[0] == "P102"


def test_a_file_that_is_no_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("名: 值".encode("gbk"))
    with pytest.raises(PackProblem) as caught:
        read_yaml(path)
    assert caught.value.problems[0].code == "P101"


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "says"),
    [
        ("name: a\nwheels:\n  - {size: 1, color: 红}\n", "P201", 3, 15, "colour"),
        ("wheels: []\n", "P202", 1, 1, "name"),
        ("name: 5\n", "P203", 1, 7, "应是文字"),
        ("name: a\nwheels:\n  - {size: '5'}\n", "P203", 3, 12, "应是整数"),
        ("name: a\nwheels: {size: 5}\n", "P203", 2, 9, "应是列表"),
        ("name: a\nwheels:\n  - {}\n", "P202", 3, 5, "size"),
    ],
)
def test_content_that_does_not_fit_is_refused_at_its_place_with_a_suggestion(
    text: str, code: str, line: int, column: int, says: str
) -> None:
    with pytest.raises(PackProblem) as caught:
        read_content(Cart, read_yaml_text(text, "a.yaml"))
    (problem,) = caught.value.problems
    assert (problem.code, problem.line, problem.column) == (code, line, column)
    assert says in problem.message + problem.hint


def test_all_faults_of_a_file_are_told_at_once() -> None:
    with pytest.raises(PackProblem) as caught:
        read_content(Cart, read_yaml_text("nam: a\nwheels: 5\nkind: 7\n", "a.yaml"))
    assert {one.code for one in caught.value.problems} == {"P201", "P202", "P203"}
    assert len(caught.value.problems) == 4


def test_the_offset_in_a_text_is_its_column_whatever_the_quotes() -> None:
    document = read_yaml_text("a: x > 1\nb: 'x > 1'\nc: \"x > 1\"\nd: |\n  x > 1\n", "a.yaml")
    assert [document.inside((key,), 2) for key in "abc"] == [(1, 6), (2, 7), (3, 7)]
    assert document.inside(("d",), 2)[0] == 5


def test_a_near_word_is_suggested_and_a_far_one_is_not() -> None:
    assert "amount" in did_you_mean("amout", ["amount", "paid_on"])
    assert did_you_mean("zzz", ["amount", "paid_on"]) == ""


def pack(folder: Path, identity: str, needs: str = "[]") -> None:
    (folder / identity).mkdir(parents=True)
    text = f"id: {identity}\nversion: 1.0.0\ntitle: 包\ntitle_en: Pack\nlaw_as_of: '2026-01-01'\nneeds: {needs}\n"
    (folder / identity / "pack.yaml").write_text(text, encoding="utf-8")


def test_a_site_may_add_a_pack_but_not_override_one(tmp_path: Path) -> None:
    pack(tmp_path / "shipped", "criminal")
    pack(tmp_path / "own", "local", "[criminal]")
    assert [one.manifest.id for one in find_packs([tmp_path / "shipped", tmp_path / "own"])] == ["criminal", "local"]
    pack(tmp_path / "other", "criminal")
    with pytest.raises(PackProblem) as caught:
        find_packs([tmp_path / "shipped", tmp_path / "other"])
    assert caught.value.problems[0].code == "P301"


def test_a_pack_whose_need_is_unmet_is_refused(tmp_path: Path) -> None:
    pack(tmp_path, "local", "[criminal]")
    with pytest.raises(PackProblem) as caught:
        find_packs([tmp_path])
    assert caught.value.problems[0].code == "P302"
