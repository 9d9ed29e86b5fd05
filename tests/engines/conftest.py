"""Engines for whole test modules: one embedded engine a module, one Spark session a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.engine.port import Engine


@pytest.fixture(scope="module")
def duckdb_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with DuckdbEngine(tmp_path_factory.mktemp("duckdb")) as engine:
        yield engine


@pytest.fixture(scope="session")
def spark_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    from jianheng.core.engine.spark_engine import SparkEngine

    with SparkEngine(tmp_path_factory.mktemp("spark"), master="local[2]") as engine:
        yield engine


@pytest.fixture(scope="module")
def small_spark_engine(spark_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One more session of the Spark that runs already: whoever started it is who stops it."""
    from jianheng.core.engine.spark_small import SmallSparkEngine

    with SmallSparkEngine(tmp_path_factory.mktemp("small")) as engine:
        yield engine
