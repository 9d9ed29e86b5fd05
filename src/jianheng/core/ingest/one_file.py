"""Land one file: find out what it is, read its sheets, say what was wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from jianheng.core.foundation.errors import Problem
from jianheng.core.foundation.named_file import why_unreadable
from jianheng.core.ingest import explain
from jianheng.core.ingest.blocks import ClassifiedFile, land_grid
from jianheng.core.ingest.context import Context
from jianheng.core.ingest.faults import Refused
from jianheng.core.ingest.file_kind import EXTENSIONS, file_kind, has_macros
from jianheng.core.ingest.landed import LandedSheet
from jianheng.core.ingest.secrecy import secrecy_in_name
from jianheng.core.ingest.text_files import text_grid
from jianheng.core.ingest.workbooks import workbook_grids


@dataclass(slots=True)
class Landed:
    """What came of one file."""

    sheets: list[LandedSheet] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def land_file(path: Path, context: Context) -> Landed:
    """Land ``path`` whole or not at all; why not stands in the problems."""
    try:
        _land(path, context)
    except Refused as error:
        return nothing_landed(context, error.problem)
    except ClassifiedFile as error:
        return nothing_landed(context, explain.classified(context.name, "表内", str(error)))
    except OSError as error:
        return nothing_landed(context, explain.unreadable(context.name, why_unreadable(error)))
    context.finish()
    return Landed(context.sheets, context.problems)


def _land(path: Path, context: Context) -> None:
    mark = secrecy_in_name(path.stem)
    if mark:
        raise Refused(explain.classified(context.name, "文件名", mark))
    kind = file_kind(path, context.name, context.limits)
    expected = EXTENSIONS.get(path.suffix.lower())
    if expected is not None and expected != kind:
        context.say(explain.wrong_extension(context.name, {"csv": "文本文件"}.get(kind, kind)))
    if kind == "csv":
        land_grid(text_grid(path, context.name, context.limits, context.problems), context)
        return
    if has_macros(path, kind):
        context.say(explain.macros(context.name))
    for grid in workbook_grids(path, context.name, kind, context.limits, context.problems):
        land_grid(grid, context)
    if not context.sheets and not context.problems:
        raise Refused(explain.unreadable(context.name, "里面没有任何工作表"))


def nothing_landed(context: Context, problem: Problem) -> Landed:
    """Take back what was already landed of the file. What was said of it before the refusal stays said."""
    remove_parts(context.folder, context.tag)
    return Landed([], [*context.problems, problem])


def remove_parts(folder: Path, tag: str) -> None:
    """Remove the Parquet files of the file with this ``tag``."""
    for file in (folder / "landed").glob(f"*-{tag}*.parquet"):
        file.unlink()
