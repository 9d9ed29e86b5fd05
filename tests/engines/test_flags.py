"""Which rows are about minors or sealed records: every combination of awkward cells, on every engine, told naively."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pyarrow as pa
import pytest

from jianheng.core.compiler.dialect import DIALECTS
from jianheng.core.engine.port import Engine
from jianheng.core.screening.protection import flags_of, flags_sql
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import CodeList, Column, Minor, Sealed, Table

COLUMNS = {
    "person": Column(title="身份证号", type="resident_id"),
    "born": Column(title="出生日期", type="date"),
    "on": Column(title="日期", type="date"),
    "later": Column(title="其后的日期", type="date", empty="never"),
    "minor": Column(title="是否未成年", type="boolean"),
    "group": Column(title="类别", type="code", codes="group"),
    "sealed": Column(title="是否封存", type="boolean", optional=True, empty="none"),
}
GROUPS = CodeList(id="group", title="类别", values={"未成年人": [], "成年人": []})
BORN = [None, date(2006, 3, 5), date(2006, 3, 6), date(2004, 2, 29), date(1950, 12, 31), date(2010, 1, 1)]
ON = [None, date(2022, 2, 28), date(2022, 3, 1), date(2024, 3, 5), date(2024, 3, 6), date(2024, 3, 7)]
LATER = [None, date(2024, 3, 5), date(2024, 3, 7)]
AS_OF = date(2024, 3, 8)
TRUTH = [None, True, False]
ROWS: list[dict[str, Any]] = [
    {"born": born, "on": on, "later": later, "minor": minor, "group": group, "sealed": sealed, "unread": unread}
    for born, on, later, minor, group, (sealed, unread) in product(
        BORN,
        ON,
        LATER,
        TRUTH,
        [None, "未成年人", "成年人"],
        [(None, False), (None, True), (True, False), (False, False)],
    )
]


def naive(row: dict[str, Any], minor: Minor | None, sealed: Sealed | None) -> tuple[str, ...]:
    """The flags of a row, told with plain values."""
    says = {"minor": {True: "是", False: "否"}.get(row["minor"]), "group": row["group"]}
    found = set()
    if minor:
        said = [says[name] == word for name, word in minor.said.items()]
        born, on = row["born"], row["on"]
        known = born is not None and on is not None
        day = on or row["later"]
        day = day or AS_OF
        young = born and (day.year, day.month, day.day) <= (born.year + 18, born.month, born.day)
        silent = not known if minor.person else any(says[name] is None for name in minor.said)
        if minor.always or any(said) or (minor.person and young):
            found.add("minor")
        elif silent and minor.unknown == "flag":
            found.add("age_unknown")
    if sealed and (sealed.always or row["sealed"] or ("sealed" in sealed.said and row["unread"])):
        found.add("sealed")
    return tuple(name for name in ("minor", "sealed", "age_unknown") if name in found)


def stored() -> pa.Table:
    bit = 1 << list(COLUMNS).index("sealed")
    numbers = [f"995000{row['born']:%Y%m%d}0010" if row["born"] else None for row in ROWS]
    return pa.table(
        {
            "_row": pa.array(range(len(ROWS)), pa.int64()),
            "person": pa.array(numbers, pa.string()),
            "born": pa.array([row["born"] for row in ROWS], pa.date32()),
            "on": pa.array([row["on"] for row in ROWS], pa.date32()),
            "later": pa.array([row["later"] for row in ROWS], pa.date32()),
            "minor": pa.array([row["minor"] for row in ROWS], pa.bool_()),
            "group": pa.array([row["group"] for row in ROWS], pa.string()),
            "sealed": pa.array([row["sealed"] for row in ROWS], pa.bool_()),
            "_bad": pa.array([bit if row["unread"] else 0 for row in ROWS], pa.int64()),
        }
    )


WAYS = [
    (None, None),
    (Minor(always=True), Sealed(always=True)),
    (Minor(person="person", on="on"), None),
    (Minor(person="born", on="on"), Sealed(said={"sealed": "是"})),
    (Minor(person="person", on="on", unknown="leave"), None),
    (Minor(said={"minor": "是"}), None),
    (Minor(said={"minor": "是"}, unknown="leave"), None),
    (Minor(said={"group": "未成年人"}, person="person", on="on"), Sealed(said={"sealed": "是"})),
]


def assert_flags(engine: Engine) -> None:
    engine.load("people", stored())
    dialect = DIALECTS[engine.dialect]
    for minor, sealed in WAYS:
        term = Table(
            id="people",
            title="人员",
            required=["on"],
            coverage_on=["later"],
            columns=COLUMNS,
            minor=minor,
            sealed=sealed,
        )
        sql = flags_sql(term, Lexicon({"people": term}, {"group": GROUPS}), dialect, "c", AS_OF)
        rows = engine.fetch(f"SELECT c._row AS line, {sql} AS flags FROM people AS c ORDER BY c._row").to_pylist()
        found = [flags_of(row["flags"]) for row in rows]
        assert found == [naive(row, minor, sealed) for row in ROWS], (minor, sealed)


def test_flags_are_what_the_cells_say(duckdb_engine: Engine) -> None:
    assert_flags(duckdb_engine)


@pytest.mark.spark
def test_flags_are_the_same_on_spark(spark_engine: Engine) -> None:
    assert_flags(spark_engine)
