"""A code list is closed: a cell holds one of its words or is unread, and then it is said what may stand there."""

from __future__ import annotations

from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import CodeList, Column

MANY = [f"事由{numeral}" for numeral in "甲乙丙丁戊己庚辛壬癸"]
CODES = {
    "state": CodeList(id="state", title="状态", values={"存续": ["开业", "在业"], "注销": []}),
    "ground": CodeList(id="ground", title="事由", values={word: [] for word in MANY}),
}
LEXICON = Lexicon({}, CODES)


def read(codes: str, text: str) -> tuple[object, str, str]:
    reading = LEXICON.read_cell(Column(title="列", type="code", codes=codes), text)
    return reading.value, reading.reason, reading.hint


def test_every_spelling_of_a_word_is_that_word() -> None:
    assert [read("state", text)[0] for text in ("存续", "在业", " 开业 ", "注销")] == ["存续", "存续", "存续", "注销"]


def test_a_word_that_is_not_in_the_list_is_unread_and_the_list_is_told() -> None:
    assert read("state", "停业整顿") == (None, "「状态」中没有这个词", "应为存续、注销之一，请核对")


def test_of_a_long_list_the_beginning_is_told() -> None:
    assert read("ground", "别的") == (None, "「事由」中没有这个词", f"应为{'、'.join(MANY[:8])}等10种之一，请核对")


def test_a_word_that_is_nearly_in_the_list_is_asked_about() -> None:
    assert "事由癸" in read("ground", "事由癸类")[2]
