"""Cells (semantics 1 and 2), the three tiers of reading, unread cells as problem rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jianheng.core.catalogue.canonical import lay_out
from jianheng.core.catalogue.canonical_leftovers import show_masked
from jianheng.core.catalogue.snapshot import build_snapshot
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.errors import PackProblem
from jianheng.core.foundation.progress import Silent
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Table
from tests.core.catalogue.conftest import Sheet, Snap, canonical, land_sheets, problems, source

RENT = ("tenant", "tenant_id", "paid_on", "amount", "cash", "channel", "taken_by")
PERSON = "110101199003070038"


def rent(*rows: Sequence[str | None], **more: Any) -> Sheet:
    return Sheet("rent", RENT, rows, **more)


def row(**cells: str) -> tuple[str | None, ...]:
    filled = {"paid_on": "2023-05-03", "amount": "5000"} | cells
    return tuple(filled.get(name) for name in RENT)


def bad(words: Lexicon, record: dict[str, Any]) -> set[str]:
    layout = lay_out("rent", words)
    return {name for name in layout.columns if record["_bad"] & layout.bit(name)}


def test_a_cell_is_a_value_or_empty_or_unread(snap: Snap, words: Lexicon) -> None:
    cells = row(tenant="张 三", tenant_id=PERSON, paid_on="2023.13.45", channel="转账")
    (record,) = canonical(snap(rent(cells)), "rent")
    assert record["tenant"] == "张三"
    assert record["channel"] == "银行转账"
    assert record["amount"] == Decimal("5000.00")
    assert record["paid_on"] is None and record["cash"] is None
    assert bad(words, record) == {"paid_on"}


def test_columns_stand_in_the_order_of_the_term_and_without_those_of_chaining(snap: Snap, words: Lexicon) -> None:
    snapshot = snap(rent(row()))
    (record,) = canonical(snapshot, "rent")
    assert list(record) == ["_row", *words.columns("rent"), "_bad", "_repeat"]
    assert list(source(snapshot, "rent")[0]) == ["_row", "file", "sheet", "row", *words.tables["rent"].columns]


def test_a_date_in_every_tier_is_the_same_day(snap: Snap) -> None:
    forms = ["2024-02-28", "2024-02-29", "2024年2月28日", "20240228", "２０２４．２．２８", "2024-02-28 00:00:00"]
    records = canonical(snap(rent(*(row(paid_on=form, taken_by=str(n)) for n, form in enumerate(forms)))), "rent")
    days = {record["taken_by"]: record["paid_on"] for record in records}
    assert days.pop("1") == date(2024, 2, 29)
    assert set(days.values()) == {date(2024, 2, 28)}


def test_a_day_that_does_not_exist_is_unread_though_it_looks_canonical(snap: Snap, words: Lexicon) -> None:
    (record,) = canonical(snap(rent(row(paid_on="2023-02-30"))), "rent")
    assert record["paid_on"] is None
    assert "paid_on" in bad(words, record)


def test_money_takes_the_unit_of_its_heading(snap: Snap) -> None:
    snapshot = snap(rent(row(amount="0.5"), row(amount="1.2345"), row(amount="3"), unit=10000))
    assert {record["amount"] for record in canonical(snapshot, "rent")} == {
        Decimal("5000.00"),
        Decimal("12345.00"),
        Decimal("30000.00"),
    }


def test_the_same_text_under_two_units_is_two_amounts(snap: Snap) -> None:
    sheets = [rent(row(amount="2"), name="元"), rent(row(amount="2"), name="万元", unit=10000)]
    assert {record["amount"] for record in canonical(snap(*sheets), "rent")} == {Decimal("2.00"), Decimal("20000.00")}


def test_a_column_that_a_sheet_lacks_is_unknown_and_never_empty(snap: Snap, words: Lexicon) -> None:
    lacking = Sheet("rent", ("paid_on", "amount"), [("2023-05-03", "1")], name="缺列")
    records = canonical(snap(rent(row(amount="2")), lacking), "rent")
    by_amount = {int(record["amount"]): bad(words, record) for record in records}
    assert by_amount[2] == set()
    assert by_amount[1] == {"tenant", "tenant_id", "cash", "channel", "taken_by", "taken_by_kind", "born_on"}


def test_an_optional_column_that_is_lacking_means_what_a_blank_cell_means(snap: Snap, words: Lexicon) -> None:
    snapshot = snap(rent(row()))
    (record,) = canonical(snapshot, "rent")
    assert record["booked_on"] is None and "booked_on" not in bad(words, record)
    profile = snapshot.table("rent")
    assert profile is not None
    assert not profile.columns["booked_on"].present


def test_derived_columns_follow_their_source_and_inherit_its_unread_bit(snap: Snap, words: Lexicon) -> None:
    good = row(tenant_id=PERSON, taken_by="江北区公安分局", amount="1")
    wrong = row(tenant_id=PERSON[:-1] + "1", amount="2")
    first, second = sorted(canonical(snap(rent(good, wrong)), "rent"), key=lambda record: record["amount"])
    assert (first["born_on"], first["taken_by_kind"]) == (date(1990, 3, 7), "police")
    assert bad(words, first) == set()
    assert bad(words, second) == {"tenant_id", "born_on"}
    assert second["taken_by_kind"] is None


def test_identity_numbers_pass_the_engine_only_with_the_right_check_character(snap: Snap) -> None:
    stem = PERSON[:-1]
    snapshot = snap(rent(*(row(tenant_id=stem + last) for last in "0123456789X")))
    read = {record["tenant_id"] for record in canonical(snapshot, "rent")} - {None}
    assert read == {PERSON}
    assert len(problems(snapshot)) == 10


def test_what_the_readers_remark_is_counted_in_cells(snap: Snap) -> None:
    nowhere = "999999199003070012"[:17]
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    check = "10X98765432"[sum(w * int(d) for w, d in zip(weights, nowhere, strict=True)) % 11]
    profile = snap(rent(row(tenant_id=nowhere + check), row(tenant_id=nowhere + check, amount="7"))).table("rent")
    assert profile is not None
    assert sum(profile.columns["tenant_id"].notes.values()) == 2


def test_every_unread_cell_is_a_problem_row_with_its_address(snap: Snap) -> None:
    snapshot = snap(
        rent(
            row(), row(amount="约5千", taken_by="甲"), row(channel="托人", taken_by="乙"), file="甲.xlsx", name="一月"
        ),
        rent(row(paid_on="不详", taken_by="丙"), file="乙.csv", name="", first_row=1),
    )
    found = problems(snapshot)
    assert [(one["file"], one["sheet"], one["cell"], one["column"]) for one in found] == [
        ("甲.xlsx", "一月", "D3", "amount"),
        ("甲.xlsx", "一月", "F4", "channel"),
        ("乙.csv", "", "第1条", "paid_on"),
    ]
    assert all(one["code"] == "D201" and one["table"] == "rent" and one["hint"] for one in found)
    assert found[0]["seen"] == "约5千" and found[0]["message"].startswith("交纳金额：")
    assert snapshot.problem_counts == {"D201": 3}


def test_what_was_seen_is_masked_in_problems_and_in_clear_in_the_source(snap: Snap) -> None:
    wrong = PERSON[:-1] + "1"
    snapshot = snap(rent(row(tenant_id=wrong)))
    assert problems(snapshot)[0]["seen"] == "1101**********0031"
    assert source(snapshot, "rent")[0]["tenant_id"] == wrong


def test_a_long_text_is_shortened_for_the_list() -> None:
    assert len(show_masked("字" * 500, "text")) == 60


def test_a_table_with_more_columns_than_bits_is_refused() -> None:
    columns = {f"c{n}": {"title": f"列{n}", "type": "text"} for n in range(64)}
    table = Table.model_validate({"id": "wide", "title": "宽", "required": ["c0"], "columns": columns})
    with pytest.raises(PackProblem, match="63"):
        lay_out("wide", Lexicon({"wide": table}, {}))


TEXTS = st.one_of(
    st.text(alphabet="0123456789Xx '　-.年月日/〔〕[]（）()第号张三无元,万", max_size=20),
    st.from_regex(r"\A(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]\Z"),
    st.from_regex(r"\A'?[1-9][0-9]{5} ?(19|20)[0-9]{2}(0[1-9]|1[0-2])[0-3][0-9]{4}[0-9Xx]\Z"),
    st.sampled_from(["11010119900307003 8", "'110101199003070038", "11010119900307002x", "11010119900307002Ｘ"]),
    st.from_regex(r"\A'?[0-9]{4}([ -]?[0-9]{4}){1,4}\Z"),
    st.from_regex(r"\A[（(]202[0-4][)）]鄂0[0-9]{3}刑初第?0{0,2}[0-9]{1,4}号\Z"),
    st.from_regex(r"\A武公[（(]刑[)）]取保字第?[〔\[(（]20[0-2][0-9][)）\]〕]第?0{0,3}[0-9]{1,5}号?\Z"),
    st.from_regex(r"\A0?[0-9]{1,12}(\.[0-9]{1,3})?\Z"),
)
EVERY_TYPE = ("person_name", "resident_id", "date", "money", "integer", "boolean", "account_number", "phone")
EVERY_TYPE += ("text", "document_number", "case_number", "credit_code", "division", "organ", "organisation_name")


@pytest.fixture(scope="module")
def every_type() -> Lexicon:
    columns = {name: {"title": name, "type": name} for name in EVERY_TYPE}
    return Lexicon(
        {"all": Table.model_validate({"id": "all", "title": "全", "required": ["text"], "columns": columns})}, {}
    )


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=10, max_size=80))
def test_the_engine_reads_a_cell_exactly_as_the_reader_does(
    texts: list[str], every_type: Lexicon, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("tiers")
    rows = [[text or None] * len(EVERY_TYPE) for text in texts]
    landing = land_sheets(folder, [Sheet("all", EVERY_TYPE, rows)])
    with DuckdbEngine(folder / "temp", memory="256MB", threads=1) as engine:
        snapshot = build_snapshot(landing, every_type, engine, folder / "snapshots", Silent())
    layout = lay_out("all", every_type)
    stored = {record["_row"]: record for record in canonical(snapshot, "all")}
    for line in source(snapshot, "all"):
        record = stored[line["_row"]]
        for name in EVERY_TYPE:
            expected = every_type.read_cell(layout.source[name], line[name])
            assert record[name] == expected.value, (name, line[name])
            assert bool(record["_bad"] & layout.bit(name)) == expected.is_unread, (name, line[name])


def test_a_table_spread_over_hundreds_of_sheets_is_read_within_little_memory(tmp_path: Path, words: Lexicon) -> None:
    columns, other = ("tenant", "paid_on", "amount"), ("paid_on", "amount", "tenant", "tenant_id")
    sheets = [
        Sheet(
            "rent", columns, [(f"租户{number}", "2023年5月3日", "5")], name=f"表{number}", unit=1 + 9_999 * (number % 2)
        )
        for number in range(600)
    ]
    sheets += [Sheet("rent", other, [("2023-05-04", "7", "租户", None)], file="乙.xlsx")]
    landing = land_sheets(tmp_path / "landing", sheets)
    with DuckdbEngine(tmp_path / "temp", memory="100MB", threads=1) as engine:
        snapshot = build_snapshot(landing, words, engine, tmp_path / "snapshots", Silent(), small_cells=0)
    rows = {row["tenant"]: row["amount"] for row in canonical(snapshot, "rent")}
    assert len(rows) == 601
    assert (rows["租户0"], rows["租户1"], rows["租户"]) == (5, 50_000, 7)
    assert {(row["sheet"], row["row"]) for row in source(snapshot, "rent")} == {(number, 2) for number in range(1, 602)}
