"""What people have concluded before: of clues (a clues.xlsx with its outcomes filled in), or a list made by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from jianheng.core.fields.masking import mask_text
from jianheng.core.foundation.errors import DataProblem, Problem, UsageProblem, raise_if_any
from jianheng.core.foundation.named_file import require_named_file
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.evidence import value_text
from jianheng.core.screening.previous import read_previous
from jianheng.core.screening.protection import hides_names
from jianheng.core.screening.workbook_input import OUTCOMES
from jianheng.core.screening.workbook_rule_sheet import ANSWER
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Column

TRUE, FALSE = "属实", "不属实"

_ANSWERS = (ANSWER, "结论", "处理结论")
_ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One subject of which it is known whether it was as suspected. ``hidden``: names are hidden as well as numbers.

    ``values``: columns and what stands in them; ``masked``: personal numbers are hidden. ``clue_id``, ``model`` and
    ``rule`` say which clue it was, empty in a list made by hand. ``told``: somebody wrote the outcome, so that it may
    count for and against (a list without outcomes holds confirmed subjects alone).
    """

    values: Mapping[str, str]
    outcome: str
    masked: bool = False
    clue_id: str = ""
    model: str = ""
    rule: str = ""
    told: bool = True
    hidden: bool = False


def read_conclusions(path: Path) -> list[Conclusion]:
    """The clues of an earlier clues.xlsx whose outcome is 属实 or 不属实. Raises as ``read_previous``."""
    return [
        Conclusion(clue.subject, clue.outcome, True, clue_id, clue.model, clue.rule, hidden=hides_names(clue.flags))
        for clue_id, clue in read_previous(path).items()
        if clue.outcome in (TRUE, FALSE)
    ]


def read_confirmed(path: Path, model: SupervisionModel) -> list[Conclusion]:
    """A list made by hand, csv or the first sheet of a workbook: its first row names columns of the model's tables.

    A column 核查结论 (or 结论) may say 属实 or 不属实; without it all are 属实. Raises UsageProblem (U425 nothing can
    be read, U426 no heading is known) and DataProblem (D331 a cell cannot be read, D332 an unknown outcome).
    """
    rows = _rows(path)
    if not rows:
        raise _unreadable(path, "是空的")
    columns = _columns(rows[0], model)
    answer = next((place for place, heading in enumerate(rows[0]) if heading in _ANSWERS), None)
    if not columns:
        known = "、".join(dict.fromkeys(column.title for _, column in _terms(model)))
        message = f"{path.name} 的第一行里没有认识的列：{'、'.join(filter(None, rows[0]))}。"
        hint = f"请用列名或者标题作表头，例如：{known[:60]}。"
        raise UsageProblem(Problem("U426", message, file=str(path), hint=hint))
    problems: list[Problem] = []
    found = list(_conclusions(path, rows[1:], columns, answer, model.lexicon, problems))
    raise_if_any(DataProblem, problems)
    return found


def _conclusions(
    path: Path,
    rows: Sequence[Sequence[str]],
    columns: Mapping[int, tuple[str, Column]],
    answer: int | None,
    lexicon: Lexicon,
    problems: list[Problem],
) -> Iterator[Conclusion]:
    for number, row in enumerate(rows, start=2):
        outcome = TRUE if answer is None else (row[answer] if answer < len(row) else "")
        if outcome and outcome not in OUTCOMES:
            hint = f"只能填写：{'、'.join(OUTCOMES)}。"
            problems.append(_fault("D332", path, number, f"不认识的核查结论「{outcome}」。", outcome, hint))
        values = {}
        for place, (name, column) in columns.items():
            text = row[place] if place < len(row) else ""
            reading = lexicon.read_cell(column, text)
            if reading.value is not None:
                values[name] = value_text(reading.value) or ""
            elif text:
                problems.append(
                    _fault("D331", path, number, f"「{column.title}」未能读取。", mask_text(text), reading.hint)
                )
        if values and outcome in (TRUE, FALSE):
            yield Conclusion(values, outcome, told=answer is not None)


def _fault(code: str, path: Path, line: int, message: str, seen: str, hint: str) -> Problem:
    return Problem(code, message, file=str(path), cell=f"第{line}行", seen=seen, hint=hint)


def _terms(model: SupervisionModel) -> Iterator[tuple[str, Column]]:
    for table in dict.fromkeys(model.spec.tables.values()):
        yield from model.lexicon.tables[table].columns.items()


def _columns(headings: Sequence[str], model: SupervisionModel) -> dict[int, tuple[str, Column]]:
    """Place -> the column that a heading names: by its name, its title, then by how offices call it."""
    terms = list(_terms(model))
    found = {}
    for place, heading in enumerate(headings):
        ways = (
            (one for one in terms if heading == one[0]),
            (one for one in terms if heading == one[1].title),
            (one for one in terms if heading in one[1].aliases),
        )
        known = next((one for way in ways for one in way), None) if heading else None
        if known:
            found[place] = known
    return found


def _rows(path: Path) -> list[list[str]]:
    require_named_file(path, "已属实对象的清单（csv 或者 xlsx）")
    if path.suffix.lower() in (".csv", ".txt"):
        rows: list[list[Any]] = list(csv.reader(io.StringIO(_decoded(path))))
    else:
        try:
            with CalamineWorkbook.from_path(str(path)) as book:
                rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
        except (CalamineError, OSError, IndexError) as error:
            raise _unreadable(path, "打不开") from error
    return [[_cell(cell) for cell in row] for row in rows if any(str(cell).strip() for cell in row)]


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unreadable(path, "编码看不懂")


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _unreadable(path: Path, why: str) -> UsageProblem:
    hint = "请给出 csv，或者第一张工作表是清单的 xlsx：第一行表头，每行一个对象。"
    return UsageProblem(Problem("U425", f"{path.name} {why}，读不出清单。", file=str(path), hint=hint))
