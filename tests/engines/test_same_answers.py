"""The same model on both engines: same hits, same counts, same reasons, same evidence."""

from __future__ import annotations

import pytest

from jianheng.core.engine.port import Engine
from tests.engines.small_run import small_outcome


def test_the_small_model_has_something_of_every_verdict(duckdb_engine: Engine) -> None:
    found = small_outcome(duckdb_engine)
    assert set(found) == {"too_long", "not_told", "ended_unpaid"}
    for rule, one in found.items():
        verdicts = one["verdicts"]
        assert verdicts.hits and verdicts.cannot_tell and verdicts.clean, rule
        assert one["evidence"], rule
    reasons = {reason for one in found.values() for reason in one["verdicts"].reasons}
    assert {"late", "outside_coverage:notice", "owed", "no_partner:fee"} <= reasons


@pytest.mark.spark
def test_both_engines_find_the_same(duckdb_engine: Engine, spark_engine: Engine) -> None:
    ours, theirs = small_outcome(duckdb_engine), small_outcome(spark_engine)
    for rule, one in ours.items():
        for what, value in one.items():
            assert theirs[rule][what] == value, (rule, what)


@pytest.mark.spark
def test_a_statement_spark_cannot_run_is_a_problem_that_names_the_step(spark_engine: Engine) -> None:
    from jianheng.core.foundation.errors import RunProblem

    with pytest.raises(RunProblem) as caught:
        spark_engine.fetch("SELECT nothing FROM nowhere", step="汇总")
    assert caught.value.problems[0].code == "R201" and "汇总" in str(caught.value)


@pytest.mark.spark
def test_the_engine_for_worked_cases_finds_the_same(duckdb_engine: Engine, small_spark_engine: Engine) -> None:
    assert small_outcome(small_spark_engine) == small_outcome(duckdb_engine)
