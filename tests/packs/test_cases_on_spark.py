"""The worked cases of every shipped pack on the second engine: the verdicts, reasons and amounts that are written.

Those that share tables run as one batch a day, the others alone; only the rules that they name are judged. The days
inside a case's range are for the embedded engine: here its ends will do.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jianheng.core import api
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.engine.port import Engine
from jianheng.core.sandbox.trials import run_cases
from tests.packs.test_cases import shelf, told

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    from jianheng.core.engine.spark_small import SmallSparkEngine

    with SmallSparkEngine(tmp_path_factory.mktemp("spark")) as engine:
        yield engine


@pytest.mark.parametrize("name", shelf())
def test_worked_cases_come_out_as_written_on_spark(name: str, spark: Engine, tmp_path: Path) -> None:
    model, cases = shelf()[name]
    trials = list(run_cases(model, cases, tmp_path, DuckdbEngine, api.Silent(), spark, inner=0))
    assert not told(trials)
    assert {trial.case.id for trial in trials} == {case.id for case in cases}
