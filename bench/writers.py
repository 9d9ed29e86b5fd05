"""clues.jsonl from engine rows, against orjson on finished dictionaries. CPU seconds, medians of alternating runs.

    python -m bench.writers [--bails 1500000] [--times 3] [--data FOLDER]

Ours starts where the engine has made the hits and the numbers of their evidence rows, and ends with a written file. In
between the engine reads the cells of those rows from Parquet: what that takes is also shown apart, and "from engine
rows" is the rest. The peer writes the same records, read back from that file, so that each lies in one piece of memory:
its best case. Promise: 40,000 clues a second from engine rows, or at most 3 times orjson.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
from itertools import repeat
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import orjson
import pyarrow as pa

from bench.against_sql import Bench
from bench.county import AS_OF
from bench.engine import lay_out
from bench.made_tables import landed_places
from bench.measure import alternating, forget_peak, peak_mib
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.identity import hash_file
from jianheng.core.foundation.progress import Silent
from jianheng.core.model.read import read_model
from jianheng.core.pack.shelf import find_packs, shipped_packs
from jianheng.core.screening.clues import ClueContext, build_clues
from jianheng.core.screening.evidence_table import Sources
from jianheng.core.screening.pipeline import ClueFiles, read_jsonl
from jianheng.core.screening.run import run_facts, run_rule
from jianheng.core.terms.lexicon import read_lexicon

A_SECOND, TIMES_ORJSON = 40_000, 3.0
RULE = "not_refunded"


def main() -> None:
    """Build the clues of one rule, write them both ways, print the ratio."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--bails", type=int, default=1_500_000)
    wanted.add_argument("--times", type=int, default=3)
    wanted.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "jianheng-bench")
    given = wanted.parse_args()
    given.data.mkdir(parents=True, exist_ok=True)
    lexicon = read_lexicon(find_packs([shipped_packs()]))
    model = read_model(shipped_packs() / "criminal" / "models" / "bail_deposit", lexicon)
    with tempfile.TemporaryDirectory() as scratch, TimedEngine(Path(scratch) / "engine") as engine:
        tables = lay_out(given.bails, given.data, lexicon, engine)
        plan = Bench(model, tables, engine, AS_OF).plan(RULE)
        run_facts(plan, engine, Silent())
        outcome = run_rule(plan.rules[0], engine)
        context = ClueContext(AS_OF, {}, ("sha256:bench",), Sources(*landed_places(tables, lexicon)), "", {})
        folder, bare_file = Path(scratch) / "ours", Path(scratch) / "bare.jsonl"
        folder.mkdir()
        reading: list[float] = []

        def ours() -> None:
            before = engine.seconds
            with ClueFiles(folder, hints=False) as files:
                for batch in build_clues(model, model.rule(RULE), outcome, tables, context, engine):
                    files.add(batch)
            reading.append(engine.seconds - before)

        forget_peak()
        ours()
        memory = peak_mib()
        ready = list(read_jsonl(folder / "clues.jsonl"))
        gc.freeze()  # the peer's records are none of ours to look through

        def bare() -> None:
            with bare_file.open("wb") as stream:
                stream.writelines(map(_line, ready, repeat(orjson.OPT_APPEND_NEWLINE)))

        seconds, peer = alternating([ours, bare], given.times)
        if hash_file(bare_file) != hash_file(folder / "clues.jsonl"):
            raise SystemExit("the two files differ")
        size = bare_file.stat().st_size
        gc.unfreeze()
    engine_part = median(reading[2:])
    print(f"{len(ready):,} clues, {size / 1e6:,.0f} MB, CPU seconds, median of {given.times}; the files are the same")
    print(f"orjson on ready dictionaries {peer:6.2f}   {1e6 * peer / len(ready):6.1f} µs a clue")
    for name, spent in (("evidence read by the engine ", engine_part), ("clues.jsonl, reading included", seconds)):
        print(f"{name} {spent:6.2f}   {1e6 * spent / len(ready):6.1f} µs a clue   ratio {spent / peer:5.2f}")
    rows = seconds - engine_part
    rate, ratio = len(ready) / rows, rows / peer
    met = "ok" if rate >= A_SECOND or ratio <= TIMES_ORJSON else "MISSED"
    print(f"clues.jsonl from engine rows {rows:6.2f}   {1e6 * rows / len(ready):6.1f} µs a clue   ratio {ratio:5.2f}")
    print(f"{rate:,.0f} clues a second, promised {A_SECOND:,} or ratio {TIMES_ORJSON}: {met}")
    print(f"peak memory while writing, with the engine in this process {memory:,.0f} MiB")


class TimedEngine(DuckdbEngine):
    """Counts the CPU ``seconds`` that its answers take."""

    seconds = 0.0

    def fetch(self, sql: str, *, step: str = "") -> pa.Table:
        start = process_time()
        rows = super().fetch(sql, step=step)
        self.seconds += process_time() - start
        return rows


def _line(record: dict[str, Any], option: int) -> bytes:
    return orjson.dumps(record, option=option)


if __name__ == "__main__":
    main()
