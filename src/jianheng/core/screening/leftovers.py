"""What a killed run leaves behind: working folders with personal data in them. The next run clears them away.

A working folder belongs to whoever holds the lock on the file in it; a lock dies with its process, however it dies.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

LOCK = ".lock"


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


def clear_abandoned(folders: Iterator[Path] | list[Path]) -> bool:
    """Remove every one of ``folders`` that nobody holds any more; whether somebody still holds one."""
    held = False
    for folder in folders:
        if _is_held(folder / LOCK):
            held = True
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return held


def _is_held(lock: Path) -> bool:
    try:
        with lock.open("rb+") as stream:
            return not _take(stream)
    except FileNotFoundError:
        return False
    except OSError:
        return True


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
