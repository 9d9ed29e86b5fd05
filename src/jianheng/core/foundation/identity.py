"""Hashes that name their algorithm, over a canonical form that does not depend on the machine."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson


def hash_bytes(data: bytes) -> str:
    """``sha256:<hex>``."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def hash_text(text: str) -> str:
    """``sha256:<hex>`` of the UTF-8 bytes."""
    return hash_bytes(text.encode("utf-8"))


def hash_value(value: Any) -> str:
    """``sha256:<hex>`` of a JSON-like value: keys sorted, no spaces, nothing escaped."""
    return hash_bytes(orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS))


def hash_file(path: Path) -> str:
    """``sha256:<hex>`` of a file's bytes, read in pieces."""
    with path.open("rb") as stream:
        return "sha256:" + hashlib.file_digest(stream, "sha256").hexdigest()


def short_id(digest: str, length: int = 16) -> str:
    """The first ``length`` hex digits of a named hash, for ids people quote."""
    return digest.partition(":")[2][:length]
