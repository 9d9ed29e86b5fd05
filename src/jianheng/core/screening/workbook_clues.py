"""A sheet for every rule with hits: the sentence, what it rests on, and room for what people find out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from jianheng.core.screening.summary import RuleSummary
from jianheng.core.screening.workbook_book import Book, Column, Head, Series, internal
from jianheng.core.screening.workbook_evidence import EvidenceSheets
from jianheng.core.screening.workbook_input import KINDS
from jianheng.core.screening.workbook_text import excel_day, plain_number, shown

CLUES, OWN_OFFICE, LISTS, HINTS, EVIDENCE, UNLINKED, UNREAD = range(1, 8)
"""The order of the sheets behind the overview."""

ANSWER, ANSWER_NOTE = "核查结论", "核查说明"
CLUE_ID, FACTS, RULE, SUBJECT = "线索编号", "事实指纹", "规则代号", "对象代号"
"""Headings that ``previous`` looks for."""

_MOST_CONDITIONS = 5
_CODES = tuple(Column(title, 6, printed=False) for title in (CLUE_ID, FACTS, RULE, SUBJECT))
_KIND_NOTES = {
    "conflict": "同一事项的数据互相矛盾，先核对数据，不是对违法的判断。",
    "list": "工作清单，供跟进办理，不是违法线索。",
    "hint": "提示，依据尚不充分，只供参考。",
}


class RuleSheets:
    """Sorts records to the sheets of their rules, and those against our own office to a sheet of their own."""

    def __init__(self, book: Book, evidence: EvidenceSheets, office: str, summaries: Iterable[RuleSummary]) -> None:
        self._book, self._evidence, self._office = book, evidence, office
        self._summaries = {(summary.model, summary.rule): summary for summary in summaries}
        self._sheets: dict[tuple[str, str], _RuleSheet] = {}
        self._own: _RuleSheet | None = None
        self.own_by_rule: dict[tuple[str, str], int] = {}

    def add(self, record: dict[str, Any]) -> None:
        """Write one record and its evidence; records of a rule come one after another."""
        key = (record["model"], record["rule"])
        if record["own_office"]:
            if self._own is None:
                self._own = _RuleSheet(self._book, self._evidence, record, self._own_series(), several_rules=True)
            self.own_by_rule[key] = self.own_by_rule.get(key, 0) + 1
            self._own.write(record)
            return
        sheet = self._sheets.get(key)
        if sheet is None:
            sheet = self._sheets[key] = _RuleSheet(
                self._book, self._evidence, record, self._series_of(record), several_rules=False
            )
        sheet.write(record)

    def written(self, key: tuple[str, str]) -> tuple[str, int]:
        """The first sheet of a rule (empty if it has none) and the records on its sheets."""
        sheet = self._sheets.get(key)
        return (sheet.first_name, sheet.count) if sheet else ("", 0)

    @property
    def own_name(self) -> str:
        """The sheet of records against our own office, empty if there are none."""
        return self._own.first_name if self._own else ""

    @property
    def own_count(self) -> int:
        return sum(self.own_by_rule.values())

    def _series_of(self, record: dict[str, Any]) -> tuple[str, Head, int]:
        summary = self._summaries.get((record["model"], record["rule"]))
        basis = summary.basis if summary else record["basis"]
        lines = [("性质", note)] if (note := _KIND_NOTES.get(record["kind"])) else []
        lines += [("依据", shown("；".join(basis)))] if basis else []
        lines += [("需排除", shown(_numbered(record["innocent"])))] if record["innocent"] else []
        lines += [("核实步骤", shown(_numbered(record["verify"])))] if record["verify"] else []
        prefix = "提示：" if record["kind"] == "hint" else ""
        section = {"list": LISTS, "hint": HINTS}.get(record["kind"], CLUES)
        return prefix + record["rule_title"], Head(prefix + shown(record["rule_title"]), tuple(lines)), section

    def _own_series(self) -> tuple[str, Head, int]:
        title = "本院自查" if self._office else "检察机关自查"
        who = (
            f"监督对象是本院（{self._office}）"
            if self._office
            else "监督对象是检察机关。尚未设置本院名称，凡检察机关都列在这里"
        )
        note = f"以下各条的{shown(who)}。由本院自查自纠，或者移送有管辖权的检察院，不列入对其他机关的监督线索。"
        return title, Head(title, (("说明", note),)), OWN_OFFICE


class _RuleSheet:
    """One table of records: which columns it has is settled by its first record."""

    def __init__(
        self,
        book: Book,
        evidence: EvidenceSheets,
        first: dict[str, Any],
        titles: tuple[str, Head, int],
        *,
        several_rules: bool,
    ) -> None:
        self._formats, self._evidence, self._several = book.formats, evidence, several_rules
        self._names = bool(_person(first["values"])) and not several_rules
        self._subjects = [] if several_rules else list(first["subject"])
        self._conditions = [] if several_rules else _measured(first)
        title, head, section = titles
        self._series: Series = book.series(title, self._columns(first), head, section, ANSWER)
        self.first_name = self._series.name
        self.count = 0

    def _columns(self, first: dict[str, Any]) -> list[Column]:
        several = self._several
        return [
            Column("序号", 8),
            *([Column("规则", 16), Column("类别", 10)] if several else []),
            Column("线索", 56),
            *([Column("姓名", 10)] if self._names else []),
            *([Column("对象", 24)] if several else [Column(_title(first, name), 24) for name in self._subjects]),
            Column("监督对象", 18),
            Column("发生日期", 11),
            Column("金额（元）", 13),
            *(Column(heading, 11) for _, heading in self._conditions),
            Column("要件", 24),
            Column("依据", 22),
            Column("还需排除", 20),
            *([Column("需排除的正当理由", 28), Column("核实步骤", 28)] if several else []),
            Column("关联方式", 18),
            Column("备注", 20),
            Column("来源", 6),
            Column(ANSWER, 13),
            Column(ANSWER_NOTE, 22),
            *_CODES,
        ]

    def write(self, record: dict[str, Any]) -> None:
        """A row for the record, linked with its rows on 来源摘录 both ways."""
        source = self._evidence.reserve(record)
        self.count += 1
        row = self._series.take(1)
        self._cells(record, row, source)
        self._evidence.write(record, shown(record["rule_title"]), self.count, internal(self._series.name, row))

    def _cells(self, record: dict[str, Any], row: int, source: str) -> None:
        sheet, formats = self._series.sheet, self._formats
        text, plain = formats["text"], formats["plain"]
        write = sheet.write_string
        sheet.write_number(row, 0, self.count, formats["number"])
        column = 1
        if self._several:
            write(row, 1, shown(record["rule_title"]), text)
            write(row, 2, KINDS[record["kind"]], text)
            column = 3
        write(row, column, shown(record["say"]), text)
        column += 1
        if self._names:
            write(row, column, shown(_person(record["values"])), text)
            column += 1
        for value in self._subject_values(record):
            write(row, column, value, text)
            column += 1
        write(row, column, shown(record["against"]), text)
        self._day(row, column + 1, record["occurred_on"])
        self._amount(row, column + 2, record)
        column += 3
        conditions = {condition["id"]: condition for condition in record["conditions"]}
        for name, _ in self._conditions:
            self._value(row, column, conditions.pop(name, {}).get("value"))
            column += 1
        for value in self._texts(record, conditions.values()):
            if value:
                write(row, column, value, text)
            else:
                sheet.write_blank(row, column, None, plain)
            column += 1
        sheet.write_url(row, column, source, formats["link"], "摘录")
        decision = record["decision"] or {}
        write(row, column + 1, decision.get("outcome", ""), formats["answer"])
        write(row, column + 2, shown(decision.get("note", "")), formats["answer"])
        code = formats["code"]
        write(row, column + 3, record["clue_id"], code)
        write(row, column + 4, record["facts_hash"], code)
        write(row, column + 5, f"{record['model']}/{record['rule']}", code)
        subject = {name: shown(str(value)) for name, value in record["subject"].items()}
        write(row, column + 6, json.dumps(subject, ensure_ascii=False), code)

    def _texts(self, record: dict[str, Any], conditions: Iterable[dict[str, Any]]) -> list[str]:
        """要件 to 备注, in the order of the columns."""
        return [
            shown("\n".join(_condition(condition) for condition in conditions)),
            shown("\n".join(record["basis"])),
            shown("\n".join(f"{guard['title']}（{guard['why']}）" for guard in record["not_ruled_out"])),
            *([shown(_numbered(record["innocent"])), shown(_numbered(record["verify"]))] if self._several else []),
            shown("\n".join(_link(link) for link in record["linked_by"])),
            shown("\n".join(record["notes"])),
        ]

    def _subject_values(self, record: dict[str, Any]) -> list[str]:
        subject = record["subject"]
        if self._several:
            return [shown("\n".join(str(value) for value in subject.values()))]
        return [shown(str(subject.get(name, ""))) for name in self._subjects]

    def _day(self, row: int, column: int, text: str | None) -> None:
        number = excel_day(text)
        if number is not None:
            self._series.sheet.write_number(row, column, number, self._formats["date"])
        else:
            self._series.sheet.write_string(row, column, text or "", self._formats["plain"])

    def _amount(self, row: int, column: int, record: dict[str, Any]) -> None:
        number = plain_number(record["amount"])
        if number is not None:
            name = "money_at_least" if record["amount_at_least"] else "money"
            self._series.sheet.write_number(row, column, number, self._formats[name])
        else:
            self._series.sheet.write_string(row, column, record["amount"] or "", self._formats["plain"])

    def _value(self, row: int, column: int, text: str | None) -> None:
        number = plain_number(text)
        if number is None:
            self._day(row, column, text and shown(text))
        else:
            name = "money" if text and "." in text else "number"
            self._series.sheet.write_number(row, column, number, self._formats[name])


def _measured(record: dict[str, Any]) -> list[tuple[str, str]]:
    """Conditions with a number or a date, which get a column of their own: id and heading."""
    found = []
    for condition in record["conditions"]:
        value = condition["value"]
        if plain_number(value) is not None or excel_day(value) is not None:
            found.append((condition["id"], shown(condition["say"].replace(value, "…", 1))))
    return found[:_MOST_CONDITIONS]


def _condition(condition: Mapping[str, Any]) -> str:
    value = condition["value"]
    if not value or value in ("是", "否") or value in condition["say"]:
        return str(condition["say"])
    return f"{condition['say']}：{value}"


def _link(link: Mapping[str, Any]) -> str:
    place = f"{link['sheet']}第{link['row']}行" if link["sheet"] else f"第{link['row']}条记录"
    return f"{link['title']}（{place}）"


def _title(record: dict[str, Any], name: str) -> str:
    """The heading of a subject's column, as the sources call it."""
    for source in record["evidence"]:
        if name in source["cells"]:
            return shown(source["cells"][name]["title"])
    return name


def _person(values: Mapping[str, str | None]) -> str:
    """The name of the person a record is about, if the sentence names one."""
    return next((value for key, value in values.items() if key.endswith(".person_name") and value), "")


def _numbered(lines: Iterable[str]) -> str:
    return "；".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))
