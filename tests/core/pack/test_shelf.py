"""Packs as they are found: versions side by side, models that stand in for others, what is still being written."""

from pathlib import Path

from jianheng.core.pack.shelf import find_packs

MANIFEST = 'id: {id}\nversion: 1.0.0\ntitle: 包\ntitle_en: pack\nlaw_as_of: "2026-01-01"\n'


def pack(root: Path, name: str, more: str = "") -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "pack.yaml").write_text(MANIFEST.format(id=name) + more, encoding="utf-8")
    return folder


def test_a_pack_that_names_its_content_has_it_in_that_folder_and_no_other(tmp_path: Path) -> None:
    folder = pack(tmp_path, "late", "content: 1.1.0-abc\n")
    for version in ("1.0.0-def", "1.1.0-abc"):
        (folder / version / "tables").mkdir(parents=True)
        (folder / version / "tables" / "visit.yaml").touch()
    (found,) = find_packs([tmp_path])
    assert found.installed
    assert found.files("tables") == [folder / "1.1.0-abc" / "tables" / "visit.yaml"]


def test_a_pack_that_somebody_wrote_has_its_content_beside_its_manifest(tmp_path: Path) -> None:
    folder = pack(tmp_path, "own")
    (found,) = find_packs([tmp_path])
    assert (found.folder, found.installed) == (folder, False)


def test_what_begins_with_a_dot_is_still_being_written(tmp_path: Path) -> None:
    pack(tmp_path, "own")
    pack(tmp_path, ".own.0badcafe.part")
    assert [one.manifest.id for one in find_packs([tmp_path])] == ["own"]
