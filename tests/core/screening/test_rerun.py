"""The same facts give the same clues, however the files lie, are called or are laid out."""

from __future__ import annotations

import random
from pathlib import Path

from tests.core.screening.conftest import Screened
from tests.story.village import Table, identities


def test_running_twice_gives_the_same_results(screened: Screened) -> None:
    again = screened.place.screen(out=screened.place.folder / "again")
    assert again == screened.clues


def test_layout_names_and_order_of_the_files_do_not_matter(screened: Screened, tmp_path: Path) -> None:
    chance = random.Random(4)
    place = screened.place.changed(tmp_path)
    for number, table in enumerate(place.tables.values()):
        table.file, table.sheet = f"{9 - number}-换名.xlsx", f"页{number}"
        headings = list(table.rows[0])
        chance.shuffle(headings)
        table.rows = [{heading: row[heading] for heading in headings} for row in table.rows]
        chance.shuffle(table.rows)
    place.write()
    files = sorted(place.data.iterdir(), reverse=True)
    clues = place.screen(data=files)
    assert identities(clues) == identities(screened.clues)
    assert [clue["say"] for clue in clues] == [clue["say"] for clue in screened.clues]


def test_one_table_over_many_sheets_and_sent_twice_is_the_same_table(screened: Screened, tmp_path: Path) -> None:
    place = screened.place.changed(tmp_path)
    rows = place.tables["bail"].rows
    place.tables["bail"] = Table("上半年.xlsx", "1", rows[:3])
    place.tables["rest"] = Table("下半年.xlsx", "2", rows[3:])
    place.tables["twice"] = Table("重发.xlsx", "全", rows[1:5])
    clues = place.write().screen()
    assert identities(clues) == identities(screened.clues)
    sent_twice = [row for clue in clues for row in clue["evidence"] if row.get("also")]
    assert {row["also"][0]["file"] for row in sent_twice} <= {"data/重发.xlsx", "data/上半年.xlsx", "data/下半年.xlsx"}
    assert sent_twice


def test_a_copy_without_an_empty_column_changes_no_facts(screened: Screened, tmp_path: Path) -> None:
    """Which of two equal rows is met first must not show in the facts."""
    place = screened.place.changed(tmp_path)
    for name in ("0", "1", "2", "3"):
        copy = [
            {title: text for title, text in row.items() if title != "解除决定日期"} for row in place.tables["bail"].rows
        ]
        place.tables[name] = Table(f"副本{name}.xlsx", f"第{name}次", copy)
    assert identities(place.write().screen()) == identities(screened.clues)


def test_a_clue_keeps_its_name_when_its_facts_change_and_the_facts_hash_tells(
    screened: Screened, tmp_path: Path
) -> None:
    place = screened.place.changed(tmp_path)
    place.tables["bail"].rows[0]["结束日期"] = "2024-11-02"
    before, after = identities(screened.clues), identities(place.write().screen())
    assert before.keys() == after.keys()
    assert [one for one in before if before[one] != after[one]] == [screened.clue("not_refunded")["clue_id"]]


def test_parameters_and_the_spelling_of_cells_are_no_facts(screened: Screened, tmp_path: Path) -> None:
    place = screened.place.changed(tmp_path)
    for row in place.tables["bail"].rows:
        row["决定日期"] = row["决定日期"].replace("-", ".")
        row["保证金数额"] = f"{row['保证金数额']}.00元"
    clues = place.write().screen(params={"refund_grace_days": "10"})
    assert identities(clues) == identities(screened.clues)
    assert {clue["params"]["refund_grace_days"] for clue in clues} == {10}
