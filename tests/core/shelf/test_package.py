"""A package is whole and unchanged since it was signed, or it is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core import api
from jianheng.core.foundation.errors import PackProblem
from jianheng.core.shelf.archive import read_archive, write_archive
from jianheng.core.shelf.keys import read_private_key
from jianheng.core.shelf.package import open_package, seal
from jianheng.core.shelf.signature import to_base64
from tests.core.shelf.author import Author


def code_of(data: bytes) -> str:
    with pytest.raises(PackProblem) as caught:
        open_package(data, "收到.zip")
    return caught.value.problems[0].code


def test_a_package_says_what_it_is_and_names_every_file_by_its_hash(sent: bytes) -> None:
    package = open_package(sent, "收到.zip")
    told = package.manifest.model
    assert (told.id, told.version, told.title, told.rules, told.cases) == ("deposits", "1.0.0", "试验模型", 1, 2)
    assert set(package.manifest.files) == set(package.files)
    assert {"model/model.yaml", "model/cases.yaml", "model/README.md", "model/listing.yaml"} <= set(package.files)
    assert {"backtest.json", "tables/bail_decision.yaml", "codes/guarantee.yaml"} <= set(package.files)


def test_the_same_content_under_the_same_key_is_the_same_bytes(author: Author) -> None:
    first = author.send()
    again = author.package(author.folder / "deposits", author.folder / "deposits-backtest.json", "again")
    assert first.read_bytes() == again.read_bytes()


@given(data=st.data())
def test_any_changed_byte_is_refused(sent: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(sent) - 1))
    changed = bytearray(sent)
    changed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(PackProblem):
        open_package(bytes(changed), "收到.zip")


def test_every_bit_of_what_is_not_content_counts_too(sent: bytes) -> None:
    """Names, sizes, dates and modes of the archive itself: all that stands in its directory and headers."""
    start = sent.index(b"PK\x01\x02")
    for at in [*range(30), *range(start, len(sent))]:
        changed = bytearray(sent)
        changed[at] ^= 1 << (at % 8)
        with pytest.raises(PackProblem):
            open_package(bytes(changed), "收到.zip")


@given(st.integers(0, 10_000))
def test_a_copy_that_was_cut_off_is_refused(sent: bytes, missing: int) -> None:
    with pytest.raises(PackProblem):
        open_package(sent[: len(sent) - 1 - missing % len(sent)], "收到.zip")


def test_a_file_changed_and_packed_again_is_refused(sent: bytes) -> None:
    files = read_archive(sent, "")
    assert code_of(write_archive({**files, "model/README.md": b"# other\n"})) == "P404"


def test_a_file_more_or_less_is_refused(sent: bytes) -> None:
    files = read_archive(sent, "")
    assert code_of(write_archive({**files, "tables/extra.yaml": b""})) == "P404"
    assert code_of(write_archive({name: data for name, data in files.items() if name != "backtest.json"})) == "P404"


def test_a_package_without_a_signature_is_refused(sent: bytes) -> None:
    files = read_archive(sent, "")
    del files["signature"]
    assert code_of(write_archive(files)) == "P401"


def test_a_manifest_that_was_made_to_fit_needs_the_key(sent: bytes) -> None:
    files = read_archive(sent, "")
    told = json.loads(files["manifest.json"])
    told["signer"]["name"] = "另一市人民检察院"
    text = (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    assert code_of(write_archive({**files, "manifest.json": text})) == "P404"


def test_somebody_else_may_sign_it_again_but_then_it_is_theirs(sent: bytes, tmp_path: Path) -> None:
    api.new_signing_key(api.Home(tmp_path), tmp_path / "other.key", "另一市人民检察院")
    other = read_private_key(tmp_path / "other.key")
    package = open_package(sent, "收到.zip")
    signer = package.manifest.signer.model_copy(update={"public_key": to_base64(other.public.raw)})
    again = open_package(
        seal(package.manifest.model_copy(update={"signer": signer}), package.files, other), "又一份.zip"
    )
    assert again.key == other.public != package.key


def test_a_package_of_a_newer_program_says_so(sent: bytes) -> None:
    files = read_archive(sent, "")
    text = files["manifest.json"].replace(b'"format": 1', b'"format": 2')
    assert code_of(write_archive({**files, "manifest.json": text})) == "P403"


def test_a_signature_scheme_that_we_lack_is_named(sent: bytes) -> None:
    files = read_archive(sent, "")
    text = files["manifest.json"].replace(b'"ed25519"', b'"sm2"')
    assert code_of(write_archive({**files, "manifest.json": text})) == "P405"


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b"[" * 100_000, b"\xff"])
def test_a_manifest_that_is_none_is_refused(sent: bytes, text: bytes) -> None:
    assert code_of(write_archive({**read_archive(sent, ""), "manifest.json": text})) == "P401"


def test_a_title_that_would_deceive_on_a_screen_is_refused(sent: bytes) -> None:
    files = read_archive(sent, "")
    text = files["manifest.json"].replace("试验模型".encode(), rb"\u001b[2J")
    with pytest.raises(PackProblem) as caught:
        open_package(write_archive({**files, "manifest.json": text}), "收到.zip")
    assert "\x1b" not in str(caught.value)
