"""A county is what it says: the same for a seed, readable, lawful people, true truth."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from jianheng.core.catalogue.coverage import declared_coverage, read_coverage
from jianheng.core.fields.division import is_known_division
from jianheng.core.fields.document_number import read_document_number
from jianheng.core.fields.names import read_person_name
from jianheng.core.fields.reference_number import read_reference_number
from jianheng.core.fields.resident_id import read_resident_id
from jianheng.core.foundation.errors import UsageProblem
from jianheng.core.sandbox.county import AS_OF, County
from jianheng.core.screening.cases import FOREVER
from tests.core.sandbox.conftest import CASES, SEED, Content, lines
from tests.core.sandbox.reading import all_sheets, table_at_mess_0

Build = Callable[[int], County]
EVERY_MESS = pytest.mark.parametrize("mess", [0, 1, 2, 3])


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def money_tables(content: Content) -> set[str]:
    return {name for name, table in content.lexicon.tables.items() if table.link and table.link.amount}


@pytest.mark.parametrize("mess", [0, 3])
def test_a_seed_gives_the_same_bytes(content: Content, county: Build, tmp_path: Path, mess: int) -> None:
    again = content.build(tmp_path / "again", mess=mess)
    assert bytes_of(again.folder) == bytes_of(county(mess).folder)


def test_another_seed_gives_another_county(content: Content, county: Build, tmp_path: Path) -> None:
    other = content.build(tmp_path / "other", mess=0, seed=SEED + 1)
    mine, theirs = bytes_of(county(0).folder), bytes_of(other.folder)
    assert all(mine[name] != theirs[name] for name in ("data/取保候审决定.csv", "truth_links.jsonl"))


@EVERY_MESS
def test_the_facts_of_the_county_are_written_down(county: Build, mess: int) -> None:
    facts = json.loads((county(mess).folder / "county.json").read_text(encoding="utf-8"))
    assert facts == {"as_of": "2025-06-30", "seed": SEED, "cases": CASES, "mess": mess}


@EVERY_MESS
def test_only_the_owner_may_read_what_is_in_clear(county: Build, mess: int) -> None:
    for path in county(mess).folder.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


@EVERY_MESS
def test_every_row_of_a_money_table_is_in_the_links_once(county: Build, mess: int) -> None:
    links = lines(county(mess).folder / "truth_links.jsonl")
    places = Counter((line["file"], line["sheet"], line["row"]) for line in links)
    assert max(places.values()) == 1
    expected = sum(rows for table, rows in county(mess).rows.items() if table in {line["table"] for line in links})
    if mess < 3:
        assert len(links) == expected
    else:
        assert len(links) > expected  # files and rows sent twice


def people_of_the_numbers(content: Content, folder: Path) -> dict[str, list[str]]:
    """The number of every row that money may belong to, with the name and identity number that stand there."""
    found: dict[str, list[str]] = {}
    for name in {content.lexicon.tables[money].link.to for money in money_tables(content)}:  # type: ignore[union-attr]
        table = content.lexicon.tables[name]
        assert table.chain
        number = table.columns[table.chain.number].title
        naming = [one.title for one in table.columns.values() if one.type in ("person_name", "resident_id")]
        found |= {row[number]: [row[title] for title in naming] for row in table_at_mess_0(folder, table.title)}
    return found


@EVERY_MESS
def test_the_row_numbers_of_the_links_are_those_a_person_sees(content: Content, county: Build, mess: int) -> None:
    people = people_of_the_numbers(content, county(0).folder)
    sheets = all_sheets(county(mess).folder / "data")
    slips = {line["subject"]["bail_no"] for line in lines(county(mess).folder / "truth.jsonl") if line.get("problem")}
    checked = 0
    for line in lines(county(mess).folder / "truth_links.jsonl"):
        number = line["bail_no"]
        if number is None or number in slips:
            continue
        cells = [str(cell) for cell in sheets[line["file"], line["sheet"]][line["row"] - 1]]
        read = {read_document_number(cell).value for cell in cells} | {read_person_name(cell).value for cell in cells}
        read |= {reader(cell).value for cell in cells for reader in (read_resident_id, read_reference_number)}
        assert {number, *people[number]} & (read - {None, ""}), (line, cells)
        checked += 1
    assert checked > 100


@EVERY_MESS
def test_no_data_row_of_a_money_table_is_missing_from_the_links(content: Content, county: Build, mess: int) -> None:
    """What stands between the headings and the total of each sheet is exactly what the links count."""
    rows_of: dict[tuple[str, str], list[int]] = defaultdict(list)
    for line in lines(county(mess).folder / "truth_links.jsonl"):
        rows_of[line["file"], line["sheet"]].append(line["row"])
    titles = [content.lexicon.tables[name].title for name in money_tables(content)]
    for (file, sheet), rows in all_sheets(county(mess).folder / "data").items():
        if not any(title in file for title in titles):
            continue
        found = sorted(rows_of[file, sheet])
        assert found == list(range(found[0], found[0] + len(found))) if found else True
        below = [str(row[0]) for row in rows[found[-1] :]] if found else []
        assert all(text.startswith(("合计", "填表人")) or not text for text in below), (file, sheet, below)
        above = rows[: found[0] - 1] if found else rows
        assert len(above) <= 4


def test_identity_numbers_are_valid_and_of_no_place(county: Build) -> None:
    numbers = {row["身份证号"] for row in table_at_mess_0(county(0).folder, "取保候审决定")}
    read = [number for number in numbers if not read_resident_id(number).is_unread and number]
    assert len(read) > CASES // 2
    assert not any(is_known_division(number[:6]) for number in numbers if number)


def test_names_are_shared_and_numbers_are_not(county: Build) -> None:
    by_name, by_number = defaultdict(set), defaultdict(set)
    for row in table_at_mess_0(county(0).folder, "取保候审决定"):
        if row["所属地区"].endswith("北区") and row["姓名"] and row["身份证号"]:
            by_name[row["姓名"]].add(row["身份证号"])
            by_number[row["身份证号"]].add(row["姓名"])
    assert sum(len(numbers) > 1 for numbers in by_name.values()) >= 10
    assert all(len(names) == 1 for names in by_number.values())


def test_every_hit_of_every_planted_case_is_in_the_truth(content: Content, county: Build) -> None:
    truth = lines(county(0).folder / "truth.jsonl")
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for line in truth:
        found[line["model"], line["case"], line["rule"]].add(line["expected"])
    planted = {(model, case) for model, case, _ in found}
    assert len(planted) > len(content.cases) // 2
    for case in content.cases:
        if (case.model, case.id) not in planted:
            continue
        for rule, expected in case.expect.items():
            assert {one.verdict for one in expected} <= found[case.model, case.id, rule], (case.id, rule)
    assert county(0).hits == sum(line["expected"] == "hit" for line in truth)
    assert all(line["decoy"] == (line["expected"] == "clean") for line in truth)


def test_truth_names_the_kind_of_its_rule(content: Content, county: Build) -> None:
    kinds = {(model.id, rule.id): rule.kind for model in content.models for rule in model.rules}
    for line in lines(county(2).folder / "truth.jsonl"):
        assert line["kind"] == kinds[line["model"], line["rule"]]


def test_every_subject_of_the_truth_is_in_the_files(content: Content, county: Build) -> None:
    table_of = {
        (model.id, rule.id): content.lexicon.tables[model.tables[rule.from_]]
        for model in content.models
        for rule in model.rules
    }
    rows = {table.title: table_at_mess_0(county(0).folder, table.title) for table in table_of.values()}
    for line in lines(county(0).folder / "truth.jsonl"):
        table = table_of[line["model"], line["rule"]]
        subject = {table.columns[name].title: text for name, text in line["subject"].items()}
        assert any(subject.items() <= row.items() for row in rows[table.title]), line


def test_the_same_verdicts_hold_at_every_mess_but_for_slips(county: Build) -> None:
    def verdicts(mess: int) -> list[str]:
        kept = [line for line in lines(county(mess).folder / "truth.jsonl") if not line.get("problem")]
        return sorted(json.dumps(line, sort_keys=True) for line in kept)

    assert verdicts(0) == verdicts(1) == verdicts(2) == verdicts(3)


def test_a_hole_under_an_absent_table_makes_cannot_tell(content: Content, county: Build) -> None:
    truth = lines(county(0).folder / "truth.jsonl")
    hits = {case.id for case in content.cases if any(e.verdict == "hit" for e in case.expect.get("not_refunded", []))}
    of_hits = [line for line in truth if line["case"] in hits and line["rule"] == "not_refunded"]
    assert {line["expected"] for line in of_hits} >= {"hit", "cannot_tell"}


def test_the_coverage_file_is_short_and_covers_every_district_but_for_its_holes(
    content: Content, county: Build
) -> None:
    path = county(2).folder / "coverage.yaml"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 8 * len(content.lexicon.tables)
    entries = read_coverage(path, content.lexicon)
    assert set(entries) == set(content.lexicon.tables)
    covered = declared_coverage("deposit_refund", entries["deposit_refund"])
    named = {row["所属地区"] for row in table_at_mess_0(county(0).folder, "取保候审决定")} - {""}
    lacking = {
        district for entry in entries["deposit_refund"] for gap in entry.local_gaps for district in gap.districts
    }
    assert lacking < named
    assert {district for district in named if not covered.covers(FOREVER, AS_OF, district)} == lacking


@pytest.mark.parametrize("mess", [2, 3])
def test_four_of_ten_money_rows_have_no_number(county: Build, mess: int) -> None:
    bare = total = 0
    sheets = all_sheets(county(mess).folder / "data")
    for line in lines(county(mess).folder / "truth_links.jsonl"):
        if line["bail_no"]:
            cells = sheets[line["file"], line["sheet"]][line["row"] - 1]
            bare += line["bail_no"] not in {read_document_number(str(cell)).value for cell in cells}
            total += 1
    assert 0.33 < bare / total < 0.5  # the number may still stand in another column (organ_no): not counted


def test_a_file_is_sent_twice_at_the_highest_mess(county: Build) -> None:
    files = bytes_of(county(3).folder / "data")
    assert len(set(files.values())) == len(files) - 1


def test_slips_are_named_for_every_rule_of_their_subject(content: Content, tmp_path: Path) -> None:
    built = content.build(tmp_path / "county", mess=3, cases_count=1200)
    slips = [line for line in lines(built.folder / "truth.jsonl") if line.get("problem")]
    rules = {rule.id for model in content.models for rule in model.rules if rule.subject == ["bail.bail_no"]}
    per_subject = defaultdict(set)
    for line in slips:
        per_subject[line["subject"]["bail_no"]].add(line["rule"])
    assert per_subject
    assert all(found == rules for found in per_subject.values())


def test_a_county_is_replaced_but_nothing_else_is(content: Content, tmp_path: Path) -> None:
    folder = tmp_path / "county"
    content.build(folder, mess=0, cases_count=20)
    assert content.build(folder, mess=1, cases_count=20).mess == 1
    assert not list(tmp_path.glob(".county.*"))
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("mine")
    with pytest.raises(UsageProblem, match="U302"):
        content.build(other, mess=0)
    assert (other / "letter.txt").read_text() == "mine"


@pytest.mark.parametrize(("count", "mess"), [(0, 0), (10, 4), (10, -1)])
def test_impossible_wishes_are_refused(content: Content, tmp_path: Path, count: int, mess: int) -> None:
    with pytest.raises(UsageProblem, match="U301"):
        content.build(tmp_path / "county", mess=mess, cases_count=count)
