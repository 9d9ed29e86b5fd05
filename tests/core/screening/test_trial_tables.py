"""The shortcut for worked cases makes the tables that importing makes of the same cells."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jianheng.core.engine.duckdb_engine import DuckdbEngine
from jianheng.core.model.read import read_model
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.pack.shelf import find_packs, shipped_packs
from jianheng.core.screening.cases import Case, read_cases
from jianheng.core.screening.model_trials import moved, places_of
from jianheng.core.screening.trial import case_tables
from jianheng.core.screening.trial_tables import write_trial_table
from jianheng.core.terms.lexicon import read_lexicon


def shipped() -> tuple[SupervisionModel, list[Case]]:
    packs = find_packs([shipped_packs()])
    model = read_model(packs[0].folders("models")[0], read_lexicon(packs))
    return model, read_cases(model)


MODEL, CASES = shipped()


def telling() -> list[Case]:
    """Few cases that between them have what is awkward: lacking columns, several sheets, equal rows, unread cells."""
    chosen = {
        "lacking": next(case for case in CASES if case.missing_columns),
        "sheets": next(case for case in CASES if any("_sheet" in row for rows in case.given.values() for row in rows)),
        "repeated": next(
            case for case in CASES if any(len(rows) > len({repr(row) for row in rows}) for rows in case.given.values())
        ),
        "unread": next(case for case in CASES if case.id == "word_outside_the_list"),
    }
    return list({case.id: case for case in chosen.values()}.values())


@pytest.mark.parametrize("case", telling(), ids=lambda case: case.id)
def test_the_tables_of_a_case_are_those_of_an_import(case: Case, tmp_path: Path) -> None:
    with DuckdbEngine(tmp_path / "spill", threads=1) as engine:
        imported = case_tables(case, MODEL.lexicon, engine, tmp_path / "imported")
    short = tmp_path / "short"
    short.mkdir()
    for alias, table in case.tables.items():
        if alias in case.not_supplied:
            continue
        canonical, source, profile = write_trial_table(case, alias, MODEL.lexicon, short)
        ours, theirs = pq.read_table(source), pq.read_table(imported.source[table])
        assert ours.schema.names == theirs.schema.names
        written = sorted(map(repr, ours.drop_columns(["_row"]).to_pylist()))
        assert written == sorted(map(repr, theirs.drop_columns(["_row"]).to_pylist()))
        rows, wanted = pq.read_table(canonical), pq.read_table(imported.canonical[table])
        assert {field.name: field.type for field in rows.schema} == {field.name: field.type for field in wanted.schema}
        values = sorted(map(repr, rows.drop_columns(["_row"]).to_pylist()))
        assert values == sorted(map(repr, wanted.drop_columns(["_row"]).to_pylist()))
        assert rows.column("_row").to_pylist() == wanted.column("_row").to_pylist()
        measured = imported.profiles[table]
        assert (profile.rows, profile.source_rows, profile.repeats, profile.days) == (
            measured.rows,
            measured.source_rows,
            measured.repeats,
            measured.days,
        )
        for name, column in profile.columns.items():
            other = measured.columns[name]
            assert (column.present, column.nulls, column.bad) == (other.present, other.nulls, other.bad), name


def test_a_case_is_tried_as_written_and_at_both_ends_and_only_dates_move() -> None:
    case = next(case for case in CASES if case.move == (-300, 100))
    assert places_of(case) == (0, -300, 100)
    later = moved(case, 100, MODEL.lexicon)
    before, after = case.given["bail"][0], later.given["bail"][0]
    assert (before["decided_on"], after["decided_on"]) == ("2024-08-01", "2024-11-09")
    changed = {name for name in before if before[name] != after[name]}
    columns = MODEL.lexicon.tables["bail_decision"].columns
    assert {columns[name].type for name in changed} == {"date"}
    assert later.as_of == case.as_of
