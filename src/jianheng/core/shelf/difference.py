"""What two models say differently, in the words in which a lawyer reads a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from jianheng.core.model.explain import Section, explain_model, explain_rule, kind_title
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.shelf.canonical_form import rule_hash

_NUMBER = re.compile(r"^[0-9]+\. ")


def differ(old: SupervisionModel, new: SupervisionModel) -> list[Section]:
    """Where ``new`` says something else than ``old``; nothing if they say the same.

    ``－`` begins a line that only the old one has, ``＋`` one that only the new one has.
    """
    sections = [
        Section("模型", tuple(_head(old, new))),
        Section("表和列", tuple(_tables(old, new))),
        Section("参数", tuple(_parameters(old, new))),
        Section("词表", tuple(_lists(old, new))),
        Section("规则", tuple(_rules(old, new))),
    ]
    for rule in new.spec.rules:
        before = next((one for one in old.spec.rules if one.id == rule.id), None)
        if before is not None:
            lines = tuple(_rule(old, before, new, rule))
            sections.append(Section(f"规则「{rule.title}」（{rule.id}）", lines))
    found = [section for section in sections if section.lines]
    if not found and old.digest != new.digest:
        found = [Section("模型", ("只改了写法或者注释，说法没有变。",))]
    return found


def _head(old: SupervisionModel, new: SupervisionModel) -> Iterator[str]:
    named = (("编号", "id"), ("名称", "title"), ("版本", "version"), ("条线", "line"))
    for word, name in named:
        before, after = getattr(old.spec, name), getattr(new.spec, name)
        if before != after:
            yield f"{word}：{before} 改为 {after}"
    before, after = ("".join(one.spec.summary.split()) for one in (old, new))
    if before != after:
        yield from (f"－说明：{before}", f"＋说明：{after}")


def _tables(old: SupervisionModel, new: SupervisionModel) -> Iterator[str]:
    before, after = _columns(old), _columns(new)
    for name, columns in after.items():
        if name not in before:
            yield f"＋{name}：{'、'.join(columns) or '用于关联'}"
    for name in before:
        if name not in after:
            yield f"－{name}"
    for name, columns in after.items():
        more = [one for one in columns if one not in before.get(name, columns)]
        fewer = [one for one in before.get(name, []) if one not in columns]
        if more:
            yield f"＋{name}另需的列：{'、'.join(more)}"
        if fewer:
            yield f"－{name}不再用的列：{'、'.join(fewer)}"


def _columns(model: SupervisionModel) -> dict[str, list[str]]:
    """Every table by title and id -> the titles of the columns read."""
    return {f"{one['title']}（{one['table']}）": one["columns"] for one in explain_model(model).tables}


def _parameters(old: SupervisionModel, new: SupervisionModel) -> Iterator[str]:
    before, after = ({one["id"]: one for one in explain_model(model).params} for model in (old, new))
    for name, one in after.items():
        told = f"{one['title']}（{name}）"
        if name not in before:
            yield f"＋{told}：缺省{one['default']}{one['unit']}。{one['why']}"
            continue
        was = before[name]
        if (was["default"], was["unit"]) != (one["default"], one["unit"]):
            yield f"{told}：缺省由{was['default']}{was['unit']}改为{one['default']}{one['unit']}。{one['why']}"
        elif (was["title"], was["why"]) != (one["title"], one["why"]):
            yield f"{told}：说明改为：{one['why']}"
    yield from (f"－{one['title']}（{name}）" for name, one in before.items() if name not in after)


def _lists(old: SupervisionModel, new: SupervisionModel) -> Iterator[str]:
    for name in dict.fromkeys([*old.spec.lists, *new.spec.lists]):
        before, after = old.spec.lists.get(name, []), new.spec.lists.get(name, [])
        yield from _two_sided(before, after, f"{name}：")


def _rules(old: SupervisionModel, new: SupervisionModel) -> Iterator[str]:
    before, after = ({rule.id: rule for rule in model.spec.rules} for model in (old, new))
    for name, rule in after.items():
        if name not in before:
            former = [before[one].title for one in rule.continues if one in before]
            yield f"＋{_named(rule)}" + (f"，接替{'、'.join(former)}" if former else "")
    yield from (f"－{_named(rule)}" for name, rule in before.items() if name not in after)


def _named(rule: Rule) -> str:
    return f"{rule.title}（{rule.id}，{kind_title(rule.kind)}）"


def _rule(old: SupervisionModel, before: Rule, new: SupervisionModel, after: Rule) -> Iterator[str]:
    found = False
    if before.title != after.title:
        found = True
        yield f"名称：{before.title} 改为 {after.title}"
    pages = ({one.title: one.lines for one in explain_rule(*pair).sections} for pair in ((old, before), (new, after)))
    was, now = pages
    for title in dict.fromkeys([*was, *now]):
        for line in _two_sided(was.get(title, ()), now.get(title, ()), f"{title}："):
            found = True
            yield line
    if not found and rule_hash(old, before) != rule_hash(new, after):
        yield "中文说明没有变，所说的内容有改动（如引用的长词表、汇总的条件）。"


def _two_sided(before: Iterable[str], after: Iterable[str], lead: str) -> Iterator[str]:
    was, now = (_without_number(lines) for lines in (before, after))
    yield from (f"－{lead}{line}" for line in was if line not in now)
    yield from (f"＋{lead}{line}" for line in now if line not in was)


def _without_number(lines: Iterable[str]) -> Mapping[str, None]:
    """The lines without the numbers of steps: one step more is one line, not all that follow."""
    return dict.fromkeys(_NUMBER.sub("", line.strip()) for line in lines)
