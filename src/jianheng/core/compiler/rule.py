"""A rule -> its plan (semantics, "Shape of the plan").

``possible`` keeps every joined combination that nothing rules out: no condition FALSE, no absent partner TRUE, no guard
TRUE. For those survivors alone the reasons are looked up; the combinations without a reason are the hits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from jianheng.core.compiler.bound_values import bind_values, values_to_bind
from jianheng.core.compiler.coverage import Coverage, claim_of, windows_at
from jianheng.core.compiler.evidence import Trail
from jianheng.core.compiler.group import doubt_table
from jianheng.core.compiler.plan import RulePlan, SecondPartners, ShownValue, Statement
from jianheng.core.compiler.render import Renderer
from jianheng.core.compiler.rows import ROW, JoinedRows, join_rows, null_keys, on_sql, source_sql, supplied
from jianheng.core.compiler.trees import is_true, not_false
from jianheng.core.model import expression as ast
from jianheng.core.model.expression import parse
from jianheng.core.model.scope import Alias, columns_of, type_of
from jianheng.core.model.sentence import Place, sentence_parts
from jianheng.core.model.spec import Absent, Guard, Present, Quantifier, Rule
from jianheng.core.model.supervision_model import SupervisionModel, equalities, join_alias

_STEPS = 1024  # more steps than any rule has
Pairs = Sequence[tuple[ast.Column, ast.Column]]


@dataclass(frozen=True, slots=True)
class RuleInputs:
    """What a rule is compiled for: coverage, and tables whose orphans pass the limit."""

    as_of: date
    coverage: Coverage
    orphaned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of the judgement: ``keeps`` must hold to stay possible; ``unsure`` is the test for its reason."""

    id: str
    title: str
    keeps: str
    unsure: str


def compile_rule(model: SupervisionModel, rule: Rule, renderer: Renderer, inputs: RuleInputs) -> RulePlan:
    """The plan of ``rule``; its facts must be compiled already and known to ``renderer``."""
    return _RuleCompiler(model, rule, renderer, inputs).plan()


def claim_tables(model: SupervisionModel, rule: Rule) -> list[str]:
    """The table ids whose coverage bounds what the rule may claim: of its absences, and of ends that did not come."""
    found = [model.alias(part.table).source for part in rule.absent if part.covering is not None]
    for name in model.facts_used(rule):
        events = model.spec.facts[name].events
        found += [model.alias(end.table).source for end in events.end if end.table] if events else []
    return list(dict.fromkeys(found))


class _RuleCompiler:
    def __init__(self, model: SupervisionModel, rule: Rule, renderer: Renderer, inputs: RuleInputs) -> None:
        self.model, self.rule, self.inputs = model, rule, inputs
        self.claim = claim_of(claim_tables(model, rule), inputs.coverage, inputs.as_of)
        self.facts_renderer = renderer
        renderer = replace(renderer, as_of=self.claim)
        joins = [join for join in rule.join if supplied(model.alias(join.table), renderer.profile)]
        self.profile = renderer.profile
        nodes = [renderer.scope.expand(parse(text)) for text in _texts(rule, model)]
        values = values_to_bind(nodes, model.row_scope(rule.model_copy(update={"join": joins})))
        self.rows: JoinedRows = join_rows(model, rule.from_, joins, renderer, self._doubts_of, flat=bool(values))
        if values:
            self.rows = bind_values(self.rows, values, [*nodes, *self._districts()])
        self.renderer = self.rows.renderer
        self.quote = renderer.dialect.quote
        self.keys: dict[str, str] = {}

    # -- the plan ----------------------------------------------------------------------------------------------------

    def plan(self) -> RulePlan:
        rule, name = self.rule, f"possible__{self.rule.id}"
        steps = self._steps()
        values = self._values()
        select = self._select(values)
        evidence_keys = self._evidence_keys()
        select += [f"{sql} AS {key}" for sql, key in evidence_keys.items()]
        where = [step.keeps for step in steps if step.keeps != "TRUE"] + self._identified()
        sql = self._reasoned(select, steps, f"{self.rows.sql}\nWHERE {' AND '.join(where or ['TRUE'])}")
        return RulePlan(
            rule=rule.id,
            population=self._population(),
            possible=Statement(name, sql, f"{rule.title}：未被排除的组合"),
            verdicts=self._verdicts(name),
            undecided=self._undecided(name),
            hits=self._hits(name),
            hits_alone=self._hits_alone(select),
            evidence=self._evidence(evidence_keys),
            funnel=self._funnel(steps),
            subject_names=tuple(_column_name(text) for text in rule.subject),
            rows=tuple((alias.name, alias.source) for alias in self.rows.tables),
            values=values,
            amount_rows=self._amount_rows(),
            second_partners=tuple(self._second_partners()),
        )

    def _reasoned(self, select: list[str], steps: list[_Step], source: str) -> str:
        """The possible combinations with ``step``, the first that is unsure (NULL for a hit), and its name."""
        unsure = [(index, step) for index, step in enumerate(steps) if step.unsure != "FALSE"]
        tests = " ".join(f"WHEN {step.unsure} THEN {index}" for index, step in unsure)
        names = " ".join(f"WHEN {index} THEN {self._literal(step.id)}" for index, step in unsure)
        number = f"CASE {tests} END" if unsure else "CAST(NULL AS INTEGER)"
        name = f"CASE q.step {names} END" if unsure else f"CAST(NULL AS {self.renderer.dialect.type('text')})"
        return f"SELECT q.*, {name} AS reason\nFROM (SELECT {', '.join(select)}, {number} AS step\nFROM {source}) AS q"

    def _identified(self) -> list[str]:
        return [f"{self._value(text)} IS NOT NULL" for text in self.rule.subject if self._nullable(text)]

    def _hits_alone(self, select: list[str]) -> Statement:
        """The hits with their rows in one statement, for whoever asks for no verdicts (drafts replayed, benchmarks)."""
        steps = self._steps(certain=True)
        where = [step.keeps for step in steps if step.keeps != "TRUE"]
        where += [f"NOT ({step.unsure})" for step in steps if step.unsure != "FALSE"]
        where += self._identified()
        found = f"SELECT {', '.join(select)}\nFROM {self.rows.sql}\nWHERE {' AND '.join(where or ['TRUE'])}"
        sql = f"SELECT ROW_NUMBER() OVER (ORDER BY {self._order()}) AS n, p.*\nFROM ({found}) AS p"
        return Statement(f"hits__{self.rule.id}", sql, f"{self.rule.title}：疑似问题")

    # -- steps -------------------------------------------------------------------------------------------------------

    def _steps(self, *, certain: bool = False) -> list[_Step]:
        """All steps in written order; ``certain``: only what is sure may pass (hits alone)."""
        steps = [_Step(one.reason, f"缺少关联（{one.reason}）", one.keeps, one.unsure) for one in self.rows.missing]
        for condition in self.rule.where:
            node = self.renderer.expression(condition.when)
            steps.append(self._plain(condition.id, condition.say or condition.id, node, certain))
        for part in self.rule.present:
            steps.append(self._present(part, certain))
        for absent in self.rule.absent:
            steps.extend(self._absent(absent, certain))
        for guard in self.rule.unless:
            steps.extend(self._guard(guard, certain))
        steps.append(self._law())
        if self.inputs.orphaned & self._leaning_tables():
            steps.append(_Step("orphans", "无法归属的记录过多", "TRUE", "TRUE"))
        return steps

    def _plain(self, name: str, title: str, node: ast.Node, certain: bool) -> _Step:
        truth = self.renderer.truth(node)
        if not self.renderer.nullable(node):
            return _Step(name, title, truth, "FALSE")
        if certain:
            return _Step(name, title, truth, "FALSE")
        return _Step(name, title, not_false(node, self.renderer), f"({truth}) IS NULL")

    def _present(self, part: Present, certain: bool) -> _Step:
        alias = self.model.alias(part.table, part.as_)
        title = part.say or part.id
        if not supplied(alias, self.renderer.profile):
            return _Step(part.id, title, "TRUE" if part.missing == "cannot_tell" else "FALSE", "TRUE")
        sure = self._exists(part, alias, "TRUE")
        if certain:
            return _Step(part.id, title, sure, "FALSE")
        if part.missing == "cannot_tell":
            return _Step(part.id, title, "TRUE", f"NOT {sure}")
        maybe = _either(self._exists(part, alias, "MAYBE"), self._no_key(part, alias))
        if maybe == "FALSE":
            return _Step(part.id, title, sure, "FALSE")
        return _Step(part.id, title, f"({sure} OR {maybe})", f"NOT {sure}")

    def _absent(self, part: Absent, certain: bool) -> list[_Step]:
        alias = self.model.alias(part.table, part.as_)
        title = part.say or part.id
        if not supplied(alias, self.renderer.profile):
            return [_Step(f"table_missing:{part.table}", title, "TRUE", "TRUE")]
        key_missing = self._no_key(part, alias)
        exists_test = f"NOT {self._exists(part, alias, 'POSSIBLE' if certain else 'TRUE')}"
        maybe = "FALSE" if certain else self._exists(part, alias, "MAYBE")
        steps = [_Step(part.id, title, exists_test, maybe)]
        if key_missing != "FALSE":
            steps.insert(0, _Step("key_missing", f"{title}：缺少关联字段", "TRUE", key_missing))
        if part.covering is not None:
            uncovered = self._outside_coverage(part.covering, alias.source)
            if uncovered != "FALSE":
                steps.append(_Step(f"outside_coverage:{part.table}", f"{alias.title}的数据覆盖", "TRUE", uncovered))
        return steps

    def _guard(self, guard: Guard, certain: bool) -> list[_Step]:
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
            return [_Step(name, title, f"NOT {self._exists(guard, alias, 'POSSIBLE')}", no_key)]
        unsure = _either(self._exists(guard, alias, "MAYBE"), no_key)
        return [_Step(name, title, f"NOT {self._exists(guard, alias, 'TRUE')}", unsure)]

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

    def _doubts_of(self, alias: Alias, pairs: Pairs) -> str:
        """The table of doubted chains, if partners of ``alias`` are matched by what it holds."""
        if alias.is_facts or not self.profile.tables[alias.source].doubts:
            return ""
        columns = {"chain", "chain_position", "chain_count", self._link_key(alias.source)}
        return doubt_table(alias.source) if {left.column for left, _ in pairs} <= columns else ""

    def _no_key(self, part: Quantifier | Guard, alias: Alias) -> str:
        return null_keys(equalities(part.on or "", alias.name), self.renderer)

    def _doubt(self, alias: Alias, pairs: Pairs) -> str:
        if not self._doubts_of(alias, pairs):
            return ""
        quote = self.quote
        matching = " AND ".join(
            f"dd.{quote(left.column)} = {self.renderer.column(right.alias, right.column)}" for left, right in pairs
        )
        return f"EXISTS (SELECT 1 FROM {quote(doubt_table(alias.source))} AS dd WHERE {matching})"

    def _link_key(self, table: str) -> str:
        link = self.model.lexicon.tables[table].link
        return link.key if link else ""

    def _outside_coverage(self, covering: str, table: str) -> str:
        """TRUE unless [covering date, claim] lies inside one window of the table, in the subject's district."""
        windows = windows_at(self.inputs.coverage.get(table, ()), self.claim)
        if not windows:
            return "TRUE"
        day = self._value(covering)
        claim = self._literal(self.claim)
        tests = []
        for window in windows:
            test = f"{day} >= {self._literal(window.first)} AND {day} <= {claim}"
            if window.districts is not None or window.without:
                district = self._district()
                named = window.without if window.districts is None else window.districts
                names = ", ".join(self._literal(name) for name in sorted(named))
                among = "NOT IN" if window.districts is None else "IN"
                test = f"({test} AND {district} {among} ({names}))" if district else "FALSE"
            tests.append(f"({test})")
        return f"NOT COALESCE({' OR '.join(tests)}, FALSE)"

    def _districts(self) -> list[ast.Node]:
        columns = [(alias.name, self.model.lexicon.tables[alias.source].district) for alias in self.rows.tables]
        return [ast.Column(0, name, column) for name, column in columns if column]

    def _district(self) -> str:
        """The subject's district: the declared column of the first table that has one."""
        for alias in self.rows.tables:
            column = self.model.lexicon.tables[alias.source].district
            if column:
                return self.renderer.column(alias.name, column)
        return ""

    def _law(self) -> _Step:
        """Before the first loaded version: cannot tell. After the last: the duty is gone, clean (semantics 21)."""
        node = self.renderer.expression(self.rule.judged_on)
        day = self.renderer.value(node).certain
        unknown = f"{day} IS NULL" if self.renderer.nullable(node) else ""
        if not self.rule.basis:
            return _Step("judged_on", "判断日期", "TRUE", unknown or "FALSE")
        first = min(basis.from_ for basis in self.rule.basis)
        early = f"{day} < {self._literal(first)}"
        spans = []
        for basis in self.rule.basis:
            last = f" AND {day} <= {self._literal(basis.to)}" if basis.to else ""
            spans.append(f"({day} >= {self._literal(basis.from_)}{last})")
        keeps = "TRUE"
        if not any(basis.from_ == first and basis.to is None for basis in self.rule.basis):
            keeps = f"({day} IS NULL OR {early} OR {' OR '.join(spans)})"
        unsure = f"COALESCE({early}, TRUE)" if unknown else early
        return _Step("law_not_loaded", "判断日期或当时有效的规定", keeps, unsure)

    def _leaning_tables(self) -> frozenset[str]:
        """Tables whose rows the rule leans on through a link: absences and the sources of its facts."""
        found = {self.model.alias(part.table).source for part in self.rule.absent}
        for name in self.model.facts_used(self.rule):
            found |= {self.model.spec.tables[table] for table in self.model.tables_used(self.model.spec.facts[name])}
        return frozenset(found)

    # -- columns -----------------------------------------------------------------------------------------------------

    def _select(self, values: tuple[ShownValue, ...]) -> list[str]:
        rule = self.rule
        parts = [f"{self._value(text)} AS s{index}" for index, text in enumerate(rule.subject)]
        parts += [f"{self._value(text)} AS e{index}" for index, text in enumerate(rule.episode)]
        parts += [f"{self.renderer.column(alias.name, ROW)} AS r_{alias.name}" for alias in self.rows.tables]
        for index, value in enumerate(values):
            parts.append(f"{value.low} AS v{index}")
            if value.high != value.low:
                parts.append(f"{value.high} AS w{index}")
        parts.append(f"{self._value(rule.against)} AS against")
        parts.append(f"{self.renderer.value(self.renderer.expression(rule.judged_on)).certain} AS judged_on")
        unknown = f"CAST(NULL AS {self.renderer.dialect.type('text')})"
        parts.append(f"{self._district() or unknown} AS district")
        if rule.amount:
            amount = self.renderer.value(self.renderer.expression(rule.amount))
            parts += [f"{amount.low} AS amount", f"{amount.high} AS amount_max"]
        return parts

    def _values(self) -> tuple[ShownValue, ...]:
        """What the sentence and the list of conditions show."""
        shown: dict[str, ShownValue] = {}
        for part in sentence_parts(self.rule.say, self.rule, self.model.spec):
            if isinstance(part, Place) and part.expression:
                self._show(shown, part.expression, self.renderer.expression(part.expression))
        for condition in self.rule.where:
            node = self.renderer.expression(condition.when)
            self._show(shown, condition.id, left_side(node), condition.say or condition.id)
        return tuple(shown.values())

    def _show(self, shown: dict[str, ShownValue], key: str, node: ast.Node, title: str = "") -> None:
        value = self.renderer.value(node)
        if not title and isinstance(node, ast.Column):
            title = self.renderer.scope.column(node).title
        shown[key] = ShownValue(key, title, type_of(node, self.renderer.scope), value.low, value.high)

    def _amount_rows(self) -> tuple[str, ...]:
        """Aliases whose rows the amount belongs to: it is added up over their different rows."""
        if not self.rule.amount:
            return ()
        named = {column.alias for column in columns_of(self.renderer.expression(self.rule.amount))}
        return tuple(alias.name for alias in self.rows.tables[1:] if alias.name in named)

    # -- statements --------------------------------------------------------------------------------------------------

    def _population(self) -> Statement:
        subject = [self._value_of_first(text) for text in self.rule.subject]
        start = self.model.alias(self.rule.from_)
        null_test = " OR ".join(f"{text} IS NULL" for text in subject)
        distinct = subject[0] if len(subject) == 1 else f"({', '.join(subject)})"
        sql = (
            "SELECT COUNT(*) AS row_count,"
            f" COUNT(DISTINCT CASE WHEN NOT ({null_test}) THEN {distinct} END) AS subjects,"
            f" COUNT(CASE WHEN {null_test} THEN 1 END) AS unidentified\nFROM {source_sql(start, self.renderer)}"
        )
        return Statement("", sql, f"{self.rule.title}：监督对象总数")

    def _value_of_first(self, text: str) -> str:
        """A value of the first table alone, whatever the rule joins to it."""
        bare = replace(self.renderer, flat=frozenset(), bound={})
        return bare.value(bare.expression(text)).low

    def _verdicts(self, possible: str) -> Statement:
        inner = f"SELECT CASE WHEN COUNT(*) > COUNT(reason) THEN NULL ELSE {self._deciding_reason()} END AS reason"
        inner += f" FROM {self.quote(possible)} GROUP BY {self._subject_columns()}"
        sql = f"SELECT reason, COUNT(*) AS subjects FROM ({inner}) AS v GROUP BY reason ORDER BY reason"
        return Statement("", sql, f"{self.rule.title}：结论与理由")

    def _undecided(self, possible: str) -> Statement:
        names = self._subject_columns()
        sql = f"SELECT {names}, {self._deciding_reason()} AS reason FROM {self.quote(possible)} GROUP BY {names}"
        return Statement(
            "", f"{sql} HAVING COUNT(*) = COUNT(reason) ORDER BY {names}", f"{self.rule.title}：数据不足的对象"
        )

    def _subject_columns(self) -> str:
        return ", ".join(f"s{index}" for index in range(len(self.rule.subject)))

    def _deciding_reason(self) -> str:
        """Of several rows the first, of its steps the first."""
        order = f"r_{self.rows.tables[0].name} * {_STEPS} + step"
        return self.renderer.dialect.least_key("reason", order, "reason IS NOT NULL")

    def _order(self) -> str:
        order = [f"s{index}" for index in range(len(self.rule.subject))]
        order += [f"e{index}" for index in range(len(self.rule.episode))]
        return ", ".join([*order, *(f"r_{alias.name}" for alias in self.rows.tables)])

    def _hits(self, possible: str) -> Statement:
        sql = f"SELECT ROW_NUMBER() OVER (ORDER BY {self._order()}) AS n, p.*\nFROM {self.quote(possible)} AS p"
        return Statement(f"hits__{self.rule.id}", f"{sql}\nWHERE p.reason IS NULL", f"{self.rule.title}：疑似问题")

    def _second_partners(self) -> Iterator[SecondPartners]:
        """For every join that expects one partner: the partners of a row beyond the first."""
        expecting = {join_alias(join) for join in self.rule.join if join.expect}
        for place, alias in enumerate(self.rows.tables):
            if alias.name not in expecting:
                continue
            left = [one.name for one in self.rows.tables[:place]]
            listing = [f"{self.renderer.column(name, ROW)} AS l{index}" for index, name in enumerate(left)]
            row = self.renderer.column(alias.name, ROW)
            names = ", ".join(f"l{index}" for index in range(len(left)))
            pairs = f"SELECT DISTINCT {', '.join(listing)}, {row} AS r FROM {self.rows.sql}\nWHERE {row} IS NOT NULL"
            sql = (
                f"SELECT {names}, r FROM (SELECT {names}, r, MIN(r) OVER (PARTITION BY {names}) AS first"
                f" FROM ({pairs}) AS p) AS q WHERE r > first ORDER BY {names}, r"
            )
            title = f"{self.rule.title}：多出的{alias.title}记录"
            yield SecondPartners(alias.name, alias.source, tuple(left), Statement("", sql, title))

    def _evidence_keys(self) -> dict[str, str]:
        """SQL of every value that partners and facts are matched on -> its column in ``possible``."""
        keys: dict[str, str] = {}
        for _, pairs in self.rows.facts:
            for _, right in pairs:
                keys.setdefault(self.renderer.column(right.alias, right.column), f"k{len(keys)}")
        for part in self.rule.partners:
            if part.table and part.on and supplied(self.model.alias(part.table), self.renderer.profile):
                for _, right in equalities(part.on, part.as_ or part.table):
                    keys.setdefault(self.renderer.column(right.alias, right.column), f"k{len(keys)}")
        return keys

    def _evidence(self, keys: Mapping[str, str]) -> Statement:
        """Rows of the hits: the joined ones, those behind facts, and every partner looked at by absent and unless."""
        hits = self.quote(f"hits__{self.rule.id}")
        branches = [
            f"SELECT h.n AS n, {self._literal(alias.source)} AS t, h.r_{alias.name} AS r FROM {hits} AS h"
            for alias in self.rows.tables
        ]
        for part in self.rule.partners:
            if not (part.table and part.on):
                continue
            alias = self.model.alias(part.table, part.as_)
            if alias.is_facts or not supplied(alias, self.renderer.profile):
                continue
            matching = self._matching("x", equalities(part.on, alias.name), keys)
            row = f"x.{self.quote(ROW)}"
            branches.append(
                f"SELECT h.n AS n, {self._literal(alias.source)} AS t, {row} AS r"
                f" FROM {hits} AS h JOIN {self.quote(alias.source)} AS x ON {matching}"
            )
        trail = Trail(self.model, self.facts_renderer)
        for alias, pairs in self.rows.facts:
            listing = ", ".join(f"{self._key(right, keys)} AS {self.quote(left.column)}" for left, right in pairs)
            trail.follow(alias.source, f"SELECT n, {listing} FROM {hits}", [left.column for left, _ in pairs])
        return Statement("", trail.sql(branches), f"{self.rule.title}：证据行")

    def _key(self, column: ast.Column, keys: Mapping[str, str]) -> str:
        return keys[self.renderer.column(column.alias, column.column)]

    def _matching(self, name: str, pairs: Pairs, keys: Mapping[str, str]) -> str:
        return " AND ".join(f"{name}.{self.quote(left.column)} = h.{self._key(right, keys)}" for left, right in pairs)

    def _funnel(self, steps: list[_Step]) -> Statement:
        """Step k: subjects with a combination that none of the first k steps rules out; sure: nor leaves unsure."""
        subject = ", ".join(f"{self._value(text)} AS s{index}" for index, text in enumerate(self.rule.subject))
        fails = " ".join(
            f"WHEN NOT COALESCE({step.keeps}, FALSE) THEN {index}"
            for index, step in enumerate(steps)
            if step.keeps != "TRUE"
        )
        doubts = " ".join(
            f"WHEN {step.unsure} THEN {index}" for index, step in enumerate(steps) if step.unsure != "FALSE"
        )
        first_false = f"CASE {fails} ELSE {len(steps)} END" if fails else str(len(steps))
        first_null = f"CASE {doubts} ELSE {len(steps)} END" if doubts else str(len(steps))
        narrow = f"SELECT {subject}, {first_false} AS first_false, {first_null} AS first_null\nFROM {self.rows.sql}"
        narrow += f"\nWHERE {' AND '.join(self._identified() or ['TRUE'])}"
        names = ", ".join(f"s{index}" for index in range(len(self.rule.subject)))
        per_subject = (
            f"SELECT MAX(first_false) AS reached, MAX(CASE WHEN first_null < first_false THEN first_null"
            f" ELSE first_false END) AS sure FROM ({narrow}) AS w GROUP BY {names}"
        )
        columns = ", ".join(
            f"COUNT(CASE WHEN reached > {index} THEN 1 END) AS reached_{index},"
            f" COUNT(CASE WHEN sure > {index} THEN 1 END) AS sure_{index}"
            for index in range(len(steps))
        )
        titles = "\n".join(f"{step.id}\t{step.title}" for step in steps)
        return Statement(titles, f"SELECT {columns} FROM ({per_subject}) AS f", f"{self.rule.title}：筛查过程")

    # -- small things ------------------------------------------------------------------------------------------------

    def _value(self, text: str) -> str:
        return self.renderer.value(self.renderer.expression(text)).low

    def _nullable(self, text: str) -> bool:
        return self.renderer.nullable(self.renderer.expression(text))

    def _literal(self, value: object) -> str:
        return self.renderer.dialect.literal(value)


def _either(*tests: str) -> str:
    kept = [test for test in tests if test != "FALSE"]
    return f"({' OR '.join(kept)})" if kept else "FALSE"


def _texts(rule: Rule, model: SupervisionModel) -> Iterator[str]:
    """Every expression of a rule."""
    yield from (*rule.subject, *rule.episode, rule.against, rule.judged_on)
    yield from (join.on for join in rule.join)
    yield from (condition.when for condition in rule.where)
    for part in rule.partners:
        yield part.when
        if part.on:
            yield part.on
    yield from (part.covering for part in rule.absent if part.covering)
    if rule.amount:
        yield rule.amount
    for place in sentence_parts(rule.say, rule, model.spec):
        if isinstance(place, Place) and place.expression:
            yield place.expression


def left_side(node: ast.Node) -> ast.Node:
    """What ``{condition}`` shows: the left side of a comparison, of the first one in an ``and``."""
    match node:
        case ast.Binary(operator="and" | "or", left=left):
            return left_side(left)
        case ast.Binary(left=left):
            return left
        case ast.Between(operand=operand) | ast.In(operand=operand) | ast.Not(operand=operand):
            return left_side(operand)
    return node


def _column_name(text: str) -> str:
    node = parse(text)
    return node.column if isinstance(node, ast.Column) else text
