"""Every worked case of every shipped pack: those that can share tables at both ends of their range too."""

from functools import cache
from pathlib import Path

import pytest

from jianheng.core import api
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.sandbox.trials import Trial, run_cases, shares_tables
from jianheng.core.screening.cases import Case

NOWHERE = api.Home(Path("no office of ours"))


@cache
def shelf() -> dict[str, tuple[api.SupervisionModel, list[Case]]]:
    """pack/model -> the model and its cases."""
    lexicon = api.load_lexicon(NOWHERE)
    models = {f"{place.pack}/{place.id}": place.id for place in api.find_models(NOWHERE)}
    loaded = {name: api.load_models(NOWHERE, [model], lexicon)[0] for name, model in models.items()}
    return {name: (model, api.load_cases([model])) for name, model in loaded.items()}


ALONE = [f"{name}/{case.id}" for name, (_, cases) in shelf().items() for case in cases if not shares_tables(case)]


def told(trials: list[Trial]) -> str:
    """What came out otherwise, a line each with file and line; empty if nothing did."""
    return "".join(f"\n{difference}" for trial in trials for difference in trial.differences)


def test_every_shipped_model_has_cases() -> None:
    assert shelf()
    assert all(cases for _, cases in shelf().values())


@pytest.mark.parametrize("name", shelf())
def test_worked_cases_that_share_tables_come_out_as_written_wherever_they_are_moved(name: str, tmp_path: Path) -> None:
    model, cases = shelf()[name]
    together = [case for case in cases if shares_tables(case)]
    trials = list(run_cases(model, together, tmp_path, DuckdbEngine, api.Silent()))
    assert not told(trials)
    assert len(trials) >= len(together)


@pytest.mark.parametrize("name", ALONE)
def test_a_worked_case_that_must_be_alone_comes_out_as_written(name: str, tmp_path: Path) -> None:
    place, _, case_id = name.rpartition("/")
    model, cases = shelf()[place]
    alone = [case for case in cases if case.id == case_id]
    assert not told(list(run_cases(model, alone, tmp_path, DuckdbEngine, api.Silent())))
