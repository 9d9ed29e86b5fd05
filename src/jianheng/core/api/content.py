"""The content a run works with: packs, words, models; what came with the program and what the office added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jianheng.core.api.home import Home
from jianheng.core.foundation.errors import PackProblem, Problem, UsageProblem
from jianheng.core.model.read import read_model
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.pack.shelf import Pack, find_packs, shipped_packs
from jianheng.core.pack.typed import did_you_mean
from jianheng.core.screening.cases import Case, read_cases
from jianheng.core.terms.lexicon import Lexicon, read_lexicon

ALL = "all"


@dataclass(frozen=True, slots=True)
class ModelPlace:
    """A model's folder, not yet read. ``pack`` is empty for a folder outside every known pack.

    ``own``: it lies in the office's folder; ``installed``: it came there as a package of somebody else.
    """

    id: str
    pack: str
    folder: Path
    own: bool
    installed: bool = False


@dataclass(frozen=True, slots=True)
class CheckedModel:
    """What ``model check`` found: ``problems`` is empty for a model that may be used."""

    place: ModelPlace
    title: str
    rules: int
    cases: int
    problems: tuple[Problem, ...]


def load_packs(home: Home) -> list[Pack]:
    """All packs, the shipped ones first. Raises PackProblem."""
    return find_packs([shipped_packs(), home.packs])


def load_lexicon(home: Home) -> Lexicon:
    """The words of all packs. Raises PackProblem with every fault."""
    return read_lexicon(load_packs(home))


def find_models(home: Home) -> list[ModelPlace]:
    """Every model on the shelf, by pack and id.

    An office adds a model to a shipped pack by ``packs/<pack>/models/<id>``. A model that an installed package was
    told to replace is left out. Raises PackProblem for a model id that stands twice (P303) and for a folder of models
    that belongs to no pack (P304): nothing is overridden in silence.
    """
    packs = load_packs(home)
    known = {pack.manifest.id for pack in packs}
    folders = [(pack.manifest.id, pack.folder, home.packs in pack.folder.parents) for pack in packs]
    folders += [(path.name, path, True) for path in _additions(home)]
    installed = {pack.manifest.id for pack in packs if pack.installed}
    replaced = {model: pack.manifest.id for pack in packs for model in pack.manifest.replaces}
    problems: list[Problem] = []
    found: dict[str, ModelPlace] = {}
    for pack_id, folder, own in folders:
        if pack_id not in known:
            hint = f"请补 pack.yaml，或者放进已有的包：{'、'.join(sorted(known))}。"
            problems.append(_at(folder / "pack.yaml", "P304", f"没有包「{pack_id}」，其中的模型没有归属。", hint))
        for path in sorted((folder / "models").glob("[!.]*/model.yaml")):
            place = ModelPlace(path.parent.name, pack_id, path.parent, own, pack_id in installed)
            if replaced.get(place.id, pack_id) != pack_id:
                continue
            if place.id in found:
                message = f"模型「{place.id}」已有一个：{found[place.id].folder}。"
                problems.append(_at(path, "P303", message, "请改名或移走其中一个。"))
            found.setdefault(place.id, place)
    if problems:
        raise PackProblem(*problems)
    return list(found.values())


def _additions(home: Home) -> list[Path]:
    """The office's folders that have no manifest of their own: models added to a pack that has one elsewhere."""
    if not home.packs.is_dir():
        return []
    folders = (path for path in sorted(home.packs.iterdir()) if not path.name.startswith("."))
    return [path for path in folders if (path / "models").is_dir() and not (path / "pack.yaml").is_file()]


def choose_models(home: Home, wanted: Sequence[str]) -> list[ModelPlace]:
    """The models that ``wanted`` names: ids, ``pack/id``, folders or ``all``; nothing means all.

    Raises UsageProblem (U201) for what is neither.
    """
    shelf = find_models(home)
    chosen: dict[Path, ModelPlace] = {}
    for name in wanted or (ALL,):
        for place in _named(name, shelf):
            chosen.setdefault(place.folder.resolve(), place)
    return list(chosen.values())


def load_models(home: Home, wanted: Sequence[str], lexicon: Lexicon) -> list[SupervisionModel]:
    """The models that ``wanted`` names, read and checked. Raises UsageProblem, PackProblem with all faults of all."""
    models: list[SupervisionModel] = []
    problems: list[Problem] = []
    for place in choose_models(home, wanted):
        try:
            models.append(read_model(place.folder, lexicon))
        except PackProblem as error:
            problems.extend(error.problems)
    if problems:
        raise PackProblem(*problems)
    return models


def load_cases(models: Sequence[SupervisionModel]) -> list[Case]:
    """The worked cases of ``models``. Raises PackProblem."""
    return [case for model in models for case in read_cases(model)]


def check_models(home: Home, wanted: Sequence[str]) -> list[CheckedModel]:
    """Read models and cases and say everything that is wrong. Raises UsageProblem, and PackProblem for the words."""
    lexicon = load_lexicon(home)
    return [_check(place, lexicon) for place in choose_models(home, wanted)]


def _check(place: ModelPlace, lexicon: Lexicon) -> CheckedModel:
    try:
        model = read_model(place.folder, lexicon)
    except PackProblem as error:
        return CheckedModel(place, "", 0, 0, error.problems)
    title, rules = model.spec.title, len(model.spec.rules)
    if model.id != place.folder.name:
        message = f"文件夹名应与模型 id 相同：{model.id}。"
        return CheckedModel(place, title, rules, 0, (_at(place.folder / "model.yaml", "M310", message),))
    try:
        cases = read_cases(model)
    except PackProblem as error:
        return CheckedModel(place, title, rules, 0, error.problems)
    if not cases:
        message = "没有用例。"
        hint = "每条规则至少写一个命中和一个不命中的用例。"
        return CheckedModel(place, title, rules, 0, (_at(place.folder / "cases.yaml", "M406", message, hint),))
    return CheckedModel(place, title, rules, len(cases), ())


def _named(name: str, shelf: Sequence[ModelPlace]) -> Iterator[ModelPlace]:
    if name == ALL:
        yield from shelf
        return
    known = [place for place in shelf if name in (place.id, f"{place.pack}/{place.id}")]
    if known:
        yield from known
        return
    folder = Path(name)
    if (folder / "model.yaml").is_file():
        same = [place for place in shelf if place.folder.resolve() == folder.resolve()]
        yield same[0] if same else ModelPlace(folder.resolve().name, "", folder, True)
        return
    inside = [path.parent for path in sorted(folder.rglob("model.yaml"))] if folder.is_dir() else []
    if not inside:
        hint = did_you_mean(name, [place.id for place in shelf])
        hint = hint or f"已有的模型：{'、'.join(place.id for place in shelf)}；也可写含有 model.yaml 的文件夹。"
        raise UsageProblem(Problem("U201", f"没有模型「{name}」。", hint=hint))
    for path in inside:
        yield from _named(str(path), shelf)


def _at(path: Path, code: str, message: str, hint: str = "") -> Problem:
    return Problem(code, message, file=str(path), line=1, column=1, hint=hint)
