"""What a run writes: the contract of a clue, files for their owner only, masked texts, results never half."""

from __future__ import annotations

import json
import re
import stat
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest

from jianheng.core import api
from jianheng.core.foundation.identity import hash_file, hash_value
from jianheng.core.model.read import read_model
from jianheng.core.model.reads import reads_of
from jianheng.core.pack.shelf import find_packs, shipped_packs
from jianheng.core.terms.lexicon import read_lexicon
from tests.core.screening.conftest import Screened
from tests.story.village import ACCOUNT, COVERAGE, STARTED, TRUE, Place, bail_no, identities, identity, pairs, records

HASH = re.compile(r"sha256:[0-9a-f]{64}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MONEY = re.compile(r"\d+\.\d{2}")

FIELDS = {
    "clue_id", "kind", "model", "model_version", "rule", "rule_title", "subject", "against", "own_office", "say",
    "amount", "amount_at_least", "occurred_on", "conditions", "values", "basis", "evidence", "absent",
    "not_ruled_out", "linked_by", "notes", "innocent", "verify", "as_of", "claim", "params", "snapshots",
    "facts_hash", "decision", "flags", "names_masked",
}  # fmt: skip


def assert_contract(clue: dict[str, Any]) -> None:
    """Every field of a clue is there, in the shape that other programs read."""
    assert clue.keys() == FIELDS
    assert HASH.fullmatch(clue["clue_id"]) and HASH.fullmatch(clue["facts_hash"])
    assert clue["kind"] in ("clue", "conflict", "list", "hint")
    assert clue["amount"] is None or MONEY.fullmatch(clue["amount"])
    assert DAY.fullmatch(clue["occurred_on"]) and DAY.fullmatch(clue["as_of"]) and DAY.fullmatch(clue["claim"])
    assert clue["subject"] and all(clue["subject"].values())
    assert clue["against"] and clue["innocent"] and clue["verify"]
    assert clue["basis"] or clue["kind"] in ("conflict", "hint")  # a hint may rest on practice alone
    assert clue["say"].endswith("。") and not re.search(r"[{}]|None|（不明）", clue["say"])
    assert api.mask_text(clue["say"]) == clue["say"]
    assert all(one.keys() == {"id", "say", "value"} and "{" not in one["say"] for one in clue["conditions"])
    assert all(HASH.fullmatch(one) for one in clue["snapshots"])
    absent = {"id", "table", "title", "supplier", "from", "to", "claim", "inferred", "note"}
    assert all(one.keys() == absent and one["claim"] <= clue["as_of"] for one in clue["absent"])
    assert all(one.keys() == {"id", "title", "why"} for one in clue["not_ruled_out"])
    linked = {"table", "file", "sheet", "row", "step", "title"}
    assert all(one.keys() == linked for one in clue["linked_by"])
    assert clue["evidence"]
    for row in clue["evidence"]:
        assert row.keys() - {"also"} == {"table", "title", "file", "hash", "sheet", "row", "cells", "lit", "flags"}
        assert HASH.fullmatch(row["hash"]) and row["row"] >= 1
        assert set(row["lit"]) <= row["cells"].keys() and row["cells"]
        assert all(cell.keys() == {"title", "address", "raw", "value"} for cell in row["cells"].values())


def test_the_village_gives_exactly_its_clues(screened: Screened) -> None:
    assert pairs(screened.clues) == {(rule, bail_no(number)) for rule, number in TRUE}


def test_every_clue_keeps_the_contract(screened: Screened) -> None:
    for clue in screened.clues:
        assert_contract(clue)


def test_a_line_is_the_clue_in_json_without_a_space_and_both_its_hashes_can_be_recomputed(screened: Screened) -> None:
    model = read_model(
        shipped_packs() / "criminal" / "models" / "bail_deposit", read_lexicon(find_packs([shipped_packs()]))
    )
    lines = (screened.place.out / "clues.jsonl").read_bytes().splitlines(keepends=True)
    for line in lines:
        clue = orjson.loads(line)
        assert line == orjson.dumps(clue, option=orjson.OPT_APPEND_NEWLINE)
        about = {"model": clue["model"], "rule": clue["rule"], "subject": clue["subject"], "episode": []}
        assert clue["clue_id"] == hash_value(about)
        judged = reads_of(model, model.rule(clue["rule"])).judged
        facts = [
            (row["table"], name, row["cells"].get(name, {}).get("value") or "")
            for row in clue["evidence"]
            for name in judged.get(row["table"], ())
        ]
        assert clue["facts_hash"] == hash_value(sorted(facts))
    assert len(lines) == len(screened.clues)


def test_a_clue_says_what_a_prosecutor_can_check(screened: Screened) -> None:
    clue = screened.clue("not_refunded")
    assert clue["say"] == (
        f"示例市公安局江北分局执行的张三取保候审（{bail_no(1)}）于2024年11月1日结束（解除取保候审）。"
        "经比对示例银行提供的退还记录（数据截至2025年6月30日），未见退还决定、通知银行及退款，"
        "应退保证金5000.00元，距结束已241日。请核实。"
    )
    assert (clue["amount"], clue["occurred_on"], clue["against"]) == ("5000.00", "2024-11-01", "示例市公安局江北分局")
    assert clue["absent"] == [
        {
            "id": "no_refund",
            "table": "deposit_refund",
            "title": "保证金退还",
            "supplier": "示例银行",
            "from": "2015-01-01",
            "to": "2025-06-30",
            "claim": "2025-06-30",
            "inferred": False,
            "note": "",
        }
    ]
    assert [one["title"] for one in clue["linked_by"]] == ["按身份证号和时间"]
    assert [one["why"] for one in clue["not_ruled_out"]] == [
        "未提供案件结果",
        "未提供法院移交通知",
        "未提供案件结果",
    ] or {one["why"] for one in clue["not_ruled_out"]} == {"未提供案件结果", "未提供法院移交通知"}


def test_conditions_show_a_value_only_where_their_author_wants_one(screened: Screened) -> None:
    shown = {one["id"]: (one["say"], one["value"]) for one in screened.clue("not_refunded")["conditions"]}
    assert shown["overdue"] == ("距结束已241日", "241")
    assert shown["head"] == ("保证金由本份取保交纳", None)


def test_a_cited_address_holds_the_cited_text(screened: Screened) -> None:
    for clue in screened.clues:
        for row in clue["evidence"]:
            book = openpyxl.load_workbook(screened.place.folder / row["file"])
            for cell in row["cells"].values():
                assert book[row["sheet"]][cell["address"]].value == cell["raw"]


def test_the_run_record_names_every_result_by_its_hash(screened: Screened) -> None:
    out = screened.place.out
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    names = {file.name for file in out.iterdir()} - {"run.json"}
    assert names == {
        "clues.xlsx", "clues.jsonl", "lists.jsonl", "links.jsonl", "problems.xlsx", "problems.jsonl"
    }  # fmt: skip
    assert record["outputs"] == {name: hash_file(out / name) for name in names}
    assert {file["name"]: file["tables"] for file in record["files"]}["data/银行退款.xlsx"] == ["deposit_refund"]
    assert record["as_of"] == "2025-06-30" and record["engine"]["name"] == "duckdb"


def test_everything_is_for_its_owner_only(screened: Screened) -> None:
    place = screened.place
    for folder in (place.out, place.home.folder / "snapshots", place.home.folder / "tmp"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for path in folder.rglob("*"):
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_nothing_of_the_run_is_left_in_the_temporary_folder(screened: Screened) -> None:
    assert list((screened.place.home.folder / "tmp").iterdir()) == []


def test_sentences_and_problems_are_masked_and_clues_are_not(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.tables["payment"].rows[2] |= {"收款账号": "622848040256489001", "收款户名": "示例建材有限公司"}
    place.tables["bail"].rows[3]["身份证号"] = identity(4)[:-1] + "Q"
    place.tables["refund"].rows[0]["退还金额"] = f"见{identity(2)}"
    clues = place.write().screen()
    (clue,) = (one for one in clues if one["rule"] == "not_in_special_account")
    assert "6228**********9001" in clue["say"]
    assert clue["values"]["payment.account_no"] == "622848040256489001"
    problems = (place.out / "problems.jsonl").read_text(encoding="utf-8")
    assert len(records(place.out / "problems.jsonl")) == 2
    assert identity(4)[:-1] not in problems and identity(2) not in problems
    links = records(place.out / "links.jsonl")
    assert {link["bail_no"] for link in links if link["table"] == "deposit_payment"} == {
        bail_no(n) for n in range(1, 7)
    }


def test_a_run_that_fails_leaves_the_older_results_as_they_were(tmp_path: Path) -> None:
    place = Place(tmp_path).write()
    place.screen()
    before = {file.name: file.read_bytes() for file in place.out.iterdir()}
    (place.home.folder / "office.yaml").write_text("nama: 示例市江北区人民检察院\n", encoding="utf-8")
    with pytest.raises(api.PackProblem):
        place.screen()
    place.coverage.write_text("deposit_refunds: {from: 2022-01-01, to: 2025-06-30}\n", encoding="utf-8")
    with pytest.raises(api.PackProblem):
        place.screen()
    for params in ({"refund_grace_day": "1"}, {"refund_grace_days": "三"}):
        with pytest.raises(api.UsageProblem):
            place.screen(params=params)
    assert {file.name: file.read_bytes() for file in place.out.iterdir()} == before


@pytest.mark.parametrize(
    ("params", "code", "told"),
    [
        ({"refund_grace_day": "1"}, "U102", "refund_grace_days"),
        ({"other.refund_grace_days": "1"}, "U102", ""),
        ({"refund_grace_days": "三十"}, "U103", "三十"),
        ({"refund_grace_days": "1.5"}, "U103", "1.5"),
        ({"refund_grace_days": ""}, "U103", ""),
        ({"refund_grace_days": "-5"}, "U118", "看到「-5」"),
        ({"refund_grace_days": "99999999"}, "U118", "36500"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(tmp_path: Path, params: dict[str, str], code: str, told: str) -> None:
    place = Place(tmp_path).write()
    with pytest.raises(api.UsageProblem) as refused:
        place.screen(params=params)
    (problem,) = refused.value.problems
    assert problem.code == code and told in str(problem)
    assert not place.out.exists()


@pytest.mark.parametrize("year", [25, 1925, 2205])
def test_a_day_that_can_only_be_a_slip_of_the_pen_is_refused(tmp_path: Path, year: int) -> None:
    place = Place(tmp_path).write()
    with pytest.raises(api.UsageProblem) as refused:
        api.screen(
            place.home,
            ["bail_deposit"],
            [place.data],
            as_of=date(year, 6, 30),
            out=place.out,
            started_at=STARTED,
            progress=api.Silent(),
        )
    (problem,) = refused.value.problems
    assert problem.code == "U117" and f"{year:04d}-06-30" in problem.message and "1979" in problem.hint
    assert not place.out.exists()


def test_a_parameter_takes_effect_and_is_recorded(tmp_path: Path) -> None:
    place = Place(tmp_path).write()
    clues = place.screen(params={"bail_deposit.refund_grace_days": "241"})
    assert "not_refunded" not in {clue["rule"] for clue in clues}
    assert {clue["params"]["refund_grace_days"] for clue in clues} == {241}
    report = place.verify(place.out / "clues.jsonl")
    assert report.count("same") == len(clues) == 5


def test_hints_are_written_only_when_asked_for_and_stale_ones_go(screened: Screened, tmp_path: Path) -> None:
    place = screened.place.changed(tmp_path).write()
    place.screen(hints=True)
    assert (place.out / "hints.jsonl").exists()
    place.screen()
    assert not (place.out / "hints.jsonl").exists()
    assert not (screened.place.out / "hints.jsonl").exists()


def test_bad_files_are_listed_and_the_others_go_through(screened: Screened, tmp_path: Path) -> None:
    place = screened.place.changed(tmp_path).write()
    (place.data / "坏.xlsx").write_bytes(b"PK\x03\x04 broken")
    (place.data / "空.csv").write_bytes(b"")
    (place.data / "别的表.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")
    clues = place.screen()
    assert identities(clues) == identities(screened.clues)
    problems = records(place.out / "problems.jsonl")
    assert {"data/坏.xlsx", "data/空.csv", "data/别的表.csv"} <= {problem["file"] for problem in problems}
    assert all(problem["code"] and problem["message"] for problem in problems)


def test_without_a_table_the_rules_that_need_it_say_so_and_the_others_run(screened: Screened, tmp_path: Path) -> None:
    place = screened.place.changed(tmp_path)
    del place.tables["refund"]
    clues = place.write().screen()
    by_rule = {summary.rule: summary for summary in place.report.summaries}
    assert by_rule["not_refunded"].not_run == "未提供保证金退还" and by_rule["not_refunded"].cannot_tell == 6
    assert by_rule["paid_amount_differs"].not_run == ""
    assert pairs(clues) == {(rule, bail_no(number)) for rule, number in TRUE if rule != "not_refunded"}


def test_without_the_decisions_nothing_can_be_run(tmp_path: Path) -> None:
    place = Place(tmp_path)
    del place.tables["bail"]
    assert place.write().screen() == []
    assert not place.report.ran
    assert all(summary.not_run for summary in place.report.summaries)


def test_a_column_nobody_knows_is_no_harm_and_a_lacking_one_is_said(tmp_path: Path) -> None:
    place = Place(tmp_path)
    for row in place.tables["bail"].rows:
        row["备注二"] = "无"
        del row["保证金数额"]
    clues = place.write().screen()
    assert {"not_refunded", "not_released"} <= {clue["rule"] for clue in clues}
    assert "paid_amount_differs" not in {clue["rule"] for clue in clues}
    assert place.report.record["missing_columns"]["bail_decision"] == ["保证金数额"]
    overview = openpyxl.load_workbook(place.out / "clues.xlsx").worksheets[0]
    told = [str(cell) for row in overview.iter_rows(values_only=True) for cell in row if cell]
    (note,) = [text for text in told if "缺少的列：保证金数额" in text]
    assert "没有认出的标题：备注二。" in note


def test_a_coverage_taken_from_the_data_is_said_on_every_clue_that_leans_on_it(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.tables["refund"].rows += [
        place.tables["refund"].rows[0] | {"决定书文号": bail_no(100 + n), "退款日期": day}
        for n, day in enumerate(["2024-01-02", "2025-05-30"])
    ]
    place.write().coverage.write_text(
        "".join(line for line in COVERAGE.splitlines(keepends=True) if "refund" not in line), encoding="utf-8"
    )
    (clue,) = (one for one in place.screen() if one["rule"] == "not_refunded")
    assert clue["absent"][0]["inferred"] and clue["claim"] == clue["absent"][0]["claim"] == "2025-05-30"
    assert clue["notes"][0].startswith("覆盖期按数据推定：保证金退还")
    assert "数据截至2025年5月30日" in clue["say"] and clue["as_of"] == "2025-06-30"
    assert "距结束已210日" in clue["say"]


def test_a_register_that_ends_before_the_screening_day_is_said_on_every_clue_that_takes_its_blanks_for_not_yet(
    tmp_path: Path,
) -> None:
    place = Place(tmp_path).write()
    early = COVERAGE.replace(
        "bail_decision: {from: 2015-01-01, to: 2025-06-30", "bail_decision: {from: 2015-01-01, to: 2025-06-20"
    )
    place.coverage.write_text(early, encoding="utf-8")
    note = "取保候审决定的数据到2025-06-20为止，此后登记的看不到，空白的日期按没有发生判断"
    notes = {clue["rule"]: clue["notes"] for clue in place.screen()}
    assert note in notes["not_released"]
    whole = Place(tmp_path / "whole").write()
    assert not any(note[:15] in one for clue in whole.screen() for one in clue["notes"])


def test_the_overview_tells_the_coverage_of_the_tables_that_the_models_read_and_of_no_others(tmp_path: Path) -> None:
    place = Place(tmp_path).write()
    text = "姓名,身份证号,死亡日期,登记日期\n周九,,2024-05-01,2024-05-03\n周十,,2024-05-02,2024-05-04\n"
    (place.data / "死亡登记.csv").write_text(text, encoding="utf-8")
    place.screen()
    assert "death_registration" in place.report.record["tables"], "it is recognised, and no rule of the run reads it"
    sheet = openpyxl.load_workbook(place.out / "clues.xlsx")["总览"]
    told = [str(row[0].value) for row in sheet.iter_rows() if "的数据覆盖" in str(row[0].value)]
    assert any(line.startswith("保证金退还的数据覆盖") for line in told)
    assert not any("死亡" in line for line in told)


def test_a_guard_whose_table_has_a_hole_is_named_as_not_ruled_out(tmp_path: Path) -> None:
    place = Place(tmp_path).write()
    gap = COVERAGE.replace(
        "new_offence: {from: 2015-01-01, to: 2025-06-30", "new_offence: {from: 2015-01-01, to: 2024-12-31"
    )
    place.coverage.write_text(gap, encoding="utf-8")
    (clue,) = (one for one in place.screen() if one["rule"] == "not_refunded")
    assert ("held_for_new_offence", "取保期间新罪的数据未覆盖2024-11-01至2025-06-30") in {
        (one["id"], one["why"]) for one in clue["not_ruled_out"]
    }


def test_an_optional_table_that_its_own_rows_show_to_begin_later_is_named_as_not_ruled_out(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.tables["refund"].rows[0]["退还金额"] = "3000"
    place.write()
    lines = [line for line in COVERAGE.splitlines(keepends=True) if "confiscation" not in line]
    place.coverage.write_text("".join(lines), encoding="utf-8")
    (clue,) = (one for one in place.screen() if one["rule"] == "refund_not_full")
    (why,) = (one["why"] for one in clue["not_ruled_out"] if one["id"] == "confiscated")
    assert why.startswith("保证金没收的数据未覆盖2024-10-02至") and why.endswith("（覆盖期按数据推定）")


@pytest.mark.parametrize(
    ("office", "own"),
    [
        ("", True),
        ("示例市江北区人民检察院", True),
        ("示例市江北区 人民检察院", True),
        ("示例市江南区人民检察院", False),
    ],
)
def test_clues_against_our_own_office_are_marked(tmp_path: Path, office: str, own: bool) -> None:
    place = Place(tmp_path)
    for table in ("refund", "taken", "offence", "account"):
        del place.tables[table]
    place.write()
    if office:
        place.home.folder.mkdir(parents=True)
        (place.home.folder / "office.yaml").write_text(f"name: {office}\n", encoding="utf-8")
    marked = {clue["rule"]: clue["own_office"] for clue in place.screen()}
    assert marked["amount_below_minimum"] is own
    assert marked["not_released"] is False


def test_the_deposit_account_in_a_cell_is_not_taken_for_a_person(screened: Screened) -> None:
    assert all(ACCOUNT not in clue["say"] for clue in screened.clues)


def test_an_amount_is_what_is_wrong_and_not_what_was_paid(screened: Screened) -> None:
    clue = screened.clue("paid_amount_differs")
    assert clue["say"] == (
        f"赵六（{bail_no(4)}）的保证金决定数额为5000.00元，登记交纳合计3000.00元，少交2000.00元，"
        "执行机关为示例市公安局江北分局。请核实。"
    )
    assert clue["amount"] == "2000.00"


def test_one_decision_with_both_guarantees_names_its_number_once(screened: Screened, tmp_path: Path) -> None:
    place = screened.place.changed(tmp_path)
    rows = place.tables["bail"].rows
    rows.append(rows[3] | {"保证方式": "保证人", "保证金数额": ""})
    (said,) = (one["say"] for one in place.write().screen() if one["rule"] == "guarantor_and_deposit")
    assert said.count(bail_no(4)) == 1
    assert "，同一份决定又登记用保证" in said
