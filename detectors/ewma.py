"""Distance from an exponentially weighted mean, in exponentially weighted standard deviations."""

import math

import numpy as np

from detectors.base import LARGEST, Column, Detector, Floats, Ints

_FEW = 8  # slots for which plain numbers are quicker than arrays


class EwmaZ(Detector):
    """|value - mean| / standard deviation, both of the readings before it, each counting `1 - alpha` times the next.

    The first 1/alpha readings count alike (a plain mean and variance), so that the beginning has no more weight than
    what follows. Scores first, then learns; NaN during the first `warm_up` readings.

    Args:
        alpha: weight of a new reading; 0.01 remembers some hundred readings.
        warm_up: readings without a score at the beginning.
        min_std: smallest standard deviation that counts, in the value's unit: a constant signal has none.
        slots: room to begin with.

    Memory: 28 bytes.

    References: D. H. D. West, Updating mean and variance estimates: an improved method, CACM 22 (1979); T. Finch,
    Incremental calculation of weighted mean and variance (2009), section 9.

    >>> import numpy as np
    >>> z, here = EwmaZ(alpha=0.05, slots=1), np.array([0])
    >>> level = np.r_[np.random.default_rng(7).normal(2.0, 0.1, 100), 3.0]
    >>> out = [z.update(here, np.array([i]), level[i : i + 1])[0] for i in range(101)]
    >>> int(np.isnan(out).sum()), next(i for i, score in enumerate(out) if score > 5)
    (20, 100)
    """

    def __init__(self, *, alpha: float = 0.01, warm_up: int = 20, min_std: float = 1e-9, slots: int = 0) -> None:
        if not 0 < alpha < 1 or warm_up < 2 or not min_std > 0:
            found = f"{alpha}, {warm_up}, {min_std}"
            raise ValueError(f"EwmaZ: alpha in (0, 1), warm_up at least 2, min_std above 0, found {found}")
        self.alpha, self.warm_up, self.min_std = alpha, warm_up, min_std
        number = Column(np.float64, 0.0)
        super().__init__(slots, mean=number, var=number, count=Column(np.int32, 0))

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:  # noqa: ARG002 - the contract of all parts
        mean, var, count = (self.state[name][slot] for name in ("mean", "var", "count"))
        out = self._next(mean, var, count, value)
        if not self.frozen:
            self.state["mean"][slot], self.state["var"][slot], self.state["count"][slot] = mean, var, count
        return out

    def _next(self, mean: Floats, var: Floats, count: Ints, value: Floats) -> Floats:
        """Score a reading of each; the three arrays learn it in place."""
        diff = value - mean
        out = np.abs(diff)
        out /= np.maximum(np.sqrt(var), self.min_std)
        out[count < self.warm_up] = np.nan
        count += count < 2**31 - 2
        weight = np.maximum(self.alpha, 1.0 / count)
        step = weight * diff
        mean += step
        step *= diff
        var += step
        var *= 1.0 - weight
        return out

    def series(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """As `update` one by one: many readings in good order are taken without looking at each."""
        ordered = (time[:, 1:] >= time[:, :-1]).all() and (time[:, 0] >= self.state["last"][slot]).all()
        if not ordered or not (np.abs(value) <= LARGEST).all() or self.frozen:
            return super().series(slot, time, value)
        mean, var, count = (self.state[name][slot] for name in ("mean", "var", "count"))
        if len(slot) < _FEW:
            out = np.array([self._alone(i, mean, var, count, row.tolist()) for i, row in enumerate(value)])
        else:
            out = self._many(mean, var, count, value)
        self.state["mean"][slot], self.state["var"][slot], self.state["count"][slot] = mean, var, count
        self.state["last"][slot] = time[:, -1]
        return out

    def _many(self, mean: Floats, var: Floats, count: Ints, value: Floats) -> Floats:
        """The same arithmetic with all that no reading has to wait for another for done at once."""
        n = value.shape[1]
        counts = np.minimum(count + np.arange(1, n + 1)[:, None], 2**31 - 2)
        weight = np.maximum(self.alpha, 1.0 / counts)
        rest = 1.0 - weight
        diff = value.T.copy(order="K")
        spread, step = np.empty(diff.shape), np.empty(len(mean))
        for row, here in enumerate(diff):
            np.subtract(here, mean, out=here)
            spread[row] = var
            np.multiply(weight[row], here, out=step)
            mean += step
            step *= here
            var += step
            var *= rest[row]
        out = np.abs(diff, out=diff)
        out /= np.maximum(np.sqrt(spread, out=spread), self.min_std, out=spread)
        out[count + np.arange(n)[:, None] < self.warm_up] = np.nan
        count[:] = counts[-1]
        return np.ascontiguousarray(out.T)

    def _alone(self, slot: int, means: Floats, variances: Floats, counts: Ints, values: list[float]) -> list[float]:
        """The same arithmetic on plain numbers, in the same order."""
        mean, var, count = float(means[slot]), float(variances[slot]), int(counts[slot])
        out = []
        for value in values:
            diff = value - mean
            out.append(abs(diff) / max(math.sqrt(var), self.min_std) if count >= self.warm_up else math.nan)
            count += count < 2**31 - 2
            weight = max(self.alpha, 1.0 / count)
            step = weight * diff
            mean += step
            var = (var + step * diff) * (1.0 - weight)
        means[slot], variances[slot], counts[slot] = mean, var, count
        return out
