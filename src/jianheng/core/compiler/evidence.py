"""Where hits come from: the rows behind the facts they rest on, found from the hits and not for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from jianheng.core.compiler.near import Domain, Held, NearRows, held_aliases
from jianheng.core.compiler.overlap import overlapped, partner_of, reading, stretch_of
from jianheng.core.compiler.render import Renderer
from jianheng.core.compiler.rows import ROW, JoinedRows, join_rows, joins_for, on_sql, source_sql, supplied
from jianheng.core.compiler.trees import ALWAYS, aliases_of, both_of, conditions_of, is_true, not_false
from jianheng.core.model import expression as ast
from jianheng.core.model.scope import Alias
from jianheng.core.model.spec import Candidate, Facts, Happening, Overlap
from jianheng.core.model.supervision_model import SupervisionModel, aggregate_of, equalities

Keys = Mapping[str, ast.Node]


@dataclass(slots=True)
class Trail:
    """Gathers ``branches``, SELECTs of ``n`` (hit), ``t`` (table id), ``r`` (row), over ``shared``, queries by name.

    ``renderer``: the one the facts were compiled with. ``near``: copies of the rows that matter. ``leanings``: for
    facts and the keys they are looked up by, the queries of ``n`` and keys that lean on them; they are answered
    together, so that a table is read once.
    """

    model: SupervisionModel
    renderer: Renderer
    near: NearRows
    shared: dict[str, str] = field(default_factory=dict)
    branches: list[str] = field(default_factory=list)
    leanings: dict[tuple[str, tuple[tuple[str, Domain | None], ...]], list[str]] = field(default_factory=dict)

    def lean(
        self,
        name: str,
        source: str,
        keys: Mapping[str, str],
        domains: Mapping[str, Domain],
        *,
        distinct: bool = True,
    ) -> None:
        """Say that the rows of ``source`` (each with its ``n``) lean on the facts ``name``.

        ``keys``: key -> its column in ``source``. ``domains``: what is known of where the values of a key lie.
        ``distinct``: ``source`` may have several rows of one ``n``.
        """
        by = tuple((key, domains.get(key)) for key in sorted(keys))
        listing = ", ".join(f"{keys[key]} AS {self.renderer.dialect.quote(key)}" for key, _ in by)
        self.leanings.setdefault((name, by), []).append(
            f"SELECT {'DISTINCT ' if distinct else ''}n, {listing} FROM {source}"
        )

    def _follow_all(self) -> None:
        """From the facts that lean on others down to those that lean on tables alone: facts name earlier ones only."""
        for name in reversed(self.model.spec.facts):
            for (leaned, by), queries in list(self.leanings.items()):
                if leaned == name:
                    self._follow(name, "\n  UNION ".join(dict.fromkeys(queries)), dict(by))

    def _follow(self, name: str, leaning: str, by: Mapping[str, Domain | None]) -> None:
        """Add the rows behind the facts ``name``; ``leaning`` is a query of ``n`` and the keys ``by`` it rests on.

        They are the rows that count or may count in a group, the rows and possible partners of a pick, and whatever is
        behind the facts joined to them.
        """
        facts = self.model.spec.facts[name]
        sources = facts.sources
        if not all(supplied(self.model.alias(source), self.renderer.profile) for source in sources):
            return
        domains = {key: domain for key, domain in by.items() if domain}
        if not domains and facts.pick:  # its table is read again for every candidate
            leaning, domains = self._own_domain(leaning, next(iter(by)))
        held = held_aliases(self.model, facts, domains, self.renderer.profile)
        laid = self.renderer.facts[name].laid
        copied = {alias: one for alias, one in held.items() if alias not in laid}
        renderer = reading(replace(self.renderer, instead=self.near.instead(copied)), facts, laid)
        self.shared |= self.near.made
        rows = overlapped(self.model, facts, join_rows(self.model, facts.from_, facts.join, renderer), laid)
        keys = {key: rows.renderer.expression(text) for key, text in facts.form.by.items() if key in by}
        self._rows(facts, rows, leaning, keys, held, laid)
        for index, overlap in enumerate(facts.overlap):
            if overlap.id in laid:
                self._stretches(overlap, facts, rows, leaning, keys, laid, first=index == 0)
        for part in facts.events.parts if facts.events else ():
            if part.table and supplied(self.model.alias(part.table), self.renderer.profile):
                self._partners(part, facts, rows, leaning, keys)
        for candidate in facts.pick.candidates if facts.pick else ():
            if candidate.table and supplied(self.model.alias(candidate.table), self.renderer.profile):
                self._partners(candidate, facts, rows, leaning, keys)

    def _own_domain(self, leaning: str, key: str) -> tuple[str, dict[str, Domain]]:
        """The leaning as a query of its own, and the domain that its values of ``key`` make."""
        name = self._share("lean", leaning)
        quoted = self.renderer.dialect.quote(key)
        return f"SELECT * FROM {name}", {key: Domain(f"{name}.{key}", f"SELECT {quoted} FROM {name}")}

    def _share(self, kind: str, query: str) -> str:
        """The name of a query that is written once."""
        name = next((name for name, known in self.shared.items() if known == query), f"{kind}{len(self.shared)}")
        self.shared[name] = query
        return name

    def _rows(
        self,
        facts: Facts,
        rows: JoinedRows,
        leaning: str,
        keys: Keys,
        held: Mapping[str, Held],
        laid: Mapping[str, str],
    ) -> None:
        """The joined rows once, then each table's own rows and the facts behind them, those it starts from included."""
        renderer = rows.renderer
        trees = list(_conditions(facts, renderer))
        tests = list(dict.fromkeys(not_false(tree, renderer) for tree in trees))
        sought = {right.alias for _, pairs in rows.facts for _, right in pairs} | aliases_of(trees)
        columns = ["e.n AS n"]
        columns += [f"{renderer.column(table.name, ROW)} AS r_{table.name}" for table in rows.tables]
        inner: list[tuple[str, dict[str, str], dict[str, Domain]]] = []
        for index, (alias, pairs) in enumerate(rows.facts):
            columns += [
                f"{renderer.column(right.alias, right.column)} AS k{index}_{number}"
                for number, (_, right) in enumerate(pairs)
            ]
            wanted = {left.column: f"k{index}_{number}" for number, (left, _) in enumerate(pairs)}
            known = {held[alias.name].column: held[alias.name].domain} if alias.name in held else {}
            inner.append((alias.source, wanted, known))
        start = self.model.alias(facts.from_)
        if start.is_facts:
            wanted = {key: f"f{number}" for number, key in enumerate(self.renderer.facts[start.source].keys)}
            columns += [f"{renderer.column(start.name, key)} AS {name}" for key, name in wanted.items()]
            known = {held[start.name].column: held[start.name].domain} if start.name in held else {}
            inner.append((start.source, wanted, known))
        source, matching = self._leaning_rows(facts, leaning, keys, sought, renderer.instead, laid)
        matching += [f"({' OR '.join(tests)})"] if tests else []
        shared = self._share("rows", f"SELECT {', '.join(columns)}\nFROM {source}{_where(matching)}")
        for table in rows.tables:
            self.branches.append(
                f"SELECT n, {renderer.dialect.literal(table.source)} AS t, r_{table.name} AS r FROM {shared}"
            )
        for name, wanted, known in inner:
            self.lean(name, shared, wanted, known)

    def _partners(
        self, candidate: Candidate | Happening, facts: Facts, rows: JoinedRows, leaning: str, keys: Keys
    ) -> None:
        """The rows of another table that a pick may take its date from, or that may have happened to an episode."""
        partner = self.model.alias(candidate.table or "", candidate.as_)
        renderer = replace(rows.renderer, scope=rows.renderer.scope.adding(partner))
        pairs = tuple(equalities(candidate.match or "", partner.name))
        tree = renderer.expression(candidate.when)
        sought = {right.alias for _, right in pairs} | aliases_of([tree])
        sql, matching = self._leaning_rows(facts, leaning, keys, sought, renderer.instead, {})
        sql += f"\n  JOIN {source_sql(partner, renderer)} ON {on_sql(pairs, renderer)}"
        if not is_true(tree):
            matching.append(not_false(tree, renderer))
        self._branch(partner, f"{sql}{_where(matching)}", renderer)

    def _stretches(
        self,
        overlap: Overlap,
        facts: Facts,
        rows: JoinedRows,
        leaning: str,
        keys: Keys,
        laid: Mapping[str, str],
        *,
        first: bool,
    ) -> None:
        """The rows of another table that our rows were laid beside: those that may share a day."""
        renderer = rows.renderer
        partner = partner_of(self.model, overlap, replace(self.renderer, instead=renderer.instead))
        sought = {right.alias for _, right in partner.pairs}
        sql, matching = self._leaning_rows(facts, leaning, keys, sought, renderer.instead, laid)
        sql += f"\n  JOIN {source_sql(partner.alias, renderer)} ON {on_sql(partner.pairs, renderer)}"
        matching += [*partner.rows_that_may_count(), *partner.meets(stretch_of(overlap, renderer, first=first))]
        self._branch(partner.alias, f"{sql}{_where(matching)}", partner.renderer)

    def _branch(self, alias: Alias, source: str, renderer: Renderer) -> None:
        table, row = renderer.dialect.literal(alias.source), renderer.column(alias.name, ROW)
        self.branches.append(f"SELECT e.n AS n, {table} AS t, {row} AS r\nFROM {source}")

    def _leaning_rows(
        self,
        facts: Facts,
        leaning: str,
        keys: Keys,
        sought: set[str],
        instead: Mapping[str, str],
        laid: Mapping[str, str],
    ) -> tuple[str, list[str]]:
        """FROM of the joined rows of ``e`` alone, and what else must hold.

        ``e`` comes as early as its keys allow, so that little is joined.
        """
        model, quote = self.model, self.renderer.dialect.quote
        base = replace(self.renderer, instead=instead)
        needed = sought | aliases_of(keys.values())
        joins = joins_for(needed, facts.join, model, base)
        start = model.alias(facts.from_)
        renderer = overlapped(model, facts, join_rows(model, facts.from_, joins, base), laid).renderer
        matching = {key: f"{renderer.value(node).low} = e.{quote(key)}" for key, node in keys.items()}
        early = [test for key, test in matching.items() if aliases_of([keys[key]]) <= {start.name}]
        if not facts.overlap and len(early) < len(keys):
            early = []
        extra = f"\n  JOIN ({leaning}) AS e ON {' AND '.join(early or matching.values()) or 'TRUE'}"
        rows = join_rows(model, facts.from_, joins, base, narrowed=extra if early else "")
        sql = overlapped(model, facts, rows, laid, needed).sql
        if not early:
            return sql + extra, []
        return sql, [test for test in matching.values() if test not in early]

    def sql(self, others: Iterable[str]) -> str:
        """Everything, and ``others`` like it, each row of a hit once."""
        self._follow_all()
        shared = ",\n".join(f"{name} AS ({query})" for name, query in self.shared.items())
        union = "\nUNION ALL\n".join(dict.fromkeys([*others, *self.branches]))
        head = f"WITH {shared}\n" if shared else ""
        return f"{head}SELECT DISTINCT n, t, r FROM (\n{union}\n) AS e WHERE r IS NOT NULL ORDER BY n, t, r"


def _where(tests: Sequence[str]) -> str:
    return f"\nWHERE {' AND '.join(tests)}" if tests else ""


def _conditions(facts: Facts, renderer: Renderer) -> Iterator[ast.Node]:
    """A row may count if one of these is not FALSE; none: it always may."""
    tree = conditions_of(facts.where, renderer)
    found: list[ast.Node] = []
    for aggregate in facts.group.columns.values() if facts.group else ():
        kind, text = aggregate_of(aggregate)
        own = renderer.expression(aggregate.when)
        found.append(both_of(own, renderer.expression(text)) if kind == "count" else own)
    if not found or any(is_true(one) for one in found):  # whatever the others ask, the row counts
        found = [ALWAYS]
    if not is_true(both_of(tree, found[0])):
        yield from (both_of(tree, one) for one in found)
