"""An engine for each file; and ``pytest tests/core/compiler --refresh-golden`` writes the golden files anew."""

from collections.abc import Iterator

import pytest

from jianheng.core.engine.duckdb_engine import DuckdbEngine


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--refresh-golden", action="store_true", default=False, help="write the golden files anew")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckdbEngine]:
    with DuckdbEngine(tmp_path_factory.mktemp("duckdb"), threads=1) as engine:
        yield engine
