"""The rows of one table that the clues of a rule cite: columns, written as JSON for a batch of clues at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from jianheng.core.ingest.landed import LandedSheet, SourceFile
from jianheng.core.screening.json_columns import Piece, by_value, json_texts, lists_written, written
from jianheng.core.screening.protection import flags_of, masked_spellings, personal_columns
from jianheng.core.terms.spec import Table

_INT32 = pa.int32()


@dataclass(frozen=True, slots=True)
class Sources:
    """The files and sheets that row numbers refer to."""

    files: Mapping[int, SourceFile]
    sheets: Mapping[int, LandedSheet]


@dataclass(frozen=True, slots=True)
class Cited:
    """What one table gives to each clue of a batch: JSON values with commas between them, empty if it gives none.

    ``records``: the rows as clues show them. ``facts``: (table, column, value) of their judged cells, in order of
    column within a row. ``links``: how those that were linked were linked. ``several``: whether there are two or more.
    """

    records: pa.Array
    facts: pa.Array
    links: pa.Array
    several: pa.Array


class EvidenceTable:
    """The cited rows of one table.

    ``rows`` has ``line`` (row of the canonical table), ``file``, ``sheet`` (their numbers), ``place`` (row of the
    sheet); for each of ``columns`` the text that stood there, ``r_<name>``, and what was read, ``c_<name>``;
    ``step`` and ``step_title`` of its link, null for a row without; ``flags`` of minors and sealed records. A line that
    was sent several times comes once for each place and is shown where it stands first.
    """

    def __init__(
        self, term: Table, columns: Sequence[str], judged: frozenset[str], rows: pa.RecordBatch, sources: Sources
    ) -> None:
        self.term, self.columns = term, tuple(columns)
        self._judged = tuple(name for name in columns if name in judged)
        numbers = pc.unique(rows["sheet"])
        self._sheets = [sources.sheets[number] for number in numbers.to_pylist()]
        self._files = [sources.files[sheet.file] for sheet in self._sheets]
        self._rows = self._one_a_line(rows.append_column("nth", pc.index_in(rows["sheet"], value_set=numbers)))

    def cite(self, clues: pa.Array, lines: pa.Array, count: int) -> None:
        """Keep which clue (of ``count``, from 0) cites which line: pairs in any order, some perhaps more than once."""
        order = self._by_place()
        ranks = pc.index_in(lines, value_set=self._rows["line"].take(order))
        pairs = pa.table({"clue": clues, "rank": ranks}).group_by(["clue", "rank"]).aggregate([])
        pairs = pairs.sort_by([("clue", "ascending"), ("rank", "ascending")])
        counted = pc.value_counts(pairs["clue"].combine_chunks())
        places = pc.index_in(pa.array(range(count), clues.type), value_set=counted.field("values"))
        self.counts = pc.fill_null(counted.field("counts").take(places), 0)
        self._ends = pa.concat_arrays([pa.array([0], _INT32), pc.cumulative_sum(self.counts).cast(_INT32)])
        self._cited = order.take(pairs["rank"].combine_chunks())
        self._citing = pairs["clue"].combine_chunks()

    def write(self, first: int, count: int) -> Cited:
        """What ``count`` clues from ``first`` on cite of this table."""
        ends = self._ends.slice(first, count + 1)
        start, stop = ends[0].as_py(), ends[count].as_py()
        offsets = pc.subtract(ends, pa.scalar(start, _INT32))
        rows = self._rows.take(self._cited.slice(start, stop - start))
        places, nothing = rows["place"].cast(pa.string()), pa.repeat("", count)
        linked = rows["step"].null_count < len(rows)
        return Cited(
            lists_written(offsets, written(self._record(rows, places), len(rows))),
            lists_written(offsets, written(self._facts(rows), len(rows))) if self._judged else nothing,
            lists_written(offsets, written(self._link(rows, places), len(rows))) if linked else nothing,
            pc.greater(pc.subtract(offsets.slice(1), offsets.slice(0, count)), 1),
        )

    def add_names(self, cells: pa.RecordBatch) -> None:
        """Further columns with names of persons, not to be shown: ``line`` and ``r_<name>``, ``c_<name>`` of each."""
        place = pc.index_in(self._rows["line"], value_set=cells["line"])
        for name in cells.schema.names:
            if name != "line":
                self._rows = self._rows.append_column(name, cells[name].take(place))

    def flagged(self) -> Iterator[tuple[int, int]]:
        """Clues that cite a flagged row, each with the flags of such a row."""
        if pc.any(pc.not_equal(self._rows["flags"], 0)).as_py():
            flags = self._rows["flags"].take(self._cited)
            marked = pc.not_equal(flags, 0)
            pairs = pa.table({"clue": self._citing.filter(marked), "flags": flags.filter(marked)})
            pairs = pairs.group_by(["clue", "flags"]).aggregate([])
            yield from zip(pairs["clue"].to_pylist(), pairs["flags"].to_pylist(), strict=True)

    def names(self, clues: pa.Array) -> Iterator[tuple[int, dict[str, str]]]:
        """The persons named in the rows that ``clues`` cite: their spellings, and what to show instead."""
        wanted = pc.is_in(self._citing, value_set=clues.cast(self._citing.type))
        citing, rows = self._citing.filter(wanted).to_pylist(), self._rows.take(self._cited.filter(wanted))
        for name in personal_columns(self.term):
            if f"c_{name}" in rows.schema.names:
                cells = zip(citing, *(rows[f"{side}_{name}"].to_pylist() for side in "rc"), strict=True)
                for clue, raw, value in cells:
                    yield clue, masked_spellings(self.term, name, raw, value)

    def _one_a_line(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """The first place of every line; ``also`` names the others."""
        order = pc.sort_indices(rows, [(name, "ascending") for name in ("line", "file", "sheet", "place")])
        lines = rows["line"].take(order)
        again = pa.concat_arrays([pa.array([False]), pc.equal(lines.slice(1), lines.slice(0, len(lines) - 1))])
        if not pc.any(again).as_py():
            return rows.append_column("also", pa.repeat("", len(rows)))
        also: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for other in rows.select(["line", "nth", "place"]).take(order.filter(again)).to_pylist():
            file, sheet = self._files[other["nth"]].name, self._sheets[other["nth"]].sheet
            also[other["line"]].append({"file": file, "sheet": sheet, "row": other["place"]})
        rows = rows.take(order.filter(pc.invert(again)))
        named = [f',"also":{_json(also[line])}' if line in also else "" for line in rows["line"].to_pylist()]
        return rows.append_column("also", pa.array(named, pa.string()))

    def _by_place(self) -> pa.Array:
        """The numbers of the rows in order of file name, sheet name and row."""
        named = [(file.name, sheet.sheet) for file, sheet in zip(self._files, self._sheets, strict=True)]
        ranked = {name: rank for rank, name in enumerate(sorted(set(named)))}
        ranks = pa.array([ranked[name] for name in named], _INT32).take(self._rows["nth"])
        keys = pa.table({"sheet": ranks, "place": self._rows["place"], "line": self._rows["line"]})
        return pc.sort_indices(keys, [(name, "ascending") for name in keys.column_names])

    def _record(self, rows: pa.RecordBatch, place: Piece) -> list[Piece]:
        where = self._of_sheet(rows, partial(self._where, ("file", "hash", "sheet")))
        pieces: list[Piece] = [f'{{"table":{_json(self.term.id)},"title":{_json(self.term.title)},', where, place]
        pieces.append(',"cells":{')
        for name in self.columns:
            head = self._of_sheet(rows, partial(self._cell_head, name))
            raw, value = json_texts(rows[f"r_{name}"]), json_texts(rows[f"c_{name}"])
            cell: list[Piece] = [head, place, '","raw":', *raw, ',"value":', *value, "}"]
            everywhere = isinstance(head, str) or head.null_count == 0
            pieces += cell if everywhere else [pc.fill_null(written(cell, len(rows)), "")]
        return [*pieces, self._of_sheet(rows, self._lit), self._flags(rows), rows["also"], "}"]

    def _flags(self, rows: pa.RecordBatch) -> Piece:
        if not pc.any(pc.not_equal(rows["flags"], 0)).as_py():
            return ',"flags":[]'
        return by_value(rows["flags"], lambda bits: f',"flags":{_json(flags_of(bits))}')

    def _link(self, rows: pa.RecordBatch, place: Piece) -> list[Piece]:
        where = self._of_sheet(rows, partial(self._where, ("file", "sheet")))
        title = json_texts(rows["step_title"])
        return [f'{{"table":{_json(self.term.id)},', where, place, ',"step":', rows["step"], ',"title":', *title, "}"]

    def _facts(self, rows: pa.RecordBatch) -> list[Piece]:
        """Every judged column, also one that this file lacks: which of two equal rows is shown must not matter."""
        pieces: list[Piece] = []
        for name in sorted(self._judged):
            value = json_texts(pc.fill_null(rows[f"c_{name}"], ""))
            pieces += [f"{',' if pieces else ''}[{_json(self.term.id)},{_json(name)},", *value, "]"]
        return pieces

    def _where(self, wanted: Sequence[str], index: int) -> str:
        """The members that name the place, up to the number of the row."""
        file, sheet = self._files[index], self._sheets[index]
        named = {"file": file.name, "hash": file.hash, "sheet": sheet.sheet}
        return "".join(f'"{name}":{_json(named[name])},' for name in wanted) + '"row":'

    def _cell_head(self, name: str, index: int) -> str | None:
        """The beginning of a cell, up to the row in its address; None in a sheet that has no such column."""
        headings = self._sheets[index].headings
        if name not in headings:
            return None
        comma = "" if name == next(one for one in self.columns if one in headings) else ","
        return f'{comma}"{name}":{{"title":{_json(self.term.columns[name].title)},"address":"{headings[name].letter}'

    def _lit(self, index: int) -> str:
        """The end of the cells and the names of the judged ones."""
        return f'}},"lit":{_json([name for name in self._judged if name in self._sheets[index].headings])}'

    def _of_sheet(self, rows: pa.RecordBatch, text: Callable[[int], str | None]) -> Piece:
        """What ``text`` gives for the sheet of each row; one text if all sheets agree."""
        texts = [text(index) for index in range(len(self._sheets))]
        if len(set(texts)) == 1 and texts[0] is not None:
            return texts[0]
        return pa.array(texts, pa.string()).take(rows["nth"])


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
