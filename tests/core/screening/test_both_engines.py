"""One screening on both engines: the same results, to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.screening.test_replaced_rules import screen, two_bails


@pytest.mark.spark
def test_a_screening_on_spark_writes_the_same_clues_links_and_problems(tmp_path: Path) -> None:
    place = two_bails(tmp_path)
    join = "join: [{table: payment, on: payment.chain = bail.chain, expect: one}]"
    for engine in ("duckdb", "spark"):
        assert len(screen(place, engine, "paid", more=join, engine=engine)) == 2
        assert place.report.record["engine"]["name"] == engine
    for name in ("clues.jsonl", "lists.jsonl", "links.jsonl", "problems.jsonl"):
        assert (tmp_path / "spark" / name).read_bytes() == (tmp_path / "duckdb" / name).read_bytes(), name
