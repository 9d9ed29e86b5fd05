"""A first folder for a new model: it says what to fill in, and its one case fails until somebody does."""

from __future__ import annotations

import re
from pathlib import Path

from jianheng.core.api.content import find_models, load_lexicon, load_packs
from jianheng.core.api.home import Home
from jianheng.core.foundation.durable import writing_folder
from jianheng.core.foundation.errors import Problem, UsageProblem
from jianheng.core.pack.typed import did_you_mean
from jianheng.core.terms.spec import Table

_ID = re.compile(r"[a-z][a-z0-9_]*\Z")
_LINES = ("criminal", "civil", "administrative", "public_interest", "management")

_MODEL = """\
id: {id}
version: 0.1.0
title: 未命名的监督模型  # 写成检察官一看就懂的名称
line: {line}  # criminal 刑事、civil 民事、administrative 行政、public_interest 公益诉讼、management 管理
summary: 用一两句话写明对照哪些表、发现什么问题。

# 模型里的简称：表。表在 tables/ 中定义，可用的表见 jianheng model list
tables:
  subject: {table}

rules:
  - id: first_rule
    title: 未命名的规则
    kind: hint        # 依据核实以后才能改为 clue 线索、conflict 数据矛盾或者 list 清单
    certainty: U      # V 已核对原文，P 来源可靠，S 次级来源，U 未核对，I 推论
    basis: []         # 例：- {{cite: 刑事诉讼法 第七十三条, from: 2018-10-26}}
    judged_on: {day}  # 以哪一天判断适用哪一版法律
    subject: [subject.{key}]
    against: subject.{organ}  # 监督对象：应当作为的机关
    from: subject
    where:
      # 有值就算，只为让模型能运行；请换成真正的条件
      - {{id: filled_in, when: has({day}), say: 有日期}}
    say: "{{subject.{key}}}的日期为{{{day}}}。请核实。"
    innocent: []      # 可能的合理情形
    verify: []        # 核实步骤
"""

_CASES = """\
# 每个用例写明给定的单元格和应有的结果：hit 疑似问题、clean 未发现异常、cannot_tell 数据不足。
# 请写全：命中、差一点不命中、界限当天、空白、读不出、覆盖期之外、重复的行、每一个排除条件。
# 人名、文号、身份证号一律编造。
cases:
  - id: to_be_written
    title: 尚未编写的用例；写好模型和用例之前，它不会通过
    as_of: 2025-06-30
    given: {{subject: [{{{key}: "1"}}]}}
    expect: {{first_rule: hit}}
"""

_README = """\
# {id}

**发现什么**：用一两句话写明。

**依据**：法律条文及其生效日期，逐条核对原文。

**需要哪些数据**：哪些单位的哪些表，覆盖什么时间和地区。

**怎样核实**：拿到线索后，检察官按什么步骤核实。

**常见的合理情形**：哪些情况看起来像问题，其实不是。
"""


def new_model(home: Home, name: str, into: Path | None = None) -> Path:
    """Write the first folder of a model ``pack/id`` under ``into`` (default: the office's packs); the folder.

    Raises UsageProblem: U202 for a name that is not ``pack/id``, U203 for an unknown pack, U204 if the model exists.
    """
    pack, _, model_id = name.partition("/")
    if not (_ID.match(pack) and _ID.match(model_id)):
        hint = "写法为 包/模型，只用小写字母、数字和下划线，例如 criminal/late_transfer。"
        raise UsageProblem(Problem("U202", f"「{name}」不是模型的名称。", hint=hint))
    packs = [one.manifest.id for one in load_packs(home)]
    if pack not in packs:
        hint = did_you_mean(pack, packs) or f"已有的包：{'、'.join(packs)}。"
        raise UsageProblem(Problem("U203", f"没有包「{pack}」。", hint=hint))
    folder = (into or home.packs) / pack / "models" / model_id
    taken = [str(place.folder) for place in find_models(home) if place.id == model_id]
    taken += [str(folder)] if folder.exists() else []
    if taken:
        raise UsageProblem(
            Problem("U204", f"模型「{model_id}」已经有了：{taken[0]}，不会覆盖。", hint="请换一个名称。")
        )
    table = _first_table(home)
    words = {
        "id": model_id,
        "line": pack if pack in _LINES else "management",
        "table": table.id,
        "key": table.required[0] if table.required else next(iter(table.columns)),
        "day": f"subject.{_column(table, 'date')}",
        "organ": _column(table, "organ"),
    }
    with writing_folder(folder) as aside:
        for file, text in (("model.yaml", _MODEL), ("cases.yaml", _CASES), ("README.md", _README)):
            (aside / file).write_text(text.format(**words), encoding="utf-8")
    return folder


def _first_table(home: Home) -> Table:
    """A table to begin with: the first that has a date and an organ."""
    tables = load_lexicon(home).tables.values()
    return next(table for table in tables if {"date", "organ"} <= {one.type for one in table.columns.values()})


def _column(table: Table, kind: str) -> str:
    return next(name for name, column in table.columns.items() if column.type == kind)
