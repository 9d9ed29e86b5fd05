"""A synthetic county: files as agencies send them, and the truth about them.

    folder/data/…            the files
    folder/coverage.yaml     what they cover
    folder/county.json       {as_of, seed, cases, mess}
    folder/truth.jsonl       one verdict a line: every hit, every decoy, what cannot be told
    folder/truth_links.jsonl one row of a linked money table a line, and the number it belongs to

Everything follows from ``seed`` and the arguments; the people and their money are the same at every degree of mess.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import BinaryIO

import orjson

from jianheng.core.foundation.errors import Problem, UsageProblem
from jianheng.core.foundation.progress import Progress
from jianheng.core.model.spec import Model
from jianheng.core.sandbox.background import MOST_CASES, Background, nameless_row
from jianheng.core.sandbox.chance import dice
from jianheng.core.sandbox.files import Files
from jianheng.core.sandbox.places import DISTRICT_WITH_GAP, refund_gap
from jianheng.core.sandbox.plants import Plant, Planting
from jianheng.core.sandbox.row import Row, Story
from jianheng.core.sandbox.slips import slip
from jianheng.core.sandbox.supply import Gap, gap_before, supplier, write_coverage
from jianheng.core.sandbox.table_writer import TableWriter
from jianheng.core.sandbox.truth import excluded, link_line
from jianheng.core.screening.cases import Case
from jianheng.core.terms.lexicon import Lexicon

AS_OF = date(2025, 6, 30)
DATA = "data"
MOST_MESS = 3
_WITHOUT_NUMBER = 0.46
_MONEY_ROWS_A_CASE = 1.6
_EVERY_NAMELESS_ROW = 600


@dataclass(frozen=True, slots=True)
class County:
    """What was built. ``hits`` are the verdicts in ``truth.jsonl`` that are hits, ``rows`` the rows of each table."""

    folder: Path
    as_of: date
    seed: int
    cases: int
    mess: int
    planted: int
    hits: int
    rows: dict[str, int]


def build_county(
    folder: Path,
    lexicon: Lexicon,
    cases: Sequence[Case],
    *,
    models: Sequence[Model],
    cases_count: int,
    seed: int,
    mess: int,
    progress: Progress,
    as_of: date = AS_OF,
) -> County:
    """Build a county of ``cases_count`` criminal cases, planted ones among them, in ``folder``.

    ``cases`` are the worked cases of ``models``. A county already standing in ``folder`` is replaced.
    Raises UsageProblem for arguments out of range (U301) and for a folder that holds anything else (U302).
    """
    _check(folder, cases_count, mess)
    folder.parent.mkdir(parents=True, exist_ok=True)
    mark = uuid.uuid4().hex[:8]
    aside, before = folder.with_name(f".{folder.name}.{mark}.part"), folder.with_name(f".{folder.name}.{mark}.before")
    try:
        aside.mkdir(mode=0o700)
        builder = _Builder(aside, lexicon, list(models), as_of, seed, mess, progress)
        county = builder.build(folder, cases, cases_count)
        if folder.exists():
            folder.rename(before)
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(before, ignore_errors=True)
    return county


def _check(folder: Path, cases_count: int, mess: int) -> None:
    if not 1 <= cases_count <= MOST_CASES or not 0 <= mess <= MOST_MESS:
        raise UsageProblem(Problem("U301", f"案件数应在1至{MOST_CASES}之间，杂乱程度应在0至{MOST_MESS}之间。"))
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / "county.json").is_file())):
        hint = "请换一个空文件夹，或者以前生成的示例县区所在的文件夹。"
        raise UsageProblem(Problem("U302", f"「{folder}」里有别的文件，不能覆盖。", hint=hint))


@dataclass(slots=True)
class _Builder:
    folder: Path
    lexicon: Lexicon
    models: list[Model]
    as_of: date
    seed: int
    mess: int
    progress: Progress
    hits: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    _bare: float = _WITHOUT_NUMBER
    _writers: dict[str, TableWriter] = field(default_factory=dict)
    _copied: list[tuple[str, str, int, str | None]] = field(default_factory=list)

    def build(self, folder: Path, cases: Sequence[Case], cases_count: int) -> County:
        data, scratch = self.folder / DATA, self.folder / "scratch"
        data.mkdir(mode=0o700)
        scratch.mkdir(mode=0o700)
        planting = Planting(self.lexicon, {model.id: model for model in self.models}, self.as_of, self.seed)
        plants = list(planting.plants(cases, _times(cases_count)))
        dice(self.seed, "order").shuffle(plants)
        background = Background(self.lexicon, self.as_of, self.seed, max(cases_count - len(plants), cases_count // 2))
        self._bare = _chance_without_number(plants, background.cases)
        with ExitStack() as stack:
            links = stack.enter_context((self.folder / "truth_links.jsonl").open("wb"))
            truth = stack.enter_context((self.folder / "truth.jsonl").open("wb"))
            files = Files(data, scratch)
            self._open(files)
            self._write_all(plants, background, truth, links)
            for writer in self._writers.values():
                writer.finish()
            self.progress.step("保存文件")
            files.close()
            self._send_again(data, links)
        shutil.rmtree(scratch)
        self._describe(plants, cases_count)
        return County(folder, self.as_of, self.seed, cases_count, self.mess, len(plants), self.hits, self.rows)

    def _open(self, files: Files) -> None:
        for table in sorted(self.lexicon.tables):
            self._writers[table] = TableWriter(
                table,
                self.lexicon,
                files,
                supplier=supplier(table),
                as_of=self.as_of,
                seed=self.seed,
                mess=self.mess,
            )
            self.rows[table] = 0

    def _write_all(self, plants: list[Plant], background: Background, truth: BinaryIO, links: BinaryIO) -> None:
        self.progress.step("生成示例案件", background.cases)
        self._tell(Story(background.lists()), dice(self.seed, "lists"), links)
        every = max(1, background.cases // (len(plants) + 1))
        waiting = iter(plants)
        told = 0
        for number, (count, story) in enumerate(background.stories()):
            chance = dice(self.seed, "mess", number)
            self._spoil(story, chance, truth)
            self._tell(story, chance, links)
            if self.mess >= 2 and number % _EVERY_NAMELESS_ROW == _EVERY_NAMELESS_ROW - 1:
                self._tell(Story([nameless_row(number, chance, self.as_of)]), chance, links)
            if told // every != (told + count) // every:
                self._plant(next(waiting, None), truth, links)
            told += count
            self.progress.advance(count)
        for plant in waiting:
            self._plant(plant, truth, links)

    def _plant(self, plant: Plant | None, truth: BinaryIO, links: BinaryIO) -> None:
        if plant is None:
            return
        for one in plant.truths:
            truth.write(one.line())
            self.hits += one.expected == "hit"
        self._tell(plant.story, dice(self.seed, "mess", "plant", plant.number), links)

    def _spoil(self, story: Story, chance: Random, truth: BinaryIO) -> None:
        """At the highest mess, a slip here and there; its subjects are named so that they can be left out."""
        if self.mess < MOST_MESS:
            return
        row = slip(story, chance, self.lexicon)
        link = self.lexicon.tables[row.table].link if row else None
        chain = self.lexicon.tables[link.to].chain if link else None
        if link and chain:
            for one in excluded(story.numbers, link.to, chain.number, {model.id: model for model in self.models}):
                truth.write(one.line())

    def _tell(self, story: Story, chance: Random, links: BinaryIO) -> None:
        for row in story.rows:
            if row.table not in self._writers:
                continue
            if self.mess >= 2 and row.without_number and chance.random() < self._bare:
                row.cells |= chance.choice(row.without_number)
            self._write(row, links)

    def _write(self, row: Row, links: BinaryIO) -> None:
        link = self.lexicon.tables[row.table].link
        self.rows[row.table] += 1
        for where in self._writers[row.table].write(row):
            if link and link.amount:
                links.write(link_line(row.table, f"{DATA}/{where.file}", where.sheet, where.row, row.belongs_to))
                if where.file == self._file_sent_twice():
                    self._copied.append((row.table, where.sheet, where.row, row.belongs_to))

    def _file_sent_twice(self) -> str:
        """The one file that comes a second time under another name: that of the first linked money table."""
        if self.mess < MOST_MESS:
            return ""
        for name, table in sorted(self.lexicon.tables.items()):
            if table.link and table.link.amount and not table.row_number:
                return f"{self.lexicon.tables[name].title}台账.xlsx"
        return ""

    def _send_again(self, data: Path, links: BinaryIO) -> None:
        name = self._file_sent_twice()
        if not name or not (data / name).is_file():
            return
        copy = f"{Path(name).stem}(1).xlsx"
        shutil.copyfile(data / name, data / copy)
        for table, sheet, row, number in self._copied:
            links.write(link_line(table, f"{DATA}/{copy}", sheet, row, number))

    def _describe(self, plants: Sequence[Plant], cases_count: int) -> None:
        holes: dict[str, dict[str, Gap]] = {"deposit_refund": {DISTRICT_WITH_GAP.name: refund_gap(self.as_of)}}
        for plant in plants:
            if plant.hole:
                gaps = holes.setdefault(plant.hole.table, {})
                gaps.update(dict.fromkeys(plant.districts, gap_before(self.as_of)))
        write_coverage(self.folder / "coverage.yaml", self.lexicon, self.as_of, holes)
        facts = {"as_of": f"{self.as_of}", "seed": self.seed, "cases": cases_count, "mess": self.mess}
        (self.folder / "county.json").write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2) + b"\n")
        for file in self._files():
            file.chmod(0o600)

    def _files(self) -> Iterator[Path]:
        return (path for path in self.folder.rglob("*") if path.is_file())


def _chance_without_number(plants: Sequence[Plant], cases: int) -> float:
    """How likely a row that may lose its number does, so that of all money rows the wished share has none."""
    planted = [row for plant in plants for row in plant.story.rows if row.belongs_to]
    may = sum(bool(row.without_number) for row in planted) + _MONEY_ROWS_A_CASE * cases
    cannot = sum(not row.without_number for row in planted)
    return min(0.9, _WITHOUT_NUMBER * (may + cannot) / may)


def _times(cases_count: int) -> int:
    """How often each case is planted: more in a bigger county, within reason."""
    return max(1, min(12, cases_count // 1_250))
