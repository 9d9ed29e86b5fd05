"""A package in the office that receives it: trusted or not, new, the same, newer, at odds with what is there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jianheng.core import api
from jianheng.core.shelf.archive import read_archive
from jianheng.core.shelf.keys import read_private_key
from jianheng.core.shelf.package import open_package, seal
from tests.cli.conftest import BAIL, CASES, MODEL
from tests.core.shelf.author import NAME, Author, models_of, newer, receive
from tests.core.shelf.visits import TABLE, VISITS, with_visits


def code_of(home: api.Home, file: Path, **wishes: object) -> str:
    with pytest.raises(api.JianhengError) as caught:
        receive(home, file, **wishes)
    return caught.value.problems[0].code


def everything(home: api.Home) -> dict[str, bytes]:
    """All files of an office but those of work in hand."""
    files = (path for path in home.folder.rglob("*") if path.is_file())
    shown = {str(path.relative_to(home.folder)): path.read_bytes() for path in files}
    return {name: data for name, data in shown.items() if not name.startswith("tmp/")}


def test_what_a_trusted_office_sent_is_installed_and_used(author: Author, clerk: api.Home) -> None:
    report = receive(clerk, author.send())
    assert (report.status, report.signer, report.rules, report.cases) == ("installed", NAME, 1, 2)
    (table,) = report.tables
    assert (table.table, table.here, table.different, table.imported) == ("bail_decision", True, False, False)
    assert "决定书文号" in table.columns
    assert models_of(clerk)["deposits"] == "1.0.0"
    assert all(trial.passed for trial in api.try_models(clerk, ["deposits"], api.Silent()))
    (place,) = api.choose_models(clerk, ["deposits"])
    assert place.own and place.folder.is_relative_to(clerk.packs)


def test_it_is_said_whether_data_of_a_table_have_been_imported_here(
    author: Author, clerk: api.Home, tmp_path: Path
) -> None:
    file = tmp_path / "取保候审决定.csv"
    file.write_text(BAIL, encoding="utf-8")
    api.intake(clerk, [file], as_of=date(2025, 6, 30), progress=api.Silent())
    (table,) = receive(clerk, author.send()).tables
    assert table.imported


def test_an_unknown_signer_is_refused_with_name_and_fingerprint(author: Author, tmp_path: Path) -> None:
    stranger = api.Home(tmp_path / "stranger")
    archive = author.send()
    with pytest.raises(api.PackProblem) as caught:
        receive(stranger, archive)
    (problem,) = caught.value.problems
    assert problem.code == "P406"
    assert NAME in problem.message and author.key.fingerprint in problem.message
    assert not stranger.folder.exists()


def test_a_signer_is_trusted_only_by_the_fingerprint_that_was_told(author: Author, tmp_path: Path) -> None:
    stranger = api.Home(tmp_path / "stranger")
    archive = author.send()
    other = Author(tmp_path / "other").key.fingerprint
    assert code_of(stranger, archive, trusting=other) == "U227"
    assert api.trusted_keys(stranger) == []
    assert receive(stranger, archive, trusting=author.key.fingerprint).status == "installed"
    assert [one.key for one in api.trusted_keys(stranger)] == [author.key]


def test_the_name_of_a_trusted_office_under_another_key_is_an_unknown_signer(
    author: Author, clerk: api.Home, tmp_path: Path
) -> None:
    impostor = Author(tmp_path / "impostor", name=NAME)
    with pytest.raises(api.PackProblem) as caught:
        receive(clerk, impostor.send())
    (problem,) = caught.value.problems
    assert problem.code == "P406"
    assert impostor.key.fingerprint in problem.message
    assert "同名" in problem.message and author.key.fingerprint in problem.message


def test_a_key_that_is_no_longer_trusted_installs_nothing_more(author: Author, clerk: api.Home) -> None:
    receive(clerk, author.send())
    api.distrust_key(clerk, author.key.fingerprint)
    assert code_of(clerk, author.send(newer()), replace=True) == "P406"
    assert models_of(clerk)["deposits"] == "1.0.0"


def test_a_changed_package_changes_nothing(author: Author, clerk: api.Home) -> None:
    archive = author.send()
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 1
    archive.write_bytes(bytes(data))
    before = everything(clerk)
    assert code_of(clerk, archive) in ("P401", "P404")
    assert everything(clerk) == before


def test_checking_changes_nothing(author: Author, tmp_path: Path) -> None:
    stranger = api.Home(tmp_path / "stranger")
    report = receive(stranger, author.send(), trusting=author.key.fingerprint, only_check=True)
    assert report.status == "checked"
    assert everything(stranger) == {}
    assert "deposits" not in models_of(stranger)


def test_the_same_package_again_is_said_to_be_there(author: Author, clerk: api.Home) -> None:
    archive = author.send()
    receive(clerk, archive)
    before = everything(clerk)
    assert receive(clerk, archive).status == "already"
    assert everything(clerk) == before


def test_another_version_is_shown_but_not_installed_unless_asked(author: Author, clerk: api.Home) -> None:
    receive(clerk, author.send())
    before = everything(clerk)
    report = receive(clerk, author.send(newer()))
    assert (report.status, report.existing_version, report.version) == ("needs_replace", "1.0.0", "1.1.0")
    lines = [line for section in report.difference for line in section.lines]
    assert "版本：1.0.0 改为 1.1.0" in lines
    assert "最少天数（least）：缺省由3日改为2日。试验用" in lines
    assert everything(clerk) == before


def test_a_version_that_was_replaced_can_be_put_back(author: Author, clerk: api.Home) -> None:
    receive(clerk, author.send())
    report = receive(clerk, author.send(newer()), replace=True)
    assert report.status == "replaced"
    assert models_of(clerk)["deposits"] == "1.1.0"
    (earlier,) = report.earlier
    assert receive(clerk, Path(earlier), replace=True).status == "replaced"
    assert models_of(clerk)["deposits"] == "1.0.0"


def test_another_content_under_the_same_version_is_not_taken_for_the_same(author: Author, clerk: api.Home) -> None:
    receive(clerk, author.send())
    (author.folder / "out" / "deposits-1.0.0.jianheng.zip").unlink()
    report = receive(clerk, author.send(newer(version="1.0.0")))
    assert report.status == "needs_replace"


def test_a_model_that_came_with_the_program_is_replaced_only_when_asked_and_comes_back(
    author: Author, clerk: api.Home
) -> None:
    text = MODEL.replace("id: deposits", "id: water_supply_upkeep").replace("version: 1.0.0", "version: 2.0.0")
    archive = author.send(text, name="water_supply_upkeep")
    assert receive(clerk, archive).status == "needs_replace"
    assert models_of(clerk)["water_supply_upkeep"] == "1.0.0"
    report = receive(clerk, archive, replace=True)
    assert report.status == "replaced"
    assert models_of(clerk)["water_supply_upkeep"] == "2.0.0"
    (Path(report.folder).parent / "pack.yaml").unlink()
    assert models_of(clerk)["water_supply_upkeep"] == "1.0.0"


def test_the_offices_own_draft_is_never_touched_and_stands_aside_only_when_asked(
    author: Author, clerk: api.Home
) -> None:
    draft = clerk.packs / "criminal" / "models" / "deposits"
    draft.mkdir(parents=True)
    (draft / "model.yaml").write_text(MODEL.replace("title: 试验模型", "title: 本院草稿"), encoding="utf-8")
    (draft / "cases.yaml").write_text(CASES, encoding="utf-8")
    archive = author.send(newer())
    assert receive(clerk, archive).status == "needs_replace"
    assert receive(clerk, archive, replace=True).status == "replaced"
    assert models_of(clerk)["deposits"] == "1.1.0"
    assert "本院草稿" in (draft / "model.yaml").read_text(encoding="utf-8")


def test_a_folder_of_the_office_that_is_called_like_the_model_is_not_taken_over(
    author: Author, clerk: api.Home
) -> None:
    with_visits(clerk)
    (clerk.packs / "own_tables").rename(clerk.packs / "deposits")
    manifest = clerk.packs / "deposits" / "pack.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("own_tables", "deposits"), encoding="utf-8")
    before = everything(clerk)
    assert code_of(clerk, author.send(), replace=True) == "U225"
    assert everything(clerk) == before


def test_a_model_called_like_a_shipped_pack_is_refused(author: Author, clerk: api.Home) -> None:
    archive = author.send(MODEL.replace("id: deposits", "id: criminal"), name="criminal")
    assert code_of(clerk, archive) == "U225"


def test_a_table_that_the_office_lacks_comes_with_the_model(visits: Path, clerk: api.Home) -> None:
    report = receive(clerk, visits)
    (table,) = report.tables
    assert (table.table, table.here) == ("visit_log", False)
    assert api.load_lexicon(clerk).tables["visit_log"].title == "走访登记"
    assert all(trial.passed for trial in api.try_models(clerk, ["visits"], api.Silent()))


def test_a_table_that_the_office_has_stays_as_the_office_has_it(visits: Path, clerk: api.Home) -> None:
    with_visits(clerk, TABLE.replace("title: 走访登记", "title: 本院走访登记"))
    report = receive(clerk, visits)
    (table,) = report.tables
    assert (table.title, table.here, table.different) == ("本院走访登记", True, True)
    assert api.load_lexicon(clerk).tables["visit_log"].title == "本院走访登记"


def test_a_table_that_the_program_comes_to_know_later_wins_over_the_one_that_was_brought(
    visits: Path, clerk: api.Home
) -> None:
    receive(clerk, visits)
    with_visits(clerk, TABLE.replace("title: 走访登记", "title: 后来的走访登记"))
    assert api.load_lexicon(clerk).tables["visit_log"].title == "后来的走访登记"


def test_a_model_that_does_not_fit_the_tables_here_is_not_installed(visits: Path, clerk: api.Home) -> None:
    with_visits(clerk, TABLE.replace("answered_on: {title: 答复日期, type: date, empty: never}", ""))
    before = everything(clerk)
    assert code_of(clerk, visits) == "P408"
    assert everything(clerk) == before


def test_a_model_whose_cases_come_out_otherwise_by_the_tables_here_is_not_installed(
    visits: Path, clerk: api.Home
) -> None:
    """Here an empty reply means that nobody knows: the author's clue would be cannot tell."""
    with_visits(clerk, TABLE.replace("empty: never", "empty: unknown"))
    before = everything(clerk)
    assert code_of(clerk, visits) == "P408"
    assert everything(clerk) == before


def test_a_newer_version_that_no_longer_brings_what_another_model_reads_is_not_installed(
    visits: Path, author: Author, clerk: api.Home
) -> None:
    receive(clerk, visits)
    own = clerk.packs / "criminal" / "models" / "visits_again"
    own.mkdir(parents=True)
    (own / "model.yaml").write_text(VISITS.replace("id: visits", "id: visits_again"), encoding="utf-8")
    other = MODEL.replace("id: deposits", "id: visits").replace("version: 1.0.0", "version: 2.0.0")
    assert code_of(clerk, author.send(other, name="visits"), replace=True) == "P409"
    assert models_of(clerk)["visits"] == "1.0.0"


def resealed(author: Author, archive: Path, change: tuple[str, bytes, bytes], told: dict[str, object]) -> Path:
    """A package whose signer changed one of its files, or what the manifest says, and signed again."""
    name, before, after = change
    package = open_package(archive.read_bytes(), "")
    files = {**package.files, name: package.files[name].replace(before, after)}
    model = package.manifest.model.model_copy(update=told)
    manifest = package.manifest.model_copy(update={"model": model})
    path = author.folder / "resealed.zip"
    path.write_bytes(seal(manifest, files, read_private_key(author.key_file)))
    return path


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("model/model.yaml", b"default: 3", b"default: 30"), {}),
        (("model/README.md", b"", b""), {"version": "9.0.0"}),
        (("model/README.md", b"", b""), {"title": "无关的名称"}),
        (("model/README.md", b"", b""), {"rules": 12}),
        (("tables/bail_decision.yaml", b"empty: never", b"empty: unknown"), {}),
        (("backtest.json", b"deposits", b"depositz"), {}),
    ],
)
def test_even_a_trusted_signer_cannot_say_one_thing_and_send_another(
    change: tuple[str, bytes, bytes], told: dict[str, object], author: Author, clerk: api.Home
) -> None:
    assert code_of(clerk, resealed(author, author.send(), change, told)) == "P407"
    assert "deposits" not in models_of(clerk)


def test_answers_that_were_struck_out_are_refused(author: Author, clerk: api.Home) -> None:
    change = ("model/listing.yaml", "已经研究并记录".encode(), "〔请填写〕".encode())
    assert code_of(clerk, resealed(author, author.send(), change, {})) == "M509"


def test_what_goes_into_the_package_comes_out_of_it_to_the_byte(author: Author, clerk: api.Home) -> None:
    archive = author.send()
    report = receive(clerk, archive)
    files = read_archive(archive.read_bytes(), "")
    for name in ("model.yaml", "cases.yaml", "README.md", "listing.yaml"):
        assert (Path(report.folder) / "models" / "deposits" / name).read_bytes() == files[f"model/{name}"]
    assert (Path(report.folder) / "package.zip").read_bytes() == archive.read_bytes()


def test_models_with_the_same_tables_and_conditions_are_named(author: Author, clerk: api.Home) -> None:
    receive(clerk, author.send())
    twin = MODEL.replace("id: deposits", "id: twin").replace("bail.", "b.").replace("bail:", "b:")
    twin = twin.replace("tables: {bail: bail_decision}", "tables: {b: bail_decision}").replace("from: bail", "from: b")
    twin = twin.replace("least", "at_least").replace("id: late,", "id: slow,").replace("{late}", "{slow}")
    report = receive(clerk, author.send(twin, CASES.replace("bail:", "b:"), name="twin"))
    (like,) = [one for one in report.like if one.id == "deposits"]
    assert like.same_tables
    (pair,) = like.rules
    assert (pair.rule, pair.other_rule, pair.same) == ("started_late", "started_late", True)


def test_a_folder_is_no_package_and_what_to_do_is_said(author: Author, clerk: api.Home, tmp_path: Path) -> None:
    archive = author.send()
    empty = tmp_path / "empty"
    empty.mkdir()
    todo = {}
    for folder in (archive.parent, author.folder / "deposits", empty):
        with pytest.raises(api.UsageProblem) as caught:
            receive(clerk, folder)
        (problem,) = caught.value.problems
        assert (problem.code, problem.message) == ("U104", "这是一个文件夹，应是模型包（.jianheng.zip）。")
        todo[folder] = problem.hint
    assert str(archive) in todo[archive.parent]
    assert "不用安装" in todo[author.folder / "deposits"]
    assert todo[empty] == "请写到其中的模型包。"
