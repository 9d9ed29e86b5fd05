"""Which fixture when.

- Most tests need none: write the rows or the YAML inline, in the test that speaks of them.
- ``tmp_path`` for anything that must lie on disk.
- ``shared_data`` for the real files that the project is developed with; they are not part of the repository, and a test
  that asks for them is skipped, saying so, where they are missing.
- The office's own folder (``JIANHENG_HOME``) is a temporary one for the whole session, so no test touches real data.
- Mark a test ``spark`` if it needs the second engine, ``slow`` if it takes more than about five seconds, ``soak`` if it
  is a long fault or fuzz run. The lanes are in ``tests/lanes.py``.

A fixture that only one room needs stands in that room's own ``conftest.py``.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.lanes"]

SHARED_DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"

# No timing in tests; on a checking machine the same examples every time.
settings.register_profile("house", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("house")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files used in development."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real development files are not beside this checkout")
    return SHARED_DATA


@pytest.fixture(scope="session", autouse=True)
def office_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """``JIANHENG_HOME`` for the whole session: an empty temporary folder."""
    folder = tmp_path_factory.mktemp("jianheng-home")
    before = os.environ.get("JIANHENG_HOME")
    os.environ["JIANHENG_HOME"] = str(folder)
    yield folder
    if before is None:
        del os.environ["JIANHENG_HOME"]
    else:
        os.environ["JIANHENG_HOME"] = before
