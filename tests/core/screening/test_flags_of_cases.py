"""A worked case may name the flags that a clue must bear: of minors, of sealed records, of an age that nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from jianheng.core import api
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.errors import PackProblem
from jianheng.core.screening.cases import Case
from jianheng.core.screening.trial import Difference, judge_case, run_case
from tests.cli.conftest import MODEL

PEOPLE = {"minor": "990101200807010013", "": "990101198811200178", "age_unknown": ""}
"""Of age on 2024-08-01 or not, by identity number."""


def case_text(person: str, expect: str, name: str = "late") -> str:
    days = 'decided_on: "2024-08-01", started_on: "2024-08-05"'
    row = f'bail_no: 示公（刑）取保字〔2024〕1号, {days}, person_id: "{person}"'
    return f"  - {{id: {name}, title: 迟延, as_of: 2025-06-30, given: {{bail: [{{{row}}}]}}, expect: {expect}}}\n"


def read(folder: Path, text: str) -> tuple[api.SupervisionModel, list[Case]]:
    model = folder / "deposits"
    model.mkdir()
    (model / "model.yaml").write_text(MODEL, encoding="utf-8")
    (model / "cases.yaml").write_text(f"cases:\n{text}", encoding="utf-8")
    home = api.Home(folder / "home")
    models = api.load_models(home, [str(model)], api.load_lexicon(home))
    return models[0], api.load_cases(models)


def run(model: api.SupervisionModel, case: Case, folder: Path) -> list[Difference]:
    with DuckdbEngine(folder / "engine") as engine:
        return run_case(model, case, folder, engine)


def judge(model: api.SupervisionModel, case: Case, folder: Path) -> list[Difference]:
    """As a second engine does, which judges what the first has prepared."""
    with DuckdbEngine(folder / "engine") as engine, DuckdbEngine(folder / "runner") as runner:
        return judge_case(model, case, folder, engine, runner)


@pytest.mark.parametrize("way", [run, judge])
def test_the_flags_that_are_written_are_those_that_the_clue_bears_and_no_others(
    tmp_path: Path, way: Callable[..., list[Difference]]
) -> None:
    pairs = list(product(PEOPLE, repeat=2))
    texts = [
        case_text(PEOPLE[flag], f"{{started_late: {{verdict: hit, flags: [{said}]}}}}", f"case_{number}")
        for number, (flag, said) in enumerate(pairs)
    ]
    model, cases = read(tmp_path, "".join(texts))
    for case, (flag, said) in zip(cases, pairs, strict=True):
        found = way(model, case, tmp_path / case.id)
        assert (not found) == (flag == said)
        assert all("flags 应为" in difference.message for difference in found)


def test_where_no_flags_are_written_none_are_asked_for(tmp_path: Path) -> None:
    model, (case,) = read(tmp_path, case_text(PEOPLE["minor"], "{started_late: hit}"))
    assert run(model, case, tmp_path) == []


@pytest.mark.parametrize(
    ("expect", "code", "column"),
    [
        ("{started_late: {verdict: clean, flags: [minor]}}", "M407", "flags"),
        ("{started_late: {verdict: hit, flags: [child]}}", "P2", "child"),
    ],
)
def test_flags_that_cannot_be_are_refused_at_their_place(tmp_path: Path, expect: str, code: str, column: str) -> None:
    with pytest.raises(PackProblem) as caught:
        read(tmp_path, case_text("", expect))
    (problem, *_) = caught.value.problems
    assert problem.code.startswith(code) and problem.line == 2
