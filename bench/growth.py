"""How the cost of rules grows with the number of cases, on DuckDB and on Spark: a log-log picture with its slope.

    python -m bench.growth [--cases 10000 … 10000000] [--spark 1000000 …] [--svg docs/growth.svg] [--quick]

Three rules of ``bail_deposit``, each with facts, verdicts with reasons, hits and evidence, CPU seconds of all threads
and processes. On DuckDB the median of ``--times``, on Spark one run after a first one on ten thousand cases: what
starting Spark and that first run cost is said apart. The picture and the table computed for a province and for the
country are made from what was measured, and say so.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.against_sql import Bench, run_all
from bench.county import AS_OF, build_county
from bench.engine import RULES
from bench.loglog import Line, picture
from bench.measure import alternating, cpu, cpu_of_children, verdict
from jianheng.core.compiler.compile import compile_model
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.engine.port import Engine
from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.model.read import read_model
from jianheng.core.pack.shelf import find_packs, shipped_packs
from jianheng.core.screening.tables import RunTables, run_inputs
from jianheng.core.terms.lexicon import read_lexicon

SLOPE = 1.1
FIRST = 10_000
COMPUTED = {"省 (10⁸)": 10**8, "全国 (10¹⁰)": 10**10}
CORES = (16, 64, 256)
Points = dict[int, float]


def main() -> None:
    """Measure, print the slope, draw, and compute what lies beyond."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--cases", type=int, nargs="*", default=[10**4, 10**5, 10**6, 10**7])
    wanted.add_argument("--spark", type=int, nargs="*", default=[10**6, 10**7])
    wanted.add_argument("--times", type=int, default=3)
    wanted.add_argument("--memory", default="6GB", help="of either engine")
    wanted.add_argument("--svg", type=Path)
    wanted.add_argument("--quick", action="store_true", help="up to a tenth of a million, without Spark")
    wanted.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "jianheng-bench")
    given = wanted.parse_args()
    if given.quick:
        given.cases, given.spark, given.times = [10**4, 10**5], [], 1
    given.data.mkdir(parents=True, exist_ok=True)
    lines = [Line("DuckDB", on_duckdb(given))]
    if given.spark:
        lines.append(Line("Spark", on_spark(given)))
    if given.svg:
        given.svg.write_text(picture(lines, "cases", "CPU seconds"), encoding="utf-8")
    for line in lines:
        if len(line.points) > 1:
            told(line)


def on_duckdb(given: argparse.Namespace) -> Points:
    """CPU seconds by number of cases."""
    points: Points = {}
    for cases in given.cases:
        with tempfile.TemporaryDirectory() as scratch, DuckdbEngine(Path(scratch), memory=given.memory) as engine:
            run = three_rules(made(cases, given.data, engine), engine)
            (points[cases],) = alternating([run], given.times)
        print(f"DuckDB {cases:>12,} cases {points[cases]:9.2f} s", flush=True)
    return points


def on_spark(given: argparse.Namespace) -> Points:
    """The same on this machine's Spark; starting it, and its first run, are left out and said."""
    from jianheng.core.engine.spark_engine import SparkEngine

    tables = {}
    for cases in (FIRST, *given.spark):
        with tempfile.TemporaryDirectory() as scratch, DuckdbEngine(Path(scratch), memory=given.memory) as engine:
            tables[cases] = made(cases, given.data, engine)
    points: Points = {}
    with tempfile.TemporaryDirectory(dir=given.data) as scratch:
        start = cpu_of_children()
        with SparkEngine(Path(scratch), memory=given.memory) as engine:
            engine.fetch("SELECT 1 AS one")
            started = cpu_of_children() - start
            first = _spent(three_rules(tables[FIRST], engine))
            print(f"Spark start {started:.1f} s, first run of {FIRST:,} cases {first:.1f} s", flush=True)
            for cases in given.spark:
                points[cases] = _spent(three_rules(tables[cases], engine))
                print(f"Spark  {cases:>12,} cases {points[cases]:9.2f} s", flush=True)
    return points


def _spent(work: Callable[[], object]) -> float:
    before = cpu_of_children()
    own = cpu(work)
    return own + cpu_of_children() - before


def made(cases: int, folder: Path, engine: DuckdbEngine) -> RunTables:
    """The register of ``cases`` bails and what hangs on it."""
    return build_county(cases, folder, read_lexicon(find_packs([shipped_packs()])), engine, sources=False)


def three_rules(tables: RunTables, engine: Engine) -> Callable[[], object]:
    """The rules over ``tables`` on ``engine``, ready to be run."""
    model = read_model(shipped_packs() / "criminal" / "models" / "bail_deposit", tables.lexicon)
    tables.lay_out(engine, default_calendar(), evidence=False)
    bench = Bench(model, tables, engine, AS_OF)
    inputs = run_inputs(model, tables, AS_OF, {}, engine.dialect)
    plans = [compile_model(model, inputs, [rule]) for rule in RULES]
    return lambda: [run_all(bench.engine, plan, funnel=False) for plan in plans]


def told(line: Line) -> None:
    """The slope of a line, its steepest part, and what it comes to beyond what was measured."""
    slope, steepest = slope_of(line.points), steepest_of(line.points)
    print(f"{line.title}: slope {slope:.2f}   {verdict(slope, SLOPE)}   (steepest part {steepest:.2f})")
    largest = max(line.points)
    for name, cases in COMPUTED.items():
        seconds = line.points[largest] * (cases / largest) ** max(1.0, steepest)
        hours = ", ".join(f"{cores} cores {seconds / 3600 / cores:.2f} h" for cores in CORES)
        print(f"  computed, {name}: {seconds / 3600:,.1f} core hours; {hours}")


def slope_of(points: Mapping[int, float]) -> float:
    """Of the straight line through the points in logarithms, by least squares."""
    xs, ys = [math.log(cases) for cases in points], [math.log(seconds) for seconds in points.values()]
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    rise = sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True))
    return rise / sum((x - middle_x) ** 2 for x in xs)


def steepest_of(points: Mapping[int, float]) -> float:
    """The greatest slope between two neighbours."""
    ordered: Sequence[tuple[int, float]] = sorted(points.items())
    pairs = zip(ordered, ordered[1:], strict=False)
    return max(math.log(b[1] / a[1]) / math.log(b[0] / a[0]) for a, b in pairs)


if __name__ == "__main__":
    main()
