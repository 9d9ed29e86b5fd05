"""Landed rows into Parquet: ``row`` and ``c0``… as text, chunk by chunk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_GROUP_ROWS = 60_000
"""Row groups large enough for the engine to read with profit, small enough to wait in memory."""


class RowsWriter:
    """Writes one file; nothing is made until the first row comes. ``kinds`` adds a column ``kind``."""

    def __init__(self, path: Path, width: int, *, kinds: bool = False) -> None:
        fields = [pa.field("row", pa.int32(), nullable=False)]
        if kinds:
            fields.append(pa.field("kind", pa.string(), nullable=False))
        fields += [pa.field(f"c{index}", pa.string()) for index in range(width)]
        self.path = path
        self.rows = 0
        self._schema = pa.schema(fields)
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = 0

    def write(self, arrays: Sequence[pa.Array]) -> None:
        """One chunk: arrays of equal length in the order of the columns."""
        batch = pa.RecordBatch.from_arrays(list(arrays), schema=self._schema)
        if not batch.num_rows:
            return
        self._waiting.append(batch)
        self._waiting_rows += batch.num_rows
        self.rows += batch.num_rows
        if self._waiting_rows >= _GROUP_ROWS:
            self._flush()

    def open(self) -> pq.ParquetWriter:
        """Make the file, even if no row will follow."""
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.path, self._schema, compression="snappy", use_dictionary=False)
        return self._writer

    def close(self) -> None:
        """Finish the file if there is one."""
        self._flush()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _flush(self) -> None:
        if self._waiting:
            self.open().write_table(pa.Table.from_batches(self._waiting), row_group_size=_GROUP_ROWS * 2)
            self._waiting, self._waiting_rows = [], 0
