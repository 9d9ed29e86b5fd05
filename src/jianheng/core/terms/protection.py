"""What a table says of minors and sealed records, checked: the columns it names can say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jianheng.core.foundation.errors import Problem
from jianheng.core.pack.strict_yaml import Document, Key
from jianheng.core.pack.typed import did_you_mean
from jianheng.core.terms.spec import CodeList, Table

YES, NO = "是", "否"
_BORN = ("resident_id", "date")
_DATED = ("date", "month")


def named_for_protection(table: Table) -> Iterator[tuple[Key, str]]:
    """Every column that ``minor`` and ``sealed`` name, with its place."""
    for part, term in (("minor", table.minor), ("sealed", table.sealed)):
        for name in term.said if term else ():
            yield (part, "said", name), name
    if table.minor:
        for key, column in (("person", table.minor.person), ("on", table.minor.on)):
            if column:
                yield ("minor", key), column


def check_protection(table: Table, document: Document, codes: Mapping[str, CodeList]) -> Iterator[Problem]:
    """T108: nothing said, a person without a date, a column that cannot say it. Unknown columns are not looked at."""
    for part, term in (("minor", table.minor), ("sealed", table.sealed)):
        if term is None:
            continue
        for name, word in term.said.items():
            yield from _check_word(table, document, codes, (part, "said", name), name, word)
        person = table.minor.person if table.minor and part == "minor" else None
        if not (term.always or term.said or person):
            yield document.problem("T108", (part,), "没有写明哪些行。", "写 always、said 或者 person 和 on。")
    if table.minor and (table.minor.person is None) != (table.minor.on is None):
        hint = "按出生日期和当日的年龄判断，两样都要有。"
        yield document.problem("T108", ("minor",), "person 和 on 要一起写。", hint)
    wanted = (("person", _BORN, "身份证号或者出生日期"), ("on", _DATED, "日期"))
    for key, types, title in wanted if table.minor else ():
        column = table.columns.get(getattr(table.minor, key) or "")
        if column and column.type not in types:
            yield document.problem("T108", ("minor", key), f"「{column.title}」不是{title}。")


def _check_word(
    table: Table, document: Document, codes: Mapping[str, CodeList], place: Key, name: str, word: str
) -> Iterator[Problem]:
    column = table.columns.get(name)
    if column is None:
        return
    code_list = codes.get(column.codes or "")
    known = list(code_list.values) if code_list else []
    if column.type == "boolean":
        known = [YES, NO]
    if known and word not in known:
        hint = did_you_mean(word, known) or f"可写：{'、'.join(known)}。"
        yield document.problem("T108", place, f"「{column.title}」没有「{word}」这个值。", hint)
