"""An installed model taken out of use: what goes, what stays, what comes back; then done, with a record of it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jianheng.core.api.content import choose_models, find_models, load_packs
from jianheng.core.api.home import Home
from jianheng.core.api.installing import read_rest
from jianheng.core.foundation.errors import PackProblem, Problem, UsageProblem
from jianheng.core.pack.shelf import Manifest, Pack, shipped_packs
from jianheng.core.pack.strict_yaml import read_yaml
from jianheng.core.pack.typed import read_content
from jianheng.core.shelf.installing import RECEIPT, receipt_of
from jianheng.core.shelf.removing import remove
from jianheng.core.terms.lexicon import read_lexicon

_ID = re.compile(r"[a-z][a-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class InstalledVersion:
    """One version that lies here. The last four are empty where its receipt cannot be read."""

    folder: str
    in_use: bool
    version: str = ""
    digest: str = ""
    signer: str = ""
    installed_at: str = ""


@dataclass(frozen=True, slots=True)
class Removal:
    """What becomes of an installed model.

    ``tables``: titles of the tables whose definition goes with it. ``comes_back``: the folder of the model of the same
    id that is in use afterwards. ``kept``: where its record and the packages as they came are, once ``removed``.
    """

    id: str
    title: str
    folder: str
    versions: tuple[InstalledVersion, ...]
    tables: tuple[str, ...]
    comes_back: str
    removed: bool = False
    kept: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The record for ``--json``."""
        return asdict(self)


def uninstall_model(home: Home, wanted: str, *, at: datetime, by: str, sure: bool) -> Removal:
    """Take the installed model ``wanted`` out of use; without ``sure`` only say what would become of it.

    ``by``: who asked, for the record. Raises UsageProblem (U201 no such model, U229 nobody installed it), PackProblem
    (P410 another model reads tables that came with it). It works where two models of the id are at odds (P303), too.
    """
    pack = _installed(home, wanted)
    folder = home.packs / pack.manifest.id
    told = Removal(
        id=pack.manifest.id,
        title=pack.manifest.title,
        folder=str(folder),
        versions=tuple(_versions(folder, pack)),
        tables=_tables_that_go(home, pack),
        comes_back=_comes_back(home, pack.manifest.id),
    )
    if not sure:
        return told
    record = {
        "id": told.id,
        "title": told.title,
        "removed_at": at.isoformat(" ", "seconds"),
        "by": by,
        "versions": [asdict(one) for one in told.versions],
        "tables": list(told.tables),
    }
    kept = remove(folder, home.removed_models, record, at=at)
    return Removal(told.id, told.title, told.folder, told.versions, told.tables, told.comes_back, True, str(kept))


def _installed(home: Home, wanted: str) -> Pack:
    """The pack of an installed model, read by itself: the shelf as a whole may be at odds."""
    name = Path(wanted).name
    path = home.packs / name / "pack.yaml"
    named = wanted in (name, f"{name}/{name}") or path.parent.resolve() in Path(wanted).resolve().parents
    if named and _ID.match(name) and path.is_file():
        manifest = read_content(Manifest, read_yaml(path))
        if manifest.content and manifest.id == name:
            return Pack(manifest, path.parent / manifest.content)
    place = choose_models(home, [wanted])[0]
    if place.installed:
        return _installed(home, place.id)
    message = f"模型 {place.id} 不是安装来的，是{'本院自己的' if place.own else '随程序来的'}，不能卸下。"
    hint = "不再用的，把它的文件夹移走。" if place.own else "不想用的，筛查时不写它就行。"
    raise UsageProblem(Problem("U229", message, file=str(place.folder), hint=hint))


def _versions(folder: Path, pack: Pack) -> list[InstalledVersion]:
    found = []
    for receipt in sorted(folder.glob(f"[!.]*/{RECEIPT}")):
        in_use = receipt.parent == pack.folder
        try:
            told = receipt_of(receipt.parent / "models" / pack.manifest.id)
        except PackProblem:
            told = None
        if told is None:
            found.append(InstalledVersion(receipt.parent.name, in_use))
        else:
            found.append(
                InstalledVersion(receipt.parent.name, in_use, told.version, told.digest, told.signer, told.installed_at)
            )
    return sorted(found, key=lambda one: (not one.in_use, one.installed_at))


def _tables_that_go(home: Home, pack: Pack) -> tuple[str, ...]:
    """Titles of the tables that nobody else defines. Raises PackProblem (P410) if another model reads one."""
    try:
        packs = load_packs(home)
        places = find_models(home)
        before = read_lexicon(packs)
    except PackProblem:
        return ()  # the shelf cannot be read as it is; removing a model cannot make that worse
    others = [one for one in packs if one.manifest.id != pack.manifest.id]
    after = read_lexicon(others)
    _, broken = read_rest(places, pack.manifest.id, packs, after)
    if broken:
        place, error = broken
        message = f"卸下以后，模型 {place.id} 就读不了了：它用到随 {pack.manifest.id} 带来的表。没有卸下。"
        hint = f"可以先卸下 {place.id}，卸下 {pack.manifest.id} 以后再装 {place.id} 的原包，它会自己带上表。"
        raise PackProblem(Problem("P410", message, file=str(place.folder), hint=hint), *error.problems)
    return tuple(table.title for name, table in before.tables.items() if name not in after.tables)


def _comes_back(home: Home, model: str) -> str:
    """The folder of the model of this id that an installed one stands in for; empty if there is none."""
    found = [
        *shipped_packs().glob(f"*/models/{model}/model.yaml"),
        *home.packs.glob(f"[!.]*/models/{model}/model.yaml"),
    ]
    return str(found[0].parent) if found else ""
