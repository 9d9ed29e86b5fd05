"""What both DuckDB engines, in this process and in the locked child, write the same."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from jianheng.core.foundation.errors import Problem, RunProblem

_VALUE = re.compile(r"'[^']*'")


class DuckdbStatements(ABC):
    """The statements of the port, over the ``run`` and ``close`` of the engine at hand."""

    name = "duckdb"
    dialect = "duckdb"

    @abstractmethod
    def run(self, sql: str, *, step: str = "") -> None:
        """Run one statement for its effect."""

    @abstractmethod
    def close(self) -> None:
        """Give everything back."""

    def view(self, name: str, files: Sequence[Path]) -> None:
        self.make_view(name, _rows_of(files))

    def hold(self, name: str, files: Sequence[Path]) -> None:
        self.make(name, _rows_of(files))

    def make(self, name: str, sql: str, *, step: str = "") -> None:
        self.run(f"CREATE OR REPLACE TABLE {quoted(name)} AS {sql}", step=step or name)

    def make_view(self, name: str, sql: str, *, step: str = "") -> None:
        self.run(f"CREATE OR REPLACE VIEW {quoted(name)} AS {sql}", step=step or name)

    def drop(self, name: str) -> None:
        self.run(f"DROP TABLE IF EXISTS {quoted(name)}", step=name)

    def drop_view(self, name: str) -> None:
        self.run(f"DROP VIEW IF EXISTS {quoted(name)}", step=name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def failed(step: str, kind: str, message: str) -> RunProblem:
    """The first line of the engine's own words, without the values it may quote (they may be people)."""
    words = _VALUE.sub("…", message.split("\n", 1)[0])
    hint = "请加大内存上限或换到更大的磁盘后再试。" if "Memory" in kind else ""
    return RunProblem(Problem("R201", f"引擎 DuckDB 没有完成「{step or '一条语句'}」（{kind}）：{words}", hint=hint))


def _rows_of(files: Sequence[Path]) -> str:
    listing = ", ".join(literal(str(file.resolve())) for file in files)
    return f"SELECT * FROM read_parquet([{listing}])"


def quoted(name: str) -> str:
    """An identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text constant."""
    return "'" + text.replace("'", "''") + "'"
