"""总览: what was found rule by rule, what could not be told and why, from which data, and how to read the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from jianheng.core.foundation.identity import short_id
from jianheng.core.model.spec import KIND_TITLES
from jianheng.core.screening.summary import RuleSummary
from jianheng.core.screening.workbook_book import OVERVIEW, Book, height_of, internal, merge
from jianheng.core.screening.workbook_clues import RuleSheets
from jianheng.core.screening.workbook_input import FileLine, SheetLine, WorkbookInput
from jianheng.core.screening.workbook_text import excel_day, lines_of, shown

MARK = "检衡筛查结果"
"""The title begins with it; ``previous`` knows our workbooks by it."""

_WIDTHS = (40, 10, 10, 11, 10, 54, 14, 25)
_LAST = len(_WIDTHS) - 1
_MOST_REASONS = 8
_GROUPS = (
    ("规则", ("clue", "conflict"), "疑似问题"),
    ("工作清单（供跟进办理，不是违法线索）", ("list",), "列入清单"),
    ("提示（依据尚不充分，只供参考）", ("hint",), "提示"),
)
"""Of a model's rules: what stands above their titles, which kinds they are of, what their hits are called."""

_LEGEND = (
    ("疑似问题", "规则的各项条件都成立，排除情形都不成立。须由人核实，不是对事实和责任的认定。"),
    (
        "未发现异常",
        "至少一项条件确定不成立，或者一项排除情形确定成立。只就本规则和所提供的数据而言，不等于执法办案合法。",
    ),
    ("数据不足", "凭现有数据不能断定，原因列在右侧。既不是疑似问题，也不是未发现异常。"),
    ("线索", "依据已核对或者来源可靠的条文发现的疑似问题；数据矛盾、工作清单和提示都不是线索。"),
    ("数据矛盾", "同一事项的数据互相矛盾，先核对数据。"),
    ("还需排除", "法律允许的情形，因没有提供有关数据而未能查对，核实时应当查明。"),
    ("覆盖期按数据推定", "报送单位没有说明数据起止，按表中最早和最晚的日期推定。"),
    ("至少", "金额有一部分不明，实际不少于所列数额。"),
    (
        "特别保护",
        "涉未成年人、已封存的，姓名已遮盖，只限有权限的人查阅；年龄不明的，先核对是否未成年，再决定怎样使用。",
    ),
)
_READING = (
    "一、从本页规则名称进入该规则的工作表，逐条阅读线索一句话、要件和还需排除；「来源」一栏可到来源摘录，底色单元格是判断依据。",
    "二、核实后在「核查结论」中选择属实、不属实、证据不足待补、暂缓，在「核查说明」中写明依据。打印的只有「来源」及其左侧各栏；请勿改动最右侧的编号各栏。",
    "三、下次筛查把本文件作为前次结果一并提供（--previous），已有结论而事实未变的线索会带出原结论。",
    "四、身份证号、电话、账号已遮盖；姓名为明文，涉未成年人和已封存的写作张某某。按办案材料保管。",
)


class Overview:
    """The first sheet. It is opened first and written last, when the names of the other sheets are known."""

    def __init__(self, book: Book) -> None:
        self._formats = book.formats
        self._sheet = book.sheet(OVERVIEW, (0, 0, 0), _WIDTHS)
        self._row = 0

    def write(
        self, head: WorkbookInput, rules: RuleSheets, unread: Mapping[str, int], sheets: Sequence[SheetLine]
    ) -> None:
        """Everything, top to bottom; ``unread``: problems per file; ``sheets``: the other sheets in order."""
        sheet, formats = self._sheet, self._formats
        sheet.set_row(0, 26)
        sheet.write_string(0, 0, f"{MARK}：{shown(head.title)}", formats["title"])
        self._row = 1
        self._labelled("筛查日期", head.as_of)
        self._labelled("本院", shown(head.office) or "未设置（凡监督对象是检察机关的，列入检察机关自查）")
        self._labelled("结果", _headline(head.summaries, rules))
        models = _by_model(head)
        if len(models) > 1:
            self._index(models)
        self._models(models, rules)
        self._not_run(models)
        self._notes("数据覆盖和说明", head.notes)
        self._files(head.files, unread)
        self._sheets([line for line in sheets if line.name not in rules.first_names()])
        self._section("用语")
        for word, meaning in _LEGEND:
            self._labelled(word, meaning)
        self._notes("怎样使用本工作簿", _READING)
        sheet.print_area(0, 0, self._row, _LAST)
        sheet.repeat_rows(0)
        sheet.freeze_panes(1, 0)

    def _index(self, models: Sequence[_Model]) -> None:
        """A line for each model that leads to where its rules stand: whoever looks for one finds it here."""
        self._section("各模型结果")
        self._headings(("模型", "线索", "数据矛盾", "工作清单", "数据不足", "说明"), merged_from=5)
        sheet, formats = self._sheet, self._formats
        place = self._row + len(models) + 1  # of the first model's title: behind this table and a blank line
        for model in models:
            self._height_of_row((model.title, _WIDTHS[0]), (model.remark(), sum(_WIDTHS[5:])))
            if model.ran:
                sheet.write_url(self._row, 0, internal(OVERVIEW, place), formats["link"], model.title)
                place += model.lines
            else:
                sheet.write_string(self._row, 0, model.title, formats["text"])
            for column, number in enumerate(model.counts(), start=1):
                if model.ran:
                    sheet.write_number(self._row, column, number, formats["count"])
                else:
                    sheet.write_string(self._row, column, "未运行", formats["text"])
            self._merged(self._row, 5, model.remark(), formats["text"])
            self._row += 1

    def _models(self, models: Sequence[_Model], rules: RuleSheets) -> None:
        """The rules of each model that ran, under its title; each takes :attr:`_Model.lines` lines."""
        for model in models:
            if not model.ran and len(models) > 1:
                continue
            self._section(model.title)
            for (title, _, found), members in model.groups():
                self._headings((title, "性质", found, "未发现异常", "数据不足", "数据不足的原因", "金额（元）", "说明"))
                for summary in members:
                    self._rule(summary, rules)
        self._line("各规则分别统计，同一笔款可能出现在几条规则中，金额不宜相加。数字是监督对象数。")

    def _rule(self, summary: RuleSummary, rules: RuleSheets) -> None:
        sheet, formats, row = self._sheet, self._formats, self._row
        key = (summary.model, summary.rule)
        name, count = rules.written(key)
        own = rules.own_by_rule.get(key, 0)
        target = name or (rules.own_name if own else "")
        if target:
            sheet.write_url(row, 0, internal(target, 0), formats["link"], shown(summary.title))
        else:
            sheet.write_string(row, 0, shown(summary.title), formats["text"])
        sheet.write_string(row, 1, KIND_TITLES[summary.kind], formats["text"])
        if summary.not_run and not summary.subjects:
            for column in (2, 3, 4):
                sheet.write_string(row, column, "未运行", formats["text"])
        else:
            for column, number in enumerate((summary.hits, summary.clean, summary.cannot_tell), start=2):
                sheet.write_number(row, column, number, formats["count"])
        reasons, remarks = _reasons(summary), _remarks(summary, count, own, rules.own_name)
        self._height_of_row((reasons, _WIDTHS[5]), (remarks, _WIDTHS[7]), (summary.title, _WIDTHS[0]))
        sheet.write_string(row, 5, reasons, formats["text"])
        if summary.amount is not None and summary.hits:
            money = formats["money_at_least" if summary.amount_at_least else "money"]
            sheet.write_number(row, 6, float(summary.amount), money)
        else:
            sheet.write_blank(row, 6, None, formats["plain"])
        sheet.write_string(row, 7, remarks, formats["text"])
        self._row += 1

    def _not_run(self, models: Sequence[_Model]) -> None:
        """What to ask for, model by model, and the rules that wait for it."""
        waiting = [model for model in models if model.waiting]
        if not waiting:
            return
        self._section("待补数据")
        self._headings(("原因", "未运行的规则"), merged_from=1)
        for model in waiting:
            if len(models) > 1:
                self._height(model.title, 0)
                self._merged(self._row, 0, model.title, self._formats["heading"])
                self._row += 1
            for why, titles in model.waiting.items():
                self._row_merged(shown(why), shown("、".join(titles)))

    def _notes(self, title: str, notes: Iterable[str]) -> None:
        lines = [shown(note) for note in notes]
        if lines:
            self._section(title)
            for line in lines:
                self._line(line)

    def _files(self, files: Sequence[FileLine], unread: Mapping[str, int]) -> None:
        self._section("所用文件")
        if not files:
            self._line("没有读入任何文件。")
            return
        titles = ("文件", "工作表数", "数据行", "未能读取", "指纹", "识别为")
        self._headings(titles, merged_from=5)
        for file in sorted(files, key=lambda file: file.name):
            row, sheet, formats = self._row, self._sheet, self._formats
            self._height_of_row((file.name, _WIDTHS[0]), (file.tables, sum(_WIDTHS[5:])))
            sheet.write_string(row, 0, shown(file.name), formats["text"])
            sheet.write_number(row, 1, file.sheets, formats["count"])
            sheet.write_number(row, 2, file.rows, formats["count"])
            sheet.write_number(row, 3, unread.get(file.name, 0), formats["count"])
            sheet.write_string(row, 4, short_id(file.hash, 8), formats["text"])
            self._merged(row, 5, shown(file.tables) or "未识别为任何表", formats["text"])
            self._row += 1

    def _sheets(self, sheets: Sequence[SheetLine]) -> None:
        if not sheets:
            return
        self._section("其他工作表")
        for line in sheets:
            self._sheet.write_url(self._row, 0, internal(line.name, 0), self._formats["back"], line.name)
            self._sheet.write_string(self._row, 1, f"{line.rows}行", self._formats["note"])
            self._row += 1

    # -- pieces ------------------------------------------------------------------------------------------------------

    def _section(self, title: str) -> None:
        self._row += 1
        self._sheet.set_row(self._row, 20)
        self._sheet.write_string(self._row, 0, title, self._formats["section"])
        self._row += 1

    def _headings(self, titles: Sequence[str], merged_from: int = _LAST) -> None:
        heading = self._formats["heading"]
        self._sheet.set_row(self._row, 20)
        for column, title in enumerate(titles[:merged_from]):
            self._sheet.write_string(self._row, column, title, heading)
        self._merged(self._row, merged_from, titles[merged_from], heading)
        self._row += 1

    def _row_merged(self, first: str, text: str) -> None:
        self._height_of_row((first, _WIDTHS[0]), (text, sum(_WIDTHS[1:])))
        self._sheet.write_string(self._row, 0, first, self._formats["text"])
        self._merged(self._row, 1, text, self._formats["text"])
        self._row += 1

    def _labelled(self, label: str, value: str | date) -> None:
        self._sheet.write_string(self._row, 0, label, self._formats["label"])
        if isinstance(value, date):
            self._sheet.write_number(self._row, 1, excel_day(value.isoformat()) or 0, self._formats["day"])
        else:
            self._height(value, 1)
            self._merged(self._row, 1, value, self._formats["note"])
        self._row += 1

    def _line(self, text: str) -> None:
        self._height(text, 0)
        self._merged(self._row, 0, text, self._formats["note"])
        self._row += 1

    def _height(self, text: str, first: int) -> None:
        self._height_of_row((text, sum(_WIDTHS[first:])))

    def _height_of_row(self, *cells: tuple[str, float]) -> None:
        """As high as the highest of its cells, given as text and width."""
        self._sheet.set_row(self._row, height_of(max(lines_of(text, width) for text, width in cells)))

    def _merged(self, row: int, first: int, text: str, cell_format: Any) -> None:
        merge(self._sheet, row, first, _LAST, text, cell_format)


@dataclass(frozen=True, slots=True)
class _Model:
    """A model of the run with the lines of its rules, in their order."""

    title: str
    rules: tuple[RuleSummary, ...]

    @property
    def ran(self) -> bool:
        return any(rule.subjects or not rule.not_run for rule in self.rules)

    @property
    def waiting(self) -> dict[str, list[str]]:
        """Why rules could not run -> their titles."""
        found: dict[str, list[str]] = {}
        for rule in self.rules:
            if rule.not_run:
                found.setdefault(rule.not_run, []).append(rule.title)
        return found

    @property
    def lines(self) -> int:
        """Rows that it takes: a blank one, its title, and headings and rules of every group."""
        return 2 + sum(1 + len(members) for _, members in self.groups())

    def groups(self) -> list[tuple[tuple[str, tuple[str, ...], str], list[RuleSummary]]]:
        """Its groups that have rules."""
        sorted_out = [(group, [rule for rule in self.rules if rule.kind in group[1]]) for group in _GROUPS]
        return [(group, members) for group, members in sorted_out if members]

    def counts(self) -> tuple[int, int, int, int]:
        """线索, 数据矛盾, 工作清单, and 数据不足 of the first two."""
        hits = {kind: sum(rule.hits for rule in self.rules if rule.kind == kind) for kind in KIND_TITLES}
        unknown = sum(rule.cannot_tell for rule in self.rules if rule.kind in ("clue", "conflict"))
        return hits["clue"], hits["conflict"], hits["list"], unknown

    def remark(self) -> str:
        """What the numbers do not say."""
        stopped = sum(map(len, self.waiting.values()))
        hints = sum(rule.hits for rule in self.rules if rule.kind == "hint")
        notes = [] if self.rules else ["只有提示类规则，这次没有要求运行（--hints）"]
        notes += [f"{stopped}条规则未运行，见待补数据"] if stopped else []
        notes += [f"另有提示{hints}项"] if hints else []
        return "；".join(notes)


def _by_model(head: WorkbookInput) -> list[_Model]:
    """The models in the order of the run, those of which no rule was asked for included."""
    found: dict[str, list[RuleSummary]] = {title: [] for title in head.models}
    for summary in head.summaries:
        found.setdefault(summary.model_title, []).append(summary)
    return [_Model(shown(title), tuple(rules)) for title, rules in found.items()]


def _headline(summaries: Sequence[RuleSummary], rules: RuleSheets) -> str:
    def total(kind: str, value: Callable[[RuleSummary], int]) -> int:
        return sum(value(summary) for summary in summaries if summary.kind == kind)

    if not any(summary.subjects for summary in summaries):
        return "没有一条规则可以运行，见待补数据。没有结果不等于没有问题。"
    hits, conflicts = total("clue", lambda one: one.hits), total("conflict", lambda one: one.hits)
    unknown = total("clue", lambda one: one.cannot_tell) + total("conflict", lambda one: one.cannot_tell)
    listed = total("list", lambda one: one.hits)
    text = f"线索{hits}项，数据矛盾{conflicts}项，工作清单{listed}项；数据不足{unknown}项。"
    if not hits and not conflicts:
        text = f"没有发现线索和数据矛盾；数据不足{unknown}项。未发现异常只就所提供的数据而言，不等于执法办案合法。"
    if rules.own_count:
        text += f"其中{rules.own_count}项的监督对象是检察机关，另列于{rules.own_name}。"
    return text


def _reasons(summary: RuleSummary) -> str:
    lines = [f"{text}：{count}" for text, count in summary.reasons[:_MOST_REASONS]]
    rest = summary.reasons[_MOST_REASONS:]
    if rest:
        lines.append(f"其他{len(rest)}种原因：{sum(count for _, count in rest)}")
    return shown("\n".join(lines))


def _remarks(summary: RuleSummary, count: int, own: int, own_name: str) -> str:
    lines = [summary.not_run] if summary.not_run else []
    if own:
        lines.append(f"其中{own}条列于{own_name}")
    if count + own != summary.hits:
        lines.append(f"共{count + own}条线索")
    return shown("\n".join([*lines, *summary.notes]))
