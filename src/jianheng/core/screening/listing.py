"""What goes beside the clues: how money rows were linked, which were not, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow.parquet as pq

from jianheng.core.catalogue.linking_unlinked import REASONS
from jianheng.core.catalogue.snapshot import Snapshot
from jianheng.core.compiler.dialect import DIALECTS, Dialect
from jianheng.core.engine.port import Engine
from jianheng.core.fields.name_masking import mask_person_name
from jianheng.core.screening.evidence import value_text
from jianheng.core.screening.protection import flags_of, flags_sql, hides_names, is_protected
from jianheng.core.screening.tables import RunTables
from jianheng.core.screening.workbook_input import UnlinkedRow


def links_of(tables: RunTables, snapshot: Snapshot, engine: Engine, as_of: date) -> Iterator[dict[str, Any]]:
    """Every source row of every linked table with the number it was linked to, or null.

    ``flags`` are those of the row and of the records that bear the number.
    """
    files = {file.number: file.name for file in snapshot.files}
    sheets = {sheet.number: sheet.sheet for sheet in snapshot.sheets}
    quote, literal = DIALECTS[engine.dialect].quote, DIALECTS[engine.dialect].literal
    for name in tables.prepared.steps:
        link = tables.lexicon.tables[name].link
        if link is None:
            continue
        flags, joined = _flags_of_links(name, link.to, tables, DIALECTS[engine.dialect], as_of)
        sql = (
            f"SELECT s.file AS file, s.sheet AS sheet, s.{quote('row')} AS place, l.anchor AS anchor, l.step AS step,"
            f" l.step_id AS step_id, {flags} AS flags FROM {quote(f'source__{name}')} AS s"
            f" LEFT JOIN links AS l ON l.{quote('table')} = {literal(name)} AND l._row = s._row{joined}"
            f" ORDER BY s.file, s.sheet, s.{quote('row')}"
        )
        for batch in engine.stream(sql, step="关联结果"):
            for row in batch.to_pylist():
                yield {
                    "table": name,
                    "file": files[row["file"]],
                    "sheet": sheets[row["sheet"]],
                    "row": row["place"],
                    link.key: row["anchor"],
                    "step": row["step"],
                    "step_id": row["step_id"],
                    "flags": list(flags_of(row["flags"])),
                }


def _flags_of_links(name: str, anchor: str, tables: RunTables, dialect: Dialect, as_of: date) -> tuple[str, str]:
    """The flags of a linked row ``s`` and of its anchor as SQL, and the joins that they need."""
    lexicon, quote = tables.lexicon, dialect.quote
    parts, joined = ["0"], ""
    if is_protected(lexicon.tables[name]):
        parts.append(flags_sql(lexicon.tables[name], lexicon, dialect, "c", as_of))
        joined += f" JOIN {quote(f'canonical__{name}')} AS c ON c._row = s._row"
    chain = lexicon.tables[anchor].chain
    if chain and is_protected(lexicon.tables[anchor]) and anchor in tables.canonical:
        flags = flags_sql(lexicon.tables[anchor], lexicon, dialect, "b", as_of)
        marked = f"SELECT {quote(chain.number)} AS anchor, {flags} AS flags FROM {quote(f'canonical__{anchor}')} AS b"
        joined += (
            f" LEFT JOIN (SELECT anchor, bit_or(flags) AS flags FROM ({marked}) AS m WHERE flags <> 0 GROUP BY anchor)"
            " AS a ON a.anchor = l.anchor"
        )
        parts.append("COALESCE(a.flags, 0)")
    return " | ".join(f"({part})" for part in parts), joined


def unlinked_of(tables: RunTables, snapshot: Snapshot, engine: Engine, as_of: date) -> Iterator[UnlinkedRow]:
    """The rows of 未能关联, with their candidates.

    Money always belongs to somebody; other rows (the outcome of a case without bail) are listed only if they might.
    """
    files = {file.number: file.name for file in snapshot.files}
    sheets = {sheet.number: sheet.sheet for sheet in snapshot.sheets}
    quote, literal = DIALECTS[engine.dialect].quote, DIALECTS[engine.dialect].literal
    engine.view("unlinked", [tables.prepared.unlinked])
    for name in tables.prepared.steps:
        term = tables.lexicon.tables[name]
        link = term.link
        if link is None:
            continue
        day = ", ".join(f"c.{quote(column)}" for column in link.on) or "NULL"
        person = f"c.{quote('person_name')}" if "person_name" in term.columns else "NULL"
        identity = f"s.{quote('person_id')}" if "person_id" in term.columns else "NULL"
        amount = f"c.{quote(link.amount)}" if link.amount else "NULL"
        worth_listing = "" if link.amount else " AND u.candidate_count > 0"
        sql = (
            f"SELECT s.file AS file, s.sheet AS sheet, s.{quote('row')} AS place, coalesce({day}) AS day,"
            f" {person} AS person, {identity} AS identity, {amount} AS amount, u.reason AS reason,"
            f" u.candidates AS candidates, u.candidate_count AS candidate_count,"
            f" {flags_sql(term, tables.lexicon, DIALECTS[engine.dialect], 'c', as_of)} AS flags"
            f" FROM unlinked AS u JOIN {quote(f'source__{name}')} AS s ON s._row = u._row"
            f" JOIN {quote(f'canonical__{name}')} AS c ON c._row = u._row"
            f" WHERE u.{quote('table')} = {literal(name)}{worth_listing}"
            f" ORDER BY s.file, s.sheet, s.{quote('row')}"
        )
        for batch in engine.stream(sql, step="未能关联"):
            for row in batch.to_pylist():
                flags = flags_of(row["flags"])
                yield UnlinkedRow(
                    table_title=term.title,
                    file=files[row["file"]],
                    sheet=sheets[row["sheet"]],
                    row=row["place"],
                    date=value_text(row["day"]) or "",
                    name=mask_person_name(row["person"] or "") if hides_names(flags) else row["person"] or "",
                    identity=row["identity"] or "",
                    amount=value_text(row["amount"]) or "",
                    reason=REASONS.get(row["reason"], row["reason"]),
                    candidates=list(row["candidates"] or []),
                    candidate_count=row["candidate_count"] or 0,
                    flags=flags,
                )


def problems_of(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """Every problem of the import, only the filled fields."""
    with pq.ParquetFile(snapshot.problems) as file:
        for batch in file.iter_batches(batch_size=20_000):
            for row in batch.to_pylist():
                yield {key: value for key, value in row.items() if value}
