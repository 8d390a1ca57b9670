"""Rate of a displacement against that of its uniform stage."""

from typing import ClassVar

import numpy as np

from detectors.base import NEVER, Column, Floats, Ints
from detectors.transforms.days import DAY
from detectors.transforms.trend import Trend, line
from detectors.transforms.window import MaxGap


class UniformRate(Trend):
    """Rate of a displacement in percent of that of its uniform stage.

    The rate is the slope of a least-squares line through the last `over`. That of the uniform stage is told, or learnt:
    the slope of a line through all readings from the first one on, for so long as `learn`. A learnt rate below
    `min_rate` counts as `min_rate`. NaN until it is learnt, and until the readings span half of `over`; after a gap
    longer than `max_gap` the line begins anew, and what was learnt stays.

    Args:
        uniform: rate of the uniform stage, the value's unit a day; 0 = learn it.
        learn: how long it is learnt from the first reading on, microseconds.
        min_rate: the value's unit a day; 1 to 2 mm a day are usual.
        over: what the line is drawn through, microseconds.
        max_gap: longest time between two readings, microseconds; None = `over`, "pace" = by the running median step.
        cells: readings remembered a slot.
        slots: room to begin with.

    Memory: 16 bytes a cell and 80. One reading changes one cell and nine numbers.

    Reference: Xu Qiang et al. 2009 (stages of a landslide by the rate of the uniform one), status memory.

    10 mm a day, learnt for 14 days, then 30 mm a day:

    >>> part, here, day = UniformRate(slots=1), np.array([0]), np.arange(20)
    >>> moved = np.where(day < 15, 10.0 * day, 30.0 * day - 280.0)
    >>> part.series(here, DAY * day[None], moved[None])[0, [13, 14, 17, 19]].round(1).tolist()
    [nan, 100.0, 300.0, 300.0]
    """

    units: ClassVar[tuple[str, ...]] = ("%",)

    def __init__(
        self,
        *,
        uniform: float = 0.0,
        learn: int = 14 * DAY,
        min_rate: float = 1.0,
        over: int = 3 * DAY,
        max_gap: MaxGap = None,
        cells: int = 31,
        slots: int = 0,
    ) -> None:
        if uniform < 0 or min_rate <= 0 or learn <= 0:
            found = f"{uniform}, {learn}, {min_rate}"
            raise ValueError(f"{type(self).__name__}: uniform from 0, learn and min_rate above 0, found {found}")
        self.uniform, self.learn, self.min_rate = uniform, learn, min_rate
        sums = Column(np.float64, 0.0, 4)  # of t, s, t * t, t * s, both from the first reading
        count, begin = Column(np.int64, 0), Column(np.int64, NEVER)
        learning = {} if uniform else {"n": count, "begin": begin, "first": Column(np.float64, 0.0), "sums": sums}
        super().__init__(over, max_gap, cells, slots, **learning)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        slope, _, _, n = line(*self._window(slot, time, value))
        told = self._told(slope, self._uniform(slot, time, value))
        return np.where(self._covered(slot, time) & (n > 1), told, np.nan)

    def _told(self, rate: Floats, uniform: Floats) -> Floats:
        return 100 * rate / uniform

    def _uniform(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        if self.uniform:
            return np.full(len(slot), self.uniform)
        begin, state = self.state["begin"][slot], self.state
        fresh = begin == NEVER
        begin = state["begin"][slot] = np.where(fresh, time, begin)
        first = state["first"][slot] = np.where(fresh, value, state["first"][slot])
        sums, n = state["sums"][slot], state["n"][slot]
        learning = time - begin <= self.learn
        t, s = (time - begin) / DAY, value - first
        sums = np.where(learning[:, None], sums + np.stack([t, s, t * t, t * s], axis=1), sums)
        n = n + learning
        state["sums"][slot], state["n"][slot] = sums, n
        wide = n * sums[:, 2] - sums[:, 0] * sums[:, 0]
        slope = (n * sums[:, 3] - sums[:, 0] * sums[:, 1]) / np.where(wide > 0, wide, 1.0)
        known = (time - begin >= self.learn) & (wide > 0)
        return np.where(known, np.maximum(slope, self.min_rate), np.nan)
