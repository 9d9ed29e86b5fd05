"""DuckDB inside this process, for statements the house wrote itself (importing, linking).

Models run in a locked child.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

from jianheng.core.foundation.durable import private_folder
from jianheng.core.foundation.errors import Problem, RunProblem


class DuckdbEngine:
    """An in-memory database over Parquet files; spills to ``temp`` beyond ``memory``."""

    name = "duckdb"
    dialect = "duckdb"

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

    def view(self, name: str, files: Sequence[Path]) -> None:
        listing = ", ".join(_literal(str(file)) for file in files)
        self.run(f"CREATE OR REPLACE VIEW {_quoted(name)} AS SELECT * FROM read_parquet([{listing}])", step=name)

    def load(self, name: str, rows: pa.Table) -> None:
        self._connection.register("_incoming", rows)
        try:
            self.run(f"CREATE OR REPLACE TABLE {_quoted(name)} AS SELECT * FROM _incoming", step=name)
        finally:
            self._connection.unregister("_incoming")

    def make(self, name: str, sql: str, *, step: str = "") -> None:
        self.run(f"CREATE OR REPLACE TABLE {_quoted(name)} AS {sql}", step=step or name)

    def make_view(self, name: str, sql: str, *, step: str = "") -> None:
        self.run(f"CREATE OR REPLACE VIEW {_quoted(name)} AS {sql}", step=step or name)

    def drop(self, name: str) -> None:
        self.run(f"DROP TABLE IF EXISTS {_quoted(name)}", step=name)

    def drop_view(self, name: str) -> None:
        self.run(f"DROP VIEW IF EXISTS {_quoted(name)}", step=name)

    def run(self, sql: str, *, step: str = "") -> None:
        try:
            self._connection.execute(sql)
        except duckdb.Error as error:
            raise _failed(step, error) from error

    def fetch(self, sql: str, *, step: str = "") -> pa.Table:
        try:
            return self._connection.sql(sql).to_arrow_table()
        except duckdb.Error as error:
            raise _failed(step, error) from error

    def stream(self, sql: str, *, batch_rows: int = 50_000, step: str = "") -> Iterator[pa.RecordBatch]:
        try:
            yield from self._connection.sql(sql).to_arrow_reader(batch_rows)
        except duckdb.Error as error:
            raise _failed(step, error) from error

    def write(self, sql: str, path: Path, *, step: str = "") -> int:
        target = _literal(str(path))
        rows = self._written(f"COPY ({sql}) TO {target} (FORMAT parquet, COMPRESSION zstd)", step)
        return int(rows)

    def _written(self, sql: str, step: str) -> int:
        try:
            row = self._connection.execute(sql).fetchone()
        except duckdb.Error as error:
            raise _failed(step, error) from error
        return int(row[0]) if row else 0

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> DuckdbEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _failed(step: str, error: duckdb.Error) -> RunProblem:
    """The engine's own words without the values it may quote."""
    kind = type(error).__name__
    first_line = str(error).split("\n", 1)[0]
    message = f"引擎 DuckDB 没有完成「{step or '一条语句'}」（{kind}）：{first_line}"
    hint = "请加大内存上限或换到更大的磁盘后再试。" if "Memory" in kind else ""
    return RunProblem(Problem("R201", message, hint=hint))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
