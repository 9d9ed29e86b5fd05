"""The only door to the core, for the command line and every later face.

Names are fetched when they are first used: a face that only prints its help must not wait for the engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from jianheng.core.api.home import VARIABLE as HOME_VARIABLE
from jianheng.core.api.home import Home
from jianheng.core.foundation.errors import (
    DataProblem,
    JianhengError,
    PackProblem,
    Problem,
    RunProblem,
    UsageProblem,
)
from jianheng.core.foundation.progress import Progress, Silent

if TYPE_CHECKING:
    from jianheng.core.api.appraising import Inquiry, PastSources, backtest, like_case
    from jianheng.core.api.content import (
        CheckedModel,
        ModelPlace,
        check_models,
        choose_models,
        find_models,
        load_cases,
        load_lexicon,
        load_models,
        load_packs,
    )
    from jianheng.core.api.counties import build_county
    from jianheng.core.api.explaining import explain_sql
    from jianheng.core.api.installing import Installed, install_model
    from jianheng.core.api.keeping import KeptSnapshot, find_snapshot, kept_snapshots, purge_snapshot
    from jianheng.core.api.model_diff import ModelDifference, SharedData, diff_models
    from jianheng.core.api.new_model import new_model
    from jianheng.core.api.packaging import Packed, package_model
    from jianheng.core.api.runs import intake, screen, verify
    from jianheng.core.api.signing import distrust_key, new_signing_key, trust_key, trusted_keys
    from jianheng.core.api.trials import try_models
    from jianheng.core.api.uninstalling import Removal, uninstall_model
    from jianheng.core.fields.masking import mask_text
    from jianheng.core.foundation.own_process import do_without
    from jianheng.core.ingest.explain import NOT_READ
    from jianheng.core.model.explain import ModelPage, RulePage, Section, explain_model, explain_rule
    from jianheng.core.model.spec import KIND_TITLES
    from jianheng.core.model.supervision_model import SupervisionModel
    from jianheng.core.sandbox.county import County
    from jianheng.core.sandbox.trials import Trial
    from jianheng.core.screening.intake import IntakeReport
    from jianheng.core.screening.protection import flag_counts, flag_titles
    from jianheng.core.screening.request import ScreenReport
    from jianheng.core.screening.summary import RuleSummary
    from jianheng.core.screening.verification import VerifyReport
    from jianheng.core.shelf.keys import TrustedKey
    from jianheng.core.shelf.likeness import LikeModel

_API = "jianheng.core.api."
_PLACES = {
    _API + "appraising": "Inquiry PastSources backtest like_case",
    _API + "content": (
        "CheckedModel ModelPlace check_models choose_models find_models load_cases load_lexicon load_models load_packs"
    ),
    _API + "counties": "build_county",
    _API + "explaining": "explain_sql",
    _API + "installing": "Installed install_model",
    _API + "keeping": "KeptSnapshot find_snapshot kept_snapshots purge_snapshot",
    _API + "model_diff": "ModelDifference SharedData diff_models",
    _API + "new_model": "new_model",
    _API + "packaging": "Packed package_model",
    _API + "runs": "intake screen verify",
    _API + "signing": "distrust_key new_signing_key trust_key trusted_keys",
    _API + "trials": "try_models",
    _API + "uninstalling": "Removal uninstall_model",
    "jianheng.core.fields.masking": "mask_text",
    "jianheng.core.foundation.own_process": "do_without",
    "jianheng.core.ingest.explain": "NOT_READ",
    "jianheng.core.model.explain": "ModelPage RulePage Section explain_model explain_rule",
    "jianheng.core.model.spec": "KIND_TITLES",
    "jianheng.core.model.supervision_model": "SupervisionModel",
    "jianheng.core.sandbox.county": "County",
    "jianheng.core.screening.intake": "IntakeReport",
    "jianheng.core.sandbox.trials": "Trial",
    "jianheng.core.screening.protection": "flag_counts flag_titles",
    "jianheng.core.screening.request": "ScreenReport",
    "jianheng.core.screening.summary": "RuleSummary",
    "jianheng.core.screening.verification": "VerifyReport",
    "jianheng.core.shelf.keys": "TrustedKey",
    "jianheng.core.shelf.likeness": "LikeModel",
}
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names.split()}

__all__ = [
    "HOME_VARIABLE",
    "KIND_TITLES",
    "NOT_READ",
    "CheckedModel",
    "County",
    "DataProblem",
    "Home",
    "Inquiry",
    "Installed",
    "IntakeReport",
    "JianhengError",
    "KeptSnapshot",
    "LikeModel",
    "ModelDifference",
    "ModelPage",
    "ModelPlace",
    "PackProblem",
    "Packed",
    "PastSources",
    "Problem",
    "Progress",
    "Removal",
    "RulePage",
    "RuleSummary",
    "RunProblem",
    "ScreenReport",
    "Section",
    "SharedData",
    "Silent",
    "SupervisionModel",
    "Trial",
    "TrustedKey",
    "UsageProblem",
    "VerifyReport",
    "backtest",
    "build_county",
    "check_models",
    "choose_models",
    "diff_models",
    "distrust_key",
    "do_without",
    "explain_model",
    "explain_rule",
    "explain_sql",
    "find_models",
    "find_snapshot",
    "flag_counts",
    "flag_titles",
    "install_model",
    "intake",
    "kept_snapshots",
    "like_case",
    "load_cases",
    "load_lexicon",
    "load_models",
    "load_packs",
    "mask_text",
    "new_model",
    "new_signing_key",
    "package_model",
    "purge_snapshot",
    "screen",
    "trust_key",
    "trusted_keys",
    "try_models",
    "uninstall_model",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_PLACE_OF[name]), name)
    globals()[name] = found
    return found
