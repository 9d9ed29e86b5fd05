"""Is this model good? A draft replayed over past days; one known case laid beside every rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jianheng.core.api.content import ALL, load_lexicon, load_models
from jianheng.core.api.home import Home
from jianheng.core.api.keeping import find_snapshot
from jianheng.core.api.runs import require_files, require_out
from jianheng.core.api.working import workplace_of
from jianheng.core.appraisal.backtest import BacktestReport, BacktestRequest, backtest_days
from jianheng.core.appraisal.backtest import backtest as replay
from jianheng.core.appraisal.backtest_files import write_backtest
from jianheng.core.appraisal.known import Conclusion, read_conclusions, read_confirmed
from jianheng.core.appraisal.like_record import like_record
from jianheng.core.appraisal.likeness import like, masked_subject, read_asked
from jianheng.core.appraisal.lookups import Lookup, record_lookup
from jianheng.core.appraisal.past_data import Body
from jianheng.core.appraisal.sensitivity import read_variations
from jianheng.core.catalogue.snapshot import Snapshot, open_snapshot
from jianheng.core.engine.locked import EngineLimits, LockedDuckdbEngine
from jianheng.core.foundation.errors import Problem, UsageProblem
from jianheng.core.foundation.progress import Progress
from jianheng.core.ingest.mapping import read_mapping
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.expiry import declare, destroy_expired, read_kept_until
from jianheng.core.screening.import_data import Workplace, coverage_of, link_up, take_in
from jianheng.core.screening.request import read_parameters
from jianheng.core.terms.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class PastSources:
    """Where past data come from: files, or ``snapshots`` imported before (names or their beginnings); not both."""

    data: Sequence[Path] = ()
    snapshots: Sequence[str] = ()
    coverage: Path | None = None
    mapping: Path | None = None


def backtest(
    home: Home,
    wanted: str,
    sources: PastSources,
    *,
    first: date,
    last: date,
    every: int,
    out: Path,
    started_at: datetime,
    progress: Progress,
    params: Mapping[str, str] | None = None,
    variations: Sequence[str] = (),
    against: Sequence[str] = (),
    previous: Path | None = None,
    confirmed: Path | None = None,
) -> tuple[BacktestReport, dict[str, Any]]:
    """Replay the one model that ``wanted`` names from ``first`` to ``last`` and write what came of it to ``out``.

    The report, and the record as written to ``backtest.json``. Raises UsageProblem, PackProblem, DataProblem and
    RunProblem.
    """
    days = backtest_days(first, last, every)
    require_files(
        sources.data, coverage=sources.coverage, mapping=sources.mapping, previous=previous, confirmed=confirmed
    )
    require_out(out)
    lexicon = load_lexicon(home)
    model = load_one(home, wanted, lexicon)
    typed = read_parameters([model], params or {})[model.id]
    tried = read_variations(model, variations)
    others = _others(home, model, against, lexicon)
    known: list[Conclusion] | None = None
    if previous or confirmed:
        known = [
            *(read_conclusions(previous) if previous else ()),
            *(read_confirmed(confirmed, model) if confirmed else ()),
        ]
    workplace = workplace_of(home)
    importing = Importing(lexicon, workplace, sources.coverage, sources.mapping, started_at, progress)
    with workplace.scratch() as scratch:
        bodies = past_bodies(home, sources, importing, scratch)
        request = BacktestRequest(model, bodies, days, workplace, typed, sources.coverage, tried, others, known)
        report = replay(request, lexicon, scratch / "replay", progress)
    return report, write_backtest(report, out, progress)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Who asks about whom and why: ``asked`` as typed (``列=值``); ``reference`` names the clue or case.

    ``at``, ``by``: when and by whom.
    """

    asked: Sequence[str]
    reference: str
    at: datetime
    by: str


def like_case(
    home: Home,
    wanted: Sequence[str],
    inquiry: Inquiry,
    data: Sequence[Path],
    *,
    as_of: date,
    progress: Progress,
    params: Mapping[str, str] | None = None,
    coverage: Path | None = None,
    mapping: Path | None = None,
) -> dict[str, Any]:
    """Lay one case beside the rules of the models that ``wanted`` names; the record, personal numbers masked.

    That somebody looked is written down before anything is looked at. Raises UsageProblem, PackProblem, DataProblem and
    RunProblem.
    """
    asked = read_asked(inquiry.asked)
    require_files(data, coverage=coverage, mapping=mapping)
    lexicon = load_lexicon(home)
    models = load_models(home, wanted, lexicon)
    typed = read_parameters(models, params or {})
    workplace = workplace_of(home)
    importing = Importing(lexicon, workplace, coverage, mapping, inquiry.at, progress)
    masked = masked_subject(asked)
    record_lookup(home.folder, Lookup(inquiry.at, inquiry.by, inquiry.reference, masked))
    with workplace.scratch() as scratch:
        snapshot = importing.take_in(data, scratch)
        told = coverage_of(snapshot.tables, lexicon, as_of, coverage)
        tables = link_up(snapshot, lexicon, workplace, as_of, told, scratch, progress)
        limits = EngineLimits(memory=workplace.memory, threads=workplace.threads)
        with LockedDuckdbEngine(tables.folders(), scratch / "engine", limits) as engine:
            tables.lay_out(engine, workplace.calendar())
            found = like(models, asked, tables, as_of, typed, engine, progress)
    return {
        "asked": {name: found.protection.hide(value) for name, value in masked.items()},
        "for": inquiry.reference.strip(),
        "as_of": as_of.isoformat(),
        **like_record(found, lexicon),
    }


class Importing:
    """Takes data in for as long as they may be kept, as ``screen`` does; what was destroyed does not come back.

    Raises DataProblem (D225) for data whose time is over, PackProblem for a mapping or coverage with faults.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        workplace: Workplace,
        coverage: Path | None,
        mapping: Path | None,
        now: datetime,
        progress: Progress,
    ) -> None:
        self._lexicon, self._workplace, self._now, self._progress = lexicon, workplace, now, progress
        self._entries = read_kept_until(coverage, lexicon, now)
        self._mapping = read_mapping(mapping, lexicon) if mapping else None
        destroy_expired(workplace, now)

    def take_in(self, data: Sequence[Path], scratch: Path) -> Snapshot:
        """The snapshot of ``data``, kept like any other unless it was destroyed before."""
        snapshot = take_in(data, self._lexicon, self._workplace, scratch, self._progress, self._mapping, lasting=False)
        if snapshot.folder.parent == self._workplace.snapshots:
            declare(snapshot, self._entries, self._workplace, self._now)
        return snapshot


def past_bodies(home: Home, sources: PastSources, importing: Importing, scratch: Path) -> list[Body]:
    """The data as imported. Raises UsageProblem (U424 neither files nor snapshots, or both)."""
    if bool(sources.data) == bool(sources.snapshots):
        hint = "用文件写 --data，用以前导入的数据写 --snapshot（见 jianheng intake --snapshots），只写一样。"
        raise UsageProblem(Problem("U424", "要么给出 --data，要么给出 --snapshot。", hint=hint))
    if sources.data:
        return [Body(importing.take_in(sources.data, scratch))]
    kept = sorted((find_snapshot(home, name) for name in sources.snapshots), key=lambda one: one.imported_at)
    return [Body(open_snapshot(one.folder), one.imported_at.date()) for one in kept]


def load_one(home: Home, wanted: str, lexicon: Lexicon) -> SupervisionModel:
    """The one model that ``wanted`` names. Raises UsageProblem (U206) for several."""
    found = load_models(home, [wanted], lexicon)
    if len(found) != 1:
        raise UsageProblem(Problem("U206", f"「{wanted}」有{len(found)}个模型，这里只能写一个。"))
    return found[0]


def _others(home: Home, model: SupervisionModel, against: Sequence[str], lexicon: Lexicon) -> list[SupervisionModel]:
    """The models to compare with; the draft itself is none of them, an installed model of the same id is."""
    if not against:
        return []
    found = load_models(home, [ALL] if ALL in against else against, lexicon)
    return [one for one in found if one.folder.resolve() != model.folder.resolve()]
