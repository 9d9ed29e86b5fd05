"""One known case beside every rule: verdicts as a screening gives them, by condition, and how many are alike."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from jianheng.core import api
from jianheng.core.appraisal.findings import find, plan_for
from jianheng.core.appraisal.past_data import Body, DayData, PastData
from jianheng.core.appraisal.trace import trace_subjects, tracing
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.errors import UsageProblem
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.import_data import Workplace, take_in
from tests.story.village import AS_OF, Place, bail, bail_no, identity, payment

WHEN = datetime(2025, 7, 1, 9, 30)


def like(place: Place, *asked: str, reference: str = "示检控申〔2025〕12号", **wishes: Any) -> dict[str, Any]:
    inquiry = api.Inquiry(asked, reference, WHEN, "clerk")
    return api.like_case(
        place.home,
        wishes.pop("models", ["bail_deposit"]),
        inquiry,
        [place.data],
        as_of=AS_OF,
        progress=api.Silent(),
        coverage=place.coverage,
        **wishes,
    )


def rule(record: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (one for one in record["rules"] if one["rule"] == name)
    return dict(found)


def states(one: dict[str, Any]) -> dict[str, str]:
    return {step["id"]: step["state"] for step in one["steps"]}


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The village with a bail like 1 (not refunded either), one whose end cannot be read, and a namesake of 1."""
    place = Place(tmp_path_factory.mktemp("street"))
    place.tables["bail"].rows += [
        bail(7, "周九", "2024-04-01", "2024-11-01"),
        bail(8, "吴十", "2024-04-03", "2024.13.45"),
        bail(9, "张三", "2024-04-04", "2024-10-04"),
    ]
    place.tables["payment"].rows += [payment(number, "2024-04-05") for number in (7, 8)]
    return place.write()


def test_a_case_that_is_a_hit_meets_every_condition_and_the_others_like_it_are_counted(street: Place) -> None:
    record = like(street, f"决定书文号={bail_no(1)}")
    one = rule(record, "not_refunded")
    assert (one["verdict"], one["subject"]) == ("hit", {"决定书文号": bail_no(1)})
    assert set(states(one).values()) == {"T"}
    assert (one["same"], one["hits"]) == (1, 1)
    assert "距结束已241日" in [step["say"] for step in one["steps"]]
    assert record["rules"][0]["verdict"] == "hit"


def test_a_case_that_is_clean_is_told_by_which_condition_and_who_gets_as_far(street: Place) -> None:
    """2 was paid back: it meets all conditions up to the absence of a refund, as 1 and 7 do (8 may)."""
    one = rule(like(street, f"bail_no={bail_no(2)}"), "not_refunded")
    assert one["verdict"] == "clean"
    assert one["stopped"] == "有相应的记录，「没有退还决定、通知银行或者退款的记录」不成立"
    assert states(one)["no_refund"] == "F"
    assert (one["same"], one["as_far"], one["hits"]) == (0, 3, 2)


def test_what_cannot_be_told_is_said_with_its_reason(street: Place) -> None:
    one = rule(like(street, f"取保文书号={bail_no(8)}"), "not_refunded")
    assert one["verdict"] == "cannot_tell"
    (unsure,) = (step for step in one["steps"] if step["id"] == "ended")
    assert (unsure["state"], unsure["why"]) == ("?", "「取保候审已结束」所需内容缺失或未能读取")


def test_a_case_is_found_by_what_any_table_knows_of_it(street: Place) -> None:
    """The payment of 1 bears an identity number and no document number: it was linked, so the bail is of the case."""
    by_voucher = like(street, "票据号=P00001")
    assert [one["table"] for one in by_voucher["tables"]] == ["deposit_payment"]
    assert rule(by_voucher, "not_refunded")["subject"] == {"决定书文号": bail_no(1)}


def test_all_that_is_asked_must_agree(street: Place) -> None:
    both = like(street, "姓名=张三", "决定日期=2024年4月4日")
    assert {tuple(one["subject"].values()) for one in both["rules"]} == {(bail_no(9),)}


def test_namesakes_are_pointed_out_and_nobody_is_named_by_number(street: Place) -> None:
    record = like(street, "姓名=张三")
    assert len(record["persons"]) == 2
    text = json.dumps(record, ensure_ascii=False)
    assert identity(1) not in text and identity(9) not in text
    assert {tuple(one["subject"].values())[0] for one in record["rules"]} == {bail_no(1), bail_no(9)}


def test_a_case_of_a_minor_is_marked_and_names_nobody(place: Place) -> None:
    """Born on 1 January 1990 and released on bail at seventeen; asked for by name."""
    place.tables["bail"].rows.append(bail(10, "郑小小", "2007-04-01", 身份证号=identity(10)))
    record = like(place.write(), "姓名=郑小小")
    assert record["flags"] == ["minor"]
    assert record["asked"] == {"姓名": "郑某某"}
    assert "郑小小" not in json.dumps(record, ensure_ascii=False)
    assert like(place, f"决定书文号={bail_no(2)}")["flags"] == []


def test_a_case_that_is_nowhere_gives_nothing(street: Place) -> None:
    record = like(street, f"决定书文号={bail_no(999)}")
    assert (record["tables"], record["rules"]) == ([], [])


def test_rules_that_lack_tables_are_named(street: Place) -> None:
    record = like(street, f"决定书文号={bail_no(1)}", models=["bail_deposit", "shell_company"])
    assert {one["model"] for one in record["not_run"]} >= {"shell_company"}
    assert all(one["missing"] for one in record["not_run"])


def test_every_look_up_is_written_down_masked_before_anything_is_found(place: Place) -> None:
    place.write()
    like(place, f"身份证号={identity(1)}")
    with pytest.raises(UsageProblem):
        like(place, "没有这一列=1", reference="示检控申〔2025〕13号")
    path = place.home.folder / "lookups.jsonl"
    first, second = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    masked = f"{identity(1)[:4]}**********{identity(1)[-4:]}"
    assert first == {
        "at": "2025-07-01T09:30:00",
        "by": "clerk",
        "for": "示检控申〔2025〕12号",
        "subject": {"身份证号": masked},
    }
    assert second["for"] == "示检控申〔2025〕13号"
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("asked", "reference", "code"),
    [
        (["张三"], "示检控申〔2025〕12号", "U432"),
        (["姓名="], "示检控申〔2025〕12号", "U432"),
        (["姓名=张三"], " x ", "U431"),
        (["车牌号=示A12345"], "示检控申〔2025〕12号", "U433"),
        (["身份证号=12345"], "示检控申〔2025〕12号", "U434"),
    ],
)
def test_a_look_up_that_names_nobody_or_no_reason_is_refused(
    street: Place, asked: list[str], reference: str, code: str
) -> None:
    with pytest.raises(UsageProblem) as caught:
        like(street, *asked, reference=reference)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_group_is_not_a_case(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.tables["bail"].rows += [
        bail(10, "钱某", "2024-05-01", 身份证号="", 决定书文号=bail_no(number)) for number in range(100, 205)
    ]
    with pytest.raises(UsageProblem) as caught:
        like(place.write(), "决定日期=2024-05-01")
    assert [problem.code for problem in caught.value.problems] == ["U435"]


def test_whoever_has_no_partner_that_a_rule_must_have_is_clean_and_told_so(street: Place) -> None:
    one = rule(like(street, f"bail_no={bail_no(2)}"), "confiscation_without_ground")
    assert one["verdict"] == "clean"
    assert one["stopped"] == "没有对应的保证金没收记录"
    assert (one["met"], one["same"], one["hits"]) == (0, 7, 1)


# -- the trace agrees with the verdicts ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def laid_out(
    street: Place, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[SupervisionModel, DayData, Engine]]:
    folder = tmp_path_factory.mktemp("traced")
    lexicon = api.load_lexicon(street.home)
    (model,) = api.load_models(street.home, ["bail_deposit"], lexicon)
    workplace = Workplace(street.home.folder)
    snapshot = take_in([street.data], lexicon, workplace, folder, api.Silent())
    past = PastData([Body(snapshot)], lexicon, workplace, street.coverage, folder)
    data = past.at(date(2025, 6, 30), model.spec.tables.values(), api.Silent())
    with past.engine() as engine:
        data.tables.lay_out(engine, workplace.calendar())
        yield model, data, engine


def test_followed_through_every_condition_everybody_comes_to_the_verdict_of_the_rule(
    laid_out: tuple[SupervisionModel, DayData, Engine],
) -> None:
    model, data, engine = laid_out
    findings = find(model, plan_for(model, data.tables, data.as_of, {}, engine), engine, api.Silent())
    everybody = [(bail_no(number),) for number in range(1, 10)]
    with tracing(model, data.tables, data.as_of, {}, engine, api.Silent(), set(findings)) as plan:
        for rule_plan in plan.rules:
            found = findings[rule_plan.rule]
            traced = trace_subjects(model, rule_plan, everybody, engine)
            assert [one.subject for one in traced] == everybody
            verdicts = {one.subject: one.verdict for one in traced}
            assert {who for who, verdict in verdicts.items() if verdict == "hit"} == found.subjects, rule_plan.rule
            unsure = {who for who, verdict in verdicts.items() if verdict == "cannot_tell"}
            assert unsure == found.undecided.keys(), rule_plan.rule
            assert all(one.other_hits == len(found.subjects - {one.subject}) for one in traced), rule_plan.rule
