"""A small field of words for the tests of this room; the shipped packs may change without breaking them."""

from __future__ import annotations

from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Table


def column(title: str, kind: str = "text", *aliases: str) -> dict[str, object]:
    return {"title": title, "type": kind, "aliases": list(aliases)}


def table(name: str, title: str, aliases: list[str], required: list[str], columns: dict[str, object]) -> Table:
    return Table.model_validate(
        {"id": name, "title": title, "aliases": aliases, "required": required, "columns": columns}
    )


PAYMENT = table(
    "deposit_payment", "保证金交纳", ["保证金缴纳", "交纳台账"], ["bail_no", "amount"],
    {
        "bail_no": column("决定书文号", "document_number", "文号"),
        "person_name": column("姓名", "name", "被取保候审人"),
        "paid_on": column("交纳日期", "date", "缴纳日期", "缴费日期"),
        "amount": column("交纳金额", "money", "缴纳金额", "金额"),
        "account_no": column("收款账号", "account_number"),
    },
)  # fmt: skip
REFUND = table(
    "deposit_refund", "保证金退还", ["退还台账"], ["bail_no"],
    {
        "bail_no": column("决定书文号", "document_number", "文号"),
        "person_name": column("姓名", "name"),
        "decided_on": column("退还决定日期", "date"),
        "refunded_on": column("退款日期", "date"),
        "amount": column("退还金额", "money", "金额"),
    },
)  # fmt: skip
SCHOOL = table(
    "school", "全国普通高等学校名单", [], ["code", "name"],
    {
        "name": column("学校名称"),
        "code": column("学校标识码"),
        "organ": column("主管部门"),
        "place": column("所在地"),
        "level": column("办学层次"),
        "note": column("备注"),
    },
)  # fmt: skip
SENTENCE = table(
    "sentence", "判决", [], ["case_no"],
    {
        "case_no": column("案号"),
        "years": column("刑期年", "integer", "主刑刑期年"),
        "months": column("刑期月", "integer", "主刑刑期月"),
        "fine": column("罚金", "money", "罚金数额（元）"),
        "area": column("面积（平方米）", "text"),
    },
)  # fmt: skip
WORDS = Lexicon({item.id: item for item in (PAYMENT, REFUND, SCHOOL, SENTENCE)}, {})
