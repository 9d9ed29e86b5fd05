"""What linking one table needs to know, read from its term and checked against the term it links to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jianheng.core.foundation.errors import PackProblem, Problem, raise_if_any
from jianheng.core.terms.lexicon import Lexicon
from jianheng.core.terms.spec import Chain, Link, Step


@dataclass(frozen=True, slots=True)
class Match:
    """One comparison of a row's column with an anchor's; ``same`` compares what the two numbers stand for."""

    left: str
    right: str
    same: bool

    @property
    def on_row(self) -> str:
        """Name of the row's value in the working table."""
        return ("same_" if self.same else "own_") + self.left

    @property
    def on_anchor(self) -> str:
        """Name of the anchor's value in the working table."""
        return ("same_" if self.same else "own_") + self.right


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """A table's link, its anchor's chain, and every comparison spelt out."""

    table: str
    link: Link
    chain: Chain
    steps: tuple[tuple[Step, tuple[Match, ...]], ...]
    agree: tuple[Match, ...]

    @property
    def matches(self) -> tuple[Match, ...]:
        """Every comparison once, in order of first use."""
        return tuple(dict.fromkeys([*(match for _, keys in self.steps for match in keys), *self.agree]))


def plan_link(lexicon: Lexicon, table_id: str, link: Link) -> LinkPlan:
    """The plan of a table and its link. Raises PackProblem (T121, T122, T123) if the anchor's term does not fit."""
    table = lexicon.tables[table_id]
    anchor = lexicon.tables[link.to]
    if anchor.chain is None:
        message = f"表 {table_id} 关联到表 {link.to}，但 {link.to} 没有声明 chain，不知道以哪一列为编号。"
        raise PackProblem(Problem("T121", message, hint=f"请在 {link.to}.yaml 中补充 chain。"))
    if table.chain is not None:
        message = f"表 {table_id} 同时声明了 chain 和 link，它的 chain 列会有两种含义。"
        raise PackProblem(Problem("T123", message, hint="请只保留其中一个。"))
    same_column = anchor.same_number.column if anchor.same_number else None
    rights = [*link.only, *link.agree.values(), *(right for step in link.ladder for right in step.columns.values())]
    if link.anchor_amount:
        rights.append(link.anchor_amount)
    raise_if_any(
        PackProblem,
        (
            Problem("T122", f"表 {table_id} 的关联用到 {link.to}.{column}，但 {link.to} 没有这一列。")
            for column in dict.fromkeys(rights)
            if column not in anchor.columns and column not in anchor.derive
        ),
    )

    def matches(pairs: Mapping[str, str]) -> tuple[Match, ...]:
        return tuple(Match(left, right, right == same_column) for left, right in pairs.items())

    steps = tuple((step, matches(step.columns)) for step in link.ladder)
    return LinkPlan(table_id, link, anchor.chain, steps, matches(link.agree))
