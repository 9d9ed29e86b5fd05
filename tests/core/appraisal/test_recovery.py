"""Earlier conclusions beside what a model finds: how many clues were true, which subjects it finds again, which not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from jianheng.core import api
from jianheng.core.appraisal.findings import ClueKey
from jianheng.core.appraisal.known import FALSE, TRUE, Conclusion
from jianheng.core.appraisal.recovery import ONLY_LISTED, Directory, Seen, recover
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from tests.core.appraisal.conftest import replay
from tests.story.village import AS_OF, Place, bail_no, identity

DAY = AS_OF.isoformat()
TITLES = {"not_refunded": "保证金应退未退", "not_released": "取保候审应解除未解除"}


@pytest.fixture(scope="module")
def screened(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("screened")).write()
    place.screen()
    return place


def judged(place: Place, path: Path, outcomes: Mapping[str, str]) -> Path:
    """The workbook of a screening with outcomes filled in, by title of the sheet."""
    book = openpyxl.load_workbook(place.out / "clues.xlsx")
    for title, outcome in outcomes.items():
        sheet = book[title]
        top = next(row for row in sheet.iter_rows() if any(cell.value == "核查结论" for cell in row))
        column = next(cell.column for cell in top if cell.value == "核查结论")
        sheet.cell(top[0].row + 1, column, outcome)
    book.save(path)
    return path


def listed(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_conclusions_of_the_same_clues_say_how_many_were_true(screened: Place, tmp_path: Path) -> None:
    previous = judged(
        screened, tmp_path / "clues.xlsx", {TITLES["not_refunded"]: "属实", TITLES["not_released"]: "不属实"}
    )
    _, record = replay(screened, DAY, DAY, out=tmp_path / "o", previous=previous)
    assert (record["confirmed"]["checked"], record["confirmed"]["true"]) == (2, 1)
    assert record["confirmed"]["interval"] is None
    assert record["confirmed"]["note"] == "样本过少，不作判断"
    known = record["recovered"]
    assert (known["of"], known["found"], known["missed"]) == (1, 1, [])
    assert known["refuted"] == {"of": 1, "found_again": 1, "only_listed": 0}


def test_a_confirmed_subject_that_is_clean_now_is_missed_with_the_condition(screened: Place, tmp_path: Path) -> None:
    previous = judged(screened, tmp_path / "clues.xlsx", {TITLES["not_refunded"]: "属实"})
    _, record = replay(screened, DAY, DAY, out=tmp_path / "o", previous=previous, params={"refund_grace_days": "9999"})
    assert record["confirmed"] is None
    assert record["recovered"]["missed"] == [
        {"state": "未发现异常", "rule": TITLES["not_refunded"], "why": "不符合「距结束已…日」", "subjects": 1}
    ]


def test_a_confirmed_subject_of_which_nothing_can_be_told_is_missed_with_the_reason(
    screened: Place, tmp_path: Path
) -> None:
    previous = judged(screened, tmp_path / "clues.xlsx", {TITLES["not_refunded"]: "属实"})
    place = screened.changed(tmp_path / "changed")
    place.tables["bail"].rows[0]["结束日期"] = "2024.13.45"
    _, record = replay(place.write(), DAY, DAY, previous=previous)
    (missed,) = record["recovered"]["missed"]
    assert (missed["state"], missed["why"]) == ("数据不足", "「取保候审已结束」所需内容缺失或未能读取")


def test_a_list_finds_subjects_by_any_column_of_the_first_table(screened: Place, tmp_path: Path) -> None:
    """By identity number: 1 is a clue, 2 is in order, 20 is nowhere. The workbook names who was missed, masked."""
    path = listed(tmp_path / "list.csv", "身份证号\n" + "\n".join(identity(number) for number in (1, 2, 20)))
    report, record = replay(screened, DAY, DAY, out=tmp_path / "o", confirmed=path)
    known = record["recovered"]
    assert (known["of"], known["found"]) == (3, 1)
    assert [(one["state"], one["subjects"]) for one in known["missed"]] == [
        ("未发现异常", 1),
        ("不在本模型的监督对象之中", 1),
    ]
    assert record["confirmed"] is None  # a list of confirmed subjects alone would always say: all true
    assert report.recovery is not None
    book = openpyxl.load_workbook(tmp_path / "o" / "backtest.xlsx")
    texts = {str(cell.value) for row in book["已有结论的对象"].iter_rows() for cell in row if cell.value}
    assert identity(2) not in "".join(texts)
    assert any(text.startswith(identity(2)[:4] + "****") for text in texts)


def test_a_subject_whose_name_the_workbook_hides_is_found_by_its_hidden_name(screened: Place, tmp_path: Path) -> None:
    """Names in clues of minors are hidden in the workbook: the conclusion bears 张某, and no number."""

    lexicon = api.load_lexicon(screened.home)
    (model,) = api.load_models(screened.home, ["bail_deposit"], lexicon)
    with DuckdbEngine(tmp_path, memory="256MB", threads=1) as engine:
        rows = "VALUES ('取1', '张三', '案1'), ('取2', '张四', '案2'), ('取3', '李四', '案2')"
        engine.make("bail_decision", f"SELECT * FROM ({rows}) AS t(bail_no, person_name, case_no)")
        directory = Directory(model, lexicon, {"bail_decision"}, engine)
        rule = model.rule("not_refunded")
        hidden = Conclusion({"person_name": "张某", "case_no": "案2"}, TRUE, masked=True, hidden=True)
        assert directory.subjects(rule, hidden) == {("取2",)}
        assert directory.subjects(rule, Conclusion({"person_name": "李四"}, TRUE)) == {("取3",)}
        assert directory.subjects(rule, Conclusion({"organ_no": "1"}, TRUE)) is None


def test_a_list_with_outcomes_counts_for_and_against(screened: Place, tmp_path: Path) -> None:
    path = listed(
        tmp_path / "list.csv", f"决定书文号,核查结论\n{bail_no(1)},属实\n{bail_no(4)},不属实\n{bail_no(5)},暂缓\n"
    )
    _, record = replay(screened, DAY, DAY, out=tmp_path / "o", confirmed=path)
    assert (record["confirmed"]["checked"], record["confirmed"]["true"]) == (2, 1)
    assert record["recovered"]["refuted"] == {"of": 1, "found_again": 1, "only_listed": 0}


def test_a_subject_that_was_reported_on_an_earlier_day_is_found(screened: Place, tmp_path: Path) -> None:
    """4 paid the rest in June: on the last day it is in order, but the replay had reported it in time."""
    place = screened.changed(tmp_path / "changed")
    row = dict(place.tables["payment"].rows[3])
    place.tables["payment"].rows.append(row | {"交纳日期": "2025-06-20", "交纳金额": "2000", "票据号": "P99999"})
    path = listed(tmp_path / "list.csv", f"决定书文号\n{bail_no(4)}\n")
    _, record = replay(place.write(), "2025-06-16", DAY, every=14, confirmed=path)
    assert (record["recovered"]["of"], record["recovered"]["found"]) == (1, 1)


def test_a_subject_that_shares_no_column_cannot_be_looked_for(screened: Place, tmp_path: Path) -> None:
    path = listed(tmp_path / "list.csv", "票据号\nP00001\n")
    _, record = replay(screened, DAY, DAY, out=tmp_path / "o", confirmed=path)
    assert (record["recovered"]["of"], record["recovered"]["unmatched"]) == (0, 1)


def test_what_stands_only_in_a_list_or_hint_is_told_apart_and_is_not_found(screened: Place, tmp_path: Path) -> None:
    lexicon = api.load_lexicon(screened.home)
    (model,) = api.load_models(screened.home, ["bail_deposit"], lexicon)
    rules = [model.rule("not_refunded"), model.rule("decided_not_collected")]
    key = {rule.id: ClueKey((f"取{number}",)) for number, rule in enumerate(rules)}
    seen = Seen({rule: {one: AS_OF} for rule, one in key.items()})
    with DuckdbEngine(tmp_path, memory="256MB", threads=1) as engine:
        engine.make("bail_decision", "SELECT * FROM (VALUES ('取0'), ('取1')) AS t(bail_no)")
        directory = Directory(model, lexicon, {"bail_decision"}, engine)
        for outcome, expected in ((TRUE, (1, 2, 0, 0, 0)), (FALSE, (0, 0, 1, 2, 1))):
            told = [Conclusion({"bail_no": f"取{number}"}, outcome) for number in (0, 1)]
            known = recover(model, {}, seen, told, directory, lambda rule, subjects: {})
            counts = (known.found.count, known.found.of, known.repeated.count, known.repeated.of)
            assert (*counts, known.repeated_in_lists) == expected
            assert [one.state for one in known.missed] == ([ONLY_LISTED] if outcome == TRUE else [])
