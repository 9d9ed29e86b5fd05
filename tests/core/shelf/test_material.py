"""The draft of an application for listing: filled where the model knows, marked where only people do."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from docx.shared import Pt

from jianheng.core import api
from jianheng.core.pack.strict_yaml import read_yaml
from jianheng.core.shelf.backtest_file import Backtest, parse_backtest
from jianheng.core.shelf.likeness import LikeModel, LikeRules
from jianheng.core.shelf.listing import BLANK, listing_of
from jianheng.core.shelf.material import Application, Block, Grid, Heading, Paragraph, write_material
from jianheng.core.shelf.material_docx import to_docx
from tests.cli.conftest import MODEL
from tests.core.shelf.author import NAME, Author

README = """\
# 试验模型

**发现什么**：执行迟延。

| 表 | 由谁提供 |
| --- | --- |
| 取保候审决定 | 公安 |

- 一行
"""


def application(author: Author, text: str = MODEL, like: Sequence[LikeModel] = (), **replayed: object) -> Application:
    folder = author.write(text, readme=README)
    author.answer(folder)
    (model,) = api.load_models(author.home, [str(folder)], api.load_lexicon(author.home))
    file = author.replay(folder, **replayed)
    backtest: Backtest = parse_backtest(file.read_bytes(), str(file))
    listing = listing_of(read_yaml(folder / "listing.yaml"), model.spec)
    return Application(model, 2, listing, backtest, like, NAME, author.key.fingerprint, "a.zip", "sha256:0")


def lines_of(blocks: list[Block]) -> list[str]:
    """All text, a table row being one line."""
    found = []
    for block in blocks:
        found += ["｜".join(row) for row in block.rows] if isinstance(block, Grid) else [block.text]
    return found


def under(blocks: list[Block], title: str) -> list[str]:
    """What stands under the heading that ends with ``title``, up to the next of its level."""
    starts = [number for number, one in enumerate(blocks) if isinstance(one, Heading) and one.text.endswith(title)]
    after = [number for number, one in enumerate(blocks) if isinstance(one, Heading) and one.level == 1]
    end = next((number for number in after if number > starts[0]), len(blocks))
    return lines_of(blocks[starts[0] + 1 : end])


def test_it_has_every_part_that_is_asked_for(author: Author) -> None:
    titles = [one.text for one in write_material(application(author)) if isinstance(one, Heading) and one.level < 2]
    assert titles == [
        "试验模型上架申请材料（草稿）",
        "一、问题来源",
        "二、监督点",
        "三、建模必要性",
        "四、数据来源与获取方式",
        "五、技术可行性",
        "六、规则说明",
        "七、验证情况",
        "八、可复制性",
        "九、数据安全",
        "附：模型说明",
    ]


def test_what_the_model_knows_is_filled_in(author: Author) -> None:
    blocks = write_material(application(author))
    assert f"取保候审决定｜决定书文号、姓名、执行机关、决定日期、执行日期｜{BLANK}｜{BLANK}｜{BLANK}" in under(
        blocks, "数据来源与获取方式"
    )
    rules = under(blocks, "规则说明")
    assert "刑事诉讼法 第七十三条（自2018-10-26施行）" in rules
    assert "迟延若干日：从决定日期到执行日期的天数大于最少天数" in rules
    assert "1. 核对执行通知书" in rules
    assert "最少天数｜3日｜试验用" in under(blocks, "可复制性")
    assert "取保候审决定｜姓名｜个人信息" in under(blocks, "数据安全")


def test_the_answers_to_the_gates_stand_with_who_gave_them_and_when(author: Author) -> None:
    blocks = write_material(application(author))
    for gate in ("建模必要性", "技术可行性", "验证情况"):
        lines = under(blocks, gate)
        assert sum(line.endswith("问已经研究并记录") for line in lines) == 2
        assert "答复人：已经研究并记录。日期：2026-02-01。" in lines


def test_models_that_resemble_it_are_named_under_necessity(author: Author) -> None:
    none = under(write_material(application(author)), "建模必要性")
    assert "没有所用的表完全相同的，也没有一半以上条件相同的规则。" in none
    pair = LikeRules("late", "迟延", "slow", "迟缓", False, ("甲",), ("乙",), ())
    like = LikeModel("twin", "另一个模型", ("取保候审决定",), True, (pair,))
    lines = under(write_material(application(author, like=[like])), "建模必要性")
    assert lines[-2:] == ["另一个模型（twin），所用的表完全相同", "规则「迟延」与「迟缓」部分条件相同：甲"]


def test_what_only_people_know_is_a_marked_blank(author: Author) -> None:
    blocks = write_material(application(author))
    assert any(line.startswith("已在哪些单位试用") and line.endswith(BLANK) for line in under(blocks, "可复制性"))
    assert sum(line.endswith(BLANK) for line in under(blocks, "数据安全")) == 5
    assert "不是官方格式" in lines_of(blocks)[1]


@pytest.mark.parametrize(
    ("confirmed", "line"),
    [
        ({"checked": 30, "true": 27}, "线索属实率：经核查的线索中属实的 27/30（90%，95%区间74%～97%）。"),
        ({"checked": 5, "true": 5}, "线索属实率：经核查的线索中属实的 5/5（样本过少，不作判断）。"),
        (None, f"线索属实率：还没有经过核查的线索。{BLANK}"),
        ({"checked": 0, "true": 0}, f"线索属实率：还没有经过核查的线索。{BLANK}"),
    ],
)
def test_a_share_has_its_interval_and_too_few_say_nothing(confirmed: object, line: str, author: Author) -> None:
    assert line in under(write_material(application(author, confirmed=confirmed)), "验证情况")


def test_the_weeks_that_were_replayed_are_a_table_of_what_was_counted(author: Author) -> None:
    assert under(write_material(application(author)), "验证情况")[2:4] == [
        "基准日｜线索｜新增｜数据不足｜未发现异常",
        "2026-01-05｜3｜3｜1｜40",
    ]
    bare = application(author, weeks=[{"as_of": "2026-01-05", "clues": 3}, {"as_of": "2026-01-12", "clues": 4}])
    assert under(write_material(bare), "验证情况")[2:5] == ["基准日｜线索", "2026-01-05｜3", "2026-01-12｜4"]


def test_the_page_for_the_prosecutor_comes_along_with_its_tables(author: Author) -> None:
    assert under(write_material(application(author)), "附：模型说明") == [
        "试验模型",
        "发现什么：执行迟延。",
        "表｜由谁提供",
        "取保候审决定｜公安",
        "- 一行",
    ]


def test_the_document_opens_and_says_the_same_its_blanks_in_red(author: Author) -> None:
    blocks = write_material(application(author))
    data = to_docx(blocks, title="申请", author=NAME, on=date(2026, 2, 1))
    paper = Document(io.BytesIO(data))
    said = [line.text for line in paper.paragraphs if line.text]
    assert said == [block.text for block in blocks if isinstance(block, (Heading, Paragraph)) and block.text]
    cells = [tuple(cell.text for cell in row.cells) for table in paper.tables for row in table.rows]
    assert cells == [row for block in blocks if isinstance(block, Grid) for row in block.rows]
    runs = [run for line in paper.paragraphs for run in line.runs]
    red = [run for run in runs if run.font.color.rgb is not None and str(run.font.color.rgb) == "C00000"]
    assert red and {run.text for run in red} == {BLANK}
    assert (paper.core_properties.author, paper.core_properties.created.date()) == (NAME, date(2026, 2, 1))  # type: ignore[union-attr]


def test_it_is_laid_out_as_official_papers_are(author: Author) -> None:
    blocks = write_material(application(author))
    paper = Document(io.BytesIO(to_docx(blocks, title="申请", author=NAME, on=date(2026, 2, 1))))
    (page,) = paper.sections
    sides = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    assert [round(side.mm) for side in sides if side is not None] == [37, 35, 28, 26]
    assert "PAGE" in page.footer.paragraphs[0]._p.xml
    body = paper.styles["Normal"]
    assert (body.font.size, body.paragraph_format.line_spacing) == (Pt(16), Pt(28))
    assert 'w:eastAsia="仿宋"' in body.element.xml
    first = paper.paragraphs[1]
    assert (first.style.name, first.paragraph_format.first_line_indent) == ("Normal", Pt(32))  # type: ignore[union-attr]
    for table in paper.tables:
        widths = [cell.width for cell in table.rows[0].cells]
        assert sum(width.mm for width in widths if width) <= 210 - 28 - 26 + 0.1
        assert "w:tblHeader" in table.rows[0]._tr.xml, "the headings stand on every page"
        assert all("w:cantSplit" in row._tr.xml for row in table.rows), "no row is broken over two pages"


def test_characters_that_no_document_can_hold_are_left_out() -> None:
    data = to_docx([Paragraph("甲\x0b\x00乙")], title="", author="", on=date(2026, 2, 1))
    assert [line.text for line in Document(io.BytesIO(data)).paragraphs] == ["甲乙"]


def test_the_draft_lies_beside_the_package_and_one_that_was_filled_in_is_left_alone(author: Author) -> None:
    archive = author.send()
    (draft,) = archive.parent.glob("*.docx")
    assert draft.name == "deposits-1.0.0-上架申请材料.docx"
    draft.write_bytes(b"filled in")
    author.package(author.folder / "deposits", Path(author.folder / "deposits-backtest.json"))
    assert draft.read_bytes() == b"filled in"
