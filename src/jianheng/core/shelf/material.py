"""The draft of an application for listing (上架申请材料): what the model knows, and blanks for what only people know.

The headings are those that such applications are asked for; no official form was found, and the draft says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from jianheng.core.appraisal.proportion import Proportion
from jianheng.core.model.explain import explain_model, explain_rule
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.shelf.backtest_file import Backtest
from jianheng.core.shelf.likeness import LikeModel
from jianheng.core.shelf.listing import BLANK, GATES, Listing

_LINES = {
    "criminal": "刑事",
    "civil": "民事",
    "administrative": "行政",
    "public_interest": "公益诉讼",
    "management": "管理",
}
_COUNTS = (("clues", "线索"), ("new", "新增"), ("cannot_tell", "数据不足"), ("clean", "未发现异常"))
_MOST_DAYS = 60


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``lead``: it says what the lines after it are of; ``indent``: such a line."""

    text: str
    indent: bool = False
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; the first row is its heading."""

    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Grid


@dataclass(frozen=True, slots=True)
class Application:
    """All that goes into the draft. ``cases`` worked cases have passed; ``archive`` is the file it goes with."""

    model: SupervisionModel
    cases: int
    listing: Listing
    backtest: Backtest
    like: Sequence[LikeModel]
    office: str
    fingerprint: str
    archive: str
    digest: str


def write_material(application: Application) -> list[Block]:
    """The draft, from top to bottom."""
    parts: tuple[tuple[str, Callable[[Application], Iterator[Block]]], ...] = (
        ("问题来源", _source),
        ("监督点", _point),
        (GATES["necessity"], _necessity),
        ("数据来源与获取方式", _data),
        (GATES["feasibility"], _feasibility),
        ("规则说明", _rules),
        ("验证情况", _verification),
        ("可复制性", _reuse),
        ("数据安全", _safety),
    )
    blocks: list[Block] = [Heading(0, f"{application.model.spec.title}上架申请材料（草稿）"), *_head(application)]
    numbers = "一二三四五六七八九"
    for number, (title, write) in zip(numbers, parts, strict=True):
        blocks += [Heading(1, f"{number}、{title}"), *write(application)]
    return [*blocks, Heading(1, "附：模型说明"), *_readme(application.model)]


def _head(one: Application) -> Iterator[Block]:
    yield Paragraph(
        f"本稿由程序按模型的内容写成，标有{BLANK}的由申报单位填写。各项标题按通常的申报内容排列，不是官方格式，"
        "以模型管理平台和上级院的要求为准。本稿不能代替正式公文。"
    )
    spec = one.model.spec
    yield Grid(
        (
            ("项目", "内容"),
            ("模型名称", spec.title),
            ("编号和版本", f"{spec.id} {spec.version}"),
            ("条线", _LINES[spec.line]),
            ("申报单位", one.office),
            ("联系人和电话", BLANK),
            ("模型包", one.archive),
            ("模型包的哈希", one.digest),
            ("签名公钥指纹", one.fingerprint),
        )
    )


def _source(one: Application) -> Iterator[Block]:
    yield Paragraph(one.listing.problem_source)


def _point(one: Application) -> Iterator[Block]:
    yield Paragraph(one.listing.supervision_point)
    yield Paragraph("".join(one.model.spec.summary.split()))


def _necessity(one: Application) -> Iterator[Block]:
    yield from _gate(one, "necessity")
    yield Paragraph("程序按表和条件与本院装有的其他模型比较（不管怎样起名，不比较参数的值）：", lead=True)
    if not one.like:
        yield Paragraph("没有所用的表完全相同的，也没有一半以上条件相同的规则。", indent=True)
    for like in one.like:
        tables = "所用的表完全相同" if like.same_tables else f"共用的表：{'、'.join(like.tables)}"
        yield Paragraph(f"{like.title}（{like.id}），{tables}", indent=True)
        for pair in like.rules:
            how = "条件完全相同" if pair.same else f"部分条件相同：{'；'.join(pair.shared)}"
            yield Paragraph(f"规则「{pair.title}」与「{pair.other_title}」{how}", indent=True)


def _feasibility(one: Application) -> Iterator[Block]:
    yield from _gate(one, "feasibility")


def _gate(one: Application, name: str) -> Iterator[Block]:
    """The recorded answers of one gate of listing review."""
    gate = one.listing.gate(name)
    for answer in gate.answers:
        yield Paragraph(answer.question, lead=True)
        yield Paragraph(answer.answer, indent=True)
    yield Paragraph(f"答复人：{gate.answered_by.rstrip('。')}。日期：{gate.answered_on.isoformat()}。")


def _data(one: Application) -> Iterator[Block]:
    model = one.model
    rows = [("表", "用到的列", "提供单位", "取得的依据和方式", "覆盖的时间和地区")]
    for table in explain_model(model).tables:
        columns = "、".join(table["columns"]) or "用于关联"
        rows.append((table["title"], columns, BLANK, BLANK, BLANK))
    yield Grid(tuple(rows))
    yield Paragraph("各表通常由谁提供、没有时怎样，见附后的模型说明。")


def _rules(one: Application) -> Iterator[Block]:
    for rule in one.model.spec.rules:
        page = explain_rule(one.model, rule)
        yield Heading(2, page.title)
        for section in page.sections:
            yield Paragraph(f"{section.title}：", lead=True)
            yield from (Paragraph(line.strip(), indent=True) for line in section.lines)


def _verification(one: Application) -> Iterator[Block]:
    yield Paragraph(f"用例：{one.cases}个，打包时全部通过；每条规则都有命中和不命中的用例。")
    days = one.backtest.as_of
    yield Paragraph(
        f"回溯检验：在过去的数据上逐次重放{len(days)}次，{min(days).isoformat()}至{max(days).isoformat()}，"
        "每次只看当时已经发生的事。"
    )
    yield from _weeks(one.backtest)
    yield Paragraph(f"线索属实率：{_confirmed(one.backtest)}")
    yield from _gate(one, "accuracy")


def _weeks(backtest: Backtest) -> Iterator[Block]:
    """One row a day that was replayed, of what the record counts in numbers."""
    counted = [(key, title) for key, title in _COUNTS if all(isinstance(one.get(key), int) for one in backtest.weeks)]
    if not counted:
        return
    heading = ("基准日", *(title for _, title in counted))
    rows = [(str(one.get("as_of", "")), *(str(one[key]) for key, _ in counted)) for one in backtest.weeks]
    yield Grid((heading, *rows[:_MOST_DAYS]))
    if len(rows) > _MOST_DAYS:
        yield Paragraph(f"另有{len(rows) - _MOST_DAYS}行，见模型包里的 backtest.json。")


def _confirmed(backtest: Backtest) -> str:
    """How many of the clues that people decided were so: with interval, and nothing where they are too few."""
    if backtest.confirmed is None or backtest.confirmed.checked == 0:
        return f"还没有经过核查的线索。{BLANK}"
    return f"经核查的线索中属实的 {Proportion(backtest.confirmed.true, backtest.confirmed.checked).text()}。"


def _reuse(one: Application) -> Iterator[Block]:
    yield Paragraph("别的院有上面所列的表就可以使用；缺表、缺列的，相应的规则不运行或者结论为数据不足，并写明缺什么。")
    params = explain_model(one.model).params
    if params:
        rows = [(param["title"], f"{param['default']}{param['unit']}", param["why"]) for param in params]
        yield Paragraph("各院可以调节的参数：")
        yield Grid((("参数", "缺省", "说明"), *rows))
    yield Paragraph(f"已在哪些单位试用，成效如何：{BLANK}")
    yield Paragraph(f"只用本院数据能运行的最小范围：{BLANK}")


def _safety(one: Application) -> Iterator[Block]:
    lexicon = one.model.lexicon
    sensitive = {"personal": "个人信息", "sensitive": "敏感个人信息"}
    rows = [("表", "列", "类别")]
    for table in explain_model(one.model).tables:
        terms = lexicon.tables[table["table"]].columns.values()
        rows += [
            (table["title"], term.title, sensitive[term.sensitivity])
            for term in terms
            if term.title in table["columns"] and term.sensitivity in sensitive
        ]
    if len(rows) > 1:
        yield Paragraph("模型用到的列中，含有个人信息的：")
        yield Grid(tuple(rows))
    yield Paragraph(
        "运行：在不联网的电脑上，数据不外传；给人看的表格和屏幕上，身份证号、电话、账号遮盖；含明文的文件只有所有者可读。"
        "模型只发现线索，由人核实、由人决定。"
    )
    for asked in (
        "处理个人信息的法定职责和范围（个人信息保护法第十三条第一款第三项、第三十三条、第三十四条）",
        "个人信息保护影响评估（个人信息保护法第五十五条、第五十六条）",
        "调取审批、数据保存期限和到期销毁",
        "谁可以运行、查看线索，由谁负责",
        "有无委托外单位处理，怎样监督（个人信息保护法第二十一条、数据安全法第四十条）",
    ):
        yield Paragraph(f"{asked}：{BLANK}")


def _readme(model: SupervisionModel) -> Iterator[Block]:
    """The page for the prosecutor: headings, tables and lines of its Markdown."""
    waiting: list[tuple[str, ...]] = []
    for line in (model.folder / "README.md").read_text(encoding="utf-8").splitlines():
        text = line.strip().replace("**", "").replace("`", "")
        if text.startswith("|"):
            cells = tuple(cell.strip() for cell in text.strip("|").split("|"))
            if not all(set(cell) <= set("-: ") for cell in cells):
                waiting.append(cells)
            continue
        yield from _grid(waiting)
        waiting = []
        if text.startswith("#"):
            yield Heading(2, text.lstrip("# "))
        elif text:
            yield Paragraph(text)
    yield from _grid(waiting)


def _grid(rows: Sequence[tuple[str, ...]]) -> Iterable[Block]:
    if not rows:
        return ()
    width = max(map(len, rows))
    return (Grid(tuple((*row, *[""] * (width - len(row))) for row in rows)),)
