"""The general detector of several channels that belong together."""

from typing import ClassVar, Literal

import numpy as np

from detectors.base import Bools, Column, Detector, Floats, Ints, State
from detectors.relations import Relations

_BLIND = 50  # readings without an answer where nothing was trained
_WILD = 3.0  # a slot learns from a reading no further away than so many spreads
_TO_SPREAD = 1.25  # standard deviation of a normal distribution by its mean absolute deviation


class Multivariate(Detector):
    """How far several channels together are from what they usually do.

    Each channel is measured in its own spread z = (x - mean) / spread, cut off at +-`clip`. What follows depends on
    `model`:

    - `levels`: z is smoothed per channel; the score is the mean of the `top` largest |z|, each times its weight. The
      weight, known after training, is the whiteness of the channel squared: a channel that drifts in training
      (successive readings alike) says little by being elsewhere later.
    - `relations` (needs training): what the principal components that carry noise only say of z, in the spread they
      had in training. The channel furthest off is first replaced by what the others say of it, so that one bad sensor
      is no alarm. The score is the root of the smoothed mean square. Until trained it works as `levels`.

    Untrained, mean and spread are learnt as it goes (the first 50 readings are blind), from readings cut off at three
    spreads, and at 3 (1 + `wide` / n) while only n readings are known: a calm first hour says little about the spread.
    Trained, they stay, unless it goes on learning (not `frozen`). Missing channels contribute nothing.

    Args:
        channels: how many.
        model: `levels` or `relations`.
        top: how many of the largest channels count (`levels`).
        smooth: readings that the smoothing remembers; 1 = none.
        clip: cut-off, in spreads.
        slow: readings that the mean remembers.
        wide: readings that the spread remembers.
        noise: principal components with a smaller eigenvalue than this carry noise only (`relations`).
        slots: room to begin with.

    Memory: 32 bytes a channel, and 8 a pair of channels for `relations`.

    Reference: Lowry et al. 1992 (MEWMA); von Neumann 1941 (ratio of successive differences); Jackson and Mudholkar
    1979 (Q statistic); Dunia and Qin 1998 (reconstruction of one sensor).

    Two of three channels move by two spreads at reading 300, which no single one of them would be noticed for:

    >>> x = np.random.default_rng(3).normal(size=(1, 400, 3))
    >>> x[:, 300:, 1:] += 2.0
    >>> part, here = Multivariate(channels=3, top=2, smooth=10, slots=1), np.array([0])
    >>> time = 1_000_000 * np.arange(400)[None]
    >>> part.fit(here, time[:, :200], x[:, :200])
    >>> score = part.series(here, time[:, 200:], x[:, 200:])[0]
    >>> 200 + int(np.argmax(score > 1.0)), round(float(score[:100].max()), 2)
    (305, 0.46)
    """

    scale_free: ClassVar[bool] = True
    thr_on: ClassVar[float] = 4.0
    thr_off: ClassVar[float] = 2.0

    def __init__(
        self,
        *,
        channels: int = 8,
        model: Literal["levels", "relations"] = "levels",
        top: int = 3,
        smooth: int = 1,
        clip: float = 20.0,
        slow: int = 200,
        wide: int = 5_000,
        noise: float = 0.015,
        slots: int = 0,
    ) -> None:
        if channels < 1 or top < 1 or model not in {"levels", "relations"}:
            raise ValueError(f"Multivariate: at least 1 channel and 1 of top, found {channels}, {top}, {model!r}")
        self.channels, self.model, self.top, self.smooth, self.clip = channels, model, top, smooth, clip
        self.slow, self.wide, self.noise = slow, wide, noise
        self.width = channels
        self._relations = Relations(channels, noise) if model == "relations" else None
        each = Column(np.float64, 0.0, channels)
        fixed = {"weight": Column(np.float64, 1.0, channels, 0), "trained": Column(np.bool_, 0)}
        more = self._relations.columns() if self._relations else {}
        super().__init__(
            slots,
            n=Column(np.int64, 0),
            mean=Column(np.float64, np.nan, channels),
            spread=each,
            smoothed=each,
            **fixed,
            **more,
        )

    def fit(self, slot: Ints, time: Ints, value: Floats) -> None:
        """Learns mean, spread, whiteness and relations from readings known to be normal; see `Detector.fit`."""
        for row, at in enumerate(slot.tolist()):
            self._fit_one(self.state, at, np.where(np.isfinite(value[row]), value[row], np.nan))
        self.state["n"][slot] = value.shape[1]
        self.state["trained"][slot] = True
        self.state["smoothed"][slot] = 0.0
        self.state["last"][slot] = time[:, -1]

    def _fit_one(self, state: State, at: int, value: Floats) -> None:
        known = np.isfinite(value)
        count = np.maximum(np.add.reduce(known, axis=0), 1)
        mean = np.add.reduce(np.where(known, value, 0.0), axis=0) / count
        moved = np.where(known, value - mean, 0.0)
        spread = np.sqrt(np.add.reduce(moved * moved, axis=0) / count)
        step = np.diff(value, axis=0)
        steps = np.maximum(np.add.reduce(np.isfinite(step), axis=0), 1)
        change = np.add.reduce(np.where(np.isfinite(step), step * step, 0.0), axis=0) / steps
        alive = spread > 0
        white = np.minimum(np.where(alive, change / np.where(alive, 2 * spread * spread, 1.0), 0.0), 1.0)
        state["mean"][at], state["spread"][at], state["weight"][at] = mean, spread, white * white
        if self._relations:
            self._relations.fit(state, at, moved / np.where(alive, spread, np.inf))

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:  # noqa: ARG002 - the contract of all parts
        n = self.state["n"][slot] + 1
        mean, spread = self.state["mean"][slot], self.state["spread"][slot]
        trained = self.state["trained"][slot]
        known = np.isfinite(value)
        off = np.where(known & np.isfinite(mean), value - mean, 0.0)
        alive = spread > 0
        z = np.where(alive, off / np.where(alive, spread, 1.0), 0.0)
        cut = np.minimum(np.maximum(z, -self.clip), self.clip)
        score = self._levels(slot, cut, known)
        if self._relations and trained.any():
            rows = np.flatnonzero(trained)
            score[rows] = self._relations.score(self.state, slot[rows], z[rows], self.clip, self.smooth)
        if not self.frozen:
            wild = np.where(trained, _WILD, _WILD * (1 + self.wide / n))
            self._learn(slot, n, np.where(np.isfinite(mean), mean, value), known, off, spread * wild[:, None])
        self.state["n"][slot] = n
        return np.where(trained | (n > _BLIND), score, np.nan)

    def _levels(self, slot: Ints, cut: Floats, known: Bools) -> Floats:
        smoothed = self.state["smoothed"][slot]
        smoothed = np.where(known, smoothed + (cut - smoothed) / self.smooth, smoothed)
        self.state["smoothed"][slot] = smoothed
        size = np.where(known, np.abs(smoothed) * self.state["weight"][slot], 0.0)
        largest = np.sort(size, axis=1)[:, ::-1][:, : self.top]
        mean: Floats = np.add.reduce(np.ascontiguousarray(largest), axis=1) / min(self.top, self.channels)
        return mean

    def _learn(
        self,
        slot: Ints,
        n: Ints,
        mean: Floats,
        known: Bools,
        off: Floats,
        most: Floats,
    ) -> None:
        spread = self.state["spread"][slot]
        most = np.where(most > 0, most, np.inf)
        mild = np.minimum(np.maximum(off, -most), most)
        quick, calm = np.maximum(1 / self.slow, 1 / n)[:, None], np.maximum(1 / self.wide, 1 / n)[:, None]
        self.state["mean"][slot] = np.where(known, mean + quick * mild, mean)
        wider = spread + calm * (_TO_SPREAD * np.abs(mild) - spread)
        self.state["spread"][slot] = np.where(known, wider, spread)
