"""Hashes that name their algorithm, over a canonical form that does not depend on the machine."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson


def hash_text(text: str) -> str:
    """``sha256:<hex>`` of the UTF-8 bytes."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8")).hexdigest()


def hash_value(value: Any) -> str:
    """``sha256:<hex>`` of a JSON-like value: keys sorted, no spaces, nothing escaped."""
    canonical = orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return "sha256:" + hashlib.sha256(canonical).hexdigest()


def hash_file(path: Path) -> str:
    """``sha256:<hex>`` of a file's bytes, read in pieces."""
    with path.open("rb") as stream:
        return "sha256:" + hashlib.file_digest(stream, "sha256").hexdigest()


def short_id(digest: str, length: int = 16) -> str:
    """The first ``length`` hex digits of a named hash, for ids people quote."""
    return digest.partition(":")[2][:length]
