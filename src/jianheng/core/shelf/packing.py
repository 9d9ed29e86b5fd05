"""A model of this office becomes a package, or the list of what it still lacks for the shelf (上架)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jianheng.core.fields.division import is_known_division
from jianheng.core.fields.resident_id import read_resident_id
from jianheng.core.foundation.errors import PackProblem, Problem, raise_if_any
from jianheng.core.model.first_draft import unwritten
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.pack.shelf import Pack
from jianheng.core.screening.cases import Case
from jianheng.core.shelf.manifest import Manifest, PackedModel, Signer
from jianheng.core.shelf.package import BACKTEST, MODEL_FILES, seal
from jianheng.core.shelf.signature import PrivateKey, to_base64

_IDENTITY = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")
_NEEDS_LAW = ("clue", "list")


@dataclass(frozen=True, slots=True)
class Contents:
    """``files`` of the package by name; ``left_out`` are files of the folder that no package carries."""

    files: dict[str, bytes]
    left_out: tuple[str, ...]


def check_for_listing(model: SupervisionModel, cases: Sequence[Case]) -> list[Problem]:
    """What ``model`` lacks for listing: README, worked cases both ways, legal basis, verification steps (M50x)."""
    file, rules = str(model.folder / "model.yaml"), model.spec.rules
    problems = []
    readme = model.folder / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    if not text.strip():
        problems.append(_at(str(readme), "M501", "没有写给检察官看的说明 README.md。"))
    elif left := unwritten(text):
        problems.append(_at(str(readme), "M501", f"README.md 还有样板没有改写：{left[0]}"))
    hits = {
        rule for case in cases for rule, wanted in case.expect.items() if any(one.verdict == "hit" for one in wanted)
    }
    others = {
        rule for case in cases for rule, wanted in case.expect.items() if any(one.verdict != "hit" for one in wanted)
    }
    for rule in rules:
        lacking = [word for word, known in (("命中", hits), ("不命中", others)) if rule.id not in known]
        if lacking:
            message = f"规则「{rule.title}」（{rule.id}）没有{'和'.join(lacking)}的用例。"
            problems.append(_at(str(model.folder / "cases.yaml"), "M502", message))
        if rule.kind in _NEEDS_LAW and not rule.basis:
            problems.append(_at(file, "M504", f"规则「{rule.title}」（{rule.id}）没有写法律依据。"))
        if not any(step.strip() for step in rule.verify):
            problems.append(_at(file, "M505", f"规则「{rule.title}」（{rule.id}）没有写核实步骤。"))
    if not any(rule.basis for rule in rules):
        message = "没有一条规则写明法律依据，不能申请上架。"
        problems.append(_at(file, "M504", message, "只有提示、没有条文的模型可以在本院使用，不能作为监督模型上架。"))
    return problems


def gather(model: SupervisionModel, packs: Iterable[Pack], listing: Path, backtest: bytes) -> Contents:
    """The files of ``model`` and the words it rests on. Raises PackProblem: M510 where a real person's number stands in
    one, M511 where a table or code list is not in a file of its own name.
    """
    files = {BACKTEST: backtest, "model/listing.yaml": listing.read_bytes()}
    for name in MODEL_FILES:
        if name != "listing.yaml":
            files[f"model/{name}"] = (model.folder / name).read_bytes()
    problems = list(_terms(model, list(packs), files))
    for name, data in sorted(files.items()):
        problems += _numbers(name, data)
    raise_if_any(PackProblem, problems)
    kept = {*MODEL_FILES, BACKTEST}
    left_out = sorted(path.name for path in model.folder.iterdir() if path.name not in kept)
    return Contents(files, tuple(left_out))


def build_package(
    model: SupervisionModel, pack: str, cases: int, files: dict[str, bytes], key: PrivateKey, program: str
) -> bytes:
    """The signed archive; the same content under the same key gives the same bytes."""
    tables = model.lexicon.leaned_on(model.spec.tables.values())
    manifest = Manifest(
        kind="jianheng model package",
        format=1,
        program=program,
        signer=Signer(name=key.name, scheme=key.scheme, public_key=to_base64(key.public.raw)),
        model=PackedModel(
            id=model.id,
            version=model.spec.version,
            title=model.spec.title,
            pack=pack,
            digest=model.digest,
            rules=len(model.spec.rules),
            cases=cases,
        ),
        tables={name: model.lexicon.digest(name) for name in tables},
        files={},
    )
    return seal(manifest, files, key)


def _terms(model: SupervisionModel, packs: list[Pack], files: dict[str, bytes]) -> Iterator[Problem]:
    """Put the tables the model leans on and their code lists into ``files``; what is not found is a problem."""
    tables = model.lexicon.leaned_on(model.spec.tables.values())
    codes = {column.codes for name in tables for column in model.lexicon.tables[name].columns.values() if column.codes}
    for kind, names in (("tables", tables), ("codes", sorted(codes))):
        for name in names:
            found = [path for pack in packs for path in pack.files(kind) if path.stem == name]
            if found:
                files[f"{kind}/{name}.yaml"] = found[0].read_bytes()
            else:
                title = "表" if kind == "tables" else "代码表"
                message = f"{title} {name} 不在名为 {name}.yaml 的文件里，不能随模型打包。"
                yield _at(str(model.folder / "model.yaml"), "M511", message)


def _numbers(name: str, data: bytes) -> Iterator[Problem]:
    """Identity numbers that a living person may have: a package is read in other offices."""
    for number, line in enumerate(data.decode("utf-8", errors="replace").splitlines(), start=1):
        for found in _IDENTITY.finditer(unicodedata.normalize("NFKC", line)):
            code = found[0].upper()
            if read_resident_id(code).value is not None and is_known_division(code[:6]):
                hint = "模型包要交给别的单位：用例里的号码一律编造，前六位用不存在的行政区划，如 990101。"
                message = "有真实存在的行政区划开头的身份证号。"
                yield Problem("M510", message, file=name, line=number, column=found.start() + 1, hint=hint)


def _at(file: str, code: str, message: str, hint: str = "") -> Problem:
    return Problem(code, message, file=file, line=1, column=1, hint=hint)
