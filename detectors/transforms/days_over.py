"""How many days running a daily value has been beyond a level."""

from typing import Literal

import numpy as np

from detectors.base import HOUR, Bools, Column, Floats, Ints
from detectors.transforms.daily import Daily, How
from detectors.transforms.days import Stamp


class DaysOver(Daily):
    """Days running, up to now, whose sum, mean, maximum or minimum is above (or below) a level.

    A maximum or a sum that is above the level, and a minimum that is below it, cannot come back before its day ends: so
    today counts from the reading that passes the level. Else the days that are over count. The answer stays until the
    end of the next day that is not beyond the level. A day that is not known (see `Daily`) ends a run, and until the
    next one that is known, the first of a new run, the answer is NaN. By `last` the last hour of a day needs a
    reading, and one at its very end makes it known, however few came before: with it a daily value is told.

    Args:
        level: in the value's unit; a day has to be beyond it, not at it.
        side: `above` or `below`.
        how: of the day: `sum` (of increments), `mean`, `max`, `min` or `last`.
        day_starts: hour of the local day, microseconds.
        utc_offset: local time minus UTC, microseconds.
        stamp: what the time of a reading is of what it tells, its `end` or its `begin`: whose day midnight is.
        min_valid: hours that need a reading, for a day to be known that is not beyond the level already.
        slots: room to begin with.

    Memory: 38 bytes; 50 of a mean.

    Reference: "highest temperature above 35 degrees on 3 days running" (order 16 of the CMA, 2007), status verified.

    36 degrees at 15:00 of four days, on the second only 34:

    >>> part, here = DaysOver(level=35.0, slots=1), np.array([0])
    >>> warm = np.full((1, 144), 20.0)
    >>> warm[0, [15, 39, 63, 87, 111]] = 36.0, 34.0, 36.0, 36.0, 36.0
    >>> days = part.series(here, 1_767_196_800_000_000 + HOUR * np.arange(1, 145)[None], warm)[0]
    >>> [int(np.argmax(days == n)) for n in (1, 2, 3)], days[[38, 47, 111, 120]].tolist()
    ([15, 87, 111], [1.0, 0.0, 3.0, 3.0])
    """

    units = ("d",)
    keeps_bounds = False

    def __init__(
        self,
        *,
        level: float = 0.0,
        side: Literal["above", "below"] = "above",
        how: How = "max",
        day_starts: int = 0,
        utc_offset: int = 8 * HOUR,
        stamp: Stamp = "end",
        min_valid: int = 20,
        slots: int = 0,
    ) -> None:
        if side not in {"above", "below"}:
            raise ValueError(f"DaysOver: side is 'above' or 'below', found {side!r}")
        self.level, self.side = level, side
        self._at_once = (how, side) in {("max", "above"), ("sum", "above"), ("min", "below")}
        same = {"how": how, "day_starts": day_starts, "utc_offset": utc_offset, "stamp": stamp, "min_valid": min_valid}
        super().__init__(**same, slots=slots)  # type: ignore[arg-type]

    def _more(self) -> dict[str, Column]:
        return {"run": Column(np.int32, 0)}

    def _close(self, slot: Ints, follows: Bools) -> None:
        beyond, within = self._judged(slot, self._clock.ends(self.state["last"][slot]))
        run = np.where(beyond & follows, self.state["run"][slot] + 1, 0)
        self.state["run"][slot] = run
        self.state["whole"][slot] = np.where(follows & (beyond | within), run, np.nan)

    def _answer(self, slot: Ints, ends: Bools) -> Floats:
        beyond, within = self._judged(slot, ends)
        run = self.state["run"][slot] + 1.0
        out = np.where(beyond & (ends | self._at_once), run, self.state["whole"][slot])
        return np.where(ends & ~beyond, np.where(within, 0.0, np.nan), out)

    def _judged(self, slot: Ints, ended: Bools) -> tuple[Bools, Bools]:
        """Whether the day at hand is surely beyond the level, and whether surely not; neither = not known.

        `ended`: its newest reading is that of its end.
        """
        value, known = self._today(slot)
        if self.how == "last":  # what was told of a day before it must not stand for it
            known = ended | (known & ((self.state["hour"][slot] + 1) % 24 == 0))
        beyond = value > self.level if self.side == "above" else value < self.level
        return beyond & (known | self._at_once), known & ~beyond
