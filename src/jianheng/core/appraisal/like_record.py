"""What ``model like --json`` says. Personal numbers are masked."""

from __future__ import annotations

from typing import Any

from jianheng.core.appraisal.likeness import Likeness, LikeRule, Protection, subject_text, verdict_text
from jianheng.core.appraisal.trace import TracedStep, TracedSubject, unsure_text, why_clean
from jianheng.core.terms.lexicon import Lexicon

_ORDER = ("hit", "cannot_tell", "clean")


def like_record(found: Likeness, lexicon: Lexicon) -> dict[str, Any]:
    """Hits first, then what cannot be told, then the clean ones, those that get furthest first."""
    rules = [_rule(rule, subject, found.protection) for rule in found.rules for subject in rule.subjects]
    rules.sort(key=lambda one: (_ORDER.index(one["verdict"]), -one["met"]))
    return {
        "tables": [
            {"table": name, "title": lexicon.tables[name].title, "rows": len(rows)}
            for name, rows in found.found.rows.items()
        ],
        "flags": list(found.protection.flags),
        "persons": list(found.found.persons),
        "rules": rules,
        "elsewhere": found.elsewhere,
        "not_run": [
            {"model": model.id, "rule": rule.id, "title": rule.title, "missing": missing}
            for model, rule, missing in found.not_run
        ],
    }


def _rule(like: LikeRule, one: TracedSubject, protection: Protection) -> dict[str, Any]:
    return {
        "model": like.model.id,
        "model_title": like.model.spec.title,
        "rule": like.rule.id,
        "title": like.rule.title,
        "kind": like.rule.kind,
        "subject": subject_text(like.model, like.rule, one.subject, protection),
        "verdict": one.verdict,
        "verdict_text": verdict_text(one.verdict),
        "steps": [_step(like, step, protection) for step in one.steps],
        "met": sum(_kind(like, step) != "data" for step in one.steps[: one.depth]),
        "stopped": why_clean(one, like.model),
        "same": one.same,
        "as_far": one.as_far,
        "hits": one.other_hits,
    }


def _step(like: LikeRule, step: TracedStep, protection: Protection) -> dict[str, Any]:
    why = unsure_text(step, like.rule, like.model) if step.state == "?" else ""
    return {"id": step.id, "kind": _kind(like, step), "say": protection.hide(step.say), "state": step.state, "why": why}


def _kind(like: LikeRule, step: TracedStep) -> str:
    """``condition`` (where, present), ``absent``, ``excuse`` (unless), or ``data``: what must be known for the rest."""
    rule = like.rule
    if step.id.startswith("guard:"):
        return "excuse"
    if any(part.id == step.id for part in rule.absent):
        return "absent"
    conditions = {one.id for one in rule.where} | {one.id for one in rule.present}
    return "condition" if step.id in conditions else "data"
