"""One content, one archive: everything else that looks like one is refused before it is unpacked."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jianheng.core.foundation.errors import PackProblem, UsageProblem
from jianheng.core.foundation.identity import hash_bytes
from jianheng.core.shelf.archive import LARGEST, read_archive, read_archive_file, write_archive

FILES = {"manifest.json": b"{}\n", "model/model.yaml": "id: 试验\n".encode(), "tables/bail_decision.yaml": b"id: b\n"}


def zipped(entries: list[tuple[zipfile.ZipInfo | str, bytes]], compression: int = zipfile.ZIP_STORED) -> bytes:
    """A zip as anybody may make one."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a second entry of a name
        for name, data in entries:
            archive.writestr(name, data)
    return stream.getvalue()


def link() -> bytes:
    entry = zipfile.ZipInfo("model/model.yaml")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    return zipped([(entry, b"/etc/passwd")])


def commented() -> bytes:
    stream = io.BytesIO(write_archive(FILES))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.comment = b"read me"
    return stream.getvalue()


def declared_larger_than_the_file() -> bytes:
    data = bytearray(write_archive({"manifest.json": b"x" * 10}))
    at = data.index(b"PK\x01\x02")
    data[at + 20 : at + 28] = (2**31).to_bytes(4, "little") * 2
    return bytes(data)


def test_what_is_written_is_read_back() -> None:
    assert read_archive(write_archive(FILES), "a") == FILES


def test_the_order_of_the_files_does_not_matter() -> None:
    assert write_archive(dict(reversed(FILES.items()))) == write_archive(FILES)


def test_the_bytes_are_those_of_the_first_release() -> None:
    """An archive is compared with what we would write: another form would refuse every package sent so far."""
    digest = "sha256:e9df761c944a6f21f99ad1b567f5165525929c66d0950aafa652e5cfd97e676f"
    assert hash_bytes(write_archive(FILES)) == digest


ATTACKS: dict[str, Callable[[], bytes]] = {
    "no archive": lambda: b"hello",
    "an empty file": lambda: b"",
    "a plain zip of the same files": lambda: zipped(list(FILES.items())),
    "a compressed one, small outside and large inside": lambda: zipped(
        [("manifest.json", b"0" * 50_000_000)], zipfile.ZIP_DEFLATED
    ),
    "a name that leads out of the folder": lambda: write_archive({"../../evil.yaml": b""}),
    "a name from the root": lambda: write_archive({"/etc/evil.yaml": b""}),
    "a name of another drive": lambda: write_archive({"C:/evil.yaml": b""}),
    "a name with backslashes": lambda: write_archive({"tables\\..\\evil.yaml": b""}),
    "a name that is a device on Windows": lambda: write_archive({"tables/con.yaml": b""}),
    "a program beside the model": lambda: write_archive({**FILES, "model/run.py": b""}),
    "a hidden file": lambda: write_archive({**FILES, ".profile": b""}),
    "a folder": lambda: write_archive({**FILES, "tables/": b""}),
    "a link": link,
    "two files of one name": lambda: zipped([("manifest.json", b"{}"), ("manifest.json", b"[]")]),
    "a comment": commented,
    "something behind": lambda: write_archive(FILES) + b"\0",
    "something before": lambda: b"#!/bin/sh\n" + write_archive(FILES),
    "cut off": lambda: write_archive(FILES)[:-30],
    "sizes that are not true": declared_larger_than_the_file,
    "more files than any model has": lambda: write_archive({f"tables/t{number}.yaml": b"" for number in range(1001)}),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_this_is_refused_as_no_package(attack: str) -> None:
    with pytest.raises(PackProblem) as caught:
        read_archive(ATTACKS[attack](), "收到.zip")
    (problem,) = caught.value.problems
    assert (problem.code, problem.file) == ("P401", "收到.zip")


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail_otherwise(data: bytes) -> None:
    with pytest.raises(PackProblem):
        read_archive(b"PK\x03\x04" + data, "收到.zip")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.zip"
    with path.open("wb") as stream:
        stream.truncate(LARGEST * 100)
    with pytest.raises(PackProblem) as caught:
        read_archive_file(path)
    assert caught.value.problems[0].code == "P402"


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.zip"):
        with pytest.raises(UsageProblem):
            read_archive_file(path)
