"""The command line as a person meets it: words in; exit code, stdout and stderr out."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jianheng.cli.main import run

MODEL = """\
id: deposits
version: 1.0.0
title: 试验模型
line: criminal
summary: 只为试验命令行。
tables: {bail: bail_decision}
params:
  least: {type: days, default: 3, title: 最少天数, why: 试验用}
rules:
  - id: started_late
    title: 执行迟延
    kind: clue
    certainty: V
    basis: [{cite: 刑事诉讼法 第七十三条, from: 2018-10-26}]
    judged_on: bail.decided_on
    subject: [bail.bail_no]
    against: bail.executed_by
    from: bail
    where:
      - {id: late, when: "days_between(bail.decided_on, bail.started_on) > least", say: "迟延{value}日"}
    say: "{bail.person_name}的取保候审（{bail.bail_no}）迟延{late}日执行。"
    innocent: [登记有误]
    verify: [核对执行通知书]
"""

CASES = """\
cases:
  - id: late
    title: 第四日执行
    as_of: 2025-06-30
    given:
      bail: [{bail_no: 示公（刑）取保字〔2024〕1号, decided_on: "2024-08-01", started_on: "2024-08-05"}]
    expect: {started_late: hit}
  - id: in_time
    title: 第三日执行
    as_of: 2025-06-30
    given:
      bail: [{bail_no: 示公（刑）取保字〔2024〕1号, decided_on: "2024-08-01", started_on: "2024-08-04"}]
    expect: {started_late: clean}
"""

BAIL = """\
决定书文号,姓名,身份证号,决定机关,执行机关,决定日期,执行日期,保证方式,保证金数额,所属地区
示公（刑）取保字〔2024〕1号,张三,99010119900506011X,示例市公安局江北分局,示例市公安局江北分局新城派出所,2024-08-01,2024-08-09,保证金,5000,示例市江北区
示公（刑）取保字〔2024〕2号,李四,990101199005060216,示例市公安局江北分局,示例市公安局江北分局新城派出所,2024-08-01,2024-08-02,保证金,5000,示例市江北区
"""


@dataclass(frozen=True)
class Said:
    """What one command line came to."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as the one JSON document it has to be."""
        return json.loads(self.out)


@pytest.fixture
def jianheng(capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run one command line inside this process."""

    def call(*words: str | Path) -> Said:
        capfd.readouterr()
        code = run([str(word) for word in words])
        out, err = capfd.readouterr()
        return Said(code, out, err)

    return call


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office's own folder, empty."""
    folder = tmp_path / "home"
    monkeypatch.setenv("JIANHENG_HOME", str(folder))
    return folder


@pytest.fixture
def model_folder(tmp_path: Path, home: Path) -> Path:
    """A small model that lies outside every pack."""
    folder = tmp_path / "deposits"
    folder.mkdir()
    (folder / "model.yaml").write_text(MODEL, encoding="utf-8")
    (folder / "cases.yaml").write_text(CASES, encoding="utf-8")
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with one table: one decision carried out late, one in time."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "取保候审决定.csv").write_text(BAIL, encoding="utf-8")
    return folder
