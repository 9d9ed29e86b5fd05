"""What could not be linked: why, to whom it might belong, and whom it leaves in doubt (semantics 11).

Reads the working tables of ``linking`` and makes two more: ``_link_unlinked`` (_row, reason, candidates,
candidate_count) and ``_link_near`` (_row, chain, number, level): anchors that some step matched.
"""

from __future__ import annotations

from jianheng.core.catalogue.linking import (
    ANCHORS,
    LINKS,
    ROWS,
    agreement,
    candidates_of,
    equal_keys,
    inside_stretch,
    not_another,
)
from jianheng.core.catalogue.linking_plan import LinkPlan
from jianheng.core.engine.port import Engine

UNLINKED, NEAR, LEFT = "_link_unlinked", "_link_near", "_link_left"
MOST_CANDIDATES = 20

REASONS = {
    "nothing_filled": "可供关联的各栏均为空",
    "too_little": "已填写的栏目不足以关联",
    "no_match": "填写的内容在对应表中查无记录",
    "other_kind": "相符的记录不属于应关联的种类",
    "outside_stretch": "日期不在相符记录的存续期间内",
    "contradiction": "相符的记录与本行的姓名或证件号码等不一致",
    "kind_unknown": "相符的记录种类不明，不能确定",
    "several": "相符的记录不止一个，不能确定",
}
"""Why a row is unlinked: id -> what a prosecutor reads. Later ones say more and win over earlier ones."""

_OPEN, _CONTRADICTION, _OUTSIDE, _OTHER_KIND, _IN_DOUBT = 4, 3, 2, 1, 0
"""How near an anchor is; ``_IN_DOUBT``: no step reaches it, but the row leaves it in doubt."""


def explain_unlinked(engine: Engine, plan: LinkPlan) -> None:
    """Make ``_link_near`` and ``_link_unlinked`` for the rows that :func:`linking.link_rows` left over."""
    engine.run(
        f"CREATE OR REPLACE TABLE {LEFT} AS SELECT l.* FROM {ROWS} AS l ANTI JOIN {LINKS} AS done ON done._row = l._row"
    )
    engine.run(f"CREATE OR REPLACE TABLE {NEAR} (_row BIGINT, chain BIGINT, number VARCHAR, level INTEGER)")
    for rung, (step, keys) in enumerate(plan.steps):
        kind = f"WHEN a.kind_fits IS FALSE THEN {_OTHER_KIND}" if step.within else ""
        outside = f"WHEN NOT {inside_stretch('l', 'a')} THEN {_OUTSIDE}" if step.within else ""
        engine.run(
            f"INSERT INTO {NEAR} SELECT DISTINCT l._row, a.chain, a.number,"
            f" CASE WHEN NOT ({agreement(plan, 'l', 'a')}) THEN {_CONTRADICTION} {kind} {outside} ELSE {_OPEN} END"
            f" FROM {LEFT} AS l JOIN {candidates_of(plan, rung)} AS a"
            f" ON {equal_keys(keys, 'l', 'a')}{not_another(plan, step, 'l', 'a')}",
            step="查明未能关联的原因",
        )
    for left_in_doubt in _left_in_doubt(plan, "a.number"):
        sql = f"INSERT INTO {NEAR} SELECT DISTINCT _row, chain, number, {_IN_DOUBT} FROM ({left_in_doubt}) AS d"
        engine.run(sql, step="查明未能关联的原因")
    engine.run(_reasons(plan), step="查明未能关联的原因")


def _reasons(plan: LinkPlan) -> str:
    nothing = " AND ".join(f"l.{match.on_row} IS NULL" for match in plan.matches) or "TRUE"
    applied = " OR ".join(
        "(" + " AND ".join(f"l.{match.on_row} IS NOT NULL" for match in keys) + ")" for _, keys in plan.steps
    )
    return (
        f"CREATE OR REPLACE TABLE {UNLINKED} AS WITH"
        f" best AS (SELECT _row, max(level) AS level FROM {NEAR} GROUP BY _row),"
        " named AS (SELECT n._row, n.number, min(n.chain) AS low, max(n.chain) AS high, max(n.level) AS level"
        f" FROM {NEAR} AS n JOIN best AS b ON b._row = n._row AND b.level = n.level GROUP BY n._row, n.number),"
        f" listed AS (SELECT _row, max(level) AS level, min(low) < max(high) AS several, count(*) AS total,"
        f" min(number, {MOST_CANDIDATES}) AS numbers FROM named GROUP BY _row)"
        f" SELECT l._row, CASE WHEN n.level = {_OPEN} AND n.several THEN 'several'"
        f" WHEN n.level = {_OPEN} THEN 'kind_unknown'"
        f" WHEN n.level = {_CONTRADICTION} THEN 'contradiction' WHEN n.level = {_OUTSIDE} THEN 'outside_stretch'"
        f" WHEN n.level = {_OTHER_KIND} THEN 'other_kind' WHEN {nothing} THEN 'nothing_filled'"
        f" WHEN {applied or 'FALSE'} THEN 'no_match' ELSE 'too_little' END AS reason,"
        " coalesce(n.numbers, CAST([] AS VARCHAR[])) AS candidates, coalesce(n.total, 0) AS candidate_count"
        f" FROM {LEFT} AS l LEFT JOIN listed AS n ON n._row = l._row"
    )


def doubts(plan: LinkPlan) -> str:
    """SQL giving ``chain``, ``_row``: the chains an unlinked row leaves in doubt.

    With an amount: chains with an anchor of the same name or identity number (the ``agree`` columns) and the same
    amount; an amount not filled on either side may be the same. Without: every chain the ladder could not decide
    between.
    """
    if not plan.link.amount or not plan.link.anchor_amount:
        return f"SELECT DISTINCT chain, _row FROM {NEAR} WHERE level = {_OPEN}"
    return " UNION ".join(_left_in_doubt(plan)) or f"SELECT chain, _row FROM {NEAR} WHERE FALSE"


def _left_in_doubt(plan: LinkPlan, *more: str) -> list[str]:
    """Queries of ``chain``, ``_row`` and ``more``: anchors of the same name or number whose amount may be the same."""
    if not plan.link.amount or not plan.link.anchor_amount:
        return []
    columns = ", ".join(("a.chain", "l._row", *more))
    return [
        f"SELECT {columns} FROM {LEFT} AS l JOIN {ANCHORS} AS a ON {equal_keys([match], 'l', 'a')}"
        " WHERE coalesce(l.amount = a.amount, TRUE)"
        for match in plan.agree
    ]


def drop_unlinked(engine: Engine) -> None:
    """Give back what :func:`explain_unlinked` made."""
    for table in (UNLINKED, NEAR, LEFT):
        engine.run(f"DROP TABLE IF EXISTS {table}")
