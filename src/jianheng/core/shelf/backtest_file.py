"""What ``model backtest`` found, read back: strict where a package rests on it, lenient beyond."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from jianheng.core.foundation.errors import PackProblem, Problem
from jianheng.core.foundation.named_file import require_named_file
from jianheng.core.model.supervision_model import SupervisionModel

LARGEST = 4 * 1024 * 1024


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Confirmed(_Read):
    """Of ``checked`` clues that people decided, ``true`` were so (属实)."""

    checked: int = Field(strict=True, ge=0)
    true: int = Field(strict=True, ge=0)

    @model_validator(mode="after")
    def _no_more_than_checked(self) -> Confirmed:
        if self.true > self.checked:
            raise ValueError("true is more than checked")
        return self


class Backtest(_Read):
    """``model_hash`` is the digest of ``model.yaml``; ``weeks`` has one record or more for each day of ``as_of``."""

    format: Literal[1]
    model: str
    version: str
    model_hash: str
    as_of: list[date] = Field(min_length=1)
    weeks: list[dict[str, Any]] = Field(min_length=1)
    confirmed: Confirmed | None


def read_backtest(path: Path, model: SupervisionModel) -> tuple[Backtest, bytes]:
    """The backtest of ``model`` and the file's bytes.

    Raises UsageProblem (U104), PackProblem: M506 for no backtest, M507 for that of another model or an earlier text.
    """
    require_named_file(path, "回溯检验写出的 backtest.json", "请写到其中的 backtest.json。")
    with path.open("rb") as stream:
        data = stream.read(LARGEST + 1)
    backtest = parse_backtest(data, str(path))
    if (backtest.model, backtest.version, backtest.model_hash) != (model.id, model.spec.version, model.digest):
        message = f"这是 {backtest.model} {backtest.version} 的回溯检验，与现在的 model.yaml 不是同一文本。"
        hint = "模型改动以后要重新回溯检验。"
        raise PackProblem(Problem("M507", message, file=str(path), line=1, column=1, hint=hint))
    return backtest, data


def parse_backtest(data: bytes, shown_as: str) -> Backtest:
    """As :func:`read_backtest`, of bytes in hand and of any model. Raises PackProblem (M506)."""
    try:
        if len(data) > LARGEST:
            raise ValueError("too large")
        return Backtest.model_validate(json.loads(data))
    except (ValueError, ValidationError, RecursionError) as error:
        seen = error.errors()[0]["loc"] if isinstance(error, ValidationError) else ()
        what = f"：{'.'.join(map(str, seen))} 缺少或者不合要求" if seen else ""
        hint = "请用 jianheng model backtest 写出的 backtest.json。"
        problem = Problem("M506", f"读不出回溯检验的结果{what}。", file=shown_as, line=1, column=1, hint=hint)
        raise PackProblem(problem) from error
