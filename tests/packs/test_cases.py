"""Every worked case of every shipped pack, as written and at both ends of the stretch its dates may move by."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from jianheng.core import api
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.screening.cases import Case
from jianheng.core.screening.model_trials import Bench, places_of, run_trial

NOWHERE = api.Home(Path("no office of ours"))


@cache
def shelf() -> dict[str, tuple[api.SupervisionModel, Case]]:
    """pack/model/case -> the model and the case."""
    lexicon = api.load_lexicon(NOWHERE)
    found = {}
    for place in api.find_models(NOWHERE):
        (model,) = api.load_models(NOWHERE, [place.id], lexicon)
        for case in api.load_cases([model]):
            found[f"{place.pack}/{place.id}/{case.id}"] = (model, case)
    return found


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One engine per worker: a case brings its own tables."""
    with DuckdbEngine(tmp_path_factory.mktemp("spill"), threads=1) as opened:
        yield Bench(opened, tmp_path_factory.mktemp("cases"))


def test_every_shipped_model_has_cases() -> None:
    models = {f"{place.pack}/{place.id}" for place in api.find_models(NOWHERE)}
    assert models
    assert models == {name.rpartition("/")[0] for name in shelf()}


@pytest.mark.parametrize("name", shelf())
def test_a_worked_case_comes_out_as_written(name: str, bench: Bench) -> None:
    model, case = shelf()[name]
    assert not told(run_trial(model, case, 0, bench))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, (_, case) in shelf().items() if len(places_of(case)) > 1])
def test_a_worked_case_comes_out_the_same_at_both_ends(name: str, bench: Bench) -> None:
    model, case = shelf()[name]
    trials = [run_trial(model, case, days, bench) for days in places_of(case) if days]
    assert not "".join(map(told, trials))


def told(trial: api.Trial) -> str:
    """What came out otherwise, a line each with file and line; empty if nothing did."""
    return "".join(f"\n{difference}" for difference in trial.differences)
