"""Three rules over a million bails against hand-written SQL that returns the same hits with the same evidence rows.

    python -m bench.engine [--bails 1000000] [--threads 2] [--times 5] [--data FOLDER]

CPU seconds of this process, user and system, all threads; runs alternate, the first is a warm-up, then the median.
Every figure includes the facts that the rule needs. The peer's SQL is in ``bench/by_hand``; before anything is measured
the subjects and the evidence rows of both are compared. Two rules also meet pandas: one of many tables, one of one.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from bench.against_sql import FUNNEL, HITS, VERDICTS, Bench, measure_rule, run_hits
from bench.county import AS_OF, build_county
from bench.measure import alternating, peak_mib, verdict
from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.legal_time.calendar import default_calendar
from jianheng.core.model.read import read_model
from jianheng.core.pack.shelf import find_packs, shipped_packs
from jianheng.core.screening.tables import RunTables
from jianheng.core.terms.lexicon import Lexicon, read_lexicon

RULES = ("not_refunded", "not_in_special_account", "over_twelve_months")
PROMISED = {HITS: 1.3, VERDICTS: 2.2, FUNNEL: 4.0}
PANDAS = {"not_refunded": 0.1, "amount_below_minimum": 1.0}
MEMORY_MIB = 2048


def main() -> None:
    """Check that both ways agree, then measure and print the ratios."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--bails", type=int, default=1_000_000)
    wanted.add_argument("--threads", type=int, default=2)
    wanted.add_argument("--times", type=int, default=5)
    wanted.add_argument("--rules", nargs="*", default=RULES)
    wanted.add_argument("--no-pandas", action="store_true")
    wanted.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "jianheng-bench")
    given = wanted.parse_args()
    given.data.mkdir(parents=True, exist_ok=True)
    lexicon = read_lexicon(find_packs([shipped_packs()]))
    model = read_model(shipped_packs() / "criminal" / "models" / "bail_deposit", lexicon)
    with (
        tempfile.TemporaryDirectory() as scratch,
        DuckdbEngine(Path(scratch), memory="1500MB", threads=given.threads) as engine,
    ):
        bench = Bench(model, lay_out(given.bails, given.data, lexicon, engine), engine, AS_OF)
        print(f"{given.bails:,} bails, {given.threads} thread(s), CPU seconds, median of {given.times}")
        for rule in given.rules:
            measure_rule(bench, rule, given.times, PROMISED)
        print(f"peak memory {peak_mib():7.0f} MiB   {verdict(peak_mib(), MEMORY_MIB)}")
        if not given.no_pandas:
            for rule in PANDAS:
                measure_pandas(bench, rule, given.times)


def lay_out(bails: int, folder: Path, lexicon: Lexicon, engine: DuckdbEngine) -> RunTables:
    """The county before ``engine``, as a run lays it out."""
    tables = build_county(bails, folder, lexicon, engine)
    tables.lay_out(engine, default_calendar())
    return tables


# -- pandas ----------------------------------------------------------------------------------------------------------


def measure_pandas(bench: Bench, rule: str, times: int) -> None:
    """Ours against pandas, which reads the same files and finds the same subjects."""
    plan, paths = bench.plan(rule), bench.tables.prepared.paths
    peer = {"not_refunded": pandas_not_refunded, "amount_below_minimum": pandas_amount_below_minimum}[rule]
    ours = set(run_hits(bench.engine, plan)[0].column("s0").to_pylist())
    theirs = set(peer(paths))
    if ours != theirs:
        raise SystemExit(f"{rule}: other hits than pandas: {len(ours)} against {len(theirs)}")
    seconds, other = alternating([lambda: run_hits(bench.engine, plan), lambda: peer(paths)], min(times, 3))
    ratio = verdict(seconds / other, PANDAS[rule])
    print(f"{rule} against pandas: {seconds:6.2f} to {other:6.2f}   ratio {seconds / other:5.2f}   {ratio}")


ENDING = {"不起诉", "法定不起诉", "相对不起诉", "存疑不起诉", "社区矫正开始", "刑罚开始执行", "逮捕执行", "拘留执行",
          "监视居住执行"}  # fmt: skip
JUDGED = {"无罪", "免予刑事处罚", "不负刑事责任", "单处附加刑"}


def _read(paths: dict[str, Path], table: str, columns: list[str]) -> pd.DataFrame:
    frame = pd.read_parquet(paths[table], columns=columns)
    for name in frame.columns:
        if name.endswith("_on"):
            frame[name] = pd.to_datetime(frame[name])
        elif name in ("amount", "amount_decided"):
            frame[name] = pd.to_numeric(frame[name])
    return frame


def pandas_not_refunded(paths: dict[str, Path]) -> pd.Series[Any]:
    """The same question by merges and groups; it cannot tell blank from unread and brings no evidence."""
    bail = _read(paths, "bail_decision", ["bail_no", "person_id", "decided_on", "started_on", "ended_on", "guarantee",
        "release_decided_on", "decided_by_kind", "chain", "chain_position"])  # fmt: skip
    payment = _read(paths, "deposit_payment", ["chain", "chain_position", "amount"])
    refund = _read(paths, "deposit_refund", ["chain", "decided_on", "bank_notified_on", "refunded_on"])
    taken = _read(paths, "deposit_confiscation", ["chain", "amount", "review_result"])
    moved = _read(paths, "court_transfer_notice", ["chain", "amount"])
    outcome = _read(paths, "case_outcome", ["chain", "event", "event_kind", "event_on"])
    offence = _read(paths, "new_offence", ["person_id", "filed_on", "intent", "result"])
    as_of = pd.Timestamp(AS_OF)
    paid = payment.groupby("chain").agg(head=("chain_position", "min"), paid=("amount", "sum"))
    heads = bail[bail.guarantee == "保证金"].merge(paid, left_on="chain", right_index=True)
    heads = heads[heads.chain_position == heads["head"]]
    lost = taken[taken.review_result != "撤销"].groupby("chain").amount.sum()
    heads["left"] = heads.paid - heads.chain.map(lost).fillna(0)
    heads["moved"] = heads.chain.map(moved.groupby("chain").amount.sum()).fillna(0)
    heads = heads[(heads.left > 0) & (heads.moved < heads.left)]
    returned = refund[refund[["decided_on", "bank_notified_on", "refunded_on"]].notna().any(axis=1)]
    heads = heads[~heads.chain.isin(returned.chain)]
    parts = bail[(bail.guarantee == "保证金") & bail.chain.isin(heads.chain)].merge(
        paid["head"], left_on="chain", right_index=True
    )
    sure = parts.started_on.notna() | (parts.chain_position == parts["head"])
    parts = parts[~parts.chain.isin(parts[~sure].chain)]
    last = parts.loc[parts.groupby("chain").chain_position.idxmax()].copy()
    last["started"] = last.started_on.fillna(last.decided_on)
    results = outcome.merge(last[["chain", "started"]], on="chain")
    fits = results.event.isin(ENDING) | (results.event.isin(JUDGED) & (results.event_kind == "生效"))
    by_result = results[fits & (results.event_on >= results.started)].groupby("chain").event_on.min()
    following = bail[["chain", "chain_position", "started_on", "decided_by_kind"]].merge(
        last[["chain", "chain_position", "decided_by_kind"]], on="chain", suffixes=("", "_before"))  # fmt: skip
    following = following[(following.chain_position == following.chain_position_before + 1)
        & (following.decided_by_kind != following.decided_by_kind_before)]  # fmt: skip
    by_next = following.groupby("chain").started_on.min()
    ends = pd.concat(
        [last.ended_on, last.release_decided_on, last.chain.map(by_result), last.chain.map(by_next)], axis=1
    )
    heads["ended"] = heads.chain.map(pd.Series(ends.min(axis=1).values, index=last.chain))
    heads["started"] = heads.started_on.fillna(heads.decided_on)
    heads = heads[heads.ended < as_of]
    held = offence[(offence.intent == "故意") & ~offence.result.isin(["不起诉", "撤销案件", "无罪"])]
    held = heads.merge(held, on="person_id")
    held = held[(held.filed_on >= held.started) & (held.filed_on <= held.ended)]
    return heads[~heads.bail_no.isin(held.bail_no)].bail_no


def pandas_amount_below_minimum(paths: dict[str, Path]) -> pd.Series[Any]:
    """One table, one mask."""
    columns = ["bail_no", "guarantee", "amount_decided", "birth_on", "decided_on", "decided_by_kind"]
    bail = _read(paths, "bail_decision", columns)
    birthday = bail.birth_on + pd.DateOffset(years=18)
    low = (bail.amount_decided < 500) | ((bail.amount_decided < 1000) & (birthday <= bail.decided_on))
    bound = (bail.decided_on >= pd.Timestamp(2022, 9, 5)) | (bail.decided_by_kind == "police")
    return bail[(bail.guarantee == "保证金") & low & bound].bail_no


if __name__ == "__main__":
    main()
