"""The program as a person starts it, with Spark as its engine: what it does without elsewhere, Spark may have."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from jianheng.core.foundation.errors import RunProblem

BAILS = """\
决定书文号,决定日期,保证方式,决定机关,姓名
示公（刑）取保字〔2024〕12号,2024-08-01,保证金,示例市公安局,张三
示公（刑）取保字〔2024〕13号,2024-08-02,保证人,示例市公安局,李四
示公（刑）取保字〔2024〕14号,2024.13.45,保证金,示例市公安局,王五
"""
CLUSTER = """\
spark.hadoop.fs.defaultFS hdfs://127.0.0.1:9
spark.sql.adaptive.enabled false
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
"""
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


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "model.yaml").write_text(RULE, encoding="utf-8")
    (folder / "cases.yaml").write_text(CASES, encoding="utf-8")
    return folder


def run(words: list[str], folder: Path, **environment: str) -> None:
    done = subprocess.run(
        [str(PROGRAM), *words], capture_output=True, text=True, check=False, cwd=folder, env=os.environ | environment
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.spark
def test_worked_cases_run_on_spark_from_the_command_line(model: Path, tmp_path: Path) -> None:
    run(["model", "test", str(model), "--engine", "spark"], tmp_path)


@pytest.mark.spark
def test_a_server_that_cannot_be_reached_is_named_without_the_secret_in_its_address(tmp_path: Path) -> None:
    from jianheng.core.engine.spark_engine import SparkEngine

    with pytest.raises(RunProblem) as raised:
        SparkEngine(tmp_path, remote="sc://localhost:1/;token=geheim")
    assert "sc://localhost:1" in str(raised.value)
    assert "geheim" not in str(raised.value)


BROKEN = """\
import sys
from pathlib import Path
from jianheng.core.engine.spark_engine import SparkEngine
from jianheng.core.foundation.errors import RunProblem
try:
    with SparkEngine(Path(sys.argv[1])) as engine:
        engine.make("one", "SELECT 1 AS n")
        engine._session.sparkContext._gateway.proc.kill()
        engine.fetch("SELECT * FROM one", step="数一数")
except RunProblem as problem:
    print(problem)
"""


@pytest.mark.spark
def test_an_engine_that_breaks_in_the_middle_says_at_which_step(tmp_path: Path) -> None:
    words = [sys.executable, "-c", BROKEN, str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("R201"), done.stdout + done.stderr
    assert "数一数" in done.stdout


@pytest.mark.spark
def test_a_screening_on_spark_gives_the_same_clues_wherever_a_cluster_keeps_its_own_files(
    model: Path, tmp_path: Path
) -> None:
    (tmp_path / "spark").mkdir()
    (tmp_path / "spark" / "spark-defaults.conf").write_text(CLUSTER)
    (tmp_path / "取保 一.csv").write_text(BAILS, encoding="utf-8")
    words = ["screen", str(model), "--data", "取保 一.csv", "--as-of", "2025-06-30", "--out"]
    run([*words, "ours"], tmp_path)
    home = str(tmp_path / "本院 的文件夹")
    run([*words, "theirs", "--engine", "spark"], tmp_path, SPARK_CONF_DIR=str(tmp_path / "spark"), JIANHENG_HOME=home)
    for name in ("clues.jsonl", "lists.jsonl", "problems.jsonl"):
        assert (tmp_path / "theirs" / name).read_bytes() == (tmp_path / "ours" / name).read_bytes()
    assert (tmp_path / "ours" / "lists.jsonl").stat().st_size


@contextmanager
def server(folder: Path, secret: str) -> Iterator[str]:
    """A Spark Connect server on this machine that wants ``secret``; its address."""
    import pyspark

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"grpc.binding.address": "127.0.0.1", "grpc.binding.port": port, "authenticate.token": secret}
    words = [str(Path(pyspark.__file__).parent / "bin" / "spark-submit"), "--master", "local[2]"]
    words += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
    for name, value in settings.items():
        words += ["--conf", f"spark.connect.{name}={value}"]
    with (folder / "server.log").open("wb") as log:
        running = subprocess.Popen([*words, "spark-internal"], stdout=log, stderr=log, cwd=folder)
        try:
            while not answers(port):
                assert running.poll() is None, (folder / "server.log").read_text(errors="replace")
                time.sleep(0.2)
            yield f"sc://localhost:{port}"
        finally:
            running.terminate()
            running.wait()


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
        return True
    return False


@pytest.mark.spark
def test_a_screening_on_a_spark_server_gives_the_same_clues(model: Path, tmp_path: Path) -> None:
    (tmp_path / "取保.csv").write_text(BAILS, encoding="utf-8")
    words = ["screen", str(model), "--data", "取保.csv", "--as-of", "2025-06-30", "--out"]
    run([*words, "ours"], tmp_path)
    secret = "一段长的随机文字".encode().hex()
    with server(tmp_path, secret) as address:
        there = ["--engine", "spark", "--spark-remote", address]
        run([*words, "theirs", *there], tmp_path, SPARK_CONNECT_AUTHENTICATE_TOKEN=secret)
        wrong = subprocess.run(
            [str(PROGRAM), *words, "nothing", *there],
            capture_output=True, text=True, check=False, cwd=tmp_path,
            env=os.environ | {"SPARK_CONNECT_AUTHENTICATE_TOKEN": "wrong"},
        )  # fmt: skip
    for name in ("clues.jsonl", "lists.jsonl", "problems.jsonl"):
        assert (tmp_path / "theirs" / name).read_bytes() == (tmp_path / "ours" / name).read_bytes()
    assert (tmp_path / "ours" / "lists.jsonl").stat().st_size
    assert "R206" in wrong.stdout + wrong.stderr
    assert secret not in wrong.stdout + wrong.stderr
    assert not list((tmp_path / "nothing").iterdir())
