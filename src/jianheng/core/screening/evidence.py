"""The source rows behind the hits of a rule: where each stands, what was written there, what was read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jianheng.core.compiler.dialect import DIALECTS, Dialect
from jianheng.core.engine.port import Engine
from jianheng.core.ingest.landed import LandedSheet, SourceFile
from jianheng.core.model.reads import Reads
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Table


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One canonical row: its record for the clue, its judged cells for ``facts_hash``, its place for sorting."""

    record: dict[str, Any]
    facts: tuple[tuple[str, str, str], ...]
    place: tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Sources:
    """The files and sheets that row numbers refer to."""

    files: Mapping[int, SourceFile]
    sheets: Mapping[int, LandedSheet]


def rows_of_hits(rule: str, engine: Engine) -> dict[int, list[tuple[str, int]]]:
    """Hit number -> its rows as (table id, row)."""
    rows = engine.fetch(f"SELECT n, t, r FROM {_evidence(rule, engine)} ORDER BY n, t, r", step="证据行")
    result: dict[int, list[tuple[str, int]]] = defaultdict(list)
    numbers, tables, lines = (rows.column(name).to_pylist() for name in ("n", "t", "r"))
    for number, table, line in zip(numbers, tables, lines, strict=True):
        result[number].append((table, line))
    return result


def read_evidence(
    rule: str, reads: Reads, lexicon: Lexicon, sources: Sources, engine: Engine
) -> dict[tuple[str, int], EvidenceRow]:
    """Every evidence row of a rule, by (table id, row)."""
    tables = (
        engine.fetch(f"SELECT DISTINCT t FROM {_evidence(rule, engine)} ORDER BY t", step="证据表")
        .column("t")
        .to_pylist()
    )
    result: dict[tuple[str, int], EvidenceRow] = {}
    for table in tables:
        result |= _table_rows(rule, table, reads, lexicon, sources, engine)
    return result


def read_links(rule: str, lexicon: Lexicon, engine: Engine) -> dict[tuple[str, int], tuple[int, str]]:
    """How each linked evidence row was linked: (table id, row) -> (step, its title)."""
    table_name = DIALECTS[engine.dialect].quote("table")
    rows = engine.fetch(
        f"SELECT l.{table_name} AS t, l._row AS r, l.step AS step, l.step_id AS id FROM links AS l"
        f" JOIN (SELECT DISTINCT t, r FROM {_evidence(rule, engine)}) AS e"
        f" ON e.t = l.{table_name} AND e.r = l._row",
        step="关联方式",
    )
    titles = {
        (table.id, step.id): step.title for table in lexicon.tables.values() if table.link for step in table.link.ladder
    }
    return {(row["t"], row["r"]): (row["step"], titles[row["t"], row["id"]]) for row in rows.to_pylist()}


def _table_rows(
    rule: str, table: str, reads: Reads, lexicon: Lexicon, sources: Sources, engine: Engine
) -> dict[tuple[str, int], EvidenceRow]:
    term = lexicon.tables[table]
    judged = reads.judged.get(table, frozenset())
    wanted = judged | reads.shown.get(table, frozenset())
    columns = [name for name in term.columns if name in wanted]
    dialect = DIALECTS[engine.dialect]
    quote = dialect.quote
    raw = "".join(f", s.{quote(name)} AS {quote(f'r_{name}')}" for name in columns)
    canonical = "".join(f", {_text_sql(name, term, lexicon, dialect)} AS {quote(f'c_{name}')}" for name in columns)
    rows = engine.fetch(
        f"SELECT s._row AS line, s.file AS file, s.sheet AS sheet, s.{quote('row')} AS place{raw}{canonical}"
        f" FROM {quote(f'source__{table}')} AS s JOIN {quote(f'canonical__{table}')} AS c ON c._row = s._row"
        f" WHERE s._row IN (SELECT r FROM {_evidence(rule, engine)} WHERE t = {dialect.literal(table)})"
        f" ORDER BY s._row, s.file, s.sheet, s.{quote('row')}",
        step=f"证据：{term.title}",
    )
    lines, files, sheets, places = (rows.column(name).to_pylist() for name in ("line", "file", "sheet", "place"))
    texts = _in_rows([rows.column(f"r_{name}").to_pylist() for name in columns], len(lines))
    values = _in_rows([rows.column(f"c_{name}").to_pylist() for name in columns], len(lines))
    lit = [(index, name) for index, name in enumerate(columns) if name in judged]
    headed = {
        number: [
            (index, name, term.columns[name].title, heading.letter)
            for index, name in enumerate(columns)
            if (heading := sheet.headings.get(name))
        ]
        for number, sheet in sources.sheets.items()
        if sheet.table == table
    }
    result: dict[tuple[str, int], EvidenceRow] = {}
    for line, number, sheet_number, place, raws, own in zip(lines, files, sheets, places, texts, values, strict=True):
        file, sheet = sources.files[number], sources.sheets[sheet_number]
        known = result.get((table, line))
        if known is not None:  # the same row sent twice: one row with several sources
            known.record.setdefault("also", []).append({"file": file.name, "sheet": sheet.sheet, "row": place})
            continue
        cells: dict[str, dict[str, str | None]] = {}
        for index, name, title, letter in headed[sheet_number]:
            cells[name] = {"title": title, "address": f"{letter}{place}", "raw": raws[index], "value": own[index]}
        # Every judged column, also one that this file lacks: which of two equal rows is met first must not show.
        facts = tuple((table, name, own[index] or "") for index, name in lit)
        record = {
            "table": table,
            "title": term.title,
            "file": file.name,
            "hash": file.hash,
            "sheet": sheet.sheet,
            "row": place,
            "cells": cells,
            "lit": [name for _, name in lit if name in cells],
        }
        result[table, line] = EvidenceRow(record, facts, (file.name, sheet.sheet, place))
    return result


def _evidence(rule: str, engine: Engine) -> str:
    return DIALECTS[engine.dialect].quote(f"evidence__{rule}")


def _text_sql(name: str, term: Table, lexicon: Lexicon, dialect: Dialect) -> str:
    """A canonical cell as :func:`value_text` writes it, written by the engine for all rows at once."""
    cell = f"c.{dialect.quote(name)}"
    if lexicon.storage(term.columns[name]) == "boolean":
        return f"CASE WHEN {cell} THEN '是' WHEN NOT {cell} THEN '否' END"
    return f"CAST({cell} AS {dialect.type('text')})"


def _in_rows(columns: list[list[Any]], count: int) -> list[tuple[Any, ...]]:
    return list(zip(*columns, strict=True)) if columns else [()] * count


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
