"""What the names in an expression stand for, and whether the expression makes sense."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from jianheng.core.legal_time.period import parse_period
from jianheng.core.model import expression as ast
from jianheng.core.model.expression import ExpressionError, Node, parse
from jianheng.core.model.functions import FUNCTIONS, Function, Slot, Type
from jianheng.core.pack.typed import did_you_mean

NUMBERS: frozenset[str] = frozenset(("money", "integer"))
_MAX_EXPANDED = 3000
_PARAMETER_TYPES: dict[str, Type] = {"days": "integer", "months": "integer", "count": "integer", "money": "money"}


@dataclass(frozen=True, slots=True)
class ScopeColumn:
    """A column an expression may name. ``bit``: its place in ``_bad``, -1 if it has none; ``bounds``: a [low, high].

    ``words``: what people call its values, where they are codes.
    """

    name: str
    title: str
    type: Type
    empty: str = "unknown"
    codes: frozenset[str] | None = None
    bit: int = -1
    bounds: bool = False
    words: Mapping[str, str] = field(default_factory=dict)


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
        """``node`` with every defined name replaced by its tree, which then stands where the name stood."""
        if not self.defines:
            return node
        return _Expansion(self.defines).of(node, ())


def parameter_type(kind: str) -> Type:
    """The language's type for a parameter's ``type``."""
    return _PARAMETER_TYPES[kind]


class _Expansion:
    """Replaces defined names; refuses circles, and names of names that would grow without end."""

    def __init__(self, defines: Mapping[str, str]) -> None:
        self._defines = defines
        self._size = 0

    def of(self, node: Node, inside: tuple[str, ...]) -> Node:
        """``node`` expanded; ``inside`` are the names being expanded."""
        if isinstance(node, ast.Name) and node.name in self._defines:
            return self._defined(node, inside)
        changed: dict[str, Any] = {
            part.name: self._part(value, inside)
            for part in fields(node)
            if isinstance(value := getattr(node, part.name), (Node, tuple))
        }
        return replace(node, **changed) if changed else node

    def _part(self, value: object, inside: tuple[str, ...]) -> object:
        if isinstance(value, tuple):
            return tuple(self._part(item, inside) for item in value)
        return self.of(value, inside) if isinstance(value, Node) else value

    def _defined(self, node: ast.Name, inside: tuple[str, ...]) -> Node:
        if node.name in inside:
            raise ExpressionError("M208", node.at, f"define 循环引用：{' → '.join((*inside, node.name))}。")
        try:
            tree = parse(self._defines[node.name])
        except ExpressionError as error:
            raise ExpressionError(error.code, node.at, f"define「{node.name}」：{error.message}", error.hint) from None
        self._size += sum(1 for _ in ast.walk(tree))
        if self._size > _MAX_EXPANDED or len(inside) > 10:
            raise ExpressionError("M208", node.at, "define 展开后太长。", "请拆成几个条件。")
        return _standing_at(self.of(tree, (*inside, node.name)), node.at)


def _standing_at(node: Node, at: int) -> Node:
    """``node`` with every part at one offset: faults are then shown where the author used the name."""

    def moved(value: object) -> object:
        if isinstance(value, Node):
            return _standing_at(value, at)
        return tuple(moved(item) for item in value) if isinstance(value, tuple) else value

    parts: dict[str, Any] = {part.name: moved(getattr(node, part.name)) for part in fields(node)}
    return replace(node, **{**parts, "at": at})


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
        if not words:
            raise ExpressionError("M205", node.at, f"词表 {node.list_name} 是空的。")
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
            written = node.name if isinstance(node, ast.Name) else ""
            raise ExpressionError("M202", node.at, "此处应是 lists 里的词表名。", did_you_mean(written, scope.lists))
        if not scope.lists[node.name]:
            raise ExpressionError("M205", node.at, f"词表 {node.name} 是空的。")
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
