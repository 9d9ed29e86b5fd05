"""``mapping.yaml``: which sheet is which table and which heading which column, where the headings alone do not say.

sheets:
  - file: 台账.xlsx            # name, or its last parts
    sheet: 2024年              # left out: every sheet
    table: deposit_refund      # left out: recognised as usual; skip: not read as any table
    header_row: 3              # or header_rows: [3, 4]; left out: looked for
    columns:                   # heading as it stands -> column; further columns by their usual headings
      退款额: amount
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jianheng.core.foundation.errors import PackProblem, Problem, raise_if_any
from jianheng.core.ingest.explain import unused_mapping
from jianheng.core.ingest.headings import heading_forms, known_forms
from jianheng.core.ingest.landed import LandedSheet, Landing
from jianheng.core.ingest.recognise import SKIP, Wish
from jianheng.core.ingest.wishes import Wishes
from jianheng.core.pack.strict_yaml import Document, read_yaml
from jianheng.core.pack.typed import Strict, did_you_mean, read_content
from jianheng.core.terms.lexicon import Lexicon


class SheetMapping(Strict):
    """One entry of the file."""

    file: str
    sheet: str | None = None
    table: str | None = None
    header_row: int | None = None
    header_rows: list[int] = []
    columns: dict[str, str] = {}

    def fits(self, name: str) -> bool:
        """Whether the entry speaks of the file called ``name`` (a path with "/")."""
        return name == self.file or name.endswith("/" + self.file)

    def covers(self, other: SheetMapping) -> bool:
        """Whether all sheets that ``other`` speaks of are spoken of here."""
        return self.fits(other.file) and self.sheet in (None, other.sheet)

    def wish(self) -> Wish:
        """The entry as recognising needs it."""
        rows = tuple(self.header_rows) or ((self.header_row,) if self.header_row else ())
        return Wish(self.table, rows, known_forms(self.columns.items()))


class _File(Strict):
    sheets: list[SheetMapping]


@dataclass(frozen=True, slots=True)
class Mapping:
    """The entries of one or several mapping files; of two files that speak of one sheet the first holds."""

    entries: tuple[SheetMapping, ...] = ()

    def wishes_for(self, name: str) -> Wishes:
        """What is said about the sheets of one file."""
        return Wishes(tuple((entry.sheet, entry.wish()) for entry in self.entries if entry.fits(name)))

    def unused(self, names: Sequence[str]) -> list[Problem]:
        """A note for every entry that speaks of a file that is not there."""
        return [unused_mapping(entry.file) for entry in self.entries if not any(entry.fits(name) for name in names)]


def read_mapping(path: Path, lexicon: Lexicon) -> Mapping:
    """Read one file. Raises PackProblem with file, line and column (P…; D130 table, D131 column, D132 header rows,
    D134 an entry that an earlier one leaves nothing to say)."""
    document = read_yaml(path)
    content = read_content(_File, document)
    problems: list[Problem] = []
    for index, entry in enumerate(content.sheets):
        problems += _check(index, entry, document, lexicon)
        problems += _check_earlier(index, content.sheets, document)
    raise_if_any(PackProblem, problems)
    return Mapping(tuple(content.sheets))


def _check(index: int, entry: SheetMapping, document: Document, lexicon: Lexicon) -> list[Problem]:
    place = ("sheets", index)
    problems = []
    if entry.table not in (None, SKIP) and entry.table not in lexicon.tables:
        hint = did_you_mean(str(entry.table), lexicon.tables)
        problems.append(document.problem("D130", (*place, "table"), f"没有表 {entry.table}。", hint))
    tables = [lexicon.tables[entry.table]] if entry.table in lexicon.tables else list(lexicon.tables.values())
    known = {column for table in tables for column in table.columns}
    for heading, column in entry.columns.items():
        if column not in known:
            message = f"「{heading}」所指的列 {column} 不存在。"
            problems.append(
                document.problem("D131", (*place, "columns", heading), message, did_you_mean(column, known))
            )
    rows = entry.header_rows or ([entry.header_row] if entry.header_row is not None else [])
    if any(row < 1 for row in rows) or rows != list(range(min(rows, default=0), max(rows, default=-1) + 1)):
        message = "表头行应从 1 数起并且相连，如 [3, 4]。"
        problems.append(document.problem("D132", (*place, "header_rows"), message))
    return problems


def _check_earlier(index: int, entries: Sequence[SheetMapping], document: Document) -> list[Problem]:
    """Of two entries for one sheet the second would be passed over in silence."""
    entry = entries[index]
    for earlier, other in enumerate(entries[:index]):
        if other.covers(entry):
            line, _ = document.place(("sheets", earlier))
            sheet = f"的工作表「{entry.sheet}」" if entry.sheet else ""
            message = f"{entry.file}{sheet}在第{line}行已经写过，两处不能都算。"
            hint = "请合并成一处；个别工作表的写在前面，其余工作表的写在后面。"
            return [document.problem("D134", ("sheets", index), message, hint)]
    return []


def unsure_sheets(landing: Landing) -> list[LandedSheet]:
    """The sheets with content whose table is not sure: they are left out until a mapping says what they are."""
    return [sheet for sheet in landing.sheets if sheet.table is None and sheet.counts["rejected"]]


def write_mapping_draft(landing: Landing, lexicon: Lexicon | None = None) -> str:
    """The text of a ``mapping.yaml`` to complete, for the sheets whose table is not sure; "" if there are none.

    With ``lexicon``, headings nobody knows get the nearest ones as a remark: suggestions for a person, never applied.
    """
    names = {file.number: file.name for file in landing.files}
    unsure = unsure_sheets(landing)
    if not unsure:
        return ""
    lines = [
        "# 以下工作表没有认出或不能确定。请填写 table 和 columns，不需要的写 table: skip，然后重新导入。",
        "sheets:",
    ]
    for sheet in unsure:
        lines += _draft(sheet, names[sheet.file], lexicon)
    return "\n".join(lines) + "\n"


def _draft(sheet: LandedSheet, file: str, lexicon: Lexicon | None) -> list[str]:
    lines = [f"  - file: {_quoted(file)}"]
    if sheet.sheet:
        lines.append(f"    sheet: {_quoted(sheet.sheet)}")
    for candidate in sheet.candidates:
        missing = f"，缺 {'、'.join(candidate.missing)}" if candidate.missing else ""
        lines.append(f"    # 可能是 {candidate.table}：相符 {candidate.score} 列{missing}")
    lines.append("    table: skip")
    if sheet.header_rows:
        lines.append(f"    header_rows: [{', '.join(map(str, sheet.header_rows))}]")
    if sheet.unmapped:
        lines.append("    # 需要时把下面的行去掉 # 并改成对应的列：")
        lines.append("    # columns:")
        for heading in sheet.unmapped:
            lines.append(f"    #   {_quoted(heading.text)}: {_suggestion(sheet, heading.text, lexicon)}")
    return lines


def _suggestion(sheet: LandedSheet, heading: str, lexicon: Lexicon | None) -> str:
    table = lexicon.tables.get(sheet.candidates[0].table) if lexicon and sheet.candidates else None
    if table is None:
        return ""
    columns = known_forms(table.headings())
    own = heading_forms(heading)
    return next((columns[form] for form in own if form in columns), "") or did_you_mean(own[-1], columns)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
