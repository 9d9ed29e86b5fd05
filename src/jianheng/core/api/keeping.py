"""Imported data that a person looks over and destroys (销毁)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jianheng.core.api.home import Home
from jianheng.core.api.working import workplace_of
from jianheng.core.catalogue.snapshot_purge import DESTROYED, purge
from jianheng.core.foundation.errors import DataProblem, Problem, UsageProblem
from jianheng.core.screening.leftovers import clock_of


@dataclass(frozen=True, slots=True)
class KeptSnapshot:
    """One import under ``JIANHENG_HOME``. ``destroyed_at`` and ``reason`` are filled once its data are gone."""

    name: str
    folder: Path
    imported_at: datetime
    files: tuple[str, ...]
    rows: int
    destroyed_at: str = ""
    reason: str = ""


def kept_snapshots(home: Home) -> list[KeptSnapshot]:
    """Every import, the latest first, those destroyed with their record."""
    return sorted(_kept(home), key=lambda one: (one.imported_at, one.name), reverse=True)


def find_snapshot(home: Home, name: str) -> KeptSnapshot:
    """The import called ``name``, or by the beginning of its name. Raises UsageProblem (U114 none, or several)."""
    found = [one for one in _kept(home) if one.name.startswith(name)] if name else []
    exact = [one for one in found if one.name == name] or found
    if len(exact) != 1:
        said = "有几份数据的编号这样开头" if exact else "没有这份数据"
        hint = "编号见 jianheng intake --snapshots。"
        raise UsageProblem(Problem("U114", f"{said}：{name or '（空）'}。", hint=hint))
    return exact[0]


def purge_snapshot(home: Home, name: str, reason: str, *, at: datetime) -> dict[str, Any]:
    """Destroy the data of one import for ``reason``; the record that stays. Calling again finishes what was broken off.

    Raises UsageProblem (U114 as :func:`find_snapshot`, U115 while a run may be reading), DataProblem (D215 no reason).
    """
    snapshot = find_snapshot(home, name)
    if workplace_of(home).tidy(clock_of(home.temporary())):
        hint = "请等它结束以后再销毁。"
        raise UsageProblem(Problem("U115", "有一次筛查、识别或者复核正在进行，不能销毁数据。", hint=hint))
    return purge(snapshot.folder, reason, at=at)


def imported_tables(home: Home) -> frozenset[str]:
    """The tables of which data have been imported here and not destroyed."""
    manifests = [one.folder / "manifest.json" for one in _kept(home) if not one.destroyed_at]
    return frozenset(name for path in manifests for name in _read(path)["tables"])


def _kept(home: Home) -> Iterator[KeptSnapshot]:
    folder = home.folder / "snapshots"
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        record, manifest = path / DESTROYED, path / "manifest.json"
        known = record if record.is_file() else manifest
        if not path.is_dir() or path.name.startswith(".") or not known.is_file():
            continue
        told = _read(known)
        at = datetime.fromtimestamp(int(known.stat().st_mtime))
        if known == record:
            files = tuple(file["name"] for file in told["files"])
            rows = sum(told["rows"].values())
            yield KeptSnapshot(path.name, path, at, files, rows, told["destroyed_at"], told["reason"])
        else:
            files = tuple(file["name"] for file in told["landing"]["files"])
            yield KeptSnapshot(path.name, path, at, files, sum(one["rows"] for one in told["tables"].values()))


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise DataProblem(Problem("D212", "这里没有数据快照。", file=str(path), hint="请重新导入原始文件。")) from error
