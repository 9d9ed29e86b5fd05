"""Keys and signatures: what is written where, and what fits what."""

from __future__ import annotations

import hmac
import os
import stat
from pathlib import Path

import pytest

from jianheng.core.foundation.errors import PackProblem, UsageProblem
from jianheng.core.shelf import keys
from jianheng.core.shelf.keys import TrustedKey
from jianheng.core.shelf.signature import SCHEMES, PrivateKey, PublicKey, from_base64, same_fingerprint, to_base64


def private(name: str = "示例市人民检察院") -> PrivateKey:
    return PrivateKey("ed25519", SCHEMES["ed25519"].new_key(), name)


def test_a_signature_fits_its_key_and_its_message_only() -> None:
    one, other = private(), private()
    signature = one.sign(b"manifest")
    assert one.public.verify(signature, b"manifest", "")
    assert not one.public.verify(signature, b"manifesto", "")
    assert not other.public.verify(signature, b"manifest", "")
    assert not one.public.verify(signature[:-1], b"manifest", "")
    assert not one.public.verify(b"", b"manifest", "")
    assert not PublicKey("ed25519", b"short").verify(signature, b"manifest", "")


def test_the_known_answer_of_the_standard() -> None:
    """RFC 8032, 7.1, test 2."""
    secret = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    scheme = SCHEMES["ed25519"]
    assert scheme.public_key(secret) == public
    assert scheme.sign(secret, b"\x72") == signature
    assert scheme.verify(public, signature, b"\x72")


def test_what_was_signed_for_something_else_does_not_fit_a_package() -> None:
    one = private()
    bare = SCHEMES["ed25519"].sign(one.raw, b"manifest")
    assert not one.public.verify(bare, b"manifest", "")


def test_a_private_key_does_not_show_itself() -> None:
    one = private()
    assert to_base64(one.raw) not in repr(one) and str(one.raw) not in repr(one)


def test_a_fingerprint_may_be_typed_as_people_type_and_every_digit_counts() -> None:
    key = private().public
    shown = key.fingerprint
    assert len(shown.replace("-", "")) == 32
    assert same_fingerprint(shown.upper().replace("-", " "), key)
    assert not same_fingerprint(shown[:-1], key)
    assert not same_fingerprint("", key)
    assert not same_fingerprint(shown + "0", key)


def test_the_same_bytes_under_another_scheme_are_another_key() -> None:
    raw = private().public.raw
    assert PublicKey("ed25519", raw).fingerprint != PublicKey("sm2", raw).fingerprint


@pytest.mark.parametrize("text", ["", "?", "AA", "AA==\n", "AB==", " AA==", "AA=", "ＡＡ=="])
def test_there_is_one_way_to_write_bytes(text: str) -> None:
    assert from_base64(text) is None or to_base64(from_base64(text) or b"") == text
    assert from_base64("AB==") is None  # bits that no byte has


def test_a_new_key_is_two_files_that_their_owner_alone_can_read(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "own.key"
    made = keys.new_key(path, "示例市人民检察院")
    read = keys.read_private_key(path)
    assert (read.public, read.name) == (made, "示例市人民检察院")
    assert keys.read_public_key(path.with_name("own.key.pub")) == TrustedKey(made, "示例市人民检察院")
    if os.name == "posix":
        assert [stat.S_IMODE(file.stat().st_mode) for file in sorted(path.parent.iterdir())] == [0o600, 0o600]


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "own.key"
    keys.new_key(path, "甲院")
    before = path.read_bytes()
    with pytest.raises(UsageProblem):
        keys.new_key(path, "乙院")
    path.unlink()
    with pytest.raises(UsageProblem):  # the public half still stands
        keys.new_key(path, "乙院")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageProblem):
        keys.new_key(path, "乙院")
    assert before and not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["", "  ", "甲\n乙", "甲\x1b[31m院", "\u202e院检", "长" * 101])
def test_a_name_that_would_deceive_on_a_screen_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem):
        keys.new_key(tmp_path / "own.key", name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 9000,
        "{}",
        '{"format": 1, "scheme": "ed25519", "name": "甲", "private_key": "AAAA", "public_key": "?"}',
        '{"format": 1, "scheme": "rot13", "name": "甲", "private_key": "AAAA", "public_key": "AAAA"}',
        '{"format": 2, "scheme": "ed25519", "name": "甲", "private_key": "AAAA", "public_key": "AAAA"}',
    ],
)
def test_a_file_that_is_no_key_is_said(text: str, tmp_path: Path) -> None:
    path = tmp_path / "own.key"
    path.write_text(text, encoding="utf-8")
    for read in (keys.read_private_key, keys.read_public_key):
        with pytest.raises(UsageProblem) as caught:
            read(path)
        assert caught.value.problems[0].code == "U223"


def test_a_trusted_key_keeps_the_name_it_was_trusted_under_until_it_is_distrusted(tmp_path: Path) -> None:
    key = private().public
    keys.trust(tmp_path / "trusted", TrustedKey(key, "示例市人民检察院"))
    keys.trust(tmp_path / "trusted", TrustedKey(key, "别的名称"))
    assert keys.trusted_keys(tmp_path / "trusted") == [TrustedKey(key, "示例市人民检察院")]
    assert keys.distrust(tmp_path / "trusted", key.fingerprint.upper()).key == key
    assert keys.trusted_keys(tmp_path / "trusted") == []
    with pytest.raises(UsageProblem):
        keys.distrust(tmp_path / "trusted", key.fingerprint)


class Toy:
    """A scheme that signs with a shared secret: enough to show that a scheme is one entry."""

    def new_key(self) -> bytes:
        return b"secret"

    def public_key(self, private: bytes) -> bytes:
        return private

    def sign(self, private: bytes, message: bytes) -> bytes:
        return hmac.digest(private, message, "sha256")

    def verify(self, public: bytes, signature: bytes, message: bytes) -> bool:
        return hmac.compare_digest(hmac.digest(public, message, "sha256"), signature)


def test_another_scheme_is_one_more_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCHEMES, "toy", Toy())
    keys.new_key(tmp_path / "toy.key", "示例市人民检察院", "toy")
    key = keys.read_private_key(tmp_path / "toy.key")
    assert key.scheme == "toy"
    assert key.public.verify(key.sign(b"manifest"), b"manifest", "")


def test_a_scheme_that_this_program_lacks_is_named() -> None:
    with pytest.raises(PackProblem) as caught:
        PublicKey("sm2", b"").verify(b"", b"", "收到.zip")
    assert caught.value.problems[0].code == "P405"
    assert "sm2" in caught.value.problems[0].message
