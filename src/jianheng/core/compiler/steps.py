"""The steps of a judgement in written order: what a row must keep to stay possible, and what leaves it unsure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from jianheng.core.compiler.coverage import Coverage, windows_at
from jianheng.core.compiler.group import doubt_table
from jianheng.core.compiler.profile import Profile
from jianheng.core.compiler.render import Renderer
from jianheng.core.compiler.rows import JoinedRows, null_keys, on_sql, source_sql, supplied
from jianheng.core.compiler.trees import is_true, not_false
from jianheng.core.model import expression as ast
from jianheng.core.model.scope import Alias, columns_of
from jianheng.core.model.spec import Absent, Condition, Guard, Present, Quantifier, Rule
from jianheng.core.model.supervision_model import SupervisionModel, equalities

Pairs = Sequence[tuple[ast.Column, ast.Column]]


@dataclass(frozen=True, slots=True)
class RuleInputs:
    """What a rule is compiled for: coverage, tables whose orphans pass the limit, whether its steps are counted, and
    whether every row is to be followed through them.
    """

    as_of: date
    coverage: Coverage
    orphaned: frozenset[str] = frozenset()
    funnel: bool = False
    trace: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the judgement: ``keeps`` must hold to stay possible; ``unsure`` is the test for its reason."""

    id: str
    title: str
    keeps: str
    unsure: str


class Steps:
    """The steps of ``rule`` over its joined ``rows``; ``claim`` is the last day it may speak of."""

    def __init__(self, model: SupervisionModel, rule: Rule, rows: JoinedRows, inputs: RuleInputs, claim: date) -> None:
        self.model, self.rule, self.rows, self.inputs, self.claim = model, rule, rows, inputs, claim
        self.renderer: Renderer = rows.renderer
        self.profile = rows.renderer.profile

    def all(self, *, certain: bool = False, within: Collection[str] | None = None) -> list[Step]:
        """All steps in written order; ``certain``: only what is sure may pass (hits alone).

        ``within``: only those that name no other aliases.
        """
        rule = self.rule
        steps = [Step(one.reason, f"缺少关联（{one.reason}）", one.keeps, one.unsure) for one in self.rows.missing]
        for condition in rule.where:
            if _named_within(step_aliases(self.model, condition, self.renderer), within):
                steps.append(self._condition(condition, certain))
        others: list[Absent | Present | Guard] = [*rule.present, *rule.absent, *rule.unless]
        for part in others:
            if _named_within(step_aliases(self.model, part, self.renderer), within):
                steps.extend(self._partner(part, certain, covered=within is None))
        if within is None:
            steps.append(self._law())
            if self.inputs.orphaned & self._leaning_tables():
                steps.append(Step("orphans", "无法归属的记录过多", "TRUE", "TRUE"))
        return steps

    def _condition(self, condition: Condition, certain: bool) -> Step:
        node = self.renderer.expression(condition.when)
        return self._plain(condition.id, condition.say or condition.id, node, certain)

    def _partner(self, part: Absent | Present | Guard, certain: bool, *, covered: bool) -> list[Step]:
        if isinstance(part, Present):
            return [self._present(part, certain)]
        if isinstance(part, Guard):
            return self._guard(part, certain)
        return [*self._absent(part, certain), *(self._covered(part) if covered else ())]

    def _plain(self, name: str, title: str, node: ast.Node, certain: bool) -> Step:
        truth = self.renderer.truth(node)
        if not self.renderer.nullable(node):
            return Step(name, title, truth, "FALSE")
        if certain:
            return Step(name, title, truth, "FALSE")
        return Step(name, title, not_false(node, self.renderer), f"({truth}) IS NULL")

    def _present(self, part: Present, certain: bool) -> Step:
        alias = self.model.alias(part.table, part.as_)
        title = part.say or part.id
        if not supplied(alias, self.renderer.profile):
            return Step(part.id, title, "TRUE" if part.missing == "cannot_tell" else "FALSE", "TRUE")
        sure = self._exists(part, alias, "TRUE")
        if certain:
            return Step(part.id, title, sure, "FALSE")
        if part.missing == "cannot_tell":
            return Step(part.id, title, "TRUE", f"NOT {sure}")
        maybe = either(self._exists(part, alias, "MAYBE"), self._no_key(part, alias))
        if maybe == "FALSE":
            return Step(part.id, title, sure, "FALSE")
        return Step(part.id, title, f"({sure} OR {maybe})", f"NOT {sure}")

    def _absent(self, part: Absent, certain: bool) -> list[Step]:
        alias = self.model.alias(part.table, part.as_)
        title = part.say or part.id
        if not supplied(alias, self.renderer.profile):
            return [Step(f"table_missing:{part.table}", title, "TRUE", "TRUE")]
        key_missing = self._no_key(part, alias)
        exists_test = f"NOT {self._exists(part, alias, 'POSSIBLE' if certain else 'TRUE')}"
        maybe = "FALSE" if certain else self._exists(part, alias, "MAYBE")
        steps = [Step(part.id, title, exists_test, maybe)]
        if key_missing != "FALSE":
            steps.insert(0, Step("key_missing", f"{title}：缺少关联字段", "TRUE", key_missing))
        return steps

    def _covered(self, part: Absent) -> list[Step]:
        """Nobody is ruled out by coverage, but what is not covered cannot be told."""
        alias = self.model.alias(part.table, part.as_)
        if part.covering is None or not supplied(alias, self.renderer.profile):
            return []
        uncovered = self._outside_coverage(part.covering, alias.source)
        if uncovered == "FALSE":
            return []
        return [Step(f"outside_coverage:{part.table}", f"{alias.title}的数据覆盖", "TRUE", uncovered)]

    def _guard(self, guard: Guard, certain: bool) -> list[Step]:
        title = guard.say or guard.id
        name = f"guard:{guard.id}"
        if guard.table is None:
            node = ast.Not(0, self.renderer.expression(guard.when))
            return [self._plain(name, title, node, certain)]
        alias = self.model.alias(guard.table, guard.as_)
        if not supplied(alias, self.renderer.profile):
            return []
        no_key = self._no_key(guard, alias)
        if certain:
            return [Step(name, title, f"NOT {self._exists(guard, alias, 'POSSIBLE')}", no_key)]
        unsure = either(self._exists(guard, alias, "MAYBE"), no_key)
        return [Step(name, title, f"NOT {self._exists(guard, alias, 'TRUE')}", unsure)]

    def _exists(self, part: Quantifier | Guard, alias: Alias, mode: str) -> str:
        """EXISTS of a partner that meets ``when``: surely (TRUE), only perhaps (MAYBE), or either (POSSIBLE).

        Unlinked rows that may belong to the subject's chain can only be perhaps.
        """
        assert part.on is not None
        inner = replace(self.renderer, scope=self.renderer.scope.adding(alias))
        pairs = equalities(part.on, alias.name)
        node = inner.expression(part.when)
        truth = inner.truth(node)
        head = f"SELECT 1 FROM {source_sql(alias, inner)} WHERE {on_sql(pairs, inner)}"
        if mode == "TRUE":
            tail = "" if is_true(node) else f" AND {truth}"
            return f"EXISTS ({head}{tail})"
        parts = []
        if mode == "POSSIBLE":
            tail = "" if is_true(node) else f" AND {not_false(node, inner)}"
            parts.append(f"EXISTS ({head}{tail})")
        elif inner.nullable(node):
            parts.append(f"EXISTS ({head} AND ({truth}) IS NULL)")
        doubt = self._doubt(alias, pairs)
        if doubt:
            parts.append(doubt)
        if not parts:
            return "FALSE"
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"

    def _no_key(self, part: Quantifier | Guard, alias: Alias) -> str:
        return null_keys(equalities(part.on or "", alias.name), self.renderer)

    def _doubt(self, alias: Alias, pairs: Pairs) -> str:
        if not doubts_of(self.model, self.profile, alias, pairs):
            return ""
        quote = self.renderer.dialect.quote
        matching = " AND ".join(
            f"dd.{quote(left.column)} = {self.renderer.column(right.alias, right.column)}" for left, right in pairs
        )
        return f"EXISTS (SELECT 1 FROM {quote(doubt_table(alias.source))} AS dd WHERE {matching})"

    def _outside_coverage(self, covering: str, table: str) -> str:
        """TRUE unless [covering date, claim] lies inside one window of the table, in the subject's district."""
        windows = windows_at(self.inputs.coverage.get(table, ()), self.claim)
        if not windows:
            return "TRUE"
        day = self.renderer.value(self.renderer.expression(covering)).low
        claim = self.renderer.dialect.literal(self.claim)
        tests = []
        for window in windows:
            test = f"{day} >= {self.renderer.dialect.literal(window.first)} AND {day} <= {claim}"
            if window.districts is not None or window.without:
                district = self.district()
                named = window.without if window.districts is None else window.districts
                names = ", ".join(self.renderer.dialect.literal(name) for name in sorted(named))
                among = "NOT IN" if window.districts is None else "IN"
                test = f"({test} AND {district} {among} ({names}))" if district else "FALSE"
            tests.append(f"({test})")
        return f"NOT COALESCE({' OR '.join(tests)}, FALSE)"

    def district(self) -> str:
        """The subject's district: the declared column of the first table that has one."""
        for alias in self.rows.tables:
            column = self.model.lexicon.tables[alias.source].district
            if column:
                return self.renderer.column(alias.name, column)
        return ""

    def _law(self) -> Step:
        """Before the first loaded version: cannot tell. After the last: the duty is gone, clean (semantics 21)."""
        node = self.renderer.expression(self.rule.judged_on)
        day = self.renderer.value(node).certain
        unknown = f"{day} IS NULL" if self.renderer.nullable(node) else ""
        if not self.rule.basis:
            return Step("judged_on", "判断日期", "TRUE", unknown or "FALSE")
        first = min(basis.from_ for basis in self.rule.basis)
        early = f"{day} < {self.renderer.dialect.literal(first)}"
        spans = []
        for basis in self.rule.basis:
            last = f" AND {day} <= {self.renderer.dialect.literal(basis.to)}" if basis.to else ""
            spans.append(f"({day} >= {self.renderer.dialect.literal(basis.from_)}{last})")
        keeps = "TRUE"
        if not any(basis.from_ == first and basis.to is None for basis in self.rule.basis):
            keeps = f"({day} IS NULL OR {early} OR {' OR '.join(spans)})"
        unsure = f"COALESCE({early}, TRUE)" if unknown else early
        return Step("law_not_loaded", "判断日期或当时有效的规定", keeps, unsure)

    def _leaning_tables(self) -> frozenset[str]:
        """Tables whose rows the rule leans on through a link: absences and the sources of its facts."""
        found = {self.model.alias(part.table).source for part in self.rule.absent}
        for name in self.model.facts_used(self.rule):
            found |= {self.model.spec.tables[table] for table in self.model.tables_used(self.model.spec.facts[name])}
        return frozenset(found)


def doubts_of(model: SupervisionModel, profile: Profile, alias: Alias, pairs: Pairs) -> str:
    """The table of doubted chains, if partners of ``alias`` are matched by what it holds; else empty."""
    if alias.is_facts or not profile.tables[alias.source].doubts:
        return ""
    link = model.lexicon.tables[alias.source].link
    columns = {"chain", "chain_position", "chain_count", link.key if link else ""}
    return doubt_table(alias.source) if {left.column for left, _ in pairs} <= columns else ""


def step_aliases(model: SupervisionModel, part: Condition | Absent | Present | Guard, renderer: Renderer) -> set[str]:
    """The row aliases that a condition, absence, presence or guard names; its own partner is none of them.

    The first day that an absence must cover is not counted: it rules nobody out.
    """
    columns = columns_of(renderer.expression(part.when))
    names = {column.alias for column in columns}
    if not isinstance(part, Condition) and part.table:
        own = model.alias(part.table, part.as_).name
        names = (names - {own}) | {right.alias for _, right in equalities(part.on or "", own)}
    return names


def _named_within(names: set[str], within: Collection[str] | None) -> bool:
    return within is None or names <= set(within)


def either(*tests: str) -> str:
    """``a OR b`` without what is FALSE."""
    kept = [test for test in tests if test != "FALSE"]
    return f"({' OR '.join(kept)})" if kept else "FALSE"


def identified(rule: Rule, renderer: Renderer) -> list[str]:
    """The tests by which a row's subject is known."""
    nodes = [renderer.expression(text) for text in rule.subject]
    return [f"{renderer.value(node).low} IS NOT NULL" for node in nodes if renderer.nullable(node)]


def value_of_first(text: str, renderer: Renderer) -> str:
    """A value of the first table alone, whatever the rule joins to it."""
    bare = replace(renderer, flat=frozenset(), bound={}, instead={})
    return bare.value(bare.expression(text)).low
