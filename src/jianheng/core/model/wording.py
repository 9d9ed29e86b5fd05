"""An expression of the small language in Chinese: columns by their titles, operators in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from jianheng.core.model import expression as ast
from jianheng.core.model.expression import UNKNOWN, Node, parse
from jianheng.core.model.scope import Alias, Scope, type_of
from jianheng.core.model.spec import Aggregate
from jianheng.core.model.supervision_model import SupervisionModel, aggregate_of

_ORDER = {"<": ("早于", "小于"), "<=": ("不晚于", "不超过"), ">": ("晚于", "大于"), ">=": ("不早于", "不少于")}
_ARITHMETIC = {"+": "加", "-": "减", "*": "乘以"}
_CALLS = {
    "has": "有{0}",
    "days_between": "从{0}到{1}的天数",
    "add_days": "{0}之后{1}日",
    "add_period": "{0}起满{1}之日（不顺延）",
    "deadline": "{0}起{1}的届满日（遇节假日顺延）",
    "age_on": "{0}出生者在{1}的周岁",
    "overlap_days": "{0}至{1}与{2}至{3}重合的天数",
    "within": "{0}在{1}至{2}之间",
    "contains": "{0}含有{1}",
    "contains_any": "{0}含有{1}",
    "starts_with": "{0}以{1}开头",
}
_EXTREMES = {"min": ("最早的", "最小的"), "max": ("最晚的", "最大的")}
_LISTING = frozenset({"coalesce", "earliest", "latest"})
_MOST_WORDS = 8


class Wording:
    """Words for the expressions of one place: ``scope`` gives the aliases, ``home`` is the one that goes unnamed."""

    def __init__(self, model: SupervisionModel, scope: Scope, home: str = "") -> None:
        self._model, self._scope, self._home = model, scope, home

    def of(self, text: str) -> str:
        """The words of an expression that has been checked."""
        return self._words(self._scope.expand(parse(text)))

    def is_date(self, text: str) -> bool:
        """Whether an expression gives a date."""
        return type_of(self._scope.expand(parse(text)), self._scope) == "date"

    def column(self, alias: str, column: str) -> str:
        """The title of a column, with the title of its table unless that is the one being spoken of."""
        source = self._scope.aliases[alias]
        title = self._title(source, column)
        if alias == self._home:
            return title
        home = self._scope.aliases.get(self._home)
        if home is not None and source.source == home.source:  # a table beside itself
            return f"另一份{source.title}的{title}"
        return title if source.title in title else f"{source.title}的{title}"

    def _title(self, alias: Alias, column: str) -> str:
        if not alias.is_facts or alias.source not in self._model.spec.facts:
            return alias.columns[column].title
        facts = self._model.spec.facts[alias.source]
        inner = Wording(self._model, self._model.row_scope(facts), facts.from_)
        if column in facts.form.by:
            return inner.of(facts.form.by[column])
        if facts.events:
            return alias.columns[column].title
        if facts.group:
            return _aggregate_title(facts.group.columns[column], inner)
        if facts.pick and column in facts.pick.candidates[0].columns:
            return self._picked_title(facts.pick.candidates[0].columns[column], inner)
        return "日期" if column == "on" else "来源"

    def _picked_title(self, text: str, inner: Wording) -> str:
        named = [node for node in ast.walk(inner._scope.expand(parse(text))) if isinstance(node, ast.Column)]
        return inner.column(named[0].alias, named[0].column) if named else "事由"

    def _words(self, node: Node) -> str:
        match node:
            case ast.Literal(value=value):
                return _literal(value)
            case ast.Column(alias=alias, column=column):
                return self.column(alias, column)
            case ast.Name(name=name):
                return self._name(name)
            case ast.Negative(operand=operand):
                return f"负{self._part(operand)}"
            case ast.Not(operand=ast.Call(function="has", arguments=arguments)):
                return f"没有{self._words(arguments[0])}"
            case ast.Not(operand=operand):
                return f"并非（{self._words(operand)}）"
            case ast.Binary():
                return self._binary(node)
            case ast.In(operand=operand, negated=negated):
                return f"{self._words(operand)}{'不' if negated else ''}是{self._members(node)}"
            case ast.Between(operand=operand, low=low, high=high):
                return f"{self._words(operand)}在{self._words(low)}至{self._words(high)}之间"
            case ast.Case(branches=branches, otherwise=otherwise):
                cases = [f"{self._words(test)}的，为{self._words(value)}" for test, value in branches]
                return "；".join([*cases, f"其他情形为{self._words(otherwise)}"])
            case ast.Call():
                return self._call(node)
        raise AssertionError(node)

    def _name(self, name: str) -> str:
        if name == "as_of":
            return "基准日"
        if name in self._scope.lists:
            return _listed(self._scope.lists[name])
        return self._model.spec.params[name].title

    def _binary(self, node: ast.Binary) -> str:
        if node.operator in ("and", "or"):
            if _or_unknown(node):
                left = self._side(node.left, node.operator)
                return f"{left}（这时不能确定）" if node.operator == "and" else f"{left}，否则不能确定"
            word = "，并且" if node.operator == "and" else "，或者"
            return f"{self._side(node.left, node.operator)}{word}{self._side(node.right, node.operator)}"
        left, right = self._part(node.left), self._valued(node.right, node.left)
        if node.operator in _ARITHMETIC:
            return f"{left}{_ARITHMETIC[node.operator]}{right}"
        if node.operator in _ORDER:
            by_date = type_of(node.left, self._scope) == "date"
            return f"{left}{_ORDER[node.operator][0 if by_date else 1]}{right}"
        return f"{left}{'是' if node.operator == '=' else '不是'}{right}"

    def _side(self, node: Node, operator: str) -> str:
        """One side of an ``and`` or ``or``: in brackets where it would be read together with the other."""
        other = isinstance(node, ast.Binary) and node.operator in ("and", "or") and node.operator != operator
        if other and operator == "or" and _or_unknown(node):
            return self._words(node)  # it ends in brackets as it is
        return f"（{self._words(node)}）" if other or isinstance(node, ast.Case) else self._words(node)

    def _part(self, node: Node) -> str:
        compound = isinstance(node, ast.Binary) and node.operator != "+"
        return f"（{self._words(node)}）" if compound else self._argument(node)

    def _argument(self, node: Node) -> str:
        """An argument, in brackets where its end would not be seen."""
        nested = isinstance(node, ast.Case) or (isinstance(node, ast.Call) and node.function in _LISTING)
        return f"（{self._words(node)}）" if nested else self._words(node)

    def _valued(self, node: Node, beside: Node) -> str:
        """A part that is compared with another: a code of that column is called as people call it."""
        if isinstance(node, ast.Literal) and isinstance(node.value, str):
            return _literal(self._words_of(beside).get(node.value, node.value))
        return self._part(node)

    def _words_of(self, node: Node) -> Mapping[str, str]:
        return self._scope.column(node).words if isinstance(node, ast.Column) else {}

    def _members(self, node: ast.In) -> str:
        if node.list_name:
            words = self._words_of(node.operand)
            return _listed(tuple(words.get(one, one) for one in self._scope.lists[node.list_name]))
        items = "、".join(self._valued(item, node.operand) for item in node.items)
        return f"{items}之一" if len(node.items) > 1 else items

    def _call(self, node: ast.Call) -> str:
        words = [self._argument(argument) for argument in node.arguments]
        if node.function == "coalesce":
            last = node.arguments[-1]
            if isinstance(last, ast.Literal) and isinstance(last.value, bool):  # what an empty cell makes of it
                return f"{'，没有则用'.join(words[:-1])}（空白的{'也算' if last.value else '不算'}）"
            return "，没有则用".join(words)
        if node.function in ("earliest", "latest"):
            return f"{'、'.join(words)}中{'最早' if node.function == 'earliest' else '最晚'}的一个"
        if node.function in ("add_period", "deadline"):
            words[1] = str(node.arguments[1].value) if isinstance(node.arguments[1], ast.Literal) else words[1]
        return _CALLS[node.function].format(*words)


def _or_unknown(node: Node) -> bool:
    """Whether ``node`` says when something cannot be told: ``… and unknown``, ``… or unknown``."""
    return isinstance(node, ast.Binary) and isinstance(node.right, ast.Literal) and node.right.value is UNKNOWN


def _aggregate_title(aggregate: Aggregate, inner: Wording) -> str:
    if aggregate.title:
        return aggregate.title
    kind, text = aggregate_of(aggregate)
    if kind == "count":
        return "次数"
    words = inner.of(text)
    return f"{words}合计" if kind == "sum" else f"{_EXTREMES[kind][0 if inner.is_date(text) else 1]}{words}"


def _literal(value: object) -> str:
    if value is UNKNOWN:
        return "不明"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return f"「{value}」" if isinstance(value, str) else str(value)


def _listed(words: tuple[str, ...]) -> str:
    shown = "、".join(f"「{word}」" for word in words[:_MOST_WORDS])
    return f"{shown}等{len(words)}项之一" if len(words) > _MOST_WORDS else f"{shown}之一"
