"""What stands in the files of a model that has just been begun, and which of it nobody has written over yet."""

from __future__ import annotations

MODEL = """\
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

CASES = """\
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

README = """\
# {id}

**发现什么**：用一两句话写明。

**依据**：法律条文及其生效日期，逐条核对原文。

**需要哪些数据**：哪些单位的哪些表，覆盖什么时间和地区。

**怎样核实**：拿到线索后，检察官按什么步骤核实。

**常见的合理情形**：哪些情况看起来像问题，其实不是。
"""


def unwritten(readme: str) -> list[str]:
    """The lines of a ``README.md`` that still stand as they were drafted."""
    drafted = {line for line in README.splitlines() if line.startswith("**")}
    return [line for line in readme.splitlines() if line in drafted]
