"""``events`` of facts: what follows a start within a statutory period (semantics 20), an episode for every row.

Whatever is unsure is carried as bounds: the least deadline counts only what certainly puts it off, the greatest all
that may. How a deadline is reached: :mod:`.event_deadline`.
"""

from __future__ import annotations

from dataclasses import dataclass

from jianheng.core.compiler.event_deadline import deadlines
from jianheng.core.compiler.event_rows import Episodes, episodes_of, occurrences, unknown_matches
from jianheng.core.compiler.plan import Statement
from jianheng.core.compiler.render import FactsShape
from jianheng.core.compiler.rows import JoinedRows
from jianheng.core.compiler.stretches import LAST_DAY
from jianheng.core.compiler.trees import is_true, not_false
from jianheng.core.model.scope import Alias
from jianheng.core.model.spec import Events, Facts, Happening
from jianheng.core.model.supervision_model import SupervisionModel

_TIE = 64  # more ways of ending than any events have


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of the result: least and greatest value, and the test that it is unknown."""

    low: str
    high: str = ""
    unknown: str = ""


def compile_events(
    name: str, facts: Facts, model: SupervisionModel, alias: Alias, rows: JoinedRows
) -> tuple[Statement, FactsShape]:
    """The statement of the events and its shape."""
    assert facts.events is not None
    episodes = episodes_of(model, facts, rows)
    dialect, quote = episodes.dialect, episodes.dialect.quote
    ends, covered = _ends(model, facts.events, episodes)
    source = f"({_base(model, facts, episodes)}) AS b\nLEFT JOIN ({ends}) AS e ON e.r = b.r"
    columns = _found(episodes, covered)
    if facts.events.choices:
        low, high = deadlines(model, facts.events, episodes)
        source += f"\nLEFT JOIN ({low}) AS dl ON dl.r = b.r\nLEFT JOIN ({high}) AS dh ON dh.r = b.r"
        columns |= _late(episodes, covered, restarts=bool(facts.events.restarts))
    select = [f"b.k{index} AS {quote(key)}" for index, key in enumerate(facts.events.by)]
    bad: list[str] = []
    for column in alias.columns.values():
        made = columns.get(column.name)
        if made is None:
            continue
        kind = dialect.type(column.type)
        select.append(f"CAST({made.low} AS {kind}) AS {quote(column.name)}")
        if column.bounds:
            select.append(f"CAST({made.high} AS {kind}) AS {quote(column.name + '__max')}")
        if column.bit >= 0:
            bad.append(f"CASE WHEN {made.unknown} THEN {1 << column.bit} ELSE 0 END")
    select += [f"CAST({' + '.join(bad)} AS BIGINT) AS {quote('_bad')}", f"b.r AS {quote('_episode')}"]
    statement = Statement(name, f"SELECT {', '.join(select)}\nFROM {source}", facts.title)
    return statement, FactsShape(frozenset(), False, (*facts.events.by, "_episode"))


def _base(model: SupervisionModel, facts: Facts, episodes: Episodes) -> str:
    """Every episode that may be: its row, keys, start, ordinal and number among those of the same keys.

    ``no_end``, ``no_shift``, ``no_restart``: what happened to it cannot be looked up, a key of its own being unknown.
    """
    events = facts.events
    assert events is not None
    keys = [f"k{index}" for index in range(len(episodes.keys))]
    again = episodes.again or "FALSE"
    select = [f"{episodes.row} AS r", f"{episodes.start} AS s", f"{episodes.standing} AND NOT {again} AS sure"]
    select += [f"{key} AS {name}" for key, name in zip(episodes.keys, keys, strict=True)]
    parts: dict[str, list[Happening]] = {
        "no_end": [*events.end],
        "no_shift": [*events.pauses, *events.extensions],
        "no_restart": [*events.restarts],
    }
    for flag, happenings in parts.items():
        select.append(f"({' OR '.join(unknown_matches(model, happenings, episodes)) or 'FALSE'}) AS {flag}")
    select += [f"{episodes.district} AS district"] if episodes.district else []
    inner = f"SELECT {', '.join(select)} FROM {episodes.sql}{episodes.where}"
    by = f"PARTITION BY {', '.join(keys)}"
    earlier = f"OVER ({by} ORDER BY s IS NULL, s, r ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    undated = f"SUM(CASE WHEN s IS NULL THEN 1 ELSE 0 END) OVER ({by})"
    sure, every = "SUM(CASE WHEN sure THEN 1 ELSE 0 END)", f"COUNT(*) OVER ({by})"
    numbers = [
        f"{sure} OVER ({by}) AS times_low",
        f"{every} AS times_high",
        f"CASE WHEN s IS NULL THEN 1 ELSE COALESCE({sure} {earlier}, 0) + 1 END AS number_low",
        f"CASE WHEN s IS NULL THEN {every} ELSE COUNT(*) {earlier} + 1 + {undated} END AS number_high",
    ]
    return f"SELECT a.*, {', '.join(numbers)} FROM ({inner}) AS a"


def _ends(model: SupervisionModel, events: Events, episodes: Episodes) -> tuple[str, str]:
    """Per row: ``d`` the earliest sure end on or after the start, ``lo`` the earliest that may be, and what is unknown.

    The second text is TRUE where no end can have escaped the data.
    """
    dialect = episodes.dialect
    branches = []
    for index, part in enumerate(events.end):
        seen = occurrences(model, part, episodes)
        if seen is None:
            continue
        inner = seen.renderer
        node = inner.expression(part.on)
        when = inner.expression(part.when)
        columns = [
            f"{episodes.row} AS r",
            f"{episodes.start} AS s",
            f"{inner.value(node).certain} AS d",
            f"({seen.truth(when)}) AS w",
            f"{index} AS i",
            f"{dialect.literal(part.title)} AS t",
        ]
        tests = [] if is_true(when) else [not_false(when, inner)]
        tests += [f"NOT COALESCE({never}, FALSE)"] if (never := seen.never(node)) else []
        branches.append(f"SELECT {', '.join(columns)} FROM {seen.sql}{episodes.narrowed(tests)}")
    rank = f"{dialect.day_number('d')} * {_TIE} + i"
    after = "w AND d >= s"
    agg = [
        "r",
        f"MIN(d) FILTER (WHERE {after}) AS d",
        f"{dialect.least_key('t', rank, after)} AS t",
        "MIN(CASE WHEN d IS NULL THEN s ELSE d END) FILTER (WHERE d IS NULL OR d >= s) AS lo",
        "COALESCE(bool_or(w AND d IS NULL), FALSE) AS undated",
        "MAX(d) FILTER (WHERE w AND d < s) AS before_on",
        "COALESCE(bool_or(d IS NULL OR (w IS NULL AND d < s)), FALSE) AS before_maybe",
    ]
    rows = "\nUNION ALL\n".join(branches)
    return f"SELECT {', '.join(agg)} FROM ({rows}) AS o GROUP BY r", episodes.covered(model, events)


def _found(episodes: Episodes, covered: str) -> dict[str, _Column]:
    """What does not depend on a period."""
    claim = episodes.dialect.literal(episodes.claim)
    happened = "(e.d IS NOT NULL OR COALESCE(e.undated, FALSE))"
    maybe = _maybe(covered)
    low = f"CASE WHEN b.s IS NOT NULL AND {happened} THEN {_earliest(covered)} END"
    high = f"CASE WHEN e.d IS NOT NULL THEN e.d WHEN e.undated THEN greatest(b.s, {claim}) END"
    high = f"CASE WHEN b.s IS NOT NULL THEN {high} END"
    unknown = f"b.s IS NULL OR (NOT {happened} AND {maybe})"
    sole = f"COALESCE({_earliest(covered)} = e.d, FALSE)"
    doubted = f"b.s IS NULL OR (NOT {sole} AND ({happened} OR {maybe}))"
    before = "b.s IS NULL OR (e.before_on IS NULL AND (COALESCE(e.before_maybe, FALSE) OR b.no_end))"
    return {
        "started_on": _Column("b.s", unknown="b.s IS NULL"),
        "ended_on": _Column(low, high, unknown),
        "ended_by": _Column(f"CASE WHEN {sole} THEN e.t END", unknown=doubted),
        "before_on": _Column("e.before_on", unknown=before),
        "number": _Column("b.number_low", "b.number_high"),
        "times": _Column("b.times_low", "b.times_high"),
    }


def _maybe(covered: str) -> str:
    return f"(e.lo IS NOT NULL OR b.no_end OR NOT {covered})"


def _earliest(covered: str) -> str:
    """The earliest day on which it may have ended; the start where something may have escaped."""
    return f"(CASE WHEN {covered} AND NOT b.no_end THEN e.lo ELSE b.s END)"


def _late(episodes: Episodes, covered: str, *, restarts: bool) -> dict[str, _Column]:
    """The deadline, and the days by which it was missed: at most up to the claim where nothing has ended it."""
    dialect = episodes.dialect
    claim = dialect.literal(episodes.claim)
    lost = "(b.s IS NULL OR b.no_restart OR COALESCE(dl.unsure, FALSE) OR COALESCE(dh.unsure, FALSE))"
    low = f"CASE WHEN NOT {lost} THEN dl.reached END"
    bounded = f"dh.reached < {dialect.literal(LAST_DAY)}"  # beyond lies only what a pause without a known end reaches
    high = f"CASE WHEN NOT {lost} AND NOT b.no_shift AND {bounded} THEN dh.reached END"
    paused_high = f"CASE WHEN ({high}) IS NOT NULL THEN dh.paused END"
    first = f"CASE WHEN {_maybe(covered)} THEN {_earliest(covered)} ELSE {claim} END"
    last = f"CASE WHEN e.d IS NOT NULL THEN e.d ELSE greatest(b.s, {claim}) END"
    late_low = f"COALESCE(greatest(0, {dialect.days_between(f'({high})', f'({first})')}), 0)"
    late_high = f"CASE WHEN ({low}) IS NOT NULL THEN greatest(0, {dialect.days_between(f'({low})', f'({last})')}) END"
    same, counted = "b.s IS NOT NULL", "dl.counted_from" if restarts else "b.s"
    if restarts:
        same = f"(({high}) IS NOT NULL AND COALESCE(dl.counted_from = dh.counted_from, FALSE))"
    return {
        "deadline": _Column(low, high, f"({low}) IS NULL"),
        "late_days": _Column(late_low, late_high),
        "counted_from": _Column(f"CASE WHEN {same} THEN {counted} END", unknown=f"NOT ({same})"),
        "paused_days": _Column(f"CASE WHEN ({low}) IS NULL THEN 0 ELSE dl.paused END", paused_high),
    }
