"""Blocks as a Word document that WPS and Word open and people go on writing in, laid out as official papers are.

Paper, margins, fonts and sizes follow the form of official papers (GB/T 9704-2012). What stands under a heading of the
second level, the details of rules and the page about the model, is set smaller: it is looked up, not read through.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import sqrt

from docx import Document
from docx.document import Document as Paper
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph as Line

from jianheng.core.shelf.listing import BLANK
from jianheng.core.shelf.material import Block, Grid, Heading, Paragraph

_LATIN = "Times New Roman"
_MARGINS = {"top": 37, "bottom": 35, "left": 28, "right": 26}
_TEXT_WIDTH = Mm(210 - 28 - 26)
_HEADINGS = {0: ("方正小标宋简体", 22, 34), 1: ("黑体", 16, 28), 2: ("楷体", 14, 24)}
"""Level -> font, size and height of a line in points."""
_SHORTEST, _LONGEST = 4, 40
"""Characters that count for a column of a table: not fewer, not more."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A kind of running text, in points."""

    style: str
    size: int
    line: int


_BODY = _Text("Normal", 16, 28)
_FINE = _Text("Details", 12, 21)
_CELL = _Text("Cells", 12, 18)


def to_docx(blocks: Sequence[Block], *, title: str, author: str, on: date) -> bytes:
    """The document; ``on`` is the day it says it was written."""
    paper = Document()
    _lay_out(paper)
    text = _BODY
    for block in blocks:
        if isinstance(block, Heading):
            paper.add_heading(_clean(block.text), block.level)
            text = _FINE if block.level > 1 else _BODY
        elif isinstance(block, Grid):
            _grid(paper, block)
        else:
            _line(paper, block, text)
    properties = paper.core_properties
    properties.title, properties.author, properties.last_modified_by, properties.comments = title, author, author, ""
    properties.created = properties.modified = datetime(on.year, on.month, on.day)
    stream = io.BytesIO()
    paper.save(stream)
    return stream.getvalue()


def _lay_out(paper: Paper) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for side, width in _MARGINS.items():
        setattr(section, f"{side}_margin", Mm(width))
    for text in (_BODY, _FINE, _CELL):
        style = paper.styles["Normal"] if text is _BODY else paper.styles.add_style(text.style, 1)
        _type(style, "仿宋", text.size, text.line)
    for level, (font, size, line) in _HEADINGS.items():
        style = paper.styles["Title" if level == 0 else f"Heading {level}"]
        _type(style, font, size, line, bold=level == 2)
        style.paragraph_format.space_before = Pt(0 if level == 0 else line / 2)
        style.paragraph_format.keep_with_next = True
        if level == 0:
            style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
            style.paragraph_format.space_after = Pt(line / 2)
            for rule in style.element.pPr.findall(qn("w:pBdr")):
                style.element.pPr.remove(rule)
    _page_number(section.footer.paragraphs[0])


def _type(style: ParagraphStyle, font: str, size: int, line: int, *, bold: bool = False) -> None:
    style.font.name, style.font.size, style.font.bold, style.font.italic = _LATIN, Pt(size), bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)  # a theme's font goes before the one that is named
    form = style.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
    form.space_before = form.space_after = Pt(0)


def _page_number(line: Line) -> None:
    """``— 1 —`` in the middle of the foot."""
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    line.add_run("— ").font.size = Pt(14)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    line._p.append(field)
    line.add_run(" —").font.size = Pt(14)


def _line(paper: Paper, block: Paragraph, text: _Text) -> None:
    line = paper.add_paragraph(style=text.style)
    _write(line, block.text, bold=block.lead)
    form, two_characters = line.paragraph_format, Pt(2 * text.size)
    form.keep_with_next = block.lead
    if text is _FINE:
        form.left_indent = two_characters if block.indent else Pt(0)
        form.space_before = Pt(6 if block.lead else 2)
    else:
        form.first_line_indent = two_characters
    form.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY


def _grid(paper: Paper, grid: Grid) -> None:
    table = paper.add_table(rows=0, cols=len(grid.rows[0]), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    widths = _widths(grid)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for number, texts in enumerate(grid.rows):
        row = table.add_row()
        _keep_whole(row, repeated=number == 0)
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width, cell.vertical_alignment = width, WD_CELL_VERTICAL_ALIGNMENT.CENTER
            _fill(cell, text, heading=number == 0)
    paper.add_paragraph(style=_CELL.style)


def _fill(cell: _Cell, text: str, *, heading: bool) -> None:
    line = cell.paragraphs[0]
    line.style = _CELL.style
    _write(line, text, bold=heading)
    form = line.paragraph_format
    form.space_before = form.space_after = Pt(4)
    if heading:
        form.alignment, form.keep_with_next = WD_ALIGN_PARAGRAPH.CENTER, True


def _keep_whole(row: _Row, *, repeated: bool) -> None:
    """No row is broken over two pages, and the headings stand on each."""
    properties = row._tr.get_or_add_trPr()
    for name in ("w:cantSplit", *(["w:tblHeader"] if repeated else [])):
        properties.append(OxmlElement(name))


def _widths(grid: Grid) -> list[Length]:
    """The width of the text shared out by the root of what stands in each column: words stay whole, texts get room."""
    longest = [
        max(len(text.encode("gb18030", "replace")) / 2 for text in column) for column in zip(*grid.rows, strict=True)
    ]
    shares = [sqrt(min(max(length, _SHORTEST), _LONGEST)) for length in longest]
    return [Length(int(_TEXT_WIDTH * share / sum(shares))) for share in shares]


def _write(line: Line, text: str, *, bold: bool = False) -> None:
    """``text`` with its blanks in red."""
    for number, part in enumerate(_clean(text).split(BLANK)):
        for piece, is_blank in ((BLANK, True),) * bool(number) + ((part, False),):
            run = line.add_run(piece)
            run.bold = bold
            if is_blank:
                run.font.color.rgb = RGBColor(0xC0, 0, 0)


def _clean(text: str) -> str:
    """Without the characters that no document can hold."""
    return "".join(one for one in text if one.isprintable() or one in "\n\t")
