"""Who signed: schemes by name, keys, fingerprints that people can read to each other.

A scheme is one entry of :data:`SCHEMES`; its name stands in every key and in every signed manifest, so another one
(SM2) is an entry more and no change of format. The library is imported when something is signed or verified, not
before.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Protocol

from jianheng.core.foundation.errors import PackProblem, Problem

DEFAULT_SCHEME = "ed25519"
_SHOWN_DIGITS = 32
_PURPOSE = b"jianheng model package 1\n"
"""Stands before what is signed: a signature made for anything else never fits."""


class SignatureScheme(Protocol):
    """Raw bytes in and out; what they mean is the scheme's own."""

    def new_key(self) -> bytes:
        """A fresh private key."""

    def public_key(self, private: bytes) -> bytes:
        """The public half of ``private``. Raises ValueError if it is no key of this scheme."""

    def sign(self, private: bytes, message: bytes) -> bytes:
        """The signature of ``message``."""

    def verify(self, public: bytes, signature: bytes, message: bytes) -> bool:
        """Whether ``signature`` is that of ``message``; False too for what is no key or no signature."""
        ...


class Ed25519:
    """RFC 8032, by the library ``cryptography``."""

    def new_key(self) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.generate().private_bytes_raw()

    def public_key(self, private: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()

    def sign(self, private: bytes, message: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(private).sign(message)

    def verify(self, public: bytes, signature: bytes, message: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


SCHEMES: dict[str, SignatureScheme] = {"ed25519": Ed25519()}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that signatures are checked with. ``fingerprint`` is what two people compare on the telephone."""

    scheme: str
    raw: bytes

    @property
    def fingerprint(self) -> str:
        """128 bits of a hash over scheme and key, in groups of four digits."""
        digits = hashlib.sha256(self.scheme.encode() + b":" + self.raw).hexdigest()[:_SHOWN_DIGITS]
        return "-".join(digits[start : start + 4] for start in range(0, _SHOWN_DIGITS, 4))

    def verify(self, signature: bytes, message: bytes, file: str) -> bool:
        """Whether ``message`` was signed with this key. Raises PackProblem (P405) for a scheme we do not have."""
        return scheme_named(self.scheme, file).verify(self.raw, signature, _PURPOSE + message)


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key that signs; ``name`` is the office it belongs to. Its text never shows the key."""

    scheme: str
    raw: bytes
    name: str

    def __repr__(self) -> str:
        return f"PrivateKey({self.scheme}, {self.name})"

    @property
    def public(self) -> PublicKey:
        """The other half."""
        return PublicKey(self.scheme, SCHEMES[self.scheme].public_key(self.raw))

    def sign(self, message: bytes) -> bytes:
        """The signature of ``message``."""
        return SCHEMES[self.scheme].sign(self.raw, _PURPOSE + message)


def scheme_named(name: str, file: str) -> SignatureScheme:
    """The scheme of that name. Raises PackProblem (P405)."""
    if name not in SCHEMES:
        hint = f"本程序的签名方式：{'、'.join(SCHEMES)}。请用较新的程序，或者请打包单位换一种签名方式。"
        raise PackProblem(Problem("P405", f"没有签名方式「{name}」。", file=file, hint=hint))
    return SCHEMES[name]


def same_fingerprint(typed: str, key: PublicKey) -> bool:
    """Whether a person typed the fingerprint of ``key``; spaces, dashes and capitals do not matter, digits all do."""
    return re.sub(r"[\s-]", "", typed).lower() == key.fingerprint.replace("-", "")


def to_base64(raw: bytes) -> str:
    """The one way in which keys and signatures are written."""
    return base64.b64encode(raw).decode("ascii")


def from_base64(text: str) -> bytes | None:
    """The bytes of ``text``; None unless it is exactly what :func:`to_base64` writes of them."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if to_base64(raw) == text else None
