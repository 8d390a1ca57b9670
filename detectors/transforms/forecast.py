"""When a value will cross a level, and how likely it is to do so within a time."""

from typing import ClassVar

import numpy as np

from detectors.base import HOUR, SECOND, Bools, Column, Floats, Ints
from detectors.transforms.window import MaxGap, Window

_LOGISTIC = 1.702  # a logistic curve this steep is within 0.01 of the normal distribution
_FAR = 10  # times the horizon: the longest lead time that is told


class Forecast(Window):
    """Lead time to a level, and the probability of being at or above it after `horizon`, by a straight line.

    A least-squares line runs through the remembered readings of the last `over` (at most `cells`, evenly chosen as in
    `Median`) and the present one; their spread about it is the spread of the forecast, widened by how far it reaches
    beyond them. Answers the lead time in seconds (0 when at or above the level; at most ten times the horizon, which
    also stands for never) and the probability. NaN until half of `over` is covered.

    Args:
        level: the level, in the value's unit.
        horizon: how far the probability looks ahead, microseconds.
        over: readings the line is drawn through, microseconds.
        max_gap: longest time between two readings, microseconds; None = `over`, "pace" = by the running median step.
        cells: readings remembered a slot.
        slots: room to begin with.

    Memory: 16 bytes a cell. One reading changes one cell and two numbers.

    Reference: prediction interval of simple linear regression (Draper and Smith 1998).

    A river rises 10 cm an hour, measured to a centimetre; 1 m is 5 h away when it stands at 0.5 m:

    >>> noise = np.random.default_rng(9).normal(size=31) / 100
    >>> part, here, step = Forecast(level=1.0, horizon=5 * HOUR, slots=1), np.array([0]), HOUR // 6
    >>> rows = [part.update(here, np.array([i * step]), np.array([i / 60 + noise[i]]))[0] for i in range(31)]
    >>> np.isnan(rows[2]).all(), np.round(rows[30] / [3600, 1], 2).tolist()
    (np.True_, [4.97, 0.52])
    """

    outputs: ClassVar[tuple[str, ...]] = ("lead", "probability")
    units: ClassVar[tuple[str, ...]] = ("s", "1")

    def __init__(
        self,
        *,
        level: float = 0.0,
        horizon: int = HOUR,
        over: int = HOUR,
        max_gap: MaxGap = None,
        cells: int = 31,
        slots: int = 0,
    ) -> None:
        if cells < 3 or horizon <= 0:
            raise ValueError(f"Forecast: cells is at least 3 and horizon above 0, found {cells}, {horizon}")
        self.level, self.horizon, self.cells = level, horizon, cells
        self.levels: Floats | None = None  # where each slot has a level of its own: set from outside, not saved
        self._spacing = -(-over // (cells - 1))
        rings = {"times": Column(np.int64, 0, cells, 1), "values": Column(np.float64, 0.0, cells, 1)}
        super().__init__(over, max_gap, slots, head=Column(np.int64, 0), **rings)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        begins = self._begins(slot, time)
        self.state["head"][slot[begins]] = 0
        head = self.state["head"][slot]
        newest = self.state["times"][slot, (head - 1) % self.cells]
        times, values = self.state["times"][slot], self.state["values"][slot]
        known = np.arange(self.cells) < np.minimum(head, self.cells)[:, None]
        known &= times > (time - self.over)[:, None]
        level = np.full(len(slot), self.level) if self.levels is None else self.levels[slot]
        lead, chance = self._line(np.where(known, (times - time[:, None]) / SECOND, 0.0), values, known, value, level)
        kept = (head == 0) | (time - newest >= self._spacing)
        rows = slot[kept], head[kept] % self.cells
        self.state["times"][rows], self.state["values"][rows] = time[kept], value[kept]
        self.state["head"][slot[kept]] += 1
        out = np.stack([lead, chance], axis=1)
        out[2 * (time - self.state["since"][slot]) < self.over] = np.nan
        return out

    def _line(self, ago: Floats, values: Floats, known: Bools, value: Floats, level: Floats) -> tuple[Floats, Floats]:
        """Lead and probability from readings (`ago` in seconds, negative) and the present one, at 0."""
        n = np.add.reduce(known, axis=1) + 1.0
        off = np.where(known, values - value[:, None], 0.0)  # distances from the present value: no large numbers
        mid, mean = np.add.reduce(ago, axis=1) / n, np.add.reduce(off, axis=1) / n
        x = np.where(known, ago - mid[:, None], 0.0)
        y = np.where(known, off - mean[:, None], 0.0)
        width = np.add.reduce(x * x, axis=1) + mid * mid
        slope = (np.add.reduce(x * y, axis=1) + mid * mean) / np.where(width > 0, width, 1.0)
        miss = y - slope[:, None] * x
        last = slope * mid - mean  # what the line misses the present value by
        spread = np.sqrt(
            (np.add.reduce(np.where(known, miss * miss, 0.0), axis=1) + last * last) / np.maximum(n - 2, 1)
        )
        now = value + mean - slope * mid
        horizon = self.horizon / SECOND
        reach = np.sqrt(1 + 1 / n + (horizon - mid) ** 2 / np.where(width > 0, width, 1.0))
        ahead, wide = now + slope * horizon - level, spread * reach
        sure = np.where(ahead >= 0, 1.0, 0.0)
        z = np.minimum(np.maximum(ahead / np.where(wide > 0, wide, 1.0), -30.0), 30.0)
        chance = np.where(wide > 0, 1 / (1 + np.exp(-_LOGISTIC * z)), sure)
        rises = slope > 0
        lead = np.where(rises, (level - now) / np.where(rises, slope, 1.0), np.inf)
        return np.where(value >= level, 0.0, np.minimum(np.maximum(lead, 0.0), _FAR * horizon)), chance
