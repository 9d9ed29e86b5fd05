"""Which rows of one table continue each other (the how is content of the term: ``terms.spec.Chain``)."""

from __future__ import annotations

from jianheng.core.catalogue.linking_sql import least_filled, quoted, standing_for
from jianheng.core.catalogue.same_number import least_members
from jianheng.core.engine.port import Engine
from jianheng.core.terms.spec import Chain, SameNumber

STEP = "连成链条"


def build_chains(
    engine: Engine, chain: Chain, same_number: SameNumber | None, source: str, numbers: str | None, into: str
) -> None:
    """Make the engine table ``into``: _row, chain, chain_position, chain_count.

    ``chain`` is the smallest ``_row`` of the chain, ``chain_position`` counts 1, 2, … within it, ``chain_count`` is how
    many rows it has. ``source`` is a view of the canonical table, ``numbers`` a table made by ``build_numbers``.
    """
    _gather(engine, chain, same_number, source, numbers)
    edges = engine.fetch(f"{_edges_by_name(chain)} UNION ALL {_edges_by_nearness(chain)}", step=STEP)
    engine.load("_chain_least", least_members(edges))
    engine.run(
        f"CREATE OR REPLACE TABLE {quoted(into)} AS SELECT r._row, coalesce(l.least, r._row) AS chain,"
        f" row_number() OVER (PARTITION BY coalesce(l.least, r._row) ORDER BY {_ORDER}) AS chain_position,"
        " count(*) OVER (PARTITION BY coalesce(l.least, r._row)) AS chain_count"
        " FROM _chain_rows AS r LEFT JOIN _chain_least AS l ON l.member = r._row",
        step=STEP,
    )
    engine.run("DROP TABLE _chain_rows")
    engine.run("DROP TABLE _chain_least")


# A row without a date comes last; the end is asked before _row, so that equal days and numbers do not hang on the order
# of rows.
_ORDER = "r.decided NULLS LAST, r.number NULLS LAST, r.ended NULLS LAST, r._row"


def _gather(engine: Engine, chain: Chain, same_number: SameNumber | None, source: str, numbers: str | None) -> None:
    values, joins = [], ""
    for index, column in enumerate(chain.same):
        table = numbers if same_number is not None and same_number.column == column else None
        value, join = standing_for(column, "t", table, f"n{index}")
        values.append(f", {value} AS same_{index}")
        joins += join
    engine.run(
        f"CREATE OR REPLACE TABLE _chain_rows AS SELECT t._row, t.{quoted(chain.number)} AS number,"
        f" t.{quoted(chain.previous)} AS previous, t.{quoted(chain.order)} AS decided,"
        f" {least_filled(chain.ended, 't')} AS ended{''.join(values)} FROM {quoted(source)} AS t{joins}",
        step=STEP,
    )


def _edges_by_name(chain: Chain) -> str:
    """A row and the one it names as previous.

    A number borne by several rows (a typing error, a second sending) is followed only to those that share one of the
    ``same`` values: otherwise two strangers would become one chain.
    """
    shared = " OR ".join(["FALSE", *(f"p.same_{index} = r.same_{index}" for index in range(len(chain.same)))])
    return (
        "SELECT r._row AS later, p._row AS earlier FROM _chain_rows AS r JOIN _chain_rows AS p"
        " ON p.number = r.previous AND p._row <> r._row JOIN"
        " (SELECT number, count(*) AS bearers FROM _chain_rows GROUP BY number) AS b ON b.number = r.previous"
        f" WHERE b.bearers = 1 OR {shared}"
    )


def _edges_by_nearness(chain: Chain) -> str:
    """Neighbours in time among rows of the same values, if the later was decided soon after the earlier ended.

    No end filled means still running. A later row whose day is unknown is taken to continue: to part them would let the
    earlier one look ended on no evidence.
    """
    if not chain.same:
        return "SELECT _row AS later, _row AS earlier FROM _chain_rows WHERE FALSE"
    keys = [f"r.same_{index}" for index in range(len(chain.same))]
    filled = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    return (
        "SELECT _row AS later, earlier FROM (SELECT r._row, r.decided, lag(r._row) OVER w AS earlier,"
        f" lag(r.ended) OVER w AS earlier_end FROM _chain_rows AS r WHERE {filled}"
        f" WINDOW w AS (PARTITION BY {', '.join(keys)} ORDER BY {_ORDER})) AS neighbours"
        " WHERE earlier IS NOT NULL AND (earlier_end IS NULL OR decided IS NULL"
        f" OR decided <= earlier_end + {chain.within_days})"
    )
