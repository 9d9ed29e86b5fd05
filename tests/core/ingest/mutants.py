"""Files broken by chance: cut, bits turned, stretches overwritten, parts of workbooks broken or left out."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tests.core.ingest.landed_rows import SHARED

_SUFFIXES = {".ods", ".xls", ".xlsb", ".xlsx", ".et"}


def real_files() -> list[Path]:
    """Workbooks of other programs, where they are at hand."""
    return sorted(path for path in SHARED.glob("*") if path.suffix in _SUFFIXES) if SHARED.is_dir() else []


def mutants(seeds: list[Path], folder: Path, count: int) -> Iterator[Path]:
    chance = random.Random(20_260_101)
    for number in range(count):
        seed = seeds[number % len(seeds)]
        path = folder / f"m{number}{seed.suffix}"
        path.write_bytes(mutate(seed.read_bytes(), chance, zipped=zipfile.is_zipfile(seed)))
        yield path


def mutate(content: bytes, chance: random.Random, *, zipped: bool) -> bytes:
    way = chance.randrange(6 if zipped else 4)
    if way >= 4:
        return mutate_member(content, chance)
    if way == 0:
        return content[: chance.randrange(len(content))]
    broken = bytearray(content)
    if way == 3:
        start = chance.randrange(len(broken))
        broken[start : start + chance.randrange(1, 400)] = chance.randbytes(chance.randrange(400))
        return bytes(broken)
    for _ in range(1 if way == 1 else 40):
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
    return bytes(broken)


def mutate_member(content: bytes, chance: random.Random) -> bytes:
    """Break the inside of one part of a workbook and pack it again, so that the reader gets to see it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    victim = chance.choice([name for name, part in parts.items() if part])
    parts[victim] = mutate(parts[victim], chance, zipped=False)
    if chance.randrange(8) == 0:
        del parts[victim]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()
