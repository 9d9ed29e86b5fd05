"""A village screened once: its results are read by many tests and changed by none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.story.village import Place


@dataclass(frozen=True)
class Screened:
    """A place and the clues that its run gave."""

    place: Place
    clues: list[dict[str, Any]]

    def clue(self, rule: str) -> dict[str, Any]:
        """The only clue of a rule."""
        (found,) = (clue for clue in self.clues if clue["rule"] == rule)
        return found


@pytest.fixture(scope="session")
def screened(tmp_path_factory: pytest.TempPathFactory) -> Screened:
    place = Place(tmp_path_factory.mktemp("village")).write()
    return Screened(place, place.screen())
