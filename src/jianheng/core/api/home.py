"""The office's own folder: its packs, what it imported, what is being worked on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jianheng.core.foundation.durable import private_folder

VARIABLE = "JIANHENG_HOME"
_DEFAULT = Path("jianheng-data")


@dataclass(frozen=True, slots=True)
class Home:
    """``folder`` need not exist: what is asked for is made, readable by its owner only."""

    folder: Path

    @classmethod
    def named_by(cls, environment: Mapping[str, str]) -> Home:
        """The folder that ``JIANHENG_HOME`` names, else ``./jianheng-data``."""
        return cls(Path(environment.get(VARIABLE) or _DEFAULT))

    @property
    def packs(self) -> Path:
        """Where the office's own packs and models lie."""
        return self.folder / "packs"

    @property
    def trusted_keys(self) -> Path:
        """Where the public keys lie whose packages may be installed here."""
        return self.folder / "trusted_keys"

    def temporary(self) -> Path:
        """The folder for what is gone after a run."""
        return private_folder(self.folder / "tmp")
