"""Where hits come from: the rows behind the facts they rest on, found from the hits and not for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from jianheng.core.compiler.overlap import overlapped, partner_of, stretch_of
from jianheng.core.compiler.render import Renderer
from jianheng.core.compiler.rows import ROW, JoinedRows, join_rows, joins_for, on_sql, source_sql, supplied
from jianheng.core.compiler.trees import both_of, conditions_of, is_true, not_false
from jianheng.core.model import expression as ast
from jianheng.core.model.scope import Alias, columns_of
from jianheng.core.model.spec import Candidate, Facts, Happening, Overlap
from jianheng.core.model.supervision_model import SupervisionModel, aggregate_of, equalities

Keys = Mapping[str, ast.Node]


@dataclass(slots=True)
class Trail:
    """Gathers ``branches``, SELECTs of ``n`` (hit), ``t`` (table id), ``r`` (row), over the queries in ``shared``.

    ``renderer``: the one the facts were compiled with.
    """

    model: SupervisionModel
    renderer: Renderer
    shared: dict[str, str] = field(default_factory=dict)
    branches: list[str] = field(default_factory=list)

    def follow(self, name: str, leaning: str, by: Sequence[str]) -> None:
        """Add the rows behind the facts ``name``; ``leaning`` is a query of ``n`` and the keys ``by`` it rests on.

        They are the rows that count or may count in a group, the rows and possible partners of a pick, and whatever is
        behind the facts joined to them.
        """
        facts = self.model.spec.facts[name]
        sources = facts.sources
        if not all(supplied(self.model.alias(source), self.renderer.profile) for source in sources):
            return
        rows = overlapped(self.model, facts, join_rows(self.model, facts.from_, facts.join, self.renderer))
        keys = {key: rows.renderer.expression(text) for key, text in facts.form.by.items() if key in by}
        self._rows(facts, rows, leaning, keys)
        for index, overlap in enumerate(facts.overlap):
            if supplied(self.model.alias(overlap.table), self.renderer.profile):
                self._stretches(overlap, facts, leaning, keys, first=index == 0)
        for part in facts.events.parts if facts.events else ():
            if part.table and supplied(self.model.alias(part.table), self.renderer.profile):
                self._partners(part, facts, rows, leaning, keys)
        for candidate in facts.pick.candidates if facts.pick else ():
            if candidate.table and supplied(self.model.alias(candidate.table), self.renderer.profile):
                self._partners(candidate, facts, rows, leaning, keys)

    def _rows(self, facts: Facts, rows: JoinedRows, leaning: str, keys: Keys) -> None:
        """The joined rows once, then each table's own rows and the facts behind them."""
        renderer, quote = rows.renderer, rows.renderer.dialect.quote
        trees = list(_conditions(facts, renderer))
        tests = list(dict.fromkeys(not_false(tree, renderer) for tree in trees))
        sought = {right.alias for _, pairs in rows.facts for _, right in pairs} | _aliases(trees)
        columns = ["e.n AS n"]
        columns += [f"{renderer.column(table.name, ROW)} AS r_{table.name}" for table in rows.tables]
        inner: list[tuple[str, list[str], str]] = []
        for index, (alias, pairs) in enumerate(rows.facts):
            names = [left.column for left, _ in pairs]
            columns += [
                f"{renderer.column(right.alias, right.column)} AS k{index}_{number}"
                for number, (_, right) in enumerate(pairs)
            ]
            listing = ", ".join(f"k{index}_{number} AS {quote(key)}" for number, key in enumerate(names))
            inner.append((alias.source, names, listing))
        source, matching = self._leaning_rows(facts, leaning, keys, sought)
        matching += [f"({' OR '.join(tests)})"] if tests else []
        query = f"SELECT {', '.join(columns)}\nFROM {source}{_where(matching)}"
        if query not in self.shared:
            self.shared[query] = f"rows{len(self.shared)}"
        shared = self.shared[query]
        for table in rows.tables:
            self.branches.append(
                f"SELECT n, {renderer.dialect.literal(table.source)} AS t, r_{table.name} AS r FROM {shared}"
            )
        for name, names, listing in inner:
            self.follow(name, f"SELECT DISTINCT n, {listing} FROM {shared}", names)

    def _partners(
        self, candidate: Candidate | Happening, facts: Facts, rows: JoinedRows, leaning: str, keys: Keys
    ) -> None:
        """The rows of another table that a pick may take its date from, or that may have happened to an episode."""
        partner = self.model.alias(candidate.table or "", candidate.as_)
        renderer = replace(rows.renderer, scope=rows.renderer.scope.adding(partner))
        pairs = tuple(equalities(candidate.match or "", partner.name))
        tree = renderer.expression(candidate.when)
        sought = {right.alias for _, right in pairs} | _aliases([tree])
        sql, matching = self._leaning_rows(facts, leaning, keys, sought)
        sql += f"\n  JOIN {source_sql(partner, renderer)} ON {on_sql(pairs, renderer)}"
        if not is_true(tree):
            matching.append(not_false(tree, renderer))
        self._branch(partner, f"{sql}{_where(matching)}", renderer)

    def _stretches(self, overlap: Overlap, facts: Facts, leaning: str, keys: Keys, *, first: bool) -> None:
        """The rows of another table that our rows were laid beside: those that may share a day."""
        partner = partner_of(self.model, overlap, self.renderer)
        sql, matching = self._leaning_rows(facts, leaning, keys, {right.alias for _, right in partner.pairs})
        rows = overlapped(self.model, facts, join_rows(self.model, facts.from_, facts.join, self.renderer))
        sql += f"\n  JOIN {source_sql(partner.alias, self.renderer)} ON {on_sql(partner.pairs, rows.renderer)}"
        matching += [*partner.rows_that_may_count(), *partner.meets(stretch_of(overlap, rows.renderer, first=first))]
        self._branch(partner.alias, f"{sql}{_where(matching)}", partner.renderer)

    def _branch(self, alias: Alias, source: str, renderer: Renderer) -> None:
        table, row = renderer.dialect.literal(alias.source), renderer.column(alias.name, ROW)
        self.branches.append(f"SELECT e.n AS n, {table} AS t, {row} AS r\nFROM {source}")

    def _leaning_rows(self, facts: Facts, leaning: str, keys: Keys, sought: set[str]) -> tuple[str, list[str]]:
        """FROM of the joined rows of ``e`` alone, and what else must hold.

        ``e`` comes as early as its keys allow, so that little is joined.
        """
        model, quote = self.model, self.renderer.dialect.quote
        joins = joins_for(sought | _aliases(keys.values()), facts.join, model, self.renderer)
        start = model.alias(facts.from_)
        renderer = overlapped(model, facts, join_rows(model, facts.from_, joins, self.renderer)).renderer
        matching = {key: f"{renderer.value(node).low} = e.{quote(key)}" for key, node in keys.items()}
        early = [test for key, test in matching.items() if _aliases([keys[key]]) <= {start.name}]
        if not facts.overlap and len(early) < len(keys):
            early = []
        extra = f"\n  JOIN ({leaning}) AS e ON {' AND '.join(early or matching.values()) or 'TRUE'}"
        rows = join_rows(model, facts.from_, joins, self.renderer, narrowed=extra if early else "")
        sql = overlapped(model, facts, rows).sql
        if not early:
            return sql + extra, []
        return sql, [test for test in matching.values() if test not in early]

    def sql(self, others: Iterable[str]) -> str:
        """Everything, and ``others`` like it, each row of a hit once."""
        shared = ",\n".join(f"{name} AS ({query})" for query, name in self.shared.items())
        union = "\nUNION ALL\n".join(dict.fromkeys([*others, *self.branches]))
        head = f"WITH {shared}\n" if shared else ""
        return f"{head}SELECT DISTINCT n, t, r FROM (\n{union}\n) AS e WHERE r IS NOT NULL ORDER BY n, t, r"


def _where(tests: Sequence[str]) -> str:
    return f"\nWHERE {' AND '.join(tests)}" if tests else ""


def _aliases(nodes: Iterable[ast.Node]) -> set[str]:
    return {column.alias for node in nodes for column in columns_of(node)}


def _conditions(facts: Facts, renderer: Renderer) -> Iterator[ast.Node]:
    """A row may count if one of these is not FALSE; none: it always may."""
    tree = conditions_of(facts.where, renderer)
    found: list[ast.Node] = []
    for aggregate in facts.group.columns.values() if facts.group else ():
        own = both_of(tree, renderer.expression(aggregate.when))
        kind, text = aggregate_of(aggregate)
        found.append(both_of(own, renderer.expression(text)) if kind == "count" else own)
    if not any(is_true(one) for one in found or [tree]):
        yield from found or [tree]
