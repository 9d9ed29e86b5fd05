"""Rules in a form that does not depend on how their author named and ordered things, so that two can be compared.

Table aliases become tables, defined names what they stand for, parameters their kind (a threshold may differ), facts
a hash of what they are made of; sides that may be swapped stand in one order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from jianheng.core.foundation.identity import hash_value, short_id
from jianheng.core.model import expression as ast
from jianheng.core.model.expression import ExpressionError, Node, parse, to_text
from jianheng.core.model.scope import Scope
from jianheng.core.model.spec import Facts, Guard, Quantifier, Rule
from jianheng.core.model.supervision_model import SupervisionModel, conjuncts
from jianheng.core.model.wording import Wording

_EITHER_WAY = frozenset(("=", "<>", "and", "or", "+", "*"))
_TURNED = {">": "<", ">=": "<="}
_WORDS_ONLY = frozenset(("title", "say", "id", "as_"))


@dataclass(frozen=True, slots=True)
class RuleForm:
    """``conditions``: canonical form -> the condition in Chinese; guards are not among them."""

    id: str
    title: str
    table: str
    conditions: dict[str, str]


def rule_form(model: SupervisionModel, rule: Rule) -> RuleForm:
    """The canonical form of one rule."""
    form, scope = _Form(model), model.row_scope(rule)
    conditions: dict[str, str] = {}
    for condition in rule.where:
        for node in conjuncts(scope.expand(parse(condition.when))):
            conditions[form.node(node, scope)] = Wording(model, scope, rule.from_).of(to_text(node))
    for kind, word, parts in (("absent", "须没有", rule.absent), ("present", "须有", rule.present)):
        for part in parts:
            inner = scope.adding(model.alias(part.table, part.as_))
            only = "" if part.when.strip() == "true" else f"，{Wording(model, inner, rule.from_).of(part.when)}"
            title = model.alias(part.table).title
            conditions[f"{kind} {form.partner(part, inner)}"] = f"{word}：{title}{only}"
    return RuleForm(rule.id, rule.title, model.alias(rule.from_).source, conditions)


def rule_hash(model: SupervisionModel, rule: Rule) -> str:
    """Names all that a rule judges by, guards and the facts it rests on included, and nothing that is only wording."""
    scope = model.row_scope(rule).adding(*(model.alias(one.table, one.as_) for one in rule.partners if one.table))
    return hash_value(_Form(model).structure(rule.model_dump(exclude={"innocent", "verify"}), scope))


class _Form:
    def __init__(self, model: SupervisionModel) -> None:
        self._model = model
        self._bases: dict[str, str] = {}

    def text(self, text: str, scope: Scope) -> str:
        return self.node(scope.expand(parse(text)), scope)

    def node(self, node: Node, scope: Scope) -> str:
        return to_text(self._turned(node, scope))

    def partner(self, part: Quantifier | Guard, scope: Scope) -> str:
        source = self._source(part.table or "")
        on = self._all(part.on or "true", scope)
        return f"{source} on {' and '.join(on)} when {' and '.join(self._all(part.when, scope))}"

    def _all(self, text: str, scope: Scope) -> list[str]:
        return sorted(self.node(node, scope) for node in conjuncts(scope.expand(parse(text))))

    def _source(self, name: str) -> str:
        alias = self._model.sources[name]
        return f"facts_{self._base(alias.source)}" if alias.is_facts else alias.source

    def _turned(self, node: Node, scope: Scope) -> Node:
        if isinstance(node, ast.Column):
            return self._column(node, scope)
        if isinstance(node, ast.Name):
            return self._name(node, scope)
        changed: dict[str, Any] = {}
        for part in fields(node):
            value = getattr(node, part.name)
            if isinstance(value, Node):
                changed[part.name] = self._turned(value, scope)
            elif isinstance(value, tuple):
                changed[part.name] = tuple(self._inner(item, scope) for item in value)
        node = replace(node, **changed)
        if isinstance(node, ast.In):
            return self._members(node, scope)
        if not isinstance(node, ast.Binary):
            return node
        left, right, operator = node.left, node.right, node.operator
        if operator in _TURNED:
            return replace(node, operator=_TURNED[operator], left=right, right=left)
        if operator in _EITHER_WAY and to_text(left) > to_text(right):
            return replace(node, left=right, right=left)
        return node

    def _inner(self, item: object, scope: Scope) -> object:
        if isinstance(item, tuple):
            return tuple(self._inner(one, scope) for one in item)
        return self._turned(item, scope) if isinstance(item, Node) else item

    def _members(self, node: ast.In, scope: Scope) -> Node:
        items = node.items
        if node.list_name:
            items = tuple(ast.Literal(0, word) for word in scope.lists[node.list_name])
        return replace(node, list_name="", items=tuple(sorted(items, key=to_text)))

    def _name(self, node: ast.Name, scope: Scope) -> Node:
        if node.name in scope.lists:
            return ast.Literal(0, "、".join(sorted(scope.lists[node.name])))
        return replace(node, name=f"any_{scope.params[node.name]}") if node.name in scope.params else node

    def _column(self, node: ast.Column, scope: Scope) -> Node:
        alias = scope.aliases[node.alias]
        if alias.is_facts and alias.source not in self._model.spec.facts:  # an overlap, named by its author
            overlaps = [name for name, one in scope.aliases.items() if one.source not in self._model.sources]
            return replace(node, alias=f"overlap_{sorted(overlaps).index(node.alias)}")
        if alias.is_facts:
            return ast.Name(0, f"facts_{self._of_facts(alias.source, node.column)}")
        same = [name for name, one in scope.aliases.items() if one.source == alias.source]
        number = same.index(node.alias)
        return replace(node, alias=f"{alias.source}_{number}" if number else alias.source)

    def _of_facts(self, name: str, column: str) -> str:
        facts = self._model.spec.facts[name]
        scope = self._model.row_scope(facts)
        made: object = column
        if column in facts.form.by:
            made = self.text(facts.form.by[column], scope)
        elif facts.group:
            made = self.structure(facts.group.columns[column].model_dump(), scope)
        return short_id(hash_value([self._base(name), made]))

    def _base(self, name: str) -> str:
        """What a facts table is made of, without the columns of a group: those are told apart one by one."""
        if name not in self._bases:
            facts = self._model.spec.facts[name]
            told = facts.model_dump(exclude={"optional"})
            if facts.group:
                told["group"] = {"by": told["group"]["by"]}
            scope = self._model.row_scope(facts).adding(*self._partners(facts))
            self._bases[name] = short_id(hash_value(self.structure(told, scope)))
        return self._bases[name]

    def _partners(self, facts: Facts) -> Iterator[Any]:
        happenings = facts.events.parts if facts.events else []
        candidates = facts.pick.candidates if facts.pick else []
        for part in (*facts.overlap, *candidates, *happenings):
            if part.table:
                yield self._model.alias(part.table, part.as_)

    def structure(self, told: object, scope: Scope, key: str = "") -> object:
        """A dumped specification with every expression in canonical form and every table by its own name."""
        if isinstance(told, dict):
            kept = {name: value for name, value in told.items() if name not in _WORDS_ONLY}
            return {name: self.structure(value, scope, name) for name, value in kept.items()}
        if isinstance(told, list):
            return [self.structure(value, scope, key) for value in told]
        if not isinstance(told, str):
            return told
        if key in ("table", "from_") and told in self._model.sources:
            return self._source(told)
        try:
            return self.text(told, scope)
        except (ExpressionError, KeyError):
            return told  # a word of the specification itself, as `earliest`


def shared(one: Iterable[str], other: Iterable[str]) -> list[str]:
    """What is in both, in the order of the first."""
    known = set(other)
    return [item for item in one if item in known]
