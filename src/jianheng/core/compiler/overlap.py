"""``overlap`` of facts: our rows beside the merged stretches of another table with the same keys (semantics 19).

Where the data rule out that anything is unknown the stretches are joined as they are, and days are counted where they
are used. Otherwise the pairs are made first, with what is sure and what may be.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from jianheng.core.compiler.bounds import exactly
from jianheng.core.compiler.group import CHAIN_KEYS, doubt_table
from jianheng.core.compiler.render import Computed, FactsShape, Renderer
from jianheng.core.compiler.rows import ROW, JoinedRows, doubtful_source_sql, source_sql
from jianheng.core.compiler.stretches import Days, days_of, length
from jianheng.core.compiler.trees import is_true, not_false
from jianheng.core.model import expression as ast
from jianheng.core.model.scope import Alias
from jianheng.core.model.shapes import overlap_alias
from jianheng.core.model.spec import Facts, Overlap
from jianheng.core.model.supervision_model import SupervisionModel, equalities

_SHAPE = FactsShape(frozenset(), False, ("row",))
Pairs = Sequence[tuple[ast.Column, ast.Column]]


@dataclass(frozen=True, slots=True)
class Partner:
    """The other table of an overlap: how it is read, which rows count, and their days."""

    alias: Alias
    source: str
    renderer: Renderer
    pairs: Pairs
    when: ast.Node
    days: Days

    @property
    def certain(self) -> bool:
        """Whether every row is known to count or not, on known days."""
        return self.days.certain and not self.renderer.nullable(self.when)

    def rows_that_may_count(self) -> list[str]:
        """The tests of a row that nothing rules out."""
        tests = [] if is_true(self.when) else [not_false(self.when, self.renderer)]
        return [*tests, *self.days.there]

    def meets(self, stretch: tuple[str, str]) -> list[str]:
        """The tests of a row that may share a day with ``stretch``."""
        return [f"{self.days.possible[0]} <= {stretch[1]}", f"{self.days.possible[1]} >= {stretch[0]}"]


def reading(renderer: Renderer, facts: Facts, laid: Mapping[str, str]) -> Renderer:
    """``renderer`` reading our own rows from the table laid out for them, if there is one."""
    if facts.from_ not in laid:
        return renderer
    return replace(renderer, instead={**renderer.instead, facts.from_: laid[facts.from_]})


def overlapped(
    model: SupervisionModel,
    facts: Facts,
    rows: JoinedRows,
    laid: Mapping[str, str],
    needed: Collection[str] | None = None,
) -> JoinedRows:
    """``rows`` with the columns of every overlap; rows that surely share no day with the first are dropped.

    ``laid``: the tables of their stretches. Of the others only those in ``needed`` are joined, if that is given.
    """
    sql, renderer = rows.sql, rows.renderer
    for index, overlap in enumerate(facts.overlap):
        alias = overlap_alias(overlap, first=index == 0)
        joined, computed = _joined(model, facts, overlap, rows.renderer, laid, first=index == 0)
        if index == 0 or needed is None or overlap.id in needed:
            sql += joined
        renderer = replace(
            renderer,
            scope=renderer.scope.adding(alias),
            facts={**renderer.facts, alias.source: _SHAPE},
            computed={**renderer.computed, **{(alias.name, name): one for name, one in computed.items()}},
        )
    return replace(rows, sql=sql, renderer=renderer)


def stretch_of(overlap: Overlap, renderer: Renderer, *, first: bool) -> tuple[str, str]:
    """What the other table's rows behind a pair must meet: the merged stretch; for a further overlap our own days."""
    if first:
        name = renderer.dialect.quote(overlap.id)
        return f"{name}.cf", f"{name}.cl"
    return days_of(overlap.of, renderer, renderer.as_of).possible


def partner_of(model: SupervisionModel, overlap: Overlap, renderer: Renderer) -> Partner:
    """The other table, with a row of which nothing is known for every chain that an unlinked row may belong to."""
    alias = model.alias(overlap.table, overlap.as_)
    pairs = equalities(overlap.on, alias.name)
    doubts = renderer.profile.tables[alias.source].doubts and CHAIN_KEYS.issuperset(left.column for left, _ in pairs)
    scope = model.base_scope().adding(alias)
    own = replace(renderer, scope=scope, outer=frozenset({alias.name} if doubts else ()), unknown_keys={})
    source = doubtful_source_sql(alias, own, doubt_table(alias.source)) if doubts else source_sql(alias, own)
    days = days_of(overlap.with_, own, renderer.claim(alias.source))
    return Partner(alias, source, own, pairs, own.expression(overlap.when), days)


def _joined(
    model: SupervisionModel,
    facts: Facts,
    overlap: Overlap,
    renderer: Renderer,
    laid: Mapping[str, str],
    *,
    first: bool,
) -> tuple[str, dict[str, Computed]]:
    """What is added to the FROM, and the columns that are not to be found in it."""
    quote = renderer.dialect.quote
    if overlap.id not in laid:  # the table was not supplied
        return "", _nothing(renderer)
    start = model.alias(facts.from_)
    ours = days_of(overlap.of, renderer, renderer.claim(start.source))
    partner = partner_of(model, overlap, renderer)
    name, stretches = quote(overlap.id), quote(laid[overlap.id])
    if first and ours.certain and partner.certain:
        tests = [*_keys(partner.pairs, renderer, name), *_touching(ours, f"{name}.cf", f"{name}.cl"), *ours.there]
        return f"\n  JOIN {stretches} AS {name} ON {' AND '.join(tests)}", _counted_in_place(ours, name, renderer)
    pairs = _pairs(partner, stretches, ours, start, renderer)
    if not first:
        pairs = _totals(pairs)
    made = _judged(pairs, renderer, first=first)
    kind = "JOIN" if first else "LEFT JOIN"
    sql = f"\n  {kind} ({made}) AS {name} ON {name}.{quote('row')} = {renderer.column(start.name, ROW)}"
    if first:
        return sql, {}
    whole = f"(CASE WHEN {name}.{quote('row')} IS NULL THEN FALSE ELSE {name}.{quote('whole')} END)"
    unsure = not (ours.certain and partner.certain)
    return sql, {"whole": Computed(exactly(whole), unsure)}


def _keys(pairs: Pairs, renderer: Renderer, name: str) -> list[str]:
    return [f"{name}.k{index} = {renderer.column(right.alias, right.column)}" for index, (_, right) in enumerate(pairs)]


def _touching(days: Days, first: str, last: str) -> list[str]:
    return [f"{days.possible[0]} <= {last}", f"{days.possible[1]} >= {first}"]


def _counted_in_place(ours: Days, name: str, renderer: Renderer) -> dict[str, Computed]:
    first, last = f"greatest({ours.sure[0]}, {name}.cf)", f"least({ours.sure[1]}, {name}.cl)"
    whole = f"({ours.sure[0]} >= {name}.cf AND {ours.sure[1]} <= {name}.cl)"
    written = {
        "days": length(first, last, renderer),
        "whole": whole,
        "first_on": first,
        "last_on": last,
        "began_on": f"{name}.cf",
        "ended_on": f"{name}.cl",
    }
    return {column: Computed(exactly(sql)) for column, sql in written.items()}


def _nothing(renderer: Renderer) -> dict[str, Computed]:
    """No table, no day shared."""
    never = Computed(exactly(f"CAST(NULL AS {renderer.dialect.type('date')})"), nullable=True)
    return {"days": Computed(exactly("0")), "whole": Computed(exactly("FALSE")), "first_on": never, "last_on": never}


def _pairs(partner: Partner, stretches: str, ours: Days, start: Alias, renderer: Renderer) -> str:
    """For every row of ours and every stretch it may meet: sure and possible days, edges."""
    (first, last), (wide_first, wide_last) = ours.sure, ours.possible
    there = f"{first} <= {last}"  # what runs on beyond its claim may begin after it
    meets = f"{there} AND {first} <= p.sl AND {last} >= p.sf"
    began, ended = f"greatest({first}, p.sf)", f"least({last}, p.sl)"
    columns = [
        f"{renderer.column(start.name, ROW)} AS r",
        "p.cf AS cf",
        "p.cl AS cl",
        f"SUM(CASE WHEN {meets} THEN {length(began, ended, renderer)} ELSE 0 END) AS sd",
        f"MAX({length(f'greatest({wide_first}, p.cf)', f'least({wide_last}, p.cl)', renderer)}) AS pd",
        f"COALESCE(bool_or({there} AND {first} >= p.sf AND {last} <= p.sl), FALSE) AS sw",
        f"bool_or({_inside(first)} AND {_inside(last)}) AS pw",
        f"MIN(CASE WHEN {meets} THEN {began} END) AS sf",
        f"MAX(CASE WHEN {meets} THEN {ended} END) AS sl",
        f"MIN(greatest({wide_first}, p.cf)) AS pf",
        f"MAX(least({wide_last}, p.cl)) AS pl",
        "MIN(p.sf) AS bf",
        "MAX(p.sl) AS bl",
        "MAX(p.ce) AS ce",
    ]
    tests = [*_keys(partner.pairs, renderer, "p"), *_touching(ours, "p.cf", "p.cl"), *ours.there]
    source = f"{source_sql(start, renderer)} JOIN {stretches} AS p ON {' AND '.join(tests)}"
    return f"SELECT {', '.join(columns)} FROM {source} GROUP BY {renderer.column(start.name, ROW)}, p.cf, p.cl"


def _inside(day: str) -> str:
    return f"({day} IS NULL OR {day} BETWEEN p.cf AND p.cl)"


def _totals(pairs: str) -> str:
    """All stretches of a row together."""
    columns = "SUM(sd) AS sd, SUM(pd) AS pd, bool_or(sw) AS sw, bool_or(pw) AS pw"
    edges = "MIN(sf) AS sf, MAX(sl) AS sl, MIN(pf) AS pf, MAX(pl) AS pl"
    return f"SELECT r, {columns}, {edges} FROM ({pairs}) AS p GROUP BY r"


def _judged(pairs: str, renderer: Renderer, *, first: bool) -> str:
    """The columns that authors see, with bounds and unread bits."""
    quote = renderer.dialect.quote
    known = {"first_on": ("sf", "pf"), "last_on": ("sl", "pl")}
    known |= {"began_on": ("bf", "cf"), "ended_on": ("bl", "ce")} if first else {}
    columns = [
        f"r AS {quote('row')}",
        f"CAST(sd AS BIGINT) AS {quote('days')}",
        f"CAST(pd AS BIGINT) AS {quote('days__max')}",
        f"CASE WHEN sw THEN TRUE WHEN NOT pw THEN FALSE END AS {quote('whole')}",
        *(f"CASE WHEN {sure} = {wide} THEN {sure} END AS {quote(name)}" for name, (sure, wide) in known.items()),
        *(("cf", "cl") if first else ()),
    ]
    bits = [f"CASE WHEN {sure} = {wide} THEN 0 ELSE {1 << bit} END" for bit, (sure, wide) in enumerate(known.values())]
    return f"SELECT {', '.join(columns)}, CAST({' + '.join(bits)} AS BIGINT) AS {quote('_bad')} FROM ({pairs}) AS q"
