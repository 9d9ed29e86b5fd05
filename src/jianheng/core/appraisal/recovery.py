"""Conclusions of earlier work laid beside what a draft found: how many were true, which are found again, which missed.

Two things are kept apart. Whether the draft's clues *were true* can be said only by conclusions about the same rule (by
the clue's id, or by a list made for this draft). Whether it *finds a subject again* may also be asked of a subject that
another model found: it is looked for by the columns that both name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from jianheng.core.appraisal.findings import (
    ClueKey,
    Findings,
    RuleFindings,
    Subject,
    clue_id,
    counted_kinds,
    subject_names,
)
from jianheng.core.appraisal.known import FALSE, TRUE, Conclusion
from jianheng.core.appraisal.proportion import Proportion
from jianheng.core.compiler.dialect import DIALECTS
from jianheng.core.engine.port import Engine
from jianheng.core.fields.name_masking import mask_person_name
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.protection import personal_columns
from jianheng.core.screening.reasons import reason_text
from jianheng.core.screening.workbook_text import shown
from jianheng.core.terms.lexicon import Lexicon

WhyClean = Callable[[Rule, Collection[Subject]], Mapping[Subject, tuple[int, str]]]
"""A rule and subjects that are clean under it -> how many conditions each meets, and which rules it out, in words."""

NOT_THERE = "不在本模型的监督对象之中"
ONLY_LISTED = "只在清单或提示中"
_CLEAN = "未发现异常"
_CANNOT_TELL = "数据不足"


@dataclass(frozen=True, slots=True)
class Missed:
    """A confirmed subject that the draft does not report.

    ``state`` is 数据不足, 未发现异常, ``ONLY_LISTED`` (``rule``: where) or ``NOT_THERE``.
    """

    conclusion: Conclusion
    state: str
    rule: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Recovery:
    """``found`` of the confirmed subjects that could be looked for; ``unmatched`` could not: no column in common.

    ``repeated`` of ``refuted``: subjects that were not as suspected and that the draft reports;
    ``repeated_in_lists``: those it only lists or hints at.
    """

    found: Proportion
    missed: tuple[Missed, ...]
    unmatched: tuple[Conclusion, ...]
    repeated: Proportion
    repeated_in_lists: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """All that a draft reported over the days of a replay: rule id -> clue -> the first day."""

    first: Mapping[str, Mapping[ClueKey, date]]

    def subjects(self, rule: str) -> set[Subject]:
        """Whom the rule ever reported."""
        return {key.subject for key in self.first.get(rule, {})}

    def ids(self, model: SupervisionModel, kinds: Collection[str]) -> set[str]:
        """The ids of all clues of rules of ``kinds``, also under the rules that ours replace."""
        return {
            clue_id(model.id, old, subject_names(rule), key)
            for rule in model.spec.rules
            if rule.kind in kinds
            for key in self.first.get(rule.id, {})
            for old in (rule.id, *rule.continues)
        }


def confirmed_clues(
    model: SupervisionModel, seen: Seen, conclusions: Iterable[Conclusion], directory: Directory
) -> Proportion | None:
    """Of the draft's clues whose outcome is known, how many were true; None if none is known.

    A conclusion of a workbook belongs to the clue of the same id, under this rule or one that it ``continues``; one of
    a list made by hand to every clue of its subject.
    """
    told = [one for one in conclusions if one.told]
    by_id = {one.clue_id: one.outcome for one in told if one.clue_id}
    by_hand = [one for one in told if not one.clue_id]
    outcomes: dict[tuple[str, ClueKey], str] = {}
    for rule in model.spec.rules:
        names = subject_names(rule)
        keys = seen.first.get(rule.id, {})
        of_subject: dict[Subject, str] = {}
        for one in by_hand:
            of_subject |= dict.fromkeys(directory.subjects(rule, one) or (), one.outcome)
        for key in keys:
            ids = [clue_id(model.id, old, names, key) for old in (rule.id, *rule.continues)] if by_id else []
            known = next((by_id[one] for one in ids if one in by_id), of_subject.get(key.subject))
            if known:
                outcomes[rule.id, key] = known
    if not outcomes:
        return None
    return Proportion(sum(one == TRUE for one in outcomes.values()), len(outcomes))


def recover(
    model: SupervisionModel,
    findings: Findings,
    seen: Seen,
    conclusions: Sequence[Conclusion],
    directory: Directory,
    why_clean: WhyClean,
) -> Recovery:
    """Look for every concluded subject; ``findings`` are those of the last day, which the reasons are taken from.

    Found is what a clue or a conflict reports: a list of work or a hint says of nobody that something is wrong.
    """
    found = refuted = repeated = in_lists = 0
    kinds = counted_kinds(model)
    ids = seen.ids(model, kinds)
    listed: list[Missed] = []
    lost: list[tuple[Conclusion, list[tuple[Rule, Subject]]]] = []
    unmatched = []
    for one in _once(conclusions):
        places = _places(model, one, directory)
        if places is None:
            unmatched.append(one)
            continue
        holding = [rule for rule, subject in places if subject in seen.subjects(rule.id)]
        reported = one.clue_id in ids or any(rule.kind in kinds for rule in holding)
        if one.outcome == FALSE:
            refuted, repeated = refuted + 1, repeated + reported
            in_lists += bool(holding) and not reported
        elif reported:
            found += 1
        elif holding:
            listed.append(Missed(one, ONLY_LISTED, holding[0].title))
        else:
            lost.append((one, places))
    missed = (*listed, *_explained(model, findings, lost, why_clean))
    confirmed = [one for one in unmatched if one.outcome == TRUE]
    told = Proportion(found, found + len(missed))
    return Recovery(told, missed, tuple(confirmed), Proportion(repeated, refuted), in_lists)


@dataclass(slots=True)
class Directory:
    """Finds subjects by any columns of a rule's first table, as they stand in ``engine``."""

    model: SupervisionModel
    lexicon: Lexicon
    supplied: Collection[str]
    engine: Engine
    _known: dict[tuple[str, tuple[str, ...], tuple[str, ...], bool, bool], dict[Subject, set[Subject]]] = field(
        default_factory=dict
    )

    def subjects(self, rule: Rule, one: Conclusion) -> set[Subject] | None:
        """The subjects of ``rule`` with all values that ``one`` shares with its table; None if they share no column.

        A hidden number that stands for several people names nobody: then there is no telling who is meant.
        """
        table = self.model.alias(rule.from_).source
        shared = tuple(name for name in one.values if name in self.lexicon.tables[table].columns)
        if not shared or table not in self.supplied:
            return None
        found = self._of(table, subject_names(rule), shared, one.masked, one.hidden).get(
            tuple(one.values[name] for name in shared), set()
        )
        return None if one.masked and len(found) > 1 and set(subject_names(rule)) <= set(shared) else found

    def _of(
        self, table: str, subject: tuple[str, ...], shared: tuple[str, ...], masked: bool, hidden: bool
    ) -> dict[Subject, set[Subject]]:
        key = (table, subject, shared, masked, hidden)
        if key not in self._known:
            dialect = DIALECTS[self.engine.dialect]
            names = [*subject, *shared]
            listing = ", ".join(
                f"CAST({dialect.quote(name)} AS {dialect.type('text')}) AS c{place}" for place, name in enumerate(names)
            )
            known = " AND ".join(f"{dialect.quote(name)} IS NOT NULL" for name in dict.fromkeys(names))
            sql = f"SELECT DISTINCT {listing} FROM {dialect.quote(table)} WHERE {known}"
            rows = self.engine.fetch(sql, step="监督对象").to_pydict()
            names_of_persons = personal_columns(self.lexicon.tables[table])
            index: dict[Subject, set[Subject]] = {}
            for row in zip(*rows.values(), strict=True):
                values = row[len(subject) :]
                if hidden:
                    values = tuple(
                        mask_person_name(value) if name in names_of_persons else value
                        for name, value in zip(shared, values, strict=True)
                    )
                if masked:
                    values = tuple(map(shown, values))
                index.setdefault(values, set()).add(row[: len(subject)])
            self._known[key] = index
        return self._known[key]


def _once(conclusions: Sequence[Conclusion]) -> list[Conclusion]:
    """Each subject of each rule once: a clue of several episodes is one subject."""
    return list({(one.model, one.rule, *sorted(one.values.items())): one for one in conclusions}.values())


def _places(model: SupervisionModel, one: Conclusion, directory: Directory) -> list[tuple[Rule, Subject]] | None:
    """Where to look: under the same rule if it is one of ours, else under every rule; None where nowhere."""
    same = [rule for rule in model.spec.rules if one.model == model.id and one.rule in (rule.id, *rule.continues)]
    places: list[tuple[Rule, Subject]] = []
    askable = False
    for rule in same or model.spec.rules:
        subjects = directory.subjects(rule, one)
        if subjects is not None:
            askable = True
            places += [(rule, subject) for subject in sorted(subjects)]
    return places if askable else None


def _explained(
    model: SupervisionModel,
    findings: Findings,
    lost: Sequence[tuple[Conclusion, list[tuple[Rule, Subject]]]],
    why_clean: WhyClean,
) -> Iterable[Missed]:
    clean: dict[str, set[Subject]] = {}
    for _, places in lost:
        for rule, subject in places:
            if _reason(findings[rule.id], subject, model) is None:
                clean.setdefault(rule.id, set()).add(subject)
    why = {rule: why_clean(model.rule(rule), subjects) for rule, subjects in clean.items()}
    for one, places in lost:
        unsure = [(rule, _reason(findings[rule.id], subject, model)) for rule, subject in places]
        doubt = next(((rule, text) for rule, text in unsure if text is not None), None)
        if not places:
            yield Missed(one, NOT_THERE)
        elif doubt:
            yield Missed(one, _CANNOT_TELL, doubt[0].title, doubt[1] or "")
        else:
            reached = [(*why[rule.id].get(subject, (0, "")), rule) for rule, subject in places]
            _, text, rule = max(reached, key=lambda one: one[0])  # the rule that it came nearest to
            yield Missed(one, _CLEAN, rule.title, text)


def _reason(found: RuleFindings, subject: Subject, model: SupervisionModel) -> str | None:
    """Why the subject cannot be told under a rule; None if it is clean."""
    if found.verdicts is None or found.missing:
        titles = "、".join(model.sources[name].title for name in found.missing)
        return f"未提供{titles}"
    reason = found.undecided.get(subject)
    return None if reason is None else reason_text(reason, model, found.rule)
