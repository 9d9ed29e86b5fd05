"""Pension months beside stays in custody: one rule against hand-written SQL, and what it does with little memory.

    python -m bench.overlap [--months 10000000] [--stays 200000] [--share 10] [--times 5] [--memory 256MB] [--quick]

CPU seconds of this process, all threads. Ours is the rule ``paid_while_serving`` with everything a run counts for it;
the peer is ``bench/by_hand/paid_while_serving.sql``, held to the same hits with the same evidence rows first.
``--share``: of a hundred stays, how many are pensioners'. Then the rule runs in processes of their own, every stay a
pensioner's, with plenty of memory for the engine and with ``--memory``: how much was spilled to disk, how large the
process grew, and that the hits are as many.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from bench.against_sql import HITS, VERDICTS, Bench, measure_rule, run_all
from bench.custody_months import AS_OF, build_months
from bench.measure import cpu, forget_peak, peak_mib
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.model.read import read_model
from jianheng.core.pack.shelf import find_packs, shipped_packs
from jianheng.core.terms.lexicon import read_lexicon

RULE = "paid_while_serving"
PROMISED = {HITS: 1.5, VERDICTS: 1.5}


def main() -> None:
    """The ratio, then the run with little memory."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--months", type=int, default=10_000_000)
    wanted.add_argument("--stays", type=int, default=200_000)
    wanted.add_argument("--share", type=int, default=10)
    wanted.add_argument("--threads", type=int, default=2)
    wanted.add_argument("--times", type=int, default=5)
    wanted.add_argument("--memory", default="256MB")
    wanted.add_argument("--quick", action="store_true", help="a tenth of the data")
    wanted.add_argument("--alone", action="store_true", help="the rule once with --memory, and nothing else")
    wanted.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "jianheng-bench")
    given = wanted.parse_args()
    if given.quick:
        given.months, given.stays = given.months // 10, given.stays // 10
    given.data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        if given.alone:
            run_alone(given, Path(scratch))
            return
        with DuckdbEngine(Path(scratch), memory="4GB", threads=given.threads) as engine:
            bench = laid_out(given, engine)
            print(f"{given.months:,} months, {given.stays:,} stays, {given.share} in a hundred of pensioners;", end=" ")
            print(f"{given.threads} thread(s), CPU seconds, median of {given.times}")
            measure_rule(bench, RULE, given.times, PROMISED)
        with DuckdbEngine(Path(scratch), memory="4GB", threads=given.threads) as engine:
            build_months(given.months, given.stays, 100, given.data, bench.model.lexicon, engine)
    same = ["--months", given.months, "--stays", given.stays, "--share", 100, "--threads", given.threads]
    for memory in ("4GB", given.memory):
        words = [*same, "--memory", memory, "--data", given.data, "--alone"]
        subprocess.run([sys.executable, "-m", "bench.overlap", *map(str, words)], check=True)


def laid_out(given: argparse.Namespace, engine: DuckdbEngine) -> Bench:
    """The tables before ``engine``, as a run lays them out."""
    lexicon = read_lexicon(find_packs([shipped_packs()]))
    model = read_model(shipped_packs() / "public_interest" / "models" / "pension_in_custody", lexicon)
    tables = build_months(given.months, given.stays, given.share, given.data, lexicon, engine)
    tables.lay_out(engine, default_calendar(), evidence=False)
    return Bench(model, tables, engine, AS_OF)


def run_alone(given: argparse.Namespace, scratch: Path) -> None:
    """The rule once, with ``--memory`` for the engine, watched from beside."""
    with DuckdbEngine(scratch, memory=given.memory, threads=given.threads) as engine:
        bench = laid_out(given, engine)
        plan = bench.plan(RULE)
        forget_peak()  # of making the tables, where they were not there
        before, done, spilled = peak_mib(), threading.Event(), [0]
        watcher = threading.Thread(target=_watch, args=(scratch, done, spilled))
        watcher.start()
        try:
            seconds = cpu(lambda: print(_told(run_all(engine, plan, funnel=False)), end=" "))
        finally:
            done.set()
            watcher.join()
    print(f"engine memory {given.memory}: {seconds:.2f} s, at most {spilled[0] / 2**20:,.0f} MiB on disk,", end=" ")
    print(f"process {before:,.0f} MiB before the rule, {peak_mib():,.0f} MiB at its peak")


def _told(found: tuple[object, object]) -> str:
    hits, evidence = found
    return f"{len(hits):,} hits, {len(evidence):,} evidence rows,"  # type: ignore[arg-type]


def _watch(folder: Path, done: threading.Event, most: list[int]) -> None:
    """The most bytes that ever lay in ``folder``, looked at ten times a second."""
    while not done.wait(0.1):
        sizes = []
        for path in folder.rglob("*"):
            try:
                sizes.append(path.stat().st_size)
            except FileNotFoundError:  # given back in between
                continue
        most[0] = max(most[0], sum(sizes))


if __name__ == "__main__":
    main()
