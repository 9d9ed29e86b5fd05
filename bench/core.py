"""Four rules that CDISC CORE can state too, over the same tables: seconds and memory side by side.

    python -m bench.core --core FOLDER_OF_ITS_ENVIRONMENT [--bails 100000] [--times 3] [--quick]

CORE (PyPI ``cdisc-rules-engine``) checks tables against rules written as YAML: the nearest tool of the same shape.
It wants Python 3.12 and an environment of its own: ``python3.12 -m venv FOLDER`` and ``pip install cdisc-rules-engine``
there. Without ``--core`` nothing is measured. Both sides read the same Parquet files and must name the same subjects.
Ours is everything that a run does for the rules of ``plain_checks``, evidence rows included.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

from bench.case_rules import screened
from bench.county import AS_OF, build_county
from bench.measure import alternating, peak_mib
from jianheng.core.compiler.compile import compile_model
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.model.read import read_model
from jianheng.core.pack.shelf import find_packs, shipped_packs
from jianheng.core.screening.tables import run_inputs
from jianheng.core.terms.lexicon import read_lexicon

HERE = Path(__file__).parent


def main() -> None:
    """Both sides, compared and measured."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--core", type=Path)
    wanted.add_argument("--bails", type=int, default=100_000)
    wanted.add_argument("--times", type=int, default=3)
    wanted.add_argument("--quick", action="store_true", help="a tenth of the bails, once")
    wanted.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "jianheng-bench")
    given = wanted.parse_args()
    if given.core is None:
        print("skipped: --core names no environment with cdisc-rules-engine in it")
        return
    if given.quick:
        given.bails, given.times = given.bails // 10, 1
    given.data.mkdir(parents=True, exist_ok=True)
    lexicon = read_lexicon(find_packs([shipped_packs()]))
    model = read_model(HERE / "plain_checks", lexicon)
    with tempfile.TemporaryDirectory() as scratch, DuckdbEngine(Path(scratch), memory="1500MB") as engine:
        tables = build_county(given.bails, given.data, lexicon, engine, sources=False)
        tables.lay_out(engine, default_calendar(), evidence=False)
        ours, before = {}, peak_mib()
        print(f"{given.bails:,} bails, CPU seconds; ours median of {given.times} with two threads, CORE once")
        paths = [str(tables.prepared.paths[name]) for name in ("bail_decision", "deposit_refund")]
        command = [str(given.core / "bin" / "python"), str(HERE / "core_engine.py"), *paths]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        core = json.loads(done.stdout.splitlines()[-1])
        for rule in core["seconds"]:
            plan = compile_model(model, run_inputs(model, tables, AS_OF, {}), [rule])
            found = {subject for (subject,) in screened(plan, engine)[rule]}
            theirs = set(core["subjects"][rule])
            if found != theirs:
                raise SystemExit(
                    f"{rule}: ours alone {sorted(found - theirs)[:3]}, CORE's {sorted(theirs - found)[:3]}"
                )
            (ours[rule],) = alternating([lambda plan=plan: screened(plan, engine)], given.times)  # type: ignore[misc]
            times = core["seconds"][rule] / ours[rule]
            print(f"  {rule:11} {len(found):7,} hits, the same   ours {ours[rule]:6.2f}", end="   ")
            print(f"CORE {core['seconds'][rule]:7.2f}   {times:6.1f} times")
    ratio = sum(core["seconds"].values()) / sum(ours.values())
    print(
        f"  all         ours {sum(ours.values()):.2f}, CORE {sum(core['seconds'].values()):.2f}, {ratio:.1f} times;",
        end=" ",
    )
    print(f"CORE reads its tables beforehand in {core['read']:.2f}, ours reads them in every rule")
    print(f"  peak        ours {peak_mib():.0f} MiB ({before:.0f} before), CORE {core['peak']:.0f} MiB")


if __name__ == "__main__":
    main()
