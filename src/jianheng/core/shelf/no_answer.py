"""What is plainly no answer to a question of listing review: 无, 同上, the question again, the form as it was.

The rule is ours and no standard of a review: it looks at whether something was answered, never at how long or how well.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from jianheng.core.foundation.errors import Problem
from jianheng.core.pack.strict_yaml import Document, Key
from jianheng.core.shelf.listing import GATES, Listing

_NOT_WORDS = re.compile(r"[\W_]+")
_CLAUSES = re.compile(r"[，。；：？、！,;:?!]")
_NOTHING_SAID = frozenset(
    "无 没有 暂无 均无 无内容 没有内容 空 空白 略 从略 不详 不清楚 不知道 不明 未知 不适用 不涉及"
    " 同上 同前 同下 见上 见下 见上文 见上述 如上 如题 同上题 同上一题"
    " 是 是的 否 不是 有 有的 没 能 可以 能够 不能 不可以 行 好 好的 已 已有 已完成 完成"
    " 具备 符合 同意 准确 必要 可行 有必要 通过"
    " 待定 待补 待填 待补充 待填写 待完善 后补 另补 请填写 填写 请补充 测试 试验 示例"
    " tbd todo na none null nil no yes ok test xxx".split()
)
_OURS = "这一条是本程序自己的规则，只看是不是答复，不看长短，也不是上架审查的标准。"
_NAMED = {
    "supervision_point": ("监督点", "请写监督点的名称，如 取保候审保证金应退未退。"),
    "problem_source": ("问题来源", "请写明从什么案件、什么情况发现要建这个模型。"),
}
_WHO = "请写答复的部门或者人员，如 第二检察部。"


def check_answers(document: Document, listing: Listing) -> list[Problem]:
    """A problem (M512) for every question that nobody has answered, at its place in ``document``."""
    return list(_problems(document, listing))


def _problems(document: Document, listing: Listing) -> Iterator[Problem]:
    def problem(path: Key, what: str, seen: str, hint: str) -> Problem:
        return document.problem("M512", path, f"{what}：看到「{seen.strip()}」。", hint + _OURS)

    for name, (title, hint) in _NAMED.items():
        text = str(getattr(listing, name))
        if why := _why(text, title):
            yield problem((name,), f"{title}没有写明，{why}", text, hint)
    earlier: dict[str, str] = {}
    for gate, title in GATES.items():
        told = listing.gate(gate)
        for index, one in enumerate(told.answers):
            path: Key = ("gates", gate, "answers", index)
            if why := _why(one.question, title):
                yield problem((*path, "question"), f"{title}的第{index + 1}个问题不成问题，{why}", one.question, "")
                continue
            asked = f"{title}的问题「{one.question.strip()}」"
            hint = "请就这个问题用自己的话写明具体情况。"
            if why := _why(one.answer, one.question):
                yield problem((*path, "answer"), f"{asked}没有答复，{why}", one.answer, hint)
                continue
            other = earlier.setdefault(_plain(one.answer), asked)
            if other != asked:
                yield problem((*path, "answer"), f"{asked}的答复与{other}的一字不差，不会都是答复", one.answer, hint)
        if why := _why(told.answered_by, title):
            yield problem(("gates", gate, "answered_by"), f"{title}没有写明由谁答复，{why}", told.answered_by, _WHO)


def _why(text: str, asked: str) -> str:
    """Why ``text`` says nothing to what was ``asked``; empty if it says something."""
    plain = _plain(text)
    if not plain or plain.isdecimal():
        return "没有文字"
    if plain in _NOTHING_SAID:
        return "这样写等于没有答复"
    if len(set(plain)) == 1:
        return "只有一个字"
    if plain in {_plain(asked), *map(_plain, _CLAUSES.split(asked))}:
        return "只是重复了所问的话"
    return ""


def _plain(text: str) -> str:
    """Letters and digits alone: what stays the same however a text is set off and punctuated."""
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text)).casefold()
