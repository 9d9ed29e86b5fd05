"""Which clue goes to which sheet: one for every rule with hits, one for what concerns our own office."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jianheng.core.screening.summary import RuleSummary
from jianheng.core.screening.workbook_book import Book, Head
from jianheng.core.screening.workbook_evidence import EvidenceSheets
from jianheng.core.screening.workbook_rule_sheet import Kept, RuleSheet, numbered
from jianheng.core.screening.workbook_text import shown

CLUES, OWN_OFFICE, LISTS, HINTS, EVIDENCE, UNLINKED, UNREAD = range(1, 8)
"""The order of the sheets behind the overview."""

_KIND_NOTES = {
    "conflict": "同一事项的数据互相矛盾，先核对数据，不是对违法的判断。",
    "list": "工作清单，供跟进办理，不是违法线索。",
    "hint": "提示，依据尚不充分，只供参考。",
}


def _kept(*summaries: RuleSummary) -> Kept:
    """The columns that have something to say of the clues of these rules; of a rule nobody knows, all."""
    return Kept(
        protected=any(summary.flags for summary in summaries),
        amounts=not summaries or any(summary.amount is not None for summary in summaries),
        left_open=not summaries or any(summary.left_open for summary in summaries),
    )


class RuleSheets:
    """Sorts records to the sheets of their rules, and those against our own office to a sheet of their own."""

    def __init__(self, book: Book, evidence: EvidenceSheets, office: str, summaries: Iterable[RuleSummary]) -> None:
        self._book, self._evidence, self._office = book, evidence, office
        self._summaries = {(summary.model, summary.rule): summary for summary in summaries}
        self._sheets: dict[tuple[str, str], RuleSheet] = {}
        self._own: RuleSheet | None = None
        self.own_by_rule: dict[tuple[str, str], int] = {}

    def add(self, record: dict[str, Any]) -> None:
        """Write one record and its evidence; records of a rule come one after another."""
        key = (record["model"], record["rule"])
        if record["own_office"]:
            if self._own is None:
                self._own = RuleSheet(
                    self._book,
                    self._evidence,
                    record,
                    self._own_series(),
                    several_rules=True,
                    kept=_kept(*self._summaries.values()),
                )
            self.own_by_rule[key] = self.own_by_rule.get(key, 0) + 1
            self._own.write(record)
            return
        sheet = self._sheets.get(key)
        if sheet is None:
            sheet = self._sheets[key] = RuleSheet(
                self._book,
                self._evidence,
                record,
                self._series_of(record),
                several_rules=False,
                kept=_kept(*filter(None, [self._summaries.get(key)])),
            )
        sheet.write(record)

    def first_names(self) -> frozenset[str]:
        """The first sheet of every rule that has one."""
        return frozenset(sheet.first_name for sheet in self._sheets.values())

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
        several = len({model for model, _ in self._summaries}) > 1
        lines = [("模型", shown(summary.model_title))] if summary and several else []
        lines += [("性质", note)] if (note := _KIND_NOTES.get(record["kind"])) else []
        lines += [("依据", shown("；".join(basis)))] if basis else []
        lines += [("需排除", shown(numbered(record["innocent"])))] if record["innocent"] else []
        lines += [("核实步骤", shown(numbered(record["verify"])))] if record["verify"] else []
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
