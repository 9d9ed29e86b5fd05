"""Clues of an earlier run looked at again (semantics 9): still there, gone, or not re-examined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from jianheng.core.compiler.dialect import DIALECTS
from jianheng.core.engine.port import Engine
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.previous import PreviousClue
from jianheng.core.screening.protection import flag_counts
from jianheng.core.screening.run import RuleOutcome
from jianheng.core.screening.workbook_text import shown


@dataclass(frozen=True, slots=True)
class Recheck:
    """Earlier clues of one rule: ids still there, ids whose subject is now clean, ids nobody can tell about.

    ``flags``: of those that were flagged as being about minors or sealed records, by id.
    """

    rule: str
    title: str
    still: tuple[str, ...]
    gone: tuple[str, ...]
    not_examined: tuple[str, ...]
    flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """One line for the overview."""
        counts = Counter(flag for flags in self.flags.values() for flag in flags)
        protected = f"（其中{flag_counts(counts)}）" if counts else ""
        return (
            f"前次筛查的{self.title}线索：仍存在{len(self.still)}条，已消失{len(self.gone)}条，"
            f"本次未能复查{len(self.not_examined)}条{protected}"
        )

    def as_dict(self) -> dict[str, object]:
        """The record for run.json."""
        return {
            "rule": self.rule,
            "still": list(self.still),
            "gone": list(self.gone),
            "not_examined": list(self.not_examined),
            "flags": {clue_id: list(flags) for clue_id, flags in self.flags.items()},
        }


def recheck_rule(
    model: SupervisionModel,
    rule: Rule,
    previous: Mapping[str, PreviousClue],
    found: Collection[str],
    outcome: RuleOutcome,
    engine: Engine,
) -> Recheck:
    """Sort the earlier clues of ``rule`` and of those it replaces by what became of their subjects.

    ``found`` are the clues of today with those they continue. A blocked rule examined nobody.
    """
    names_of_rule = {rule.id, *rule.continues}
    earlier = {
        clue_id: clue
        for clue_id, clue in previous.items()
        if clue.rule in names_of_rule and clue.model in ("", model.id)
    }
    flags = {clue_id: clue.flags for clue_id, clue in earlier.items() if clue.flags}
    if outcome.plan is None:
        return Recheck(rule.id, rule.title, (), (), tuple(earlier), flags)
    count = len(rule.subject)
    undecided = {tuple(shown(str(row[f"s{index}"])) for index in range(count)) for row in outcome.undecided}
    names = [text.partition(".")[2] for text in rule.subject]
    dialect = DIALECTS[engine.dialect]
    quote, text = dialect.quote, dialect.type("text")
    listing = ", ".join(f"CAST({quote(name)} AS {text}) AS {quote(name)}" for name in names)
    table = model.alias(rule.from_).source
    rows = engine.fetch(f"SELECT DISTINCT {listing} FROM {quote(table)}", step="监督对象")
    everybody = {tuple(shown(value or "") for value in row) for row in zip(*rows.to_pydict().values(), strict=True)}
    still, gone, unknown = [], [], []
    for clue_id, clue in earlier.items():
        subject = tuple(clue.subject.get(name, "") for name in names)
        if clue_id in found:
            still.append(clue_id)
        elif subject in everybody and subject not in undecided:
            gone.append(clue_id)
        else:
            unknown.append(clue_id)
    return Recheck(rule.id, rule.title, tuple(still), tuple(gone), tuple(unknown), flags)
