"""Two models side by side, each an id, a folder or a package: in words, and in what they find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jianheng.core.api.content import choose_models, load_lexicon, load_packs
from jianheng.core.api.home import Home
from jianheng.core.api.installing import require_trusted
from jianheng.core.api.runs import require_files
from jianheng.core.api.working import workplace_of
from jianheng.core.foundation.durable import private_folder
from jianheng.core.foundation.errors import Problem, UsageProblem
from jianheng.core.foundation.progress import Progress
from jianheng.core.model.explain import Section
from jianheng.core.model.read import read_model
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening import pipeline
from jianheng.core.screening.request import ScreenReport, ScreenRequest
from jianheng.core.shelf.archive import read_archive_file
from jianheng.core.shelf.clue_difference import ClueDifference, compare_clues
from jianheng.core.shelf.difference import differ
from jianheng.core.shelf.likeness import LikeModel, like_models
from jianheng.core.shelf.package import open_package
from jianheng.core.shelf.unpacking import compare_words, installed_pack, read_content_of, write_content
from jianheng.core.terms.lexicon import read_lexicon

_KINDS = {"线索和矛盾": ("clues.jsonl",), "清单和提示": ("lists.jsonl", "hints.jsonl")}
"""Compared with each other where models are not versions of one: to be listed is not to be accused."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two models; ``signer`` is what a package says of itself, empty for a folder."""

    id: str
    version: str
    title: str
    source: str
    signer: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Subjects that one rule finds suspicious or cannot tell, in both models; ``not_run``: why it could not run."""

    rule: str
    title: str
    old: tuple[int, int] | None
    new: tuple[int, int] | None
    not_run: str


@dataclass(frozen=True, slots=True)
class ModelDifference:
    """``like``: rules of the two with the same conditions, asked of models that are not versions of one.

    ``clues`` is None where no data were given.
    """

    old: Side
    new: Side
    sections: tuple[Section, ...]
    like: LikeModel | None
    clues: tuple[ClueDifference, ...] | None
    verdicts: tuple[Verdicts, ...]

    def as_dict(self) -> dict[str, Any]:
        """The record for ``--json``."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class SharedData:
    """The data on which two models are compared."""

    data: Sequence[Path]
    as_of: date
    started_at: datetime
    coverage: Path | None = None
    mapping: Path | None = None


def diff_models(
    home: Home, old: str, new: str, *, progress: Progress, data: SharedData | None = None
) -> ModelDifference:
    """What ``new`` says, and with ``data`` finds, otherwise than ``old``; the office's models stay as they are.

    Raises UsageProblem (U104, U201, U206), PackProblem for a model or package that cannot be read, and for a package
    to be run on data whose signer is not trusted (P406); as ``screen`` for data that cannot be used.
    """
    if data is not None:
        require_files(data.data, coverage=data.coverage, mapping=data.mapping)
    with workplace_of(home).scratch() as scratch:
        before, one = _side(home, old, private_folder(scratch / "old"), run=data is not None)
        after, other = _side(home, new, private_folder(scratch / "new"), run=data is not None)
        versions = before.id == after.id
        like = [] if versions else like_models(after, [before])
        clues: tuple[ClueDifference, ...] | None = None
        verdicts: tuple[Verdicts, ...] = ()
        if data is not None:
            first = _screen(home, before, data, scratch / "old-results", progress)
            second = _screen(home, after, data, scratch / "new-results", progress)
            clues = tuple(_compared(scratch / "old-results", scratch / "new-results", versions=versions))
            verdicts = tuple(_verdicts(first, second))
        return ModelDifference(one, other, tuple(differ(before, after)), like[0] if like else None, clues, verdicts)


def _side(home: Home, named: str, folder: Path, *, run: bool) -> tuple[SupervisionModel, Side]:
    """One model, by the words that it would have here."""
    if Path(named).is_file() and Path(named).suffix != ".yaml":
        return _of_package(home, Path(named), folder, run=run)
    places = choose_models(home, [named])
    if len(places) != 1:
        raise UsageProblem(Problem("U206", f"「{named}」有{len(places)}个模型，这里只能写一个。"))
    model = read_model(places[0].folder, load_lexicon(home))
    return model, Side(model.id, model.spec.version, model.spec.title, str(places[0].folder))


def _of_package(home: Home, file: Path, folder: Path, *, run: bool) -> tuple[SupervisionModel, Side]:
    package = open_package(read_archive_file(file), str(file))
    signer = require_trusted(home, package) if run else package.manifest.signer.name
    told = package.manifest.model
    sent = read_content_of(package, private_folder(folder / "sent"))
    packs = [pack for pack in load_packs(home) if pack.manifest.id != told.id]
    words = compare_words(sent.lexicon, read_lexicon(packs))
    arriving = installed_pack(package, private_folder(folder / "arriving"), "arriving", ())
    write_content(package, arriving.folder, words)
    model = read_model(arriving.folder / "models" / told.id, read_lexicon([*packs, arriving]))
    return model, Side(told.id, told.version, told.title, str(file), signer, package.key.fingerprint)


def _screen(home: Home, model: SupervisionModel, shared: SharedData, out: Path, progress: Progress) -> ScreenReport:
    request = ScreenRequest(
        models=[model],
        data=shared.data,
        as_of=shared.as_of,
        out=out,
        workplace=workplace_of(home),
        started_at=shared.started_at,
        coverage=shared.coverage,
        mapping=shared.mapping,
        hints=True,
    )
    return pipeline.screen(request, model.lexicon, progress)


def _compared(old: Path, new: Path, *, versions: bool) -> Iterator[ClueDifference]:
    if versions:
        every = [name for names in _KINDS.values() for name in names]
        yield from compare_clues(_records(old, every), _records(new, every), versions=True)
        return
    for title, names in _KINDS.items():
        yield from compare_clues(_records(old, names), _records(new, names), versions=False, title=title)


def _records(folder: Path, names: Iterable[str]) -> Iterator[dict[str, Any]]:
    for name in names:
        yield from pipeline.read_jsonl(folder / name)


def _verdicts(old: ScreenReport, new: ScreenReport) -> Iterator[Verdicts]:
    lines: dict[str, Verdicts] = {}
    for one in old.summaries:
        lines[one.rule] = Verdicts(one.rule, one.title, (one.hits, one.cannot_tell), None, one.not_run)
    for one in new.summaries:
        line = lines.get(one.rule, Verdicts(one.rule, one.title, None, None, ""))
        lines[one.rule] = replace(line, new=(one.hits, one.cannot_tell), not_run=one.not_run or line.not_run)
    yield from lines.values()
