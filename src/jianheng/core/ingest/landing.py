"""Files and folders -> landed rows: every cell kept as the text it was, with its file, sheet and row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from jianheng.core.foundation.durable import private_folder
from jianheng.core.foundation.errors import Problem, UsageProblem
from jianheng.core.foundation.identity import hash_file, short_id
from jianheng.core.foundation.progress import Progress
from jianheng.core.ingest import explain
from jianheng.core.ingest.file_kind import EXTENSIONS
from jianheng.core.ingest.headings import TableHeads, known_forms, squeezed
from jianheng.core.ingest.landed import Candidate as Candidate
from jianheng.core.ingest.landed import Heading as Heading
from jianheng.core.ingest.landed import LandedSheet as LandedSheet
from jianheng.core.ingest.landed import Landing as Landing
from jianheng.core.ingest.landed import SourceFile as SourceFile
from jianheng.core.ingest.limits import DEFAULT_LIMITS, Limits
from jianheng.core.ingest.mapping import Mapping, read_mapping
from jianheng.core.ingest.reader import Reader
from jianheng.core.terms.lexicon import Lexicon

_OWN_OUTPUT = frozenset({"mapping.yaml", "coverage.yaml", "clues.xlsx", "problems.xlsx", "run.json", "county.json"})


def land(
    paths: Sequence[Path],
    folder: Path,
    lexicon: Lexicon,
    progress: Progress,
    mapping: Mapping | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Landing:
    """Land ``paths`` (files, and folders with everything in them) into ``folder``/landed.

    The order of ``paths`` does not matter. A file that cannot be read is left out with its reason in ``problems``; the
    others go on. Without ``mapping`` the files called mapping.yaml in the given folders hold. Raises UsageProblem U101
    for a path that is not there, PackProblem for a faulty mapping, RunProblem R101 if cancelled.
    """
    sources = find_sources(paths)
    if mapping is None:
        mapping = _found_mapping(paths, lexicon)
    heads = heads_of(lexicon)
    private_folder(folder / "landed")
    sheets: list[LandedSheet] = []
    problems: list[Problem] = []
    seen: dict[str, SourceFile] = {}
    progress.step("读取表格文件", len(sources))
    with Reader(folder, heads, limits, progress) as reader:
        for source in sources:
            progress.advance()
            if source.hash in seen:
                problems.append(explain.same_file(source.name, seen[source.hash].name))
            elif source.path.suffix.lower() not in EXTENSIONS:
                problems.append(explain.not_a_table(source.name, f"扩展名 {source.path.suffix or '无'}"))
            else:
                landed = reader.land(
                    source, short_id(source.hash, 12), len(sheets) + 1, mapping.wishes_for(source.name)
                )
                sheets += landed.sheets
                problems += landed.problems
            seen.setdefault(source.hash, source)
    problems += _without_rows(sources, sheets, lexicon)
    problems += mapping.unused([source.name for source in sources])
    return Landing(folder, tuple(sources), tuple(sheets), tuple(problems))


def _without_rows(sources: Sequence[SourceFile], sheets: Sequence[LandedSheet], lexicon: Lexicon) -> Iterator[Problem]:
    """A note for every table of which all sheets together hold no row: nothing happened, or nothing was sent."""
    tables: dict[str, list[LandedSheet]] = {}
    for sheet in sheets:
        if sheet.table:
            tables.setdefault(sheet.table, []).append(sheet)
    names = {source.number: source.name for source in sources}
    for table, own in tables.items():
        if not any(sheet.counts["data"] for sheet in own):
            yield explain.no_rows(names[own[0].file], own[0].sheet, lexicon.tables[table].title)


def _found_mapping(paths: Sequence[Path], lexicon: Lexicon) -> Mapping:
    files = sorted(file for path in paths if path.is_dir() for file in path.rglob("mapping.yaml"))
    return Mapping(tuple(entry for file in files for entry in read_mapping(file, lexicon).entries))


def find_sources(paths: Sequence[Path]) -> list[SourceFile]:
    """The files of ``paths``, numbered by hash and name, so that order and place do not matter."""
    named: dict[Path, str] = {}
    for path in paths:
        if not path.exists():
            raise UsageProblem(Problem("U101", f"没有这个文件或文件夹：{path}", file=str(path), hint="请核对路径。"))
        root = path.resolve().parent
        for file in _files(path):
            named.setdefault(file.resolve(), file.resolve().relative_to(root).as_posix())
    found = sorted((hash_file(path), name, path) for path, name in named.items())
    return [
        SourceFile(number, name, path, digest, path.stat().st_size)
        for number, (digest, name, path) in enumerate(found, start=1)
    ]


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for file in sorted(path.rglob("*")):
        hidden = any(part.startswith((".", "~$")) for part in file.relative_to(path).parts)
        if file.is_file() and not hidden and file.name not in _OWN_OUTPUT and file.suffix.lower() != ".jsonl":
            yield file


def heads_of(lexicon: Lexicon) -> list[TableHeads]:
    """The heads of every table of ``lexicon``, by table id."""
    result = []
    for name, table in sorted(lexicon.tables.items()):
        headings = known_forms(table.headings())
        names = tuple(squeezed(text) for text in (table.title, *table.aliases))
        titles = {column: term.title for column, term in table.columns.items()}
        money = frozenset(column for column, term in table.columns.items() if term.type == "money")
        result.append(TableHeads(name, names, tuple(table.required), headings, titles, money))
    return result
