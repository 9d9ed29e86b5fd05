"""What another value of a parameter adds and removes, against the value that a draft has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jianheng.core.appraisal.findings import ClueKey, Findings, find, plan_for
from jianheng.core.appraisal.past_data import DayData
from jianheng.core.compiler.compile import ModelPlan
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.errors import Problem, UsageProblem
from jianheng.core.foundation.progress import Progress
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.request import read_parameters


@dataclass(frozen=True, slots=True)
class Variation:
    """One value of one parameter. ``added`` and ``removed``: by rule, against the run with the draft's own values.

    ``usual``: it is the draft's own value. ``shown``: the value with its unit.
    """

    param: str
    title: str
    value: object
    shown: str
    usual: bool
    clues: Mapping[str, int]
    added: Mapping[str, frozenset[ClueKey]]
    removed: Mapping[str, frozenset[ClueKey]]


def read_variations(model: SupervisionModel, wanted: Sequence[str]) -> list[tuple[str, list[object]]]:
    """``name=v1,v2`` as typed -> parameter and typed values, in order, each once.

    Raises UsageProblem (U423 not written so, U102 no such parameter, U103 a value of another kind).
    """
    result: list[tuple[str, list[object]]] = []
    for text in wanted:
        name, _, listing = text.partition("=")
        values = [one.strip() for one in listing.replace("，", ",").split(",")]
        if not name or not all(values):
            hint = f"写法如 --vary {next(iter(model.spec.params), '参数')}=0,10,30。"
            raise UsageProblem(Problem("U423", f"--vary 应写成 参数=值,值,…，看到「{text}」。", hint=hint))
        short = name.removeprefix(f"{model.id}.")
        typed = [read_parameters([model], {short: value})[model.id][short] for value in values]
        result.append((short, list(dict.fromkeys(typed))))
    return result


def vary(
    model: SupervisionModel,
    wanted: Sequence[tuple[str, list[object]]],
    params: Mapping[str, object],
    data: DayData,
    base: tuple[ModelPlan, Findings],
    engine: Engine,
    progress: Progress,
) -> Iterator[Variation]:
    """Run every value on the day of ``data``; ``base`` is the run with the draft's own values. Tables must stand."""
    plan, usual = base
    for name, values in wanted:
        own = params.get(name, model.spec.params[name].default)
        for value in values if own in values else [own, *values]:
            progress.advance()
            other = plan_for(model, data.tables, data.as_of, {**params, name: value}, engine)
            found = usual if other.digest == plan.digest else find(model, other, engine, progress)
            yield Variation(
                name,
                model.spec.params[name].title,
                value,
                model.spec.params[name].text(value),
                value == own,
                {rule: len(one.clues) for rule, one in found.items()},
                {rule: found[rule].clues - one.clues for rule, one in usual.items()},
                {rule: one.clues - found[rule].clues for rule, one in usual.items()},
            )
