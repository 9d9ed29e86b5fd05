"""The office's own folder: its packs, what it imported, what is being worked on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jianheng.core.foundation.durable import private_folder
from jianheng.core.foundation.errors import Problem, UsageProblem

VARIABLE = "JIANHENG_HOME"
MEMORY_VARIABLE = "JIANHENG_MEMORY"
_DEFAULT = Path("jianheng-data")
_SIZE = re.compile(r"[1-9][0-9]{0,5} ?[MG]B")


@dataclass(frozen=True, slots=True)
class Home:
    """``folder`` need not exist: what is asked for is made, readable by its owner only.

    ``memory``: what an engine may hold before it works on disk.
    """

    folder: Path
    memory: str = "2GB"

    @classmethod
    def named_by(cls, environment: Mapping[str, str]) -> Home:
        """The folder that ``JIANHENG_HOME`` names, else ``./jianheng-data``; ``JIANHENG_MEMORY`` bounds an engine.

        Raises UsageProblem (U124: not a size).
        """
        folder = Path(environment.get(VARIABLE) or _DEFAULT)
        memory = environment.get(MEMORY_VARIABLE, "").strip()
        if not memory:
            return cls(folder)
        if not _SIZE.fullmatch(memory):
            hint = "写法如 2GB、512MB；不写是 2GB。"
            raise UsageProblem(Problem("U124", f"{MEMORY_VARIABLE} 应是内存的大小，看到「{memory}」。", hint=hint))
        return cls(folder, memory)

    @property
    def packs(self) -> Path:
        """Where the office's own packs and models lie."""
        return self.folder / "packs"

    @property
    def trusted_keys(self) -> Path:
        """Where the public keys lie whose packages may be installed here."""
        return self.folder / "trusted_keys"

    @property
    def removed_models(self) -> Path:
        """Where the records of models lie that were taken out of use, with the packages as they came."""
        return self.folder / "removed_models"

    def temporary(self) -> Path:
        """The folder for what is gone after a run."""
        return private_folder(self.folder / "tmp")
