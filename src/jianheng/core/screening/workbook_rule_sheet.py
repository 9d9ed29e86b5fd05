"""The table of a rule's clues: the sentence, what it rests on, and room for what people find out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jianheng.core.fields.name_masking import mask_names
from jianheng.core.model.spec import KIND_TITLES
from jianheng.core.screening.protection import PROTECTED, flag_titles
from jianheng.core.screening.workbook_book import Book, Column, Head, Series, internal
from jianheng.core.screening.workbook_evidence import EvidenceSheets
from jianheng.core.screening.workbook_text import excel_day, lines_of, plain_number, showing, shown, shown_under

ANSWER, ANSWER_NOTE = "核查结论", "核查说明"
CLUE_ID, FACTS, RULE, SUBJECT = "线索编号", "事实指纹", "规则代号", "对象代号"
"""Headings that ``previous`` looks for."""

UNKNOWN_ORGAN = "监督对象不明"
"""What stands where nobody says which organ must act."""

_SENTENCE = 40
_MOST_CONDITIONS = 3
_WRAPPED = frozenset({"text", "answer"})
_SUBJECT_WIDTHS = {1: 20, 2: 13}
_MORE_SUBJECTS = 10
_CODES = tuple(Column(title, 10, printed=False) for title in (CLUE_ID, FACTS, RULE, SUBJECT))

Cell = tuple[str, str | float | None]
"""The name of a format and what to write in it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Which columns have something to say; the sentence takes the room of the others.

    ``protected``: some records are about minors or sealed. ``amounts``: the rule states one. ``left_open``: something
    lawful could not be ruled out for some of them.
    """

    protected: bool = True
    amounts: bool = True
    left_open: bool = True


class RuleSheet:
    """One table of records: which columns it has is settled by its first record, and by what is ``kept``.

    ``several_rules``: the records are of different rules, so what otherwise stands above the table stands in each row.
    """

    def __init__(
        self,
        book: Book,
        evidence: EvidenceSheets,
        first: dict[str, Any],
        titles: tuple[str, Head, int],
        *,
        several_rules: bool,
        kept: Kept,
    ) -> None:
        self._formats, self._evidence, self._several = book.formats, evidence, several_rules
        self._kept = kept
        self._names = bool(_person(first["values"])) and not several_rules
        self._subjects = [] if several_rules else list(first["subject"])
        self._titles = {name: _title(first, name) for name in self._subjects}
        self._conditions = [] if several_rules else _measured(first)
        title, head, section = titles
        columns = self._columns(first)
        self._widths = [column.width for column in columns]
        self._series: Series = book.series(title, columns, head, section, ANSWER)
        self.first_name = self._series.name
        self.count = 0

    def write(self, record: dict[str, Any]) -> None:
        """A row for the record, linked with its rows on 来源摘录 both ways."""
        source = self._evidence.reserve(record)
        self.count += 1
        cells = self._cells(record, source)
        row = self._series.take(self._lines(cells), links=1)
        sheet, formats = self._series.sheet, self._formats
        for column, (name, value) in enumerate(cells):
            if value is None or value == "":
                sheet.write_blank(row, column, None, formats[name])
            elif name == "link":
                sheet.write_url(row, column, value, formats[name], "摘录")
            elif isinstance(value, str):
                sheet.write_string(row, column, value, formats[name])
            else:
                sheet.write_number(row, column, value, formats[name])
        self._evidence.write(record, shown(record["rule_title"]), self.count, internal(self._series.name, row))

    def _columns(self, first: dict[str, Any]) -> list[Column]:
        """First what goes on paper, narrow enough to be read there; what is looked up on the screen stands behind."""
        several, kept = self._several, self._kept
        wide = _SUBJECT_WIDTHS.get(len(self._subjects), _MORE_SUBJECTS)
        amount, left_open = Column("金额（元）", 12), Column("还需排除", 14)
        spared = sum(
            column.width for column, is_kept in ((amount, kept.amounts), (left_open, kept.left_open)) if not is_kept
        )
        return [
            Column("序号", 8),
            *([Column("规则", 12), Column("性质", 6)] if several else []),
            *([Column(PROTECTED, 10)] if kept.protected else []),
            Column("线索", _SENTENCE + spared),
            *([Column("姓名", 8)] if self._names else []),
            *([Column("对象", 18)] if several else [Column(self._titles[name], wide) for name in self._subjects]),
            Column("监督对象", 13),
            Column("发生日期", 11),
            *([amount] if kept.amounts else []),
            *([left_open] if kept.left_open else []),
            Column(ANSWER, 10),
            Column(ANSWER_NOTE, 17),
            Column("来源", 6),
            *(Column(heading, 14, printed=False) for _, heading in self._conditions),
            Column("关联方式", 36, printed=False),
            Column("备注", 36, printed=False),
            Column("依据", 36, printed=False),
            *(
                [Column("需排除的正当理由", 40, printed=False), Column("核实步骤", 40, printed=False)]
                if several
                else []
            ),
            Column("要件", 44, printed=False),
            *_CODES,
        ]

    def _under_its_heading(self, name: str, record: dict[str, Any]) -> str:
        return shown_under(self._titles[name], mask_names(str(record["subject"].get(name, "")), record["names_masked"]))

    def _cells(self, record: dict[str, Any], source: str) -> list[Cell]:
        """What stands in the row, in the order of :meth:`_columns`."""
        several, hide = self._several, showing(record["names_masked"])
        conditions = {condition["id"]: condition for condition in record["conditions"]}
        measured = [_value(conditions.pop(name, {}).get("value")) for name, _ in self._conditions]
        decision = record["decision"] or {}
        subject = {name: hide(str(value)) for name, value in record["subject"].items()}
        cells: list[Cell] = [("number", self.count)]
        if several:
            cells += [("text", shown(record["rule_title"])), ("text", KIND_TITLES[record["kind"]])]
        if self._kept.protected:
            cells.append(("text", flag_titles(record["flags"])))
        cells.append(("text", hide(record["say"])))
        if self._names:
            cells.append(("text", hide(_person(record["values"]))))
        if several:
            cells.append(("text", "\n".join(subject.values())))
        else:
            cells += [("text", self._under_its_heading(name, record)) for name in self._subjects]
        cells += [
            ("text", shown(record["against"] or UNKNOWN_ORGAN)),
            _day(record["occurred_on"]),
        ]
        if self._kept.amounts:
            cells.append(_amount(record))
        if self._kept.left_open:
            guards = (f"{guard['title']}（{guard['why']}）" for guard in record["not_ruled_out"])
            cells.append(("text", shown("\n".join(guards))))
        cells += [
            ("answer", decision.get("outcome", "")),
            ("answer", hide(decision.get("note", ""))),
            ("link", source),
            *measured,
            ("text", shown(_links(record))),
            ("text", hide("\n".join(record["notes"]))),
            ("text", shown("\n".join(record["basis"]))),
        ]
        if several:
            cells += [("text", shown(numbered(record["innocent"]))), ("text", shown(numbered(record["verify"])))]
        cells += [
            ("text", hide("\n".join(_condition(condition) for condition in conditions.values()))),
            ("code", record["clue_id"]),
            ("code", record["facts_hash"]),
            ("code", f"{record['model']}/{record['rule']}"),
            ("code", json.dumps(subject, ensure_ascii=False)),
        ]
        return cells

    def _lines(self, cells: list[Cell]) -> int:
        return max(
            lines_of(value, width)
            for (name, value), width in zip(cells, self._widths, strict=True)
            if name in _WRAPPED and isinstance(value, str)
        )


def numbered(lines: Iterable[str]) -> str:
    """``1. …；2. …``"""
    return "；".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


def _day(text: str | None) -> Cell:
    number = excel_day(text)
    return ("date", number) if number is not None else ("text", text or "")


def _amount(record: dict[str, Any]) -> Cell:
    number = plain_number(record["amount"])
    if number is None:
        return ("text", record["amount"] or "")
    return ("money_at_least" if record["amount_at_least"] else "money", number)


def _value(text: str | None) -> Cell:
    number = plain_number(text)
    if number is None or (text and shown(text) != text):  # a telephone number is no number
        return _day(text and shown(text))
    return ("money" if text and "." in text else "number", number)


def _measured(record: dict[str, Any]) -> list[tuple[str, str]]:
    """Conditions whose wording gives a number or a date, which get a column of their own: id and heading.

    The last ones are nearest to the point of the rule, so those are taken where there are too many.
    """
    found = []
    for condition in record["conditions"]:
        value = condition["value"]
        if value and value in condition["say"] and _value(value)[0] != "text":
            found.append((condition["id"], shown(condition["say"].replace(value, "…", 1))))
    return found[-_MOST_CONDITIONS:]


def _condition(condition: Mapping[str, Any]) -> str:
    value = condition["value"]
    if not value or value in ("是", "否") or value in condition["say"]:
        return str(condition["say"])
    return f"{condition['say']}：{value}"


def _links(record: dict[str, Any]) -> str:
    titles = {source["table"]: source["title"] for source in record["evidence"]}
    return "\n".join(
        f"{titles.get(link['table'], link['table'])}第{link['row']}{'行' if link['sheet'] else '条'}：{link['title']}"
        for link in record["linked_by"]
    )


def _title(record: dict[str, Any], name: str) -> str:
    """The heading of a subject's column, as the sources call it."""
    for source in record["evidence"]:
        if name in source["cells"]:
            return shown(source["cells"][name]["title"])
    return name


def _person(values: Mapping[str, str | None]) -> str:
    """The name of the person a record is about, if the sentence names one."""
    return next((value for key, value in values.items() if key.endswith(".person_name") and value), "")
