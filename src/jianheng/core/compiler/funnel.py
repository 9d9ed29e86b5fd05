"""The steps of a rule counted (筛查过程): subjects that none of the first k steps rules out, and of how many surely.

One narrow pass over everybody judges the conditions. Partners are looked for last, among the combinations that no
condition rules out; and what is still left then is all that the rest of the rule has to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from jianheng.core.compiler.plan import Statement
from jianheng.core.compiler.render import FLAT, Renderer
from jianheng.core.compiler.rows import ROW, JoinedRows, source_sql
from jianheng.core.compiler.steps import Step, identified, value_of_first
from jianheng.core.model.spec import Rule


class Funnel:
    """``steps`` in written order over the flat ``rows`` of everybody; the first ``conditions`` of them need no partner.

    ``alone``: a row of the first table is in one combination only.
    """

    def __init__(self, rule: Rule, rows: JoinedRows, steps: Sequence[Step], conditions: int, *, alone: bool) -> None:
        self.rule, self.rows, self.steps, self.alone = rule, rows, steps, alone
        self.renderer: Renderer = rows.renderer
        self.quote = rows.renderer.dialect.quote
        looked_for = any(step.keeps != "TRUE" or step.unsure != "FALSE" for step in steps[conditions:])
        self.early = conditions if looked_for and conditions else len(steps)
        self.judged, self.looked = f"judged__{rule.id}", f"looked__{rule.id}"

    def statements(self) -> Iterator[Statement]:
        """``judged``: a row a combination with its first steps; ``looked``: those left, with partners looked for."""
        count, early = len(self.steps), self.early
        row = self.renderer.column(self.rule.from_, ROW)
        first_false, first_null = self._firsts(range(early))
        carried = self._carried()
        listing = ", ".join([f"{row} AS r", f"{first_false} AS first_false", f"{first_null} AS first_null", *carried])
        where = " AND ".join(identified(self.rule, self.renderer) or ["TRUE"])
        sql = f"SELECT {listing}\nFROM {self.rows.sql}\nWHERE {where}"
        yield Statement(self.judged, sql, f"{self.rule.title}：每个组合的条件")
        if early == count:
            return
        first_false, first_null = self._firsts(range(early, count))
        flat = self.quote(FLAT)
        unsure = f"CASE WHEN {flat}.first_null < {count} THEN {flat}.first_null ELSE {first_null} END"
        sql = f"SELECT {flat}.r AS r, {first_false} AS first_false, {unsure} AS first_null"
        sql += f"\nFROM {self.quote(self.judged)} AS {flat}\nWHERE {flat}.first_false = {count}"
        yield Statement(self.looked, sql, f"{self.rule.title}：余下组合的关联记录")

    def left(self) -> str:
        """A query of the rows of the first table that no step rules out."""
        last = self.judged if self.early == len(self.steps) else self.looked
        return f"SELECT r FROM {self.quote(last)} WHERE first_false = {len(self.steps)}"

    def counted(self, *, of_rows: bool = False) -> Statement:
        """Step k: subjects with a combination that none of the first k steps rules out; sure: nor leaves unsure.

        ``of_rows``: the row of the first table stands for the subject.
        """
        reached = "w.first_false"
        sure = "CASE WHEN w.first_null < w.first_false THEN w.first_null ELSE w.first_false END"
        source, grouped = f"({self._all()}) AS w", ""
        if not of_rows:
            start = self.renderer.scope.aliases[self.rule.from_]
            own = f"{self.quote(start.name)}.{self.quote(ROW)}"
            source += f" JOIN {source_sql(start, self.renderer)} ON {own} = w.r"
            grouped = f" GROUP BY {', '.join(value_of_first(text, self.renderer) for text in self.rule.subject)}"
        elif not self.alone:
            grouped = " GROUP BY w.r"
        if grouped:
            reached, sure = f"MAX({reached})", f"MAX({sure})"
        each = f"SELECT {reached} AS reached, {sure} AS sure FROM {source}{grouped}"
        columns = ", ".join(
            f"COUNT(CASE WHEN reached > {index} THEN 1 END) AS reached_{index},"
            f" COUNT(CASE WHEN sure > {index} THEN 1 END) AS sure_{index}"
            for index in range(len(self.steps))
        )
        titles = "\n".join(f"{step.id}\t{step.title}" for step in self.steps)
        return Statement(titles, f"SELECT {columns} FROM ({each}) AS f", f"{self.rule.title}：筛查过程")

    def _all(self) -> str:
        """Every combination once, with its first steps."""
        judged = f"SELECT r, first_false, first_null FROM {self.quote(self.judged)}"
        if self.early == len(self.steps):
            return judged
        looked = f"SELECT r, first_false, first_null FROM {self.quote(self.looked)}"
        return f"{judged} WHERE first_false < {len(self.steps)} UNION ALL {looked}"

    def _firsts(self, places: Iterable[int]) -> tuple[str, str]:
        """The first of the steps at ``places`` that rules a combination out, and the first that leaves it unsure."""
        count = len(self.steps)
        chosen = [(place, self.steps[place]) for place in places]
        fails = " ".join(
            f"WHEN NOT COALESCE({one.keeps}, FALSE) THEN {at}" for at, one in chosen if one.keeps != "TRUE"
        )
        doubts = " ".join(f"WHEN {one.unsure} THEN {at}" for at, one in chosen if one.unsure != "FALSE")
        return f"CASE {fails} ELSE {count} END" if fails else str(count), (
            f"CASE {doubts} ELSE {count} END" if doubts else str(count)
        )

    def _carried(self) -> list[str]:
        """The columns of the flat rows that the later steps name: all that is kept of a combination."""
        text = "\n".join(f"{step.keeps}\n{step.unsure}" for step in self.steps[self.early :])
        opening, closing = (re.escape(mark) for mark in self.quote("|").split("|"))
        names = re.findall(rf"{re.escape(self.quote(FLAT))}\.{opening}(.+?){closing}", text)
        return [f"{self.quote(FLAT)}.{self.quote(name)} AS {self.quote(name)}" for name in dict.fromkeys(names)]
