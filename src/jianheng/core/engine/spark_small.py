"""Apache Spark for a few rows and hundreds of statements: worked cases, a screening of small tables.

What such a statement costs is its planning, the jobs that it starts and the files that it writes, so every table is
brought here and given back as rows that a plan carries with it: nothing is written, and what is read starts no job.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from jianheng.core.engine.spark_engine import SparkEngine, failed, spark_schema

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Rows of all tables together up to which a plan may carry them.
FEW_ROWS = 20_000


class SmallSparkEngine(SparkEngine):
    """A Spark session on this machine whose tables are all held in memory."""

    # One task a query and no code compiled for it; joins of one partition need no broadcast, which is a job of its own.
    tuning: ClassVar[Mapping[str, str]] = {
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.leafNodeDefaultParallelism": "1",
        "spark.sql.autoBroadcastJoinThreshold": "-1",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }

    def __init__(self, temp: Path, *, memory: str = "2GB") -> None:
        super().__init__(temp, memory=memory)
        self._loaded: dict[str, pa.Table] = {}
        self._waiting: dict[str, pa.Table] = {}

    def view(self, name: str, files: Sequence[Path]) -> None:
        try:
            rows = pa.concat_tables([pq.read_table(file) for file in files])
        except self._failures as error:
            raise failed(name, error) from error
        self._loaded.pop(name, None)
        self._waiting[name] = rows

    def load(self, name: str, rows: pa.Table) -> None:
        """As promised; a table that stands under ``name`` already is left there (the calendar, from case to case)."""
        if self._loaded.get(name) is not rows:
            self._waiting[name] = rows
            self._loaded[name] = rows

    def make(self, name: str, sql: str, *, step: str = "") -> None:
        frame = self._query(sql, step or name)
        try:
            self._session.createDataFrame(frame.toArrow(), frame.schema).createOrReplaceTempView(name)
        except self._failures as error:
            raise failed(step or name, error) from error
        self._forget(name)

    def make_view(self, name: str, sql: str, *, step: str = "") -> None:
        super().make_view(name, sql, step=step)
        self._forget(name)

    def drop(self, name: str) -> None:
        super().drop(name)
        self._forget(name)

    def _forget(self, name: str) -> None:
        self._loaded.pop(name, None)
        self._waiting.pop(name, None)

    def _query(self, sql: str, step: str) -> DataFrame:
        for name in [name for name in self._waiting if name in sql]:
            self._put(name, self._waiting.pop(name))
        return super()._query(sql, step)

    def _put(self, name: str, rows: pa.Table) -> None:
        """Give Spark ``rows``: only when a statement first names them, as most of a lexicon's tables no rule reads."""
        try:
            self._session.createDataFrame(rows, spark_schema(rows.schema)).createOrReplaceTempView(name)
        except self._failures as error:
            raise failed(name, error) from error
