"""The SQL of three rules as it is written today, for either engine: a change shows as a diff to be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from jianheng.core.compiler.plan import RulePlan
from tests.engines.small_run import small_plan, small_rows

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "small"


def written(plan: RulePlan) -> str:
    assert plan.funnel is not None
    parts = [*plan.before, plan.population, plan.possible, plan.verdicts, plan.undecided, plan.hits, plan.evidence]
    parts.append(plan.funnel)
    return "\n\n".join(f"-- {part.title}\n{part.sql};" for part in parts) + "\n"


@pytest.mark.parametrize("dialect", ["duckdb", "spark"])
def test_the_plans_are_those_that_were_reviewed(dialect: str, request: pytest.FixtureRequest) -> None:
    plan = small_plan(dialect, small_rows())
    facts = "\n\n".join(f"-- {one.title}\n{one.sql};" for one in plan.facts) + "\n"
    texts = {"facts": facts, **{rule.rule: written(rule) for rule in plan.rules}}
    for name, text in texts.items():
        path = GOLDEN / name / f"{dialect}.sql"
        if request.config.getoption("--refresh-golden", default=False):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"{path}: run pytest tests/core/compiler --refresh-golden"


def test_a_plan_is_named_by_its_text() -> None:
    rows = small_rows()
    assert small_plan("duckdb", rows).digest == small_plan("duckdb", rows).digest
    assert small_plan("duckdb", rows).digest != small_plan("spark", rows).digest
