"""A model that was installed is taken out of use: what goes, what stays, what comes back, and who did it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jianheng.core import api
from tests.core.shelf.author import Author, models_of, newer, receive, remove
from tests.core.shelf.visits import VISIT_CASES, VISITS


def left_of(home: api.Home) -> set[str]:
    """What lies of removed models, below the folder of each."""
    (folder,) = home.removed_models.iterdir()
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_an_installed_model_goes_and_its_record_and_package_stay(author: Author, clerk: api.Home) -> None:
    archive = author.send()
    before = models_of(clerk)
    version = Path(receive(clerk, archive).folder).name
    told = remove(clerk, "deposits")
    assert told.removed and models_of(clerk) == before
    assert not (clerk.packs / "deposits").exists()
    assert left_of(clerk) == {"removed.json", f"{version}/package.zip"}
    record = json.loads((Path(told.kept) / "removed.json").read_text(encoding="utf-8"))
    assert (record["id"], record["removed_at"], record["by"]) == ("deposits", "2026-03-02 09:30:00", "示例书记员")
    (one,) = record["versions"]
    assert (one["version"], one["signer"], one["in_use"]) == ("1.0.0", author.name, True)
    assert one["digest"].startswith("sha256:") and one["installed_at"] == "2026-03-02 09:30:00"
    assert receive(clerk, Path(told.kept) / version / "package.zip").status == "installed"


def test_only_saying_what_would_go_changes_nothing(author: Author, clerk: api.Home) -> None:
    receive(clerk, author.send())
    receive(clerk, author.send(newer()), replace=True)
    told = remove(clerk, "deposits", sure=False)
    assert not told.removed and not clerk.removed_models.exists()
    assert [(one.version, one.in_use) for one in told.versions] == [("1.1.0", True), ("1.0.0", False)]
    assert models_of(clerk)["deposits"] == "1.1.0"


def test_removing_again_keeps_both_records(author: Author, clerk: api.Home) -> None:
    for _ in range(2):
        receive(clerk, author.send())
        remove(clerk, "deposits")
    assert [len(list(folder.glob("removed.json"))) for folder in clerk.removed_models.iterdir()] == [1, 1]


@pytest.mark.parametrize("name", ["bail_deposit", "criminal/bail_deposit"])
def test_a_model_that_came_with_the_program_is_not_removed(name: str, clerk: api.Home) -> None:
    with pytest.raises(api.UsageProblem, match="U229 模型 bail_deposit 不是安装来的，是随程序来的"):
        remove(clerk, name)


def test_the_offices_own_model_is_not_removed(clerk: api.Home) -> None:
    folder = api.new_model(clerk, "criminal/mine")
    with pytest.raises(api.UsageProblem, match="U229 模型 mine 不是安装来的，是本院自己的"):
        remove(clerk, "mine")
    assert folder.is_dir()


def test_what_is_no_model_is_said(clerk: api.Home) -> None:
    with pytest.raises(api.UsageProblem, match="U201"):
        remove(clerk, "../deposits")


def test_the_model_that_it_stood_in_for_comes_back(author: Author, clerk: api.Home) -> None:
    own = api.new_model(clerk, "criminal/deposits")
    receive(clerk, author.send(), replace=True)
    assert models_of(clerk)["deposits"] == "1.0.0"
    assert remove(clerk, "deposits").comes_back == str(own)
    assert models_of(clerk)["deposits"] == "0.1.0"


def test_one_of_two_models_that_are_at_odds_can_be_removed(author: Author, clerk: api.Home) -> None:
    receive(clerk, author.send())
    own = clerk.packs / "criminal" / "models" / "deposits"
    own.mkdir(parents=True)
    (own / "model.yaml").write_text(newer(), encoding="utf-8")
    with pytest.raises(api.PackProblem, match="P303"):
        api.find_models(clerk)
    assert remove(clerk, "deposits").comes_back == str(own)
    assert [place.folder for place in api.find_models(clerk) if place.own] == [own]


def test_the_tables_that_it_brought_go_with_it_and_are_named(visits: Path, clerk: api.Home) -> None:
    receive(clerk, visits)
    assert remove(clerk, "visits").tables == ("走访登记",)
    assert "visit_log" not in api.load_lexicon(clerk).tables


def test_a_model_whose_tables_another_reads_stays(visits: Path, clerk: api.Home) -> None:
    receive(clerk, visits)
    other = clerk.packs / "criminal" / "models" / "visits_again"
    other.mkdir(parents=True)
    (other / "model.yaml").write_text(VISITS.replace("id: visits", "id: visits_again"), encoding="utf-8")
    (other / "cases.yaml").write_text(VISIT_CASES, encoding="utf-8")
    with pytest.raises(api.PackProblem, match="P410 卸下以后，模型 visits_again 就读不了了"):
        remove(clerk, "visits", sure=False)
    assert set(models_of(clerk)) >= {"visits", "visits_again"}
