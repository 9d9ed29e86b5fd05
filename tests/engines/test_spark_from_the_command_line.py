"""The program as a person starts it, with Spark as its engine: what it does without elsewhere, Spark may have."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("jianheng")
RULE = """\
id: small
version: 1.0.0
title: 小样
line: criminal
summary: 试验
tables: {bail: bail_decision}
rules:
  - id: own_bail
    title: 取保
    kind: list
    certainty: V
    basis: [{cite: 甲法 第一条, from: 2020-01-01}]
    judged_on: bail.decided_on
    subject: [bail.bail_no]
    against: bail.decided_by
    from: bail
    where: [{id: deposit, when: bail.guarantee = '保证金'}]
    say: "{bail.bail_no}不是违法线索。"
    innocent: [无]
    verify: [核对]
"""
CASES = """\
cases:
  - id: one
    title: 命中
    as_of: 2025-06-30
    given: {bail: [{bail_no: 示公（刑）取保字〔2024〕12号, decided_on: "2024-08-01", guarantee: 保证金}]}
    expect: {own_bail: hit}
"""


@pytest.mark.spark
def test_worked_cases_run_on_spark_from_the_command_line(tmp_path: Path) -> None:
    model = tmp_path / "small"
    model.mkdir()
    (model / "model.yaml").write_text(RULE, encoding="utf-8")
    (model / "cases.yaml").write_text(CASES, encoding="utf-8")
    words = [str(PROGRAM), "model", "test", str(model), "--engine", "spark"]
    said = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert said.returncode == 0, said.stdout + said.stderr
