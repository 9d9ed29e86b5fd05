"""The ladder: how the rows of a table find the row they belong to without saying so (semantics 11).

Everything is set-based on the engine, joins are equalities. Working tables, all dropped by :func:`drop_working_tables`:

- ``_link_rows``      _row, day, amount and the row's side of every comparison
- ``_link_anchors``   anchor (its _row), chain, place, chain_count, number, decided, first_day, last_day, kind_fits,
                      amount, its sides
- ``_link_turned_…`` the anchors again where ``until: next`` ends their stretches, one table a step
- ``_link_links``     _row, rung (index in the ladder), anchor, chain; once climbed also place, chain_count, number
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from jianheng.core.catalogue.linking_plan import LinkPlan, Match
from jianheng.core.catalogue.linking_sql import (
    date_literal,
    first_filled,
    least_filled,
    literal,
    quoted,
    standing_for,
)
from jianheng.core.engine.port import Engine
from jianheng.core.terms.spec import Step

ROWS, ANCHORS, TURNED, LINKS = "_link_rows", "_link_anchors", "_link_turned", "_link_links"
FITS_NOT = 1 << 40  # beyond any place in a chain: anchors of another kind are chosen last


def link_rows(
    engine: Engine, plan: LinkPlan, source: str, anchors: str, chains: str, numbers: str | None, as_of: date
) -> None:
    """Climb the ladder of ``plan`` for every row of ``source``; fills the working tables above.

    ``source`` and ``anchors`` are views of canonical tables, ``chains`` a table made by ``build_chains`` for the
    anchors, ``numbers`` one made by ``build_numbers`` or None. ``as_of`` ends the stretch of what is still running.
    """
    _gather_anchors(engine, plan, anchors, chains, numbers, as_of)
    _gather_rows(engine, plan, source, numbers)
    engine.run(f"CREATE OR REPLACE TABLE {LINKS} (_row BIGINT, rung INTEGER, anchor BIGINT, chain BIGINT)")
    for rung, (step, keys) in enumerate(plan.steps):
        candidates = candidates_of(plan, rung)
        if candidates != ANCHORS:
            engine.run(_turned(keys, as_of, candidates), step="计算存续期间")
        engine.run(_climb(plan, step, keys, rung, candidates), step=f"关联第{rung + 1}级：{step.title}")
    engine.run(
        f"CREATE OR REPLACE TABLE {LINKS} AS SELECT k.*, a.place, a.chain_count, a.number"
        f" FROM {LINKS} AS k JOIN {ANCHORS} AS a ON a.anchor = k.anchor",
        step="记下关联结果",
    )


def drop_working_tables(engine: Engine, plan: LinkPlan) -> None:
    """Give back what :func:`link_rows` made."""
    for table in (ROWS, LINKS, ANCHORS, *(candidates_of(plan, rung) for rung in range(len(plan.steps)))):
        engine.run(f"DROP TABLE IF EXISTS {table}")


def agreement(plan: LinkPlan, row: str, anchor: str) -> str:
    """SQL: nothing filled on both sides contradicts."""
    return _all(f"coalesce({row}.{m.on_row} = {anchor}.{m.on_anchor}, TRUE)" for m in plan.agree)


def equal_keys(keys: Sequence[Match], row: str, anchor: str) -> str:
    """SQL: the comparisons of one step; an empty cell matches nothing."""
    return _all(f"{row}.{m.on_row} = {anchor}.{m.on_anchor}" for m in keys)


def inside_stretch(row: str, anchor: str) -> str:
    """SQL: the row's day lies in the anchor's stretch. A row without a day, an anchor without a start do not object."""
    return (
        f"({row}.day IS NULL OR (coalesce({row}.day >= {anchor}.first_day, TRUE) AND {row}.day <= {anchor}.last_day))"
    )


def candidates_of(plan: LinkPlan, rung: int) -> str:
    """The table of anchors as one step sees them: ``until: next`` gives each step stretches of its own."""
    return f"{TURNED}_{rung}" if plan.steps[rung][0].within and plan.link.stretch.until == "next" else ANCHORS


def _gather_rows(engine: Engine, plan: LinkPlan, source: str, numbers: str | None) -> None:
    sides = {m.on_row: (m.left, m.same) for m in plan.matches}
    values, joins = _sides(sides, numbers)
    amount = f"t.{quoted(plan.link.amount)}" if plan.link.amount else "NULL::DECIMAL(18,2)"
    engine.run(
        f"CREATE OR REPLACE TABLE {ROWS} AS SELECT t._row, {first_filled(plan.link.on, 't')} AS day,"
        f" {amount} AS amount{values}{_known(plan, numbers)} FROM {quoted(source)} AS t{joins}",
        step="准备待关联的行",
    )


def _known(plan: LinkPlan, numbers: str | None) -> str:
    """For every column of ``unless_known``: whether its number is an anchor's or stands in the list of numbers."""
    columns = ""
    for name in dict.fromkeys(step.unless_known for step, _ in plan.steps if step.unless_known):
        match = next(match for match in plan.matches if match.left == name)
        own = f"t.{quoted(name)}"
        listed = f" OR {own} IN (SELECT number FROM {quoted(numbers)})" if numbers and match.same else ""
        borne = f"{own} IN (SELECT {match.on_anchor} FROM {ANCHORS} WHERE {match.on_anchor} IS NOT NULL)"
        columns += f", coalesce({borne}{listed}, FALSE) AS {known_column(name)}"
    return columns


def known_column(name: str) -> str:
    """Where the working rows say whether the number in column ``name`` is known."""
    return f"known_{name}"


def not_another(plan: LinkPlan, step: Step, row: str, anchor: str) -> str:
    """SQL: a row whose number is known does not go to an anchor of another number; empty if the step does not ask."""
    if not step.unless_known:
        return ""
    match = next(match for match in plan.matches if match.left == step.unless_known)
    same = f"coalesce({row}.{match.on_row} = {anchor}.{match.on_anchor}, TRUE)"
    return f" AND (NOT {row}.{known_column(step.unless_known)} OR {same})"


def _gather_anchors(
    engine: Engine, plan: LinkPlan, anchors: str, chains: str, numbers: str | None, as_of: date
) -> None:
    sides = {m.on_anchor: (m.right, m.same) for m in plan.matches}
    values, joins = _sides(sides, numbers)
    link, chain, today = plan.link, plan.chain, date_literal(as_of)
    amount = f"t.{quoted(link.anchor_amount)}" if link.anchor_amount else "NULL::DECIMAL(18,2)"
    last = today
    if link.stretch.until == "end":
        last = f"coalesce({least_filled(chain.ended, 't')} + {link.stretch.after_end_days}, {today})"
    kind = _all(f"t.{quoted(column)} = {literal(value)}" for column, value in link.only.items())
    engine.run(
        f"CREATE OR REPLACE TABLE {ANCHORS} AS SELECT t._row AS anchor, c.chain, c.chain_position AS place,"
        f" c.chain_count, CAST(t.{quoted(chain.number)} AS VARCHAR) AS number, t.{quoted(chain.order)} AS decided,"
        f" {first_filled(chain.start, 't')} - {link.stretch.before_days} AS first_day, {last} AS last_day,"
        f" ({kind}) AS kind_fits, {amount} AS amount{values}"
        f" FROM {quoted(anchors)} AS t JOIN {quoted(chains)} AS c ON c._row = t._row{joins}",
        step="准备可关联的对象",
    )


def _sides(sides: dict[str, tuple[str, bool]], numbers: str | None) -> tuple[str, str]:
    """The select list (with a leading comma) and joins for one side of every comparison: name -> (column, same)."""
    values, joins = "", ""
    for index, (side, (column, same)) in enumerate(sides.items()):
        value, join = standing_for(column, "t", numbers if same else None, f"n{index}")
        values += f", {value} AS {side}"
        joins += join
    return values, joins


def _climb(plan: LinkPlan, step: Step, keys: Sequence[Match], rung: int, candidates: str) -> str:
    """One rung: rows with exactly one candidate chain, and which anchor of that chain they get.

    An anchor of which it is unknown whether its kind fits (``only``) counts against uniqueness but is never chosen
    within a stretch. A step by number alone chooses among the anchors that bear the number.
    """
    matching = f"{equal_keys(keys, 'l', 'a')} AND {agreement(plan, 'l', 'a')}"
    if step.within:
        found = f"{matching} AND a.kind_fits IS NOT FALSE AND {inside_stretch('l', 'a')}"
        pool = f"a.kind_fits IS TRUE AND {agreement(plan, 'l', 'a')}"
    else:
        found = pool = matching
    found += not_another(plan, step, "l", "a")
    return (
        f"INSERT INTO {LINKS} WITH found AS (SELECT l._row, min(a.chain) AS chain FROM {ROWS} AS l"
        f" ANTI JOIN {LINKS} AS done ON done._row = l._row JOIN {candidates} AS a ON {found}"
        " GROUP BY l._row HAVING min(a.chain) = max(a.chain))"
        f" SELECT l._row, {rung}, {_choice(plan)}, f.chain FROM found AS f JOIN {ROWS} AS l ON l._row = f._row"
        f" JOIN {ANCHORS} AS a ON a.chain = f.chain AND {pool} GROUP BY l._row, f.chain"
    )


def _choice(plan: LinkPlan) -> str:
    first = f"arg_min(a.anchor, a.place + CASE WHEN a.kind_fits THEN 0 ELSE {FITS_NOT} END)"
    if plan.link.choose == "first":
        return first
    last = f"arg_max(a.anchor, a.place + CASE WHEN a.kind_fits THEN {FITS_NOT} ELSE 0 END)"
    return f"coalesce({last} FILTER (WHERE a.decided <= l.day + {plan.link.stretch.before_days}), {first})"


def _turned(keys: Sequence[Match], as_of: date, into: str) -> str:
    """Anchors whose stretch ends the day before the next one of the same keys in another chain is decided.

    Days of one key on which only one chain is decided form runs; a day shared by two chains (label -1) is a run of its
    own. The next unrelated day is the next day, or, if that still belongs to the anchor's chain, where its run ends.
    """
    sides = list(dict.fromkeys(match.on_anchor for match in keys))
    columns = ", ".join(sides)
    in_order = f"PARTITION BY {columns} ORDER BY decided"
    filled = _all(f"{side} IS NOT NULL" for side in [*sides, "decided"])
    same_key = _all(f"a.{side} = d.{side}" for side in [*sides, "decided"])
    last = "(CASE WHEN d.next_label = a.chain THEN d.next_turn ELSE d.next_day END) - 1"
    return (
        f"CREATE OR REPLACE TABLE {into} AS WITH days AS (SELECT {columns}, decided,"
        " CASE WHEN min(chain) = max(chain) THEN min(chain) ELSE -1 END AS label"
        f" FROM {ANCHORS} WHERE {filled} GROUP BY {columns}, decided),"
        f" marked AS (SELECT *, label IS DISTINCT FROM lag(label) OVER ({in_order}) AS fresh FROM days),"
        " runs AS (SELECT *, CAST(sum(CASE WHEN fresh THEN 1 ELSE 0 END)"
        f" OVER ({in_order}) AS BIGINT) AS run FROM marked),"
        f" turns AS (SELECT *, min(decided) OVER (PARTITION BY {columns} ORDER BY run"
        " RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS turn FROM runs),"
        f" ahead AS (SELECT {columns}, decided, lead(decided) OVER ({in_order}) AS next_day,"
        f" lead(label) OVER ({in_order}) AS next_label, lead(turn) OVER ({in_order}) AS next_turn FROM turns)"
        f" SELECT a.* REPLACE (coalesce({last}, {date_literal(as_of)}) AS last_day)"
        f" FROM {ANCHORS} AS a LEFT JOIN ahead AS d ON {same_key}"
    )


def _all(conditions: Iterable[str]) -> str:
    return " AND ".join(conditions) or "TRUE"
