"""A model and what is known of the data -> everything to run, in order. Pure: text in, text out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from jianheng.core.compiler.coverage import Coverage
from jianheng.core.compiler.dialect import DIALECTS
from jianheng.core.compiler.facts import compile_facts
from jianheng.core.compiler.narrowing import Narrowing, narrowing_of
from jianheng.core.compiler.plan import RulePlan, Statement
from jianheng.core.compiler.profile import Profile
from jianheng.core.compiler.render import Renderer
from jianheng.core.compiler.rows import supplied
from jianheng.core.compiler.rule import compile_rule
from jianheng.core.compiler.steps import RuleInputs
from jianheng.core.compiler.wanted import wanted_columns
from jianheng.core.foundation.identity import hash_text
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel


@dataclass(frozen=True, slots=True)
class BlockedRule:
    """A rule that needs a table nobody supplied: all are cannot tell (``no_subjects``: nor can they be counted)."""

    rule: str
    missing: tuple[str, ...]
    no_subjects: bool
    population: Statement | None


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """Statements that make the facts, then the rules."""

    model: str
    facts: tuple[Statement, ...]
    rules: tuple[RulePlan, ...]
    blocked: tuple[BlockedRule, ...]

    @property
    def digest(self) -> str:
        """The name of this very plan."""
        parts = [statement.sql for statement in self.facts]
        return hash_text("\n;\n".join([*parts, *(rule.digest for rule in self.rules)]))


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a model is compiled for. ``orphaned``: tables with more orphans than a rule allows, by rule id.

    ``funnel``: the steps are to be counted too; ``trace``: every row is to be followed through them. Then everything
    must be known of everybody.
    """

    as_of: date
    params: Mapping[str, object]
    coverage: Coverage
    profile: Profile
    orphaned: Mapping[str, frozenset[str]]
    dialect: str = "duckdb"
    funnel: bool = False
    trace: bool = False


def compile_model(model: SupervisionModel, inputs: Inputs, rules: Collection[str] | None = None) -> ModelPlan:
    """The plan of ``rules`` (all if None)."""
    renderer = Renderer(
        model.base_scope(),
        DIALECTS[inputs.dialect],
        inputs.profile,
        inputs.as_of,
        _parameters(model, inputs.params),
        coverage=inputs.coverage,
    )
    chosen = [rule for rule in model.spec.rules if rules is None or rule.id in rules]
    blocked = [_blocked(model, rule, renderer) for rule in chosen]
    runnable = [rule for rule, stop in zip(chosen, blocked, strict=True) if stop is None]
    wanted = wanted_columns(model, runnable)
    narrowings = {} if inputs.funnel or inputs.trace else _narrowings(model, runnable, renderer)
    private = {name for narrowing in narrowings.values() for name in narrowing.private}
    facts: dict[str, Statement] = {}
    for name in model.spec.facts:
        if name not in wanted or name in private:
            continue
        made, shape = compile_facts(name, model, renderer, wanted[name])
        facts |= {statement.name: statement for statement in made if statement.name not in facts}
        renderer = replace(renderer, facts={**renderer.facts, name: shape})
    plans = []
    for rule in runnable:
        orphaned = inputs.orphaned.get(rule.id, frozenset())
        given = RuleInputs(inputs.as_of, inputs.coverage, orphaned, inputs.funnel, inputs.trace)
        plans.append(compile_rule(model, rule, renderer, given, wanted, narrowings.get(rule.id)))
    return ModelPlan(model.id, tuple(facts.values()), tuple(plans), tuple(stop for stop in blocked if stop))


def _narrowings(model: SupervisionModel, rules: Sequence[Rule], renderer: Renderer) -> dict[str, Narrowing]:
    """Rule id -> how it is narrowed: facts that several rules look at are made whole, once for all."""
    users = Counter(name for rule in rules for name in model.facts_used(rule))
    shared = {name for name, count in users.items() if count > 1}
    found = {rule.id: narrowing_of(model, rule, shared, renderer) for rule in rules}
    return {rule: narrowing for rule, narrowing in found.items() if narrowing}


def _parameters(model: SupervisionModel, given: Mapping[str, object]) -> dict[str, object]:
    return {name: given.get(name, parameter.default) for name, parameter in model.spec.params.items()}


def missing_tables(model: SupervisionModel, rule: Rule, profile: Profile) -> tuple[str, ...]:
    """Table aliases the rule cannot do without and that were not supplied (semantics 16)."""
    wanted = [rule.from_, *(join.table for join in rule.join), *(part.table for part in rule.absent)]
    wanted += [part.table for part in rule.present]
    for name in model.facts_used(rule):
        facts = model.spec.facts[name]
        if not facts.optional:
            wanted += facts.sources
    missing = [name for name in wanted if name in model.spec.tables and not supplied(model.alias(name), profile)]
    return tuple(dict.fromkeys(missing))


def _blocked(model: SupervisionModel, rule: Rule, renderer: Renderer) -> BlockedRule | None:
    missing = missing_tables(model, rule, renderer.profile)
    if not missing:
        return None
    start = model.alias(rule.from_)
    if not supplied(start, renderer.profile):
        return BlockedRule(rule.id, missing, True, None)
    bare = rule.model_copy(
        update={"join": [], "where": [], "absent": [], "present": [], "unless": [], "amount": None, "say": ""}
    )
    own = replace(renderer, scope=renderer.scope.adding(start))
    subject = [own.value(own.expression(text)).low for text in bare.subject]
    null_test = " OR ".join(f"{text} IS NULL" for text in subject)
    distinct = subject[0] if len(subject) == 1 else f"({', '.join(subject)})"
    quote = renderer.dialect.quote
    sql = (
        f"SELECT COUNT(*) AS row_count, COUNT(DISTINCT CASE WHEN NOT ({null_test}) THEN {distinct} END) AS subjects,"
        f" COUNT(CASE WHEN {null_test} THEN 1 END) AS unidentified\nFROM {quote(start.source)} AS {quote(start.name)}"
    )
    return BlockedRule(rule.id, missing, False, Statement("", sql, f"{rule.title}：监督对象总数"))
