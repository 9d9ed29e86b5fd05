"""CPU seconds of this process, all its threads, and the most memory it ever held."""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any


def cpu(work: Callable[[], object]) -> float:
    """User and system seconds that ``work`` takes."""
    gc.collect()
    start = process_time()
    work()
    return process_time() - start


def cpu_with_children() -> float:
    """User and system seconds of this process and of all its children that have ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def print_side(work: Callable[[], dict[str, Any]]) -> None:
    """One side of a comparison in this process: what ``work`` tells of it, with its cost, on standard output.

    ``cpu`` and ``wall`` are seconds, ``peak`` the MiB of the larger of this process and its children.
    """
    begun, clock = cpu_with_children(), time.perf_counter()
    figures = work()
    peak = max(peak_mib(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
    cost = {"cpu": cpu_with_children() - begun, "wall": time.perf_counter() - clock, "peak": round(peak)}
    print(json.dumps(figures | cost))


def sides_in_turn(module: str, sides: Iterable[str], path: Path, times: int) -> dict[str, list[dict[str, Any]]]:
    """What :func:`print_side` printed of each of ``sides``, ``times`` times, each in a process of its own.

    They take turns, so that other load on the machine meets all of them.
    """
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
    for _ in range(times):
        for name, found in runs.items():
            command = [sys.executable, "-m", module, "--side", name, str(path)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            found.append(json.loads(done.stdout.splitlines()[-1]))
    return runs


def cpu_of_children() -> float:
    """User and system seconds of all processes that came from this one and are still there."""
    ticks = os.sysconf("SC_CLK_TCK")
    parents, spent = dict[int, int](), dict[int, float]()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # gone in between
            continue
        parents[int(path.parent.name)] = int(fields[1])
        spent[int(path.parent.name)] = (int(fields[11]) + int(fields[12])) / ticks
    found, wave = set[int](), {os.getpid()}
    while wave:
        wave = {process for process, parent in parents.items() if parent in wave}
        found |= wave
    return sum(spent[process] for process in found)


def alternating(works: Sequence[Callable[[], object]], times: int) -> list[float]:
    """The median CPU seconds of each, after one warm-up; the runs alternate, so that a busy moment hits all alike."""
    taken: list[list[float]] = [[] for _ in works]
    for turn in range(times + 1):
        for one, work in zip(taken, works, strict=True):
            seconds = cpu(work)
            if turn:
                one.append(seconds)
    return [median(one) for one in taken]


def peak_mib() -> float:
    """The largest resident size this process has had, in MiB; what it was started from does not count."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    (peak,) = (line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / 1024


def forget_peak() -> None:
    """Count :func:`peak_mib` from here on, where the system can: making or profiling tables is none of what follows."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5", encoding="ascii")


def verdict(measured: float, promised: float) -> str:
    """``ok`` or ``missed``, with what was promised."""
    return f"at most {promised:g}  {'ok' if measured <= promised else 'MISSED'}"
