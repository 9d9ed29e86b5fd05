"""What comes of reading one cell: a value, nothing, or the reason why the text could not be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """The outcome for one cell.

    ``value`` is canonical: ``str``, ``Decimal`` with two places (yuan), ``date``, ``bool`` or ``int``; ``None`` if the
    cell is empty or unread. ``reason`` (Chinese, without the cell's own personal numbers) says why it is unread and is
    "" otherwise; ``hint`` says what to do. ``notes`` are worth saying about a cell that was read or is empty.
    """

    value: object | None
    reason: str = ""
    hint: str = ""
    notes: tuple[str, ...] = ()

    @property
    def is_unread(self) -> bool:
        """Whether there was text that could not be read."""
        return bool(self.reason)

    @property
    def is_empty(self) -> bool:
        """Whether the cell holds nothing."""
        return self.value is None and not self.reason


EMPTY = Reading(None)


def unread(reason: str, hint: str = "请对照原始材料核对后改正") -> Reading:
    """A reading that failed, for ``reason``."""
    return Reading(None, reason, hint)
