"""A heading is compared with its brackets first, then without: what tells columns apart counts, a note does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.ingest.headings import KnownHeadings, TableHeads, heading_forms, known_forms
from jianheng.core.ingest.landing import heads_of
from tests.core.ingest.words import WORDS

KNOWN = KnownHeadings(heads_of(WORDS))


def column_of(heading: str, table: str = "sentence") -> str | None:
    found = KNOWN.columns(heading).get(table)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("刑期（年）", "years"), ("刑期(月)", "months"), ("刑期【月】*", "months"), ("主刑/刑期（年）", "years"),
        ("主刑（必填）/刑期（月）", "months"), ("刑期", None), ("刑期（日）", None),
        ("罚金（元）", "fine"), ("罚金数额（万元）", "fine"), ("罚金（必填）", "fine"), ("罚金（大写）", "fine"),
        ("面积（平方米）", "area"), ("面积平方米", "area"), ("面积", "area"), ("面积（㎡）", "area"),
    ],
)  # fmt: skip
def test_a_bracket_tells_a_column_where_it_is_known_and_is_passed_over_where_it_is_not(
    heading: str, column: str | None
) -> None:
    assert column_of(heading) == column


def test_a_bracket_that_may_tell_columns_apart_is_not_passed_over_without_a_word() -> None:
    lost = {
        heading: KNOWN.columns(heading)["sentence"][1] for heading in ("罚金（元）", "罚金（必填）", "罚金（大写）")
    }
    assert lost == {"罚金（元）": False, "罚金（必填）": False, "罚金（大写）": True}


def test_what_is_left_of_two_columns_without_their_brackets_is_neither() -> None:
    assert known_forms([("刑期（年）", "years"), ("刑期（月）", "months")]) == {
        "刑期(年)": "years", "刑期(月)": "months", "刑期年": "years", "刑期月": "months",
    }  # fmt: skip
    assert known_forms([("金额（应收）", "due"), ("金额", "paid")])["金额"] == "paid"


NOTES = st.sampled_from(["（必填）", "(选填)", "（元）", "【万元】", "（单位：元）", "（年月日）", "*", " ", "\n", ""])


@given(heading=st.sampled_from([heading for heading, _ in WORDS.tables["deposit_payment"].headings()]), note=NOTES)
def test_a_note_changes_nothing(heading: str, note: str) -> None:
    assert KNOWN.columns(heading + note) == KNOWN.columns(heading)


@given(
    stem=st.sampled_from(["刑期", "面积", "日期"]),
    brackets=st.lists(st.sampled_from(["年", "月", "公顷", "起", "止"]), min_size=2, max_size=4, unique=True),
    marks=st.sampled_from(["（）", "()", "【】", "[]"]),
)
def test_columns_that_differ_in_their_brackets_alone_stay_different(stem: str, brackets: list[str], marks: str) -> None:
    headings = {f"{stem}{marks[0]}{text}{marks[1]}": f"c{number}" for number, text in enumerate(brackets)}
    table = TableHeads("t", (), (), known_forms(headings.items()), {})
    known = KnownHeadings([table])
    assert {heading: known.columns(heading)["t"][0] for heading in headings} == headings
    assert stem not in table.headings


@given(st.text(max_size=12))
def test_any_text_has_its_forms(text: str) -> None:
    kept, opened, bare = heading_forms(text)
    assert len(kept) >= len(bare)
    assert known_forms([(text, "a")]).keys() >= {kept, opened, bare}
