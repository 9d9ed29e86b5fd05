"""``author`` for whoever packs; ``visits`` for a package that brings a table along.

``sent`` for the bytes of one good package, made once, to be tampered with.
"""

from pathlib import Path

import pytest

from jianheng.core import api
from tests.core.shelf.author import Author
from tests.core.shelf.visits import VISIT_CASES, VISITS, with_visits


@pytest.fixture
def author(tmp_path: Path) -> Author:
    """An office with a model to give away."""
    return Author(tmp_path / "author")


@pytest.fixture
def clerk(tmp_path: Path, author: Author) -> api.Home:
    """An office that trusts the author's key and has nothing else."""
    home = api.Home(tmp_path / "clerk")
    api.trust_key(home, author.folder / "own.key.pub", author.key.fingerprint)
    return home


@pytest.fixture
def visits(author: Author) -> Path:
    """A package whose table no other office knows."""
    with_visits(author.home)
    return author.send(VISITS, VISIT_CASES, name="visits")


@pytest.fixture(scope="session")
def sent(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of one good package."""
    return Author(tmp_path_factory.mktemp("sender") / "author").send().read_bytes()
