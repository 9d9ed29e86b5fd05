"""Why a file is not taken in: an exception that carries what will be said."""

from __future__ import annotations

from jianheng.core.foundation.errors import DataProblem, Problem


class Refused(DataProblem):
    """One file cannot be read; the others go on."""

    @property
    def problem(self) -> Problem:
        """The one thing to say."""
        return self.problems[0]
