"""Other models and other values of a parameter beside a draft."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from jianheng.core import api
from jianheng.core.appraisal.pictures import OTHERS, sensitivity_picture, weeks_picture
from jianheng.core.appraisal.proportion import TOO_FEW, Proportion
from tests.core.appraisal.conftest import replay
from tests.story.village import AS_OF, Place, bail_no

DAY = AS_OF.isoformat()
DRAFT = """\
id: paid_draft
version: 0.1.0
title: 交款草稿
line: criminal
summary: 只为比对。
tables: {payment: deposit_payment}
rules:
  - id: large
    title: 交款
    kind: hint
    certainty: U
    basis: []
    judged_on: payment.paid_on
    subject: [payment.voucher_no]
    against: payment.taken_by
    from: payment
    where:
      - {id: low, when: "payment.amount >= 3000", say: "交了{value}元"}
    say: "交了{payment.amount}元。"
    innocent: []
    verify: []
"""


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drafts") / "paid_draft"
    folder.mkdir()
    (folder / "model.yaml").write_text(DRAFT, encoding="utf-8")
    (folder / "cases.yaml").write_text("cases: []\n", encoding="utf-8")
    return folder


def test_clues_overlap_where_the_own_row_of_one_is_evidence_of_the_other(
    village: Place, draft: Path, tmp_path: Path
) -> None:
    """Of the payments of 1, 2, 4 and 6, that of 1 is evidence that nothing was paid back, that of 4 that too little was
    paid in. The payment of 6 is none: the confiscation of 6 is judged without it."""
    _, record = replay(village, DAY, DAY, model=draft, out=tmp_path / "o", against=["all"])
    assert record["counted"] == ["hint"]
    assert record["weeks"][0]["clues"] == 4
    assert "bail_deposit" in record["overlap"]["compared"]
    assert "shell_company" in record["overlap"]["not_run"]
    assert {
        (pair["model"], pair["other_rule"], pair["shared"], pair["clues"], pair["theirs"], pair["other_clues"])
        for pair in record["overlap"]["pairs"]
    } == {
        ("bail_deposit", "not_refunded", 1, 4, 1, 1),
        ("bail_deposit", "paid_amount_differs", 1, 4, 1, 1),
    }


def test_a_draft_says_all_that_its_installed_copy_says(village: Place, tmp_path: Path) -> None:
    """A copy of a shipped model in another folder overlaps with it in every clue."""
    (shipped,) = (place for place in api.find_models(village.home) if place.id == "bail_deposit")
    copy = tmp_path / "bail_deposit"
    copy.mkdir()
    for file in ("model.yaml", "cases.yaml"):
        (copy / file).write_bytes((shipped.folder / file).read_bytes())
    _, record = replay(village, DAY, DAY, model=copy, out=tmp_path / "o", against=["bail_deposit"])
    same = [pair for pair in record["overlap"]["pairs"] if pair["rule"] == pair["other_rule"]]
    assert {pair["rule"] for pair in same} == {one["rule"] for one in record["rules"] if one["clues"]}
    assert all(pair["shared"] == pair["clues"] == pair["theirs"] == pair["other_clues"] for pair in same)


def test_a_model_is_not_compared_with_itself(village: Place, tmp_path: Path) -> None:
    _, record = replay(village, DAY, DAY, out=tmp_path / "o", against=["bail_deposit"])
    assert record["overlap"] is None


def test_a_value_of_a_parameter_says_who_comes_and_who_goes(village: Place, tmp_path: Path) -> None:
    """1 ended 241 days before: it stays at 240 and goes at 241. The draft's own value is always among those tried."""
    report, record = replay(
        village,
        DAY,
        DAY,
        out=tmp_path / "o",
        params={"refund_grace_days": "240"},
        variations=["refund_grace_days=0,241"],
    )
    lines = [(one["value"], one["default"], one["added"], one["removed"]) for one in record["sensitivity"]]
    assert lines == [("240", True, 0, 0), ("0", False, 0, 0), ("241", False, 0, 1)]
    assert [key.subject for key in report.variations[2].removed["not_refunded"]] == [(bail_no(1),)]
    book = openpyxl.load_workbook(tmp_path / "o" / "backtest.xlsx")
    cells = [str(cell.value) for row in book["参数改变的对象"].iter_rows() for cell in row]
    assert bail_no(1) in cells
    picture = (tmp_path / "o" / "sensitivity.svg").read_text(encoding="utf-8")
    assert "退还宽限天数" in picture and "240日（现用）" in picture and "减少" in picture


def record_of(rules: int, days: int) -> dict[str, object]:
    """A record with as many rules, each with more clues than the one before, growing by one a day."""
    names = [f"r{number}" for number in range(rules)]
    weeks = [
        {
            "as_of": f"2025-01-{day + 1:02}",
            "rules": [{"rule": name, "clues": place + day + 1, "new": 1} for place, name in enumerate(names)],
        }
        for day in range(days)
    ]
    told = [{"rule": name, "title": f"规则{name}", "kind": "clue"} for name in names]
    return {
        "title": "试验模型",
        "counted": ["clue"],
        "rules": told,
        "weeks": weeks,
        "as_of": [week["as_of"] for week in weeks],
    }


def test_the_picture_of_the_weeks_keeps_text_as_text() -> None:
    picture = weeks_picture(record_of(3, 4))
    assert picture.startswith("<svg")
    assert ">试验模型：各基准日的疑似问题<" in picture
    assert all(f">规则r{number}<" in picture for number in range(3))
    assert ">2025-01-04<" in picture
    assert "<script" not in picture and "http://www.w3.org" in picture


def test_many_small_rules_are_one_in_the_picture() -> None:
    picture = weeks_picture(record_of(14, 2))
    assert f">{OTHERS}<" in picture
    assert ">规则r13<" in picture
    assert ">规则r0<" not in picture


def test_a_picture_of_nothing_is_still_a_picture() -> None:
    assert weeks_picture(record_of(0, 1)).startswith("<svg")
    counts = {"clues": 0, "added": 0, "removed": 0}
    nothing = {"param": "p", "title": "参数", "value": "1", "shown": "1（现用）", "default": True, **counts}
    assert ">1（现用）<" in sensitivity_picture({"sensitivity": [nothing]})


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(20, 20, 0.8389, 1.0), (0, 20, 0.0, 0.1611), (45, 50, 0.7864, 0.9565), (30, 100, 0.2189, 0.3958)],
)
def test_the_interval_is_that_of_wilson(count: int, of: int, low: float, high: float) -> None:
    bounds = Proportion(count, of).interval
    assert bounds == pytest.approx((low, high), abs=5e-5)


def test_of_too_few_nothing_is_said() -> None:
    few = Proportion(TOO_FEW - 1, TOO_FEW - 1)
    assert few.interval is None
    assert few.text() == f"{TOO_FEW - 1}/{TOO_FEW - 1}（样本过少，不作判断）"
    assert few.as_dict()["share"] is None
    assert Proportion(0, 0).interval is None
