"""Distance from what this hour usually brings."""

from typing import ClassVar, Literal

import numpy as np

from detectors.base import HOUR, Column, Detector, Floats, Ints

_ENOUGH = 2  # times an hour must have been seen to have a mean of its own
_BLIND = 50


class Seasonal(Detector):
    """|x - mean of this hour| / spread, for the hours of a day or of a week (UTC).

    The spread is 1.25 times the running mean distance from the hours' means, over `past` readings. Until an hour has
    been seen in two rounds, the running mean of all hours stands in for it, with a spread of its own. Scores first,
    then learns; blind for the first 50 readings.

    Args:
        by: `day` (24 hours) or `week` (168).
        rounds: days or weeks that an hour's mean remembers.
        past: readings that the spread remembers.
        slots: room to begin with.

    Memory: 432 bytes (`day`) or 2,736 (`week`). One reading changes one hour and five numbers.

    Reference: Vallis et al. 2014 (seasonal component before the test); a profile in place of a decomposition.

    A demand that follows the clock is high at 3 in the night of day 9 (reading 219):

    >>> hours = np.arange(240)
    >>> demand = 10 + 5 * np.sin(hours * 2 * np.pi / 24) + np.random.default_rng(6).normal(size=240) / 5
    >>> demand[219] = 15.0
    >>> part, here = Seasonal(by="day", slots=1), np.array([0])
    >>> score = [part.update(here, np.array([h * HOUR]), np.array([v]))[0] for h, v in zip(hours, demand)]
    >>> next(i for i, s in enumerate(score) if s >= part.thr_on)
    219
    """

    thr_on: ClassVar[float] = 5.0
    thr_off: ClassVar[float] = 2.5
    scale_free: ClassVar[bool] = True

    def __init__(
        self, *, by: Literal["day", "week"] = "day", rounds: int = 30, past: int = 1000, slots: int = 0
    ) -> None:
        if by not in {"day", "week"}:
            raise ValueError(f"Seasonal: by is 'day' or 'week', found {by!r}")
        self.by, self.rounds, self.past = by, rounds, past
        self._hours = 24 if by == "day" else 168
        hours = {"mean": Column(np.float64, 0.0, self._hours, 1), "seen": Column(np.int64, 0, self._hours, 1)}
        number = Column(np.float64, 0.0)
        super().__init__(slots, n=number, judged=number, level=number, wide=number, spread=number, **hours)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        hour = time // HOUR % self._hours
        known = self.state["seen"][slot, hour] >= _ENOUGH
        n, level = self.state["n"][slot], self.state["level"][slot]
        off = np.abs(value - np.where(known, self.state["mean"][slot, hour], np.where(n > 0, level, value)))
        spread = np.where(known, self.state["spread"][slot], self.state["wide"][slot])
        alive = spread > 0
        score = np.where(alive, off / np.where(alive, spread, 1.0), 0.0)
        if not self.frozen:
            self._widen("spread", "judged", slot[known], off[known])
            self._widen("wide", "n", slot, np.where(n > 0, np.abs(value - level), 0.0))
            self.state["level"][slot] = np.where(
                n > 0, level + np.maximum(1 / self.past, 1 / (n + 1)) * (value - level), value
            )
            self._learn(slot, time, value)
        return np.where(n >= _BLIND, score, np.nan)

    def _widen(self, spread: str, count: str, slot: Ints, off: Floats) -> None:
        n, now = self.state[count][slot], self.state[spread][slot]
        self.state[spread][slot] = now + np.maximum(1 / self.past, 1 / (n + 1)) * (1.25 * off - now)
        self.state[count][slot] = n + 1

    def _learn(self, slot: Ints, time: Ints, value: Floats) -> None:
        """An hour counts once a round, however often it is read: its mean moves by less the more readings it has."""
        hour = time // HOUR % self._hours
        again = self.state["last"][slot] // HOUR == time // HOUR
        mean, seen = self.state["mean"][slot, hour], self.state["seen"][slot, hour]
        rounds = np.where(again & (seen > 0), seen, np.minimum(seen + 1, self.rounds))
        moved = np.where(seen > 0, mean + (value - mean) / (rounds + 1 - (seen == 0)), value)
        self.state["mean"][slot, hour], self.state["seen"][slot, hour] = moved, rounds
