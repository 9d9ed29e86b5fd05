"""The draft of a ``mapping.yaml`` among the results, for the sheets that were left out as unsure."""

from __future__ import annotations

from pathlib import Path

from jianheng.core.ingest.landed import Landing
from jianheng.core.ingest.mapping import write_mapping_draft
from jianheng.core.terms.lexicon import Lexicon

MAPPING = "mapping.yaml"
#: What a draft is called where a ``mapping.yaml`` stands already.
BESIDE_A_MAPPING = "mapping-draft.yaml"


def write_draft(folder: Path, out: Path, landing: Landing, lexicon: Lexicon) -> Path | None:
    """Write the draft into ``folder``, whose files go to ``out``; where it will stand, or None if all was sure.

    A ``mapping.yaml`` in ``out`` may hold what somebody filled in: only the very same text takes its place.
    """
    text = write_mapping_draft(landing, lexicon)
    if not text:
        return None
    standing = out / MAPPING
    free = not standing.exists() or standing.read_bytes() == text.encode("utf-8")
    name = MAPPING if free else BESIDE_A_MAPPING
    (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return out / name
