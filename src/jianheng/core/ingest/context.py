"""What landing one file needs to know, and where its results gather."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jianheng.core.foundation.errors import Problem
from jianheng.core.ingest.explain import more_of_the_same
from jianheng.core.ingest.grid import Grid
from jianheng.core.ingest.headings import KnownHeadings, TableHeads, column_letter
from jianheng.core.ingest.landed import Candidate, Heading, LandedSheet
from jianheng.core.ingest.limits import Limits
from jianheng.core.ingest.recognise import Guess, Wish


@dataclass(slots=True)
class Context:
    """One file on its way into ``folder``; ``alive`` is told the rows done (a sign of life)."""

    folder: Path
    file: int
    name: str
    stem: str
    tag: str
    """Short file hash for the names of Parquet files."""
    heads: Sequence[TableHeads]
    known: KnownHeadings
    next_number: int
    limits: Limits
    wish: Callable[[str], Wish | None]
    alive: Callable[[int], None]
    sheets: list[LandedSheet] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _said: Counter[tuple[str, str]] = field(default_factory=Counter)

    def say(self, problem: Problem) -> None:
        """Record a problem; of one kind on one sheet only so many, the rest are counted."""
        key = (problem.code, problem.sheet)
        self._said[key] += 1
        if self._said[key] <= self.limits.problems:
            self.problems.append(problem)

    def finish(self) -> None:
        """Say how many problems were only counted."""
        for (code, sheet), count in self._said.items():
            if count > self.limits.problems:
                self.problems.append(more_of_the_same(self.name, sheet, code, count - self.limits.problems))

    def parquet_name(self, number: int, suffix: str = "") -> str:
        """The relative path of a sheet's Parquet file."""
        return f"landed/{number:04d}-{self.tag}{suffix}.parquet"

    def add(
        self,
        grid: Grid,
        table: str | None,
        headings: dict[str, Heading],
        unmapped: Sequence[Heading],
        files: tuple[str, str],
        counts: dict[str, int],
        header_rows: Sequence[int],
        guesses: Sequence[Guess],
    ) -> None:
        """Record a landed sheet under the next number."""
        candidates = tuple(Candidate(guess.table.id, guess.score, guess.missing) for guess in guesses)
        sheet = LandedSheet(
            number=self.next_number,
            file=self.file,
            sheet=grid.name,
            hidden=grid.hidden,
            kind=grid.kind,
            table=table,
            headings=headings,
            unmapped=tuple(unmapped),
            parquet=files[0],
            counts=counts,
            header_rows=tuple(header_rows),
            candidates=candidates,
            rest=files[1],
        )
        self.sheets.append(sheet)
        self.next_number += 1


def heading_at(grid: Grid, index: int, text: str, unit: int = 1) -> Heading:
    """The heading of column ``index`` of ``grid``."""
    return Heading(index, column_letter(grid.first_column + index), text, unit)
