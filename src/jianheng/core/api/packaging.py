"""A model of this office, packed and signed for another office or for the shelf of the province (上架)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from jianheng.core.api.content import ModelPlace, check_models, choose_models, find_models, load_lexicon, load_packs
from jianheng.core.api.home import Home
from jianheng.core.api.runs import require_out
from jianheng.core.api.working import workplace_of
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.durable import private_folder, writing_file
from jianheng.core.foundation.errors import PackProblem, Problem, UsageProblem, raise_if_any
from jianheng.core.foundation.named_file import require_named_file
from jianheng.core.foundation.progress import Progress
from jianheng.core.model.read import read_model
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.pack.strict_yaml import read_yaml
from jianheng.core.sandbox.trials import run_cases
from jianheng.core.screening.cases import Case, read_cases
from jianheng.core.shelf.backtest_file import Backtest, read_backtest
from jianheng.core.shelf.keys import read_private_key
from jianheng.core.shelf.likeness import LikeModel, like_models
from jianheng.core.shelf.listing import GATES, Listing, listing_form, listing_of
from jianheng.core.shelf.material import Application, write_material
from jianheng.core.shelf.material_docx import to_docx
from jianheng.core.shelf.no_answer import check_answers
from jianheng.core.shelf.package import open_package
from jianheng.core.shelf.packing import build_package, check_for_listing, gather
from jianheng.core.shelf.unpacking import read_content_of

_SHOWN_DIFFERENCES = 10


@dataclass(frozen=True, slots=True)
class Packed:
    """``archive`` is what to send; ``left_out`` are files of the model's folder that did not go along.

    ``like`` are models of this office with the same tables or conditions: whoever reviews a listing asks for them.
    ``material`` is the draft of the application for listing; ``material_kept`` if one stood there and was left alone.
    """

    archive: Path
    material: Path
    material_kept: bool
    digest: str
    model: str
    version: str
    signer: str
    fingerprint: str
    cases: int
    left_out: tuple[str, ...]
    like: tuple[LikeModel, ...]


def package_model(
    home: Home, wanted: str, *, key: Path, backtest: Path | None, out: Path, listing: Path | None, progress: Progress
) -> Packed:
    """Pack the one model that ``wanted`` names into ``out``, signed with the private key in ``key``.

    ``listing`` defaults to ``listing.yaml`` beside the model (for one that came with the program: in ``out``); where
    it is missing the form to fill in is written there. Raises UsageProblem (U201, U206, U223, U226 another archive of
    this name stands in ``out``), PackProblem with everything that the model lacks (M5xx); then no archive is written.
    """
    signing = read_private_key(key)
    require_out(out)
    place = _the_one(home, wanted)
    raise_if_any(PackProblem, [problem for one in check_models(home, [str(place.folder)]) for problem in one.problems])
    model = read_model(place.folder, load_lexicon(home))
    cases = read_cases(model)
    answers = listing or (place.folder if place.own else out) / "listing.yaml"
    listed, (replayed, replayed_text) = _require_ready(model, cases, answers, backtest)
    with workplace_of(home).scratch() as scratch:
        _require_passed(model, cases, scratch / "cases", progress)
        contents = gather(model, load_packs(home), answers, replayed_text)
        data = build_package(model, place.pack, len(cases), contents.files, signing, version("jianheng"))
        archive = out / f"{model.id}-{model.spec.version}.jianheng.zip"
        package = open_package(data, str(archive))
        read_content_of(package, private_folder(scratch / "read-back"))
    _write_new(archive, data)
    like = tuple(like_models(model, _others(home, model)))
    application = Application(
        model, len(cases), listed, replayed, like, signing.name, package.key.fingerprint, archive.name, package.digest
    )
    material = out / f"{model.id}-{model.spec.version}-上架申请材料.docx"
    return Packed(
        archive=archive,
        material=material,
        material_kept=not _write_material(material, application),
        digest=package.digest,
        model=model.id,
        version=model.spec.version,
        signer=signing.name,
        fingerprint=package.key.fingerprint,
        cases=len(cases),
        left_out=contents.left_out,
        like=like,
    )


def _the_one(home: Home, wanted: str) -> ModelPlace:
    found = choose_models(home, [wanted])
    if len(found) != 1:
        raise UsageProblem(Problem("U206", f"「{wanted}」有{len(found)}个模型，这里只能写一个。"))
    return found[0]


def _others(home: Home, model: SupervisionModel) -> Iterator[SupervisionModel]:
    """Every other model of the office that can be read."""
    for place in find_models(home):
        if place.id != model.id:
            try:
                yield read_model(place.folder, model.lexicon)
            except PackProblem:
                continue  # `model check` tells what is wrong with it


def _require_ready(
    model: SupervisionModel, cases: list[Case], answers: Path, backtest: Path | None
) -> tuple[Listing, tuple[Backtest, bytes]]:
    """The answers and the backtest. Raises PackProblem with all that is lacking, the form having been written."""
    problems = check_for_listing(model, cases)
    listing, replayed = None, None
    try:
        if answers.exists():
            require_named_file(answers, "上架审查三关的答复 listing.yaml")
            document = read_yaml(answers)
            listing = listing_of(document, model.spec)
            problems += check_answers(document, listing)
        else:
            problems.append(_form_written(model, answers))
    except PackProblem as error:
        problems += error.problems
    try:
        if backtest is None:
            hint = "请用 jianheng model backtest 在过去的数据上回溯检验，再用 --backtest 指出写出的 backtest.json。"
            problems.append(Problem("M506", "没有回溯检验的结果。", hint=hint))
        else:
            replayed = read_backtest(backtest, model)
    except PackProblem as error:
        problems += error.problems
    raise_if_any(PackProblem, problems)
    assert listing is not None and replayed is not None
    return listing, replayed


def _form_written(model: SupervisionModel, answers: Path) -> Problem:
    private_folder(answers.parent)
    with writing_file(answers) as aside:
        aside.write_text(listing_form(model.spec), encoding="utf-8")
    hint = "已写出待填的表，请由有关人员填写后再打包。"
    return Problem("M508", "还没有上架审查三关的答复。", file=str(answers), line=1, column=1, hint=hint)


def _require_passed(model: SupervisionModel, cases: list[Case], folder: Path, progress: Progress) -> None:
    """Raises PackProblem (M503) for worked cases that come out otherwise than written."""
    trials = list(run_cases(model, cases, folder, DuckdbEngine, progress))
    failed = [(trial, one) for trial in trials for one in trial.differences]
    problems = [
        Problem("M503", f"用例未通过：{one.said}", file=trial.case.file, line=trial.case.line, column=1)
        for trial, one in failed[:_SHOWN_DIFFERENCES]
    ]
    raise_if_any(PackProblem, problems)


def _write_new(path: Path, data: bytes) -> None:
    """Write an archive; the same one may stand there, another one may not: nobody signs two contents as one version."""
    private_folder(path.parent)
    if path.exists():
        if path.is_file() and path.read_bytes() == data:
            return
        hint = "内容改了请改模型的版本号；确要重写的，请先移走原来的文件。"
        raise UsageProblem(Problem("U226", "已有同名而内容不同的模型包。", file=str(path), hint=hint))
    with writing_file(path) as aside:
        aside.write_bytes(data)


def _write_material(path: Path, application: Application) -> bool:
    """Write the draft unless one stands there, which somebody may have filled in; whether it was written."""
    if path.exists():
        return False
    answered = [application.listing.gate(name).answered_on for name in GATES]
    title = path.stem
    blocks = write_material(application)
    with writing_file(path) as aside:
        aside.write_bytes(to_docx(blocks, title=title, author=application.office, on=max(answered)))
    return True
