"""clues.xlsx against bare XlsxWriter writing the same cells in the same formats, CPU seconds, in one run.

    python bench/xlsx_writer.py [--clues 10000] [--times 5]

Ours takes records as the clue files hold them and masks, words, links, splits and measures row heights; the peer gets
the finished cells from memory and does nothing but write them. Promise: at most 2.0 times the peer.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from jianheng.core.foundation.identity import hash_text
from jianheng.core.screening.summary import RuleSummary
from jianheng.core.screening.workbook import FileLine, WorkbookInput, write_workbook

PROMISE = 2.0
COLUMNS = (
    ("bail_no", "决定书文号", "示公(刑)取保字[2024]{0:05}号", "示公（刑）取保字〔2024〕{0}号"),
    ("person_name", "姓名", "张{0}", "张{0}"),
    ("person_id", "身份证号", "9999991990010{0:05}", "9999991990010{0:05}"),
    ("decided_on", "决定日期", "2024年3月{1}日", "2024-03-{1:02}"),
    ("ended_on", "结束日期", "2024.6.{1}", "2024-06-{1:02}"),
    ("guarantee", "保证方式", "保证金", "保证金"),
    ("amount", "保证金数额", "{0},000元", "{0}000.00"),
)
Cell = tuple[int, int, str, Any, Any, str]
"""Row, column, kind of write, value, format, text shown for a link."""


def main() -> None:
    """Measure, print one line a writer and the ratio."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--clues", type=int, default=10_000)
    wanted.add_argument("--times", type=int, default=5)
    given = wanted.parse_args()
    records = [record(number) for number in range(given.clues)]
    with tempfile.TemporaryDirectory() as folder:
        sheets = recorded(Path(folder) / "recorded.xlsx", records)
        cells = sum(len(rows) for rows in sheets.values())
        ours, bare = [], []
        for _ in range(given.times):
            ours.append(seconds(lambda: write_ours(Path(folder) / "ours.xlsx", records)))
            bare.append(seconds(lambda: write_bare(Path(folder) / "bare.xlsx", sheets)))
    ratio = median(ours) / median(bare)
    print(f"{given.clues:,} clues, {cells:,} cells, CPU seconds, median of {given.times}")
    print(f"clues.xlsx       {median(ours):7.2f}   {given.clues / median(ours):9,.0f} clues/s")
    print(f"bare XlsxWriter  {median(bare):7.2f}")
    print(f"ratio            {ratio:7.2f}   promised at most {PROMISE}")


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds that ``work`` takes."""
    gc.collect()
    start = process_time()
    work()
    return process_time() - start


def record(number: int) -> dict[str, Any]:
    """A clue like those of 保证金应退未退: three source rows of seven cells, one absence."""
    day = number % 28 + 1
    bail_no = COLUMNS[0][3].format(number)
    return {
        "clue_id": hash_text(f"clue {number}"),
        "kind": "clue",
        "model": "bench",
        "rule": "not_refunded",
        "rule_title": "保证金应退未退",
        "subject": {"bail_no": bail_no},
        "against": f"示例市公安局第{number % 40}分局",
        "own_office": False,
        "say": f"示例市公安局第{number % 40}分局执行的张{number}取保候审（{bail_no}）于2024年6月{day}日因“解除取保候审”"
        f"结束。经比对江北区公安分局提供的退还记录（数据截至2025年6月30日），未见退还决定、通知银行及退款，"
        f"应退保证金{number}000.00元，距结束已{number % 700}日。请核实。",
        "amount": f"{number}000.00",
        "amount_at_least": False,
        "occurred_on": f"2024-06-{day:02}",
        "conditions": [
            {"id": "deposit", "say": "以保证金方式取保", "value": "保证金"},
            {"id": "paid_in", "say": f"已交保证金{number}000.00元", "value": f"{number}000.00"},
            {"id": "overdue", "say": f"距结束已{number % 700}日", "value": str(number % 700)},
        ],
        "values": {"bail.person_name": f"张{number}"},
        "basis": ["刑事诉讼法 第七十三条", "公通字〔2022〕25号 第二十五条"],
        "evidence": [source_row(title, number, day) for title in ("取保候审决定", "保证金交纳", "案件结果")],
        "absent": [
            {
                "title": "保证金退还",
                "supplier": "江北区公安分局",
                "from": "2022-01-01",
                "to": "2025-06-30",
                "claim": "2025-06-30",
                "inferred": False,
            }
        ],
        "not_ruled_out": [{"title": "取保期间新罪暂扣", "why": "未提供取保期间新罪"}],
        "linked_by": [{"table": "保证金交纳", "sheet": "流水", "row": number + 2, "title": "按身份证号和时间"}],
        "notes": ["覆盖期按数据推定：保证金退还，2022-01-01至2025-06-30"],
        "innocent": ["退还决定或者银行退款已经办理，尚未登记入台账"],
        "verify": ["向开户银行调取专户及子账号流水，核对有无退款和余额"],
        "facts_hash": hash_text(f"facts {number}"),
        "decision": None,
    }


def source_row(title: str, number: int, day: int) -> dict[str, Any]:
    """A cited row of seven cells."""
    return {
        "table": title,
        "title": title,
        "file": f"data/{title}.xlsx",
        "sheet": "2024年",
        "row": number + 2,
        "cells": {
            name: {
                "title": heading,
                "address": f"{letter}{number + 2}",
                "raw": raw.format(number, day),
                "value": value.format(number, day),
            }
            for letter, (name, heading, raw, value) in zip("ABCDEFG", COLUMNS, strict=True)
        },
        "lit": ["ended_on", "amount"],
    }


def write_ours(path: Path, records: list[dict[str, Any]]) -> None:
    """The workbook as a run writes it."""
    line = RuleSummary(
        "bench", "对照", "not_refunded", "保证金应退未退", "clue", "V", len(records), 0, 0, len(records), 0, (),
        Decimal(0), False, "", (), ("刑事诉讼法 第七十三条",), (), (),
    )  # fmt: skip
    files = [FileLine("data/取保候审决定.xlsx", hash_text("file"), 1, len(records), "取保候审决定")]
    head = WorkbookInput(["对照"], date(2025, 6, 30), "", [line], files, [])
    write_workbook(path, head, records, [], [], [], [])


def recorded(path: Path, records: list[dict[str, Any]]) -> dict[str, list[Cell]]:
    """Every cell that ours writes, by sheet and in order."""
    sheets: dict[str, list[Cell]] = {}
    kinds = ("write_string", "write_number", "write_blank", "write_url")
    kept = {kind: getattr(Worksheet, kind) for kind in kinds}

    def listening(kind: str) -> Callable[..., Any]:
        def write(sheet: Any, row: int, column: int, value: Any, cell_format: Any = None, text: str = "") -> Any:
            sheets.setdefault(sheet.name, []).append((row, column, kind, value, cell_format, text))
            return kept[kind](sheet, row, column, value, cell_format, *([text] if text else []))

        return write

    for kind in kinds:
        setattr(Worksheet, kind, listening(kind))
    try:
        write_ours(path, records)
    finally:
        for kind in kinds:
            setattr(Worksheet, kind, kept[kind])
    return sheets


def write_bare(path: Path, sheets: dict[str, list[Cell]]) -> None:
    """The same cells by XlsxWriter alone, in constant memory, with formats of the same number and look."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    look = {"font_name": "宋体", "font_size": 10, "text_wrap": True, "border": 1}
    formats: dict[int, Any] = {}
    for name, cells in sheets.items():
        sheet = book.add_worksheet(name)
        for row, column, kind, value, cell_format, text in cells:
            style = formats.get(id(cell_format))
            if style is None:
                style = formats[id(cell_format)] = book.add_format(look)
            if kind == "write_string":
                sheet.write_string(row, column, value, style)
            elif kind == "write_number":
                sheet.write_number(row, column, value, style)
            elif kind == "write_url":
                sheet.write_url(row, column, value, style, text)
            else:
                sheet.write_blank(row, column, None, style)
    book.close()


if __name__ == "__main__":
    main()
