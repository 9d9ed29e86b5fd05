"""A table or code list that two packs define is refused, naming both files."""

from __future__ import annotations

from pathlib import Path

import pytest

from jianheng.core.foundation.errors import PackProblem
from jianheng.core.pack.shelf import find_packs
from jianheng.core.terms.lexicon import read_lexicon

FILES = {
    "tables": ("guest.yaml", "id: guest\ntitle: 旅客\nrequired: [name]\ncolumns: {name: {title: 姓名, type: text}}\n"),
    "codes": ("age.yaml", "id: age\ntitle: 年龄段\nvalues: {未成年人: []}\n"),
}


@pytest.mark.parametrize("kind", ["tables", "codes"])
def test_the_same_id_in_two_packs_is_refused(tmp_path: Path, kind: str) -> None:
    name, text = FILES[kind]
    for pack in ("one", "two"):
        (tmp_path / pack / kind).mkdir(parents=True)
        manifest = f'id: {pack}\nversion: 1.0.0\ntitle: 包\ntitle_en: Pack\nlaw_as_of: "2026-07-17"\n'
        (tmp_path / pack / "pack.yaml").write_text(manifest, encoding="utf-8")
        (tmp_path / pack / kind / name).write_text(text, encoding="utf-8")
    with pytest.raises(PackProblem) as caught:
        read_lexicon(find_packs([tmp_path]))
    (problem,) = caught.value.problems
    assert problem.code == "T109"
    assert (
        problem.file == str(tmp_path / "two" / kind / name) and str(tmp_path / "one" / kind / name) in problem.message
    )
