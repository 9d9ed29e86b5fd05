"""A model replayed over past days: it sees what was known then, and on the last day it is an ordinary screening."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta

import pytest

from jianheng.core import api
from jianheng.core.appraisal.backtest import MOST_DAYS, backtest_days
from jianheng.core.appraisal.findings import clue_id, subject_names
from jianheng.core.foundation.errors import DataProblem, JianhengError, RunProblem, UsageProblem
from tests.core.appraisal.conftest import replay, subjects
from tests.story.village import AS_OF, STARTED, Place, bail_no, payment, refund


@pytest.mark.slow
def test_on_the_last_day_the_clues_are_those_of_a_screening(village: Place) -> None:
    report, record = replay(village, "2025-06-16", AS_OF.isoformat(), every=14)
    screened = village.screen()
    found = {
        clue_id("bail_deposit", rule, subject_names(one.rule), key)
        for rule, one in report.last.findings.items()
        if one.rule.kind in ("clue", "conflict")
        for key in one.clues
    }
    assert found == {clue["clue_id"] for clue in screened}
    assert len(found) == record["weeks"][-1]["clues"] == 6
    by_rule = {one["rule"]: one for one in record["weeks"][-1]["rules"]}
    for summary in village.report.summaries:
        one = by_rule[summary.rule]
        assert (one["clean"], one["cannot_tell"]) == (summary.clean, summary.cannot_tell), summary.rule


def test_a_refund_made_later_clears_nobody_earlier(place: Place) -> None:
    """2 ended on 2 October and was paid back on 20 November: a clue in between, and none afterwards."""
    place.tables["refund"].rows = [refund(2, "2024-11-20")]
    report, record = replay(place.write(), "2024-09-25", "2024-11-27", every=21)
    assert subjects(report, "not_refunded") == {
        "2024-09-25": set(),
        "2024-10-16": {bail_no(2)},
        "2024-11-06": {bail_no(1), bail_no(2)},
        "2024-11-27": {bail_no(1)},
    }
    counts = [(week["clues"], week["new"], week["gone"]) for week in _rule(record, "not_refunded")]
    assert counts == [(0, 0, 0), (1, 1, 0), (2, 1, 0), (1, 0, 1)]


def test_an_end_that_had_not_come_is_not_seen(place: Place) -> None:
    """The end of 3 was registered as 1 March 2025: before, its twelve months have passed and it is not released."""
    place.tables["bail"].rows[2]["结束日期"] = "2025-03-01"
    place.tables["bail"].rows[2]["结束原因"] = "解除取保候审"
    report, _ = replay(place.write(), "2025-02-10", "2025-03-10", every=14)
    found = subjects(report, "not_released")
    assert bail_no(3) in found["2025-02-10"]
    assert bail_no(3) not in found["2025-03-10"]


def test_who_was_not_registered_yet_is_not_in_the_population(village: Place) -> None:
    report, _ = replay(village, "2024-03-01", "2024-04-01", every=31)
    verdicts = [day.findings["not_refunded"].verdicts for day in report.days]
    assert [one.subjects for one in verdicts if one] == [1, 2]
    assert report.days[0].later_rows["bail_decision"] == 5


def test_a_day_before_any_data_says_that_nothing_can_be_told_or_nobody_is_there(village: Place) -> None:
    report, record = replay(village, "2010-01-01", "2010-01-01")
    assert record["weeks"][0]["clues"] == 0
    assert all(one.verdicts is not None and one.verdicts.subjects == 0 for one in report.last.findings.values())


def test_inferred_coverage_ends_with_the_day(village: Place) -> None:
    """Without a declaration the refunds of October 2024 cover no day before them."""
    report, _ = replay(village, "2024-09-01", "2024-09-01", coverage=None)
    assert not report.last.findings["not_refunded"].clues


def test_each_day_uses_what_had_been_imported_by_then(place: Place) -> None:
    """The office received the register without the payment of 4, and later with it: earlier days do not know it."""
    late = place.tables["payment"].rows.pop(3)
    first = _imported(place.write(), "2025-04-01")
    place.tables["payment"].rows.append(late)
    second = _imported(place.write(), "2025-05-01")
    report, record = replay(place, "2025-04-10", "2025-05-10", every=30, snapshots=[second, first])
    assert record["data"]["as_they_stood"] == "imports"
    assert [body["imported_on"] for body in record["data"]["bodies"]] == ["2025-04-01", "2025-05-01"]
    assert subjects(report, "paid_amount_differs") == {"2025-04-10": set(), "2025-05-10": {bail_no(4)}}
    assert [len(day.snapshots) for day in report.days] == [1, 1]
    assert report.days[0].snapshots != report.days[1].snapshots


def test_days_before_the_first_import_see_it_cut_to_the_day(place: Place) -> None:
    place.tables["refund"].rows = [refund(2, "2024-11-20")]
    name = _imported(place.write(), "2025-07-01")
    report, _ = replay(place, "2024-10-16", "2024-11-27", every=42, snapshots=[name])
    assert [bail_no(2) in found for found in subjects(report, "not_refunded").values()] == [True, False]


def test_the_record_names_nobody(village: Place) -> None:
    replay(village, "2025-06-30", "2025-06-30", out=village.folder / "named", variations=["refund_grace_days=1000"])
    text = (village.folder / "named" / "backtest.json").read_text(encoding="utf-8")
    for word in ("张三", "钱七", bail_no(1), "9901"):
        assert word not in text


def test_results_are_for_their_owner_alone_and_old_pictures_go(village: Place) -> None:
    out = village.folder / "owner"
    replay(village, "2025-06-30", "2025-06-30", out=out, variations=["refund_grace_days=30"])
    names = {"backtest.json", "backtest.xlsx", "weeks.svg", "sensitivity.svg"}
    assert {path.name for path in out.iterdir()} == names
    if os.name == "posix":
        assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}
    replay(village, "2025-06-30", "2025-06-30", out=out)
    assert {path.name for path in out.iterdir()} == names - {"sensitivity.svg"}


def test_the_record_has_the_fields_that_a_package_reads(village: Place) -> None:
    _, record = replay(village, "2025-06-30", "2025-06-30", out=village.folder / "fields")
    written = json.loads((village.folder / "fields" / "backtest.json").read_text(encoding="utf-8"))
    assert written == record
    assert (record["format"], record["model"], record["as_of"]) == (1, "bail_deposit", ["2025-06-30"])
    assert record["model_hash"] == _digest(village)
    assert {"as_of", "clues", "new", "cannot_tell", "clean", "rules"} <= record["weeks"][0].keys()
    assert record["confirmed"] is None


def test_why_nothing_can_be_told_is_said_by_rule_the_most_frequent_first(place: Place) -> None:
    place.tables["bail"].rows[0]["结束日期"] = "2024.13.45"
    del place.tables["taken"]
    _, record = replay(place.write(), "2025-06-30", "2025-06-30")
    rules = {one["rule"]: one for one in record["rules"]}
    (reason,) = (text for text, _ in rules["not_refunded"]["reasons"] if "已结束" in text)
    assert reason == "「取保候审已结束」所需内容缺失或未能读取"
    assert rules["not_refunded"]["cannot_tell_share"] == round(rules["not_refunded"]["cannot_tell"] / 6, 4)
    assert rules["confiscation_without_ground"]["missing"] == ["保证金没收"]
    counts = [count for _, count in rules["not_refunded"]["reasons"]]
    assert counts == sorted(counts, reverse=True)


def test_days_are_counted_back_from_the_last() -> None:
    assert backtest_days(date(2025, 6, 1), date(2025, 6, 30), 14) == [date(2025, 6, 2), date(2025, 6, 16), AS_OF]
    assert backtest_days(AS_OF, AS_OF, 7) == [AS_OF]


@pytest.mark.parametrize(
    ("first", "every", "code"),
    [(AS_OF + timedelta(days=1), 7, "U421"), (AS_OF, 0, "U421"), (AS_OF - timedelta(days=MOST_DAYS), 1, "U422")],
    ids=["wrong order", "no step", "too many"],
)
def test_days_that_cannot_be_are_refused(first: date, every: int, code: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        backtest_days(first, AS_OF, every)
    assert [problem.code for problem in caught.value.problems] == [code]


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"params": {"grace": "1"}}, "U102"),
        ({"params": {"refund_grace_days": "viele"}}, "U103"),
        ({"variations": ["grace=1"]}, "U102"),
        ({"variations": ["refund_grace_days=1,x"]}, "U103"),
        ({"variations": ["refund_grace_days"]}, "U423"),
        ({"variations": ["refund_grace_days=1,,2"]}, "U423"),
        ({"snapshots": ["0000"]}, "U114"),
        ({"model": "all"}, "U206"),
        ({"against": ["nothing"]}, "U201"),
    ],
)
def test_what_is_not_there_is_refused_before_any_work(village: Place, wishes: dict[str, object], code: str) -> None:
    out = village.folder / "refused"
    with pytest.raises(JianhengError) as caught:
        replay(village, "2025-06-30", "2025-06-30", out=out, **wishes)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert not out.exists()


def test_data_whose_time_is_over_are_not_replayed(place: Place) -> None:
    place.write()
    coverage = place.coverage.read_text(encoding="utf-8").replace(
        "to: 2025-06-30", "to: 2025-06-30, expires: 2025-01-01"
    )
    place.coverage.write_text(coverage, encoding="utf-8")
    with pytest.raises(DataProblem) as caught:
        replay(place, "2025-06-30", "2025-06-30")
    assert {problem.code for problem in caught.value.problems} == {"D225"}


def test_somebody_may_stop_it(village: Place) -> None:
    class Stopping(api.Silent):
        def cancelled(self) -> bool:
            return True

    with pytest.raises(RunProblem) as caught:
        api.backtest(
            village.home,
            "bail_deposit",
            api.PastSources((village.data,)),
            first=AS_OF,
            last=AS_OF,
            every=7,
            out=village.folder / "stopped",
            started_at=STARTED,
            progress=Stopping(),
        )
    assert caught.value.problems[0].code in ("R101", "R205")
    assert not (village.folder / "stopped").exists()
    assert not list((village.home.folder / "tmp").iterdir())


def test_a_payment_that_came_later_does_not_raise_the_sum_before(place: Place) -> None:
    """4 paid 3,000 of 5,000 in March and the rest in June: too little until then."""
    place.tables["payment"].rows.append(payment(4, "2025-06-20", "2000", 票据号="P99999"))
    report, _ = replay(place.write(), "2025-06-16", "2025-06-30", every=14)
    assert subjects(report, "paid_amount_differs") == {"2025-06-16": {bail_no(4)}, "2025-06-30": set()}


def _rule(record: dict[str, list[dict[str, list[dict[str, int]]]]], rule: str) -> list[dict[str, int]]:
    return [one for week in record["weeks"] for one in week["rules"] if one["rule"] == rule]  # type: ignore[comparison-overlap]


def _digest(place: Place) -> str:
    (model,) = api.load_models(place.home, ["bail_deposit"], api.load_lexicon(place.home))
    return model.digest


def _imported(place: Place, day: str) -> str:
    """Import the files as they are; the snapshot's name. The day of import is that of its manifest."""
    before = {one.name for one in api.kept_snapshots(place.home)}
    api.intake(place.home, [place.data], as_of=AS_OF, progress=api.Silent())
    (kept,) = (one for one in api.kept_snapshots(place.home) if one.name not in before)
    moment = (date.fromisoformat(day) - date(1970, 1, 1)).days * 86400 + 43200
    os.utime(kept.folder / "manifest.json", (moment, moment))
    return kept.name
