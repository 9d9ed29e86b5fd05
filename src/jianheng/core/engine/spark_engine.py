"""Apache Spark, for what a single machine cannot hold. Needs the extra ``spark`` and Java 17.

Tables are Parquet files under ``temp`` with a temporary view over them: on a cluster ``temp`` must be a folder that
every worker sees. Values behave as on the embedded engine because ANSI mode is on and dates have no zone.
"""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from jianheng.core.foundation.durable import private_folder
from jianheng.core.foundation.errors import Problem, RunProblem

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

_SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "Asia/Shanghai",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
_OF_A_SESSION = ("spark.sql.ansi.enabled", "spark.sql.session.timeZone")
_LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
}


class SparkEngine:
    """One Spark session.

    ``master`` as Spark writes it; ``local[…]`` runs in this machine alone. ``remote``, an address ``sc://…``, uses a
    Spark Connect server instead, which must see the folders of the run under the same paths. Spark runs once in a
    process: where it does already, this is one more session of it. ``memory``, as ``512MB`` or ``4GB``, bounds the heap
    of a Spark that is started here; what does not fit goes to disk.
    """

    name = "spark"
    dialect = "spark"
    #: Settings of a kind of session beyond those that every session has.
    tuning: ClassVar[Mapping[str, str]] = {}

    def __init__(self, temp: Path, *, master: str = "local[2]", memory: str = "2GB", remote: str = "") -> None:
        try:
            from py4j.protocol import Py4JError
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
        except ImportError as error:
            hint = "请安装 jianheng[spark]（另需 Java 17）。"
            raise RunProblem(Problem("R206", "没有装 PySpark。", hint=hint)) from error
        self._temp = private_folder(temp.resolve())
        self._made: dict[str, Path] = {}
        self._count = 0
        self._failures: tuple[type[Exception], ...] = (PySparkException, Py4JError, pa.ArrowException, OSError)
        settings = _SETTINGS | (_LOCAL if master.startswith("local") else {}) | dict(self.tuning)
        try:
            running = None if remote else SparkSession.getActiveSession()
            self._shared = running is not None
            if running is not None:
                self._session: SparkSession = running.newSession()
                for key in settings:
                    if key.startswith("spark.sql."):
                        self._session.conf.set(key, settings[key])
            elif remote:
                _reach(remote)
                self._session = SparkSession.builder.remote(remote).getOrCreate()
                for key in _OF_A_SESSION:
                    self._session.conf.set(key, settings[key])
            else:
                settings |= {
                    "spark.driver.memory": f"{_mebibytes(memory)}m",
                    "spark.sql.warehouse.dir": _address(self._temp / "warehouse"),
                }
                builder = SparkSession.builder.appName("jianheng").master(master)
                for key, value in settings.items():
                    builder = builder.config(key, value)
                self._session = builder.getOrCreate()
                self._session.sparkContext.setLogLevel("ERROR")
            self.version = str(self._session.version)
        except Exception as error:  # noqa: BLE001  # Java missing or too old comes as whatever the gateway raises
            server = remote.partition(";")[0]  # what follows may hold a secret
            hint = (
                f"请检查 {server} 是否可用、口令是否相同、是否装了 jianheng[spark]。"
                if remote
                else "请检查 Java 17 是否可用。"
            )
            raise RunProblem(Problem("R206", "Spark 没有启动。", hint=hint)) from error

    def view(self, name: str, files: Sequence[Path]) -> None:
        try:
            schema = spark_schema(pq.read_schema(files[0]))
        except self._failures as error:
            raise failed(name, error) from error
        self._read(name, files, schema)

    def hold(self, name: str, files: Sequence[Path]) -> None:
        self.view(name, files)

    def load(self, name: str, rows: pa.Table) -> None:
        path = self._folder(name)
        path.mkdir()
        pq.write_table(rows, path / "rows.parquet")
        self._replace(name, path, spark_schema(rows.schema))

    def make(self, name: str, sql: str, *, step: str = "") -> None:
        path = self._folder(name)
        frame = self._query(sql, step or name)
        try:
            frame.write.parquet(_address(path))
        except self._failures as error:
            raise failed(step or name, error) from error
        self._replace(name, path, frame.schema)

    def make_view(self, name: str, sql: str, *, step: str = "") -> None:
        try:
            self._query(sql, step or name).createOrReplaceTempView(name)
        except self._failures as error:
            raise failed(step or name, error) from error

    def drop(self, name: str) -> None:
        path = self._made.pop(name, None)
        if path:
            shutil.rmtree(path, ignore_errors=True)
        try:
            self._session.catalog.dropTempView(name)
        except self._failures as error:
            raise failed(name, error) from error

    def drop_view(self, name: str) -> None:
        self.drop(name)

    def run(self, sql: str, *, step: str = "") -> None:
        self._query(sql, step)

    def fetch(self, sql: str, *, step: str = "") -> pa.Table:
        try:
            return self._query(sql, step).toArrow()
        except self._failures as error:
            raise failed(step, error) from error

    def stream(self, sql: str, *, batch_rows: int = 50_000, step: str = "") -> Iterator[pa.RecordBatch]:
        yield from self.fetch(sql, step=step).to_batches(max_chunksize=batch_rows)

    def write(self, sql: str, path: Path, *, step: str = "") -> int:
        """The rows come here, in the query's order, and are written by this process."""
        rows = self.fetch(sql, step=step)
        pq.write_table(rows, path, compression="zstd")
        return int(rows.num_rows)

    def close(self) -> None:
        with suppress(RunProblem, *self._failures):  # a session that broke has nothing to give back
            for name in list(self._made):
                self.drop(name)
            if not self._shared:
                self._session.stop()

    def __enter__(self) -> SparkEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _query(self, sql: str, step: str) -> DataFrame:
        try:
            return self._session.sql(sql)
        except self._failures as error:
            raise failed(step, error) from error

    def _read(self, name: str, files: Sequence[Path], schema: StructType) -> None:
        """``schema``: what the files hold; to let Spark find it out takes a job a view."""
        paths = [_address(file) for file in files]
        try:
            self._session.read.schema(schema).parquet(*paths).createOrReplaceTempView(name)
        except self._failures as error:
            raise failed(name, error) from error

    def _folder(self, name: str) -> Path:
        """A new folder each time: a query may read the table it replaces."""
        self._count += 1
        return self._temp / f"{self._count}-{name}"

    def _replace(self, name: str, path: Path, schema: StructType) -> None:
        before = self._made.get(name)
        self._read(name, [path], schema)
        self._made[name] = path
        if before:
            shutil.rmtree(before, ignore_errors=True)


def _mebibytes(memory: str) -> int:
    """A size as ``4GB`` or ``512MB``; Spark starts with no less than half a gibibyte."""
    number, unit = memory[:-2], memory[-2:]
    return max(512, int(number) * {"MB": 1, "GB": 1024}[unit])


def _reach(remote: str) -> None:
    """Raises OSError unless somebody listens at ``sc://host:port``: the client itself would try for ten minutes."""
    place = urlsplit(remote)
    socket.create_connection((place.hostname or "", place.port or 15002), timeout=10).close()


def _address(path: Path) -> str:
    """``path`` as every worker finds it: a cluster takes one without ``file:`` to lie in its own store."""
    return f"file:///{path.resolve().as_posix().lstrip('/')}"  # nothing escaped: it is read as it stands


def spark_schema(columns: pa.Schema) -> StructType:
    """The types of Arrow or Parquet columns as Spark reads them from Parquet: a moment has no zone."""
    from pyspark.sql.pandas.types import from_arrow_schema

    schema: StructType = from_arrow_schema(columns, prefer_timestamp_ntz=True)
    return schema


def failed(step: str, error: Exception) -> RunProblem:
    """The engine's own words without the query and its plan."""
    first_line = str(error).split("\n", 1)[0]
    message = f"引擎 Spark 没有完成「{step or '一条语句'}」（{type(error).__name__}）：{first_line}"
    return RunProblem(Problem("R201", message))
