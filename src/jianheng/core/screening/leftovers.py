"""What a killed run leaves behind: working folders with personal data in them. The next run clears them away.

A working folder belongs to whoever holds the lock on the file in it; a lock dies with its process, however it dies.
"""

from __future__ import annotations

import math
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

LOCK = ".lock"
_STALE_SECONDS = 24 * 60 * 60


@contextmanager
def working_folder(folder: Path) -> Iterator[Path]:
    """Make ``folder`` (0700), held by this process, and remove it afterwards."""
    folder.mkdir(mode=0o700, parents=True)
    with (folder / LOCK).open("wb") as stream:
        os.chmod(folder / LOCK, 0o600)
        _take(stream)
        try:
            yield folder
        finally:
            stream.close()  # an open file could not be removed everywhere
            shutil.rmtree(folder, ignore_errors=True)


def clear_abandoned(folders: Iterable[Path], now: float) -> bool:
    """Remove every one of ``folders`` that nobody holds any more; whether one of them is, or may be, still at work.

    A folder without a lock (its maker was killed before it took it, or is about to) goes when nothing in it has changed
    for a day before ``now``, in seconds of the file system's clock. Links are left alone.
    """
    held = False
    for folder in folders:
        if folder.is_symlink() or not folder.is_dir():
            continue
        if _is_held(folder, now):
            held = True
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return held


def clock_of(folder: Path) -> float:
    """The file system's time now, in seconds: that of a change made to ``folder``."""
    os.utime(folder)
    return folder.stat().st_mtime


def _is_held(folder: Path, now: float) -> bool:
    try:
        with (folder / LOCK).open("rb+") as stream:
            return not _take(stream)
    except FileNotFoundError:
        return now - _last_change(folder) <= _STALE_SECONDS
    except OSError:
        return True


def _last_change(folder: Path) -> float:
    """When the folder or anything in it last changed; now, as it were, while somebody is removing it."""
    try:
        return max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
    except OSError:
        return math.inf


def _take(stream: BinaryIO) -> bool:
    """Lock the file for as long as it is open; False if somebody else has."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
