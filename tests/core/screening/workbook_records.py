"""Records, summaries and a head as a run would give them, for the tests of the workbooks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from jianheng.core.foundation.identity import hash_value
from jianheng.core.screening.summary import RuleSummary
from jianheng.core.screening.workbook import FileLine, UnlinkedRow, WorkbookInput

IDENTITY = "999999199001011235"
ACCOUNT = "6228480402564890018"
INNOCENT = [
    "退还决定或者银行退款已经办理，尚未登记入台账",
    "与同案其他人或者本人另案的保证金合并退还，登记在另一文号下",
]
VERIFY = ["调取不起诉决定书等终结文书，核对结束日期和送达日期", "向开户银行调取专户流水，核对有无退款和余额"]


def record(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One clue; ``changes`` replace whole fields."""
    bail_no = f"示公（刑）取保字〔2024〕{number}号"
    found = {
        "clue_id": hash_value({"rule": changes.get("rule", "not_refunded"), "subject": bail_no}),
        "kind": "clue",
        "model": "bail_deposit",
        "model_version": "1.0.0",
        "rule": "not_refunded",
        "rule_title": "保证金应退未退",
        "subject": {"bail_no": bail_no},
        "against": "示例市公安局江北分局",
        "own_office": False,
        "say": f"示例市公安局江北分局执行的张三取保候审（{bail_no}）于2024年6月1日因“解除取保候审”结束，"
        "应退保证金5000.00元，经比对未见退还决定、通知银行及退款，距结束已394日。请核实。",
        "amount": "5000.00",
        "amount_at_least": False,
        "occurred_on": "2024-06-01",
        "conditions": [
            {"id": "deposit", "say": "以保证金方式取保", "value": "保证金"},
            {"id": "overdue", "say": "距结束已394日", "value": "394"},
        ],
        "values": {"bail.person_name": "张三", "bail.bail_no": bail_no},
        "basis": ["刑事诉讼法 第七十三条", "公通字〔2022〕25号 第二十五条"],
        "evidence": [
            source_row("bail_decision", "取保候审决定", number + 3, bail_no),
            source_row("deposit_payment", "保证金交纳", number + 1, bail_no),
        ],
        "absent": [
            {
                "id": "no_refund",
                "table": "deposit_refund",
                "title": "保证金退还",
                "supplier": "江北区公安分局",
                "from": "2022-01-01",
                "to": "2025-06-30",
                "claim": "2025-06-30",
                "inferred": False,
                "note": "",
            }
        ],
        "not_ruled_out": [{"id": "held", "title": "取保期间新罪暂扣", "why": "未提供取保期间新罪"}],
        "linked_by": [
            {
                "table": "deposit_payment",
                "file": "data/bank.xlsx",
                "sheet": "流水",
                "row": number + 1,
                "step": 2,
                "title": "按身份证号和时间",
            }
        ],
        "notes": ["覆盖期按数据推定：保证金退还"],
        "innocent": INNOCENT,
        "verify": VERIFY,
        "as_of": "2025-06-30",
        "claim": "2025-06-30",
        "params": {"refund_grace_days": 0},
        "snapshots": ["sha256:aa"],
        "facts_hash": hash_value(["facts", number]),
        "flags": [],
        "names_masked": {},
        "decision": None,
    }
    return found | changes


def source_row(table: str, title: str, row: int, bail_no: str) -> dict[str, Any]:
    """A cited row with seven cells, of which the end date is lit."""
    raws = {
        "bail_no": ("决定书文号", "A", "示公(刑)取保字[2024]0001号", bail_no),
        "person_name": ("姓名", "B", "张三", "张三"),
        "person_id": ("身份证号", "C", IDENTITY, IDENTITY),
        "account_no": ("收款账号", "D", ACCOUNT, ACCOUNT),
        "amount": ("保证金数额", "E", "5,000元", "5000.00"),
        "ended_on": ("结束日期", "F", "45444", "2024-06-01"),
        "refunded_on": ("退款日期", "G", "", None),
    }
    return {
        "table": table,
        "title": title,
        "file": "data/取保候审台账（江北）.xlsx",
        "hash": "sha256:bb",
        "sheet": "2024年",
        "row": row,
        "cells": {
            name: {"title": heading, "address": f"{letter}{row}", "raw": raw, "value": value}
            for name, (heading, letter, raw, value) in raws.items()
        },
        "lit": ["ended_on", "amount"],
        "flags": [],
    }


def summary(rule: str = "not_refunded", title: str = "保证金应退未退", **changes: Any) -> RuleSummary:
    """The line of a rule with three hits."""
    given: dict[str, Any] = {
        "model": "bail_deposit",
        "model_title": "取保候审保证金监督",
        "rule": rule,
        "title": title,
        "kind": "clue",
        "certainty": "V",
        "hits": 3,
        "clean": 120,
        "cannot_tell": 7,
        "subjects": 130,
        "unidentified": 0,
        "reasons": (("保证金退还的数据未完整覆盖应查期间", 5), ("缺少用于比对的文书号、身份证号等", 2)),
        "amount": Decimal("15000.00"),
        "amount_at_least": False,
        "not_run": "",
        "notes": (),
        "basis": ("刑事诉讼法 第七十三条", "公通字〔2022〕25号 第二十五条"),
        "innocent": tuple(INNOCENT),
        "verify": tuple(VERIFY),
    }
    return RuleSummary(**(given | changes))


def head(summaries: Sequence[RuleSummary] | None = None, office: str = "") -> WorkbookInput:
    """The head of a run over one file."""
    return WorkbookInput(
        models=["取保候审保证金监督"],
        as_of=date(2025, 6, 30),
        office=office,
        summaries=[summary()] if summaries is None else summaries,
        files=[
            FileLine("data/取保候审台账（江北）.xlsx", "sha256:0123456789abcdef", 3, 1300, "取保候审决定、保证金交纳")
        ],
        notes=["保证金退还的数据覆盖：2022-01-01至2025-06-30"],
    )


def unlinked(number: int = 1) -> UnlinkedRow:
    """A payment of somebody with two bails."""
    return UnlinkedRow(
        table_title="保证金交纳",
        file="data/bank.xlsx",
        sheet="流水",
        row=number + 1,
        date="2024-02-29",
        name="李四",
        identity=IDENTITY,
        amount="3000.00",
        reason="相符的记录不止一个，不能确定",
        candidates=["示公（刑）取保字〔2024〕5号", "示公（刑）取保字〔2024〕6号"],
        candidate_count=23,
    )


PROBLEM = {
    "code": "D212",
    "message": "「2023.13.45」不是日期。",
    "file": "data/取保候审台账（江北）.xlsx",
    "sheet": "2024年",
    "cell": "F9",
    "seen": "2023.13.45",
    "hint": "请改正后重新导入。",
}
