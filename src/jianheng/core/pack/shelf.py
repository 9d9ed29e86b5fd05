"""Where packs are found: the shipped folder first, then the office's own. A site adds, it never silently overrides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from jianheng.core.foundation.errors import PackProblem, Problem, raise_if_any
from jianheng.core.pack.strict_yaml import read_yaml
from jianheng.core.pack.typed import Strict, read_content


class Manifest(Strict):
    """``pack.yaml``.

    ``content`` is the folder beside it that holds the content, where versions lie side by side: changing this one file
    changes the version, all at once. ``replaces`` names models of other packs that those of this pack stand in for.
    """

    id: str
    version: str
    title: str
    title_en: str
    law_as_of: str
    needs: list[str] = []
    content: Annotated[str, Field(pattern=r"^([0-9a-z][0-9a-z.-]*)?$")] = ""
    replaces: list[str] = []


@dataclass(frozen=True, slots=True)
class Pack:
    """A folder of content: ``tables/``, ``codes/``, ``models/``. This room does not know what is in them."""

    manifest: Manifest
    folder: Path

    @property
    def installed(self) -> bool:
        """Whether it came as a package: the words it brought are used only where no other pack has them."""
        return bool(self.manifest.content)

    def files(self, kind: str) -> list[Path]:
        """The YAML files directly in the sub-folder ``kind``, by name."""
        return sorted((self.folder / kind).glob("*.yaml"))

    def folders(self, kind: str) -> list[Path]:
        """The content folders of ``kind``, by name."""
        parent = self.folder / kind
        return sorted(path for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []


def shipped_packs() -> Path:
    """The folder of packs that came with the program."""
    return Path(__file__).resolve().parents[2] / "packs"


def find_packs(roots: Sequence[Path]) -> list[Pack]:
    """All packs under ``roots``, in order. Raises PackProblem for a bad manifest, a double id or an unmet need."""
    packs: dict[str, Pack] = {}
    problems: list[Problem] = []
    for root in roots:
        for path in sorted(root.glob("[!.]*/pack.yaml")):  # what begins with a dot is being written
            manifest = read_content(Manifest, read_yaml(path))
            if manifest.id in packs:
                other = packs[manifest.id].folder
                message = f"包「{manifest.id}」已有一个：{other}。"
                problems.append(
                    Problem("P301", message, file=str(path), line=1, column=1, hint="请改名或移走其中一个。")
                )
                continue
            packs[manifest.id] = Pack(manifest, path.parent / manifest.content)
    for pack in packs.values():
        for need in pack.manifest.needs:
            if need not in packs:
                file = str(pack.folder / "pack.yaml")
                problems.append(Problem("P302", f"需要的包「{need}」没有找到。", file=file, line=1, column=1))
    raise_if_any(PackProblem, problems)
    return list(packs.values())
