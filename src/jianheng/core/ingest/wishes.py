"""What ``mapping.yaml`` says about the sheets of one file, as plain values for the reading process."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from jianheng.core.ingest.recognise import Wish


@dataclass(frozen=True, slots=True)
class Wishes:
    """``entries``: (sheet, wish); sheet None stands for every sheet not named otherwise."""

    entries: tuple[tuple[str | None, Wish], ...] = ()

    def for_sheet(self, sheet: str) -> Wish | None:
        """The wish for one sheet."""
        named = next((wish for name, wish in self.entries if name == sheet), None)
        return named or next((wish for name, wish in self.entries if name is None), None)

    def to_list(self) -> list[list[Any]]:
        """JSON-like values."""
        return [[sheet, asdict(wish)] for sheet, wish in self.entries]

    @staticmethod
    def from_list(data: list[list[Any]]) -> Wishes:
        """The inverse of :meth:`to_list`."""
        return Wishes(
            tuple((sheet, Wish(**wish | {"header_rows": tuple(wish["header_rows"])})) for sheet, wish in data)
        )
