"""Files and folders that are either old or new, never half: written aside, flushed, then renamed.

Everything here may hold personal data in clear, so files are 0600 and folders 0700.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any


def private_folder(path: Path) -> Path:
    """Make ``path`` (and its parents) if missing; only their owner may enter what is made here."""
    if not path.parent.exists():
        private_folder(path.parent)
    path.mkdir(exist_ok=True, mode=0o700)
    return path


@contextmanager
def writing_file(path: Path) -> Iterator[Path]:
    """Yield a path beside ``path`` to write to; on success it is flushed to disk and takes the place of ``path``."""
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        yield aside
        os.chmod(aside, 0o600)
        with aside.open("rb") as stream:
            os.fsync(stream.fileno())
        os.replace(aside, path)
        _flush_folder(path.parent)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def writing_folder(path: Path) -> Iterator[Path]:
    """Yield a folder beside ``path`` to fill; on success it is renamed to ``path``.

    A folder already standing at ``path`` wins (folders written this way are named by what they hold).
    """
    private_folder(path.parent)
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    aside.mkdir(mode=0o700)
    try:
        yield aside
        for file in aside.rglob("*"):
            if file.is_file():
                os.chmod(file, 0o600)
                with file.open("rb") as stream:
                    os.fsync(stream.fileno())
        if not path.exists():
            os.rename(aside, path)
            _flush_folder(path.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def move_folder(source: Path, target: Path) -> None:
    """Give a folder another place on the same disk, at once and to stay. ``target`` must not stand."""
    os.rename(source, target)
    _flush_folder(target.parent)
    _flush_folder(source.parent)


def append_line(path: Path, record: Any) -> None:
    """Add one JSON line to a list that is only ever added to; it is on disk when this returns.

    A line torn by an interruption never counted and is cut off.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "rb+") as stream:
        stream.seek(len(whole_lines(stream.read())))
        stream.truncate()
        stream.write((json.dumps(record, ensure_ascii=False, default=_plain) + "\n").encode("utf-8"))
        stream.flush()
        os.fsync(stream.fileno())


def _plain(value: date) -> str:
    """Days and moments, the only values here that JSON has no way of writing."""
    return value.isoformat()


def whole_lines(content: bytes) -> bytes:
    """The lines that were written to their end."""
    return content[: content.rfind(b"\n") + 1]


def _flush_folder(path: Path) -> None:
    """Make a rename durable; Windows has no handle for a folder and needs none."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
