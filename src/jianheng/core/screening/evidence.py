"""The source rows behind the hits of a rule: where each stands, what was written there, what was read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jianheng.core.engine.port import Engine
from jianheng.core.ingest.landed import LandedSheet, SourceFile
from jianheng.core.model.reads import Reads
from jianheng.core.terms.lexicon import Lexicon


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
    rows = engine.fetch(f'SELECT n, t, r FROM "evidence__{rule}" ORDER BY n, t, r', step="证据行")
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
        engine.fetch(f'SELECT DISTINCT t FROM "evidence__{rule}" ORDER BY t', step="证据表").column("t").to_pylist()
    )
    result: dict[tuple[str, int], EvidenceRow] = {}
    for table in tables:
        result |= _table_rows(rule, table, reads, lexicon, sources, engine)
    return result


def read_links(rule: str, lexicon: Lexicon, engine: Engine) -> dict[tuple[str, int], tuple[int, str]]:
    """How each linked evidence row was linked: (table id, row) -> (step, its title)."""
    rows = engine.fetch(
        f'SELECT l."table" AS t, l._row AS r, l.step AS step, l.step_id AS id FROM links AS l'
        f' JOIN (SELECT DISTINCT t, r FROM "evidence__{rule}") AS e ON e.t = l."table" AND e.r = l._row',
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
    raw = "".join(f', s."{name}" AS "r_{name}"' for name in columns)
    canonical = "".join(f', c."{name}" AS "c_{name}"' for name in columns)
    rows = engine.fetch(
        f'SELECT s._row AS line, s.file AS file, s.sheet AS sheet, s."row" AS place{raw}{canonical}'
        f' FROM "source__{table}" AS s JOIN "canonical__{table}" AS c ON c._row = s._row'
        f" WHERE s._row IN (SELECT r FROM \"evidence__{rule}\" WHERE t = '{table}')"
        f' ORDER BY s._row, s.file, s.sheet, s."row"',
        step=f"证据：{term.title}",
    )
    lines, files, sheets, places = (rows.column(name).to_pylist() for name in ("line", "file", "sheet", "place"))
    texts = [rows.column(f"r_{name}").to_pylist() for name in columns]
    values = [[value_text(value) for value in rows.column(f"c_{name}").to_pylist()] for name in columns]
    titles = [term.columns[name].title for name in columns]
    lit = [name for name in columns if name in judged]
    letters: dict[int, list[str | None]] = {
        number: [heading.letter if (heading := sheet.headings.get(name)) else None for name in columns]
        for number, sheet in sources.sheets.items()
        if sheet.table == table
    }
    result: dict[tuple[str, int], EvidenceRow] = {}
    for index, line in enumerate(lines):
        file, sheet, place = sources.files[files[index]], sources.sheets[sheets[index]], places[index]
        known = result.get((table, line))
        if known is not None:  # the same row sent twice: one row with several sources
            also = known.record.setdefault("also", [])
            also.append({"file": file.name, "sheet": sheet.sheet, "row": place})
            continue
        cells: dict[str, dict[str, str | None]] = {}
        facts: list[tuple[str, str, str]] = []
        for number, (name, letter) in enumerate(zip(columns, letters[sheet.number], strict=True)):
            value = values[number][index]
            if name in judged:  # whether this source or its copy has the column must not change the facts
                facts.append((table, name, value if value is not None else ""))
            if letter is None:
                continue
            cells[name] = {
                "title": titles[number],
                "address": f"{letter}{place}",
                "raw": texts[number][index],
                "value": value,
            }
        record = {
            "table": table,
            "title": term.title,
            "file": file.name,
            "hash": file.hash,
            "sheet": sheet.sheet,
            "row": place,
            "cells": cells,
            "lit": [name for name in lit if name in cells],
        }
        result[table, line] = EvidenceRow(record, tuple(facts), (file.name, sheet.sheet, place))
    return result


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
