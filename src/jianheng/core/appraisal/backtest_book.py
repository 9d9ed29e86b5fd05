"""backtest.xlsx: the replay for people, with the subjects that counts do not name. Names and numbers are masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jianheng.core.appraisal.backtest import BacktestReport
from jianheng.core.appraisal.findings import subject_names
from jianheng.core.fields.name_masking import mask_person_name
from jianheng.core.foundation.durable import writing_file
from jianheng.core.model.spec import KIND_TITLES
from jianheng.core.screening.protection import personal_columns
from jianheng.core.screening.workbook_book import Book, Column, Head
from jianheng.core.screening.workbook_input import SheetLimits
from jianheng.core.screening.workbook_text import excel_day, lines_of, shown, shown_under
from jianheng.core.terms.lexicon import Lexicon

_RECOVERED = "已有结论的对象"


def write_backtest_book(path: Path, report: BacktestReport, record: Mapping[str, Any]) -> None:
    """Write the workbook; sheets without content are left out."""
    with writing_file(path) as aside:
        book = Book(aside, report.last.as_of, f"{record['title']}回放", SheetLimits())
        try:
            for section, (title, columns, note, rows) in enumerate(_sheets(report, record)):
                _write(book, section, title, columns, note, rows)
            book.finish()
            book.close()
        finally:
            book.abandon()


Sheet = tuple[str, Sequence[Column], str, list[list[Any]]]


def _sheets(report: BacktestReport, record: Mapping[str, Any]) -> Iterable[Sheet]:
    yield _rules(record)
    yield _weeks(record)
    yield _reasons(record)
    for sheet in (_missed(report), _overlaps(record), _varied(record), _changed(report)):
        if sheet[3]:
            yield sheet


def _rules(record: Mapping[str, Any]) -> Sheet:
    columns = (
        Column("规则", 28),
        Column("性质", 10),
        Column("监督对象", 10),
        Column("疑似问题", 10),
        Column("数据不足", 10),
        Column("数据不足占比", 12),
        Column("首日存量", 10),
        Column("平均每期新增", 12),
        Column("未运行：未提供", 30),
    )
    rows = [
        [
            one["title"],
            KIND_TITLES[one["kind"]],
            one["subjects"],
            one["clues"],
            one["cannot_tell"],
            "" if one["cannot_tell_share"] is None else f"{one['cannot_tell_share']:.1%}",
            one["at_first"],
            "" if one["new_per_day"] is None else f"{one['new_per_day']:.2f}",
            "、".join(one["missing"]),
        ]
        for one in record["rules"]
    ]
    days = record["as_of"]
    note = f"{record['title']} {record['version']}，回放 {days[0]} 至 {days[-1]} 共{len(days)}个基准日。"
    how = {
        "dates": "只有一次导入的数据：基准日以后才发生的，当日看不见（按各表的日期截去）；后来更正的内容无法还原。",
        "imports": "每个基准日用当时最近一次导入的数据，再按日期截去以后发生的。",
    }
    return "各规则", columns, note + how[record["data"]["as_they_stood"]], rows


def _weeks(record: Mapping[str, Any]) -> Sheet:
    columns = (
        Column("基准日", 12),
        Column("规则", 28),
        Column("疑似问题", 10),
        Column("新增", 10),
        Column("消失", 10),
        Column("数据不足", 10),
        Column("未发现异常", 12),
    )
    titles = {one["rule"]: one["title"] for one in record["rules"]}
    names = ("clues", "new", "gone", "cannot_tell", "clean")
    kinds = "、".join(KIND_TITLES[kind] for kind in record["counted"])
    rows = []
    for week in record["weeks"]:
        rows.append([week["as_of"], f"合计（{kinds}）", *(week[name] for name in names)])
        rows += [[week["as_of"], titles[one["rule"]], *(one[name] for name in names)] for one in week["rules"]]
    return "各基准日", columns, "新增：以前各基准日都没有的。消失：上一基准日有、这一日没有的。", rows


def _reasons(record: Mapping[str, Any]) -> Sheet:
    columns = (Column("规则", 28), Column("数据不足的原因", 60), Column("对象数", 10))
    rows = [[one["title"], text, count] for one in record["rules"] for text, count in one["reasons"]]
    rows += [[one["title"], f"未提供{title}", one["subjects"]] for one in record["rules"] for title in one["missing"]]
    rows.sort(key=lambda row: -row[2])
    return "待补数据", columns, f"基准日 {record['as_of'][-1]} 不能判断的原因，多的在前。", rows


def _missed(report: BacktestReport) -> Sheet:
    columns = (Column("对象", 44), Column("结果", 16), Column("规则", 28), Column("原因", 50))
    known = report.recovery
    if known is None:
        return _RECOVERED, columns, "", []
    hide = _Hiding(report.request.model.lexicon)
    rows = [[hide.values(one.conclusion.values), one.state, one.rule, one.why] for one in known.missed]
    rows += [[hide.values(one.values), "没有共同的列，无法对照", "", ""] for one in known.unmatched]
    return _RECOVERED, columns, f"此前已属实的对象，本模型找回{known.found.text()}；以下没有找回。", rows


def _overlaps(record: Mapping[str, Any]) -> Sheet:
    columns = (
        Column("本模型规则", 28),
        Column("重合/本规则", 14),
        Column("其他模型", 28),
        Column("其规则", 28),
        Column("重合/该规则", 14),
    )
    titles = {one["rule"]: one["title"] for one in record["rules"]}
    rows = [
        [
            titles[one["rule"]],
            f"{one['shared']}/{one['clues']}",
            f"{one['model_title']} {one['model_version']}",
            one["other_title"],
            f"{one['theirs']}/{one['other_clues']}",
        ]
        for one in (record["overlap"] or {}).get("pairs", [])
    ]
    return "与其他模型重合", columns, "一条线索的主记录（规则首表的那一行）在另一条线索的证据之中，为重合。", rows


def _varied(record: Mapping[str, Any]) -> Sheet:
    columns = (
        Column("参数", 28),
        Column("值", 12),
        Column("规则", 28),
        Column("疑似问题", 10),
        Column("增加", 10),
        Column("减少", 10),
    )
    titles = {one["rule"]: one["title"] for one in record["rules"]}
    rows = []
    for one in record["sensitivity"]:
        name = f"{one['title']}（{one['param']}）", one["shown"]
        rows.append([*name, "全部", one["clues"], one["added"], one["removed"]])
        rows += [
            [*name, titles[rule["rule"]], rule["clues"], rule["added"], rule["removed"]]
            for rule in one["rules"]
            if rule["added"] or rule["removed"]
        ]
    return "改变参数", columns, f"基准日 {record['as_of'][-1]}，与现用值相比。", rows


def _changed(report: BacktestReport) -> Sheet:
    columns = (Column("参数", 24), Column("值", 10), Column("变化", 8), Column("规则", 28), Column("对象", 44))
    rows: list[list[Any]] = []
    hide = _Hiding(report.request.model.lexicon)
    for one in report.variations:
        for word, changes in (("增加", one.added), ("减少", one.removed)):
            for rule, keys in changes.items():
                told = report.request.model.rule(rule)
                for key in sorted(keys):
                    subject = hide.values(dict(zip(subject_names(told), key.subject, strict=True)))
                    shown_as = "、".join([subject, *map(shown, key.episode)])
                    rows.append([one.title, one.shown, word, told.title, shown_as])
    return "参数改变的对象", columns, "哪些对象因参数改变而增加或者减少。", rows


class _Hiding:
    """Shows subjects without names of persons and without their numbers: whether one is a minor is not asked here."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._titles: dict[str, str] = {}
        self._names: set[str] = set()
        for table in lexicon.tables.values():
            self._titles |= {name: column.title for name, column in table.columns.items()}
            self._names.update(personal_columns(table))

    def values(self, subject: Mapping[str, str]) -> str:
        """The values of a subject in one text."""
        return "、".join(
            mask_person_name(value) if name in self._names else shown_under(self._titles.get(name, ""), value)
            for name, value in subject.items()
            if value
        )


def _write(
    book: Book, section: int, title: str, columns: Sequence[Column], note: str, rows: Iterable[Sequence[Any]]
) -> None:
    series = book.series(title, columns, Head(title, (("说明", note),), way_back=False), section)
    for row in rows:
        lines = max(lines_of(str(cell), column.width) for cell, column in zip(row, columns, strict=True))
        place = series.take(lines)
        for number, cell in enumerate(row):
            day = excel_day(cell) if isinstance(cell, str) else None
            if day is not None:
                series.sheet.write_number(place, number, day, book.formats["date"])
            elif isinstance(cell, int):
                series.sheet.write_number(place, number, cell, book.formats["count"])
            else:
                series.sheet.write_string(place, number, str(cell), book.formats["text"])
