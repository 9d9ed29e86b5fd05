"""Hits -> clues: one record for each subject and episode, with an identity, its facts and everything to judge it by.

Clues are made and written column by column, some thousands at a time: ``clues.jsonl`` is what a large run spends its
time on, and dictionaries that are written once and thrown away would be most of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from jianheng.core.compiler.plan import RulePlan
from jianheng.core.engine.port import Engine
from jianheng.core.fields.masking import MAYBE_PERSONAL, mask_text
from jianheng.core.fields.name_masking import mask_names
from jianheng.core.fields.organ_kind import organ_kind
from jianheng.core.foundation.identity import hash_bytes
from jianheng.core.model.month_columns import gives_month
from jianheng.core.model.sentence import Part, Place, sentence_parts
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.ended_early import ended_early
from jianheng.core.screening.evidence import read_evidence, spoken, spoken_month, value_text
from jianheng.core.screening.evidence_table import Sources
from jianheng.core.screening.json_columns import (
    Json,
    Piece,
    by_value,
    in_one,
    json_array,
    json_constant,
    json_numbers,
    json_object,
    json_string,
    json_texts,
    one_batch,
    values_of,
    written,
)
from jianheng.core.screening.left_out import left_out
from jianheng.core.screening.protection import bits_of, flags_of, hides_names, mark_of
from jianheng.core.screening.ruling_out import Excuses, claim_day
from jianheng.core.screening.run import RuleOutcome
from jianheng.core.screening.tables import RunTables

_BATCH_ROWS = 20_000
"""Evidence rows that are written at a time, unless one clue alone has more."""

_MAYBE_PERSONAL = MAYBE_PERSONAL.pattern.replace(r"\d", r"\p{Nd}")
"""The same for Arrow, whose ``\\d`` is ASCII alone."""


@dataclass(frozen=True, slots=True)
class ClueContext:
    """What all clues of a run share. ``office``: our name or empty; ``decisions``: clue id -> (facts_hash, record).

    ``flagged``: clue id -> flags that it had before and keeps.
    """

    as_of: date
    params: Mapping[str, object]
    snapshots: tuple[str, ...]
    sources: Sources
    office: str
    decisions: Mapping[str, tuple[str, dict[str, str]]]
    flagged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClueBatch:
    """Some clues of one rule, in order of subject. ``lines``: each as a line of JSON; the others: an entry a clue.

    ``former``: the ids it would have under the rules that its rule replaces. ``flags``: of minors and sealed records.
    ``left_open``: whether something lawful could not be ruled out for any of them.
    """

    kind: str
    lines: pa.Array
    ids: Sequence[str]
    former: Sequence[tuple[str, ...]]
    amounts: Sequence[str | None]
    at_least: Sequence[bool]
    decisions: Sequence[dict[str, str] | None]
    flags: Sequence[tuple[str, ...]]
    left_open: bool

    def text(self) -> memoryview:
        """All lines, as they stand in the file."""
        return in_one(self.lines)

    def records(self) -> Iterator[dict[str, Any]]:
        """The clues as whoever reads the file gets them."""
        return map(orjson.loads, self.lines.to_pylist())


def build_clues(
    model: SupervisionModel, rule: Rule, outcome: RuleOutcome, tables: RunTables, context: ClueContext, engine: Engine
) -> Iterator[ClueBatch]:
    """The clues of one rule, in order of subject; the rule's tables must still stand in ``engine``."""
    if outcome.plan is not None and outcome.hits is not None and outcome.hits.num_rows:
        yield from _Builder(model, rule, outcome, outcome.plan, outcome.hits, tables, context, engine).batches()


class _Builder:
    """``starts``: the first hit of every clue, hits of one subject and episode being one clue; at the end, their count.

    ``first``: those hits alone. What differs between the hits of one clue is amount and evidence.
    """

    def __init__(
        self,
        model: SupervisionModel,
        rule: Rule,
        outcome: RuleOutcome,
        plan: RulePlan,
        hits: pa.Table,
        tables: RunTables,
        context: ClueContext,
        engine: Engine,
    ) -> None:
        self.model, self.rule, self.plan, self.tables, self.context = model, rule, plan, tables, context
        self.second_partners = outcome.second_partners
        self.hits = one_batch(hits)
        self.starts = self._starts()
        self.first = self.hits.take(pa.array(self.starts[:-1], pa.int64()))
        self.claim = claim_day(model, rule, tables, context.as_of)
        self.absent = self._absent()
        self.notes = self._notes()
        self.excuses = Excuses(model, rule, tables, self.claim)
        given = {name: context.params.get(name, spec.default) for name, spec in model.spec.params.items()}
        self.params = {name: value_text(one) if isinstance(one, Decimal) else one for name, one in given.items()}
        self.places = {value.key: number for number, value in enumerate(plan.values)}
        scope = model.row_scope(rule)
        self.months = frozenset(
            self.places[one.expression]
            for one in sentence_parts(rule.say, rule, model.spec)
            if isinstance(one, Place) and one.expression and gives_month(one.expression, scope, model)
        )
        self.wording = [self._wording(part) for part in sentence_parts(rule.say, rule, model.spec)]
        counts = [after - first for first, after in pairwise(self.starts)]
        clue_of_hit = pa.array([clue for clue, count in enumerate(counts) for _ in range(count)], pa.int32())
        self.evidence = read_evidence(
            model, rule, context.sources, clue_of_hit, len(counts), engine, context.as_of, flagged=bool(context.flagged)
        )
        self.flagged = self.evidence.flagged()

    def batches(self) -> Iterator[ClueBatch]:
        """As many clues at a time as have about ``_BATCH_ROWS`` rows of evidence."""
        first = rows = 0
        sizes = self.evidence.sizes(len(self.starts) - 1)
        for clue, size in enumerate(sizes):
            if rows and rows + size > _BATCH_ROWS:
                yield self._batch(first, clue)
                first, rows = clue, 0
            rows += size
        yield self._batch(first, len(sizes))

    def _starts(self) -> list[int]:
        names = [f"s{index}" for index in range(len(self.plan.subject_names))]
        names += [f"e{index}" for index in range(len(self.rule.episode))]
        keys = list(zip(*(values_of(self.hits[name]) for name in names), strict=True))
        return [index for index, key in enumerate(keys) if index == 0 or key != keys[index - 1]] + [len(keys)]

    def _batch(self, start: int, end: int) -> ClueBatch:
        rule, count = self.rule, end - start
        hits = self.first.slice(start, count)
        texts = [_texts(hits[f"v{number}"]) for number in range(len(self.plan.values))]
        subject = {name: _filled(hits[f"s{index}"]) for index, name in enumerate(self.plan.subject_names)}
        ids = self._ids(rule.id, hits, subject)
        former = list(zip(*(self._ids(old, hits, subject) for old in rule.continues), strict=True)) or [()] * count
        evidence = self.evidence.write(start, count)
        amounts, at_least = self._amounts(start, end)
        decisions, inherited = zip(*map(self._decision, ids, evidence.hashes, former), strict=True)
        flags = [
            flags_of(self.flagged.get(start + nth, 0) | bits_of(self._kept_flags(clue, old)))
            for nth, (clue, old) in enumerate(zip(ids, former, strict=True))
        ]
        names = self.evidence.names(start + nth for nth, one in enumerate(flags) if hides_names(one))
        against, not_ruled_out = _texts(hits["against"]), self._not_ruled_out(hits)
        members: dict[str, Json] = {
            "clue_id": json_texts(pa.array(ids)),
            "kind": json_constant(rule.kind),
            "model": json_constant(self.model.id),
            "model_version": json_constant(self.model.spec.version),
            "rule": json_constant(rule.id),
            "rule_title": json_constant(rule.title),
            "subject": json_object({name: json_texts(column) for name, column in subject.items()}),
            "against": json_texts(against),
            "own_office": (by_value(against, lambda name: "true" if self._is_own(name or "") else "false"),),
            "flags": (pa.array([_json(one) for one in flags]),),
            "say": json_texts(_protected(self._say(hits, start, amounts, at_least), flags, names, start)),
            "amount": json_texts(pa.array(amounts, pa.string())),
            "amount_at_least": json_numbers(pa.array(at_least)),
            "occurred_on": json_texts(by_value(hits["judged_on"], value_text)),
            "conditions": self._conditions(texts),
            "values": json_object({key: json_texts(texts[number]) for key, number in self.places.items()}),
            "basis": (by_value(hits["judged_on"], self._basis),),
            "evidence": evidence.records,
            "absent": json_constant(self.absent),
            "not_ruled_out": (not_ruled_out,),
            "linked_by": evidence.links,
            "notes": self._notes_of(start, end, inherited),
            "innocent": json_constant(rule.innocent),
            "verify": json_constant(rule.verify),
            "as_of": json_constant(self.context.as_of.isoformat()),
            "claim": json_constant(self.claim.isoformat()),
            "params": json_constant(self.params),
            "snapshots": json_constant(list(self.context.snapshots)),
            "facts_hash": json_texts(pa.array(evidence.hashes)),
            "names_masked": (pa.array([_json(names.get(start + nth, {})) for nth in range(count)]),),
            "decision": (pa.array([_json(one) if one else "null" for one in decisions]),),
        }
        if rule.continues:
            members["continues"] = (pa.array(map(_json, former)),)
        lines = written((*json_object(members), "\n"), count)
        left_open = not_ruled_out.unique().to_pylist() != ["[]"]
        return ClueBatch(rule.kind, lines, ids, former, amounts, at_least, decisions, flags, left_open)

    def _ids(self, rule: str, hits: pa.RecordBatch, subject: Mapping[str, pa.Array]) -> list[str]:
        """The identity of a clue: what it is about, never what was found. The same as ``hash_value`` of these members,
        which have to be in the order of their names for that.
        """
        episode = json_array(json_texts(_filled(hits[f"e{index}"])) for index in range(len(self.rule.episode)))
        members = {
            "episode": episode,
            "model": json_constant(self.model.id),
            "rule": json_constant(rule),
            "subject": json_object({name: json_texts(subject[name]) for name in sorted(subject)}),
        }
        texts = written(json_object(members), len(hits))
        return [hash_bytes(text) for text in texts.cast(pa.binary()).to_pylist()]

    def _kept_flags(self, clue: str, former: Sequence[str]) -> set[str]:
        """What the clue, or one that it continues, was flagged as before: newer data may not say it any more."""
        return {flag for one in (clue, *former) for flag in self.context.flagged.get(one, ())}

    def _decision(self, clue: str, facts: str, former: Sequence[str]) -> tuple[dict[str, str] | None, list[str]]:
        """What was decided of the same facts, else of the clue of a replaced rule (semantics 9); and what to note.

        A new rule rests on other cells than the one it replaces, so their facts cannot be compared: that is said.
        """
        decided = self.context.decisions.get(clue)
        if decided is not None:
            return (decided[1] if decided[0] == facts else None), []
        for old_id, old in zip(former, self.rule.continues, strict=True):
            inherited = self.context.decisions.get(old_id)
            if inherited is not None:
                doubt = "" if inherited[0] == facts else "；两条规则依据的内容不同，事实是否有变请核对"
                return inherited[1], [f"核查结论承接自原规则{old}{doubt}"]
        return None, []

    def _notes_of(self, start: int, end: int, inherited: Sequence[list[str]]) -> Json:
        """The notes that all clues share, then those of each clue."""
        if not self.plan.second_partners and not any(inherited):
            return json_constant(self.notes)
        doubled = [self._doubled(*hits) for hits in pairwise(self.starts[start : end + 1])]
        return (pa.array([_json([*self.notes, *own, *more]) for own, more in zip(doubled, inherited, strict=True)]),)

    def _doubled(self, first: int, after: int) -> list[str]:
        """A note for every partner that should have been the only one and is not (semantics 12)."""
        notes = []
        for wanted in self.plan.second_partners:
            found = self.second_partners.get(wanted.alias, {})
            hits = self.hits.slice(first, after - first)
            keys = set(zip(*(hits[f"r_{name}"].to_pylist() for name in wanted.left), strict=True))
            most = max((len(found[key]) for key in keys if key in found), default=0)
            if most:
                title = self.model.lexicon.tables[wanted.table].title
                notes.append(f"{title}应当只有一条对应的记录，实有{most + 1}条，见未能读取及存疑的内容（D202）")
        return notes

    def _basis(self, day: date | None) -> str:
        """The provisions in force on the day that is judged."""
        cited = [
            basis.cite
            for basis in self.rule.basis
            if day is None or (basis.from_ <= day and (basis.to is None or day <= basis.to))
        ]
        return _json(cited)

    def _not_ruled_out(self, hits: pa.RecordBatch) -> pa.Array:
        if not self.excuses.by_district:
            return by_value(hits["judged_on"], lambda day: _json(self.excuses.not_ruled_out(day, None)))
        known: dict[tuple[date | None, str | None], str] = {}
        keys = list(zip(values_of(hits["judged_on"]), values_of(hits["district"]), strict=True))
        for key in set(keys):
            known[key] = _json(self.excuses.not_ruled_out(*key))
        return pa.array([known[key] for key in keys])

    def _amounts(self, start: int, end: int) -> tuple[list[str | None], list[bool]]:
        """The amount, added up over the different partner rows it belongs to; "at least" where a part is unknown."""
        bounds = self.starts[start : end + 1]
        if "amount" not in self.hits.schema.names:
            return [None] * (end - start), [False] * (end - start)
        hits = self.hits.slice(bounds[0], bounds[-1] - bounds[0])
        lows, highs = values_of(hits["amount"]), values_of(hits["amount_max"])
        unsure = [low is None or low != high for low, high in zip(lows, highs, strict=True)]
        if len(hits) == end - start:
            return by_value(hits["amount"], _money).to_pylist(), unsure
        rows = [hits[f"r_{name}"].to_pylist() for name in self.plan.amount_rows]
        partners = list(zip(*rows, strict=True)) if rows else [()] * len(hits)
        amounts, at_least = [], []
        for first, after in pairwise(bound - bounds[0] for bound in bounds):
            counted = {partners[index]: index for index in reversed(range(first, after))}.values()
            known = [lows[index] for index in counted if lows[index] is not None]
            amounts.append(_money(sum(known, Decimal(0))) if known else None)
            at_least.append(any(unsure[index] for index in counted))
        return amounts, at_least

    def _say(self, hits: pa.RecordBatch, start: int, amounts: list[str | None], at_least: list[bool]) -> pa.Array:
        named = [
            ("至少" if bounded else "") + amount if amount else "（不明）"
            for amount, bounded in zip(amounts, at_least, strict=True)
        ]
        parts: list[Piece] = [
            part
            if isinstance(part, str)
            else pa.array(named)
            if part is None
            else _bounded(hits, part, part in self.months)
            for part in self.wording
        ]
        if self.plan.amount_rows:
            counts = [after - first for first, after in pairwise(self.starts[start : start + len(hits) + 1])]
            parts.append(pa.array([f"（同类记录共{one}条，见证据。）" if one > 1 else "" for one in counts]))
        return _masked(pc.utf8_trim_whitespace(written(parts, len(hits))))

    def _wording(self, part: Part) -> str | int | None:
        """What stands for a part of the sentence: text that all clues share, the number of a value, None the amount."""
        if isinstance(part, str):
            return part
        if part.kind == "as_of":
            return spoken(self.claim)
        if part.kind == "amount":
            return None
        if part.kind == "supplier":
            coverage = self.tables.coverage.get(self.model.spec.tables[part.name])
            return (coverage.supplier if coverage else "") or "有关单位"
        if part.kind == "parameter":
            return str(self.params[part.name])
        return self.places[part.expression or part.name]

    def _conditions(self, texts: list[pa.Array]) -> Json:
        """The conditions with the value that their author wants shown; all values are in ``values``."""
        found = []
        for condition in self.rule.where:
            number, say = self.places.get(condition.id), condition.say or condition.id
            parts: list[Piece] = [say]
            value = json_constant(None)
            if number is not None and "{value}" in say:
                filled = pc.fill_null(texts[number], "")
                parts = [part for text in say.split("{value}") for part in (filled, text)][1:]
                value = json_texts(texts[number])
            found.append(json_object({"id": json_constant(condition.id), "say": json_string(parts), "value": value}))
        return json_array(found)

    def _absent(self) -> list[dict[str, Any]]:
        result = []
        for part in self.rule.absent:
            table = self.model.alias(part.table).source
            coverage = self.tables.coverage.get(table)
            windows = coverage.windows if coverage else ()
            result.append(
                {
                    "id": part.id,
                    "table": table,
                    "title": self.model.lexicon.tables[table].title,
                    "supplier": coverage.supplier if coverage else "",
                    "from": min((window.first for window in windows), default=None),
                    "to": coverage.last if coverage else None,
                    "claim": self.claim,
                    "inferred": coverage.inferred if coverage else False,
                    "note": coverage.note if coverage else "",
                }
            )
        for record in result:
            for name in ("from", "to", "claim"):
                record[name] = value_text(record[name])
        return result

    def _notes(self) -> list[str]:
        notes = []
        for record in self.absent:
            if record["inferred"]:
                extra = f"（{record['note']}）" if record["note"] else ""
                notes.append(f"覆盖期按数据推定：{record['title']}，{record['from']}至{record['to']}{extra}")
            orphans = self.tables.prepared.orphans.get(record["table"], 0)
            if orphans:
                notes.append(f"{record['title']}另有{orphans}行既无文书号也无姓名、身份证号，不能归属到人")
        notes += ended_early(self.model, self.rule, self.tables, self.claim, self.context.as_of)
        return [*notes, *left_out(self.model, self.rule, self.tables)]

    def _is_own(self, against: str) -> bool:
        """Whether the organ that must act is our own office; unset: every procuratorate."""
        office = self.context.office
        return against == office if office else organ_kind(against) == "procuratorate"


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _texts(column: pa.Array) -> pa.Array:
    return column if pa.types.is_string(column.type) else by_value(column, value_text)


def _filled(column: pa.Array) -> pa.Array:
    return pc.fill_null(_texts(column), "")


def _masked(texts: pa.Array) -> pa.Array:
    doubtful = pc.match_substring_regex(texts, _MAYBE_PERSONAL)
    return pc.replace_with_mask(
        texts, doubtful, pa.array(map(mask_text, texts.filter(doubtful).to_pylist()), pa.string())
    )


def _protected(
    texts: pa.Array, flags: Sequence[tuple[str, ...]], names: Mapping[int, Mapping[str, str]], start: int
) -> pa.Array:
    """Sentences with the mark of their flags in front and the names that people are not shown masked."""
    marked = [nth for nth, one in enumerate(flags) if one]
    if not marked:
        return texts
    said = texts.to_pylist()
    for nth in marked:
        said[nth] = mark_of(flags[nth]) + mask_names(said[nth], names.get(start + nth, {}))
    return pa.array(said, pa.string())


def _spoken(column: pa.Array, months: bool) -> pa.Array:
    if months:
        return by_value(column, spoken_month)
    if not pa.types.is_string(column.type):
        return by_value(column, spoken)
    texts = pc.fill_null(column, "")
    return pc.if_else(pc.equal(texts, ""), spoken(None), texts)


def _bounded(hits: pa.RecordBatch, number: int, months: bool) -> pa.Array:
    """A value as the sentence says it; "at least" where only its lower bound is known, of a day that it is open."""
    low = hits[f"v{number}"]
    texts = _spoken(low, months)
    if f"w{number}" not in hits.schema.names:
        return texts
    known = [one == other for one, other in zip(values_of(low), values_of(hits[f"w{number}"]), strict=True)]
    parts = (texts, "（待定）") if pa.types.is_date(low.type) else ("至少", texts)
    return pc.if_else(pa.array(known), texts, pc.binary_join_element_wise(*parts, ""))
