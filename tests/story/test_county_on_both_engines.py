"""A county with every model's violations on both engines: what a screening writes of it, to the letter.

One test a pack, so that two workers share them: a statement takes Spark a tenth of a second at least, and there are
thousands. ``tests/engines`` asks the same of the engine for large tables and of a server.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from jianheng.core import api
from tests.story.village import AS_OF, STARTED

NOWHERE = api.Home(Path("no office of ours"))
PACKS = sorted({place.pack for place in api.find_models(NOWHERE)})

pytestmark = [pytest.mark.slow, pytest.mark.spark]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("both engines") / "county"
    api.build_county(api.Home(folder.with_name("home")), folder, cases=12, seed=3, mess=2, progress=api.Silent())
    return folder


def screen(county: Path, models: list[str], engine: str, out: Path) -> api.ScreenReport:
    return api.screen(
        api.Home(county / "home"),
        models,
        [county / "data"],
        as_of=AS_OF,
        out=out / engine,
        started_at=STARTED,
        progress=api.Silent(),
        coverage=county / "coverage.yaml",
        hints=True,
        engine=engine,
    )


@pytest.mark.parametrize("pack", PACKS)
def test_a_county_gives_the_same_clues_on_both_engines(pack: str, county: Path, tmp_path: Path) -> None:
    models = [place.id for place in api.find_models(NOWHERE) if place.pack == pack]
    ours, theirs = (screen(county, models, engine, tmp_path) for engine in ("duckdb", "spark"))
    for name in ("clues.jsonl", "lists.jsonl", "hints.jsonl", "links.jsonl", "problems.jsonl"):
        assert (tmp_path / "spark" / name).read_bytes() == (tmp_path / "duckdb" / name).read_bytes(), name
    assert {summary.model for summary in theirs.summaries if summary.hits} == set(models)
    assert theirs.summaries == ours.summaries
    assert (ours.record["engine"]["name"], theirs.record["engine"]["name"]) == ("duckdb", "spark")
