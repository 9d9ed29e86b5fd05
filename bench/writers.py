"""clues.jsonl from engine rows, against orjson on finished dictionaries. CPU seconds, medians of alternating runs.

    python -m bench.writers [--bails 1500000] [--times 3] [--data FOLDER]

Ours starts where the engine has made the hits and their evidence rows, and ends with a written file; reading the cells
of the evidence rows from the engine is inside the figure. Promise: 40,000 clues a second, or at most 3 times orjson.
"""

from __future__ import annotations

import argparse
import tempfile
from itertools import repeat
from pathlib import Path
from typing import Any

import orjson

from bench.county import AS_OF, landed_places
from bench.engine import Bench, lay_out
from bench.measure import alternating
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.progress import Silent
from jianheng.core.model.read import read_model
from jianheng.core.pack.shelf import find_packs, shipped_packs
from jianheng.core.screening.clues import ClueContext, build_clues
from jianheng.core.screening.evidence import Sources
from jianheng.core.screening.pipeline import ClueFiles
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
    with tempfile.TemporaryDirectory() as scratch, DuckdbEngine(Path(scratch) / "engine") as engine:
        tables = lay_out(given.bails, given.data, lexicon, engine)
        plan = Bench(model, tables, engine).plan(RULE)
        run_facts(plan, engine, Silent())
        outcome = run_rule(plan.rules[0], engine)
        context = ClueContext(AS_OF, {}, ("sha256:bench",), Sources(*landed_places(tables, lexicon)), "", {})

        def ours() -> None:
            folder = Path(scratch) / "ours"
            folder.mkdir(exist_ok=True)
            with ClueFiles(folder, hints=False) as files:
                for clue in build_clues(model, model.rule(RULE), outcome, tables, context, engine):
                    files.add(clue)

        ready = [one for one in build_clues(model, model.rule(RULE), outcome, tables, context, engine)]

        def bare() -> None:
            with (Path(scratch) / "bare.jsonl").open("wb") as stream:
                stream.writelines(map(_line, ready, repeat(orjson.OPT_APPEND_NEWLINE)))

        seconds, peer = alternating([ours, bare], given.times)
        size = (Path(scratch) / "bare.jsonl").stat().st_size
    rate, ratio = len(ready) / seconds, seconds / peer
    met = "ok" if rate >= A_SECOND or ratio <= TIMES_ORJSON else "MISSED"
    print(f"{len(ready):,} clues, {size / 1e6:,.0f} MB, CPU seconds, median of {given.times}")
    print(f"clues.jsonl from engine rows {seconds:6.2f}   {rate:9,.0f} clues/s   promised {A_SECOND:,}")
    print(f"orjson on ready dictionaries {peer:6.2f}   ratio {ratio:5.2f}   or at most {TIMES_ORJSON}   {met}")


def _line(record: dict[str, Any], option: int) -> bytes:
    return orjson.dumps(record, option=option)


if __name__ == "__main__":
    main()
