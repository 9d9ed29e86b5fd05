"""How long imported data may be kept: as ``coverage.yaml`` declares it, kept beside the snapshots, and carried out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from jianheng.core.catalogue.coverage import CoverageEntry, read_coverage
from jianheng.core.catalogue.snapshot import MANIFEST, Snapshot
from jianheng.core.catalogue.snapshot_declarations import Declaration, append_declaration, read_declarations
from jianheng.core.catalogue.snapshot_purge import DESTROYED, purge
from jianheng.core.foundation.errors import DataProblem, Problem, raise_if_any
from jianheng.core.screening.import_data import Workplace
from jianheng.core.screening.leftovers import clock_of
from jianheng.core.terms.lexicon import Lexicon

REASON = "保存期限届满"
_BY = "coverage.yaml"

Entries = Mapping[str, tuple[CoverageEntry, ...]]


def read_kept_until(file: Path | None, lexicon: Lexicon, now: datetime) -> Entries:
    """What ``file`` declares of each table. Raises DataProblem (D225) for data whose time is over."""
    entries = read_coverage(file, lexicon) if file else {}
    raise_if_any(DataProblem, _over(file, entries, lexicon, now))
    return entries


def declare(snapshot: Snapshot, entries: Entries, workplace: Workplace, now: datetime) -> None:
    """Keep what was declared of the tables of ``snapshot``, unless it was the last thing said of them."""
    said = {(one.snapshot, one.table): one for one in read_declarations(workplace.snapshots)}
    for table, declared in entries.items():
        if table not in snapshot.tables or not any(entry.expires or entry.purpose for entry in declared):
            continue
        ends = [entry.expires for entry in declared if entry.expires]
        supplier, purpose = (
            "、".join(dict.fromkeys(text for entry in declared if (text := getattr(entry, name))))
            for name in ("supplier", "purpose")
        )
        until = min(ends, default=None)
        last = said.get((snapshot.hash, table))
        if last is None or (last.supplier, last.purpose, last.expires_on) != (supplier, purpose, until):
            one = Declaration(snapshot.hash, now, _BY, table, supplier=supplier, purpose=purpose, expires_on=until)
            append_declaration(workplace.snapshots, one)


def destroy_expired(workplace: Workplace, now: datetime) -> list[dict[str, Any]]:
    """Purge every snapshot of which a table was to be kept no longer than to a day before ``now``; their records.

    Nothing is destroyed while another run may be reading: the next one does it.
    """
    root = workplace.snapshots
    said = {(one.snapshot, one.table): one for one in read_declarations(root)}
    over = {one.snapshot for one in said.values() if one.expires_on and one.expires_on < now.date()}
    folders = [folder for folder in sorted(root.iterdir()) if over and _hash_of(folder) in over]
    if not folders or workplace.tidy(clock_of(workplace.temporary)):
        return []
    return [purge(folder, REASON, at=now) for folder in folders]


def _hash_of(folder: Path) -> str:
    """The snapshot in ``folder``; empty where there is none any more."""
    manifest = folder / MANIFEST
    if (folder / DESTROYED).exists() or not manifest.is_file():
        return ""
    return str(orjson.loads(manifest.read_bytes())["hash"])


def _over(file: Path | None, entries: Entries, lexicon: Lexicon, now: datetime) -> Iterator[Problem]:
    for table, declared in entries.items():
        for entry in declared:
            if entry.expires and entry.expires < now.date():
                message = f"{lexicon.tables[table].title}的保存期限已于{entry.expires}届满，不能再用。"
                hint = "数据应当销毁；依法延长的，改写 expires。"
                yield Problem("D225", message, file=str(file), hint=hint)
