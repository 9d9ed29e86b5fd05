"""A worked case holds wherever its range lets it be moved: at both ends, and on days between."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from jianheng.core import api
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.sandbox.trials import days_of, run_cases
from jianheng.core.screening.cases import Case
from tests.cli.conftest import MODEL
from tests.core.sandbox.conftest import Content

THIRTY_DAYS = """\
cases:
  - id: within_a_month
    title: 三十日，不到一个月；在二月前后则超过
    as_of: 2025-06-30
    given:
      bail: [{bail_no: 示公（刑）取保字〔2024〕1号, decided_on: "2024-01-10", started_on: "2024-02-09"}]
    move: [0, 60]
    expect: {started_late: clean}
"""


def a_case(content: Content) -> Case:
    return content.cases[0]


@given(first=st.integers(-40, 0), last=st.integers(0, 40), inner=st.integers(0, 100))
def test_the_days_are_those_written_both_ends_and_others_inside_each_once(
    content: Content, first: int, last: int, inner: int
) -> None:
    case = replace(a_case(content), move=(first, last))
    days = days_of(case, inner)
    assert {0, first, last} <= set(days) <= set(range(first, last + 1))
    assert len(days) == len(set(days)) == min(len({0, first, last}) + inner, last - first + 1)
    assert days == days_of(case, inner)


def test_more_days_take_in_those_of_fewer_and_cases_have_days_of_their_own(content: Content) -> None:
    case = replace(a_case(content), move=(-300, 100))
    assert set(days_of(case, 2)) < set(days_of(case, 20))
    assert days_of(case, 5) != days_of(replace(case, id="another"), 5)


def test_a_case_that_fails_inside_its_range_alone_is_found(tmp_path: Path) -> None:
    text = MODEL.replace(
        "days_between(bail.decided_on, bail.started_on) > least",
        "bail.started_on > add_period(bail.decided_on, '1个月')",
    )
    folder = tmp_path / "deposits"
    folder.mkdir()
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    (folder / "cases.yaml").write_text(THIRTY_DAYS, encoding="utf-8")
    home = api.Home(tmp_path / "home")
    (model,) = api.load_models(home, [str(folder)], api.load_lexicon(home))
    failed = {}
    for inner in (0, 20):
        trials = run_cases(
            model, api.load_cases([model]), tmp_path / str(inner), DuckdbEngine, api.Silent(), inner=inner
        )
        failed[inner] = [trial.days for trial in trials if not trial.passed]
    assert failed[0] == []
    assert failed[20] and all(0 < days < 60 for days in failed[20])
