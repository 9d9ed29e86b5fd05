"""Every case rule over 40,000 cases with their event logs, and some of them against pandas group-apply.

    python -m bench.case_rules [--cases 40000] [--models penalty_after_nonprosecution …] [--times 3] [--quick]

Ours is what a run does: facts, verdicts with reasons, hits and evidence of all rules of a model, CPU seconds, all
threads. The peer asks the checks in ``group_apply`` of each case in turn, as an analyst does who groups the log by case
and applies a function; it has the rows in memory already, brings no evidence and knows nothing that cannot be told.
Its answers are compared with ours, subject by subject, before anything is measured.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.case_logs import CaseLogs, build_logs
from bench.group_apply import CHECKS, log_of, suspected
from bench.measure import alternating, cpu, peak_mib, verdict
from jianheng.core.compiler.compile import ModelPlan, compile_model
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.foundation.progress import Silent
from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.model.read import read_model
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.pack.shelf import find_packs, shipped_packs
from jianheng.core.screening.run import drop_facts, drop_rule, run_facts, run_rule
from jianheng.core.screening.tables import run_inputs
from jianheng.core.terms.lexicon import read_lexicon

MODELS = ("penalty_after_nonprosecution", "licence_not_revoked", "criminal_year_screen")
SECONDS, TIMES_FASTER = 10.0, 20.0
Hits = dict[str, set[tuple[str, ...]]]


def main() -> None:
    """All rules of each model, then those that the peer knows."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--cases", type=int, default=40_000)
    wanted.add_argument("--models", nargs="*", default=MODELS, help="ids of shipped models, or folders")
    wanted.add_argument("--threads", type=int, default=2)
    wanted.add_argument("--times", type=int, default=3)
    wanted.add_argument("--quick", action="store_true", help="a tenth of the cases, once")
    given = wanted.parse_args()
    if given.quick:
        given.cases, given.times = given.cases // 10, 1
    lexicon = read_lexicon(find_packs([shipped_packs()]))
    folders = {path.parent.name: path.parent for path in shipped_packs().glob("*/models/*/model.yaml")}
    total = 0.0
    for name in given.models:
        folder = folders.get(name, Path(name))
        if not (folder / "model.yaml").is_file():
            print(f"{name}: no such model here, left out")
            continue
        model = read_model(folder, lexicon)
        with (
            tempfile.TemporaryDirectory() as scratch,
            DuckdbEngine(Path(scratch) / "spill", memory="1500MB", threads=given.threads) as engine,
        ):
            total += measure_model(model, given.cases, given.times, Path(scratch), engine)
    print(f"all models together {total:.2f} s   {verdict(total, SECONDS)}   peak memory {peak_mib():.0f} MiB")


def measure_model(model: SupervisionModel, cases: int, times: int, scratch: Path, engine: DuckdbEngine) -> float:
    """CPU seconds of all rules of ``model``."""
    logs = build_logs(model, cases, scratch, engine)
    logs.tables.lay_out(engine, default_calendar(), evidence=False)
    plan = plan_of(model, logs)
    found = screened(plan, engine)
    print(f"{model.id}: {logs.count:,} cases, {logs.rows:,} rows, {len(plan.rules)} rules,", end=" ")
    print(f"{sum(map(len, found.values())):,} hits")
    for rule, count in logs.hits.items():
        if rule in found and len(found[rule]) != count:
            raise SystemExit(f"{model.id}.{rule}: {len(found[rule])} hits where its worked cases say {count}")
    (seconds,) = alternating([lambda: screened(plan, engine)], times)
    print(f"  all rules            {seconds:7.2f} s")
    if model.id in CHECKS:
        measure_peer(model, logs, times, engine)
    return seconds


def measure_peer(model: SupervisionModel, logs: CaseLogs, times: int, engine: DuckdbEngine) -> None:
    """The rules that the peer knows, both ways."""
    checks = CHECKS[model.id]
    plan = plan_of(model, logs, list(checks))
    log = log_of(model.id, logs.tables.prepared.paths)
    ours, theirs = screened(plan, engine), suspected(model.id, log, logs.as_of)
    for rule in checks:
        if ours[rule] != theirs[rule]:
            only = sorted(ours[rule] - theirs[rule])[:3], sorted(theirs[rule] - ours[rule])[:3]
            raise SystemExit(f"{model.id}.{rule}: ours alone {only[0]}, the peer's alone {only[1]}")
    (seconds,) = alternating([lambda: screened(plan, engine)], times)
    other = cpu(lambda: suspected(model.id, log, logs.as_of))
    faster = other / seconds
    told = "ok" if faster >= TIMES_FASTER else "MISSED"
    print(f"  {len(checks)} rules, the same {sum(map(len, ours.values())):,} hits both ways:", end=" ")
    print(f"ours {seconds:.2f} s, group-apply {other:.2f} s, {faster:.1f} times   at least {TIMES_FASTER:g}  {told}")


def plan_of(model: SupervisionModel, logs: CaseLogs, rules: Sequence[str] | None = None) -> ModelPlan:
    """The plan of ``rules``, all if None."""
    return compile_model(model, run_inputs(model, logs.tables, logs.as_of, {}), rules)


def screened(plan: ModelPlan, engine: DuckdbEngine) -> Hits:
    """The subjects that are hits, after everything that a run does for the rules of ``plan``, evidence brought back."""
    found: Hits = {}
    run_facts(plan, engine, Silent())
    for rule in plan.rules:
        outcome = run_rule(rule, engine)
        assert outcome.hits is not None
        engine.fetch(f'SELECT n, t, r FROM "evidence__{rule.rule}" ORDER BY n, t, r')
        columns = [outcome.hits.column(f"s{index}").to_pylist() for index in range(len(rule.subject_names))]
        found[rule.rule] = set(zip(*columns, strict=True))
        drop_rule(rule, engine)
    drop_facts(plan, engine)
    return found


if __name__ == "__main__":
    main()
