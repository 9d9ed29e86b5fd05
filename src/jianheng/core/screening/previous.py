"""A clues.xlsx in which people have written what they found out, read back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from jianheng.core.foundation.errors import DataProblem, Problem, UsageProblem, raise_if_any
from jianheng.core.screening.protection import PROTECTED, flags_titled
from jianheng.core.screening.workbook_book import OVERVIEW
from jianheng.core.screening.workbook_input import OUTCOMES
from jianheng.core.screening.workbook_overview import MARK
from jianheng.core.screening.workbook_rule_sheet import ANSWER, ANSWER_NOTE, CLUE_ID, FACTS, RULE, SUBJECT

_NEEDED = (CLUE_ID, FACTS, RULE, SUBJECT, ANSWER, ANSWER_NOTE)
_HASH = re.compile(r"[a-z0-9]+:[0-9a-f]{16,}")
_AGAIN = "请用原来的 clues.xlsx 重新填写，不要改动表头和右侧编号各栏。"


@dataclass(frozen=True, slots=True)
class PreviousClue:
    """A clue of an earlier run. ``rule`` is the rule's id; ``subject`` as in the workbook, personal numbers masked.

    ``flags``: what it was flagged as (see ``protection``). ``outcome`` is one of 属实, 不属实, 证据不足待补, 暂缓,
    or empty while nobody has decided.
    """

    facts_hash: str
    rule: str
    subject: Mapping[str, str]
    outcome: str
    note: str
    model: str = ""
    flags: tuple[str, ...] = ()


def read_previous(path: Path) -> dict[str, PreviousClue]:
    """The clues of an earlier clues.xlsx by clue id, in the order of its sheets.

    Raises UsageProblem (U121 no such file, U122 not a workbook, U123 not a workbook of ours) and DataProblem with every
    row that cannot be understood (D321 a heading is gone, D322 an unknown outcome, D323 a damaged number, D324 one clue
    decided in two ways).
    """
    found: dict[str, PreviousClue] = {}
    problems: list[Problem] = []
    ours = False
    for sheet, rows in _sheets(path):
        if sheet == OVERVIEW and rows and str(rows[0][0]).startswith(MARK):
            ours = True
        top = _headings(rows)
        if top is None:
            continue
        ours = True
        _read_sheet(path, sheet, rows, top, found, problems)
    if not ours:
        message = f"{path.name} 不是本程序写出的 clues.xlsx：没有「{CLUE_ID}」「{FACTS}」两栏。"
        raise UsageProblem(
            Problem("U123", message, file=str(path), hint="请提供前次筛查写出并已填写核查结论的 clues.xlsx。")
        )
    raise_if_any(DataProblem, problems)
    return found


def _sheets(path: Path) -> Iterator[tuple[str, list[list[Any]]]]:
    if not path.is_file():
        raise UsageProblem(Problem("U121", f"没有找到前次结果 {path}。", file=str(path)))
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            for name in book.sheet_names:
                yield name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        problem = Problem(
            "U122",
            f"{path.name} 打不开，可能已损坏、加了密码，或者不是 Excel 工作簿。",
            file=str(path),
            hint="请在 Excel 或 WPS 中打开，去掉密码后另存为 xlsx。",
        )
        raise UsageProblem(problem) from error


def _headings(rows: Sequence[Sequence[Any]]) -> int | None:
    """The number of the row of headings; None on a sheet without clues."""
    for number, row in enumerate(rows):
        if CLUE_ID in row and FACTS in row:
            return number
    return None


def _read_sheet(
    path: Path,
    sheet: str,
    rows: Sequence[Sequence[Any]],
    top: int,
    found: dict[str, PreviousClue],
    problems: list[Problem],
) -> None:
    headings = list(rows[top])
    lacking = [title for title in _NEEDED if title not in headings]
    if lacking:
        message = f"工作表缺少「{'」「'.join(lacking)}」栏。"
        problems.append(Problem("D321", message, file=str(path), sheet=sheet, hint=_AGAIN))
        return
    places = [headings.index(title) for title in (*_NEEDED, PROTECTED) if title in headings]
    for number, row in enumerate(rows[top + 1 :], start=top + 2):
        cells = [_text(row[place]) if place < len(row) else "" for place in places]
        problem = _take(cells, found)
        if problem:
            code, message, seen, hint = problem
            cell = f"第{number}行"
            problems.append(Problem(code, message, file=str(path), sheet=sheet, cell=cell, seen=seen, hint=hint))


def _take(cells: Sequence[str], found: dict[str, PreviousClue]) -> tuple[str, str, str, str] | None:
    """Take one row in; or what is wrong with it: code, message, what was seen, what to do."""
    clue_id, facts, rule, subject_text, outcome, note, *protected = cells
    if not clue_id and not outcome:
        return None  # a line somebody added for himself
    subject = _subject(subject_text)
    if not _HASH.fullmatch(clue_id) or not _HASH.fullmatch(facts) or "/" not in rule or subject is None:
        return "D323", "编号各栏已改动或者缺失，无法知道是哪一条线索。", clue_id, _AGAIN
    if outcome and outcome not in OUTCOMES:
        return "D322", f"不认识的核查结论「{outcome}」。", outcome, f"只能填写：{'、'.join(OUTCOMES)}。"
    model, _, rule_id = rule.partition("/")
    clue = PreviousClue(facts, rule_id, subject, outcome, note, model, flags_titled("".join(protected)))
    known = found.get(clue_id)
    if known and known.outcome and outcome and known.outcome != outcome:
        return "D324", f"同一条线索有两个核查结论：{known.outcome}、{outcome}。", outcome, "请只保留一个。"
    if known is None or not known.outcome:
        found[clue_id] = clue
    return None


def _subject(text: str) -> dict[str, str] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return {str(key): str(part) for key, part in value.items()} if isinstance(value, dict) else None


def _text(value: Any) -> str:
    return str(value).strip()
