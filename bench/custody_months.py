"""Pension months and stays in custody, made by SQL alone, at any size (see ``made_tables``).

Fifty months a pensioner; stays in pairs that touch, on remand and then serving; a share of them of pensioners. Terms of
community correction, execution outside and money recovered stand beside them, a few for every hundred stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bench.made_tables import build_tables, chance, covering
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.screening.tables import RunTables
from jianheng.core.terms.lexicon import Lexicon

AS_OF = date(2025, 6, 30)
FIRST = date(2018, 1, 1)

_MONTHS = 50


def _person(number: str) -> str:
    """Identity number of somebody, and the name."""
    born = f"strftime(DATE '1945-01-01' + CAST({number} % 5000 AS INTEGER), '%Y%m%d')"
    return (
        f"'999999' || {born} || lpad(CAST({number} // 5000 AS VARCHAR), 4, '0') AS person_id,"
        f" chr(24352 + CAST({number} % 40 AS INTEGER)) || chr(20013 + CAST({number} % 997 AS INTEGER)) AS person_name"
    )


_PAYMENTS = f"""
SELECT {_person("p")}, '示例市第' || p % 12 || '区社会保险中心' AS agency,
  CASE WHEN {chance("scheme", "p")} < 9500 THEN '企业职工' ELSE '机关事业' END AS scheme,
  CASE WHEN {chance("item", "i")} < 200 THEN '补发' END AS item,
  CAST(DATE '2021-05-01' + to_months(CAST(i % {_MONTHS} AS INTEGER)) AS DATE) AS month,
  CAST(CASE WHEN {chance("stopped", "i")} < 100 THEN 0 ELSE 1500 + {chance("amount", "p")} % 4000 END
       AS DECIMAL(18,2)) AS amount
FROM (SELECT i, i // {_MONTHS} AS p FROM range({{months}}) AS r(i))
"""

# Two stays a person; whether that person draws a pension is drawn for both.
_STAYS = f"""
SELECT {_person("p")}, '9999' || lpad(CAST(p % 12 + 1 AS VARCHAR), 2, '0') AS county,
  '示例市第' || p % 7 || '监所' AS place,
  CASE WHEN second THEN '服刑' ELSE '未决羁押' END AS kind,
  CASE WHEN second THEN began + remand ELSE began END AS admitted_on,
  CASE WHEN NOT second THEN began + remand WHEN began + remand + term <= DATE '{AS_OF}' THEN began + remand + term END
    AS released_on,
  CASE WHEN NOT second THEN '转押' WHEN began + remand + term <= DATE '{AS_OF}' THEN '刑满释放' END AS release_reason
FROM (SELECT i % 2 = 1 AS second, j,
        CASE WHEN {chance("pensioner", "j")} < {{share}} THEN j * 7 % {{pensioners}} ELSE {{pensioners}} + j END AS p,
        DATE '2019-01-01' + CAST({chance("day", "j")} % 2000 AS INTEGER) AS began,
        30 + CAST({chance("remand", "j")} % 200 AS INTEGER) AS remand,
        90 + CAST({chance("term", "j")} % 1500 AS INTEGER) AS term
      FROM (SELECT i, i // 2 AS j FROM range({{stays}}) AS r(i)))
"""

_CORRECTIONS = f"""
SELECT person_id, person_name, '示例市司法局' AS office,
  CASE WHEN {chance("kind", "_row")} < 5000 THEN '缓刑' ELSE '假释' END AS kind,
  admitted_on + 200 AS started_on,
  CASE WHEN admitted_on + 500 <= DATE '{AS_OF}' THEN admitted_on + 500 END AS ended_on
FROM custody_stay WHERE kind = '服刑' AND admitted_on + 200 <= DATE '{AS_OF}' AND {chance("corrected", "_row")} < 1000
"""

_OUTSIDE = f"""
SELECT person_id, person_name, '示例市监狱管理局' AS decided_by, admitted_on + 100 AS outside_from,
  CASE WHEN {chance("still outside", "_row")} >= 1000 THEN admitted_on + 400 END AS outside_to
FROM custody_stay WHERE kind = '服刑' AND admitted_on + 400 <= DATE '{AS_OF}' AND {chance("outside", "_row")} < 300
"""

_RECOVERIES = f"""
SELECT person_id, person_name, CAST(date_trunc('month', admitted_on) + to_months(2) AS DATE) AS month_from,
  CAST(date_trunc('month', admitted_on) + to_months(4) AS DATE) AS month_to,
  CAST(6000 AS DECIMAL(18,2)) AS amount, least(admitted_on + 300, DATE '{AS_OF}') AS recovered_on
FROM custody_stay WHERE kind = '服刑' AND {chance("recovered", "_row")} < 1000
"""


def _queries(months: int, stays: int, share: int) -> Iterator[tuple[str, str]]:
    yield "pension_payment", _PAYMENTS.format(months=months)
    yield "custody_stay", _STAYS.format(stays=stays, share=share * 100, pensioners=months // _MONTHS)
    yield "community_correction", _CORRECTIONS
    yield "outside_execution", _OUTSIDE
    yield "pension_recovery", _RECOVERIES


def build_months(
    months: int, stays: int, share: int, folder: Path, lexicon: Lexicon, engine: DuckdbEngine
) -> RunTables:
    """The tables under ``folder``, made if they are not there; ``share``: of the stays, how many in a hundred are
    pensioners'."""
    home = folder / f"custody-{months}-{stays}-{share}"
    queries = list(_queries(months, stays, share))
    covered = {name: covering(name, FIRST, AS_OF) for name, _ in queries}
    return build_tables(home, queries, covered, lexicon, engine, sources=False)
