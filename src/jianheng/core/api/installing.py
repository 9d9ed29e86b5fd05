"""A package that another office sent: from whom, unchanged or not, what it needs, what it doubles; then installed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from jianheng.core.api.content import ModelPlace, find_models, load_packs
from jianheng.core.api.home import Home
from jianheng.core.api.keeping import imported_tables
from jianheng.core.api.signing import require_fingerprint
from jianheng.core.api.working import workplace_of
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.durable import private_folder
from jianheng.core.foundation.errors import PackProblem, Problem
from jianheng.core.foundation.progress import Progress
from jianheng.core.model.explain import Section, explain_model
from jianheng.core.model.read import read_model
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.pack.shelf import Pack
from jianheng.core.pack.strict_yaml import read_yaml
from jianheng.core.sandbox.trials import run_cases
from jianheng.core.screening.cases import read_cases
from jianheng.core.shelf.archive import read_archive_file
from jianheng.core.shelf.difference import differ
from jianheng.core.shelf.installing import earlier_archives, place, receipt_of, require_place, version_folder
from jianheng.core.shelf.keys import TrustedKey, trust, trusted_keys
from jianheng.core.shelf.likeness import LikeModel, like_models
from jianheng.core.shelf.package import MODEL_FILES, Package, open_package
from jianheng.core.shelf.unpacking import Words, compare_words, installed_pack, read_content_of, write_content
from jianheng.core.terms.lexicon import Lexicon, read_lexicon

Status = Literal["installed", "replaced", "already", "checked", "needs_replace"]
_SHOWN_DIFFERENCES = 10


@dataclass(frozen=True, slots=True)
class NeededTable:
    """A table that the model reads. ``here``: known before; ``different``: what is said of it here is not the same.

    ``imported``: data of it have been imported here.
    """

    table: str
    title: str
    columns: tuple[str, ...]
    here: bool
    different: bool
    imported: bool


@dataclass(frozen=True, slots=True)
class Installed:
    """What a package is and what became of it. ``existing``: the folder of the model of the same id, if there is one.

    ``difference``: what it says otherwise than that one. ``like``: models with the same tables or conditions.
    """

    status: Status
    id: str
    title: str
    version: str
    summary: str
    signer: str
    fingerprint: str
    rules: int
    cases: int
    tables: tuple[NeededTable, ...]
    existing: str
    existing_version: str
    difference: tuple[Section, ...]
    like: tuple[LikeModel, ...]
    folder: str = ""
    earlier: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """The record for ``--json``."""
        return asdict(self)


def install_model(
    home: Home,
    file: Path,
    *,
    at: datetime,
    progress: Progress,
    trusting: str = "",
    replace: bool = False,
    only_check: bool = False,
) -> Installed:
    """Verify the package in ``file`` and install it; ``only_check`` leaves everything as it is.

    ``trusting`` is the fingerprint of its signer, told by another way: the key is trusted from then on. A model of
    the same id is replaced only with ``replace``, and can be put back. Raises UsageProblem (U104, U225, U227),
    PackProblem: P401 to P405 not whole or changed, P406 a signer nobody trusts, P407 not what it says, P408 it does
    not work here, P409 another model would not any more.
    """
    data = read_archive_file(file)
    package = open_package(data, str(file))
    signer = require_trusted(home, package, trusting, remember=not only_check)
    told = package.manifest.model
    packs = load_packs(home)
    places = find_models(home)
    existing = next((one for one in places if one.id == told.id), None)
    require_place(home.packs, told.id, packs)
    with workplace_of(home).scratch() as scratch:
        sent = read_content_of(package, private_folder(scratch / "sent"))
        others = [pack for pack in packs if pack.manifest.id != told.id]
        words = compare_words(sent.lexicon, read_lexicon(others))
        arriving = installed_pack(package, private_folder(scratch / "arriving"), version_folder(package, words), ())
        write_content(package, arriving.folder, words)
        here = read_lexicon([*others, arriving])
        model = _require_readable(package, arriving, here)
        rest = _require_rest(places, told.id, packs, here)
        difference, same = _beside(existing, package, model, here)
        if not same:
            _require_passed(package, model, scratch / "cases", progress)
        status = _status(existing, same, replace, only_check)
        folder = existing.folder if existing and same else None
        if status in ("installed", "replaced"):
            replaced = [told.id] if existing and existing.folder.parent.parent.parent != home.packs / told.id else []
            kept = [one for pack in packs if pack.manifest.id == told.id for one in pack.manifest.replaces]
            stand_in = sorted({*replaced, *kept})
            folder = place(package, home.packs, words, data, replaces=stand_in, signer=signer, at=at)
        return Installed(
            status=status,
            id=told.id,
            title=told.title,
            version=told.version,
            summary="".join(model.spec.summary.split()),
            signer=signer,
            fingerprint=package.key.fingerprint,
            rules=told.rules,
            cases=told.cases,
            tables=tuple(_tables(model, words, imported_tables(home))),
            existing=str(existing.folder) if existing else "",
            existing_version=_version_of(existing),
            difference=tuple(difference),
            like=tuple(like_models(model, rest)),
            folder=str(folder) if folder else "",
            earlier=tuple(str(one) for one in earlier_archives(home.packs, told.id, folder)) if folder else (),
        )


def require_trusted(home: Home, package: Package, trusting: str = "", *, remember: bool = False) -> str:
    """Whose key signed, as this office was told; ``remember`` a key that is trusted now for the first time.

    Raises PackProblem (P406) for a key that nobody trusts, UsageProblem (U227) for a fingerprint that is not its own.
    """
    claimed = package.manifest.signer.name
    trusted = trusted_keys(home.trusted_keys)
    known = [one.name for one in trusted if one.key == package.key]
    if trusting:
        require_fingerprint(package.key, claimed, trusting, package.file)
        if not known and remember:
            trust(home.trusted_keys, TrustedKey(package.key, claimed))
    if known or trusting:
        return known[0] if known else claimed
    fingerprint = package.key.fingerprint
    message = f"模型包完整、没有改动过，但签名者不在本院信任之列：自称「{claimed}」，公钥指纹 {fingerprint}。"
    hint = f"请当面或者打已知的电话，向该单位逐位核对指纹；一致的，加 --trust {fingerprint} 再装。"
    namesakes = "、".join(one.key.fingerprint for one in trusted if one.name == claimed)
    if namesakes:
        message += f"本院已信任的同名单位，公钥指纹是 {namesakes}，与这个不同。"
        hint = f"可能是冒名：先不要装，打已知的电话问该单位换没换密钥；换了的，逐位核对，加 --trust {fingerprint}。"
    raise PackProblem(Problem("P406", message, file=package.file, hint=hint))


def _require_readable(package: Package, arriving: Pack, here: Lexicon) -> SupervisionModel:
    """The model by our own words. Raises PackProblem (P408)."""
    try:
        return read_model(arriving.folder / "models" / package.manifest.model.id, here)
    except PackProblem as error:
        message = "模型与本机的表、代码表不合，装上也不能用。"
        hint = "本机的定义与打包单位的不同，请与打包单位核对双方程序的版本。"
        raise PackProblem(Problem("P408", message, file=package.file, hint=hint), *error.problems) from error


def _require_passed(package: Package, model: SupervisionModel, folder: Path, progress: Progress) -> None:
    """All worked cases come out here as written. Raises PackProblem (P408)."""
    trials = list(run_cases(model, read_cases(model), folder, DuckdbEngine, progress))
    failed = [f"{one.rule}：{one.case} {one.message}" for trial in trials for one in trial.differences]
    if failed:
        message = f"有{len(failed)}处用例在本机得不到应有的结果，没有安装。"
        parts = [Problem("P408", one, file=package.file) for one in failed[:_SHOWN_DIFFERENCES]]
        raise PackProblem(Problem("P408", message, file=package.file), *parts)


def _require_rest(
    places: Sequence[ModelPlace], coming: str, packs: Sequence[Pack], here: Lexicon
) -> list[SupervisionModel]:
    """All other models by the words of afterwards. Raises PackProblem (P409) if one could be read only before."""
    found, broken = read_rest(places, coming, packs, here)
    if broken:
        place, error = broken
        message = f"装上以后，模型 {place.id} 就读不了了：它用到现在这一版带来的表。没有安装。"
        raise PackProblem(Problem("P409", message, file=str(place.folder)), *error.problems)
    return found


def read_rest(
    places: Sequence[ModelPlace], apart_from: str, packs: Sequence[Pack], afterwards: Lexicon
) -> tuple[list[SupervisionModel], tuple[ModelPlace, PackProblem] | None]:
    """All models but one by the words of afterwards, and the first that can be read by those of ``packs`` alone."""
    found, before = [], None
    for one in places:
        if one.id == apart_from:
            continue
        try:
            found.append(read_model(one.folder, afterwards))
        except PackProblem as error:
            before = before or read_lexicon(packs)
            try:
                read_model(one.folder, before)
            except PackProblem:
                continue  # it could not be read before either
            return found, (one, error)
    return found, None


def _beside(
    existing: ModelPlace | None, package: Package, model: SupervisionModel, here: Lexicon
) -> tuple[list[Section], bool]:
    """What the package says otherwise than the model of its id, and whether they are the same to the byte."""
    if existing is None:
        return [], False
    receipt = receipt_of(existing.folder)
    sent = package.content("model")
    own = {name: (existing.folder / name).read_bytes() for name in MODEL_FILES if (existing.folder / name).is_file()}
    same = receipt.digest == package.digest if receipt else all(own.get(name) == sent[name] for name in own)
    if same:
        return [], True
    try:
        old = read_model(existing.folder, here)
    except PackProblem:
        return [Section("模型", ("现有的模型有误，读不了，无法对比。",))], False
    said = differ(old, model)
    changed = [name for name in MODEL_FILES if name in own and own[name] != sent[name] and name != "model.yaml"]
    files = [f"{name} 有改动" for name in changed]
    return [*said, *([Section("其他文件", tuple(files))] if files else [])], False


def _status(existing: ModelPlace | None, same: bool, replace: bool, only_check: bool) -> Status:
    if same:
        return "already"
    if only_check:
        return "checked"
    if existing is None:
        return "installed"
    return "replaced" if replace else "needs_replace"


def _version_of(existing: ModelPlace | None) -> str:
    data = read_yaml(existing.folder / "model.yaml").data if existing else None
    return str(data.get("version", "")) if isinstance(data, dict) else ""


def _tables(model: SupervisionModel, words: Words, imported: Collection[str]) -> list[NeededTable]:
    found: dict[str, NeededTable] = {}
    for one in explain_model(model).tables:
        name, columns = one["table"], tuple(one["columns"])
        here, different = name not in words.carried_tables, name in words.different
        found[name] = NeededTable(name, one["title"], columns, here, different, name in imported)
    return list(found.values())
