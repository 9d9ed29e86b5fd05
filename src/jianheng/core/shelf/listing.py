"""The answers to the three gates of listing review (上架审查), as people wrote them: ``listing.yaml`` beside a model.

The names of the gates are published (建模必要性, 技术可行性, 线索准确性); no published text of questions was found,
so those of the form are ours, say so, and may be replaced by whoever reviews.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from jianheng.core.foundation.errors import PackProblem, Problem
from jianheng.core.model.spec import Model
from jianheng.core.pack.strict_yaml import Document, Key
from jianheng.core.pack.typed import Strict, read_content

BLANK = "〔请填写〕"
GATES = {"necessity": "建模必要性", "feasibility": "技术可行性", "accuracy": "线索准确性"}
Named = Annotated[str, Field(pattern=r"\S")]

_QUESTIONS = {
    "necessity": (
        "为什么要建这个模型：监督什么问题，不用模型为什么不易发现？",
        "模型管理平台和本院已有的模型中，同一监督点有没有相近的？有什么不同？",
    ),
    "feasibility": (
        "所需的每张表能不能取得：向谁取得，依据什么，覆盖什么时间和地区？",
        "现有的设备和人员能不能运行、维护这个模型？",
    ),
    "accuracy": (
        "线索准不准：抽取多少条，由谁怎样核实，多少属实，不属实的主要原因是什么？",
        "哪些合理情形可能被误认为问题，怎样排除？",
    ),
}
_FORM = """\
# 上架审查的三关：{gates}。每一关写明问题、答复、由谁答复、哪一天。
# 三关的名称见公开报道；下面的问题是本程序拟的，不是官方文本，审查单位另有问题的，请照它的写。
# 这份文件随模型包一起签名，收到的人都看得到：不要写当事人的姓名、号码和案件内容。
format: 1
model: {model}
version: {version}  # 答复只对这一版有效

supervision_point: {blank}  # 监督点，用模型管理平台的名称
problem_source: {blank}     # 问题来源：从什么案件、什么情况发现要建这个模型

gates:
{parts}"""


class Answer(Strict):
    question: Named
    answer: Named


class Gate(Strict):
    """One gate: what was asked, what was answered, by whom, on which day."""

    answers: Annotated[list[Answer], Field(min_length=1)]
    answered_by: Named
    answered_on: date


class Gates(Strict):
    necessity: Gate
    feasibility: Gate
    accuracy: Gate


class Listing(Strict):
    """``listing.yaml``."""

    format: Literal[1]
    model: str
    version: str
    supervision_point: Named
    problem_source: Named
    gates: Gates

    def gate(self, name: str) -> Gate:
        """One of :data:`GATES`."""
        found: Gate = getattr(self.gates, name)
        return found


def listing_form(model: Model) -> str:
    """The form to fill in for ``model``."""
    parts = []
    for gate, title in GATES.items():
        lines = [f"  {gate}:  # {title}", "    answers:"]
        for question in _QUESTIONS[gate]:
            lines += [f"      - question: {question}", f"        answer: {BLANK}"]
        parts.append("\n".join([*lines, f"    answered_by: {BLANK}", f"    answered_on: {BLANK}  # 如 2025-06-30"]))
    words = {"gates": "、".join(GATES.values()), "model": model.id, "version": model.version, "blank": BLANK}
    return _FORM.format(**words, parts="\n".join(parts) + "\n")


def listing_of(document: Document, model: Model) -> Listing:
    """The answers for ``model``. Raises PackProblem: P2xx as every YAML, M508 for another model or version, M509 for
    every blank that is left.
    """
    blanks = list(_blanks(document, document.data, ()))
    if blanks:
        raise PackProblem(*blanks)
    listing = read_content(Listing, document)
    if (listing.model, listing.version) != (model.id, model.version):
        message = f"这是 {listing.model} {listing.version} 的答复，模型是 {model.id} {model.version}。"
        hint = "模型改了，三关要重新答复；确认仍然适用的，请改 version。"
        raise PackProblem(document.problem("M508", ("version",), message, hint))
    return listing


def _blanks(document: Document, data: object, path: Key) -> list[Problem]:
    if isinstance(data, dict):
        return [found for key, value in data.items() for found in _blanks(document, value, (*path, key))]
    if isinstance(data, list):
        return [found for index, value in enumerate(data) for found in _blanks(document, value, (*path, index))]
    if isinstance(data, str) and BLANK in data:
        return [document.problem("M509", path, "还没有填写。")]
    return []
