"""Short-term over long-term average: the classical seismic trigger."""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from detectors import pace
from detectors.base import Bools, Column, Detector, Floats, Ints
from detectors.window_sums import WindowSums

_BLOCK = 32  # samples; part of the arithmetic: another number would give other last bits
_FIRST = 16
_FEW = 8  # samples for which a block is not worth its trouble


class StaLta(Detector):
    """Energy of the last `nsta` samples over that of the last `nlta`: means of squares.

    `recursive`: exponentially weighted, sta += (value² - sta) / nsta and lta += (value² - lta) / nlta; the first sample
    of a run counts as time only, as in ObsPy. `classic`: plain means of the last samples, which needs memory for them.
    The score is sta / lta, NaN during the first `nlta` samples of a run (`classic`: nlta - 1). A gap begins a new run.
    Filter the signal to its band first: an offset is energy too.

    `recursive`: a linear recurrence y = a·y + c·x is computed in blocks of 32 samples counted from the beginning of the
    run, as a^k·Y + P with Y its value before the block and P what the block has added so far. So a waveform needs 32
    steps over all blocks of all stations at once, and has the bytes of sample after sample.

    Args:
        kind: how the averages are made.
        nsta: samples of the short average.
        nlta: samples of the long average.
        max_gap: longest time between two samples of a run, microseconds; None = five times the running median step.
        slots: room to begin with.

    Memory: 128 bytes; `classic`: 96, and 8 a sample of both averages. One sample changes one of each.

    References: M. Withers et al., A comparison of select trigger algorithms for automated global seismic phase and
    event detection, BSSA 88 (1998); ObsPy, `recursive_sta_lta`.

    >>> import numpy as np
    >>> noise, here = np.random.RandomState(815).randn(100_000)[None, :104], np.array([0])
    >>> trigger = StaLta(nsta=5, nlta=10, slots=1)
    >>> [round(float(score), 8) for score in trigger.series(here, 10_000 * np.arange(104)[None], noise)[0, 99:103]]
    [0.80810165, 0.75939449, 0.91763978, 0.97465004]
    """

    thr_on: ClassVar[float] = 3.5
    thr_off: ClassVar[float] = 1.0

    def __init__(
        self,
        *,
        kind: Literal["recursive", "classic"] = "recursive",
        nsta: int = 5,
        nlta: int = 50,
        max_gap: int | None = None,
        slots: int = 0,
    ) -> None:
        if kind not in {"recursive", "classic"}:
            raise ValueError(f"StaLta: kind is 'recursive' or 'classic', found {kind!r}")
        if not 1 < nsta < nlta or (max_gap is not None and max_gap <= 0):
            raise ValueError(f"StaLta: 1 < nsta < nlta and max_gap above 0, found {nsta}, {nlta}, {max_gap}")
        self.kind: Literal["recursive", "classic"] = kind
        self.nsta, self.nlta, self.max_gap = nsta, nlta, max_gap
        self._weight = np.array([1.0 / nsta, 1.0 / nlta])
        self._decay = 1.0 - self._weight
        #: [2, block + 1]: what is left of a value after so many samples
        self._left = np.cumprod(np.column_stack([np.ones(2), *[self._decay] * _BLOCK]), axis=1)
        pair = Column(np.float64, 0.0, 2)
        self._windows = [WindowSums("short", nsta), WindowSums("long", nlta)] if kind == "classic" else []
        columns = {"base": pair, "added": pair}
        if self._windows:
            columns = {name: column for window in self._windows for name, column in window.columns().items()}
        super().__init__(slots, count=Column(np.int64, 0), **pace.columns(), **columns)

    def _step(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        begins = pace.begins(self.state, slot, time, self.max_gap)
        count = np.where(begins, 0, self.state["count"][slot])
        if self._windows:
            self.state["count"][slot] = count + 1
            sta, lta = (window.step(self.state, slot, count, _squares(value)) for window in self._windows)
            return self._ratio(sta / self.nsta, lta / self.nlta, count >= self.nlta - 1)
        at = np.maximum(count - 1, 0) % _BLOCK + 1  # place in its block, from 1
        base, added = self.state["base"][slot], self.state["added"][slot]
        added = self._decay * added + self._weight * _squares(value)[:, None]
        now = self._left.T[at] * base + added
        full = at == _BLOCK
        base = np.where(full[:, None], now, base)
        added[full] = 0.0
        first = count == 0
        base[first], added[first] = (0.0, 1e-99), 0.0
        self.state["base"][slot], self.state["added"][slot], self.state["count"][slot] = base, added, count + 1
        return self._ratio(now[:, 0], now[:, 1], count >= self.nlta)

    @staticmethod
    def _ratio(sta: Floats, lta: Floats, warm: Bools) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            # silence without any energy: nothing stands out
            return np.where(warm, np.where(lta > 0, sta / np.where(lta > 0, lta, 1.0), 0.0), np.nan)

    def series(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """As `update` one by one, in blocks; runs that begin here go sample by sample."""
        if value.shape[1] < _FEW:
            return super().series(slot, time, value)
        whole = pace.regular(self.state, slot, time, pace.finite(value), self.max_gap)
        blocks = self._sums if self._windows else self._blocks
        if whole.all():
            return blocks(slot, time, value)
        out = np.empty(value.shape)
        begin = min(_FIRST, value.shape[1])  # by then the pace of a new slot is known
        some, at, what = slot[~whole], time[~whole], value[~whole]
        out[~whole, :begin] = super().series(some, at[:, :begin], what[:, :begin])
        if begin < value.shape[1]:
            more = self.series if (self.state["count"][some] == begin).all() else super().series
            out[~whole, begin:] = more(some, at[:, begin:], what[:, begin:])
        if whole.any():
            out[whole] = blocks(slot[whole], time[whole], value[whole])
        return out

    def _sums(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """As `_blocks`, for the classic means."""
        out = np.empty(value.shape)
        for row, (at, square) in enumerate(zip(slot.tolist(), _squares(value), strict=True)):
            count = int(self.state["count"][at])
            sta, lta = (window.span(self.state, at, count, square) for window in self._windows)
            warm = count + np.arange(len(square)) >= self.nlta - 1
            out[row] = self._ratio(sta / self.nsta, lta / self.nlta, warm)
        self.state["count"][slot] += value.shape[1]
        self.state["last"][slot] = time[:, -1]
        return out

    def _blocks(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """Rows that go on with a run and have no gap."""
        m, n = value.shape
        count = self.state["count"][slot]
        skip = (count - 1) % _BLOCK  # samples that the first block has already
        blocks = -(-(int(skip.max(initial=0)) + n) // _BLOCK)
        rows, place = np.arange(m)[:, None], skip[:, None] + np.arange(n)
        first = int(skip[0])
        alike = bool((skip == first).all())
        square = np.zeros((m, blocks * _BLOCK))
        if alike:
            square[:, first : first + n] = _squares(value)
        else:
            square[rows, place] = _squares(value)
        square = np.ascontiguousarray(square.reshape(m, blocks, _BLOCK).transpose(2, 0, 1))  # [block, m, blocks]
        added = self._added(square, skip, self.state["added"][slot])
        base = self._bases(added[:, -1], self.state["base"][slot])
        now = self._left[:, 1:, None, None] * base[:, None] + added
        at, block = place % _BLOCK, place // _BLOCK
        if alike:  # the usual case, and it spares looking every sample up
            sta, lta = now.transpose(0, 2, 3, 1).reshape(2, m, -1)[:, :, first : first + n]
        else:
            sta, lta = now[0][at, rows, block], now[1][at, rows, block]
        self._keep(slot, time, count + n, added, base, now, at[:, -1], block[:, -1])
        return self._ratio(sta, lta, count[:, None] + np.arange(n) >= self.nlta)

    def _added(self, square: Floats, skip: Ints, before: Floats) -> Floats:
        """[2, 32, m, blocks]: what each block has added so far; the first goes on with what was added `before`."""
        out = np.empty((2, *square.shape))
        decay, weight = self._decay[:, None, None], self._weight[:, None, None]
        so_far = np.zeros((2, *square.shape[1:]))
        goes_on = {int(at): np.flatnonzero(skip == at) for at in np.unique(skip)}
        for at in range(_BLOCK):
            if at in goes_on:
                some = goes_on[at]
                so_far[:, some, 0] = before[some].T
            so_far = decay * so_far + weight * square[at]
            out[:, at] = so_far
        return out

    def _bases(self, whole: Floats, first: Floats) -> Floats:
        """[2, m, blocks]: the averages before each block; `whole`: what each block adds in all."""
        base = np.empty(whole.shape)
        base[..., 0] = first.T
        left = self._left[:, -1:]
        for block in range(1, whole.shape[2]):
            base[..., block] = left * base[..., block - 1] + whole[..., block - 1]
        return base

    def _keep(
        self, slot: Ints, time: Ints, count: Ints, added: Floats, base: Floats, now: Floats, at: Ints, block: Ints
    ) -> None:
        """State after the last samples, which are in these places of these blocks."""
        row: NDArray[np.int64] = np.arange(len(slot))
        full = at == _BLOCK - 1
        self.state["base"][slot] = np.where(full, now[:, at, row, block], base[:, row, block]).T
        self.state["added"][slot] = np.where(full, 0.0, added[:, at, row, block]).T
        self.state["count"][slot] = count
        self.state["last"][slot] = time[:, -1]


def _squares(value: Floats) -> Floats:
    """Squares; a value without a finite one counts as the largest that has."""
    return np.square(np.clip(value, -1e150, 1e150))
