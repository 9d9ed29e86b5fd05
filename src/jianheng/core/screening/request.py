"""What a run is asked for and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from jianheng.core.foundation.errors import Problem, UsageProblem
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.pack.typed import did_you_mean
from jianheng.core.screening.import_data import Workplace
from jianheng.core.screening.summary import RuleSummary

_FIRST_YEAR, _LAST_YEAR = 1979, 2100
"""The first code of criminal procedure is of 1979; beyond 2100 no identity number is read either."""

_MOST = {"days": 36_500, "months": 1_200, "count": 1_000_000_000, "money": 1_000_000_000_000}
"""The greatest value of each type of parameter: a century, a thousand million, a million million yuan."""


@dataclass(frozen=True, slots=True)
class ScreenRequest:
    """``params`` as typed, ``model.param`` or ``param``; ``started_at`` is the caller's clock.

    ``engine`` is ``duckdb`` or ``spark``; ``spark_remote`` is the address of a Spark Connect server, empty for Spark on
    this machine.
    """

    models: Sequence[SupervisionModel]
    data: Sequence[Path]
    as_of: date
    out: Path
    workplace: Workplace
    started_at: datetime
    params: Mapping[str, str] = field(default_factory=dict)
    coverage: Path | None = None
    mapping: Path | None = None
    previous: Path | None = None
    hints: bool = False
    funnel: bool = False
    engine: str = "duckdb"
    spark_remote: str = ""


@dataclass(frozen=True, slots=True)
class ScreenReport:
    """``summaries`` per rule; ``record`` is run.json; ``ran`` is false where no rule could run.

    ``unsure``: sheets left out because their table is not sure; ``draft``: the mapping to complete for them.
    """

    out: Path
    summaries: tuple[RuleSummary, ...]
    record: dict[str, Any]
    ran: bool
    unsure: int = 0
    draft: Path | None = None


def read_parameters(models: Sequence[SupervisionModel], given: Mapping[str, str]) -> dict[str, dict[str, object]]:
    """The typed parameters of every model. Raises UsageProblem (U102 unknown, U103 not a number, U118 a
    number that no such parameter can be)."""
    result: dict[str, dict[str, object]] = {model.id: {} for model in models}
    for name, text in given.items():
        owner, _, short = name.rpartition(".")
        targets = [model for model in models if short in model.spec.params and owner in ("", model.id)]
        if not targets:
            known = [param for model in models for param in model.spec.params]
            hint = did_you_mean(short, known) or f"可设的参数：{'、'.join(known) or '无'}。"
            raise UsageProblem(Problem("U102", f"没有参数 {name}。", hint=hint))
        for model in targets:
            result[model.id][short] = _number(name, text, model.spec.params[short].type)
    return result


def check_as_of(day: date) -> None:
    """Raises UsageProblem (U117) for a day that can only be a slip of the pen: every deadline would be wrong."""
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        hint = f"应在{_FIRST_YEAR}年至{_LAST_YEAR}年之间，写法如 2025-06-30。"
        raise UsageProblem(Problem("U117", f"筛查基准日的年份不合常理，看到「{day.isoformat()}」。", hint=hint))


def _number(name: str, text: str, kind: str) -> int | Decimal:
    try:
        number = Decimal(text) if kind == "money" else int(text)
    except (InvalidOperation, ValueError):
        wanted = "金额" if kind == "money" else "整数"
        raise UsageProblem(Problem("U103", f"参数 {name} 应是{wanted}，看到「{text}」。")) from None
    most = _MOST[kind]
    finite = isinstance(number, int) or number.is_finite()
    if not finite or not 0 <= number <= most:
        raise UsageProblem(Problem("U118", f"参数 {name} 应在0至{most}之间，看到「{text}」。"))
    return number
