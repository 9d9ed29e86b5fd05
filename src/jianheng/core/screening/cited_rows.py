"""Where a cited row stands in a changed file: at its old place, or wherever the same texts stand today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jianheng.core.catalogue.snapshot import Snapshot
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.screening.import_data import Workplace

#: With fewer texts than this a row elsewhere that says the same may well be another one (same day, same amount).
_DISTINCTIVE = 4
#: A text that stands in more rows than this tells rows apart no longer.
_RARE = 50

Texts = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a sheet, 1-based; of a csv file: the record, sheet empty."""

    sheet: str
    row: int


@dataclass(slots=True)
class _TableInFile:
    """The raw texts of one table in one file, and in which rows each text stands."""

    rows: dict[Place, Texts] = field(default_factory=dict)
    holding: dict[tuple[str, str], list[Place]] = field(default_factory=lambda: defaultdict(list))


@dataclass(slots=True)
class CitedRows:
    """The rows of the changed files, each read once per table."""

    snapshot: Snapshot
    scratch: Path
    workplace: Workplace
    _read: dict[tuple[str, int], _TableInFile] = field(default_factory=dict)

    def find(
        self, table: str, files: Sequence[int], place: Place, wanted: Mapping[str, str]
    ) -> tuple[Place, Texts] | None:
        """The row in one of ``files`` that is the one cited at ``place`` with the texts ``wanted``; None if gone.

        The row at the same place if it says the same; else, if enough texts are cited to tell rows apart, the row with
        the rarest of the same texts, more than half of them; else whatever stands at the same place now.
        """
        best: tuple[float, Place, Texts] | None = None
        for number in files:
            inside = self._table(table, number)
            for score, where, texts in _scores(inside, _same_place(inside, place), wanted):
                if best is None or score > best[0]:
                    best = (score, where, texts)
        return best[1:] if best else None

    def _table(self, table: str, file: int) -> _TableInFile:
        if (table, file) not in self._read:
            self._read[table, file] = self._load(table, file)
        return self._read[table, file]

    def _load(self, table: str, file: int) -> _TableInFile:
        found = _TableInFile()
        if table not in self.snapshot.tables:
            return found
        names = {sheet.number: sheet.sheet for sheet in self.snapshot.sheets}
        with DuckdbEngine(self.scratch / "spill", memory=self.workplace.memory) as engine:
            engine.view("rows", [self.snapshot.source(table)])
            for batch in engine.stream(f"SELECT * FROM rows WHERE file = {file}", step="读取变动的文件"):
                for record in batch.to_pylist():
                    place = Place(names[record["sheet"]], record["row"])
                    found.rows[place] = record
                    for name, text in record.items():
                        if isinstance(text, str) and text:
                            found.holding[name, text].append(place)
        return found


def _same_place(inside: _TableInFile, place: Place) -> Place | None:
    """``place``, in a renamed sheet if there is only one."""
    if place in inside.rows:
        return place
    sheets = {one.sheet for one in inside.rows}
    renamed = Place(next(iter(sheets)), place.row) if len(sheets) == 1 and place.sheet not in sheets else None
    return renamed if renamed in inside.rows else None


def _scores(inside: _TableInFile, same: Place | None, wanted: Mapping[str, str]) -> list[tuple[float, Place, Texts]]:
    """Rows that may be the cited one, each with how much speaks for it; the one at the same place first."""
    weights: dict[Place, float] = defaultdict(float)
    for name, text in wanted.items():
        places = inside.holding.get((name, text), [])
        for place in places if len(places) <= _RARE else ():
            weights[place] += 1 / len(places)
    if same is not None:
        texts = inside.rows[same]
        if all((texts.get(name) or "") == text for name, text in wanted.items()):
            return [(float("inf"), same, texts)]
        weights.setdefault(same, 0.0)
    filled = [(name, text) for name, text in wanted.items() if text]
    found: list[tuple[float, Place, Texts]] = []
    for place in sorted(weights, key=lambda place: (place != same, place.sheet, place.row)):
        texts = inside.rows[place]
        alike = sum(texts.get(name) == text for name, text in filled)
        likely = len(filled) >= _DISTINCTIVE and weights[place] >= 1 and 2 * alike > len(filled)
        if place == same or likely:
            whole = all((texts.get(name) or "") == text for name, text in wanted.items())
            found.append((weights[place] + len(wanted) * whole, place, texts))
    return found
