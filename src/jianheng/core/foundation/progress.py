"""How long work tells somebody how far it is. The core never prints."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives what long work reports."""

    def step(self, title: str, total: int | None = None) -> None:
        """A new step begins, of ``total`` units if that is known."""

    def advance(self, count: int = 1) -> None:
        """``count`` further units of the current step are done."""

    def note(self, text: str) -> None:
        """Something worth saying that is neither an error nor a result."""

    def cancelled(self) -> bool:
        """Whether somebody asked to stop."""
        ...


class Silent:
    """Progress that nobody watches."""

    def step(self, title: str, total: int | None = None) -> None: ...

    def advance(self, count: int = 1) -> None: ...

    def note(self, text: str) -> None: ...

    def cancelled(self) -> bool:
        return False


class Quiet(Silent):
    """The inner steps of a longer piece of work: not shown one by one, but somebody may ask to stop."""

    def __init__(self, outer: Progress) -> None:
        self._outer = outer

    def cancelled(self) -> bool:
        return self._outer.cancelled()
