"""Worked cases of any field are planted: here flats and rents, of which the room knows nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.fields.credit_code import read_credit_code
from jianheng.core.fields.resident_id import birth_on, read_resident_id, sex
from jianheng.core.model.spec import Model
from jianheng.core.sandbox.people import identity_number, planted_credit_code
from jianheng.core.sandbox.plants import Plant, Planting
from jianheng.core.sandbox.renaming import Counters, Renaming
from jianheng.core.screening.cases import Case, Expectation
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Column, Table

TODAY = date(2025, 6, 30)
NUMBER, NUMBER_TEXT = "示房〔2024〕12号", "示房[2024]第0012号"
TENANT = identity_number(990_101, date(1980, 2, 29), 17)

FLAT: dict[str, Any] = {
    "id": "flat",
    "title": "公租房",
    "required": ["lease_no"],
    "coverage_on": ["leased_on"],
    "district": "county",
    "columns": {
        "lease_no": {"title": "合同号", "type": "document_number"},
        "prior_no": {"title": "原合同号", "type": "document_number"},
        "tenant": {"title": "承租人", "type": "person_name"},
        "tenant_id": {"title": "身份证号", "type": "resident_id"},
        "county": {"title": "地区", "type": "division"},
        "manager": {"title": "管理单位", "type": "organ"},
        "leased_on": {"title": "起租日期", "type": "date"},
        "left_on": {"title": "退租日期", "type": "date", "empty": "never"},
        "rent": {"title": "月租", "type": "money"},
    },
    "chain": {
        "number": "lease_no",
        "previous": "prior_no",
        "same": ["tenant_id"],
        "start": ["leased_on"],
        "ended": ["left_on"],
        "within_days": 10,
        "order": "leased_on",
    },
}
RENT: dict[str, Any] = {
    "id": "rent",
    "title": "租金",
    "required": ["paid_on"],
    "coverage_on": ["paid_on"],
    "columns": {
        "lease_no": {"title": "合同号", "type": "document_number"},
        "tenant": {"title": "承租人", "type": "person_name"},
        "tenant_id": {"title": "身份证号", "type": "resident_id"},
        "account": {"title": "账号", "type": "account_number"},
        "prefix": {"title": "账号前缀", "type": "account_number"},
        "payer": {"title": "付款人", "type": "text"},
        "paid_on": {"title": "交纳日期", "type": "date"},
        "amount": {"title": "金额", "type": "money"},
    },
    "link": {
        "to": "flat",
        "key": "lease_no",
        "on": ["paid_on"],
        "stretch": {"before_days": 7, "after_end_days": 30, "until": "end"},
        "agree": {"tenant": "tenant", "tenant_id": "tenant_id"},
        "amount": "amount",
        "anchor_amount": "rent",
        "ladder": [
            {"id": "by_number", "step": 1, "title": "合同号", "columns": {"lease_no": "lease_no"}},
            {"id": "by_person", "step": 2, "title": "人", "columns": {"tenant_id": "tenant_id"}, "within": True},
        ],
    },
}
LEXICON = Lexicon({"flat": Table.model_validate(FLAT), "rent": Table.model_validate(RENT)}, {})
RULE: dict[str, Any] = {
    "id": "no_rent",
    "title": "欠租",
    "kind": "clue",
    "certainty": "V",
    "basis": [{"cite": "示例规定 第一条", "from": date(2020, 1, 1)}],
    "judged_on": "flat.leased_on",
    "subject": ["flat.lease_no"],
    "against": "flat.manager",
    "from": "flat",
    "absent": [
        {"id": "no_payment", "table": "rent", "on": "rent.lease_no = flat.lease_no", "covering": "flat.leased_on"}
    ],
    "say": "未交租金",
    "innocent": [],
    "verify": [],
}
MODEL = Model.model_validate(
    {
        "id": "flats",
        "version": "1.0.0",
        "title": "公租房",
        "line": "management",
        "summary": "示例",
        "tables": {"flat": "flat", "rent": "rent"},
        "rules": [RULE],
    }
)
LEASE = {
    "lease_no": NUMBER,
    "tenant": "张三",
    "tenant_id": TENANT,
    "county": "示例市江北区",
    "manager": "示例市江北区住房局",
    "leased_on": "2024-02-29",
    "rent": "500",
}
PAYMENT = {
    "lease_no": NUMBER_TEXT,
    "tenant": "张 三",
    "account": "99112233445566",
    "prefix": "991122",
    "payer": "张三之妻李四",
    "paid_on": "2024-03-05",
    "amount": "伍佰元整",
}
CASE = Case(
    id="no_rent_at_all",
    title="从未交租",
    model="flats",
    as_of=TODAY,
    given={"flat": [LEASE], "rent": [PAYMENT]},
    tables={"flat": "flat", "rent": "rent"},
    kinds={"no_rent": "clue"},
    not_supplied=(),
    missing_columns={},
    coverage={},
    move=(-100, 10),
    plant=True,
    expect={"no_rent": [Expectation("hit", None)]},
    file="cases.yaml",
    line=1,
)


def plants(*cases: Case, times: int = 3, as_of: date = TODAY) -> list[Plant]:
    return list(Planting(LEXICON, {"flats": MODEL}, as_of, 1).plants(cases, times))


def test_every_instance_has_keys_of_its_own() -> None:
    found = plants(CASE)
    for column in ("lease_no", "tenant_id", "county"):
        assert len({plant.story.rows[0].cells[column] for plant in found}) == len(found)


def test_equal_keys_stay_equal_across_tables_however_they_were_written() -> None:
    for plant in plants(CASE):
        flat, rent = (row.cells for row in plant.story.rows)
        assert flat["lease_no"] == rent["lease_no"] != NUMBER
        assert flat["tenant"] == rent["tenant"] != "张三"
        assert rent["payer"] == f"{rent['tenant']}之妻李四"
        assert flat["manager"] == f"{flat['county']}住房局"
        assert rent["account"].startswith(rent["prefix"])


def test_all_days_and_the_birth_date_move_together() -> None:
    moved = set()
    for plant in plants(CASE, times=20):
        flat, rent = (row.cells for row in plant.story.rows)
        days = (date.fromisoformat(flat["leased_on"]) - date(2024, 2, 29)).days
        assert date.fromisoformat(rent["paid_on"]) == date(2024, 3, 5) + timedelta(days=days)
        assert birth_on(flat["tenant_id"]) == date(1980, 2, 29) + timedelta(days=days)
        assert sex(flat["tenant_id"]) == sex(TENANT)
        assert not read_resident_id(flat["tenant_id"]).is_unread
        assert -100 <= days <= 10
        moved.add(days)
    assert len(moved) > 5


def test_the_truth_names_the_renamed_subject() -> None:
    for plant in plants(CASE):
        (truth,) = plant.truths
        assert truth.subject == {"lease_no": plant.story.rows[0].cells["lease_no"]}
        assert truth.case == CASE.id


def test_a_subject_that_is_a_free_text_is_renamed_as_the_text_in_the_rows_is() -> None:
    rule = MODEL.rules[0].model_copy(update={"subject": ["flat.manager"]})
    model = MODEL.model_copy(update={"rules": [rule]})
    for plant in Planting(LEXICON, {"flats": model}, TODAY, 1).plants([CASE], 2):
        assert [truth.subject for truth in plant.truths] == [{"manager": plant.story.rows[0].cells["manager"]}]


def test_hits_are_planted_once_more_where_the_absent_table_has_a_hole() -> None:
    found = plants(CASE)
    holed = [plant for plant in found if plant.hole]
    assert [plant.hole.table for plant in holed if plant.hole] == ["rent"]
    assert {truth.expected for plant in holed for truth in plant.truths} == {"cannot_tell"}
    assert {truth.expected for plant in found if not plant.hole for truth in plant.truths} == {"hit"}


def test_a_money_row_belongs_to_its_lease_and_may_lose_its_number() -> None:
    for plant in plants(CASE):
        flat, rent = plant.story.rows
        assert rent.belongs_to == flat.cells["lease_no"]
        assert rent.without_number == ({"lease_no": "", "tenant_id": flat.cells["tenant_id"]},)


@pytest.mark.parametrize(
    "change",
    [
        {"lease_no": "", "tenant": "", "paid_on": "2024-03-05"},
        {"tenant": "王五"},
    ],
    ids=["orphan", "contradicting name"],
)
def test_a_case_that_leaves_open_whose_a_row_is_is_not_planted(change: dict[str, str]) -> None:
    assert not plants(replace(CASE, given={"flat": [LEASE], "rent": [{**PAYMENT, **change}]}))


def test_a_row_outside_the_lease_or_with_an_unread_day_keeps_its_number() -> None:
    for paid_on in ("2023-12-31", "2024.13.01"):
        for plant in plants(replace(CASE, given={"flat": [LEASE], "rent": [{**PAYMENT, "paid_on": paid_on}]})):
            assert plant.story.rows[1].without_number == ()


def test_equal_rows_stay_equal() -> None:
    for plant in plants(replace(CASE, given={"flat": [LEASE], "rent": [PAYMENT, PAYMENT]})):
        first, second = plant.story.rows[1:]
        assert first == second
        assert first.without_number == ()


@pytest.mark.parametrize(
    "change",
    [{"plant": False}, {"not_supplied": ("rent",)}, {"missing_columns": {"rent": ("payer",)}}],
)
def test_what_a_county_cannot_give_is_not_planted(change: dict[str, Any]) -> None:
    assert not plants(replace(CASE, **change))


def test_rows_of_another_sheet_are_not_planted() -> None:
    assert not plants(replace(CASE, given={"flat": [LEASE, {**LEASE, "_sheet": "2"}]}))


def test_a_case_of_another_day_moves_with_the_day_unless_it_is_tied_to_it() -> None:
    later = TODAY + timedelta(days=365)
    (plant, *_) = plants(CASE, as_of=later)
    assert date.fromisoformat(plant.story.rows[0].cells["leased_on"]) >= date(2024, 2, 29) + timedelta(days=265)
    assert not plants(replace(CASE, move=(0, 0)), as_of=later)
    assert plants(replace(CASE, move=(0, 0)))


def test_a_blank_district_is_filled_so_that_holes_elsewhere_do_not_touch_it() -> None:
    given = {"flat": [{**LEASE, "county": ""}], "rent": [PAYMENT]}
    assert all(plant.story.rows[0].cells["county"] for plant in plants(replace(CASE, given=given)))
    undecided = {"no_rent": [Expectation("cannot_tell", None)]}
    assert not plants(replace(CASE, given=given, expect=undecided))


@given(st.integers(0, 10**6), st.sampled_from(["91350100M000100Y43", "92350100M000100Y43", "350100400000123"]))
def test_a_planted_firm_has_a_code_of_its_own_kind_that_reads(number: int, like: str) -> None:
    code = planted_credit_code(like, number)
    assert read_credit_code(code).value == code
    assert code[:2] == (like[:2] if len(like) == 18 else "91") and code[2:8] == "990000"
    assert code != planted_credit_code(like, number + 1)


@given(st.text(alphabet="AB示〔〕（）字号0123456789", max_size=14), st.text(alphabet="示〔〕号0123456789", max_size=14))
def test_renaming_keeps_equal_numbers_equal_and_others_apart(one: str, other: str) -> None:
    renaming = Renaming(LEXICON, Counters(), seed=1, number=1, days=0, own_names=True)
    column = Column(title="文号", type="document_number")
    values = [LEXICON.read_cell(column, text).value for text in (one, other)]
    renamed = [renaming.cell(column, text) for text in (one, other)]
    assert renaming.cell(column, one) == renamed[0]
    if None not in values:
        assert (values[0] == values[1]) == (renamed[0] == renamed[1])


def test_a_renamed_telephone_number_is_nobodys() -> None:
    column, counters = Column(title="电话", type="phone"), Counters()
    first, second = (Renaming(LEXICON, counters, seed=1, number=n, days=0, own_names=True) for n in (1, 2))
    renamed = [first.cell(column, "13800138000"), first.cell(column, "13900139000"), second.cell(column, "13800138000")]
    assert len(set(renamed)) == 3 and first.cell(column, "138 0013 8000") == renamed[0]
    assert all(text.startswith("169") and LEXICON.read_cell(column, text).value == text for text in renamed)


@given(st.text(alphabet="0123456789X ", max_size=20))
def test_what_cannot_be_read_is_not_renamed(text: str) -> None:
    renaming = Renaming(LEXICON, Counters(), seed=1, number=1, days=5, own_names=True)
    column = Column(title="身份证号", type="resident_id")
    if LEXICON.read_cell(column, text).value is None:
        assert renaming.cell(column, text) == text
