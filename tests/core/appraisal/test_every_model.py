"""Every shipped model on a small county: a replay of the last day is a screening, and following subjects comes to the
verdicts of the rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from jianheng.core import api
from jianheng.core.appraisal.findings import Findings, clue_id, find, plan_for, subject_names
from jianheng.core.appraisal.past_data import Body, DayData, PastData
from jianheng.core.appraisal.trace import trace_subjects, tracing
from jianheng.core.engine.port import Engine
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.import_data import Workplace, take_in
from tests.story.village import records

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Replayed:
    """The last day of a county, laid out in an engine, with what every model found."""

    county: api.County
    home: api.Home
    data: DayData
    engine: Engine
    found: list[tuple[SupervisionModel, Findings]]


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replayed]:
    folder = tmp_path_factory.mktemp("county")
    home = api.Home(folder / "home")
    county = api.build_county(home, folder / "county", cases=40, seed=3, mess=0, progress=api.Silent())
    lexicon = api.load_lexicon(home)
    models = api.load_models(home, ["all"], lexicon)
    workplace = Workplace(home.folder)
    snapshot = take_in([county.folder / "data"], lexicon, workplace, folder, api.Silent())
    past = PastData([Body(snapshot)], lexicon, workplace, county.folder / "coverage.yaml", folder / "replay")
    data = past.at(_day(county), {table for model in models for table in model.spec.tables.values()}, api.Silent())
    with past.engine() as engine:
        data.tables.lay_out(engine, workplace.calendar())
        found = [
            (model, find(model, plan_for(model, data.tables, data.as_of, {}, engine), engine, api.Silent()))
            for model in models
        ]
        yield Replayed(county, home, data, engine, found)


def _day(county: api.County) -> date:
    return county.as_of


def test_on_the_last_day_every_model_finds_what_a_screening_finds(replayed: Replayed, tmp_path: Path) -> None:
    assert not replayed.data.later_rows and not replayed.data.later_cells
    report = api.screen(
        replayed.home,
        ["all"],
        [replayed.county.folder / "data"],
        as_of=replayed.county.as_of,
        out=tmp_path / "out",
        started_at=datetime(2025, 7, 1),
        progress=api.Silent(),
        coverage=replayed.county.folder / "coverage.yaml",
        hints=True,
    )
    screened = {
        clue["clue_id"] for name in ("clues", "lists", "hints") for clue in records(tmp_path / "out" / f"{name}.jsonl")
    }
    told = {(one.model, one.rule): (one.clean, one.cannot_tell) for one in report.summaries}
    ids = set()
    for model, findings in replayed.found:
        for rule, one in findings.items():
            ids |= {clue_id(model.id, rule, subject_names(one.rule), key) for key in one.clues}
            assert one.verdicts is not None
            assert (one.verdicts.clean, one.verdicts.cannot_tell) == told[model.id, rule], (model.id, rule)
    assert ids == screened
    assert len(ids) > 100


def test_whoever_is_followed_through_a_rule_comes_to_its_verdict(replayed: Replayed) -> None:
    """Of every rule the subjects of its clues and those that cannot be told."""
    followed = 0
    for model, findings in replayed.found:
        with tracing(
            model, replayed.data.tables, replayed.data.as_of, {}, replayed.engine, api.Silent(), findings.keys()
        ) as plan:
            for rule_plan in plan.rules:
                one = findings[rule_plan.rule]
                asked = {*one.subjects, *one.undecided}
                traced = trace_subjects(model, rule_plan, asked, replayed.engine)
                verdicts = {subject.subject: subject.verdict for subject in traced}
                expected = dict.fromkeys(one.undecided, "cannot_tell") | dict.fromkeys(one.subjects, "hit")
                assert verdicts == expected, (model.id, rule_plan.rule)
                assert all(
                    subject.other_hits == len(one.subjects) - (subject.subject in one.subjects) for subject in traced
                )
                followed += len(traced)
    assert followed > 100
