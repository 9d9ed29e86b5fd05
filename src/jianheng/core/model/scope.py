"""What the names in an expression stand for, and whether the expression makes sense."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from jianheng.core.legal_time.period import parse_period
from jianheng.core.model import expression as ast
from jianheng.core.model.expression import ExpressionError, Node, parse
from jianheng.core.model.functions import FUNCTIONS, Function, Slot, Type
from jianheng.core.pack.typed import did_you_mean

NUMBERS: frozenset[str] = frozenset(("money", "integer"))
_PARAMETER_TYPES: dict[str, Type] = {"days": "integer", "months": "integer", "count": "integer", "money": "money"}


@dataclass(frozen=True, slots=True)
class ScopeColumn:
    """A column an expression may name. ``bit``: its place in ``_bad``, -1 if it has none; ``bounds``: a [low, high]."""

    name: str
    title: str
    type: Type
    empty: str = "unknown"
    codes: frozenset[str] | None = None
    bit: int = -1
    bounds: bool = False


@dataclass(frozen=True, slots=True)
class Alias:
    """A row source in scope: a table of the terms or a facts table."""

    name: str
    source: str
    title: str
    columns: Mapping[str, ScopeColumn]
    is_facts: bool = False
    optional_partner: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything nameable at one place of a model."""

    aliases: Mapping[str, Alias]
    params: Mapping[str, Type]
    lists: Mapping[str, tuple[str, ...]]
    defines: Mapping[str, str] = field(default_factory=dict)

    def adding(self, *aliases: Alias) -> Scope:
        """The scope with further aliases."""
        return replace(self, aliases={**self.aliases, **{alias.name: alias for alias in aliases}})

    def column(self, node: ast.Column) -> ScopeColumn:
        """The column a node names. Raises ExpressionError M202 (alias) or M203 (column)."""
        alias = self.aliases.get(node.alias)
        if alias is None:
            hint = did_you_mean(node.alias, self.aliases) or f"此处可用：{'、'.join(self.aliases)}。"
            raise ExpressionError("M202", node.at, f"这里没有名为 {node.alias} 的表。", hint)
        found = alias.columns.get(node.column)
        if found is None:
            at = node.at + len(node.alias) + 1
            message = f"未知列 {node.column}（{alias.name}：{alias.title}）。"
            raise ExpressionError("M203", at, message, did_you_mean(node.column, alias.columns))
        return found

    def expand(self, node: Node) -> Node:
        """``node`` with every defined name replaced by its tree."""
        return _expand(node, self.defines, 0)


def parameter_type(kind: str) -> Type:
    """The language's type for a parameter's ``type``."""
    return _PARAMETER_TYPES[kind]


def _expand(node: Node, defines: Mapping[str, str], depth: int) -> Node:
    if depth > 10:
        raise ExpressionError("M208", node.at, "define 之间循环引用。")
    match node:
        case ast.Name(name=name) if name in defines:
            return _expand(parse(defines[name]), defines, depth + 1)
        case ast.Not(at=at, operand=operand):
            return ast.Not(at, _expand(operand, defines, depth))
        case ast.Negative(at=at, operand=operand):
            return ast.Negative(at, _expand(operand, defines, depth))
        case ast.Binary(at=at, operator=operator, left=left, right=right):
            return ast.Binary(at, operator, _expand(left, defines, depth), _expand(right, defines, depth))
        case ast.In(at=at, operand=operand, items=items, list_name=list_name, negated=negated):
            return ast.In(at, _expand(operand, defines, depth), items, list_name, negated)
        case ast.Between(at=at, operand=operand, low=low, high=high):
            parts = (_expand(part, defines, depth) for part in (operand, low, high))
            return ast.Between(at, *parts)
        case ast.Case(at=at, branches=branches, otherwise=otherwise):
            pairs = tuple((_expand(test, defines, depth), _expand(value, defines, depth)) for test, value in branches)
            return ast.Case(at, pairs, _expand(otherwise, defines, depth))
        case ast.Call(at=at, function=function, arguments=arguments):
            return ast.Call(at, function, tuple(_expand(argument, defines, depth) for argument in arguments))
    return node


def columns_of(node: Node) -> Iterator[ast.Column]:
    """Every column named in ``node`` (expand it first)."""
    return (part for part in ast.walk(node) if isinstance(part, ast.Column))


def type_of(node: Node, scope: Scope) -> Type:
    """The type of ``node``; checks everything below it. Raises ExpressionError (M2xx)."""
    match node:
        case ast.Literal(value=value):
            return _literal_type(value)
        case ast.Column():
            return scope.column(node).type
        case ast.Name():
            return _name_type(node, scope)
        case ast.Not(operand=operand):
            return _require(operand, scope, "boolean")
        case ast.Negative(operand=operand):
            return _require_number(operand, scope)
        case ast.Binary(operator="and" | "or", left=left, right=right):
            _require(left, scope, "boolean")
            return _require(right, scope, "boolean")
        case ast.Binary(operator="+" | "-" | "*"):
            return _arithmetic(node, scope)
        case ast.Binary(left=left, right=right):
            _comparable(left, right, scope, order=node.operator not in ("=", "<>"))
            return "boolean"
        case ast.Between(operand=operand, low=low, high=high):
            _comparable(operand, low, scope, order=True)
            _comparable(operand, high, scope, order=True)
            return "boolean"
        case ast.In():
            return _membership(node, scope)
        case ast.Case(branches=branches, otherwise=otherwise):
            result = type_of(otherwise, scope)
            for test, value in branches:
                _require(test, scope, "boolean")
                result = _same(value, type_of(value, scope), result)
            return result
        case ast.Call():
            return _call(node, scope)
    raise AssertionError(node)


def _literal_type(value: object) -> Type:
    if value is ast.UNKNOWN or isinstance(value, bool):
        return "boolean"
    if isinstance(value, date):
        return "date"
    if isinstance(value, int):
        return "integer"
    return "money" if isinstance(value, Decimal) else "text"


def _name_type(node: ast.Name, scope: Scope) -> Type:
    if node.name == "as_of":
        return "date"
    if node.name in scope.params:
        return scope.params[node.name]
    if node.name in scope.defines:
        return type_of(scope.expand(node), scope)
    known = [*scope.params, *scope.defines, "as_of"]
    hint = did_you_mean(node.name, known)
    if not hint and node.name in scope.aliases:
        hint = f"{node.name} 是表，请写成 {node.name}.列名。"
    raise ExpressionError("M202", node.at, f"不认识 {node.name}：既不是参数，也不是 define 里的名字。", hint)


def _require(node: Node, scope: Scope, wanted: Type) -> Type:
    found = type_of(node, scope)
    if found != wanted:
        raise ExpressionError("M204", node.at, f"此处应是{_title(wanted)}，看到的是{_title(found)}。")
    return found


def _require_number(node: Node, scope: Scope) -> Type:
    found = type_of(node, scope)
    if found not in NUMBERS:
        raise ExpressionError("M204", node.at, f"此处应是数，看到的是{_title(found)}。")
    return found


def _arithmetic(node: ast.Binary, scope: Scope) -> Type:
    left = _require_number(node.left, scope)
    right = _require_number(node.right, scope)
    if node.operator == "*" and left == right == "money":
        raise ExpressionError("M204", node.at, "金额不能与金额相乘。")
    return "money" if "money" in (left, right) else "integer"


def _comparable(left: Node, right: Node, scope: Scope, *, order: bool) -> None:
    left_type, right_type = type_of(left, scope), type_of(right, scope)
    _same(right, right_type, left_type)
    if order and left_type in ("text", "boolean"):
        raise ExpressionError("M204", left.at, f"{_title(left_type)}不能比大小。", "只能用 = 或 <>。")
    _check_code(left, right, scope)
    _check_code(right, left, scope)


def _same(node: Node, found: Type, wanted: Type) -> Type:
    if found == wanted:
        return found
    if found in NUMBERS and wanted in NUMBERS:
        return "money"
    raise ExpressionError("M204", node.at, f"{_title(found)}不能与{_title(wanted)}放在一起比。")


def _check_code(column: Node, literal: Node, scope: Scope) -> None:
    """A literal compared with a coded column must be in its code list, or the condition could never be true."""
    if not isinstance(column, ast.Column) or not isinstance(literal, ast.Literal):
        return
    codes = scope.column(column).codes
    if codes is not None and literal.value not in codes:
        message = f"「{literal.value}」不在 {column.alias}.{column.column} 的代码表中。"
        raise ExpressionError("M206", literal.at, message, did_you_mean(str(literal.value), codes))


def _membership(node: ast.In, scope: Scope) -> Type:
    wanted = type_of(node.operand, scope)
    if node.list_name:
        words = scope.lists.get(node.list_name)
        if words is None:
            hint = did_you_mean(node.list_name, scope.lists)
            raise ExpressionError("M202", node.at, f"没有名为 {node.list_name} 的词表。", hint)
        items: tuple[Node, ...] = tuple(ast.Literal(node.at, word) for word in words)
    else:
        items = node.items
    for item in items:
        if not isinstance(item, ast.Literal):
            raise ExpressionError("M205", item.at, "in 后只能列出文字、数或日期。")
        _same(item, type_of(item, scope), wanted)
        _check_code(node.operand, item, scope)
    return "boolean"


def _call(node: ast.Call, scope: Scope) -> Type:
    function = FUNCTIONS.get(node.function)
    if function is None:
        hint = did_you_mean(node.function, FUNCTIONS) or f"可用的有：{'、'.join(FUNCTIONS)}。"
        raise ExpressionError("M205", node.at, f"不能使用函数 {node.function}。", hint)
    slots = _slots(function, node)
    types = [_argument(argument, slot, scope) for argument, slot in zip(node.arguments, slots, strict=True)]
    if function.result == "same":
        result = types[0]
        for argument, found in zip(node.arguments, types, strict=True):
            result = _same(argument, found, result)
        return result
    if function.name == "has" and not isinstance(node.arguments[0], ast.Column):
        raise ExpressionError("M205", node.at, "has() 里只能是一个列。")
    return function.result


def _slots(function: Function, node: ast.Call) -> tuple[Slot, ...]:
    count, wanted = len(node.arguments), len(function.slots)
    if count == wanted:
        return function.slots
    if function.more and count > wanted:
        return function.slots + (function.slots[-1],) * (count - wanted)
    message = f"{function.name}() 要 {wanted} 个{'以上' if function.more else ''}参数，写了 {count} 个。"
    raise ExpressionError("M205", node.at, message)


def _argument(node: Node, slot: Slot, scope: Scope) -> Type:
    if slot in ("text", "date", "integer"):
        return _require(node, scope, slot)
    if slot == "number":
        return _require_number(node, scope)
    if slot == "list":
        if not isinstance(node, ast.Name) or node.name not in scope.lists:
            raise ExpressionError("M202", node.at, "此处应是 lists 里的词表名。", did_you_mean(str(node), scope.lists))
        return "text"
    if slot in ("period", "words"):
        if not isinstance(node, ast.Literal) or not isinstance(node.value, str) or not node.value:
            raise ExpressionError("M204", node.at, "此处应直接写文字，如 '12个月'。")
        if slot == "period":
            _check_period(node)
        return "text"
    return type_of(node, scope)


def _check_period(node: ast.Literal) -> None:
    try:
        parse_period(str(node.value))
    except ValueError as error:
        raise ExpressionError("M207", node.at, str(error)) from None


def _title(kind: str) -> str:
    return {"text": "文字", "date": "日期", "money": "金额", "integer": "整数", "boolean": "真假"}[kind]
