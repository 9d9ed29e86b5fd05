"""The tables, code lists and models that ship with the program, read by the rooms that use them."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from jianheng.core.fields.registry import read_field
from jianheng.core.model.read import read_model
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.pack.shelf import find_packs, shipped_packs
from jianheng.core.terms.lexicon import Lexicon, read_lexicon


@cache
def lexicon() -> Lexicon:
    return read_lexicon(find_packs([shipped_packs()]))


@cache
def bail_deposit() -> SupervisionModel:
    return read_model(shipped_packs() / "criminal" / "models" / "bail_deposit", lexicon())


def test_the_nine_tables_of_bail_supervision_are_there() -> None:
    assert {
        "bail_decision",
        "deposit_payment",
        "special_account",
        "deposit_refund",
        "deposit_confiscation",
        "case_outcome",
        "new_offence",
        "court_transfer_notice",
        "case_link",
    } <= set(lexicon().tables)


def test_every_money_table_can_be_linked_without_a_decision_number() -> None:
    for name in ("deposit_payment", "deposit_refund", "deposit_confiscation", "court_transfer_notice"):
        table = lexicon().tables[name]
        assert {"person_name", "person_id", "case_no", "organ_no"} <= set(table.columns), name
        assert table.link is not None and [step.step for step in table.link.ladder] == [1, 1, 2, 3], name


def test_the_plain_heading_of_an_identity_number_is_known_wherever_a_table_is_about_one_person() -> None:
    for table in lexicon().tables.values():
        persons = [name for name, column in table.columns.items() if column.type == "resident_id"]
        if persons in (["person_id"], ["tenant_id"], ["owner_id"]):
            column = table.columns[persons[0]]
            assert {"身份证号", "身份证号码", "公民身份号码"} <= {column.title, *column.aliases}, table.id


def test_a_spelling_means_one_value_only() -> None:
    for codes in lexicon().codes.values():
        spellings = Counter(
            str(read_field("text", text).value) for value, others in codes.values.items() for text in (value, *others)
        )
        assert [text for text, times in spellings.items() if times > 1] == [], codes.id


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("event", "相对不起诉", "相对不起诉"),
        ("event", "酌定不起诉", "相对不起诉"),
        ("event", "附条件不起诉", "附条件不起诉"),
        ("event", "撤回起诉", "撤回起诉"),
        ("event", "不起诉（拟）", None),
        ("event", "不 起 诉 决 定 书 复 核", None),
        ("event_kind", "生效", "生效"),
    ],
)
def test_outcomes_map_exactly_and_nothing_is_guessed(column: str, text: str, value: str | None) -> None:
    assert lexicon().read_cell(lexicon().tables["case_outcome"].columns[column], text).value == value


def test_the_planned_end_is_never_read_as_an_end() -> None:
    columns = lexicon().tables["bail_decision"].columns
    planned = {"期限至", "到期日", "截止日期", "期限届满日期"}
    assert planned <= {columns["due_on"].title, *columns["due_on"].aliases}
    assert not planned & {columns["ended_on"].title, *columns["ended_on"].aliases}


def test_what_a_blank_date_means_follows_the_table() -> None:
    meanings = {
        ("bail_decision", "ended_on"): "never",
        ("bail_decision", "due_on"): "unknown",
        ("deposit_refund", "refunded_on"): "never",
        ("deposit_payment", "paid_on"): "unknown",
        ("special_account", "valid_to"): "open",
        ("deposit_confiscation", "review_result"): "none",
        ("new_offence", "result"): "none",
    }
    assert {key: lexicon().tables[key[0]].columns[key[1]].empty for key in meanings} == meanings


def test_the_bail_model_has_its_fifteen_rules_in_order_and_one_hint() -> None:
    assert [(rule.id, rule.kind) for rule in bail_deposit().spec.rules] == [
        ("not_refunded", "clue"),
        ("decided_not_collected", "list"),
        ("not_released", "clue"),
        ("refund_not_full", "clue"),
        ("not_in_special_account", "clue"),
        ("paid_outside_channel", "clue"),
        ("confiscated_by_wrong_organ", "clue"),
        ("confiscation_without_ground", "clue"),
        ("confiscation_approval_too_low", "clue"),
        ("more_out_than_in", "conflict"),
        ("amount_below_minimum", "clue"),
        ("paid_amount_differs", "clue"),
        ("charged_again", "clue"),
        ("guarantor_and_deposit", "clue"),
        ("over_twelve_months", "clue"),
        ("over_twelve_months_two_courts", "hint"),
    ]


def test_every_rule_of_bail_is_about_a_bail() -> None:
    assert {tuple(rule.subject) for rule in bail_deposit().spec.rules} == {("bail.bail_no",)}
