"""k of n with its interval (Wilson, 95 %); of too few nothing is said."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

TOO_FEW = 20
"""Below this many a share says next to nothing: the interval is some 40 points wide."""

TOO_FEW_TEXT = "样本过少，不作判断"

_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Proportion:
    """``count`` of ``of``; ``count`` <= ``of``."""

    count: int
    of: int

    @property
    def interval(self) -> tuple[float, float] | None:
        """The bounds of the share, both in 0…1; None for too few."""
        if self.of < TOO_FEW:
            return None
        n, share = self.of, self.count / self.of
        spread = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
        middle, scale = share + _Z**2 / (2 * n), 1 + _Z**2 / n
        return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)

    def text(self) -> str:
        """``12/40（30%，95%区间18%～45%）``, or that there are too few."""
        bounds = self.interval
        if bounds is None:
            return f"{self.count}/{self.of}（{TOO_FEW_TEXT}）"
        return f"{self.count}/{self.of}（{self.count / self.of:.0%}，95%区间{bounds[0]:.0%}～{bounds[1]:.0%}）"

    def as_dict(self) -> dict[str, Any]:
        """``share`` and ``interval`` are None for too few."""
        bounds = self.interval
        return {
            "share": None if bounds is None else round(self.count / self.of, 4),
            "interval": None if bounds is None else [round(bound, 4) for bound in bounds],
            "note": TOO_FEW_TEXT if bounds is None else "",
        }
