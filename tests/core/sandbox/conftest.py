"""Small counties of the shipped content, one at each degree of mess, built once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from jianheng.core.foundation.progress import Silent
from jianheng.core.model.read import read_model
from jianheng.core.model.spec import Model
from jianheng.core.pack.shelf import find_packs, shipped_packs
from jianheng.core.sandbox.county import County, build_county
from jianheng.core.screening.cases import Case, read_cases
from jianheng.core.terms.lexicon import Lexicon, read_lexicon

CASES = 400
SEED = 7


@dataclass(frozen=True)
class Content:
    """The shipped terms, models and worked cases."""

    lexicon: Lexicon
    models: tuple[Model, ...]
    cases: tuple[Case, ...]

    def build(self, folder: Path, *, mess: int, cases_count: int = CASES, seed: int = SEED) -> County:
        return build_county(
            folder,
            self.lexicon,
            self.cases,
            models=self.models,
            cases_count=cases_count,
            seed=seed,
            mess=mess,
            progress=Silent(),
        )


@pytest.fixture(scope="session")
def content() -> Content:
    packs = find_packs([shipped_packs()])
    lexicon = read_lexicon(packs)
    models = [read_model(folder, lexicon) for pack in packs for folder in pack.folders("models")]
    cases = tuple(case for model in models for case in read_cases(model))
    return Content(lexicon, tuple(model.spec for model in models), cases)


@pytest.fixture(scope="session")
def county(content: Content, tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], County]:
    """The county at a degree of mess; the same seed, so the same people, at every one."""

    @cache
    def build(mess: int) -> County:
        return content.build(tmp_path_factory.mktemp("counties") / f"mess{mess}", mess=mess)

    return build


def lines(path: Path) -> list[dict[str, Any]]:
    """The records of a jsonl file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
