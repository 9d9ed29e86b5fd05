"""The source rows behind the hits of a rule: where each stands, what was written there, what was read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from jianheng.core.compiler.dialect import DIALECTS, Dialect
from jianheng.core.engine.port import Engine
from jianheng.core.foundation.identity import hash_bytes, hash_value
from jianheng.core.model.reads import Reads, reads_of
from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.evidence_table import EvidenceTable, Sources
from jianheng.core.screening.json_columns import Json, by_value, json_list, one_batch, written
from jianheng.core.screening.protection import flags_of, flags_sql, hides_names, is_protected, personal_columns
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Table


@dataclass(frozen=True, slots=True)
class CitedEvidence:
    """Of each clue of a batch: ``records``, its rows; ``links``, how some were linked; ``hashes`` of its facts."""

    records: Json
    links: Json
    hashes: list[str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All rows that the clues of one rule cite. ``tables`` in the order in which clues cite them."""

    tables: tuple[EvidenceTable, ...]

    def sizes(self, clues: int) -> list[int]:
        """How many rows each of the clues cites."""
        counts = [table.counts for table in self.tables]
        return reduce(pc.add, counts).to_pylist() if counts else [0] * clues

    def flagged(self) -> dict[int, int]:
        """The clues that cite rows about minors or sealed records, with the flags of those rows."""
        found: dict[int, int] = defaultdict(int)
        for table in self.tables:
            for clue, bits in table.flagged():
                found[clue] |= bits
        return dict(found)

    def names(self, clues: Iterable[int]) -> dict[int, dict[str, str]]:
        """Of each of ``clues`` the names of persons in its rows, and what people are shown instead."""
        found: dict[int, dict[str, str]] = {clue: {} for clue in clues}
        numbers = pa.array(found, pa.int64())
        for table in self.tables if found else ():
            for clue, spellings in table.names(numbers):
                found[clue] |= spellings
        return found

    def write(self, first: int, count: int) -> CitedEvidence:
        """The evidence of ``count`` clues from ``first`` on."""
        cited = {table.term.id: table.write(first, count) for table in self.tables}
        facts = written(json_list(cited[name].facts for name in sorted(cited)), count)
        several = reduce(pc.or_, [part.several for part in cited.values()], pa.repeat(False, count))
        return CitedEvidence(
            json_list(part.records for part in cited.values()),
            json_list(part.links for part in cited.values()),
            list(map(_facts_hash, facts.cast(pa.binary()).to_pylist(), several.to_pylist())),
        )


def read_evidence(
    model: SupervisionModel,
    rule: Rule,
    sources: Sources,
    clue_of_hit: pa.Array,
    clues: int,
    engine: Engine,
    as_of: date,
    *,
    flagged: bool = False,
) -> Evidence:
    """The rows behind a rule's hits. ``clue_of_hit``: of hits 1, 2, … the clue that they belong to, from 0.

    ``flagged``: some clue may bear flags that its rows do not.
    """
    quote = DIALECTS[engine.dialect].quote
    hits = one_batch(engine.fetch(f"SELECT n, t, r FROM {quote(f'evidence__{rule.id}')}", step="证据行"))
    cited = pc.unique(hits["t"]).to_pylist()
    order = {name: index for index, name in enumerate(model.spec.tables.values())}
    reads, tables = reads_of(model, rule), []
    for name in sorted(cited, key=order.__getitem__):
        table = _read_table(rule.id, model.lexicon.tables[name], reads, model.lexicon, sources, engine, as_of)
        own = hits.filter(pc.equal(hits["t"], name))
        table.cite(clue_of_hit.take(pc.subtract(own["n"], 1)), own["r"], clues)
        tables.append(table)
    evidence = Evidence(tuple(tables))
    if flagged or any(hides_names(flags_of(bits)) for bits in set(evidence.flagged().values())):
        for table in tables:
            _fetch_names(rule.id, table, model.lexicon, engine)
    return evidence


def flags_of_hits(rule: str, tables: Iterable[str], lexicon: Lexicon, engine: Engine, as_of: date) -> dict[int, int]:
    """The flags of the rows that the hits 1, 2, … of a rule rest on, of those that have any.

    ``evidence__`` of the rule and ``canonical__`` of all ``tables``, which it may cite, must stand in ``engine``.
    """
    dialect = DIALECTS[engine.dialect]
    cited = dialect.quote(f"evidence__{rule}")
    found: dict[int, int] = defaultdict(int)
    for name in tables:
        term = lexicon.tables[name]
        if is_protected(term):
            rows = engine.fetch(
                f"SELECT DISTINCT e.n AS n, {flags_sql(term, lexicon, dialect, 'c', as_of)} AS flags"
                f" FROM {cited} AS e JOIN {dialect.quote(f'canonical__{name}')} AS c ON c._row = e.r"
                f" WHERE e.t = {dialect.literal(name)}",
                step=f"标记：{term.title}",
            )
            for row in rows.to_pylist():
                found[row["n"]] |= row["flags"]
    return {hit: bits for hit, bits in found.items() if bits}


def _read_table(
    rule: str, term: Table, reads: Reads, lexicon: Lexicon, sources: Sources, engine: Engine, as_of: date
) -> EvidenceTable:
    dialect = DIALECTS[engine.dialect]
    quote = dialect.quote
    judged = reads.judged.get(term.id, frozenset())
    wanted = judged | reads.shown.get(term.id, frozenset())
    columns = [name for name in term.columns if name in wanted]
    selected = ["s._row AS line", "s.file AS file", "s.sheet AS sheet", f"s.{quote('row')} AS place"]
    selected += _cells_sql(columns, term, lexicon, dialect)
    selected.append(f"{flags_sql(term, lexicon, dialect, 'c', as_of)} AS flags")
    cited = f"SELECT r FROM {quote(f'evidence__{rule}')} WHERE t = {dialect.literal(term.id)}"
    rows = one_batch(
        engine.fetch(
            f"SELECT {', '.join(selected)} FROM {quote(f'source__{term.id}')} AS s"
            f" JOIN {quote(f'canonical__{term.id}')} AS c ON c._row = s._row WHERE s._row IN ({cited})",
            step=f"证据：{term.title}",
        )
    )
    step = title = pa.nulls(len(rows), pa.string())
    if term.link:
        sql = f"SELECT _row AS line, step, step_id FROM links WHERE {quote('table')} = {dialect.literal(term.id)}"
        links = one_batch(engine.fetch(f"{sql} AND _row IN ({cited})", step="关联方式"))
        titles = {step.id: step.title for step in term.link.ladder}
        place = pc.index_in(rows["line"], value_set=links["line"])
        step = links["step"].cast(pa.string()).take(place)
        title = by_value(links["step_id"], titles.__getitem__).take(place)
    return EvidenceTable(
        term, columns, judged, rows.append_column("step", step).append_column("step_title", title), sources
    )


def _fetch_names(rule: str, table: EvidenceTable, lexicon: Lexicon, engine: Engine) -> None:
    """Bring the names in the rows of ``table`` that it does not show: a sentence may have them from elsewhere."""
    term, dialect = table.term, DIALECTS[engine.dialect]
    wanted = [name for name in personal_columns(term) if name not in table.columns] if is_protected(term) else []
    if wanted:
        cells = ", ".join(_cells_sql(wanted, term, lexicon, dialect))
        quote = dialect.quote
        sql = (
            f"SELECT s._row AS line, {cells} FROM {quote(f'source__{term.id}')} AS s"
            f" JOIN {quote(f'canonical__{term.id}')} AS c ON c._row = s._row"
            f" WHERE s._row IN (SELECT r FROM {quote(f'evidence__{rule}')} WHERE t = {dialect.literal(term.id)})"
        )
        table.add_names(one_batch(engine.fetch(sql, step=f"姓名：{term.title}")))


def _cells_sql(columns: Iterable[str], term: Table, lexicon: Lexicon, dialect: Dialect) -> list[str]:
    """What stood there and what was read."""
    quote = dialect.quote
    raw = [f"s.{quote(name)} AS {quote(f'r_{name}')}" for name in columns]
    return raw + [f"{_text_sql(name, term, lexicon, dialect)} AS {quote(f'c_{name}')}" for name in columns]


def _text_sql(name: str, term: Table, lexicon: Lexicon, dialect: Dialect) -> str:
    """A canonical cell as :func:`value_text` writes it, written by the engine for all rows at once."""
    cell = f"c.{dialect.quote(name)}"
    if lexicon.storage(term.columns[name]) == "boolean":
        return f"CASE WHEN {cell} THEN '是' WHEN NOT {cell} THEN '否' END"
    return f"CAST({cell} AS {dialect.type('text')})"


def _facts_hash(facts: bytes, unsorted: bool) -> str:
    """Over the sorted facts of all rows; they come sorted unless a table gives several rows."""
    return hash_value(sorted(orjson.loads(facts))) if unsorted else hash_bytes(facts)


def value_text(value: object) -> str | None:
    """A canonical value as clue files write it: dates ISO, money with two decimals."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, bool):
        return "是" if value else "否"
    return value.isoformat() if isinstance(value, date) else str(value)


def spoken(value: object) -> str:
    """A value inside a sentence: 2024年3月5日, 5000.00, 未知 where there is none."""
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return value_text(value) or "（未填写）"


def spoken_month(value: object) -> str:
    """A month, known by its first day: 2024年3月."""
    return f"{value.year}年{value.month}月" if isinstance(value, date) else spoken(value)
