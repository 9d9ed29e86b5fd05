"""The rows that ``events`` are made of: episodes, and what happens to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from jianheng.core.compiler.coverage import claim_of
from jianheng.core.compiler.dialect import Dialect
from jianheng.core.compiler.group import CHAIN_KEYS, doubt_table
from jianheng.core.compiler.render import Renderer
from jianheng.core.compiler.rows import ROW, JoinedRows, doubtful_source_sql, on_sql, source_sql, supplied, unknown_key
from jianheng.core.compiler.stretches import blank_test
from jianheng.core.compiler.trees import conditions_of, is_true, not_false
from jianheng.core.model import expression as ast
from jianheng.core.model.spec import Events, Facts, Happening
from jianheng.core.model.supervision_model import SupervisionModel, equalities


@dataclass(frozen=True, slots=True)
class Episodes:
    """Every row that may be a start: ``sql`` is its FROM, the other texts are SQL over it.

    ``start`` is NULL where the day or the row itself is unsure; ``standing`` is TRUE for a sure row; ``where`` leaves
    out what is no episode. ``claim``: the day up to which an end is known to be missing.
    """

    sql: str
    renderer: Renderer
    row: str
    keys: tuple[str, ...]
    start: str
    standing: str
    again: str
    where: str
    claim: date
    district: str

    @property
    def dialect(self) -> Dialect:
        return self.renderer.dialect

    def narrowed(self, tests: Sequence[str]) -> str:
        """``where`` with further tests."""
        if not tests:
            return self.where
        return f"{self.where} AND {' AND '.join(tests)}" if self.where else f" WHERE {' AND '.join(tests)}"

    def covered(self, model: SupervisionModel, events: Events) -> str:
        """TRUE where the tables of the ends cover every day from the start (``b.s``) to the end or the claim."""
        literal, tests = self.dialect.literal, []
        for table in _end_tables(model, events):
            windows = self.renderer.coverage.get(table, ())
            last = f"COALESCE(e.d, {literal(self.claim)})"
            inside = []
            for window in windows:
                test = f"b.s >= {literal(window.first)} AND {last} <= {literal(window.last)} AND b.s <= {last}"
                if window.districts is not None or window.without:
                    named = window.without if window.districts is None else window.districts
                    names = ", ".join(literal(name) for name in sorted(named))
                    among = "NOT IN" if window.districts is None else "IN"
                    test = f"{test} AND b.district {among} ({names})" if self.district else "FALSE"
                inside.append(f"({test})")
            tests.append(f"COALESCE({' OR '.join(inside) or 'FALSE'}, FALSE)")
        return f"({' AND '.join(tests)})" if tests else "TRUE"


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The rows of one happening beside their episodes: FROM, and the renderer that sees both.

    ``doubted`` is TRUE for a row that stands for one that may belong here; empty where there are none.
    """

    sql: str
    renderer: Renderer
    doubted: str = ""

    def truth(self, when: ast.Node) -> str:
        """SQL of whether a row counts: TRUE, FALSE or NULL."""
        truth = "TRUE" if is_true(when) else self.renderer.truth(when)
        return f"(CASE WHEN NOT {self.doubted} THEN {truth} END)" if self.doubted else truth

    def never(self, node: ast.Node) -> str:
        """TRUE where the day is blank and that means that it has not come; empty where it cannot be."""
        return blank_test(node, self.renderer)


def episodes_of(model: SupervisionModel, facts: Facts, rows: JoinedRows) -> Episodes:
    """The episodes of ``facts``."""
    events = facts.events
    assert events is not None
    renderer = rows.renderer
    start = renderer.expression(events.start)
    truth = conditions_of(facts.where, renderer)
    day = renderer.value(start).certain
    standing = "TRUE" if is_true(truth) else f"COALESCE({renderer.truth(truth)}, FALSE)"
    keys = [renderer.expression(text) for text in events.by.values()]
    tests = [f"{renderer.value(key).low} IS NOT NULL" for key in keys if renderer.nullable(key)]
    tests += [] if is_true(truth) else [not_false(truth, renderer)]
    never = blank_test(start, renderer)
    tests += [f"NOT COALESCE({never}, FALSE)"] if never else []
    source = model.alias(facts.from_)
    repeats = renderer.profile.tables[source.source].repeats
    tables = _end_tables(model, events)
    return Episodes(
        sql=rows.sql,
        renderer=renderer,
        row=renderer.column(source.name, ROW),
        keys=tuple(renderer.value(key).low for key in keys),
        start=day if is_true(truth) else f"(CASE WHEN {standing} THEN {day} END)",
        standing=standing,
        again=renderer.column(source.name, "_repeat") if repeats else "",
        where=f" WHERE {' AND '.join(tests)}" if tests else "",
        claim=claim_of(tables, renderer.coverage, renderer.as_of),
        district=_district(model, rows),
    )


def occurrences(model: SupervisionModel, part: Happening, episodes: Episodes) -> Occurrences | None:
    """The rows of ``part``, with one that nothing is known of for every doubted chain; None: not supplied."""
    renderer = episodes.renderer
    if part.table is None:
        return Occurrences(episodes.sql, renderer)
    alias = model.alias(part.table, part.as_)
    if not supplied(alias, renderer.profile):
        return None
    pairs = equalities(part.match or "", alias.name)
    doubts = renderer.profile.tables[alias.source].doubts and CHAIN_KEYS.issuperset(left.column for left, _ in pairs)
    outer = renderer.outer | {alias.name} if doubts else renderer.outer
    inner = replace(renderer, scope=renderer.scope.adding(alias), outer=outer)
    source = doubtful_source_sql(alias, inner, doubt_table(alias.source)) if doubts else source_sql(alias, inner)
    doubted = f"({inner.column(alias.name, ROW)} IS NULL)" if doubts else ""
    return Occurrences(f"{episodes.sql}\n  JOIN {source} ON {on_sql(pairs, inner)}", inner, doubted)


def unknown_matches(model: SupervisionModel, parts: Sequence[Happening], episodes: Episodes) -> list[str]:
    """SQL that is TRUE for an episode whose partners cannot be looked up because a key of its own is unknown."""
    tests = []
    for part in parts:
        if part.table and supplied(model.alias(part.table), episodes.renderer.profile):
            pairs = equalities(part.match or "", model.alias(part.table, part.as_).name)
            tests.append(unknown_key(pairs, episodes.renderer))
    return list(dict.fromkeys(test for test in tests if test))


def _end_tables(model: SupervisionModel, events: Events) -> list[str]:
    """The other tables an end is looked for in; cells of the row itself need no coverage."""
    return list(dict.fromkeys(model.alias(part.table).source for part in events.end if part.table))


def _district(model: SupervisionModel, rows: JoinedRows) -> str:
    for alias in rows.tables:
        column = model.lexicon.tables[alias.source].district
        if column:
            return rows.renderer.column(alias.name, column)
    return ""
