"""Which models of the office a model resembles: the same tables, the same conditions. Nothing is scored or ranked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.shelf.canonical_form import RuleForm, rule_form, shared


@dataclass(frozen=True, slots=True)
class LikeRules:
    """A rule of ours beside one of another model; ``same``: from the same table, with exactly the same conditions."""

    rule: str
    title: str
    other_rule: str
    other_title: str
    same: bool
    shared: tuple[str, ...]
    only_here: tuple[str, ...]
    only_there: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LikeModel:
    """Another model; ``tables``: titles of the tables both use, ``same_tables`` if neither uses any other."""

    id: str
    title: str
    tables: tuple[str, ...]
    same_tables: bool
    rules: tuple[LikeRules, ...]

    def as_dict(self) -> dict[str, Any]:
        """The record for ``--json``."""
        return asdict(self)


def like_models(model: SupervisionModel, others: Iterable[SupervisionModel]) -> list[LikeModel]:
    """Those of ``others`` with the same tables, or with a rule that shares at least half its conditions with ours."""
    forms = [rule_form(model, rule) for rule in model.spec.rules]
    own = set(model.spec.tables.values())
    found = []
    for other in others:
        theirs = set(other.spec.tables.values())
        both = sorted(own & theirs)
        if not both:
            continue
        rules = tuple(_like_rules(forms, [rule_form(other, rule) for rule in other.spec.rules]))
        if rules or own == theirs:
            titles = tuple(model.lexicon.tables[name].title for name in both)
            found.append(LikeModel(other.id, other.spec.title, titles, own == theirs, rules))
    return found


def _like_rules(ours: Sequence[RuleForm], theirs: Sequence[RuleForm]) -> Iterator[LikeRules]:
    """Pairs that are alike. A rule that stands in both models as it is, is compared with no other."""
    twins = [(one, other) for one in ours for other in theirs if _same(one, other)]
    in_both = {id(rule) for pair in twins for rule in pair}
    for one in ours:
        for other in theirs:
            if one.table != other.table or (not _same(one, other) and in_both & {id(one), id(other)}):
                continue
            both = shared(one.conditions, other.conditions)
            if not both or 2 * len(both) < min(len(one.conditions), len(other.conditions)):
                continue
            only_here = [words for form, words in one.conditions.items() if form not in other.conditions]
            only_there = [words for form, words in other.conditions.items() if form not in one.conditions]
            yield LikeRules(
                one.id,
                one.title,
                other.id,
                other.title,
                _same(one, other),
                tuple(one.conditions[form] for form in both),
                tuple(only_here),
                tuple(only_there),
            )


def _same(one: RuleForm, other: RuleForm) -> bool:
    return bool(one.conditions) and one.table == other.table and set(one.conditions) == set(other.conditions)
