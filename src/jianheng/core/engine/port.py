"""What the house asks of an engine, and nothing more. Rows travel as Arrow tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import pyarrow as pa

#: Rows up to which a table is worth holding: beyond, memory is dearer than reading the files again.
HELD_ROWS = 50_000


class Engine(AbstractContextManager["Engine"], Protocol):
    """One connection to one engine. All calls raise RunProblem (R2xx) naming the step; never row values."""

    name: str
    version: str
    dialect: str

    def view(self, name: str, files: Sequence[Path]) -> None:
        """Make ``name`` a view over Parquet files of the same columns."""

    def hold(self, name: str, files: Sequence[Path]) -> None:
        """As ``view``, read once and kept: for what is small and asked often."""

    def load(self, name: str, rows: pa.Table) -> None:
        """Make ``name`` a table holding ``rows``."""

    def make(self, name: str, sql: str, *, step: str = "") -> None:
        """Make ``name`` a table of a query's rows, taking the place of an earlier one."""

    def make_view(self, name: str, sql: str, *, step: str = "") -> None:
        """Make ``name`` a view: the query runs when it is read."""

    def drop(self, name: str) -> None:
        """Give back the table ``name``; nothing if there is none."""

    def drop_view(self, name: str) -> None:
        """Give back the view ``name``; nothing if there is none."""

    def run(self, sql: str, *, step: str = "") -> None:
        """Run one statement for its effect."""

    def fetch(self, sql: str, *, step: str = "") -> pa.Table:
        """Run one query and bring all its rows."""

    def stream(self, sql: str, *, batch_rows: int = 50_000, step: str = "") -> Iterator[pa.RecordBatch]:
        """Run one query and bring its rows in batches, in the query's order."""

    def write(self, sql: str, path: Path, *, step: str = "") -> int:
        """Write a query's rows to one Parquet file; the number of rows."""

    def close(self) -> None:
        """Give everything back."""
