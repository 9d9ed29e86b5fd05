"""Blocks as a Word document on A4 that WPS and Word open and people go on writing in."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime

from docx import Document
from docx.document import Document as Paper
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph as Line

from jianheng.core.shelf.listing import BLANK
from jianheng.core.shelf.material import Block, Grid, Heading

_SONG, _HEI = "宋体", "黑体"
_SIZES = {0: 20, 1: 15, 2: 12}


def to_docx(blocks: Sequence[Block], *, title: str, author: str, on: date) -> bytes:
    """The document; ``on`` is the day it says it was written."""
    paper = Document()
    _lay_out(paper)
    for block in blocks:
        if isinstance(block, Heading):
            _fonts(paper.add_heading(_clean(block.text), block.level), _HEI, _SIZES[block.level])
        elif isinstance(block, Grid):
            _grid(paper, block)
        else:
            line = paper.add_paragraph()
            _write(line, block.text)
            if block.indent:
                line.paragraph_format.left_indent = Cm(0.75)
    properties = paper.core_properties
    properties.title, properties.author, properties.last_modified_by, properties.comments = title, author, author, ""
    properties.created = properties.modified = datetime(on.year, on.month, on.day)
    stream = io.BytesIO()
    paper.save(stream)
    return stream.getvalue()


def _lay_out(paper: Paper) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)
    normal = paper.styles["Normal"]
    normal.font.name, normal.font.size = _SONG, Pt(12)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _SONG)


def _fonts(line: Line, name: str, size: int) -> None:
    for run in line.runs:
        run.font.name, run.font.size, run.font.color.rgb = name, Pt(size), RGBColor(0, 0, 0)
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _grid(paper: Paper, grid: Grid) -> None:
    table = paper.add_table(rows=0, cols=len(grid.rows[0]), style="Table Grid")
    for number, row in enumerate(grid.rows):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            _write(cell.paragraphs[0], text, bold=number == 0, size=10)
    paper.add_paragraph()


def _write(line: Line, text: str, *, bold: bool = False, size: int | None = None) -> None:
    """``text`` with its blanks in red."""
    for number, part in enumerate(_clean(text).split(BLANK)):
        for piece, is_blank in ((BLANK, True),) * bool(number) + ((part, False),):
            run = line.add_run(piece)
            run.bold = bold
            if size:
                run.font.size = Pt(size)
            if is_blank:
                run.font.color.rgb = RGBColor(0xC0, 0, 0)


def _clean(text: str) -> str:
    """Without the characters that no document can hold."""
    return "".join(one for one in text if one.isprintable() or one in "\n\t")
