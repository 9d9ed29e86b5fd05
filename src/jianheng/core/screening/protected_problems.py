"""Problems that stand in rows about minors or sealed records: marked, and no name shown."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

import pyarrow as pa

from jianheng.core.catalogue.snapshot import Snapshot
from jianheng.core.compiler.dialect import DIALECTS
from jianheng.core.engine.port import Engine
from jianheng.core.fields.name_masking import mask_person_name
from jianheng.core.screening.protection import flags_of, flags_sql, hides_names, is_protected
from jianheng.core.terms.lexicon import Lexicon

_BATCH = 200_000
_PLACES = "problem_places"
_ROW = re.compile(r"\d+")

Record = dict[str, Any]
Place = tuple[str, str, str, int]
"""Table, file, sheet, row."""


def with_flags(
    problems: Iterable[Record], snapshot: Snapshot, lexicon: Lexicon, engine: Engine, as_of: date
) -> Iterator[Record]:
    """``problems`` with ``flags`` where their row bears some; the engine must hold ``source__`` and ``canonical__``."""
    waiting = iter(problems)
    while batch := list(islice(waiting, _BATCH)):
        places = [_place(problem, lexicon) for problem in batch]
        flags = _flags(sorted({place for place in places if place}), snapshot, lexicon, engine, as_of)
        for problem, place in zip(batch, places, strict=True):
            bits = flags.get(place, 0) if place else 0
            yield _marked(problem, flags_of(bits), lexicon) if bits else problem


def _place(problem: Mapping[str, Any], lexicon: Lexicon) -> Place | None:
    """The row a problem stands in; None if its table says nothing of minors and sealed records."""
    table, row = problem.get("table", ""), _ROW.search(problem.get("cell", ""))
    if not row or table not in lexicon.tables or not is_protected(lexicon.tables[table]):
        return None
    return table, problem["file"], problem.get("sheet", ""), int(row[0])


def _flags(
    places: Sequence[Place], snapshot: Snapshot, lexicon: Lexicon, engine: Engine, as_of: date
) -> dict[Place, int]:
    """The rows among ``places`` that bear flags."""
    names = {file.number: file.name for file in snapshot.files}
    numbers = {(names[sheet.file], sheet.sheet): (sheet.file, sheet.number) for sheet in snapshot.sheets}
    wanted: dict[str, list[tuple[Place, int, int]]] = defaultdict(list)
    for place in places:
        if place[1:3] in numbers:
            wanted[place[0]].append((place, *numbers[place[1], place[2]]))
    found: dict[Place, int] = {}
    dialect = DIALECTS[engine.dialect]
    quote = dialect.quote
    for table, rows in wanted.items():
        by_number = {(file, sheet, place[3]): place for place, file, sheet in rows}
        columns = zip(*by_number, strict=True)
        engine.load(
            _PLACES,
            pa.table(
                {name: pa.array(column, pa.int64()) for name, column in zip(("f", "s", "r"), columns, strict=True)}
            ),
        )
        flags = flags_sql(lexicon.tables[table], lexicon, dialect, "c", as_of)
        sql = (
            f"SELECT p.f AS f, p.s AS s, p.r AS r, {flags} AS flags FROM {_PLACES} AS p"
            f" JOIN {quote(f'source__{table}')} AS s ON s.file = p.f AND s.sheet = p.s AND s.{quote('row')} = p.r"
            f" JOIN {quote(f'canonical__{table}')} AS c ON c._row = s._row"
        )
        for row in engine.fetch(sql, step="标注涉及特别保护的问题").to_pylist():
            found[by_number[row["f"], row["s"], row["r"]]] = row["flags"]
        engine.drop(_PLACES)
    return found


def _marked(problem: Record, flags: tuple[str, ...], lexicon: Lexicon) -> Record:
    column = lexicon.tables[problem["table"]].columns.get(problem.get("column", ""))
    hidden = hides_names(flags) and column is not None and column.sensitivity == "personal"
    seen = {"seen": mask_person_name(problem["seen"])} if hidden and problem.get("seen") else {}
    return problem | seen | {"flags": list(flags)}
