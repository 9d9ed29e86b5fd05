"""One model on one engine, rule by rule; whoever asks looks at a rule while its tables stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jianheng.core.compiler.compile import ModelPlan
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.errors import Problem, RunProblem
from jianheng.core.foundation.progress import Progress
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.run import RuleOutcome, drop_facts, drop_rule, run_blocked, run_facts, run_rule

Wish = Callable[[Rule], bool]


def run_model(
    model: SupervisionModel,
    plan: ModelPlan,
    engine: Engine,
    progress: Progress,
    *,
    funnel: bool = False,
    name_undecided: Wish = lambda rule: False,
) -> Iterator[tuple[Rule, RuleOutcome]]:
    """Run the rules of a plan; ``hits__``/``evidence__`` tables of one are gone when the next is asked for.

    Raises RunProblem (R205) between two rules if somebody asked to stop.
    """
    progress.step(model.spec.title, len(plan.rules) + len(plan.blocked))
    run_facts(plan, engine, progress)
    for rule_plan in plan.rules:
        rule = model.rule(rule_plan.rule)
        if progress.cancelled():
            raise RunProblem(Problem("R205", "已按要求停止，没有写出任何结果。"))
        yield rule, run_rule(rule_plan, engine, funnel=funnel, name_undecided=name_undecided(rule))
        drop_rule(rule_plan, engine)
        progress.advance()
    for stop in plan.blocked:
        yield model.rule(stop.rule), run_blocked(stop, engine)
        progress.advance()
    drop_facts(plan, engine)
