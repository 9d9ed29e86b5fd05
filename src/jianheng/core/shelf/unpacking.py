"""A verified package read as content: by its own words, and by the words of the office that received it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from jianheng.core.foundation.durable import private_folder
from jianheng.core.foundation.errors import PackProblem, Problem
from jianheng.core.model.read import read_model
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.pack.shelf import Manifest as PackManifest
from jianheng.core.pack.shelf import Pack
from jianheng.core.pack.strict_yaml import read_yaml
from jianheng.core.shelf.backtest_file import Backtest, parse_backtest
from jianheng.core.shelf.listing import Listing, listing_of
from jianheng.core.shelf.package import BACKTEST, Package
from jianheng.core.terms.lexicon import Lexicon, read_lexicon


@dataclass(frozen=True, slots=True)
class Content:
    """What a package holds, read by its own words; ``lexicon`` has the tables and code lists that came with it."""

    model: SupervisionModel
    lexicon: Lexicon
    listing: Listing
    backtest: Backtest


@dataclass(frozen=True, slots=True)
class Words:
    """Tables and code lists, by id: ``carried`` are not known here, ``different`` are defined otherwise here."""

    carried_tables: tuple[str, ...]
    carried_codes: tuple[str, ...]
    different: tuple[str, ...]


def write_content(package: Package, folder: Path, words: Words | None = None) -> None:
    """The package as the content of a pack in ``folder``; with ``words`` only the tables and lists carried."""
    model = private_folder(folder / "models" / package.manifest.model.id)
    for name, data in package.content("model").items():
        (model / name).write_bytes(data)
    (model / BACKTEST).write_bytes(package.files[BACKTEST])
    wanted: dict[str, Collection[str]] = {}
    if words is not None:
        wanted = {"tables": words.carried_tables, "codes": words.carried_codes}
    for kind in ("tables", "codes"):
        for name, data in package.content(kind).items():
            if words is None or name.removesuffix(".yaml") in wanted[kind]:
                (private_folder(folder / kind) / name).write_bytes(data)


def read_content_of(package: Package, folder: Path) -> Content:
    """The content of ``package``, written to the new ``folder`` and read there by the words that came with it.

    Raises PackProblem: P407 where it is not what the manifest says, and whatever is wrong with the content itself.
    """
    write_content(package, folder)
    told = package.manifest.model
    lexicon = read_lexicon([Pack(_manifest(package, "", ()), folder)])
    place = folder / "models" / told.id
    model = read_model(place, lexicon)
    said = (told.id, told.version, told.title, told.digest, told.rules)
    spec = model.spec
    if said != (spec.id, spec.version, spec.title, model.digest, len(spec.rules)):
        raise _otherwise(package, "模型的编号、版本或者名称与清单不同。")
    leaned_on = lexicon.leaned_on(spec.tables.values())
    if {name: lexicon.digest(name) for name in leaned_on} != package.manifest.tables:
        raise _otherwise(package, "所带的表与清单不同。")
    listing = listing_of(read_yaml(place / "listing.yaml", shown_as=f"{package.file} › listing.yaml"), spec)
    backtest = parse_backtest(package.files[BACKTEST], f"{package.file} › {BACKTEST}")
    if (backtest.model, backtest.model_hash) != (spec.id, model.digest):
        raise _otherwise(package, "回溯检验的不是这个模型。")
    return Content(model, lexicon, listing, backtest)


def compare_words(sent: Lexicon, here: Lexicon) -> Words:
    """Which of the words that came with a package are unknown here, and which tables are defined otherwise."""
    tables = tuple(sorted(name for name in sent.tables if name not in here.tables))
    codes = tuple(sorted(name for name in sent.codes if name not in here.codes))
    known = sorted(name for name in sent.tables if name in here.tables)
    return Words(tables, codes, tuple(name for name in known if sent.digest(name) != here.digest(name)))


def installed_pack(package: Package, folder: Path, content: str, replaces: Collection[str]) -> Pack:
    """The pack that an installed package is, its content in ``folder``."""
    return Pack(_manifest(package, content, replaces), folder)


def _manifest(package: Package, content: str, replaces: Collection[str]) -> PackManifest:
    told = package.manifest.model
    return PackManifest(
        id=told.id,
        version=told.version,
        title=told.title,
        title_en=told.id,
        law_as_of="",
        content=content,
        replaces=sorted(replaces),
    )


def _otherwise(package: Package, message: str) -> PackProblem:
    hint = "打包的程序有误，或者清单是另作的。请不要使用，向打包单位询问。"
    return PackProblem(Problem("P407", message, file=package.file, hint=hint))
