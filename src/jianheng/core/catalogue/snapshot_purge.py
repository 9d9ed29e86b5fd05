"""Destroying the data of a snapshot and keeping the record of it (销毁记录)."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from jianheng.core.foundation.durable import writing_file
from jianheng.core.foundation.errors import DataProblem, Problem

DESTROYED = "destroyed.json"


def purge(folder: Path, reason: str, *, at: datetime) -> dict[str, Any]:
    """Delete everything in a snapshot's folder but ``destroyed.json``, which says what was there; return that record.

    ``at`` is local time without zone. The record is on disk before the first file goes, and a folder that has it is
    never opened again, so an interrupted purge leaves no usable half; calling again finishes it under the first record.
    Raises DataProblem (D212) where there is no snapshot, (D215) without a reason.
    """
    if not reason.strip():
        raise DataProblem(Problem("D215", "销毁数据须写明理由。", file=str(folder), hint="例如：期限届满、用途完成。"))
    path = folder / DESTROYED
    if not path.exists():
        record = _record(folder, reason.strip(), at)
        with writing_file(path) as aside:
            aside.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name != DESTROYED:
            entry.unlink()
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def set_aside_destroyed(folder: Path) -> None:
    """Give way to a new import of the same data: a destroyed snapshot keeps its record under a numbered name."""
    if not (folder / DESTROYED).exists():
        return
    for number in count(1):
        kept = folder.with_name(f"{folder.name}.destroyed-{number}")
        if not kept.exists():
            folder.rename(kept)
            return


def _record(folder: Path, reason: str, at: datetime) -> dict[str, Any]:
    path = folder / "manifest.json"
    if not path.is_file():
        raise DataProblem(Problem("D212", "这里没有数据快照。", file=str(folder)))
    manifest = json.loads(path.read_text(encoding="utf-8"))
    files = [{key: file[key] for key in ("name", "hash", "size")} for file in manifest["landing"]["files"]]
    rows = {name: table["rows"] for name, table in manifest["tables"].items()}
    stamp = at.isoformat(sep=" ", timespec="seconds")
    return {"snapshot": manifest["hash"], "destroyed_at": stamp, "reason": reason, "files": files, "rows": rows}
