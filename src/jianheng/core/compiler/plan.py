"""What the compiler hands over: named queries in the order to run them, and what their columns mean. Text only."""

from __future__ import annotations

from dataclasses import dataclass

from jianheng.core.foundation.identity import hash_text


@dataclass(frozen=True, slots=True)
class Statement:
    """A query; ``name`` is the table its rows become, empty if they are only read. ``title`` is for people."""

    name: str
    sql: str
    title: str


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A value of a hit that the sentence or the workbook shows: which place, its title and type."""

    key: str
    title: str
    type: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class SecondPartners:
    """Finds the partners beyond the first where a join expects one (semantics 12).

    ``statement`` gives ``l0…``, the row numbers of the aliases in ``left``, and ``r``, a partner's row in ``table``.
    """

    alias: str
    table: str
    left: tuple[str, ...]
    statement: Statement


@dataclass(frozen=True, slots=True)
class Trace:
    """How far every row gets. ``statement`` makes a row a joined combination: ``s0…`` subject, ``r`` the row number of
    the first table, ``v<n>`` values, and ``c<n>`` for each of ``steps`` (id, title): ``T`` met, ``F`` not, ``?`` not
    to be told.
    """

    statement: Statement
    steps: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RulePlan:
    """Everything to run for one rule.

    ``before``: tables that the other statements rest on, of this rule alone, in order. ``population``: rows, subjects,
    unidentified. ``possible``: a row for every joined combination that is not ruled out: ``s0…`` subject, ``e0…``
    episode, ``r_<alias>`` row numbers, ``k<n>`` keys for the evidence, ``v<n>`` values, ``against``, ``judged_on``,
    ``district``, ``amount``, ``amount_max``, ``reason`` (NULL for a hit). ``verdicts``: one row a reason with its
    subjects. ``undecided``: every subject that is cannot tell (``s0…``, ``reason``). ``hits``: the combinations that
    are hits, numbered ``n``; ``hits_alone`` finds the same without ``possible``. ``evidence``: ``n``, ``t`` (table id),
    ``r`` (row). ``funnel``: a row a condition, if the model was compiled for it;
    ``funnel_of_rows``: the same where every subject has but one row. ``trace`` likewise.
    """

    rule: str
    before: tuple[Statement, ...]
    population: Statement
    possible: Statement
    verdicts: Statement
    undecided: Statement
    hits: Statement
    hits_alone: Statement
    evidence: Statement
    funnel: Statement | None
    funnel_of_rows: Statement | None
    subject_names: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    values: tuple[ShownValue, ...]
    amount_rows: tuple[str, ...]
    second_partners: tuple[SecondPartners, ...] = ()
    trace: Trace | None = None

    @property
    def digest(self) -> str:
        """The name of this very plan."""
        parts = (
            *self.before,
            self.population,
            self.possible,
            self.verdicts,
            self.undecided,
            self.hits,
            self.hits_alone,
            self.evidence,
            *([self.funnel] if self.funnel else []),
            *(one.statement for one in self.second_partners),
        )
        return hash_text("\n;\n".join(part.sql for part in parts))
