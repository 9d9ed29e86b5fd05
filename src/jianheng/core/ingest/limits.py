"""How much of a file we are willing to take in. What is above is refused with its reason, before or while reading."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one file. Sizes in bytes, times in seconds.

    ``memory`` bounds the address space of the reading process (where the system can); ``stall`` is how long a file may
    go without any sign of life, to which ``stall_per_mib`` adds for every MiB of it.
    """

    workbook: int = 1024 * MIB
    text: int = 16 * 1024 * MIB
    unpacked: int = 4096 * MIB
    shared_strings: int = 1536 * MIB
    ratio: int = 250
    ratio_from: int = 64 * MIB
    entries: int = 20_000
    rows: int = 50_000_000
    columns: int = 2_000
    field: int = 1 * MIB
    memory: int = 3072 * MIB
    stall: float = 60.0
    stall_per_mib: float = 2.0
    problems: int = 1_000


DEFAULT_LIMITS = Limits()
