"""What ``backtest.json`` says: counts, dates and words, never a person, so that it may go along with a model."""

from __future__ import annotations

from collections import Counter
from typing import Any

from jianheng.core.appraisal.backtest import BacktestReport, DayResult
from jianheng.core.appraisal.findings import counted_kinds
from jianheng.core.appraisal.proportion import TOO_FEW, Proportion
from jianheng.core.appraisal.recovery import ONLY_LISTED
from jianheng.core.screening.reasons import reason_text

FORMAT = 1


def backtest_record(report: BacktestReport) -> dict[str, Any]:
    """The whole record."""
    request, model = report.request, report.request.model
    kinds = counted_kinds(report.request.model)
    given = {name: request.params.get(name, spec.default) for name, spec in model.spec.params.items()}
    return {
        "format": FORMAT,
        "model": model.id,
        "title": model.spec.title,
        "version": model.spec.version,
        "model_hash": model.digest,
        "params": {name: str(value) for name, value in given.items()},
        "as_of": [day.as_of.isoformat() for day in report.days],
        "counted": list(kinds),
        "weeks": [_week(day, kinds) for day in report.days],
        "rules": [_rule(report, rule.id) for rule in model.spec.rules if rule.id in report.last.findings],
        "data": _data(report),
        "confirmed": _confirmed(report.confirmed),
        "recovered": _recovered(report),
        "overlap": _overlap(report),
        "sensitivity": _sensitivity(report),
        "too_few": TOO_FEW,
    }


def _week(day: DayResult, kinds: tuple[str, ...]) -> dict[str, Any]:
    rules = [_rule_day(day, rule) for rule in day.findings]
    total: Counter[str] = Counter()
    for one in rules:
        if one["kind"] in kinds:
            total.update({name: one[name] for name in ("clues", "new", "gone", "cannot_tell", "clean")})
    return {
        "as_of": day.as_of.isoformat(),
        **{name: total[name] for name in ("clues", "new", "gone", "cannot_tell", "clean")},
        "rules": rules,
    }


def _rule_day(day: DayResult, rule: str) -> dict[str, Any]:
    found = day.findings[rule]
    verdicts = found.verdicts
    return {
        "rule": rule,
        "kind": found.rule.kind,
        "clues": len(found.clues),
        "new": len(day.new[rule]),
        "gone": len(day.gone[rule]),
        "cannot_tell": verdicts.cannot_tell if verdicts else 0,
        "clean": verdicts.clean if verdicts else 0,
    }


def _rule(report: BacktestReport, rule: str) -> dict[str, Any]:
    """A rule on the last day, with why it cannot tell, the most frequent first: the list of what data to get."""
    found, model = report.last.findings[rule], report.request.model
    verdicts = found.verdicts
    reasons = sorted(verdicts.reasons.items(), key=lambda item: (-item[1], item[0])) if verdicts else []
    later = report.days[1:]
    return {
        "rule": rule,
        "title": found.rule.title,
        "kind": found.rule.kind,
        "subjects": verdicts.subjects if verdicts else 0,
        "clues": len(found.clues),
        "cannot_tell": verdicts.cannot_tell if verdicts else 0,
        "cannot_tell_share": round(verdicts.cannot_tell / verdicts.subjects, 4)
        if verdicts and verdicts.subjects
        else None,
        "reasons": [[reason_text(reason, model, found.rule), count] for reason, count in reasons],
        "missing": [model.sources[name].title for name in found.missing],
        "at_first": len(report.days[0].findings[rule].clues),
        "new_per_day": round(sum(len(day.new[rule]) for day in later) / len(later), 2) if later else None,
    }


def _data(report: BacktestReport) -> dict[str, Any]:
    bodies = report.request.bodies
    return {
        "bodies": [
            {
                "snapshot": body.snapshot.hash,
                "imported_on": body.imported_on.isoformat() if body.imported_on else None,
                "rows": sum(profile.rows for profile in body.snapshot.tables.values()),
            }
            for body in bodies
        ],
        "as_they_stood": "imports" if bodies[0].imported_on else "dates",
        "later": [
            {"as_of": day.as_of.isoformat(), "rows": dict(day.later_rows), "cells": dict(day.later_cells)}
            for day in (report.days[0], report.last)
        ],
    }


def _confirmed(confirmed: Proportion | None) -> dict[str, Any] | None:
    return None if confirmed is None else {"checked": confirmed.of, "true": confirmed.count, **confirmed.as_dict()}


def _recovered(report: BacktestReport) -> dict[str, Any] | None:
    known = report.recovery
    if known is None:
        return None
    missed = Counter((one.state, one.rule, one.why) for one in known.missed)
    return {
        "of": known.found.of,
        "found": known.found.count,
        **known.found.as_dict(),
        "only_listed": sum(one.state == ONLY_LISTED for one in known.missed),
        "missed": [
            {"state": state, "rule": rule, "why": why, "subjects": count}
            for (state, rule, why), count in missed.most_common()
        ],
        "unmatched": len(known.unmatched),
        "refuted": {
            "of": known.repeated.of,
            "found_again": known.repeated.count,
            "only_listed": known.repeated_in_lists,
        },
    }


def _overlap(report: BacktestReport) -> dict[str, Any] | None:
    if not report.request.against:
        return None
    pairs = [
        {
            "rule": one.rule.id,
            "model": one.other.id,
            "model_title": one.other.spec.title,
            "model_version": one.other.spec.version,
            "other_rule": one.other_rule.id,
            "other_title": one.other_rule.title,
            "shared": one.shared,
            "clues": one.clues,
            "theirs": one.theirs,
            "other_clues": one.other_clues,
        }
        for one in report.overlaps
    ]
    compared = [model.id for model in report.request.against if model not in report.not_compared]
    return {"compared": compared, "not_run": [model.id for model in report.not_compared], "pairs": pairs}


def _sensitivity(report: BacktestReport) -> list[dict[str, Any]]:
    """Totals are over the counted kinds; every rule has its own line."""
    kinds, result = counted_kinds(report.request.model), []
    for one in report.variations:
        rules: list[dict[str, Any]] = [
            {"rule": rule, "clues": count, "added": len(one.added[rule]), "removed": len(one.removed[rule])}
            for rule, count in one.clues.items()
        ]
        counted = [told for told in rules if report.last.findings[told["rule"]].rule.kind in kinds]
        totals = {name: sum(told[name] for told in counted) for name in ("clues", "added", "removed")}
        shown = f"{one.shown}（现用）" if one.usual else one.shown
        said = {"param": one.param, "title": one.title, "value": str(one.value), "shown": shown, "default": one.usual}
        result.append({**said, **totals, "rules": rules})
    return result
