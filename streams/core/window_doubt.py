"""Windows in doubt: until when a suspect or a missing value lies in what the rows of a chain rest on."""

import numpy as np
from numpy.typing import NDArray

from streams.core.runs import Runs
from streams.core.series import until_of, with_room

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class WindowDoubt:
    """Of each local slot of a chain; none yet: no rows."""

    TABLES = ("doubt_until", "missing_until")

    def __init__(self, over: int, width: int, *, accumulates: bool) -> None:
        """over: how far the chain looks back; width: its latches; accumulates: a gap leaves its answer a bound."""
        self.over, self._width, self._accumulates = over, width, accumulates
        #: until when a suspect value (of each latch) and a missing one lie in the window
        self.doubt_until, self.missing_until = np.zeros((0, width), np.int64), np.zeros(0, np.int64)

    def of_rows(
        self,
        local: Ints,
        runs: Runs,
        at: Ints,
        time: Ints,
        missing: Bools,
        suspect: Bools | None,
        bound: Bools | None,
        members: int,
    ) -> tuple[Bools | None, Bools | None]:
        """Which rows are suspect, and which are bounds, by all that lies in their windows. `members`: local slots."""
        until = time + self.over
        if suspect is not None and suspect.any() and not len(self.doubt_until):
            self.doubt_until = with_room(self.doubt_until, members)
        if len(self.doubt_until):
            self.doubt_until = with_room(self.doubt_until, members)
            given = np.zeros((len(local), self._width), np.bool_) if suspect is None else suspect
            columns = [
                until_of(self.doubt_until[:, column], local, runs, until, given[:, column])
                for column in range(self._width)
            ]
            suspect = given | (at[:, None] < np.column_stack(columns))
        if missing.any() and not len(self.missing_until):
            self.missing_until = with_room(self.missing_until, members)
        if len(self.missing_until):
            self.missing_until = with_room(self.missing_until, members)
            gap = at < until_of(self.missing_until, local, runs, until, missing)
            if self._accumulates and gap.any():
                bound = gap if bound is None else bound | gap
        return suspect, bound
