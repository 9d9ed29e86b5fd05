"""One rule's line of the overview: how many subjects came to which verdict, and what to know about the rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class RuleSummary:
    """Counts are subjects (semantics 6, 7); ``unidentified`` are rows without one.

    ``kind``: clue, conflict, list or hint. ``reasons``: why cannot tell, in Chinese, with subjects. ``amount`` is yuan
    over all hits; ``amount_at_least`` if a part is unknown. ``not_run``: why the rule could not run, empty if it did.
    ``flags``: how many clues are flagged as being about minors or sealed records (see ``protection``). ``left_open``:
    whether something lawful could not be ruled out for some of them.
    """

    model: str
    model_title: str
    rule: str
    title: str
    kind: str
    certainty: str
    hits: int
    clean: int
    cannot_tell: int
    subjects: int
    unidentified: int
    reasons: tuple[tuple[str, int], ...]
    amount: Decimal | None
    amount_at_least: bool
    not_run: str
    notes: tuple[str, ...]
    basis: tuple[str, ...]
    innocent: tuple[str, ...]
    verify: tuple[str, ...]
    flags: Mapping[str, int] = field(default_factory=dict)
    left_open: bool = True
