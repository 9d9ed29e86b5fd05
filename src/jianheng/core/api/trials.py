"""Worked cases on an engine, for ``model test`` and for the suite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from jianheng.core.api.content import load_lexicon, load_models
from jianheng.core.api.home import Home
from jianheng.core.api.working import workplace_of
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.progress import Progress
from jianheng.core.sandbox.trials import Trial, run_cases
from jianheng.core.screening.cases import read_cases


def try_models(home: Home, wanted: Sequence[str], progress: Progress, engine: str = "duckdb") -> Iterator[Trial]:
    """Every worked case of the models that ``wanted`` names; those that can be moved, at both ends of their range too.

    ``engine``: ``duckdb``, or ``spark`` on this machine. Raises UsageProblem and PackProblem before the first case is
    tried, RunProblem (R206) if Spark does not start.
    """
    models = load_models(home, wanted, load_lexicon(home))
    cases = [read_cases(model) for model in models]
    with workplace_of(home).scratch() as folder, ExitStack() as stack:
        runner: Engine | None = None
        if engine == "spark":
            from jianheng.core.engine.spark_small import SmallSparkEngine

            runner = stack.enter_context(SmallSparkEngine(folder / "spark"))
        for model, own in zip(models, cases, strict=True):
            yield from run_cases(model, own, folder / model.id, DuckdbEngine, progress, runner)
