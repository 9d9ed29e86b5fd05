"""A register of bails as Parquet, made by SQL alone: what a run finds after import and linking, at any size.

The shares are those of a tidy county: six bails in ten by deposit, one in five part of a chain of two, payments,
refunds, confiscations, outcomes and transfers behind them, a few per cent of every violation. A cell is blank only
where a well-kept register leaves it blank. Equal for equal sizes: everything hangs on the row number.
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
FIRST = date(2022, 1, 1)

_CLAIM = f"DATE '{AS_OF}'"


def _chance(salt: str, of: str = "chain") -> str:
    return chance(salt, of)


# One person in fifty comes back in another chain; one in five hundred of them in the same case.
_PERSON = f"(CASE WHEN {_chance('again')} < 200 AND chain >= 20 THEN chain // 20 * 20 - 20 ELSE chain END)"

# Rows 0 and 1 of every ten are one chain; the second is decided by the procuratorate, now and then by the police again.
_BAILS = f"""
SELECT *,
       CASE WHEN chain_position = 2 AND {_chance("same organ")} >= 1000 THEN 'procuratorate' ELSE 'police' END AS kind,
       {_chance("guarantee")} < 6000 AS by_deposit,
       DATE '{FIRST}' + CAST({_chance("day")} % 1150 AS INTEGER)
         + CASE WHEN chain_position = 2 THEN 120 ELSE 0 END AS decided,
       {_PERSON} % 12 AS place,
       (DATE '1960-01-01' + CAST({_chance("birth", _PERSON)} * 2 % 17000 AS INTEGER)) AS born
FROM (SELECT i AS _row, CASE WHEN i % 10 = 1 THEN i - 1 ELSE i END AS chain,
             CASE WHEN i % 10 = 1 THEN 2 ELSE 1 END AS chain_position,
             CASE WHEN i % 10 < 2 THEN 2 ELSE 1 END AS chain_count FROM range({{rows}}) AS r(i))
"""

_BAIL_COLUMNS = f"""
SELECT _row,
  '示公（刑）取保字〔' || year(decided) || '〕' || (_row + 1) || '号' AS bail_no,
  'A9999990000002024'
    || lpad(CAST(CASE WHEN {_chance("same case")} < 1000 THEN {_PERSON} ELSE chain END AS VARCHAR), 9, '0') AS case_no,
  chr(24352 + CAST({_PERSON} % 40 AS INTEGER)) || chr(20013 + CAST({_PERSON} % 997 AS INTEGER)) AS person_name,
  '999999' || strftime(born, '%Y%m%d')
    || lpad(CAST({_PERSON} % 1000 AS VARCHAR), 3, '0') || ({_PERSON} // 1000) AS person_id,
  '9999' || lpad(CAST(place + 1 AS VARCHAR), 2, '0') AS county,
  CASE kind WHEN 'police' THEN '示例市公安局第' || place || '分局'
            ELSE '示例市第' || place || '区人民检察院' END AS decided_by,
  '示例市公安局第' || place || '分局' AS executed_by,
  decided AS decided_on,
  CASE WHEN {_chance("unstarted", "_row")} >= 100
       THEN decided + CAST({_chance("start", "_row")} % 3 AS INTEGER) END AS started_on,
  CAST(decided + INTERVAL 12 MONTH AS DATE) AS due_on,
  CASE WHEN {_chance("released", "_row")} < 5000 THEN ended END AS release_decided_on,
  ended AS ended_on,
  CASE WHEN ended IS NOT NULL THEN '解除取保候审' END AS end_reason,
  CASE WHEN by_deposit THEN '保证金' ELSE '保证人' END AS guarantee,
  CASE WHEN by_deposit THEN CAST(CASE WHEN {_chance("too little")} < 200 THEN 300
                                      ELSE 1000 * (1 + {_chance("amount")} % 30) END AS DECIMAL(18,2))
  END AS amount_decided,
  CASE WHEN chain_position = 2
       THEN '示公（刑）取保字〔' || year(decided - 120) || '〕' || _row || '号' END AS prior_bail_no,
  kind AS decided_by_kind, 'police' AS executed_by_kind, born AS birth_on,
  chain, chain_position, chain_count
FROM (SELECT *,
             CASE WHEN day <= {_CLAIM} AND NOT (chain_count = 2 AND chain_position = 1) THEN day END AS ended
      FROM (SELECT *, decided
              + CASE WHEN {_chance("late", "_row")} < 300 THEN 400 + {_chance("day of end", "_row")} % 100
                                     ELSE 20 + {_chance("day of end", "_row")} % 330 END AS day FROM ({_BAILS}))) AS b
"""

# As an import does it, rows are numbered in order of their day; a chain bears the number of its first row.
_BAILS_BY_DAY = f"""
SELECT * REPLACE (nth AS _row, MIN(nth) OVER (PARTITION BY chain) AS chain)
FROM (SELECT *, row_number() OVER (ORDER BY decided_on, hash(_row)) - 1 AS nth FROM ({_BAIL_COLUMNS}))
"""

_HEADS = "(SELECT * FROM bail_decision WHERE chain_position = 1 AND guarantee = '保证金')"
_LAST = "(SELECT * FROM bail_decision WHERE chain_position = chain_count)"
_LINKED = "h.bail_no, h.chain, CAST(1 AS BIGINT) AS chain_position, h.chain_count"

_PAYMENTS = f"""
SELECT {_LINKED}, h.decided_on + 1 AS paid_on, h.amount_decided AS amount,
  CASE WHEN {_chance("elsewhere", "h.chain")} < 200 THEN '62284800' ELSE '999900' || right(h.county, 2) END
    || lpad(CAST(h.chain AS VARCHAR), 11, '0') AS account_no,
  '示例市公安局保证金专户'
    || CASE WHEN {_chance("elsewhere", "h.chain")} < 200 THEN '二' ELSE right(h.county, 2) END AS account_name,
  '银行转账' AS channel, CAST(NULL AS VARCHAR) AS taken_by, 'P' || h.chain AS voucher_no, h.person_name, h.person_id,
  CAST(NULL AS VARCHAR) AS case_no, CAST(NULL AS VARCHAR) AS organ_no, 'organ' AS account_name_kind,
  CAST(NULL AS VARCHAR) AS taken_by_kind, CAST(NULL AS VARCHAR) AS taken_by_name_kind
FROM {_HEADS} AS h WHERE {_chance("unpaid", "h.chain")} >= 200
"""

_REFUNDS = f"""
SELECT {_LINKED}, l.ended_on + 2 AS decided_on,
  CASE WHEN {_chance("bank", "h.chain")} >= 500 THEN l.ended_on + 3 END AS bank_notified_on,
  CASE WHEN {_chance("told", "h.chain")} >= 1000 THEN l.ended_on + 3 END AS person_told_on,
  CASE WHEN {_chance("collected", "h.chain")} >= 300
       THEN l.ended_on + 5 + {_chance("wait", "h.chain")} % 20 END AS refunded_on,
  h.amount_decided AS amount, h.person_name AS payee, h.person_name, h.person_id,
  CAST(NULL AS VARCHAR) AS case_no, CAST(NULL AS VARCHAR) AS organ_no
FROM {_HEADS} AS h JOIN {_LAST} AS l ON l.chain = h.chain
WHERE l.ended_on IS NOT NULL AND {_chance("kept back", "h.chain")} >= 600
"""

_CONFISCATIONS = f"""
SELECT {_LINKED}, h.decided_on + 60 AS decided_on, h.executed_by AS decided_by, '县级公安机关负责人' AS approver_level,
  '未经批准离开所居住的市县' AS ground, h.amount_decided AS amount, h.decided_on + 63 AS read_out_on,
  CASE WHEN {_chance("review", "h.chain")} < 500 THEN '撤销' END AS review_result, h.decided_on + 90 AS treasury_on,
  h.person_name, h.person_id, CAST(NULL AS VARCHAR) AS case_no, CAST(NULL AS VARCHAR) AS organ_no,
  'police' AS decided_by_kind
FROM {_HEADS} AS h WHERE {_chance("confiscated", "h.chain")} < 400
"""

_TRANSFERS = f"""
SELECT {_LINKED}, l.ended_on AS notified_on, h.amount_decided AS amount, '退赔被害人' AS purpose, h.person_name,
  h.person_id, CAST(NULL AS VARCHAR) AS case_no, CAST(NULL AS VARCHAR) AS organ_no
FROM {_HEADS} AS h JOIN {_LAST} AS l ON l.chain = h.chain
WHERE l.ended_on IS NOT NULL AND {_chance("moved", "h.chain")} < 100
"""

# Half of all chains have a known result; a judgment in force is written as such, and other results have no stage.
_OUTCOMES = f"""
SELECT l.bail_no, l.case_no, l.person_id, {{event}} AS event, {{stage}} AS event_kind,
  coalesce(l.ended_on, l.decided_on + 200) + {{after}} AS event_on, l.chain, l.chain_position, l.chain_count
FROM {_LAST} AS l WHERE {_chance("result", "l.chain")} BETWEEN {{low}} AND {{high}}
  AND coalesce(l.ended_on, l.decided_on + 200) + {{after}} <= {_CLAIM}
"""
_RESULTS = (
    ("'相对不起诉'", "CAST(NULL AS VARCHAR)", 0, 0, 1999),
    ("'单处附加刑'", "'生效'", 0, 2000, 2299),
    ("'缓刑'", "'生效'", 0, 2300, 4999),
    ("'社区矫正开始'", "CAST(NULL AS VARCHAR)", 8, 2300, 4999),
    ("'撤销案件'", "CAST(NULL AS VARCHAR)", 0, 5000, 5199),
)

_OFFENCES = f"""
SELECT b.person_id, b.decided_on + {_chance("new day", "b.chain")} % 300 AS filed_on, '故意' AS intent,
  CASE WHEN {_chance("new result", "b.chain")} < 2000 THEN '不起诉' END AS result
FROM bail_decision AS b WHERE b.chain_position = 1 AND {_chance("new offence", "b.chain")} < 100
"""

_ACCOUNTS = """
SELECT '9999' || lpad(CAST(i % 12 + 1 AS VARCHAR), 2, '0') AS county, '示例银行' AS bank,
  '9999000000' || i AS account_no,
  CASE WHEN i < 12 THEN '999900' || lpad(CAST(i % 12 + 1 AS VARCHAR), 2, '0') END AS sub_prefix,
  '示例市公安局保证金专户' || lpad(CAST(i % 12 + 1 AS VARCHAR), 2, '0') AS account_name,
  DATE '2018-01-01' AS valid_from, CAST(NULL AS DATE) AS valid_to
FROM range(36) AS r(i)
"""


def _outcomes() -> str:
    parts = (
        _OUTCOMES.format(event=event, stage=stage, after=after, low=low, high=high)
        for event, stage, after, low, high in _RESULTS
    )
    return " UNION ALL ".join(parts)


def _queries(rows: int) -> Iterator[tuple[str, str]]:
    """Table id -> its rows; the bails come first, the others are drawn from them."""
    yield "bail_decision", _BAILS_BY_DAY.replace("{rows}", str(rows))
    yield "deposit_payment", _PAYMENTS
    yield "deposit_refund", _REFUNDS
    yield "deposit_confiscation", _CONFISCATIONS
    yield "court_transfer_notice", _TRANSFERS
    yield "case_outcome", _outcomes()
    yield "new_offence", _OFFENCES
    yield "special_account", _ACCOUNTS


def build_county(rows: int, folder: Path, lexicon: Lexicon, engine: DuckdbEngine, *, sources: bool = True) -> RunTables:
    """The tables of ``rows`` bails under ``folder``, made if they are not there yet, with their true profile.

    Without ``sources`` no clue can be written from them.
    """
    covered = {name: covering(name, FIRST, AS_OF) for name in ("deposit_refund", "deposit_confiscation")}
    home = folder / f"county-{rows}"
    return build_tables(home, _queries(rows), covered, lexicon, engine, sources=sources)
