"""Tables as a run finds them after import and linking, made by SQL alone: Parquet, sources, links, true profiles.

Equal for equal sizes: everything hangs on the row number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path

from jianheng.core.catalogue.coverage import TableCoverage, Window
from jianheng.core.catalogue.prepared import Prepared
from jianheng.core.catalogue.profile import ColumnProfile, TableProfile
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.identity import hash_text
from jianheng.core.ingest.landed import Heading, LandedSheet, SourceFile
from jianheng.core.screening.tables import RunTables
from jianheng.core.terms.lexicon import CHAIN_COLUMNS, ColumnTerm, Lexicon

_TYPES = {"text": "VARCHAR", "date": "DATE", "money": "DECIMAL(18,2)", "boolean": "BOOLEAN", "integer": "BIGINT"}


def chance(salt: str, of: str) -> str:
    """A number from 0 to 9999 that hangs on ``of`` alone, other for another ``salt``."""
    return f"CAST(hash({of} * 31 + {sum(map(ord, salt))}) % 10000 AS INTEGER)"


def covering(table: str, first: date, last: date) -> TableCoverage:
    """What a supplier declares who left nothing out."""
    return TableCoverage(table, (Window(first, last),), False, "示例市公安局")


def build_tables(
    home: Path,
    queries: Iterable[tuple[str, str]],
    coverage: Mapping[str, TableCoverage],
    lexicon: Lexicon,
    engine: DuckdbEngine,
    *,
    sources: bool = True,
) -> RunTables:
    """The tables of ``queries`` (id, rows; each may read those before it) in a folder that ``home`` begins the name of.

    They are made if they are not there; the folder is also named by what makes them. Columns that a query does not give
    are blank. Without ``sources`` no clue can be written from them: rules alone are measured.
    """
    queries = list(queries)
    told = repr([(name, query, sorted(lexicon.columns(name).items())) for name, query in queries])
    home = home.with_name(f"{home.name}-{hash_text(f'{sources} {told}').partition(':')[2][:8]}")
    home.mkdir(parents=True, exist_ok=True)
    paths, texts, counts = {}, {}, {}
    for name, query in queries:
        paths[name] = home / f"{name}.parquet"
        texts[name] = home / f"{name}.source.parquet" if sources else paths[name]
        if not texts[name].exists():
            terms = lexicon.columns(name)
            day = lexicon.tables[name].coverage_on[0] if lexicon.tables[name].coverage_on else "1"
            given = engine.fetch(f"SELECT * FROM ({query}) AS q LIMIT 0").column_names
            engine.write(_prepared(query, terms, day, given), paths[name])
        engine.view(name, [paths[name]])
        if not texts[name].exists():
            engine.write(_source(name, list(lexicon.tables[name].columns), list(paths)), texts[name])
        counts[name] = int(engine.fetch(f'SELECT COUNT(*) AS n FROM "{name}"').column(0)[0].as_py())
    links = home / "links.parquet"
    if not links.exists():
        engine.write(_links([name for name in paths if lexicon.tables[name].link]), links)
    profiles = {name: _profile(name, lexicon.columns(name), counts[name], engine) for name in paths}
    for name in paths:
        engine.drop_view(name)  # the run lays them out its own way
    steps = {name: {"by_bail_no": count} for name, count in counts.items() if lexicon.tables[name].link}
    prepared = Prepared(paths, links, links, {}, counts, {name: 0 for name in steps}, steps)
    return RunTables(lexicon, prepared, paths, texts, profiles, dict(coverage), {})


def landed_places(tables: RunTables, lexicon: Lexicon) -> tuple[dict[int, SourceFile], dict[int, LandedSheet]]:
    """The files and sheets that the source rows say they stand in: one file of one sheet a table."""
    files, sheets = {}, {}
    for number, name in enumerate(tables.prepared.paths):
        title = lexicon.tables[name].title
        headings = {
            column: Heading(index, _letter(index), term.title, 1)
            for index, (column, term) in enumerate(lexicon.tables[name].columns.items())
        }
        files[number] = SourceFile(number, f"{title}.xlsx", Path(f"{title}.xlsx"), f"sha256:{number:064x}", 0)
        sheets[number] = LandedSheet(number, number, "2024年", False, "xlsx", name, headings, (), "", {}, (1,), ())
    return files, sheets


def _letter(index: int) -> str:
    return chr(ord("A") + index) if index < 26 else "A" + chr(ord("A") + index - 26)


def _prepared(query: str, terms: dict[str, ColumnTerm], day: str, given: Collection[str]) -> str:
    """The rows with every column of their term in its order, numbered, none unread."""
    own = [
        f"CAST({_quoted(name) if name in given else 'NULL'} AS {_TYPES[term.storage]}) AS {_quoted(name)}"
        for name, term in terms.items()
        if term.origin != "chain"
    ]
    chain = ""
    if "chain" in terms:
        chain = ", " + ", ".join(f'CAST("{name}" AS BIGINT) AS "{name}"' for name in CHAIN_COLUMNS)
        chain += ", CAST('by_bail_no' AS VARCHAR) AS _step"
    order = "_row" if "nth AS _row" in query else f"{day}, hash({'chain' if chain else 'q'})"
    number = f"CAST(row_number() OVER (ORDER BY {order}) - 1 AS BIGINT) AS _row"
    flags = "CAST(0 AS BIGINT) AS _bad, FALSE AS _repeat"
    return f"SELECT {number}, {', '.join(own)}, {flags}{chain} FROM ({query}) AS q ORDER BY 1"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _source(name: str, columns: list[str], tables: list[str]) -> str:
    """The texts as they stood in the workbook: here, the values themselves."""
    number = tables.index(name)
    raw = "".join(f', CAST("{column}" AS VARCHAR) AS "{column}"' for column in columns)
    return (
        f'SELECT _row, {number} AS file, {number} AS sheet, CAST(_row + 2 AS INTEGER) AS "row"{raw}'
        f' FROM "{name}" ORDER BY _row'
    )


def _links(tables: list[str]) -> str:
    parts = [
        f"SELECT '{name}' AS \"table\", _row, bail_no AS anchor, 1 AS step, 'by_bail_no' AS step_id, chain"
        f' FROM "{name}"'
        for name in tables
    ]
    nothing = "SELECT '' AS \"table\", 0 AS _row, '' AS anchor, 1 AS step, '' AS step_id, 0 AS chain WHERE FALSE"
    return " UNION ALL ".join(parts or [nothing])


def _profile(name: str, terms: dict[str, ColumnTerm], rows: int, engine: DuckdbEngine) -> TableProfile:
    names = [column for column, term in terms.items() if term.origin != "chain"]
    counted = ", ".join(f'COUNT(*) - COUNT("{column}") AS "{column}"' for column in names)
    nulls = engine.fetch(f'SELECT {counted} FROM "{name}"').to_pylist()[0]
    columns = {column: ColumnProfile(True, nulls[column], 0) for column in names}
    return TableProfile(name, rows, rows, 0, columns, {})
