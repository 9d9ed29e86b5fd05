"""A village replayed: its results are read by many tests and changed by none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jianheng.core import api
from jianheng.core.api.appraising import PastSources
from jianheng.core.appraisal.backtest import BacktestReport
from tests.story.village import STARTED, Place

Replay = Callable[..., tuple[BacktestReport, dict[str, Any]]]


def replay(place: Place, first: str, last: str, every: int = 7, **wishes: Any) -> tuple[BacktestReport, dict[str, Any]]:
    """Replay the shipped bail model, or ``model``, on the files of ``place``; the report and the record."""
    model = str(wishes.pop("model", "bail_deposit"))
    snapshots: Sequence[str] = wishes.pop("snapshots", ())
    data = () if snapshots else (place.data,)
    return api.backtest(
        place.home,
        model,
        PastSources(data, snapshots, wishes.pop("coverage", place.coverage)),
        first=date.fromisoformat(first),
        last=date.fromisoformat(last),
        every=every,
        out=wishes.pop("out", place.folder / "replay"),
        started_at=STARTED,
        progress=api.Silent(),
        **wishes,
    )


@pytest.fixture(scope="session")
def village(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The village as it is written; nobody changes it."""
    return Place(tmp_path_factory.mktemp("replayed")).write()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A village of the test's own."""
    return Place(tmp_path)


def subjects(report: BacktestReport, rule: str) -> dict[str, set[str]]:
    """By day, the numbers of the bails that a rule reports."""
    return {
        day.as_of.isoformat(): {key.subject[0] for key in day.findings[rule].clues}
        for day in report.days
        if rule in day.findings
    }
