"""A rule -> its plan (semantics, "Shape of the plan").

``possible`` keeps every joined combination that nothing rules out: no condition FALSE, no absent partner TRUE, no guard
TRUE. For those survivors alone the reasons are looked up; the combinations without a reason are the hits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jianheng.core.compiler.bound_values import bind_values, values_to_bind
from jianheng.core.compiler.bounds import Value
from jianheng.core.compiler.coverage import claim_of
from jianheng.core.compiler.evidence import Trail
from jianheng.core.compiler.facts import compile_facts
from jianheng.core.compiler.funnel import Funnel
from jianheng.core.compiler.narrowing import Narrowing, key_domains
from jianheng.core.compiler.near import Domain, NearRows, held_aliases, near_columns
from jianheng.core.compiler.plan import RulePlan, SecondPartners, ShownValue, Statement, Trace
from jianheng.core.compiler.render import FLAT, Renderer
from jianheng.core.compiler.rows import ROW, Given, JoinedRows, join_rows, joins_for, supplied
from jianheng.core.compiler.steps import RuleInputs, Step, Steps, doubts_of, identified, value_of_first
from jianheng.core.compiler.trees import aliases_of
from jianheng.core.model import expression as ast
from jianheng.core.model.expression import parse
from jianheng.core.model.scope import Alias, columns_of, type_of
from jianheng.core.model.sentence import Place, sentence_parts
from jianheng.core.model.spec import Join, Rule
from jianheng.core.model.supervision_model import SupervisionModel, equalities, join_alias
from jianheng.core.model.uses import uses_of_rule

_STEPS = 1024  # more steps than any rule has
Pairs = Sequence[tuple[ast.Column, ast.Column]]


def compile_rule(
    model: SupervisionModel,
    rule: Rule,
    renderer: Renderer,
    inputs: RuleInputs,
    wanted: Mapping[str, Collection[str]],
    narrowing: Narrowing | None = None,
) -> RulePlan:
    """The plan of ``rule``; its facts must be compiled already and known to ``renderer``, save those of ``narrowing``.

    ``wanted``: the columns of facts that are looked at.
    """
    return _RuleCompiler(model, rule, renderer, inputs, wanted, narrowing).plan()


def claim_tables(model: SupervisionModel, rule: Rule) -> list[str]:
    """The table ids whose coverage bounds what the rule may claim: of its absences, and of ends that did not come."""
    found = [model.alias(part.table).source for part in rule.absent if part.covering is not None]
    for name in model.facts_used(rule):
        events = model.spec.facts[name].events
        found += [model.alias(end.table).source for end in events.end if end.table] if events else []
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _First:
    """What was judged before the rest: the rows it was judged on, and what the rows that are left keep."""

    rows: JoinedRows
    tests: tuple[str, ...]


class _RuleCompiler:
    def __init__(
        self,
        model: SupervisionModel,
        rule: Rule,
        renderer: Renderer,
        inputs: RuleInputs,
        wanted: Mapping[str, Collection[str]],
        narrowing: Narrowing | None,
    ) -> None:
        self.model, self.rule, self.inputs = model, rule, inputs
        self.claim = claim_of(claim_tables(model, rule), inputs.coverage, inputs.as_of)
        self.facts_renderer = renderer
        self.quote = renderer.dialect.quote
        self.near = NearRows(
            f"near__{rule.id}__", near_columns(model, model.facts_used(rule), renderer.profile), self.quote
        )
        self.before: list[Statement] = []
        self.first: _First | None = None
        self.funnel: Funnel | None = None
        joins = [join for join in rule.join if supplied(model.alias(join.table), renderer.profile)]
        whole = rule.model_copy(update={"join": joins})
        nodes = [renderer.scope.expand(parse(use.text)) for use in uses_of_rule(model, whole)]
        nodes += _districts(model, whole)
        values = values_to_bind(nodes, model.row_scope(whole))
        given: Given | None = None
        bound: Mapping[ast.Node, Value] = {}
        instead: Mapping[str, str] = {}
        if inputs.funnel:
            instead = self._count(joins, nodes, values)
        elif narrowing:
            given, bound = self._narrow(narrowing, joins, nodes, values, wanted)
            values = [node for node in values if node not in bound]
        renderer = replace(self.facts_renderer, as_of=self.claim, bound=bound, instead=instead)
        self.rows = self._joined(joins, renderer, flat=bool(values), given=given)
        if values:
            self.rows = bind_values(self.rows, values, nodes)
        self.steps = Steps(model, rule, self.rows, inputs, self.claim)
        self.renderer = self.rows.renderer

    def _joined(self, joins: list[Join], renderer: Renderer, *, flat: bool, given: Given | None = None) -> JoinedRows:
        def doubts(alias: Alias, pairs: Pairs) -> str:
            return doubts_of(self.model, renderer.profile, alias, pairs)

        return join_rows(self.model, self.rule.from_, joins, renderer, doubts, flat=flat, given=given)

    def _narrow(
        self,
        narrowing: Narrowing,
        joins: list[Join],
        nodes: list[ast.Node],
        values: list[ast.Node],
        wanted: Mapping[str, Collection[str]],
    ) -> tuple[Given, Mapping[ast.Node, Value]]:
        """Write down, to be run before the rule, the rows that no early step rules out and the facts for them."""
        model, rule = self.model, self.rule
        early = frozenset((rule.from_, *(join_alias(join) for join in joins))) - narrowing.late
        first = [join for join in joins if join_alias(join) in early]
        rows = self._joined(first, replace(self.facts_renderer, as_of=self.claim), flat=True)
        rows = bind_values(rows, [node for node in values if aliases_of([node]) <= early], nodes)
        steps = Steps(model, rule, rows, self.inputs, self.claim).all(within=early)
        self.first = _First(rows, tuple(step.keeps for step in steps if step.keeps != "TRUE"))
        tests = [*self.first.tests, *identified(rule, rows.renderer)]
        remaining = f"remaining__{rule.id}"
        sql = f"SELECT {self.quote(FLAT)}.* FROM {rows.sql}\nWHERE {' AND '.join(tests or ['TRUE'])}"
        self.before.append(Statement(remaining, sql, f"{rule.title}：前面的条件没有排除的组合"))
        domains = key_domains(model, rule, narrowing, remaining, self.facts_renderer)
        for name in narrowing.private:
            held = held_aliases(model, model.spec.facts[name], domains[name], self.facts_renderer.profile)
            renderer = replace(self.facts_renderer, instead=self.near.instead(held))
            made, shape = compile_facts(name, model, renderer, wanted[name], prefix=f"{rule.id}__")
            copied = {statement.name for statement in self.before}
            self.before += [
                Statement(copy, query, f"{rule.title}：有关的记录")
                for copy, query in self.near.made.items()
                if copy not in copied
            ]
            self.before += [statement for statement in made if statement.name not in copied]
            self.facts_renderer = replace(self.facts_renderer, facts={**self.facts_renderer.facts, name: shape})
        return Given(remaining, early), rows.renderer.bound

    def _count(self, joins: list[Join], nodes: list[ast.Node], values: list[ast.Node]) -> Mapping[str, str]:
        """Write down, to be run before the rule, the counting of its steps; what stands in for the first table then."""
        model, rule = self.model, self.rule
        rows = self._joined(joins, replace(self.facts_renderer, as_of=self.claim), flat=True)
        rows = bind_values(rows, values, nodes)
        steps = Steps(model, rule, rows, self.inputs, self.claim).all()
        alone = not joins_for((), joins, model, rows.renderer)
        self.funnel = Funnel(rule, rows, steps, len(rows.missing) + len(rule.where), alone=alone)
        start = model.alias(rule.from_)
        named = {column.column for node in nodes for column in columns_of(node) if column.alias == start.name}
        columns = [*(name for name in start.columns if name in named), "_bad", ROW]
        listing = ", ".join(f"t.{self.quote(column)}" for column in columns)
        sql = (
            f"SELECT {listing} FROM {self.quote(start.source)} AS t WHERE t.{self.quote(ROW)} IN ({self.funnel.left()})"
        )
        left = Statement(f"left__{rule.id}", sql, f"{rule.title}：没有被排除的记录")
        self.before += [*self.funnel.statements(), left]
        return {start.name: left.name}

    # -- the plan ----------------------------------------------------------------------------------------------------

    def plan(self) -> RulePlan:
        rule, name = self.rule, f"possible__{self.rule.id}"
        steps = self.steps.all()
        values = self._values()
        select = self._select(values)
        evidence_keys = self._evidence_keys()
        select += [f"{sql} AS {key}" for sql, key in evidence_keys.items()]
        where = self._keeping(steps)
        sql = self._reasoned(select, steps, f"{self.rows.sql}\nWHERE {' AND '.join(where or ['TRUE'])}")
        return RulePlan(
            rule=rule.id,
            before=tuple(self.before),
            population=self._population(),
            possible=Statement(name, sql, f"{rule.title}：未被排除的组合"),
            verdicts=self._verdicts(name),
            undecided=self._undecided(name),
            hits=self._hits(name),
            hits_alone=self._hits_alone(select),
            evidence=self._evidence(evidence_keys),
            funnel=self.funnel.counted() if self.funnel else None,
            funnel_of_rows=self.funnel.counted(of_rows=True) if self.funnel else None,
            subject_names=tuple(_column_name(text) for text in rule.subject),
            rows=tuple((alias.name, alias.source) for alias in self.rows.tables),
            values=values,
            amount_rows=self._amount_rows(),
            second_partners=tuple(self._second_partners()),
            trace=self._trace(steps, values) if self.inputs.trace else None,
        )

    def _reasoned(self, select: list[str], steps: list[Step], source: str) -> str:
        """The possible combinations with ``step``, the first that is unsure (NULL for a hit), and its name."""
        unsure = [(index, step) for index, step in enumerate(steps) if step.unsure != "FALSE"]
        tests = " ".join(f"WHEN {step.unsure} THEN {index}" for index, step in unsure)
        names = " ".join(f"WHEN {index} THEN {self._literal(step.id)}" for index, step in unsure)
        number = f"CASE {tests} END" if unsure else "CAST(NULL AS INTEGER)"
        name = f"CASE q.step {names} END" if unsure else f"CAST(NULL AS {self.renderer.dialect.type('text')})"
        return f"SELECT q.*, {name} AS reason\nFROM (SELECT {', '.join(select)}, {number} AS step\nFROM {source}) AS q"

    def _keeping(self, steps: list[Step]) -> list[str]:
        """What a row must keep, less what is known of the rows joined before."""
        proven = self.first.tests if self.first else ()
        tests = [step.keeps for step in steps if step.keeps not in ("TRUE", *proven)]
        return [*tests, *(() if self.first else identified(self.rule, self.renderer))]

    def _hits_alone(self, select: list[str]) -> Statement:
        """The hits with their rows in one statement, for whoever asks for no verdicts (drafts replayed, benchmarks)."""
        steps = self.steps.all(certain=True)
        where = self._keeping(steps) + [f"NOT ({step.unsure})" for step in steps if step.unsure != "FALSE"]
        found = f"SELECT {', '.join(select)}\nFROM {self.rows.sql}\nWHERE {' AND '.join(where or ['TRUE'])}"
        sql = f"SELECT ROW_NUMBER() OVER (ORDER BY {self._order()}) AS n, p.*\nFROM ({found}) AS p"
        return Statement(f"hits__{self.rule.id}", sql, f"{self.rule.title}：疑似问题")

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
        parts.append(f"{self.steps.district() or unknown} AS district")
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
        subject = [value_of_first(text, self.renderer) for text in self.rule.subject]
        start = self.model.alias(self.rule.from_)
        null_test = " OR ".join(f"{text} IS NULL" for text in subject)
        distinct = subject[0] if len(subject) == 1 else f"({', '.join(subject)})"
        sql = (
            "SELECT COUNT(*) AS row_count,"
            f" COUNT(DISTINCT CASE WHEN NOT ({null_test}) THEN {distinct} END) AS subjects,"
            f" COUNT(CASE WHEN {null_test} THEN 1 END) AS unidentified"
            f"\nFROM {self.quote(start.source)} AS {self.quote(start.name)}"
        )
        return Statement("", sql, f"{self.rule.title}：监督对象总数")

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
        rows = self.rows  # of everybody, not only of those that are left
        if self.first:
            rows = self.first.rows
        elif self.funnel:
            rows = self.funnel.rows
        for place, alias in enumerate(rows.tables):
            if alias.name not in expecting:
                continue
            left = [one.name for one in rows.tables[:place]]
            listing = [f"{rows.renderer.column(name, ROW)} AS l{index}" for index, name in enumerate(left)]
            row = rows.renderer.column(alias.name, ROW)
            names = ", ".join(f"l{index}" for index in range(len(left)))
            pairs = f"SELECT DISTINCT {', '.join(listing)}, {row} AS r FROM {rows.sql}\nWHERE {row} IS NOT NULL"
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
        near = NearRows("near", self.near.columns, self.quote, dict(self.near.known))
        trail = Trail(self.model, self.facts_renderer, near)
        for alias, pairs in self.rows.facts:
            wanted = {left.column: self._key(right, keys) for left, right in pairs}
            domains = {
                left.column: Domain(f"{right.alias}.{right.column}", f"SELECT {wanted[left.column]} FROM {hits}")
                for left, right in pairs
            }
            trail.lean(alias.source, hits, wanted, domains, distinct=False)
        return Statement("", trail.sql(branches), f"{self.rule.title}：证据行")

    def _key(self, column: ast.Column, keys: Mapping[str, str]) -> str:
        return keys[self.renderer.column(column.alias, column.column)]

    def _matching(self, name: str, pairs: Pairs, keys: Mapping[str, str]) -> str:
        return " AND ".join(f"{name}.{self.quote(left.column)} = h.{self._key(right, keys)}" for left, right in pairs)

    def _trace(self, steps: list[Step], values: tuple[ShownValue, ...]) -> Trace:
        """Every row of everybody through all steps, also those behind the first that rules it out."""
        select = [f"{self._value(text)} AS s{index}" for index, text in enumerate(self.rule.subject)]
        select.append(f"{self.renderer.column(self.rule.from_, ROW)} AS r")
        select += [f"{value.low} AS v{index}" for index, value in enumerate(values)]
        for index, step in enumerate(steps):
            fails = "" if step.keeps == "TRUE" else f"WHEN NOT COALESCE({step.keeps}, FALSE) THEN 'F' "
            doubts = "" if step.unsure == "FALSE" else f"WHEN {step.unsure} THEN '?' "
            select.append(f"CASE {fails}{doubts}ELSE 'T' END AS c{index}" if fails or doubts else f"'T' AS c{index}")
        where = " AND ".join(identified(self.rule, self.renderer) or ["TRUE"])
        sql = f"SELECT {', '.join(select)}\nFROM {self.rows.sql}\nWHERE {where}"
        statement = Statement(f"trace__{self.rule.id}", sql, f"{self.rule.title}：逐个条件")
        return Trace(statement, tuple((step.id, step.title) for step in steps))

    # -- small things ------------------------------------------------------------------------------------------------

    def _value(self, text: str) -> str:
        return self.renderer.value(self.renderer.expression(text)).low

    def _literal(self, value: object) -> str:
        return self.renderer.dialect.literal(value)


def _districts(model: SupervisionModel, rule: Rule) -> list[ast.Node]:
    """The district columns of the joined tables."""
    aliases = [model.alias(rule.from_), *(model.alias(join.table, join.as_) for join in rule.join)]
    tables = [alias for alias in aliases if not alias.is_facts]
    columns = [(alias.name, model.lexicon.tables[alias.source].district) for alias in tables]
    return [ast.Column(0, name, column) for name, column in columns if column]


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
