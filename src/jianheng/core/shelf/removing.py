"""An installed model leaves the office: in use or gone, and a record of it is kept with the packages as they came.

The record is written into the model's folder, and then the whole folder is moved out of the packs at once: whoever is
killed leaves the model in use, or gone with its record. What need not be kept is deleted after that.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from jianheng.core.foundation.durable import move_folder, private_folder, writing_file
from jianheng.core.shelf.installing import ARCHIVE

RECORD = "removed.json"


def remove(folder: Path, kept: Path, record: dict[str, Any], *, at: datetime) -> Path:
    """Take the installed model in ``folder`` (a folder a model) out of use; the folder under ``kept`` of its record.

    ``at`` is local time without zone. All that is left of it are ``removed.json`` and the packages as they came.
    """
    with writing_file(folder / RECORD) as aside:
        aside.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    private_folder(kept)
    place = next(one for one in _names(kept, f"{folder.name}-{at:%Y%m%d-%H%M%S}") if not one.exists())
    move_folder(folder, place)
    sweep(kept)
    return place


def sweep(kept: Path) -> None:
    """Delete what need not be kept of models removed before; of one whose removal was interrupted something is left."""
    for record in kept.glob(f"*/{RECORD}"):
        for entry in record.parent.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                _sweep_version(entry)
            elif entry.name != RECORD:
                entry.unlink()


def _sweep_version(folder: Path) -> None:
    """Leave the package of a version alone; a version without one goes whole."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != ARCHIVE:
            entry.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()


def _names(kept: Path, name: str) -> Iterator[Path]:
    yield kept / name
    yield from (kept / f"{name}-{number}" for number in count(2))
