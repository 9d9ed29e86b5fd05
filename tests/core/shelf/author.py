"""An author's desk: a small model, answers to the gates, a backtest, a key; and packages made of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from jianheng.core import api
from jianheng.core.foundation.identity import hash_text
from jianheng.core.model.spec import Model
from jianheng.core.pack.strict_yaml import read_yaml
from jianheng.core.pack.typed import read_content
from jianheng.core.shelf.listing import BLANK, listing_form
from jianheng.core.shelf.signature import PublicKey
from tests.cli.conftest import CASES, MODEL

EASY = CASES.replace('started_on: "2024-08-04"', 'started_on: "2024-08-03"')
"""Cases that hold for the small model and for the one that waits a day less."""

AT = datetime(2026, 3, 2, 9, 30)
NAME = "示例市人民检察院"


@dataclass
class Author:
    """``folder`` holds everything; ``home`` is the author's own JIANHENG_HOME."""

    folder: Path
    name: str = NAME
    key: PublicKey = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.key = api.new_signing_key(self.home, self.key_file, self.name).key

    @property
    def home(self) -> api.Home:
        return api.Home(self.folder / "home")

    @property
    def key_file(self) -> Path:
        return self.folder / "own.key"

    def write(
        self, model: str = MODEL, cases: str = EASY, readme: str = "# 试验模型\n", name: str = "deposits"
    ) -> Path:
        """The folder of a model, its form not yet filled in."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        for file, text in (("model.yaml", model), ("cases.yaml", cases), ("README.md", readme)):
            (folder / file).write_text(text, encoding="utf-8")
        (folder / "listing.yaml").unlink(missing_ok=True)
        return folder

    def answer(self, model: Path) -> None:
        """Fill in the form of answers."""
        text = listing_form(spec_of(model)).replace(f"answered_on: {BLANK}", "answered_on: 2026-02-01")
        for number in range(1, text.count(f"answer: {BLANK}") + 1):
            text = text.replace(f"answer: {BLANK}", f"answer: 第{number}问已经研究并记录", 1)
        (model / "listing.yaml").write_text(text.replace(BLANK, "已经研究并记录"), encoding="utf-8")

    def replay(self, model: Path, **changed: object) -> Path:
        """A backtest of the model as it is now."""
        spec = spec_of(model)
        week = {"as_of": "2026-01-05", "clues": 3, "new": 3, "cannot_tell": 1, "clean": 40}
        told = {
            "format": 1,
            "model": spec.id,
            "version": spec.version,
            "model_hash": hash_text((model / "model.yaml").read_text(encoding="utf-8")),
            "as_of": ["2026-01-05"],
            "weeks": [week],
            "confirmed": {"checked": 30, "true": 27},
            "more": "than agreed",
        }
        path = self.folder / f"{spec.id}-backtest.json"
        path.write_text(json.dumps({**told, **changed}), encoding="utf-8")
        return path

    def package(self, model: Path, backtest: Path | None = None, out: str = "out") -> Path:
        """Pack ``model``; the archive."""
        return self.packed(model, backtest, out).archive

    def packed(self, model: Path, backtest: Path | None = None, out: str = "out") -> api.Packed:
        """Pack ``model``; what was made."""
        return api.package_model(
            self.home,
            str(model),
            key=self.key_file,
            backtest=backtest,
            out=self.folder / out,
            listing=None,
            progress=api.Silent(),
        )

    def send(self, model: str = MODEL, cases: str = EASY, readme: str = "# 试验模型\n", name: str = "deposits") -> Path:
        """A model written, answered, replayed and packed; the archive."""
        folder = self.write(model, cases, readme, name)
        self.answer(folder)
        return self.package(folder, self.replay(folder))


def spec_of(model: Path) -> Model:
    """``model.yaml`` as written, unchecked."""
    return read_content(Model, read_yaml(model / "model.yaml"))


def receive(home: api.Home, file: Path, **wishes: object) -> api.Installed:
    """Install ``file`` in the office of ``home``."""
    return api.install_model(home, file, at=AT, progress=api.Silent(), **wishes)  # type: ignore[arg-type]


def remove(home: api.Home, model: str, *, sure: bool = True) -> api.Removal:
    """Take ``model`` out of use in the office of ``home``."""
    return api.uninstall_model(home, model, at=AT, by="示例书记员", sure=sure)


def newer(text: str = MODEL, version: str = "1.1.0") -> str:
    """The small model as a later version that waits a day less."""
    return text.replace("version: 1.0.0", f"version: {version}").replace("default: 3", "default: 2")


def models_of(home: api.Home) -> dict[str, str]:
    """Id -> version of every model that the office uses."""
    lexicon = api.load_lexicon(home)
    return {model.id: model.spec.version for model in api.load_models(home, ["all"], lexicon)}
