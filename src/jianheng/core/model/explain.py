"""A model and its rules as pages that a lawyer reads: what is found, on what law, under which conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jianheng.core.model.explain_shapes import explain_events, explain_overlaps
from jianheng.core.model.reads import reads_of
from jianheng.core.model.scope import Scope
from jianheng.core.model.sentence import Place, sentence_parts
from jianheng.core.model.spec import KIND_TITLES, Absent, Aggregate, Guard, Present, Rule
from jianheng.core.model.supervision_model import SupervisionModel, aggregate_of, candidate_scope, join_alias
from jianheng.core.model.wording import Wording

_KIND_NOTES = {"list": "（不是线索）", "hint": "（默认不运行）"}
CERTAINTIES = {
    "V": "V，已核对条文全文",
    "P": "P，只核对了摘录或者报道",
    "S": "S，只见于报道",
    "U": "U，未经核对",
    "I": "I，设计者的推论，不是法律规定",
}
_AGGREGATES = {"sum": "合计", "min": "的最小值", "max": "的最大值"}


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a page: a heading and its lines."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RulePage:
    """Everything a person needs to judge a rule."""

    rule: str
    title: str
    kind: str
    sections: tuple[Section, ...]

    def text(self) -> str:
        """The page as plain text."""
        return "\n".join([f"【{self.title}】{self.rule}", *_lines(self.sections)])

    def as_dict(self) -> dict[str, Any]:
        """The page for ``--json``."""
        sections = [{"title": section.title, "lines": list(section.lines)} for section in self.sections]
        return {"rule": self.rule, "title": self.title, "kind": self.kind, "sections": sections}


@dataclass(frozen=True, slots=True)
class ModelPage:
    """What a model needs and has: ``tables``, ``params`` and ``rules`` are records for ``--json``."""

    id: str
    title: str
    version: str
    summary: str
    tables: tuple[dict[str, Any], ...]
    params: tuple[dict[str, Any], ...]
    rules: tuple[dict[str, Any], ...]

    def text(self) -> str:
        """The page as plain text."""
        tables = [f"{one['title']}（{one['table']}）：{'、'.join(one['columns']) or '用于关联'}" for one in self.tables]
        params = [
            f"{one['id']}：{one['title']}，默认{one['default']}{one['unit']}。{one['why']}" for one in self.params
        ]
        rules = [f"{one['id']}：{one['title']}（{one['kind_title']}，{one['certainty']}）" for one in self.rules]
        sections = (
            Section("需要的表和列", tuple(tables)),
            Section("参数", tuple(params)),
            Section("规则", tuple(rules)),
        )
        return "\n".join(
            [f"【{self.title}】{self.id} {self.version}", "", "".join(self.summary.split()), *_lines(sections)]
        )

    def as_dict(self) -> dict[str, Any]:
        """The page for ``--json``."""
        return {
            "id": self.id,
            "title": self.title,
            "version": self.version,
            "summary": self.summary,
            "tables": list(self.tables),
            "params": list(self.params),
            "rules": list(self.rules),
        }


def explain_model(model: SupervisionModel) -> ModelPage:
    """The page of ``model``: its tables with the columns that its rules read, its parameters, its rules."""
    spec = model.spec
    read: dict[str, set[str]] = {}
    for rule in spec.rules:
        reads = reads_of(model, rule)
        for columns in (reads.judged, reads.shown):
            for table, names in columns.items():
                read.setdefault(table, set()).update(names)
    tables = []
    for alias, table_id in spec.tables.items():
        term = model.lexicon.tables[table_id]
        columns_read = [column.title for name, column in term.columns.items() if name in read.get(table_id, set())]
        tables.append({"alias": alias, "table": table_id, "title": term.title, "columns": columns_read})
    params = [
        {
            "id": name,
            "title": param.title,
            "default": str(param.default),
            "unit": param.measure,
            "why": param.why,
        }
        for name, param in spec.params.items()
    ]
    rules = [
        {
            "id": rule.id,
            "title": rule.title,
            "kind": rule.kind,
            "kind_title": kind_title(rule.kind),
            "certainty": rule.certainty,
        }
        for rule in spec.rules
    ]
    return ModelPage(spec.id, spec.title, spec.version, spec.summary, tuple(tables), tuple(params), tuple(rules))


def explain_rule(model: SupervisionModel, rule: Rule) -> RulePage:
    """The page of one rule of ``model``."""
    scope = model.row_scope(rule)
    words = Wording(model, scope, rule.from_)
    sections = (
        Section("发现什么", (_sentence(model, rule, words),)),
        Section("性质", (kind_title(rule.kind), f"依据的确定程度：{CERTAINTIES[rule.certainty]}")),
        Section("依据", tuple(_basis(rule)) or ("没有写明。",)),
        Section("判断适用哪一版法律的日期", (words.of(rule.judged_on),)),
        Section("对象和监督对象", (f"对象：{_subject(rule, words)}", f"监督对象：{words.of(rule.against)}")),
        Section("对照的数据", tuple(_data(model, rule))),
        Section("其中汇总的内容", tuple(_facts(model, rule))),
        Section("条件（全部成立）", tuple(_conditions(rule, words))),
        Section("须没有", tuple(_absences(model, rule, scope))),
        Section("须有", tuple(_presences(model, rule, scope))),
        Section("需排除", tuple(_guards(model, rule, scope))),
        Section("金额", (words.of(rule.amount),) if rule.amount else ()),
        Section("什么时候是数据不足", tuple(_unknowns(model, rule))),
        Section("可能的合理情形", tuple(rule.innocent)),
        Section("核实步骤", tuple(f"{number}. {step}" for number, step in enumerate(rule.verify, start=1))),
    )
    return RulePage(rule.id, rule.title, rule.kind, tuple(section for section in sections if section.lines))


def kind_title(kind: str) -> str:
    """The kind of a rule with what it is not, for whoever reads a rule before anything has run."""
    return KIND_TITLES[kind] + _KIND_NOTES.get(kind, "")


def _lines(sections: tuple[Section, ...]) -> Iterator[str]:
    for section in sections:
        if section.lines:
            yield ""
            yield f"{section.title}："
            yield from (f"  {line}" for line in section.lines)
    yield ""


def _sentence(model: SupervisionModel, rule: Rule, words: Wording) -> str:
    parts = sentence_parts(rule.say.strip(), rule, model.spec)
    return "".join(part if isinstance(part, str) else f"〔{_place(model, rule, part, words)}〕" for part in parts)


def _place(model: SupervisionModel, rule: Rule, place: Place, words: Wording) -> str:
    if place.kind == "column":
        return words.column(place.name, place.column)
    if place.kind == "defined":
        return words.of(place.name)
    if place.kind == "supplier":
        return f"提供{model.sources[place.name].title}的单位"
    if place.kind == "condition":
        found = next(condition for condition in rule.where if condition.id == place.name)
        return _blank(found.say) or found.id
    if place.kind == "parameter":
        return model.spec.params[place.name].title
    return {"as_of": "基准日", "amount": "金额"}[place.kind]


def _basis(rule: Rule) -> Iterator[str]:
    for basis in rule.basis:
        until = f"，至{basis.to}止" if basis.to else ""
        yield f"{basis.cite}（自{basis.from_}施行{until}）"


def _subject(rule: Rule, words: Wording) -> str:
    episode = "，每次以" + "、".join(words.of(text) for text in rule.episode) + "区分" if rule.episode else ""
    former = f"；接替原规则{'、'.join(rule.continues)}，已作的核查结论带入" if rule.continues else ""
    return "、".join(words.of(text) for text in rule.subject) + episode + former


def _data(model: SupervisionModel, rule: Rule) -> Iterator[str]:
    yield f"从{model.alias(rule.from_).title}出发，逐行判断"
    for join in rule.join:
        partner = model.alias(join.table, join.as_).title
        absent = "不适用本规则" if join.missing == "clean" else "数据不足"
        note = "" if model.alias(join.table).is_facts else f"；没有的，{absent}"
        only = "；应当只有一条，多出的列为数据问题" if join.expect else ""
        yield f"对照{partner}（{_matched(model, rule, join.on, join_alias(join))}{note}{only}）"


def _facts(model: SupervisionModel, rule: Rule) -> Iterator[str]:
    """What the derived tables of a rule are made of."""
    for name in model.facts_used(rule):
        facts = model.spec.facts[name]
        scope = model.row_scope(facts)
        words = Wording(model, scope, facts.from_)
        only = "，并且".join(_blank(part.say) or words.of(part.when) for part in facts.where)
        start = f"{facts.title}：取自{model.alias(facts.from_).title}" + (f"，限于{only}" if only else "")
        yield from explain_overlaps(model, facts, scope)
        yield from explain_events(model, facts, scope)
        if facts.group:
            keys = "、".join(words.of(text) for text in facts.group.by.values())
            yield f"{start}，按{keys}汇总"
            for aggregate in facts.group.columns.values():
                yield f"  {_aggregate(aggregate, words)}"
        for candidate in facts.pick.candidates if facts.pick else ():
            own = Wording(model, candidate_scope(model, candidate, scope), facts.from_)
            when = "" if candidate.when.strip() == "true" else f"，限于{own.of(candidate.when)}"
            yield f"{facts.title}的来源之一：{candidate.title}（{own.of(candidate.on)}）{when}"


def _aggregate(aggregate: Aggregate, words: Wording) -> str:
    kind, text = aggregate_of(aggregate)
    what = "行数" if kind == "count" else f"{words.of(text)}{_AGGREGATES[kind]}"
    when = "" if aggregate.when.strip() == "true" else f"，只计{words.of(aggregate.when)}的"
    return f"{aggregate.title or '其中'}：{what}{when}"


def _matched(model: SupervisionModel, rule: Rule, on: str, alias: str) -> str:
    """The columns two tables are matched by, as the partner's titles."""
    scope = model.row_scope(rule)
    if alias not in scope.aliases:
        parts: list[Absent | Present | Guard] = [*rule.absent, *rule.present, *rule.unless]
        partner = next(part for part in parts if (part.as_ or part.table) == alias)
        scope = scope.adding(model.alias(partner.table or "", alias))
    pairs = Wording(model, scope, rule.from_).of(on).split("，并且")
    return "按" + "、".join(pair.partition("是")[2] or pair for pair in pairs)


def _conditions(rule: Rule, words: Wording) -> Iterator[str]:
    for condition in rule.where:
        meaning = words.of(condition.when)
        yield f"{_blank(condition.say)}：{meaning}" if condition.say else meaning


def _absences(model: SupervisionModel, rule: Rule, scope: Scope) -> Iterator[str]:
    for part in rule.absent:
        yield f"{_blank(part.say) or part.id}：{_partner(model, rule, part, scope)}"
        if part.covering is not None:
            start = Wording(model, scope, rule.from_).of(part.covering)
            title = model.alias(part.table).title
            yield f"  {title}的数据须完整覆盖从{start}到数据截止日的期间，否则为数据不足"


def _presences(model: SupervisionModel, rule: Rule, scope: Scope) -> Iterator[str]:
    for part in rule.present:
        absent = "没有的，数据不足" if part.missing == "cannot_tell" else "没有的，不适用本规则"
        yield f"{_blank(part.say) or part.id}：{_partner(model, rule, part, scope)}；{absent}"


def _guards(model: SupervisionModel, rule: Rule, scope: Scope) -> Iterator[str]:
    for guard in rule.unless:
        yield f"{_blank(guard.say) or guard.id}：{_partner(model, rule, guard, scope)}"
        if guard.table:
            title = model.alias(guard.table).title
            yield f"  未提供{title}或者数据未覆盖的，仍作{KIND_TITLES[rule.kind]}，并注明尚未排除"


def _partner(model: SupervisionModel, rule: Rule, part: Absent | Present | Guard, scope: Scope) -> str:
    """What a partner row must be, as one half-sentence."""
    if part.table is None:
        return Wording(model, scope, rule.from_).of(part.when)
    alias = part.as_ or part.table
    inner = scope.adding(model.alias(part.table, alias))
    matched = _matched(model, rule, part.on or "", alias)
    title = model.alias(part.table).title
    condition = "" if part.when.strip() == "true" else f"，{Wording(model, inner, rule.from_).of(part.when)}"
    return f"{title}（{matched}）{condition}"


def _unknowns(model: SupervisionModel, rule: Rule) -> Iterator[str]:
    yield "条件所用的内容空白（且空白不表示“没有”）、未能读取，或者该列没有提供"
    if any(join.missing == "cannot_tell" and not model.alias(join.table).is_facts for join in rule.join):
        yield "应当对照的记录没有找到"
    required = dict.fromkeys([rule.from_, *(part.table for part in rule.absent)])
    titles = [model.alias(name).title for name in required if name in model.spec.tables]
    yield f"没有提供：{'、'.join(titles)}，或者规则必需的其他表"
    if any(part.covering is not None for part in rule.absent):
        yield "应查期间不在数据的覆盖期之内"
    if rule.unless:
        yield "不能确定有无需排除的情形"
    yield f"同名同额的款项未能关联，或者无法归属到人的记录超过该表的{rule.orphan_limit_percent}%"
    yield "判断日期不明，或者当时有效的规定没有收入本模型"


def _blank(say: str) -> str:
    return say.replace("{value}", "若干")
