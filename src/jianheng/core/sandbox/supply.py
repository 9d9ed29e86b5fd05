"""What the files of a county cover: ``coverage.yaml``. Holes belong to districts; else nothing is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from jianheng.core.screening.cases import FOREVER
from jianheng.core.terms.lexicon import Lexicon

Gap = tuple[date, date]

_SUPPLIERS = {
    "bail_decision": "示例市公安局法制支队",
    "case_link": "示例市人民检察院案件管理部门",
    "case_outcome": "示例市人民检察院案件管理部门",
    "court_transfer_notice": "示例市中级人民法院",
    "deposit_confiscation": "示例市公安局法制支队",
    "deposit_payment": "示例银行示例市分行",
    "deposit_refund": "示例银行示例市分行",
    "new_offence": "示例市公安局刑事侦查支队",
    "special_account": "示例市公安局警务保障部门",
}
_ANOTHER = "示例市数据归集部门"


def supplier(table: str) -> str:
    """Who handed a table over."""
    return _SUPPLIERS.get(table, _ANOTHER)


def gap_before(as_of: date) -> Gap:
    """A hole that ends the day before ``as_of``: whatever ended earlier, the days since then are not all covered."""
    return (as_of - timedelta(days=75)).replace(day=1), as_of - timedelta(days=1)


def write_coverage(
    path: Path, lexicon: Lexicon, as_of: date, districts: Sequence[str], holes: Mapping[str, Mapping[str, Gap]]
) -> None:
    """Write the file. ``holes``: table -> district -> the days missing there."""
    entries: dict[str, Any] = {}
    for table in sorted(lexicon.tables):
        entry = {"from": FOREVER, "to": as_of, "supplier": supplier(table)}
        gaps = holes.get(table, {})
        if not gaps:
            entries[table] = entry
            continue
        whole = [district for district in districts if district not in gaps]
        parts = [{**entry, "districts": whole}]
        for gap in sorted(set(gaps.values())):
            lacking = [district for district in districts if gaps.get(district) == gap]
            parts.append({**entry, "districts": lacking, "gaps": [list(gap)]})
        entries[table] = parts
    with path.open("w", encoding="utf-8") as stream:
        stream.write("# 示例县区的数据覆盖期；县区均为虚构。\n")
        yaml.dump(entries, stream, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=10_000)


class _Plain(yaml.SafeDumper):
    """Writes every value out: no anchors, which people cannot read."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
