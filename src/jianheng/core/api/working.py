"""Where an office's work is done."""

from __future__ import annotations

from jianheng.core.api.home import Home
from jianheng.core.screening.import_data import Workplace


def workplace_of(home: Home) -> Workplace:
    """The office's folder as the screening room knows it, with the bound on an engine's memory."""
    return Workplace(home.folder, memory=home.memory)
