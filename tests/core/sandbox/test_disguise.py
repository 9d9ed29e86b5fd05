"""Whatever a clerk writes, a careful reader gets the value back."""

from __future__ import annotations

from datetime import date
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.ingest.cells import cell_text
from jianheng.core.sandbox.disguise import Handwriting, plain_value
from jianheng.core.sandbox.people import identity_number, name_given_once, shared_name
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import CodeList, Column

GUARANTEE = CodeList(id="guarantee", title="保证方式", values={"保证金": ["财保"], "保证人": ["人保"]})
LEXICON = Lexicon({}, {"guarantee": GUARANTEE})

DAYS = st.dates(date(1950, 1, 1), date(2049, 12, 31)).map(lambda day: ("date", day.isoformat()))
SUMS = st.integers(0, 10**9).map(lambda cents: ("money", f"{cents / 100:.2f}"))
PAPERS = st.tuples(st.integers(2000, 2025), st.integers(1, 10**7)).map(
    lambda x: ("document_number", f"示江公（刑）取保字〔{x[0]}〕{x[1]}号")
)
COURTS = st.integers(1, 10**6).map(lambda n: ("case_number", f"（2024）鄂9910刑初{n}号"))
FREE = st.integers(10**6, 10**7).map(lambda n: ("case_number", f"A9910002024{n}"))
PEOPLE = st.builds(
    lambda day, n: ("resident_id", identity_number(990_123, day, n)),
    st.dates(date(1950, 1, 1), date(2010, 1, 1)),
    st.integers(0, 999),
)
NAMES = st.integers(0, 10**6).map(lambda n: ("person_name", shared_name(Random(n))))
RARE_NAMES = st.integers(0, 20_000).map(lambda n: ("person_name", name_given_once(n, planted=n % 2 == 0)))
ACCOUNTS = st.from_regex(r"[89][0-9]{9,24}[1-9]", fullmatch=True).map(lambda text: ("account_number", text))
CODES = st.sampled_from(["保证金", "保证人"]).map(lambda text: ("code", text))
TEXTS = st.sampled_from(["银行转账", "示例市公安局江北分局取保候审保证金专户"]).map(lambda text: ("text", text))
MONTHS = st.dates(date(1950, 1, 1), date(2049, 12, 31)).map(lambda day: ("month", day.isoformat()))
THINGS = st.from_regex(r"GZF-[0-9]{2}-[0-9]{4}", fullmatch=True).map(lambda text: ("reference_number", text))
CELLS = st.one_of(MONTHS, THINGS, DAYS, SUMS, PAPERS, COURTS, FREE, PEOPLE, NAMES, RARE_NAMES, ACCOUNTS, CODES, TEXTS)


def column_of(field_type: str) -> Column:
    return Column(title="列", type=field_type, codes="guarantee" if field_type == "code" else None)


@given(CELLS, st.integers(), st.booleans(), st.sampled_from([1, 10_000]))
def test_a_disguised_cell_reads_as_what_it_was(cell: tuple[str, str], seed: int, workbook: bool, unit: int) -> None:
    column = column_of(cell[0])
    meant = LEXICON.read_cell(column, cell[1])
    assert meant.value is not None
    hand = Handwriting(LEXICON, Random(seed), workbook=workbook, unit=unit)
    for _ in range(20):
        written = cell_text(hand.value(column, cell[1]))
        assert LEXICON.read_cell(column, written, unit if cell[0] == "money" else 1).value == meant.value, written


@given(CELLS)
def test_a_tidy_cell_reads_as_what_it_was(cell: tuple[str, str]) -> None:
    column = column_of(cell[0])
    written = cell_text(plain_value(column, cell[1]))
    assert LEXICON.read_cell(column, written).value == LEXICON.read_cell(column, cell[1]).value


@given(st.sampled_from(["date", "money", "resident_id", "text", "document_number"]), st.integers())
def test_a_blank_cell_stays_one_that_says_nothing(field_type: str, seed: int) -> None:
    hand = Handwriting(LEXICON, Random(seed), workbook=False, unit=1)
    assert LEXICON.read_cell(column_of(field_type), cell_text(hand.value(column_of(field_type), ""))).is_empty


@given(st.sampled_from([("date", "2023.13.45"), ("money", "约5000"), ("date", "2023年2月30日")]), st.integers())
def test_what_cannot_be_read_is_left_as_it_is(cell: tuple[str, str], seed: int) -> None:
    hand = Handwriting(LEXICON, Random(seed), workbook=True, unit=10_000)
    assert hand.value(column_of(cell[0]), cell[1]) == cell[1]
