"""The parent's side of the reading process: one process for all files, replaced when it dies or hangs."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from jianheng.core.foundation.errors import Problem, RunProblem
from jianheng.core.foundation.progress import Progress
from jianheng.core.ingest import explain
from jianheng.core.ingest.headings import TableHeads
from jianheng.core.ingest.landed import LandedSheet, SourceFile
from jianheng.core.ingest.limits import MIB, Limits
from jianheng.core.ingest.one_file import Landed, remove_parts
from jianheng.core.ingest.wishes import Wishes
from jianheng.core.ingest.worker import heads_to_dict


class Reader:
    """Lands files one after the other in a child process. Use as a context manager."""

    def __init__(self, folder: Path, heads: Sequence[TableHeads], limits: Limits, progress: Progress) -> None:
        self._folder = folder
        self._limits = limits
        self._progress = progress
        self._setup = json.dumps({"limits": asdict(limits), "heads": [heads_to_dict(item) for item in heads]})
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def land(self, source: SourceFile, tag: str, next_number: int, wishes: Wishes) -> Landed:
        """Land one file; whatever it does to its reader becomes a problem. Raises RunProblem R101 when cancelled."""
        job = {
            "path": str(source.path),
            "folder": str(self._folder),
            "file": source.number,
            "name": source.name,
            "tag": tag,
            "next_number": next_number,
            "wishes": wishes.to_list(),
        }
        try:
            self._send(self._running(), json.dumps(job))
            answer = self._wait(source)
        except OSError:
            answer = "读取进程意外退出"
        if isinstance(answer, str):
            self._stop()
            remove_parts(self._folder, tag)
            return Landed([], [explain.broken_off(source.name, answer)])
        sheets = [LandedSheet.from_dict(sheet) for sheet in answer["sheets"]]
        return Landed(sheets, [Problem(**problem) for problem in answer["problems"]])

    def _wait(self, source: SourceFile) -> dict[str, Any] | str:
        """The answer, or why there is none."""
        patience = self._limits.stall + self._limits.stall_per_mib * source.size / MIB
        waited = 0.0
        while True:
            try:
                line = self._answers.get(timeout=min(1.0, patience))
            except queue.Empty:
                waited += min(1.0, patience)
                if waited >= patience:
                    return f"{int(patience)} 秒没有进展"
                line = None
            if self._progress.cancelled():
                self._stop()
                raise RunProblem(Problem("R101", "已按要求停止，读到一半的内容未采用。"))
            if line == "":
                return "读取进程意外退出，多半是所需内存超过上限"
            if line is not None:
                waited = 0.0
                answer: dict[str, Any] = json.loads(line)
                if "rows" not in answer:
                    return answer

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._stop()
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONUTF8": "1"}
            self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
                [sys.executable, "-m", "jianheng.core.ingest.worker_start"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
                env=environment,
            )
            self._answers = queue.Queue()
            threading.Thread(target=_pump, args=(self._process.stdout, self._answers), daemon=True).start()
            self._send(self._process, self._setup)
        return self._process

    @staticmethod
    def _send(process: subprocess.Popen[str], line: str) -> None:
        if process.stdin is None:
            raise BrokenPipeError
        process.stdin.write(line + "\n")
        process.stdin.flush()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                _close(stream)


def _close(stream: Any) -> None:
    try:
        stream.close()
    except OSError:
        pass  # what was still buffered for a dead process


def _pump(lines: Iterable[str] | None, answers: queue.Queue[str]) -> None:
    """Move lines to the queue; an empty line says that no more will come."""
    try:
        for line in lines or ():
            answers.put(line)
    except (OSError, ValueError):
        pass  # closed under us: the process was stopped
    answers.put("")
