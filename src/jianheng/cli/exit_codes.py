"""What the exit code says."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """0 done, finding violations too · 1 a check failed · 2 wrong usage, or not built yet · 3 nothing could run."""

    DONE = 0
    CHECK_FAILED = 1
    WRONG_USAGE = 2
    NOTHING_RAN = 3
    INTERRUPTED = 130
