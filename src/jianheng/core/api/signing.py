"""Keys: our own to sign with, those of others that this office trusts."""

from __future__ import annotations

from pathlib import Path

from jianheng.core.api.home import Home
from jianheng.core.foundation.errors import Problem, UsageProblem
from jianheng.core.screening.office import read_office
from jianheng.core.shelf import keys
from jianheng.core.shelf.archive import read_archive_file
from jianheng.core.shelf.keys import TrustedKey
from jianheng.core.shelf.package import open_package
from jianheng.core.shelf.signature import PublicKey, same_fingerprint


def new_signing_key(home: Home, path: Path, name: str = "") -> TrustedKey:
    """A fresh key in ``path`` and ``path`` + ``.pub``, for the office ``name`` (default: that of ``office.yaml``).

    Raises UsageProblem: U221 for a file that stands already, U222 without a name.
    """
    owner = name.strip() or read_office(home.folder)
    return TrustedKey(keys.new_key(path, owner), owner)


def trusted_keys(home: Home) -> list[TrustedKey]:
    """The keys whose packages may be installed here, by fingerprint."""
    return keys.trusted_keys(home.trusted_keys)


def trust_key(home: Home, source: Path, fingerprint: str) -> TrustedKey:
    """Trust the key of a ``.pub`` file or of a package, whose ``fingerprint`` its owner told by another way.

    Raises UsageProblem (U223 no key, U227 another fingerprint), PackProblem (P4xx) for a package that is not whole.
    """
    one = keys.read_public_key(source) if source.suffix == ".pub" else _key_of_package(source)
    require_fingerprint(one.key, one.name, fingerprint, str(source))
    keys.trust(home.trusted_keys, one)
    return one


def distrust_key(home: Home, fingerprint: str) -> TrustedKey:
    """Stop trusting a key; what was installed stays. Raises UsageProblem (U224)."""
    return keys.distrust(home.trusted_keys, fingerprint)


def require_fingerprint(key: PublicKey, name: str, typed: str, file: str) -> None:
    """Raises UsageProblem (U227) unless ``typed`` is the fingerprint of ``key``."""
    if same_fingerprint(typed, key):
        return
    message = f"指纹不符：文件里的公钥自称属于「{name}」，指纹是 {key.fingerprint}，与您写的不同。"
    hint = "请向对方（当面或者打已知的电话）逐位核对；不一致的不要使用。"
    raise UsageProblem(Problem("U227", message, file=file, hint=hint))


def _key_of_package(source: Path) -> TrustedKey:
    package = open_package(read_archive_file(source), str(source))
    return TrustedKey(package.key, package.manifest.signer.name)
