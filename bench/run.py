"""All benchmarks, one after the other, each in a process of its own so that none inherits another's memory.

    python bench/run.py [--quick]

``--quick`` takes a tenth of the data and fewer repetitions: enough to see that everything still runs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BENCHES: dict[str, tuple[str, list[str], list[str]]] = {
    "engine": ("Rules against hand-written SQL and pandas", [], ["--bails", "100000", "--times", "2"]),
    "overlap": ("Overlap of periods against hand-written SQL, and with little memory", [], ["--quick", "--times", "2"]),
    "case_rules": ("Case rules over 40,000 cases, some against pandas group-apply", [], ["--quick"]),
    "growth": ("How the cost grows with the number of cases", [], ["--quick"]),
    "core": ("Plain rules against CDISC CORE", [], ["--quick"]),
    "writers": ("clues.jsonl against orjson", [], ["--bails", "150000", "--times", "1"]),
    "xlsx_writer": ("clues.xlsx against bare XlsxWriter", [], ["--clues", "1000", "--times", "1"]),
    "intake": ("Import of a workbook against bare readers", [], []),
    "intake_csv": ("Import of a million lines of text against bare DuckDB", [], ["--rows", "100000"]),
    "commands": ("The command line", [], ["--times", "2"]),
}
"""Module -> its title, its arguments, its arguments with ``--quick``."""


def main() -> int:
    """Run every benchmark that is there; 1 if one broke, whatever the figures."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--quick", action="store_true")
    quick = wanted.parse_args().quick
    broken = []
    for name, (title, full, small) in BENCHES.items():
        print(f"\n== {title} (bench.{name})", flush=True)
        command = [sys.executable, "-m", f"bench.{name}", *(small if quick else full)]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            broken.append(name)
    if broken:
        print(f"\ndid not finish: {', '.join(broken)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
