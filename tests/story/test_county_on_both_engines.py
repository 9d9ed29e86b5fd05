"""A county on both engines: what a screening writes of it, to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from jianheng.core import api
from tests.story.village import AS_OF, STARTED

# A statement takes Spark a second or so: the model of the fewest rules, which joins, groups and narrows.
MODELS = ["rider_registration"]

pytestmark = [pytest.mark.slow, pytest.mark.spark]


def screen(folder: Path, engine: str) -> api.ScreenReport:
    return api.screen(
        api.Home(folder / "home"),
        MODELS,
        [folder / "data"],
        as_of=AS_OF,
        out=folder / engine,
        started_at=STARTED,
        progress=api.Silent(),
        coverage=folder / "coverage.yaml",
        hints=True,
        engine=engine,
    )


def test_a_county_gives_the_same_clues_on_both_engines(tmp_path: Path) -> None:
    folder = tmp_path / "county"
    api.build_county(api.Home(tmp_path / "home"), folder, cases=12, seed=3, mess=2, progress=api.Silent())
    ours, theirs = screen(folder, "duckdb"), screen(folder, "spark")
    for name in ("clues.jsonl", "lists.jsonl", "hints.jsonl", "links.jsonl", "problems.jsonl"):
        assert (folder / "spark" / name).read_bytes() == (folder / "duckdb" / name).read_bytes(), name
    assert {summary.model for summary in theirs.summaries if summary.hits} == set(MODELS)
    assert theirs.summaries == ours.summaries
    assert (ours.record["engine"]["name"], theirs.record["engine"]["name"]) == ("duckdb", "spark")
