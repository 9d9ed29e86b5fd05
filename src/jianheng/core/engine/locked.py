"""The engine that runs models: DuckDB in a child process that may be killed, locked to the folders of this run.

Model expressions are untrusted although they are an allow-listed tree: some engine calls ignore interrupts, so the
only sure limit is the end of the process.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc

from jianheng.core.engine.duckdb_statements import DuckdbStatements, failed, quoted
from jianheng.core.engine.locked_child import read_frame, to_ipc, write_frame
from jianheng.core.foundation.durable import private_folder
from jianheng.core.foundation.errors import Problem, RunProblem


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """``seconds`` is for one statement; ``memory`` and ``disk`` as DuckDB writes sizes."""

    memory: str = "2GB"
    disk: str = "100GB"
    threads: int = 2
    seconds: float = 1800.0


class LockedDuckdbEngine(DuckdbStatements):
    """A child process with a locked connection. Any statement beyond ``limits.seconds`` kills it."""

    def __init__(self, folders: Sequence[Path], temp: Path, limits: EngineLimits | None = None) -> None:
        self._limits = limits or EngineLimits()
        command = [sys.executable, "-m", "jianheng.core.engine.locked_child"]
        self._child = subprocess.Popen(  # noqa: S603  # our own module, by the path of this very interpreter
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment()
        )
        self._replies: queue.Queue[tuple[dict[str, Any], bytes] | None] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        settings = {
            "memory": self._limits.memory,
            "disk": self._limits.disk,
            "threads": self._limits.threads,
            "temp": str(private_folder(temp)),
            "folders": [str(folder.resolve()) for folder in folders],
        }
        head, _ = self._ask(settings, b"", "启动")
        self.version: str = head["version"]

    def load(self, name: str, rows: pa.Table) -> None:
        self._ask({"do": "load", "name": quoted(name)}, to_ipc(rows), name)

    def run(self, sql: str, *, step: str = "") -> None:
        self._ask({"do": "run", "sql": sql}, b"", step)

    def fetch(self, sql: str, *, step: str = "") -> pa.Table:
        _, payload = self._ask({"do": "fetch", "sql": sql}, b"", step)
        return pa.ipc.open_stream(payload).read_all()

    def stream(self, sql: str, *, batch_rows: int = 50_000, step: str = "") -> Iterator[pa.RecordBatch]:
        yield from self.fetch(sql, step=step).to_batches(max_chunksize=batch_rows)

    def write(self, sql: str, path: Path, *, step: str = "") -> int:
        """The rows come here and are written by this process: compiled statements never write."""
        import pyarrow.parquet

        rows = self.fetch(sql, step=step)
        pyarrow.parquet.write_table(rows, path, compression="zstd")
        return int(rows.num_rows)

    def close(self) -> None:
        """End the child; nothing of it is worth waiting for."""
        self._child.kill()
        self._child.wait()
        for stream in (self._child.stdin, self._child.stdout):
            if stream:
                try:
                    stream.close()
                except OSError:  # a half-written frame to a dead child
                    pass

    def _listen(self) -> None:
        assert self._child.stdout is not None
        try:
            while (frame := read_frame(self._child.stdout)) is not None:  # type: ignore[arg-type]
                self._replies.put(frame)
        except (OSError, ValueError):
            pass
        self._replies.put(None)

    def _ask(self, head: dict[str, Any], payload: bytes | memoryview, step: str) -> tuple[dict[str, Any], bytes]:
        assert self._child.stdin is not None
        try:
            write_frame(self._child.stdin, head, payload)  # type: ignore[arg-type]
            reply = self._replies.get(timeout=self._limits.seconds)
        except queue.Empty:
            self.close()
            message = f"「{step}」超过 {self._limits.seconds:g} 秒，已中止。"
            raise RunProblem(Problem("R203", message, hint="请检查规则的关联条件，或减少数据后再试。")) from None
        except (OSError, ValueError):  # the pipe is broken, or was closed when an earlier statement overran
            reply = None
        if reply is None:
            hint = "多半是内存不足：请调低内存上限使其落盘，或换内存更大的机器。"
            raise RunProblem(Problem("R204", f"引擎进程在「{step}」时中断。", hint=hint))
        if not reply[0]["ok"]:
            kind, message = reply[0]["kind"], reply[0]["message"]
            raise failed(step, kind, message)
        return reply


def _environment() -> dict[str, str]:
    """Only what Python needs to start: no tokens, no addresses."""
    kept = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT", "VIRTUAL_ENV", "OPENBLAS_CORETYPE")
    names = {name: os.environ[name] for name in kept if name in os.environ}
    return {**names, "PYTHONUTF8": "1", "LANG": "C.UTF-8"}
