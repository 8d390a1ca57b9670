"""Thresholds of n datastreams x k levels, and how their latches stand: what `detectors.trigger` judges by."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.edges import NEVER

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Masks = NDArray[np.uint64]
Which = NDArray[np.integer[Any]]  # numbers of streams
IDLE = int(np.iinfo(np.int64).min)
NO_SIGN = 0.0  # added to a peak: of 0.0 and -0.0 which is the larger would go by who came first in a batch
SIGHTING_EVERY = 600_000_000  # a latch that is on is seen again at least every 10 minutes of data


class LatchState:
    """Parameters of latches, a row a stream, and their state, a row a slot; several slots may share a stream.

    Parameters: thr_on, thr_off, step [streams, k] in the unit of the score (NaN thr_on = no latch; step = what counts
    as a new peak, inf = none); sign [streams, k] +1 or -1; hold [streams, k] microseconds; n, m [streams, k], m up to
    64 (None: nobody counts; where m > 0, hold is 0).
    """

    #: state arrays and the value of a latch that was never touched; each is [slots, k]
    STATE: tuple[tuple[str, type[np.generic], int | float | bool], ...] = (
        ("on", np.bool_, False),
        ("doubtful", np.bool_, False),  # on, and no good value has confirmed it yet
        ("since", np.int64, IDLE),  # phenomenon time at which a running hold began
        ("due", np.int64, NEVER),  # received time at which a running hold is over
        ("peak", np.float64, -np.inf),  # largest sign * score since it went on
        ("shown", np.float64, -np.inf),  # the peak of the last edge or sighting
        ("shown_at", np.int64, IDLE),
    )
    #: where readings are counted: at which of the newest m it held, was not beyond thr_off, held without a doubt
    COUNTED: tuple[tuple[str, type[np.generic], int | float | bool], ...] = (
        ("held", np.uint64, 0),
        ("kept", np.uint64, 0),
        ("sure", np.uint64, 0),
    )
    on: Bools
    doubtful: Bools
    since: Ints
    due: Ints
    peak: Floats
    shown: Floats
    shown_at: Ints
    held: Masks
    kept: Masks
    sure: Masks

    def __init__(
        self,
        thr_on: object,
        thr_off: object,
        sign: object,
        hold: object,
        step: object,
        n: object = None,
        m: object = None,
    ) -> None:
        self.sign = np.asarray(sign, np.float64)
        self.thr_on = self.sign * np.asarray(thr_on, np.float64)
        self.thr_off = self.sign * np.asarray(thr_off, np.float64)
        self.hold = np.asarray(hold, np.int64)
        self.step = np.minimum(np.asarray(step, np.float64), np.finfo(np.float64).max)  # inf + -inf is no number
        self.m = np.zeros(self.thr_on.shape, np.int64) if m is None else np.asarray(m, np.int64)
        self.n = np.ones(self.thr_on.shape, np.int64) if n is None else np.asarray(n, np.int64)
        self.counts = bool((self.m > 0).any())
        self._newest = np.array([2**bits - 1 for bits in range(65)], np.uint64)[self.m]  # the bits that count
        if self.counts:
            self.STATE = (*self.STATE, *self.COUNTED)
        self.slots = 0
        self.next_due = NEVER  # not later than the earliest `due`
        for name, dtype, _ in self.STATE:
            setattr(self, name, np.empty((0, self.width), dtype))

    @property
    def width(self) -> int:
        """Latches per slot (k)."""
        return int(self.thr_on.shape[1])

    def grow(self, slots: int) -> None:
        """Make room for `slots` slots; what is there stays."""
        if slots <= self.slots:
            return
        for name, dtype, fresh in self.STATE:
            grown = np.full((slots, self.width), fresh, dtype)
            grown[: self.slots] = getattr(self, name)
            setattr(self, name, grown)
        self.slots = slots

    def reset(self, slot: Ints) -> None:
        """Slots as if they had never been touched."""
        for name, _, fresh in self.STATE:
            getattr(self, name)[slot] = fresh

    def idle(self, slot: Ints) -> Bools:
        """Slots of which nothing has to be remembered: no latch is on, in a hold or counting."""
        busy = self.on[slot] | (self.since[slot] != IDLE)
        if self.counts:
            busy |= self.held[slot] > 0
        return np.asarray(~busy.any(axis=1))

    def saved(self, slot: Which) -> dict[str, NDArray[Any]]:
        """The state of slots as it is kept for later: what nobody reads of a latch is as if it had never been touched.

        What was read together is passed over together, so such leftovers depend on how readings came in batches.
        """
        state = {name: getattr(self, name)[slot] for name, *_ in self.STATE}
        state["doubtful"] &= state["on"] | (state["since"] != IDLE)
        state["shown_at"][~state["on"]] = IDLE
        return state
