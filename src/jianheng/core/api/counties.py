"""A synthetic county, for whoever wants to try a model on data whose truth is known."""

from __future__ import annotations

from pathlib import Path

from jianheng.core.api.content import ALL, load_cases, load_lexicon, load_models
from jianheng.core.api.home import Home
from jianheng.core.foundation.progress import Progress
from jianheng.core.sandbox.county import County
from jianheng.core.sandbox.county import build_county as build


def build_county(home: Home, folder: Path, *, cases: int, seed: int, mess: int, progress: Progress) -> County:
    """A synthetic county of ``cases`` cases in ``folder``, with the worked cases of every model planted.

    Raises UsageProblem for arguments out of range or a folder that holds anything else.
    """
    lexicon = load_lexicon(home)
    models = load_models(home, (ALL,), lexicon)
    specs = [model.spec for model in models]
    worked = load_cases(models)
    return build(folder, lexicon, worked, models=specs, cases_count=cases, seed=seed, mess=mess, progress=progress)
