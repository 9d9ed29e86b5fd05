"""The command line as a person meets it: help, and a whole screening from workbooks to clues.xlsx.

    python -m bench.commands [--times 5] [--large]

CPU seconds of the command and everything it starts. ``--large`` also builds a county of a million cases (minutes, and
several gigabytes of disk) to see how much memory that takes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.measure import verdict
from jianheng.core import api

MODEL = "bail_deposit"
HELP_SECONDS, SCREEN_SECONDS, SANDBOX_MIB = 0.35, 8.0, 4096


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of a command with its children, and the largest process among them in MiB."""

    seconds: float
    mib: float


def main() -> None:
    """Measure each command and print its figure beside what was promised."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--times", type=int, default=5)
    wanted.add_argument("--large", action="store_true")
    given = wanted.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        run(["--help"], place)
        report("jianheng --help", [run(["--help"], place) for _ in range(given.times)], HELP_SECONDS)
        for mess in (1, 2):
            county = place / f"county{mess}"
            run(["sandbox", "build", str(county), "--cases", "2000", "--mess", str(mess)], place)
            costs = [screen(county, place / f"out{mess}-{turn}", place / f"home{mess}-{turn}") for turn in range(3)]
            report(f"screen, 2,000 cases, mess {mess}", costs, SCREEN_SECONDS)
        if given.large:
            built = run(["sandbox", "build", str(place / "large"), "--cases", "1000000", "--mess", "0"], place)
            print(f"{'sandbox build, 1,000,000 cases':34} {built.mib:7.0f} MiB   {verdict(built.mib, SANDBOX_MIB)}")


def screen(county: Path, out: Path, home: Path) -> Cost:
    """One screening with a home of its own: nothing imported earlier helps it."""
    words = ["screen", MODEL, "--data", *tables(county, home), "--coverage", str(county / "coverage.yaml")]
    cost = run([*words, "--as-of", as_of(county), "--out", str(out)], home)
    if not (out / "clues.xlsx").is_file():
        raise SystemExit("screen left no clues.xlsx")
    return cost


def tables(county: Path, home: Path) -> list[str]:
    """The files of the tables on which the model's verdicts rest: what is asked of agencies for it, and no more."""
    words = api.load_lexicon(api.Home(home))
    (model,) = api.load_models(api.Home(home), [MODEL], words)
    titles = tuple(words.tables[name].title for name in words.leaned_on(model.spec.tables.values()))
    return [str(path) for path in sorted((county / "data").iterdir()) if path.name.startswith(titles)]


def as_of(county: Path) -> str:
    """The day for which the county was built."""
    return str(json.loads((county / "county.json").read_text(encoding="utf-8"))["as_of"])


def report(title: str, costs: list[Cost], promised: float) -> None:
    """One line: the median, the range, the promise."""
    seconds = [cost.seconds for cost in costs]
    middle = median(seconds)
    spread = f"{min(seconds):.2f} to {max(seconds):.2f}"
    memory = max(cost.mib for cost in costs)
    print(f"{title:34} {middle:7.2f} s ({spread})   {memory:5.0f} MiB   {verdict(middle, promised)}")


def run(words: list[str], home: Path) -> Cost:
    """Run ``jianheng`` and read what it cost from the system."""
    environment = os.environ | {"JIANHENG_HOME": str(home), "COLUMNS": "120"}
    command = [str(Path(sys.executable).parent / "jianheng"), *words]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)}: exit {process.returncode}\n{said.decode(errors='replace')[-2000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
