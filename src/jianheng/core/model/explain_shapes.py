"""The shapes ``overlap`` and ``events`` in Chinese, as lines of a rule's page."""

from __future__ import annotations

from collections.abc import Iterator

from jianheng.core.model.scope import Scope
from jianheng.core.model.shapes import dates_of
from jianheng.core.model.spec import Events, Extension, Facts, Happening, Overlap, Pause, Restart, Span
from jianheng.core.model.supervision_model import SupervisionModel, candidate_scope
from jianheng.core.model.wording import Wording


def explain_overlaps(model: SupervisionModel, facts: Facts, scope: Scope) -> Iterator[str]:
    """What each overlap compares, and how days and months count."""
    own = Wording(model, scope, facts.from_)
    for index, overlap in enumerate(facts.overlap):
        partner = model.alias(overlap.table, overlap.as_)
        inner = Wording(model, scope.adding(partner), facts.from_)
        theirs = Wording(model, model.base_scope().adding(partner), partner.name)
        only = "" if overlap.when.strip() == "true" else f"，限于{theirs.of(overlap.when)}的"
        compared = f"{_span(overlap.of, own)}，与{partner.title}的{_span(overlap.with_, theirs)}相比"
        yield f"{overlap.title or overlap.id}：{compared}（{inner.of(overlap.on)}）{only}"
        how = "相接或者重叠的期间合并为一段，逐段比较" if index == 0 else "各段合计"
        yield f"  {how}；{_counting(overlap)}"
    if facts.overlap:
        yield f"  肯定与{facts.overlap[0].title or facts.overlap[0].id}没有重合的，不进入汇总"


def _span(span: Span, words: Wording) -> str:
    if span.month is not None:
        return f"{words.of(span.month)}整月"
    first = words.of(span.from_ or "")
    return f"{first}至{words.of(span.to)}" if span.to else f"{first}至{words.of(span.until or '')}的前一日"


def _counting(overlap: Overlap) -> str:
    month = "，该月每一日都在其内才算整月" if overlap.of.month else ""
    return f"首尾两日均计，尚未结束的计至数据截止日{month}"


def explain_events(model: SupervisionModel, facts: Facts, scope: Scope) -> Iterator[str]:
    """From when, for how long, what ends it, what puts it off."""
    events = facts.events
    if events is None:
        return
    words = Wording(model, scope, facts.from_)
    source = model.alias(facts.from_).title
    yield f"{facts.title}：取自{source}{_only(facts, words)}，每一行为一次，按{_keys(events, words)}计次"
    yield f"  起算：{words.of(events.start)}"
    if events.choices:
        yield f"  期间：{_period(events, words)}，{_rolling(events, words)}"
    for kind, parts in (
        ("结束", events.end),
        ("不计入期间", events.pauses),
        ("延长", events.extensions),
        ("重新计算", events.restarts),
    ):
        for part in parts:
            yield f"  {kind}：{_happening(model, part, facts, scope)}"
    if events.pauses:
        yield "  不计入的日子相接或者重叠的先合并，依次看；开始时期限已经届满的，不再计"


def _only(facts: Facts, words: Wording) -> str:
    said = "，并且".join(one.say.replace("{value}", "若干") or words.of(one.when) for one in facts.where)
    return f"，限于{said}" if said else ""


def _keys(events: Events, words: Wording) -> str:
    return "、".join(words.of(text) for text in events.by.values())


def _period(events: Events, words: Wording) -> str:
    said: list[str] = []
    for choice in events.choices:
        if choice.when.strip() == "true":
            said.append(f"其余{choice.period}" if said else choice.period)
        else:
            said.append(f"{words.of(choice.when)}的，{choice.period}")
    return "；".join(said)


def _rolling(events: Events, words: Wording) -> str:
    if events.held == "true":
        return "在押，末日遇节假日不顺延"
    if events.held == "false":
        return "末日遇节假日顺延"
    return f"末日遇节假日顺延，但{words.of(events.held)}的不顺延"


def _happening(model: SupervisionModel, part: Happening, facts: Facts, scope: Scope) -> str:
    inner = Wording(model, candidate_scope(model, part, scope), facts.from_)
    days = "至".join(inner.of(text) for text in dates_of(part))
    only = "" if part.when.strip() == "true" else f"，限于{inner.of(part.when)}"
    matched = f"，{inner.of(part.match)}" if part.match else ""
    if isinstance(part, Extension):
        days = f"{days}批准，延长{part.period}"
    if isinstance(part, Restart):
        days = f"自{days}起"
    note = "（首尾两日均计）" if isinstance(part, Pause) else ""
    return f"{part.title or part.id}（{days}{matched}）{only}{note}"
