"""Checks of the shapes ``overlap`` and ``events``; each fault with its place, as :mod:`.read` gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jianheng.core.legal_time.period import Period, parse_period
from jianheng.core.model import expression as ast
from jianheng.core.model.expression import ExpressionError, parse
from jianheng.core.model.scope import Scope, columns_of
from jianheng.core.model.shapes import WORKING_DAYS, happening_name, overlap_alias
from jianheng.core.model.spec import Ending, Events, Extension, Facts, Happening, Overlap, Pause, Restart, Span
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.pack.strict_yaml import Key

MONTH = "month"


@dataclass(frozen=True, slots=True)
class ShapeChecks:
    """What the reader of a model lends: ``typed`` checks an expression, ``on`` equalities, ``known`` a table's name."""

    model: SupervisionModel
    typed: Callable[[str, Scope, Key, str | None], None]
    on: Callable[[str, str, Scope, str, Key], Scope]
    known: Callable[[str, Key], bool]
    say: Callable[..., None]


def check_overlaps(checks: ShapeChecks, facts: Facts, scope: Scope, place: Key) -> Scope:
    """Check every ``overlap`` of a facts table; the scope with their columns in it."""
    if facts.overlap and facts.group is None:
        checks.say("M211", (*place, "overlap"), "overlap 要与 group 一起写。")
    if facts.overlap and checks.model.alias(facts.from_).is_facts:
        checks.say("M211", (*place, "from"), "写了 overlap 的 from 要是 tables 里的表。")
    own = checks.model.base_scope().adding(checks.model.alias(facts.from_))
    for index, overlap in enumerate(facts.overlap):
        inner: Key = (*place, "overlap", index)
        if overlap.id in scope.aliases or overlap.id in checks.model.sources:
            checks.say("M304", (*inner, "id"), f"{overlap.id} 已经用过。", "请用 id: 另起一个名字。")
            continue
        _overlap(checks, overlap, own, inner)
        scope = scope.adding(overlap_alias(overlap, first=index == 0))
    if facts.overlap and facts.group and not _own_key(facts, scope):
        checks.say("M211", (*place, "group", "by"), "by 里至少要有一列不是 overlap 给出的。")
    return scope


def _own_key(facts: Facts, scope: Scope) -> bool:
    """Whether groups are told apart by more than the edges of stretches."""
    given = {overlap.id for overlap in facts.overlap}
    for text in facts.form.by.values():
        try:
            named = {column.alias for column in columns_of(scope.expand(parse(text)))}
        except ExpressionError:
            return True  # said where the key is checked
        if not named & given:
            return True
    return not facts.form.by


def _overlap(checks: ShapeChecks, overlap: Overlap, scope: Scope, place: Key) -> None:
    if not checks.known(overlap.table, (*place, "table")):
        return
    if checks.model.alias(overlap.table).is_facts:
        checks.say("M211", (*place, "table"), "overlap 的 table 要是 tables 里的表。")
    name = overlap.as_ or overlap.table
    if name in scope.aliases:
        checks.say("M304", (*place, "table"), f"{name} 已经用过。", "请用 as: 另起一个名字。")
        return
    inner = checks.on(overlap.on, name, scope, overlap.table, (*place, "on"))
    alone = checks.model.base_scope().adding(checks.model.alias(overlap.table, name))
    checks.typed(overlap.when, alone, (*place, "when"), "boolean")
    _span(checks, overlap.of, scope, (*place, "of"))
    _span(checks, overlap.with_, inner if name in inner.aliases else scope, (*place, "with"), alone)


def _span(checks: ShapeChecks, span: Span, scope: Scope, place: Key, alone: Scope | None = None) -> None:
    """A stretch is a month, or has a first day and one of two kinds of end. ``alone``: the only table it may name."""
    written = [key for key in ("from_", "to", "until", "month") if getattr(span, key) is not None]
    if written not in (["month"], ["from_", "to"], ["from_", "until"]):
        checks.say("M211", place, "期间写 {from, to}、{from, until} 或者 {month}，三种之一。")
        return
    for key in written:
        text, inner = getattr(span, key), (*place, key.rstrip("_"))
        checks.typed(text, alone or scope, inner, "date")
        if key == "month" and not _is_month(checks.model, text, alone or scope):
            checks.say("M211", inner, "month 要是类型为 month 的列。", "按日期的期间请写 from 和 to。")


def _is_month(model: SupervisionModel, text: str, scope: Scope) -> bool:
    try:
        node = scope.expand(parse(text))
    except ExpressionError:
        return True  # said already
    if not isinstance(node, ast.Column) or node.alias not in scope.aliases:
        return not isinstance(node, ast.Column)
    alias = scope.aliases[node.alias]
    if alias.is_facts or node.column not in alias.columns:
        return not alias.is_facts
    return model.lexicon.columns(alias.source)[node.column].type == MONTH


def check_events(checks: ShapeChecks, facts: Facts, scope: Scope, place: Key) -> None:
    """Check the ``events`` of a facts table."""
    events = facts.events
    assert events is not None
    inner: Key = (*place, "events")
    if checks.model.alias(facts.from_).is_facts:
        checks.say("M212", (*place, "from"), "events 的 from 要是 tables 里的表。")
    checks.typed(events.start, scope, (*inner, "start"), "date")
    checks.typed(events.held, scope, (*inner, "custody"), "boolean")
    if not events.end:
        checks.say("M212", (*inner, "end"), "end 不能为空：要写什么算结束。")
    if events.period is None and (events.pauses or events.extensions or events.restarts):
        checks.say("M212", inner, "有 pauses、extensions、restarts 就要写 period。")
    taken = {"started_on", "ended_on", "ended_by", "before_on", "number", "times"}
    taken |= {"counted_from", "deadline", "late_days", "paused_days"}
    for key in events.by:
        if key in taken:
            checks.say("M212", (*inner, "by", key), f"by 里的 {key} 与 events 给出的列同名。", "请换一个名字。")
    _periods(checks, events, scope, inner)
    seen: set[str] = set()
    for kind in ("end", "pauses", "extensions", "restarts"):
        parts: list[Ending | Pause | Extension | Restart] = getattr(events, kind)
        for index, part in enumerate(parts):
            if part.id in seen:
                checks.say("M302", (*inner, kind, index, "id"), f"{part.id} 出现两次。")
            seen.add(part.id)
            _happening(checks, part, scope, (*inner, kind, index))


def _periods(checks: ShapeChecks, events: Events, scope: Scope, place: Key) -> None:
    if isinstance(events.period, list):
        for index, choice in enumerate(events.period):
            checks.typed(choice.when, scope, (*place, "period", index, "when"), "boolean")
        if not events.period:
            checks.say("M212", (*place, "period"), "period 不能为空。")
    places: list[tuple[Key, str]] = []
    if isinstance(events.period, str):
        places.append(((*place, "period"), events.period))
    else:
        places += [((*place, "period", index, "period"), one.period) for index, one in enumerate(events.choices)]
    places += [((*place, "extensions", index, "period"), one.period) for index, one in enumerate(events.extensions)]
    read: list[Period] = []
    for where, text in places:
        try:
            read.append(parse_period(text))
        except ValueError as error:
            checks.say("M207", where, str(error))
            continue
        if (read[-1].unit == WORKING_DAYS) != (read[0].unit == WORKING_DAYS):
            checks.say("M212", where, "工作日与其他期间不能混用：延长的期间要与原期间单位相同。")


def _happening(checks: ShapeChecks, part: Happening, scope: Scope, place: Key) -> None:
    inner = scope
    if part.table:
        if not checks.known(part.table, (*place, "table")):
            return
        if checks.model.alias(part.table).is_facts:
            checks.say("M212", (*place, "table"), "events 里的 table 要是 tables 里的表。")
        name = happening_name(part)
        if name in scope.aliases:
            checks.say("M304", (*place, "table"), f"{name} 已经用过。", "请用 as: 另起一个名字。")
            return
        if part.match is None:
            checks.say("M212", place, "有 table 就要写 match。")
            return
        inner = checks.on(part.match, name, scope, part.table, (*place, "match"))
    elif part.match is not None:
        checks.say("M212", (*place, "match"), "写了 match 就要写 table。")
    checks.typed(part.when, inner, (*place, "when"), "boolean")
    if isinstance(part, Pause):
        checks.typed(part.from_, inner, (*place, "from"), "date")
        checks.typed(part.to, inner, (*place, "to"), "date")
    elif isinstance(part, (Ending, Extension, Restart)):
        checks.typed(part.on, inner, (*place, "on"), "date")
