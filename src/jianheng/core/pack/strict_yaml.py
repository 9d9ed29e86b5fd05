"""Strict YAML that remembers where everything stood.

Plain YAML turns ``012345`` into 5349, ``no`` into False, an identity number into an integer, and lets a duplicate key
win silently. Here only ``true``/``false``, null, whole numbers without a leading zero and of at most nine digits,
decimals and ISO dates are not text; a duplicate key, an anchor or a tag is an error with its position.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from jianheng.core.foundation.errors import PackProblem, Problem
from jianheng.core.foundation.named_file import why_unreadable

Place = tuple[int, int]
_DEEPEST = 100
"""Levels of nesting; nothing that people write comes near."""

Key = tuple[str | int, ...]

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,8})\Z")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,12})\.[0-9]{1,6}\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_NULLS = frozenset({"", "null", "~"})


@dataclass(slots=True)
class Document:
    """A read file: its data and, for every path in it, the 1-based line and column of key and value."""

    file: str
    data: Any
    keys: dict[Key, Place] = field(default_factory=dict)
    values: dict[Key, Place] = field(default_factory=dict)
    text_starts: dict[Key, Place] = field(default_factory=dict)

    def place(self, path: Key, *, key: bool = False) -> Place:
        """Where ``path`` stands; a path that is not there points at its nearest parent that is."""
        while True:
            found = (self.keys if key else self.values).get(path) or self.values.get(path)
            if found or not path:
                return found or (1, 1)
            path = path[:-1]

    def inside(self, path: Key, offset: int) -> Place:
        """Where the character ``offset`` of a one-line text stands."""
        line, column = self.text_starts.get(path) or self.place(path)
        return line, column + offset

    def problem(self, code: str, path: Key, message: str, hint: str = "", *, key: bool = False) -> Problem:
        """A problem at ``path``."""
        line, column = self.place(path, key=key)
        return Problem(code, message, file=self.file, line=line, column=column, hint=hint)


class _Composer(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """Only composes nodes; scalars are resolved here, not by YAML's own table."""


def read_yaml(path: Path, *, shown_as: str | None = None) -> Document:
    """Read one file. Raises PackProblem (P101 unreadable, P102 syntax, P103 duplicate key, P104 anchor or tag)."""
    name = shown_as or str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        seen = why_unreadable(error) if isinstance(error, OSError) else "不是 UTF-8 文字，请另存为 UTF-8"
        raise PackProblem(Problem("P101", f"读不了这个文件：{seen}。", file=name, line=1, column=1)) from error
    return read_yaml_text(text, name)


def read_yaml_text(text: str, name: str) -> Document:
    """As :func:`read_yaml`, from text already in hand."""
    loader = _Composer(text)
    try:
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        reason = error.problem or "syntax"
        problem = Problem(
            "P102", f"YAML 语法有误：{reason}", file=name, line=line, column=column, hint="请检查缩进、冒号和引号。"
        )
        raise PackProblem(problem) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise PackProblem(Problem("P102", f"YAML 语法有误：{error}", file=name, line=1, column=1)) from error
    finally:
        loader.dispose()
    document = Document(name, None)
    problems = _anchors_and_tags(text, name)
    if node is not None and not problems:
        document.data = _build(node, (), document, problems)
    if problems:
        raise PackProblem(*problems)
    return document


def _anchors_and_tags(text: str, name: str) -> list[Problem]:
    """Every anchor, alias and explicit tag, where it stands."""
    if not any(mark in text for mark in "&*!"):
        return []
    message, hint = "不支持 YAML 的锚点、别名和自定义标签。", "请把内容写全。"
    marks = [
        event.start_mark
        for event in yaml.parse(text, _Composer)
        if getattr(event, "anchor", None) or getattr(event, "tag", None)
    ]
    return [
        Problem("P104", message, file=name, line=mark.line + 1, column=mark.column + 1, hint=hint)
        for mark in marks
        if mark is not None
    ]


def _build(node: yaml.Node, path: Key, document: Document, problems: list[Problem]) -> Any:
    place = document.values[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if len(path) > _DEEPEST:
        message = f"嵌套超过{_DEEPEST}层，读不了。"
        raise PackProblem(Problem("P102", message, file=document.file, line=place[0], column=place[1]))
    if isinstance(node, yaml.MappingNode):
        return _build_mapping(node, path, document, problems)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*path, index), document, problems) for index, item in enumerate(node.value)]
    if not isinstance(node, yaml.ScalarNode):
        raise AssertionError(node)  # YAML has no fourth kind
    line, column = document.values[path]
    folded = node.style in ("|", ">")
    document.text_starts[path] = (line + 1, 1) if folded else (line, column + (1 if node.style else 0))
    return node.value if node.style else _resolve(node.value)


def _build_mapping(node: yaml.MappingNode, path: Key, document: Document, problems: list[Problem]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem("P102", "键只能是文字。", file=document.file, line=place[0], column=place[1]))
            continue
        key = key_node.value
        if key in result:
            first = document.keys[(*path, key)]
            message = f"键「{key}」重复，前一处在第 {first[0]} 行第 {first[1]} 列。"
            problems.append(Problem("P103", message, file=document.file, line=place[0], column=place[1]))
            continue
        document.keys[(*path, key)] = place
        result[key] = _build(value_node, (*path, key), document, problems)
    return result


def _resolve(text: str) -> Any:
    if text in _NULLS:
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.match(text):
        return int(text)
    if _DECIMAL.match(text):
        return Decimal(text)
    if _DATE.match(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text
