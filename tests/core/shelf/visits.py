"""A model of visits whose table no office knows but its author's, to be brought along with it."""

from __future__ import annotations

from jianheng.core import api

TABLE = """\
id: visit_log
title: 走访登记
required: [visit_no]
coverage_on: [visited_on]
columns:
  visit_no: {title: 走访编号, type: reference_number}
  visited_on: {title: 走访日期, type: date}
  answered_on: {title: 答复日期, type: date, empty: never}
  kind: {title: 走访类别, type: code, codes: visit_kind}
  visitor: {title: 走访机关, type: organ}
"""
CODES = """\
id: visit_kind
title: 走访类别
values:
  上门: []
  电话: []
"""
VISITS = """\
id: visits
version: 1.0.0
title: 走访答复监督
line: management
summary: 只为试验随模型带来的表。
tables: {visit: visit_log}
rules:
  - id: unanswered
    title: 走访未答复
    kind: clue
    certainty: V
    basis: [{cite: 刑事诉讼法 第七十三条, from: 2018-10-26}]
    judged_on: visit.visited_on
    subject: [visit.visit_no]
    against: visit.visitor
    from: visit
    where:
      - {id: at_home, when: visit.kind = '上门', say: 上门走访}
      - {id: open, when: not has(visit.answered_on), say: 没有答复}
    say: "{visit.visit_no}没有答复。请核实。"
    innocent: [没有登记]
    verify: [核对登记]
"""
VISIT_CASES = """\
cases:
  - id: unanswered
    title: 没有答复
    as_of: 2025-06-30
    given: {visit: [{visit_no: ZF-1, visited_on: "2024-08-01", kind: 上门, visitor: 示例市江北区人民检察院}]}
    expect: {unanswered: hit}
  - id: by_telephone
    title: 电话
    as_of: 2025-06-30
    given: {visit: [{visit_no: ZF-1, visited_on: "2024-08-01", kind: 电话, visitor: 示例市江北区人民检察院}]}
    expect: {unanswered: clean}
"""


def with_visits(home: api.Home, table: str = TABLE) -> None:
    """Give an office a pack of its own with the table of visits."""
    pack = home.packs / "own_tables"
    for name, text in (("tables/visit_log.yaml", table), ("codes/visit_kind.yaml", CODES)):
        (pack / name).parent.mkdir(parents=True, exist_ok=True)
        (pack / name).write_text(text, encoding="utf-8")
    manifest = 'id: own_tables\nversion: 1.0.0\ntitle: 本院\ntitle_en: own\nlaw_as_of: "2026-01-01"\n'
    (pack / "pack.yaml").write_text(manifest, encoding="utf-8")
