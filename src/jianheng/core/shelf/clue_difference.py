"""What two models find otherwise in the same data: subjects that both find, and those that only one of them does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from jianheng.core.fields.masking import mask_text
from jianheng.core.fields.name_masking import mask_names


@dataclass(frozen=True, slots=True)
class Found:
    """One clue that the other model does not make; numbers of persons are masked, names where they are protected."""

    rule: str
    subject: str
    say: str
    amount: str | None


@dataclass(slots=True)
class ClueDifference:
    """One rule, or all rules together where the models are not versions of one. ``amounts``: both, with another sum."""

    rule: str
    title: str
    both: int = 0
    amounts: int = 0
    only_old: list[Found] = field(default_factory=list)
    only_new: list[Found] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The record for ``--json``."""
        return asdict(self)


def compare_clues(
    old: Iterable[dict[str, Any]], new: Iterable[dict[str, Any]], *, versions: bool, title: str = "全部规则"
) -> list[ClueDifference]:
    """The clues of two runs over the same data. With ``versions`` of one model they are compared by their identity, a
    rule that replaces others going on for them; otherwise by their subjects alone, whatever the rules are called:
    then ``title`` says which kinds of rule ``old`` and ``new`` are of.
    """
    before = {_identity(clue, versions): _Kept(clue) for clue in old}
    found: dict[str, ClueDifference] = {}
    met: set[str] = set()
    for clue in new:
        rule, named = (clue["rule"], clue["rule_title"]) if versions else ("", title)
        line = found.setdefault(rule, ClueDifference(rule, named))
        known = [one for one in _identities(clue, versions) if one in before]
        if not known:
            if versions or _identity(clue, versions) not in met:
                line.only_new.append(_Kept(clue).found())
        elif known[0] not in met:
            line.both += 1
            line.amounts += versions and before[known[0]].amount != clue["amount"]
        met |= {*known, _identity(clue, versions)}
    for identity, kept in before.items():
        if identity not in met:
            rule, named = (kept.rule, kept.title) if versions else ("", title)
            found.setdefault(rule, ClueDifference(rule, named)).only_old.append(kept.found())
    return list(found.values())


class _Kept:
    """What has to be remembered of a clue."""

    __slots__ = ("amount", "rule", "say", "subject", "title")

    def __init__(self, clue: dict[str, Any]) -> None:
        self.rule, self.title, self.say, self.amount = clue["rule"], clue["rule_title"], clue["say"], clue["amount"]
        subject = "、".join(str(value) for value in clue["subject"].values())
        self.subject = mask_names(subject, clue["names_masked"])

    def found(self) -> Found:
        return Found(self.rule, mask_text(self.subject), mask_text(self.say), self.amount)


def _identity(clue: dict[str, Any], versions: bool) -> str:
    if versions:
        return str(clue["clue_id"])
    return orjson.dumps(sorted(str(value) for value in clue["subject"].values())).decode()


def _identities(clue: dict[str, Any], versions: bool) -> Iterator[str]:
    yield _identity(clue, versions)
    if versions:
        yield from clue.get("continues", ())
