"""Different numbers of one thing (police, procuratorate and court number of a case) and the one that stands for them.

All numbers in one row of the table a ``SameNumber`` names are one thing; rows sharing a number are one thing too. Which
tables and columns these are is content of the terms.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from jianheng.core.catalogue.linking_sql import quoted
from jianheng.core.engine.port import Engine


def least_members(edges: pa.Table) -> pa.Table:
    """Connected components: ``edges`` is two BIGINT columns of neighbours, the result ``member``, ``least``.

    ``least`` is the smallest member of the component. Members without a neighbour do not appear.
    """
    parent: dict[int, int] = {}
    left, right = (column.to_pylist() for column in edges.columns)
    for one, other in zip(left, right, strict=True):
        one, other = _root(parent, one), _root(parent, other)
        if one < other:
            parent[other] = one
        elif other < one:
            parent[one] = other
    members = sorted(parent)
    roots = [_root(parent, member) for member in members]
    return pa.table({"member": pa.array(members, pa.int64()), "least": pa.array(roots, pa.int64())})


def _root(parent: dict[int, int], member: int) -> int:
    """The member standing for ``member`` so far; shortens the way for the next to ask."""
    above = parent.setdefault(member, member)
    while above != member:
        parent[member] = parent[above]
        member, above = parent[member], parent[parent[member]]
    return member


def build_numbers(engine: Engine, source: str, columns: Sequence[str], into: str) -> None:
    """Make the engine table ``into``: every number in ``columns`` of ``source`` and the ``same`` that stands for it.

    The smallest number of a thing stands for all of them, so the result does not hang on the order of rows.
    """
    cells = " UNION ".join(
        f"SELECT _row AS member, {quoted(column)} AS number FROM {quoted(source)} WHERE {quoted(column)} IS NOT NULL"
        for column in columns
    )
    engine.run(f"CREATE OR REPLACE TABLE _same_cells AS {cells}", step="对照编号")
    engine.run(
        "CREATE OR REPLACE TABLE _same_heads AS SELECT number, min(member) AS head FROM _same_cells GROUP BY number",
        step="对照编号",
    )
    edges = engine.fetch(
        "SELECT DISTINCT c.member, h.head FROM _same_cells AS c JOIN _same_heads AS h ON h.number = c.number"
        " WHERE c.member <> h.head",
        step="对照编号",
    )
    engine.load("_same_least", least_members(edges))
    engine.run(
        f"CREATE OR REPLACE TABLE {quoted(into)} AS SELECT h.number,"
        " min(h.number) OVER (PARTITION BY coalesce(l.least, h.head)) AS same"
        " FROM _same_heads AS h LEFT JOIN _same_least AS l ON l.member = h.head",
        step="对照编号",
    )
    for table in ("_same_cells", "_same_heads", "_same_least"):
        engine.run(f"DROP TABLE {table}")
