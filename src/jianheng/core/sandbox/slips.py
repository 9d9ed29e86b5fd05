"""Slips of the pen in background rows: cells that cannot be read, and a number that is not the one meant.

A row that may lose its link because of a slip can leave everybody of the same name in doubt; such slips are kept for
people whose name nobody else has.
"""

from __future__ import annotations

from random import Random

from jianheng.core.sandbox.row import Row, Story
from jianheng.core.terms.lexicon import Lexicon

_ONE_STORY_IN = 250


def slip(story: Story, chance: Random, lexicon: Lexicon) -> Row | None:
    """Spoil one money row of a few stories; gives the row, which keeps its number from now on."""
    if chance.random() * _ONE_STORY_IN >= 1 or not story.numbers:
        return None
    rows = [row for row in story.rows if row.belongs_to and row.table in lexicon.tables]
    if not rows:
        return None
    row = chance.choice(rows)
    kinds = ["date", "resident_id", "money"] + ["key"] * story.own_name
    if not _spoil(row, chance.choice(kinds), chance, lexicon):
        return None
    row.without_number = ()
    return row


def _spoil(row: Row, kind: str, chance: Random, lexicon: Lexicon) -> bool:
    table = lexicon.tables[row.table]
    if kind == "key":
        key = table.link.key if table.link else ""
        row.cells[key] = row.cells[key].replace("号", "7号")
        return True
    names = [name for name, column in table.columns.items() if column.type == kind and row.cells.get(name)]
    if not names:
        return False
    name = chance.choice(names)
    row.cells[name] = _spoilt(row.cells[name], kind, chance)
    return True


def _spoilt(text: str, kind: str, chance: Random) -> str:
    if kind == "date":
        return chance.choice((f"{text[:4]}.13.{text[8:]}", f"{text[:4]}年2月30日", f"{text[:4]}年{int(text[5:7])}月"))
    if kind == "money":
        return f"约{text.partition('.')[0]}"
    last = "0" if text[-1] != "0" else "1"
    return chance.choice((text[:-1] + last, text[:-1], f"{text[0]}.{text[1:8]}E+17"))
