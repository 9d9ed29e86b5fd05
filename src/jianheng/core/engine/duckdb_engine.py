"""DuckDB inside this process, for statements the house wrote itself (importing, linking).

Models run in a locked child.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from jianheng.core.engine.duckdb_statements import DuckdbStatements, failed, literal, quoted
from jianheng.core.foundation.durable import private_folder


class DuckdbEngine(DuckdbStatements):
    """An in-memory database over Parquet files; spills to ``temp`` beyond ``memory``."""

    def __init__(self, temp: Path, *, memory: str = "2GB", threads: int = 2) -> None:
        self.version = duckdb.__version__
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory,
            "threads": str(threads),
            "temp_directory": str(private_folder(temp)),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            "preserve_insertion_order": "false",
        }
        self._connection = duckdb.connect(":memory:", config=config)

    def load(self, name: str, rows: pa.Table) -> None:
        self._connection.register("_incoming", rows)
        try:
            self.run(f"CREATE OR REPLACE TABLE {quoted(name)} AS SELECT * FROM _incoming", step=name)
        finally:
            self._connection.unregister("_incoming")

    def run(self, sql: str, *, step: str = "") -> None:
        try:
            self._connection.execute(sql)
        except duckdb.Error as error:
            raise failed(step, type(error).__name__, str(error)) from error

    def fetch(self, sql: str, *, step: str = "") -> pa.Table:
        try:
            return self._connection.sql(sql).to_arrow_table()
        except duckdb.Error as error:
            raise failed(step, type(error).__name__, str(error)) from error

    def stream(self, sql: str, *, batch_rows: int = 50_000, step: str = "") -> Iterator[pa.RecordBatch]:
        try:
            yield from self._connection.sql(sql).to_arrow_reader(batch_rows)
        except duckdb.Error as error:
            raise failed(step, type(error).__name__, str(error)) from error

    def write(self, sql: str, path: Path, *, step: str = "") -> int:
        target = literal(str(path))
        rows = self._written(f"COPY ({sql}) TO {target} (FORMAT parquet, COMPRESSION zstd)", step)
        return int(rows)

    def _written(self, sql: str, step: str) -> int:
        try:
            row = self._connection.execute(sql).fetchone()
        except duckdb.Error as error:
            raise failed(step, type(error).__name__, str(error)) from error
        return int(row[0]) if row else 0

    def close(self) -> None:
        self._connection.close()
