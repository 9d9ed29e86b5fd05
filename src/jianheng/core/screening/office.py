"""Who we are: ``JIANHENG_HOME/office.yaml``. Clues against ourselves are self-correction, not supervision."""

from __future__ import annotations

from pathlib import Path

from jianheng.core.fields.registry import read_field
from jianheng.core.pack.strict_yaml import read_yaml
from jianheng.core.pack.typed import Strict, read_content


class Office(Strict):
    """``name``: the full name of our procuratorate, as it stands in the tables."""

    name: str


def read_office(home: Path) -> str:
    """Our own name in normal form, or an empty text if nobody has said who we are."""
    path = home / "office.yaml"
    if not path.is_file():
        return ""
    return str(read_field("organ", read_content(Office, read_yaml(path)).name).value or "")
