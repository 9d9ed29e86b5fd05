"""Hits -> clues: one record for each subject and episode, with an identity, its facts and everything to judge it by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

import pyarrow as pa

from jianheng.core.compiler.plan import RulePlan
from jianheng.core.engine.port import Engine
from jianheng.core.fields.masking import mask_text
from jianheng.core.fields.organ_kind import organ_kind
from jianheng.core.foundation.identity import hash_value
from jianheng.core.model.reads import reads_of
from jianheng.core.model.sentence import Part, sentence_parts
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.evidence import (
    EvidenceRow,
    Sources,
    read_evidence,
    read_links,
    rows_of_hits,
    spoken,
    value_text,
)
from jianheng.core.screening.ruling_out import Excuses, claim_day
from jianheng.core.screening.run import RuleOutcome
from jianheng.core.screening.tables import RunTables

Clue = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ClueContext:
    """What all clues of a run share. ``office``: our name or empty; ``decisions``: clue id -> (facts_hash, record)."""

    as_of: date
    params: Mapping[str, object]
    snapshots: tuple[str, ...]
    sources: Sources
    office: str
    decisions: Mapping[str, tuple[str, dict[str, str]]]


def clue_id(model: str, rule: str, subject: Mapping[str, str], episode: tuple[str, ...]) -> str:
    """The identity of a clue: what it is about, never what was found."""
    return hash_value({"model": model, "rule": rule, "subject": dict(subject), "episode": list(episode)})


def build_clues(
    model: SupervisionModel, rule: Rule, outcome: RuleOutcome, tables: RunTables, context: ClueContext, engine: Engine
) -> Iterator[Clue]:
    """The clues of one rule, in order of subject; the rule's tables must still stand in ``engine``."""
    if outcome.plan is not None and outcome.hits is not None and outcome.hits.num_rows:
        builder = _Builder(model, rule, outcome.plan, outcome.hits, tables, context, engine)
        builder.second_partners = outcome.second_partners
        yield from builder.clues()


class _Builder:
    def __init__(
        self,
        model: SupervisionModel,
        rule: Rule,
        plan: RulePlan,
        hits: pa.Table,
        tables: RunTables,
        context: ClueContext,
        engine: Engine,
    ) -> None:
        self.model, self.rule, self.tables, self.context = model, rule, tables, context
        self.plan, self.hits = plan, hits
        reads = reads_of(model, rule)
        self.rows = rows_of_hits(rule.id, engine)
        self.evidence = read_evidence(rule.id, reads, model.lexicon, context.sources, engine)
        self.links = read_links(rule.id, model.lexicon, engine)
        self.order = {table: index for index, table in enumerate(model.spec.tables.values())}
        self.claim = claim_day(model, rule, tables, context.as_of)
        self.absent = self._absent()
        self.notes = self._notes()
        self.excuses = Excuses(model, rule, tables, self.claim)
        self.fixed = {
            "kind": rule.kind,
            "model": model.id,
            "model_version": model.spec.version,
            "rule": rule.id,
            "rule_title": rule.title,
        }
        given = {name: context.params.get(name, spec.default) for name, spec in model.spec.params.items()}
        self.params = {name: value_text(one) if isinstance(one, Decimal) else one for name, one in given.items()}
        self.places = {value.key: number for number, value in enumerate(plan.values)}
        self.wording = [self._wording(part) for part in sentence_parts(rule.say, rule, model.spec)]
        self.columns: dict[str, list[Any]] = {name: hits.column(name).to_pylist() for name in hits.column_names}
        self.texts = [[value_text(one) for one in self.columns[f"v{index}"]] for index in range(len(plan.values))]
        self.own: dict[str, bool] = {}
        self.second_partners: Mapping[str, Mapping[tuple[int | None, ...], list[int]]] = {}
        self.cited: dict[date | None, list[str]] = {}

    def clues(self) -> Iterator[Clue]:
        """Combinations of one subject and episode become one clue."""
        columns = self.columns
        keys = [columns[f"s{index}"] for index in range(len(self.plan.subject_names))]
        keys += [columns[f"e{index}"] for index in range(len(self.rule.episode))]
        keyed = list(zip(*keys, strict=True))
        for key, indices in groupby(range(self.hits.num_rows), key=keyed.__getitem__):
            yield self._clue(key, list(indices))

    def _clue(self, key: tuple[Any, ...], indices: list[int]) -> Clue:
        first, columns = indices[0], self.columns
        count = len(self.plan.subject_names)
        subject = {name: value_text(value) or "" for name, value in zip(self.plan.subject_names, key, strict=False)}
        episode = tuple(value_text(value) or "" for value in key[count:])
        identity = clue_id(self.model.id, self.rule.id, subject, episode)
        rows = self._evidence_rows(indices)
        facts = sorted(fact for row in rows.values() for fact in row.facts)
        digest = hash_value(facts)
        amount, at_least = self._amount(indices)
        day = columns["judged_on"][first]
        against = columns["against"][first] or ""
        former = {clue_id(self.model.id, old, subject, episode): old for old in self.rule.continues}
        decision, inherited = self._decision(identity, digest, former)
        return {
            "clue_id": identity,
            **self.fixed,
            "subject": subject,
            "against": against,
            "own_office": self._is_own(against),
            "say": self._say(first, amount, at_least, len(indices)),
            "amount": amount,
            "amount_at_least": at_least,
            "occurred_on": value_text(day),
            "conditions": self._conditions(first),
            "values": {key: self.texts[number][first] for key, number in self.places.items()},
            "basis": self._basis(day),
            "evidence": [row.record for row in rows.values()],
            "absent": self.absent,
            "not_ruled_out": self.excuses.not_ruled_out(day, columns["district"][first]),
            "linked_by": self._linked_by(rows),
            "notes": [*self.notes, *self._doubled(indices), *inherited],
            "innocent": self.rule.innocent,
            "verify": self.rule.verify,
            "as_of": self.context.as_of.isoformat(),
            "claim": self.claim.isoformat(),
            "params": self.params,
            "snapshots": list(self.context.snapshots),
            "facts_hash": digest,
            "decision": decision,
            **({"continues": list(former)} if former else {}),
        }

    def _decision(
        self, identity: str, digest: str, former: Mapping[str, str]
    ) -> tuple[dict[str, str] | None, list[str]]:
        """What was decided of the same facts, else of the clue of a replaced rule (semantics 9); and what to note.

        A new rule rests on other cells than the one it replaces, so their facts cannot be compared: that is said.
        """
        decided = self.context.decisions.get(identity)
        if decided is not None:
            return (decided[1] if decided[0] == digest else None), []
        for old_id, old in former.items():
            inherited = self.context.decisions.get(old_id)
            if inherited is not None:
                same = inherited[0] == digest
                doubt = "" if same else "；两条规则依据的内容不同，事实是否有变请核对"
                return inherited[1], [f"核查结论承接自原规则{old}{doubt}"]
        return None, []

    def _doubled(self, indices: list[int]) -> list[str]:
        """A note for every partner that should have been the only one and is not (semantics 12)."""
        notes = []
        for wanted in self.plan.second_partners:
            found = self.second_partners.get(wanted.alias, {})
            keys = {tuple(self.columns[f"r_{name}"][index] for name in wanted.left) for index in indices}
            most = max((len(found[key]) for key in keys if key in found), default=0)
            if most:
                title = self.model.lexicon.tables[wanted.table].title
                notes.append(f"{title}应当只有一条对应的记录，实有{most + 1}条，见未能读取及存疑的内容（D202）")
        return notes

    def _basis(self, day: date | None) -> list[str]:
        """The provisions in force on the day that is judged."""
        if day not in self.cited:
            self.cited[day] = [
                basis.cite
                for basis in self.rule.basis
                if day is None or (basis.from_ <= day and (basis.to is None or day <= basis.to))
            ]
        return self.cited[day]

    def _evidence_rows(self, indices: list[int]) -> dict[tuple[str, int], EvidenceRow]:
        numbers = self.columns["n"]
        keys = {key for index in indices for key in self.rows.get(numbers[index], ())}
        ordered = sorted(keys, key=lambda key: (self.order.get(key[0], 99), self.evidence[key].place))
        return {key: self.evidence[key] for key in ordered}

    def _amount(self, indices: list[int]) -> tuple[str | None, bool]:
        """The amount, added up over the different partner rows it belongs to; "at least" where a part is unknown."""
        columns = self.columns
        if "amount" not in columns:
            return None, False
        counted: dict[tuple[Any, ...], int] = {}
        for index in indices:
            counted.setdefault(tuple(columns[f"r_{name}"][index] for name in self.plan.amount_rows), index)
        lows = [columns["amount"][index] for index in counted.values()]
        known = [Decimal(low) for low in lows if low is not None]
        at_least = len(known) < len(lows) or any(
            columns["amount_max"][index] != columns["amount"][index] for index in counted.values()
        )
        return (f"{sum(known, Decimal(0)):.2f}" if known else None), at_least

    def _say(self, index: int, amount: str | None, at_least: bool, count: int) -> str:
        named = ("至少" if at_least else "") + (amount or "（不明）")
        text = "".join(
            part if isinstance(part, str) else named if part is None else self._bounded(part, index)
            for part in self.wording
        )
        if count > 1 and self.plan.amount_rows:
            text += f"（同类记录共{count}条，见证据。）"
        return mask_text(text.strip())

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

    def _bounded(self, number: int, index: int) -> str:
        low = self.columns[f"v{number}"][index]
        high = self.columns[f"w{number}"][index] if f"w{number}" in self.columns else low
        text = spoken(low)
        return text if low == high else f"至少{text}"

    def _conditions(self, index: int) -> list[dict[str, str | None]]:
        """The conditions with the value that their author wants shown; all values are in ``values``."""
        found: list[dict[str, str | None]] = []
        for condition in self.rule.where:
            number, say = self.places.get(condition.id), condition.say or condition.id
            value = None
            if number is not None and "{value}" in say:
                value = self.texts[number][index]
                say = say.replace("{value}", value or "")
            found.append({"id": condition.id, "say": say, "value": value})
        return found

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
                    "to": max((window.last for window in windows), default=None),
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
        return notes

    def _linked_by(self, rows: dict[tuple[str, int], EvidenceRow]) -> list[dict[str, Any]]:
        return [
            {
                "table": key[0],
                "file": row.record["file"],
                "sheet": row.record["sheet"],
                "row": row.record["row"],
                "step": self.links[key][0],
                "title": self.links[key][1],
            }
            for key, row in rows.items()
            if key in self.links
        ]

    def _is_own(self, against: str) -> bool:
        """Whether the organ that must act is our own office; unset: every procuratorate."""
        if against not in self.own:
            office = self.context.office
            self.own[against] = against == office if office else organ_kind(against) == "procuratorate"
        return self.own[against]
