"""The cited rows of a table, written by column, against the same records made one by one as dictionaries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.foundation.identity import hash_value
from jianheng.core.ingest.landed import Heading, LandedSheet, SourceFile
from jianheng.core.pack.shelf import find_packs, shipped_packs
from jianheng.core.screening.evidence import Evidence
from jianheng.core.screening.evidence_table import EvidenceTable, Sources
from jianheng.core.screening.json_columns import written
from jianheng.core.screening.protection import flags_of
from jianheng.core.terms.lexicon import read_lexicon

TERMS = read_lexicon(find_packs([shipped_packs()])).tables
COLUMNS = {"deposit_payment": ("paid_on", "amount", "voucher_no"), "deposit_refund": ("decided_on", "amount")}
JUDGED = {"amount", "paid_on"}
FILES = {
    number: SourceFile(number, name, Path(name), f"sha256:{number}", 0)
    for number, name in ((1, "乙.xlsx"), (2, "甲.csv"))
}


def sheet(number: int, file: int, name: str, table: str, lacking: str = "") -> LandedSheet:
    columns = [column for column in COLUMNS[table] if column != lacking]
    headings = {column: Heading(index, "CAB"[index], "标题") for index, column in enumerate(columns)}
    return LandedSheet(number, file, name, False, "xlsx", table, headings, (), "", {}, (1,), ())


SHEETS = {
    1: sheet(1, 1, "一月", "deposit_payment"),
    2: sheet(2, 2, "", "deposit_payment", lacking="paid_on"),
    3: sheet(3, 1, '"二"月', "deposit_payment", lacking="amount"),
    4: sheet(4, 1, "退还", "deposit_refund"),
}
SOURCES = Sources(FILES, SHEETS)

CELL = st.none() | st.sampled_from(["", "甲", '"', "\\", "两\n行", "!", " ", "5000.00"])
ROW = st.fixed_dictionaries({name: st.tuples(CELL, CELL) for name in ("paid_on", "amount", "voucher_no", "decided_on")})
PLACES = st.lists(st.tuples(st.sampled_from([1, 2, 3]), st.integers(1, 30)), min_size=1, max_size=3)
LINK = st.none() | st.sampled_from([(1, "按文书号"), (2, '按"姓名"')])
FLAGS = st.sampled_from([0, 0, 0, 1, 2, 3, 4, 6, 7])
Line = tuple[dict[str, tuple[str | None, str | None]], list[tuple[int, int]], tuple[int, str] | None, int]
LINES: st.SearchStrategy[list[Line]] = st.lists(st.tuples(ROW, PLACES, LINK, FLAGS), min_size=1, max_size=6)


def table_of(name: str, lines: list[Line]) -> EvidenceTable:
    columns = COLUMNS[name]
    rows = [(line, number, place) for line, (_, places, _, _) in enumerate(lines) for number, place in places]
    record = {
        "line": [line for line, _, _ in rows],
        "file": [SHEETS[number].file for _, number, _ in rows],
        "sheet": [number for _, number, _ in rows],
        "place": [place for _, _, place in rows],
        "flags": [lines[line][3] for line, _, _ in rows],
    }
    cells = {
        f"{kind}_{column}": [lines[line][0][column][side] for line, _, _ in rows]
        for side, kind in enumerate("rc")
        for column in columns
    }
    links = [lines[line][2] for line, _, _ in rows]
    texts = cells | {
        "step": [str(link[0]) if link else None for link in links],
        "step_title": [link[1] if link else None for link in links],
    }
    batch = pa.RecordBatch.from_pydict(
        {key: pa.array(values, pa.int64()) for key, values in record.items()}
        | {key: pa.array(values, pa.string()) for key, values in texts.items()}
    )
    judged = frozenset(JUDGED & set(columns))
    return EvidenceTable(TERMS[name], columns, judged, batch, SOURCES)


def shown(name: str, line: Line) -> tuple[dict[str, Any], list[tuple[str, str, str]], dict[str, Any] | None]:
    """A cited row, its facts and its link, as the contract of a clue has them."""
    cells, places, link, bits = line
    (number, place), *others = sorted(places, key=lambda one: (SHEETS[one[0]].file, *one))
    at = SHEETS[number]
    where = {"file": FILES[at.file].name, "sheet": at.sheet, "row": place}
    record: dict[str, Any] = {
        "table": name,
        "title": TERMS[name].title,
        "file": where["file"],
        "hash": FILES[at.file].hash,
        "sheet": at.sheet,
        "row": place,
        "cells": {
            column: {
                "title": TERMS[name].columns[column].title,
                "address": f"{at.headings[column].letter}{place}",
                "raw": cells[column][0],
                "value": cells[column][1],
            }
            for column in COLUMNS[name]
            if column in at.headings
        },
        "lit": [column for column in COLUMNS[name] if column in JUDGED and column in at.headings],
        "flags": list(flags_of(bits)),
    }
    if others:
        record["also"] = [
            {"file": FILES[SHEETS[one].file].name, "sheet": SHEETS[one].sheet, "row": row} for one, row in others
        ]
    facts = [(name, column, cells[column][1] or "") for column in COLUMNS[name] if column in JUDGED]
    linked = {"table": name, **where, "step": link[0], "title": link[1]} if link else None
    return record, facts, linked


@given(LINES, LINES, st.data())
def test_evidence_by_column_is_the_evidence_of_each_clue(payments: list[Line], refunds: list[Line], data: Any) -> None:
    refunds = [(cells, [(4, place) for _, place in places], link, bits) for cells, places, link, bits in refunds]
    given_tables = {"deposit_payment": payments, "deposit_refund": refunds}
    count = data.draw(st.integers(1, 4))
    cited = {
        name: data.draw(
            st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, len(lines) - 1)), min_size=1, max_size=9)
        )
        for name, lines in given_tables.items()
    }
    tables = []
    for name, pairs in cited.items():
        table = table_of(name, given_tables[name])
        clues, lines = (pa.array(one, pa.int64()) for one in zip(*pairs, strict=True))
        table.cite(clues, lines, count)
        tables.append(table)
    evidence = Evidence(tuple(tables))
    for first, size in [(0, count), *((clue, 1) for clue in range(count))]:
        batch = evidence.write(first, size)
        records, links = (written(column, size).to_pylist() for column in (batch.records, batch.links))
        for clue in range(first, first + size):
            rows = [
                shown(name, given_tables[name][line])
                for name, pairs in cited.items()
                for line in sorted(
                    {line for of, line in pairs if of == clue},
                    key=lambda line, name=name: (
                        *(shown(name, given_tables[name][line])[0][key] for key in ("file", "sheet", "row")),
                        line,
                    ),
                )
            ]
            assert records[clue - first].encode() == orjson.dumps([record for record, _, _ in rows])
            assert links[clue - first].encode() == orjson.dumps([link for _, _, link in rows if link])
            facts = sorted(fact for _, found, _ in rows for fact in found)
            assert batch.hashes[clue - first] == hash_value(facts)
            assert evidence.sizes(count)[clue] == len(rows)
            marked = {flag for record, _, _ in rows for flag in record["flags"]}
            assert set(flags_of(evidence.flagged().get(clue, 0))) == marked - (
                {"age_unknown"} if "minor" in marked else set()
            )
