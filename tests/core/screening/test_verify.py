"""Clues re-derived from the files: on another machine, with files changed, renamed, moved about or gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jianheng.core import api
from tests.core.screening.conftest import Screened
from tests.story.village import Place, Table, TextTable, bail, identity, payment, records, refund


@pytest.fixture
def elsewhere(screened: Screened, tmp_path: Path) -> Place:
    """The same files on another machine, to be changed there."""
    return screened.place.changed(tmp_path)


def check(screened: Screened, place: Place) -> api.VerifyReport:
    return place.write().verify(screened.place.out / "clues.jsonl")


def states(report: api.VerifyReport) -> dict[str, str]:
    return {found.rule: found.state for found in report.checks}


def different(report: api.VerifyReport) -> set[str]:
    return {rule for rule, state in states(report).items() if state != "same"}


def test_on_another_machine_with_the_same_files_every_clue_is_the_same(screened: Screened, tmp_path: Path) -> None:
    there = Place(tmp_path)
    report = api.verify(there.home, screened.place.out / "clues.jsonl", [screened.place.data], progress=api.Silent())
    assert report.count("same") == len(screened.clues) == 6
    assert report.changed_without_effect == ()


def test_a_changed_cell_is_named_with_its_place_and_both_texts(screened: Screened, elsewhere: Place) -> None:
    elsewhere.tables["bail"].rows[0]["结束日期"] = "2024-11-02"
    report = check(screened, elsewhere)
    assert different(report) == {"not_refunded"}
    (found,) = (one for one in report.checks if one.rule == "not_refunded")
    (change,) = found.changes
    assert found.state == "different" and "仍成立" in found.message
    assert (change.file, change.sheet, change.address) == ("data/取保台账.xlsx", "2024年", "L2")
    assert (change.title, change.old, change.new) == ("结束日期", "2024-11-01", "2024-11-02")
    assert report.changed_without_effect == ()


def test_a_changed_cell_of_a_csv_file_is_named_with_its_record_its_column_and_both_texts(tmp_path: Path) -> None:
    place = Place(tmp_path / "here")
    bails = place.tables["bail"]
    place.tables["bail"] = TextTable("取保台账.csv", "", bails.rows)
    place.write().screen()
    there = place.changed(tmp_path / "there")
    there.tables["bail"].rows[4]["保证金数额"] = "900"
    report = there.write().verify(place.out / "clues.jsonl")
    assert different(report) == {"amount_below_minimum"}
    (found,) = (one for one in report.checks if one.rule == "amount_below_minimum")
    (change,) = found.changes
    assert found.state == "different" and "仍成立" in found.message
    assert (change.file, change.sheet, change.address) == ("data/取保台账.csv", "", "O6")  # the heads are record 1
    assert (change.title, change.old, change.new) == ("保证金数额", "800", "900")


def test_every_cited_cell_of_a_clue_that_changes_is_found(screened: Screened, elsewhere: Place) -> None:
    clue = screened.clue("not_refunded")
    cited = {
        (row["table"], cell["title"], cell["address"]) for row in clue["evidence"] for cell in row["cells"].values()
    }
    names = {"bail_decision": "bail", "deposit_payment": "payment"}
    for table, title, _ in cited:
        text = elsewhere.tables[names[table]].rows[0][title]
        elsewhere.tables[names[table]].rows[0][title] = f"{text}改" if text else "改"
    report = check(screened, elsewhere)
    (found,) = (one for one in report.checks if one.rule == "not_refunded")
    assert {(change.title, change.address) for change in found.changes} == {cell[1:] for cell in cited}


def test_a_clue_that_a_changed_cell_undoes_no_longer_holds(screened: Screened, elsewhere: Place) -> None:
    elsewhere.tables["payment"].rows[3]["交纳金额"] = "5000"
    report = check(screened, elsewhere)
    assert different(report) == {"paid_amount_differs"}
    (found,) = (one for one in report.checks if one.rule == "paid_amount_differs")
    assert "不再成立" in found.message
    assert [(change.old, change.new) for change in found.changes] == [("3000", "5000")]


def test_a_clue_that_an_uncited_row_undoes_names_the_file_with_that_row(screened: Screened, elsewhere: Place) -> None:
    elsewhere.tables["refund"].rows.append(refund(1, "2025-01-05"))
    report = check(screened, elsewhere)
    (found,) = (one for one in report.checks if one.rule == "not_refunded")
    assert found.state == "different"
    assert found.message.startswith("不再成立") and "银行退款.xlsx" in found.message
    assert different(report) == {"not_refunded"}
    assert report.changed_without_effect == ()


def test_a_file_that_was_not_there_is_named_when_it_undoes_a_clue(screened: Screened, elsewhere: Place) -> None:
    elsewhere.tables["more"] = Table("补充退款.xlsx", "明细", [refund(1, "2025-01-05")])
    report = check(screened, elsewhere)
    (found,) = (one for one in report.checks if one.rule == "not_refunded")
    assert found.state == "different" and "补充退款.xlsx" in found.message


def test_personal_numbers_in_changes_are_masked(screened: Screened, elsewhere: Place) -> None:
    elsewhere.tables["bail"].rows[0]["身份证号"] = identity(9)
    report = check(screened, elsewhere)
    texts = [text for one in report.checks for change in one.changes for text in (change.old, change.new)]
    assert any("****" in text for text in texts)
    assert not any(identity(1) in text or identity(9) in text for text in texts)


def test_a_changed_cell_that_no_clue_cites_is_named_by_its_file_only(screened: Screened, elsewhere: Place) -> None:
    elsewhere.tables["payment"].rows[1]["交纳方式"] = "柜台现金"
    report = check(screened, elsewhere)
    assert report.count("same") == 6
    assert report.changed_without_effect == ("data/银行收款.xlsx",)


def test_renamed_files_and_folders_are_found_by_what_is_in_them(screened: Screened, elsewhere: Place) -> None:
    for number, table in enumerate(elsewhere.tables.values()):
        table.file = f"改名{number}.xlsx"
    elsewhere.write()
    renamed = elsewhere.data.rename(elsewhere.folder / "另一个文件夹")
    report = api.verify(elsewhere.home, screened.place.out / "clues.jsonl", [renamed], progress=api.Silent())
    assert report.count("same") == 6


def test_a_file_both_renamed_and_changed_is_found_by_its_table_and_rows(screened: Screened, elsewhere: Place) -> None:
    elsewhere.tables["bail"].file = "新台账.xlsx"
    elsewhere.tables["bail"].rows[0]["结束日期"] = "2024-11-02"
    report = check(screened, elsewhere)
    assert different(report) == {"not_refunded"}
    (found,) = (one for one in report.checks if one.rule == "not_refunded")
    assert [(change.old, change.new) for change in found.changes] == [("2024-11-01", "2024-11-02")]


def test_without_a_file_that_a_rule_reads_nothing_can_be_said(screened: Screened, elsewhere: Place) -> None:
    del elsewhere.tables["refund"]
    report = check(screened, elsewhere)
    assert states(report) == {
        "not_refunded": "cannot",
        "not_released": "same",
        "over_twelve_months": "same",
        "paid_amount_differs": "same",
        "amount_below_minimum": "same",
        "confiscation_without_ground": "same",
    }
    (found,) = (one for one in report.checks if one.rule == "not_refunded")
    assert "没有找到原始文件" in found.message and "银行退款.xlsx" in found.message


def test_rows_that_only_moved_leave_a_clue_as_it_was_and_their_new_place_is_said(
    screened: Screened, elsewhere: Place
) -> None:
    elsewhere.tables["bail"].rows.insert(0, bail(7, "周九", "2025-05-01"))
    elsewhere.tables["payment"].rows.insert(0, payment(7, "2025-05-01"))
    report = check(screened, elsewhere)
    assert different(report) == set()
    (found,) = (one for one in report.checks if one.rule == "not_refunded")
    assert "第2行→第3行" in found.message
    assert report.changed_without_effect == ("data/取保台账.xlsx", "data/银行收款.xlsx")


def test_a_row_that_moved_and_changed_is_compared_with_itself(screened: Screened, elsewhere: Place) -> None:
    elsewhere.tables["bail"].rows[0]["结束日期"] = "2024-11-02"
    elsewhere.tables["bail"].rows.insert(0, bail(7, "周九", "2025-05-01"))
    elsewhere.tables["payment"].rows.insert(0, payment(7, "2025-05-01"))
    report = check(screened, elsewhere)
    (found,) = (one for one in report.checks if one.rule == "not_refunded")
    assert [(change.title, change.old, change.new) for change in found.changes] == [
        ("结束日期", "2024-11-01", "2024-11-02")
    ]


def test_a_row_taken_out_is_said_to_be_gone(screened: Screened, elsewhere: Place) -> None:
    del elsewhere.tables["taken"].rows[0]
    elsewhere.tables["taken"].rows.append(
        {title: "" for title in screened.place.tables["taken"].rows[0]}
        | {"决定书文号": "示公（刑）取保字〔2019〕77号", "没收决定日期": "2019-04-01", "没收金额": "1"}
    )
    report = check(screened, elsewhere)
    (found,) = (one for one in report.checks if one.rule == "confiscation_without_ground")
    assert found.state == "different" and "不再成立" in found.message


def test_without_the_run_record_it_refuses(screened: Screened, tmp_path: Path) -> None:
    alone = tmp_path / "clues.jsonl"
    alone.write_bytes((screened.place.out / "clues.jsonl").read_bytes())
    with pytest.raises(api.UsageProblem) as refused:
        screened.place.changed(tmp_path).write().verify(alone)
    assert [problem.code for problem in refused.value.problems] == ["U111"]
    report = screened.place.verify(alone, run=screened.place.out / "run.json")
    assert report.count("same") == 6


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"format": 1}'])
def test_a_broken_run_record_is_refused(screened: Screened, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "clues.jsonl").write_bytes((screened.place.out / "clues.jsonl").read_bytes())
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(api.UsageProblem) as refused:
        screened.place.verify(tmp_path / "clues.jsonl")
    assert [problem.code for problem in refused.value.problems] == ["U111"]


@pytest.mark.parametrize("content", [b"{", b"[]\n", b"7\n", b'{"a": 1}\n', b"\xff\xfe\n"])
def test_a_file_that_holds_no_clues_of_ours_is_refused(screened: Screened, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "clues.jsonl").write_bytes(content)
    with pytest.raises(api.UsageProblem) as refused:
        screened.place.verify(tmp_path / "clues.jsonl", run=screened.place.out / "run.json")
    assert [problem.code for problem in refused.value.problems] == ["U112"]


def test_a_model_that_has_changed_since_is_said_and_nothing_is_claimed(screened: Screened, tmp_path: Path) -> None:
    record = json.loads((screened.place.out / "run.json").read_text(encoding="utf-8"))
    record["models"][0]["digest"] = "sha256:0"
    run = tmp_path / "run.json"
    run.write_text(json.dumps(record), encoding="utf-8")
    report = screened.place.verify(screened.place.out / "clues.jsonl", run=run)
    assert report.count("cannot") == 6


def test_a_table_or_code_list_that_is_defined_otherwise_since_is_said_and_nothing_is_claimed(
    screened: Screened, tmp_path: Path
) -> None:
    record = json.loads((screened.place.out / "run.json").read_text(encoding="utf-8"))
    record["models"][0]["terms"]["deposit_refund"] = "sha256:0"
    run = tmp_path / "run.json"
    run.write_text(json.dumps(record), encoding="utf-8")
    report = screened.place.verify(screened.place.out / "clues.jsonl", run=run)
    assert report.count("cannot") == 6
    assert {found.message for found in report.checks} == {
        "本机对这些表的定义或所用代码表与当时不同：保证金退还"
    }  # fmt: skip


def test_the_digest_of_a_table_changes_with_its_term_and_with_its_code_lists_only(tmp_path: Path) -> None:
    words = api.load_lexicon(api.Home(tmp_path))
    before = words.digest("deposit_refund")
    column = next(one for one in words.tables["deposit_refund"].columns.values() if one.codes is None)
    column.aliases.append("另一种表头")
    assert words.digest("deposit_refund") != before
    column.aliases.pop()
    codes = next(one.codes for one in words.tables["bail_decision"].columns.values() if one.codes)
    before, other = words.digest("bail_decision"), words.digest("special_account")
    words.codes[codes].values["另一个词"] = []
    assert words.digest("bail_decision") != before
    assert words.digest("special_account") == other


def test_holidays_that_are_known_only_since_are_used_and_said(screened: Screened, elsewhere: Place) -> None:
    notices = elsewhere.home.folder / "holidays"
    notices.mkdir(parents=True)
    (notices / "2026.yaml").write_text(
        "year: 2026\nholidays: [{name: 临时放假, from: 2026-10-08, to: 2026-10-10}]\n", encoding="utf-8"
    )
    report = check(screened, elsewhere)
    assert report.count("same") == 6
    (note,) = report.notes
    assert "节假日安排与当时不同" in note
    assert check(screened, screened.place).notes == ()


def test_lists_and_hints_can_be_verified_like_clues(screened: Screened, tmp_path: Path) -> None:
    place = screened.place.changed(tmp_path)
    place.tables["refund"].rows[0]["退款日期"] = ""
    place.write().screen(hints=True)
    (listed,) = records(place.out / "lists.jsonl")
    assert listed["rule"] == "decided_not_collected"
    assert [found.state for found in place.verify(place.out / "lists.jsonl").checks] == ["same"]
