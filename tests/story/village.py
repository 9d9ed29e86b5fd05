"""A village of six bails whose every verdict is known by heart, as workbooks of its agencies; and how to screen it."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from jianheng.core import api

AS_OF = date(2025, 6, 30)
STARTED = datetime(2026, 1, 1, 9, 0)
POLICE = "示例市公安局江北分局"
PROCURATORATE = "示例市江北区人民检察院"
DISTRICT = "示例市江北区"
ACCOUNT = "800000000000012345"

Row = dict[str, str]


def identity(number: int) -> str:
    """A resident id of a place that does not exist, with a right check digit, born on 1990-01-``number``."""
    digits = f"995000199001{number:02d}001"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(a) * b for a, b in zip(digits, weights, strict=True)) % 11]


def bail_no(number: int) -> str:
    """The number of a bail in normal form."""
    return f"示公（刑）取保字〔2024〕{number}号"


def bail(number: int, name: str, start: str, end: str = "", **more: str) -> Row:
    """A decision of the police with a deposit of 5,000 yuan."""
    row = {
        "决定书文号": bail_no(number),
        "案件编号": f"A99010000202401{number:04d}",
        "姓名": name,
        "身份证号": identity(number),
        "所属地区": DISTRICT,
        "决定机关": POLICE,
        "执行机关": POLICE,
        "决定日期": start,
        "执行日期": start,
        "期限届满日期": "",
        "解除决定日期": "",
        "结束日期": end,
        "结束原因": "解除取保候审" if end else "",
        "保证方式": "保证金",
        "保证金数额": "5000",
        "前次决定书文号": "",
    }
    return row | more


def payment(number: int, day: str, amount: str = "5000", **more: str) -> Row:
    """A deposit paid into the special account under the number of the decision."""
    row = {
        "决定书文号": bail_no(number),
        "交纳日期": day,
        "交纳金额": amount,
        "收款账号": ACCOUNT,
        "收款户名": f"{POLICE}取保候审保证金专户",
        "交纳方式": "银行转账",
        "票据号": f"P{number:05d}",
        "姓名": "",
        "身份证号": "",
    }
    return row | more


def refund(number: int, day: str, amount: str = "5000") -> Row:
    """A deposit decided on, notified and paid back on one day."""
    return {
        "决定书文号": bail_no(number),
        "退还决定日期": day,
        "通知银行日期": day,
        "退款日期": day,
        "退还金额": amount,
        "收款人": "本人",
    }


@dataclass
class Table:
    """One table in one workbook."""

    file: str
    sheet: str
    rows: list[Row]

    def write(self, folder: Path) -> None:
        book = xlsxwriter.Workbook(folder / self.file)
        book.set_properties({"created": datetime(2025, 7, 1)})  # the same bytes whenever it is written
        sheet = book.add_worksheet(self.sheet)
        for column, heading in enumerate(self.rows[0]):
            sheet.write_string(0, column, heading)
            for line, row in enumerate(self.rows, start=1):
                if row[heading]:
                    sheet.write_string(line, column, row[heading])
        book.close()


class TextTable(Table):
    """One table in one csv file."""

    def write(self, folder: Path) -> None:
        with (folder / self.file).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)


def village() -> dict[str, Table]:
    """Six bails: 1 not refunded, 2 in order, 3 not released (and over twelve months), 4 paid too little, 5 too small a
    deposit by a procuratorate, 6 confiscated without ground. The payment of 1 bears no number."""
    return {
        "bail": Table(
            "取保台账.xlsx",
            "2024年",
            [
                bail(1, "张三", "2024-04-01", "2024-11-01"),
                bail(2, "李四", "2024-04-02", "2024-10-02"),
                bail(3, "王五", "2024-01-10", 保证金数额="2000"),
                bail(4, "赵六", "2025-03-01"),
                bail(5, "钱七", "2025-02-01", 决定机关=PROCURATORATE, 保证金数额="800"),
                bail(6, "孙八", "2025-01-15"),
            ],
        ),
        "payment": Table(
            "银行收款.xlsx",
            "明细",
            [
                payment(1, "2024-04-02", 决定书文号="", 姓名="张三", 身份证号=identity(1)),
                payment(2, "2024-04-02"),
                payment(3, "2024-01-10", "2000"),
                payment(4, "2025-03-02", "3000"),
                payment(5, "2025-02-01", "800"),
                payment(6, "2025-01-15"),
            ],
        ),
        "refund": Table("银行退款.xlsx", "明细", [refund(2, "2024-10-02")]),
        "taken": Table(
            "没收台账.xlsx",
            "2025年",
            [
                {
                    "决定书文号": bail_no(6),
                    "没收决定日期": "2025-04-01",
                    "没收决定机关": POLICE,
                    "批准层级": "县级公安机关负责人",
                    "没收事由": "未退赃退赔",
                    "没收金额": "5000",
                    "宣读日期": "2025-04-02",
                    "复议复核结果": "",
                    "上缴国库日期": "",
                }
            ],
        ),
        "account": Table(
            "专户名录.xlsx",
            "名录",
            [
                {
                    "所属地区": DISTRICT,
                    "开户银行": "示例银行",
                    "专户账号": ACCOUNT,
                    "子账号前缀": "",
                    "户名": f"{POLICE}取保候审保证金专户",
                    "启用日期": "2020-01-01",
                    "停用日期": "",
                }
            ],
        ),
        "offence": Table(
            "新罪登记.xlsx",
            "登记",
            [{"身份证号": identity(28), "立案日期": "2024-06-01", "主观方面": "故意", "处理结果": ""}],
        ),
    }


#: What is true of the village: (rule, number of the bail).
TRUE = {
    ("not_refunded", 1),
    ("not_released", 3),
    ("over_twelve_months", 3),
    ("paid_amount_differs", 4),
    ("amount_below_minimum", 5),
    ("confiscation_without_ground", 6),
}

COVERAGE = "".join(
    f"{table}: {{from: 2015-01-01, to: 2025-06-30, supplier: {supplier}}}\n"
    for table, supplier in {
        "bail_decision": "江北分局",
        "deposit_payment": "示例银行",
        "deposit_refund": "示例银行",
        "deposit_confiscation": "江北分局",
        "special_account": "示例银行",
        "new_offence": "江北分局",
    }.items()
)


@dataclass
class Place:
    """A folder with data, a home and results. ``home`` stands for a machine."""

    folder: Path
    tables: dict[str, Table] = field(default_factory=village)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def home(self) -> api.Home:
        return api.Home(self.folder / "home")

    @property
    def coverage(self) -> Path:
        return self.folder / "coverage.yaml"

    def write(self) -> Place:
        """Write the workbooks as they are to be now; files that are no longer wanted go."""
        self.data.mkdir(parents=True, exist_ok=True)
        for file in self.data.iterdir():
            file.unlink()
        for table in self.tables.values():
            table.write(self.data)
        self.coverage.write_text(COVERAGE, encoding="utf-8")
        return self

    def changed(self, folder: Path) -> Place:
        """The same village somewhere else, to be changed there."""
        return Place(folder, deepcopy(self.tables))

    def screen(self, **wishes: Any) -> list[dict[str, Any]]:
        """Screen with the shipped model; the clues and conflicts."""
        self.report = api.screen(
            self.home,
            ["bail_deposit"],
            wishes.pop("data", [self.data]),
            as_of=AS_OF,
            out=wishes.pop("out", self.out),
            started_at=STARTED,
            progress=api.Silent(),
            coverage=wishes.pop("coverage", self.coverage),
            **wishes,
        )
        return records(self.report.out / "clues.jsonl")

    def screen_with(self, model: str, out: str = "out", **wishes: Any) -> Path:
        """Screen with a trial model, whose ``model.yaml`` is ``model``, into the folder ``out`` of the place."""
        folder = self.folder / "models" / "trial"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.yaml").write_text(model, encoding="utf-8")
        self.report = api.screen(
            self.home,
            [str(folder)],
            [self.data],
            as_of=AS_OF,
            out=self.folder / out,
            started_at=STARTED,
            progress=api.Silent(),
            **wishes,
        )
        return self.report.out

    def verify(self, clues: Path, **wishes: Any) -> api.VerifyReport:
        """Verify the clues of somewhere with the files here, on the machine here."""
        return api.verify(self.home, clues, [self.data], progress=api.Silent(), **wishes)


def records(path: Path) -> list[dict[str, Any]]:
    """The records of a jsonl file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def pairs(clues: Sequence[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """Rule and bail of each clue."""
    return {(clue["rule"], clue["subject"]["bail_no"]) for clue in clues}


def identities(clues: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """clue id -> facts_hash."""
    return {clue["clue_id"]: clue["facts_hash"] for clue in clues}
