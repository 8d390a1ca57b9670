"""Short-term over long-term average: the classical seismic trigger."""

from itertools import pairwise
from typing import ClassVar, Literal

import numpy as np

from detectors import pace
from detectors.base import Bools, Column, Detector, Floats, Ints
from detectors.window_sums import WindowSums

_BLOCK = 32  # samples; part of the arithmetic: another number would give other last bits
_FIRST = 16
_AT_ONCE = 65_536  # samples that are worked on together: more do not fit into a processor's cache
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

    A wave of eight times the noise begins at sample 80:

    >>> noise[0, 80:] *= 8
    >>> score = StaLta(nsta=5, nlta=50, slots=1).series(here, 10_000 * np.arange(104)[None], noise)[0]
    >>> int(np.argmax(score > StaLta.thr_on))
    80
    """

    thr_on: ClassVar[float] = 3.5
    thr_off: ClassVar[float] = 1.0
    long_rows = True

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
            sta, lta = (window.step(self.state, slot, count, np.square(value)) for window in self._windows)
            return self._ratio(sta / self.nsta, lta / self.nlta, count >= self.nlta - 1)
        at = np.maximum(count - 1, 0) % _BLOCK + 1  # place in its block, from 1
        base, added = self.state["base"][slot], self.state["added"][slot]
        added = self._decay * added + self._weight * np.square(value)[:, None]
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
        for row, (at, square) in enumerate(zip(slot.tolist(), np.square(value), strict=True)):
            count = int(self.state["count"][at])
            sta, lta = (window.span(self.state, at, count, square) for window in self._windows)
            warm = count + np.arange(len(square)) >= self.nlta - 1
            out[row] = self._ratio(sta / self.nsta, lta / self.nlta, warm)
        self.state["count"][slot] += value.shape[1]
        self.state["last"][slot] = time[:, -1]
        return out

    def _blocks(self, slot: Ints, time: Ints, value: Floats) -> Floats:
        """Rows that go on with a run and have no gap: those that stand at one place of their block together."""
        count = self.state["count"][slot]
        out = np.empty(value.shape)
        skip = (count - 1) % _BLOCK  # samples that the first block has already
        most = max(_AT_ONCE // value.shape[1], 1)
        for at in np.unique(skip).tolist():
            alike = np.flatnonzero(skip == at)
            for first in range(0, len(alike), most):
                some = alike[first : first + most]
                rows = slice(None) if len(some) == len(slot) else some
                out[rows] = self._rectangle(slot[rows], at, value[rows], count[rows])
        self.state["count"][slot] = count + value.shape[1]
        self.state["last"][slot] = time[:, -1]
        return out

    def _rectangle(self, slot: Ints, skip: int, value: Floats, count: Ints) -> Floats:
        """The same of rows whose first block has `skip` samples already. Time comes first: rows lie side by side."""
        m, n = value.shape
        blocks = -(-(skip + n) // _BLOCK)
        square = np.zeros((blocks * _BLOCK, m))
        here = square[skip : skip + n]
        np.square(value.T, out=here)
        in_blocks = square.reshape(blocks, _BLOCK, m).transpose(1, 0, 2)  # [32, blocks, m]
        added = self._added(in_blocks, (skip, (skip + n - 1) % _BLOCK), self.state["added"][slot])
        base = self._bases(added[:, -1], self.state["base"][slot])
        now = np.empty(added.shape)
        np.multiply(self._left[:, 1:, None, None], base[:, None], out=now)
        now += added
        self._keep(slot, added, base, now, (skip + n - 1) % _BLOCK)
        ratio = in_blocks  # nobody needs the squares any more
        if (now[1].reshape(-1).min() > 0) and bool((count >= self.nlta).all()):
            np.divide(now[0], now[1], out=ratio)
        else:
            warm = count + np.arange(-skip, blocks * _BLOCK - skip)[:, None] >= self.nlta
            ratio[...] = self._ratio(now[0], now[1], warm.reshape(blocks, _BLOCK, m).transpose(1, 0, 2))
        return here.T

    def _added(self, square: Floats, ends: tuple[int, int], before: Floats) -> Floats:
        """[2, 32, blocks, m]: what each block has added so far; the first goes on with what was added `before`.

        ends: place of the first sample in the first block, and of the last one in the last. What lies side by side in
        memory is what one step works on.
        """
        out = np.empty((2, *square.shape))
        np.multiply(self._weight[:, None, None, None], square, out=out)
        skip, last = ends
        if skip:
            out[:, skip, 0] += self._decay[:, None] * before.T
        blocks, step = square.shape[1], np.empty(square.shape[1:])
        for begin, end in pairwise((1, min(ends) + 1, max(ends) + 1, _BLOCK)):
            some = slice(int(begin <= skip), blocks - int(begin > last))  # blocks that have samples at these places
            for decay, added in zip(self._decay.tolist(), out, strict=True):
                own, (earlier, *rows) = step[some], added[begin - 1 : end, some]
                for row in rows:
                    np.multiply(earlier, decay, own)
                    earlier = np.add(row, own, row)
        return out

    def _bases(self, whole: Floats, first: Floats) -> Floats:
        """[2, blocks, m]: the averages before each block; `whole`: what each block adds in all."""
        base = np.empty(whole.shape)
        base[:, 0] = first.T
        left = self._left[:, -1:]
        for block in range(1, whole.shape[1]):
            base[:, block] = left * base[:, block - 1] + whole[:, block - 1]
        return base

    def _keep(self, slot: Ints, added: Floats, base: Floats, now: Floats, at: int) -> None:
        """State after the last samples, which are at this place of the last block."""
        full = at == _BLOCK - 1
        self.state["base"][slot] = (now[:, at, -1] if full else base[:, -1]).T
        self.state["added"][slot] = 0.0 if full else added[:, at, -1].T
