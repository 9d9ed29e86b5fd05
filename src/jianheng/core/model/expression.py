"""The small language of conditions: text -> tree -> text.

Our own reader rather than a SQL parser's, because every node must know its offset (authors are answered with line and
column) and because what is not in this file does not exist: no sub-query, no cast, no function but the listed ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal as OneOf
from typing import cast

UNKNOWN = object()
"""The value of the literal ``unknown``: a boolean nobody can tell."""


class ExpressionError(Exception):
    """A fault in one expression. ``offset`` is 0-based into its text."""

    def __init__(self, code: str, offset: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.offset, self.message, self.hint = code, offset, message, hint


@dataclass(frozen=True, slots=True)
class Node:
    """Base of the tree; ``at`` is the 0-based offset of the node's first character."""

    at: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A text, number, date, true, false or unknown."""

    value: object


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A parameter, ``as_of`` or a defined name."""

    name: str


@dataclass(frozen=True, slots=True)
class Column(Node):
    """``alias.column``."""

    alias: str
    column: str


@dataclass(frozen=True, slots=True)
class Not(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Negative(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """``and or = <> < <= > >= + - *``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """``operand in (…)`` or ``operand in list_name``."""

    operand: Node
    items: tuple[Node, ...]
    list_name: str
    negated: bool


@dataclass(frozen=True, slots=True)
class Between(Node):
    operand: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Case(Node):
    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    function: str
    arguments: tuple[Node, ...]


_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<mark><>|<=|>=|[=<>+\-*(),.]))"
)
_KEYWORDS = frozenset("and or not in between case when then else end date true false unknown".split())
_COMPARISONS = frozenset(("=", "<>", "<", "<=", ">", ">="))
_MAX_LENGTH = 4000
_MAX_DEPTH = 40
_MAX_TREE_DEPTH = 120  # a long chain of ``and`` or ``+`` is a deep tree, and trees are walked by recursion


_Kind = OneOf["text", "number", "word", "mark", "end"]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: _Kind
    text: str
    at: int


def _tokens(source: str) -> list[_Token]:
    if len(source) > _MAX_LENGTH:
        raise ExpressionError("M101", 0, f"表达式太长（{len(source)} 字，上限 {_MAX_LENGTH}）。", "请拆成几个条件。")
    result: list[_Token] = []
    position, end = 0, len(source.rstrip())
    while position < end:
        match = _TOKEN.match(source, position)
        if match is None:
            at = position + len(source[position:]) - len(source[position:].lstrip())
            seen = source[at]
            if seen == "'":
                raise ExpressionError("M101", at, "文字的单引号没有合上。", "请补上另一个单引号。")
            hint = "文字要放在单引号里。" if not seen.isascii() else "运算符只有 = <> < <= > >= + - *。"
            raise ExpressionError("M101", at, f"看不懂「{seen}」。", hint)
        kind = cast(_Kind, match.lastgroup)
        result.append(_Token(kind, match.group(kind), match.start(kind)))
        position = match.end()
    result.append(_Token("end", "", end))
    return result


class _Reader:
    """Recursive descent: or < and < not < comparison < sum < product < single."""

    def __init__(self, source: str) -> None:
        self._tokens = _tokens(source)
        self._position = 0
        self._depth = 0

    def read(self) -> Node:
        node = self._either()
        if self._now.kind != "end":
            raise self._unexpected("此处表达式应已结束")
        _check_depth(node)
        return node

    @property
    def _now(self) -> _Token:
        return self._tokens[self._position]

    def _next(self) -> _Token:
        token = self._now
        self._position += 1
        return token

    def _take(self, text: str) -> bool:
        if self._now.text == text and self._now.kind in ("word", "mark"):
            self._position += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise self._unexpected(f"此处应是「{text}」")

    def _unexpected(self, expected: str) -> ExpressionError:
        seen = f"看到「{self._now.text}」" if self._now.kind != "end" else "表达式到此为止"
        return ExpressionError("M101", self._now.at, f"{expected}，{seen}。")

    def _either(self) -> Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise ExpressionError("M101", self._now.at, "括号或条件嵌套太深。", "请拆成几个条件，或用 define 起名。")
        left = self._both()
        while self._now.text == "or":
            at = self._next().at
            left = Binary(at, "or", left, self._both())
        self._depth -= 1
        return left

    def _both(self) -> Node:
        left = self._negation()
        while self._now.text == "and":
            at = self._next().at
            left = Binary(at, "and", left, self._negation())
        return left

    def _negation(self) -> Node:
        count = 0
        first = self._now.at
        while self._take("not"):
            count += 1
            if count > _MAX_DEPTH:
                raise ExpressionError("M101", first, "not 叠得太多。")
        node = self._comparison()
        for _ in range(count):
            node = Not(first, node)
        return node

    def _comparison(self) -> Node:
        left = self._sum()
        token = self._now
        if token.kind == "mark" and token.text in _COMPARISONS:
            self._next()
            return Binary(token.at, token.text, left, self._sum())
        negated = token.text == "not" and self._tokens[self._position + 1].text in ("in", "between")
        if negated:
            self._next()
        if self._take("in"):
            return self._membership(left, negated, token.at)
        if self._take("between"):
            low = self._sum()
            self._expect("and")
            node: Node = Between(token.at, left, low, self._sum())
            return Not(token.at, node) if negated else node
        return left

    def _membership(self, operand: Node, negated: bool, at: int) -> Node:
        if self._now.kind == "word" and self._now.text not in _KEYWORDS:
            return In(at, operand, (), self._next().text, negated)
        self._expect("(")
        items = [self._single()]
        while self._take(","):
            items.append(self._single())
        self._expect(")")
        return In(at, operand, tuple(items), "", negated)

    def _sum(self) -> Node:
        left = self._product()
        while self._now.kind == "mark" and self._now.text in ("+", "-"):
            token = self._next()
            left = Binary(token.at, token.text, left, self._product())
        return left

    def _product(self) -> Node:
        left = self._single()
        while self._now.kind == "mark" and self._now.text == "*":
            token = self._next()
            left = Binary(token.at, "*", left, self._single())
        return left

    def _single(self) -> Node:
        token = self._now
        if token.kind == "number":
            self._next()
            return Literal(token.at, Decimal(token.text) if "." in token.text else int(token.text))
        if token.kind == "text":
            self._next()
            return Literal(token.at, token.text[1:-1].replace("''", "'"))
        if token.kind == "mark" and token.text == "-":
            return self._negative()
        if self._take("("):
            inner = self._either()
            self._expect(")")
            return inner
        if token.kind == "word":
            return self._word()
        raise self._unexpected("此处应是列名、数、文字或括号")

    def _negative(self) -> Node:
        signs: list[int] = []
        while self._now.kind == "mark" and self._now.text == "-":
            signs.append(self._next().at)
            if len(signs) > _MAX_DEPTH:
                raise ExpressionError("M101", signs[0], "负号叠得太多。")
        node = self._single()
        for at in reversed(signs):
            node = Negative(at, node)
        return node

    def _word(self) -> Node:
        token = self._next()
        if token.text == "case":
            return self._case(token.at)
        if token.text == "date":
            return self._date(token.at)
        if token.text in ("true", "false", "unknown"):
            return Literal(token.at, {"true": True, "false": False, "unknown": UNKNOWN}[token.text])
        if token.text in _KEYWORDS:
            self._position -= 1
            raise self._unexpected("此处应是列名、数、文字或括号")
        if self._take("."):
            column = self._next()
            if column.kind != "word":
                self._position -= 1
                raise self._unexpected("点号后应是列名")
            return Column(token.at, token.text, column.text)
        if self._take("("):
            arguments: list[Node] = []
            if not self._take(")"):
                arguments.append(self._either())
                while self._take(","):
                    arguments.append(self._either())
                self._expect(")")
            return Call(token.at, token.text, tuple(arguments))
        return Name(token.at, token.text)

    def _date(self, at: int) -> Node:
        token = self._next()
        if token.kind != "text":
            self._position -= 1
            raise self._unexpected("date 后应是加引号的日期")
        try:
            return Literal(at, date.fromisoformat(token.text[1:-1]))
        except ValueError:
            raise ExpressionError(
                "M101", token.at, f"日期 {token.text} 不存在。", "写法如 date '2022-09-05'。"
            ) from None

    def _case(self, at: int) -> Node:
        branches: list[tuple[Node, Node]] = []
        while self._take("when"):
            condition = self._either()
            self._expect("then")
            branches.append((condition, self._either()))
        if not branches:
            raise self._unexpected("case 后应是 when")
        self._expect("else")
        otherwise = self._either()
        self._expect("end")
        return Case(at, tuple(branches), otherwise)


def _check_depth(root: Node) -> None:
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > _MAX_TREE_DEPTH:
            raise ExpressionError("M101", node.at, "表达式连得太长。", "请拆成几个条件。")
        waiting.extend((child, depth + 1) for child in children(node))


@lru_cache(maxsize=10_000)
def parse(source: str) -> Node:
    """The tree of an expression. Raises ExpressionError (M101) with the offset of the fault."""
    return _Reader(source).read()


def walk(node: Node) -> Iterator[Node]:
    """``node`` and everything below it, in written order."""
    yield node
    for child in children(node):
        yield from walk(child)


def children(node: Node) -> Iterator[Node]:
    """The direct parts of ``node``."""
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    yield item
                elif isinstance(item, tuple):
                    yield from item


_STRENGTH = {"or": 1, "and": 2, "=": 4, "<>": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6}


def to_text(node: Node) -> str:
    """The expression as text again; ``parse(to_text(parse(x)))`` is the same tree but for offsets."""
    return _text(node, 0)


def _text(node: Node, outer: int) -> str:
    match node:
        case Literal(value=value):
            return _literal_text(value)
        case Name(name=name):
            return name
        case Column(alias=alias, column=column):
            return f"{alias}.{column}"
        case Negative(operand=operand):
            return f"-{_text(operand, 9)}"
        case Not(operand=operand):
            return _wrap(f"not {_text(operand, 3)}", 3, outer)
        case Binary(operator=operator, left=left, right=right):
            own = _STRENGTH[operator]
            left_text = _text(left, own + (own == 4))
            return _wrap(f"{left_text} {operator} {_text(right, own + 1)}", own, outer)
        case In(operand=operand, items=items, list_name=list_name, negated=negated):
            target = list_name or "(" + ", ".join(_text(item, 9) for item in items) + ")"
            return _wrap(f"{_text(operand, 5)} {'not in' if negated else 'in'} {target}", 4, outer)
        case Between(operand=operand, low=low, high=high):
            return _wrap(f"{_text(operand, 5)} between {_text(low, 5)} and {_text(high, 5)}", 4, outer)
        case Case(branches=branches, otherwise=otherwise):
            whens = " ".join(f"when {_text(test, 0)} then {_text(value, 0)}" for test, value in branches)
            return f"case {whens} else {_text(otherwise, 0)} end"
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(_text(argument, 0) for argument in arguments)})"
    raise AssertionError(node)


def _wrap(text: str, own: int, outer: int) -> str:
    return f"({text})" if own < outer else text


def _literal_text(value: object) -> str:
    if value is UNKNOWN:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return format(value, "f") if isinstance(value, Decimal) else str(value)
