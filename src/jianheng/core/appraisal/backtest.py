"""A draft replayed over past days: what it would have found each week, and how good that is, before anyone is troubled.

No day sees what was known only later (``past_data``); the last day is judged like any screening of the same tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from jianheng.core.appraisal.findings import ClueKey, Findings, Subject, find, plan_for
from jianheng.core.appraisal.known import Conclusion
from jianheng.core.appraisal.overlap import CitedClues, Overlap, cited_clues, overlaps
from jianheng.core.appraisal.past_data import Body, DayData, PastData
from jianheng.core.appraisal.proportion import Proportion
from jianheng.core.appraisal.recovery import Directory, Recovery, Seen, confirmed_clues, recover
from jianheng.core.appraisal.sensitivity import Variation, vary
from jianheng.core.appraisal.trace import trace_subjects, tracing, why_clean
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.errors import Problem, UsageProblem
from jianheng.core.foundation.progress import Progress
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.import_data import Workplace
from jianheng.core.terms.lexicon import Lexicon

MOST_DAYS = 520
"""Ten years of weeks."""


@dataclass(frozen=True, slots=True)
class BacktestRequest:
    """``days``: in order, the last one the day of comparison; ``bodies``: the data, at least one.

    ``variations``: parameters with the values to try; ``against``: the models to compare with; ``conclusions``: what is
    known of subjects (None: nothing was given).
    """

    model: SupervisionModel
    bodies: Sequence[Body]
    days: Sequence[date]
    workplace: Workplace
    params: Mapping[str, object] = field(default_factory=dict)
    coverage: Path | None = None
    variations: Sequence[tuple[str, list[object]]] = ()
    against: Sequence[SupervisionModel] = ()
    conclusions: Sequence[Conclusion] | None = None


@dataclass(frozen=True, slots=True)
class DayResult:
    """One day of a replay. ``new``: clues that no earlier day had; ``gone``: those of the day before that are not."""

    as_of: date
    findings: Findings
    new: Mapping[str, frozenset[ClueKey]]
    gone: Mapping[str, frozenset[ClueKey]]
    later_rows: Mapping[str, int]
    later_cells: Mapping[str, int]
    snapshots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BacktestReport:
    """``confirmed``: of the draft's clues whose outcome is known, how many were true; None if none is known.

    ``recovery`` is None where no conclusions were given. ``not_compared``: other models none of whose rules could run.
    """

    request: BacktestRequest
    days: tuple[DayResult, ...]
    confirmed: Proportion | None
    recovery: Recovery | None
    overlaps: tuple[Overlap, ...]
    not_compared: tuple[SupervisionModel, ...]
    variations: tuple[Variation, ...]

    @property
    def last(self) -> DayResult:
        """The day of comparison."""
        return self.days[-1]


def backtest_days(first: date, last: date, every: int) -> list[date]:
    """``last`` and every ``every``-th day before it, not before ``first``, in order.

    Raises UsageProblem (U421 the days are in the wrong order or not to be counted, U422 more than ``MOST_DAYS``).
    """
    if first > last:
        raise UsageProblem(Problem("U421", f"--from {first} 晚于 --to {last}。", hint="请把较早的一天写在 --from。"))
    if every < 1:
        raise UsageProblem(Problem("U421", f"--every 应是1以上的天数，看到 {every}。", hint="每周一次写 --every 7。"))
    count = (last - first).days // every + 1
    if count > MOST_DAYS:
        hint = "请缩短期间，或者加大 --every。"
        raise UsageProblem(Problem("U422", f"要回放{count}个基准日，最多{MOST_DAYS}个。", hint=hint))
    return [last - timedelta(days=every * step) for step in reversed(range(count))]


def backtest(request: BacktestRequest, lexicon: Lexicon, scratch: Path, progress: Progress) -> BacktestReport:
    """Replay ``request``. ``scratch`` takes what is made. Raises RunProblem (R205 asked to stop, R2xx)."""
    past = PastData(request.bodies, lexicon, request.workplace, request.coverage, scratch)
    with past.engine() as engine:
        return _Backtest(request, lexicon, past, engine, progress).report()


class _Backtest:
    """The state of one replay."""

    def __init__(
        self, request: BacktestRequest, lexicon: Lexicon, past: PastData, engine: Engine, progress: Progress
    ) -> None:
        self.request, self.lexicon, self.past, self.engine, self.progress = request, lexicon, past, engine, progress
        self.model = request.model
        self.calendar = request.workplace.calendar()
        self.first: dict[str, dict[ClueKey, date]] = {rule.id: {} for rule in self.model.spec.rules}

    def report(self) -> BacktestReport:
        request = self.request
        self.progress.step(f"回放{request.model.spec.title}", len(request.days))
        days: list[DayResult] = []
        for day in request.days[:-1]:
            days.append(self._replay(self._lay_out(day, (self.model,)), days[-1] if days else None))
        data = self._lay_out(request.days[-1], (self.model, *request.against))
        days.append(self._replay(data, days[-1] if days else None))
        found, missing = self._overlaps(data)
        confirmed, recovery = self._known(data, days[-1])
        return BacktestReport(
            request, tuple(days), confirmed, recovery, found, missing, tuple(self._variations(data, days[-1]))
        )

    def _lay_out(self, day: date, models: Collection[SupervisionModel]) -> DayData:
        wanted = {table for model in models for table in model.spec.tables.values()}
        data = self.past.at(day, wanted, self.progress)
        data.tables.lay_out(self.engine, self.calendar)
        return data

    def _replay(self, data: DayData, before: DayResult | None) -> DayResult:
        self.progress.note(data.as_of.isoformat())
        plan = plan_for(self.model, data.tables, data.as_of, self.request.params, self.engine)
        findings = find(self.model, plan, self.engine, self.progress)
        new, gone = {}, {}
        for rule, one in findings.items():
            new[rule] = frozenset(one.clues - self.first[rule].keys())
            gone[rule] = frozenset((before.findings[rule].clues if before else frozenset()) - one.clues)
            self.first[rule] |= dict.fromkeys(sorted(new[rule]), data.as_of)
        self.progress.advance()
        return DayResult(data.as_of, findings, new, gone, data.later_rows, data.later_cells, data.snapshots)

    def _overlaps(self, data: DayData) -> tuple[tuple[Overlap, ...], tuple[SupervisionModel, ...]]:
        against = self.request.against
        if not against:
            return (), ()
        self.progress.step("与其他模型比对", len(against) + 1)
        ours = self._cited(self.model, data, self.request.params)
        others: list[CitedClues] = []
        missing = []
        for model in against:
            cited = self._cited(model, data, {})
            others += cited
            missing += [] if cited else [model]
        return tuple(overlaps(ours, others)), tuple(missing)

    def _cited(self, model: SupervisionModel, data: DayData, params: Mapping[str, object]) -> list[CitedClues]:
        plan = plan_for(model, data.tables, data.as_of, params, self.engine)
        self.progress.advance()
        return list(cited_clues(model, plan, self.engine, self.progress))

    def _known(self, data: DayData, last: DayResult) -> tuple[Proportion | None, Recovery | None]:
        conclusions = self.request.conclusions
        if conclusions is None:
            return None, None
        self.progress.step("与已有的结论比对")
        seen = Seen(self.first)
        directory = Directory(self.model, self.lexicon, data.tables.profiles.keys(), self.engine)
        confirmed = confirmed_clues(self.model, seen, conclusions, directory)

        def why(rule: Rule, subjects: Collection[Subject]) -> Mapping[Subject, tuple[int, str]]:
            return dict(self._why(rule, subjects, data))

        return confirmed, recover(self.model, last.findings, seen, conclusions, directory, why)

    def _why(
        self, rule: Rule, subjects: Collection[Subject], data: DayData
    ) -> Iterator[tuple[Subject, tuple[int, str]]]:
        with tracing(
            self.model, data.tables, data.as_of, self.request.params, self.engine, self.progress, {rule.id}
        ) as plan:
            for rule_plan in plan.rules:
                for one in trace_subjects(self.model, rule_plan, subjects, self.engine):
                    yield one.subject, (one.depth, why_clean(one, self.model))

    def _variations(self, data: DayData, last: DayResult) -> Iterator[Variation]:
        wanted = self.request.variations
        if not wanted:
            return
        self.progress.step("改变参数", sum(len(values) for _, values in wanted))
        plan = plan_for(self.model, data.tables, data.as_of, self.request.params, self.engine)
        base = plan, last.findings
        yield from vary(self.model, wanted, self.request.params, data, base, self.engine, self.progress)
