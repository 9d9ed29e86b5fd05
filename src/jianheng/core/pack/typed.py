"""Strict YAML into pydantic models, every complaint with its place and a suggestion."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from jianheng.core.foundation.errors import PackProblem, Problem
from jianheng.core.pack.strict_yaml import Document, Key


class Strict(BaseModel):
    """Base of everything authors write: unknown keys are refused, nothing is coerced, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Content = TypeVar("Content", bound=BaseModel)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence suggesting the nearest known words, or an empty text."""
    close = difflib.get_close_matches(word, list(known), n=2, cutoff=0.6)
    return f"是否想写 {' 或 '.join(close)}？" if close else ""


def read_content(kind: type[Content], document: Document) -> Content:
    """``document`` as ``kind``. Raises PackProblem with every fault found (P2xx)."""
    try:
        return kind.model_validate(document.data)
    except ValidationError as error:
        raise PackProblem(*(_problem(kind, document, item) for item in error.errors())) from error


def _problem(kind: type[BaseModel], document: Document, item: ErrorDetails) -> Problem:
    path = _existing_path(document, item["loc"])
    last = str(item["loc"][-1]) if item["loc"] else ""
    if item["type"] == "extra_forbidden":
        known = _known_fields(document, path, kind)
        return document.problem("P201", path, f"不认识的键 {last}。", did_you_mean(last, known), key=True)
    if item["type"] == "missing":
        return document.problem("P202", path, f"缺少必填的键 {last}。", key=True)
    seen = _shorten(item.get("input"))
    return document.problem("P203", path, f"{last} 的值不合要求：看到 {seen}，{_expected(item)}。")


def _existing_path(document: Document, location: tuple[int | str, ...]) -> Key:
    """The part of pydantic's location that stands in the file (unions and validators add names of their own)."""
    path: Key = ()
    for part in location:
        if (*path, part) in document.values:
            path = (*path, part)
    return path


def _known_fields(document: Document, path: Key, kind: type[BaseModel]) -> set[str]:
    """Field names of every model reachable from ``kind``: good enough to suggest from."""
    names: set[str] = set()
    waiting: list[Any] = [kind]
    visited: set[Any] = set()
    while waiting:
        current = waiting.pop()
        if current in visited:
            continue
        visited.add(current)
        if isinstance(current, type) and issubclass(current, BaseModel):
            for name, info in current.model_fields.items():
                names.add(info.alias or name)
                waiting.append(info.annotation)
        else:
            waiting.extend(getattr(current, "__args__", ()))
    siblings = set(_at(document.data, path[:-1]) or ())
    return names - siblings


def _at(data: Any, path: Key) -> Any:
    for part in path:
        data = data[part]
    return data


def _expected(item: ErrorDetails) -> str:
    context = item.get("ctx") or {}
    if item["type"] in ("literal_error", "enum"):
        expected = str(context.get("expected", ""))
        choices = [part.strip(" '") for part in expected.replace(" or ", ",").split(",")]
        hint = did_you_mean(str(item.get("input")), choices)
        return f"只能是 {'、'.join(choices)}" + (f"。{hint.rstrip('？')}？".rstrip("？") if hint else "")
    if item["type"] == "value_error":
        return str(context.get("error", item["msg"]))
    words = {
        "string_type": "应是文字（数字、日期等请加引号）",
        "int_type": "应是整数",
        "bool_type": "应是 true 或 false",
        "list_type": "应是列表",
        "dict_type": "应是键值对",
        "model_type": "应是键值对",
        "date_type": "应是日期，如 2022-09-05",
        "string_pattern_mismatch": f"应合于 {context.get('pattern')}",
    }
    return words.get(item["type"], item["msg"])


def _shorten(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"
