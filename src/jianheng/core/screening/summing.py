"""Verdicts -> the line of the overview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from jianheng.core.model.reads import reads_of
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.clues import ClueBatch
from jianheng.core.screening.protection import flag_counts
from jianheng.core.screening.reasons import reason_text
from jianheng.core.screening.run import RuleOutcome
from jianheng.core.screening.summary import RuleSummary
from jianheng.core.screening.tables import RunTables


@dataclass(slots=True)
class Tally:
    """What the clues of one rule add up to; ``ids``, with those they continue, are for comparison with earlier runs."""

    ids: set[str] = field(default_factory=set)
    amount: Decimal = Decimal(0)
    at_least: bool = False
    decided: int = 0
    flags: Counter[str] = field(default_factory=Counter)
    left_open: bool = False

    def add(self, batch: ClueBatch) -> None:
        """Count some clues."""
        self.ids.update(batch.ids, *batch.former)
        self.amount += sum(Decimal(amount) for amount in batch.amounts if amount)
        self.at_least = self.at_least or any(batch.at_least)
        self.decided += sum(decision is not None for decision in batch.decisions)
        for flags in batch.flags:
            self.flags.update(flags)
        self.left_open = self.left_open or batch.left_open


def summarise(
    model: SupervisionModel, rule: Rule, outcome: RuleOutcome, tally: Tally, tables: RunTables
) -> RuleSummary:
    """One rule's line: verdicts in subjects, reasons in words, the most frequent first."""
    verdicts = outcome.verdicts
    reasons = sorted(verdicts.reasons.items(), key=lambda item: (-item[1], item[0])) if verdicts else []
    missing = "、".join(model.sources[name].title for name in outcome.missing)
    notes = [f"其中{tally.decided}条此前已核查，事实未变"] if tally.decided else []
    notes += [f"其中{flag_counts(tally.flags)}"] if tally.flags else []
    if verdicts and verdicts.unidentified:
        notes.append(f"{verdicts.unidentified}行没有可用的文书号，未纳入")
    return RuleSummary(
        model=model.id,
        model_title=model.spec.title,
        rule=rule.id,
        title=rule.title,
        kind=rule.kind,
        certainty=rule.certainty,
        hits=verdicts.hits if verdicts else 0,
        clean=verdicts.clean if verdicts else 0,
        cannot_tell=verdicts.cannot_tell if verdicts else 0,
        subjects=verdicts.subjects if verdicts else 0,
        unidentified=verdicts.unidentified if verdicts else 0,
        reasons=tuple((reason_text(reason, model, rule), count) for reason, count in reasons),
        amount=tally.amount if rule.amount and outcome.plan else None,
        amount_at_least=tally.at_least,
        not_run=f"未提供{missing}" if missing else "",
        notes=tuple(notes),
        basis=tuple(basis.cite for basis in rule.basis),
        innocent=tuple(rule.innocent),
        verify=tuple(rule.verify),
        flags=dict(tally.flags),
        left_open=tally.left_open,
    )


def missing_columns(models: Sequence[SupervisionModel], tables: RunTables) -> dict[str, list[str]]:
    """Table id -> titles of columns that some rule judges by, matches on or shows and no file has."""
    found: dict[str, list[str]] = {}
    for model in models:
        for rule in model.spec.rules:
            reads = reads_of(model, rule)
            for table in dict.fromkeys((*reads.judged, *reads.shown)):
                columns = reads.judged.get(table, frozenset()) | reads.shown.get(table, frozenset())
                profile = tables.profiles.get(table)
                if profile is None:
                    continue
                for name, term in model.lexicon.tables[table].columns.items():
                    column = profile.columns.get(name)
                    lacking = name in columns and column is not None and not column.present and not term.optional
                    if lacking and term.title not in found.setdefault(table, []):
                        found[table].append(term.title)
    return {table: titles for table, titles in found.items() if titles}
