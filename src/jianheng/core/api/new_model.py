"""A first folder for a new model: it says what to fill in, and its one case fails until somebody does."""

from __future__ import annotations

import re
from pathlib import Path

from jianheng.core.api.content import find_models, load_lexicon, load_packs
from jianheng.core.api.home import Home
from jianheng.core.foundation.durable import writing_folder
from jianheng.core.foundation.errors import Problem, UsageProblem
from jianheng.core.model.first_draft import CASES, MODEL, README
from jianheng.core.pack.typed import did_you_mean
from jianheng.core.terms.spec import Table

_ID = re.compile(r"[a-z][a-z0-9_]*\Z")
_LINES = ("criminal", "civil", "administrative", "public_interest", "management")


def new_model(home: Home, name: str, into: Path | None = None) -> Path:
    """Write the first folder of a model ``pack/id`` under ``into`` (default: the office's packs); the folder.

    Raises UsageProblem: U202 for a name that is not ``pack/id``, U203 for an unknown pack, U204 if the model exists.
    """
    pack, _, model_id = name.partition("/")
    if not (_ID.match(pack) and _ID.match(model_id)):
        hint = "写法为 包/模型，只用小写字母、数字和下划线，例如 criminal/late_transfer。"
        raise UsageProblem(Problem("U202", f"「{name}」不是模型的名称。", hint=hint))
    packs = [one.manifest.id for one in load_packs(home)]
    if pack not in packs:
        hint = did_you_mean(pack, packs) or f"已有的包：{'、'.join(packs)}。"
        raise UsageProblem(Problem("U203", f"没有包「{pack}」。", hint=hint))
    folder = (into or home.packs) / pack / "models" / model_id
    taken = [str(place.folder) for place in find_models(home) if place.id == model_id]
    taken += [str(folder)] if folder.exists() else []
    if taken:
        raise UsageProblem(
            Problem("U204", f"模型「{model_id}」已经有了：{taken[0]}，不会覆盖。", hint="请换一个名称。")
        )
    table = _first_table(home)
    words = {
        "id": model_id,
        "line": pack if pack in _LINES else "management",
        "table": table.id,
        "key": table.required[0] if table.required else next(iter(table.columns)),
        "day": f"subject.{_column(table, 'date')}",
        "organ": _column(table, "organ"),
    }
    with writing_folder(folder) as aside:
        for file, text in (("model.yaml", MODEL), ("cases.yaml", CASES), ("README.md", README)):
            (aside / file).write_text(text.format(**words), encoding="utf-8")
    return folder


def _first_table(home: Home) -> Table:
    """A table to begin with: the first that has a date and an organ."""
    tables = load_lexicon(home).tables.values()
    return next(table for table in tables if {"date", "organ"} <= {one.type for one in table.columns.values()})


def _column(table: Table, kind: str) -> str:
    return next(name for name, column in table.columns.items() if column.type == kind)
