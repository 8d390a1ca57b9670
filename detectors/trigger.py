"""One hysteresis and hold object for every threshold: n datastreams x k levels, vectorised."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Which = NDArray[np.integer[Any]]  # numbers of streams

NEVER = np.iinfo(np.int64).max
IDLE = np.iinfo(np.int64).min
SIGHTING_EVERY = 600_000_000  # a latch that is on is seen again at least every 10 minutes of data


@dataclass(slots=True)
class Edges:
    """What changed: for each edge its row in the call, its column, and the phenomenon time it is due to."""

    row: Ints
    column: Ints
    time: Ints

    def __len__(self) -> int:
        return len(self.row)


@dataclass(slots=True)
class Changes:
    """One update's outcome in the order in which it happened: `matured` (a hold that ran out), then the rest."""

    matured: Edges
    on: Edges
    off: Edges
    sighting: Edges
    matured_doubtful: Bools  # for each matured edge whether no good value had confirmed it


class Latches:
    """Schmitt triggers with a hold time and sightings of new peaks.

    A latch goes on when `sign * score >= sign * thr_on` has held for `hold`, off at once when
    `sign * score < sign * thr_off`; between the two it stays as it is. A missing score (NaN) changes nothing. A hold is
    fulfilled by a reading at or after its end, or by `mature` when received time has passed it: without a further
    reading. Reference: Schmitt 1938 (hysteresis); Prometheus `for` (hold).

    Parameters: thr_on, thr_off, step [streams, k] in the unit of the score (NaN thr_on = no latch; step = what counts
    as a new peak, inf = none); sign [streams, k] +1 or -1; hold [streams, k] microseconds. State is kept per slot;
    several slots may share a stream's thresholds.

    >>> latch = Latches([[3.0]], [[2.5]], [[1.0]], [[0]], [[np.inf]])
    >>> latch.grow(1)
    >>> fired = []
    >>> for second, value in enumerate([2.9, 3.0, 2.6, 2.4]):
    ...     z = np.zeros(1, np.int64)
    ...     t = np.array([second * 1_000_000])
    ...     c = latch.update(z, z, t, t, np.array([value]), np.zeros((1, 1), bool), np.zeros((1, 1), bool))
    ...     fired.append((len(c.on), len(c.off)))
    >>> fired
    [(0, 0), (1, 0), (0, 0), (0, 1)]
    """

    #: state arrays and the value of a latch that was never touched; each is [slots, k]
    STATE = (
        ("on", np.bool_, False),
        ("doubtful", np.bool_, False),  # on, and no good value has confirmed it yet
        ("since", np.int64, IDLE),  # phenomenon time at which a running hold began
        ("due", np.int64, NEVER),  # received time at which a running hold is over
        ("peak", np.float64, -np.inf),  # largest sign * score since it went on
        ("shown", np.float64, -np.inf),  # the peak of the last edge or sighting
        ("shown_at", np.int64, IDLE),
    )
    on: Bools
    doubtful: Bools
    since: Ints
    due: Ints
    peak: Floats
    shown: Floats
    shown_at: Ints

    def __init__(self, thr_on: object, thr_off: object, sign: object, hold: object, step: object) -> None:
        self.sign = np.asarray(sign, np.float64)
        self.thr_on = self.sign * np.asarray(thr_on, np.float64)
        self.thr_off = self.sign * np.asarray(thr_off, np.float64)
        self.hold = np.asarray(hold, np.int64)
        self.step = np.minimum(np.asarray(step, np.float64), np.finfo(np.float64).max)  # inf + -inf is no number
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

    def settled(
        self, slot: Ints, stream: Which, time: Ints, score: Floats, suspect: Bools, failed: Bools, bound: Bools | None
    ) -> Bools:
        """Which readings (here several of one slot may be among them) would change no more than the peak as it stands.

        So all readings of a slot up to the first that is not settled may be passed over, if `raise_peak` is told.
        """
        value = np.where(failed, np.nan, self.sign[stream] * score[:, None])
        known = ~np.isnan(value)
        on, since = self.on[slot], self.since[slot]
        running = since != IDLE
        above = known & (value >= self.thr_on[stream])
        exact = known if bound is None else known & ~bound[:, None]
        moves = running & (time[:, None] >= since + self.hold[stream])
        moves |= above & ~on & ~running
        moves |= exact & ((on & (value < self.thr_off[stream])) | (running & ~above))
        moves |= above & ~suspect & self.doubtful[slot] & (on | running)
        with np.errstate(over="ignore"):
            shows = np.fmax(self.peak[slot], value) >= self.shown[slot] + self.step[stream]
        moves |= on & known & (shows | (time[:, None] >= self.shown_at[slot] + SIGHTING_EVERY))
        return np.asarray(~moves.any(axis=1))

    def raise_peak(self, slot: Ints, stream: Which, highest: Floats, lowest: Floats) -> None:
        """Scores that were passed over: the highest and the lowest of each of several slots (NaN: there was none)."""
        sign = self.sign[stream]
        value = np.where(sign > 0, sign * highest[:, None], sign * lowest[:, None])
        busy = self.on[slot] | (self.since[slot] != IDLE)
        self.peak[slot] = np.where(busy, np.fmax(self.peak[slot], value), self.peak[slot])

    def update(
        self,
        slot: Ints,
        stream: Which,
        time: Ints,
        received: Ints,
        score: Floats,
        suspect: Bools,
        failed: Bools,
        bound: Bools | None = None,
    ) -> Changes:
        """Judge one reading of each of m different slots.

        slot, stream, time, received: [m] (microseconds); score: [m]; suspect, failed: [m, k], failed = no value for
        that latch, suspect = a value in doubt; bound: [m], the score is a lower bound, which never lets a latch go.
        """
        value = np.where(failed, np.nan, self.sign[stream] * score[:, None])
        known = ~np.isnan(value)
        on, since = self.on[slot], self.since[slot]
        hold = self.hold[stream]
        over = (since != IDLE) & (time[:, None] >= since + hold)
        matured = self._edges(over, since + hold)
        was_on = on | over
        above = known & (value >= self.thr_on[stream])
        begins = above & ~was_on & (hold > 0) & (since == IDLE)
        rises = above & ~was_on & (hold == 0)
        exact = known if bound is None else known & ~bound[:, None]
        falls = exact & was_on & (value < self.thr_off[stream])
        breaks = exact & ~above
        now_on = (was_on | rises) & ~falls
        since = np.where(over | breaks | now_on, IDLE, np.where(begins, time[:, None], since))
        due = np.where(begins, received[:, None] + hold, np.where(since == IDLE, NEVER, self.due[slot]))
        peak = np.where(rises | begins, value, np.fmax(self.peak[slot], np.where(known, value, -np.inf)))
        peak = np.where(now_on | (since != IDLE), peak, -np.inf)
        was_doubtful = self.doubtful[slot]
        confirms = known & ~suspect & above  # a good value between the thresholds confirms nothing
        doubtful = np.where(rises | begins, suspect, was_doubtful & ~confirms)
        stays = was_on & now_on & known & ~over
        shows = stays & (
            (peak >= self.shown[slot] + self.step[stream])
            | (time[:, None] >= self.shown_at[slot] + SIGHTING_EVERY)
            | (was_doubtful & ~doubtful)
        )
        told = rises | shows | over
        self.shown[slot] = np.where(told, peak, np.where(now_on, self.shown[slot], -np.inf))
        self.shown_at[slot] = np.where(told, time[:, None], self.shown_at[slot])
        self.on[slot], self.since[slot], self.due[slot] = now_on, since, due
        self.peak[slot], self.doubtful[slot] = peak, doubtful
        if begins.any():
            self.next_due = min(self.next_due, int(due[begins].min()))
        wide = np.broadcast_to(time[:, None], on.shape)
        in_doubt = was_doubtful[matured.row, matured.column]
        kinds = [self._edges(mask, wide) for mask in (rises, falls, shows)]
        return Changes(matured, kinds[0], kinds[1], kinds[2], in_doubt)

    def mature(self, received: int, stream: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Holds that received time has passed go on: (slot, column, phenomenon and received time of each one's end).

        stream: [slots], which stream each slot belongs to.
        """
        empty = np.empty(0, np.int64)
        if received < self.next_due:
            return empty, empty, empty, empty
        slot, column = np.nonzero(self.due <= received)
        due = self.due[slot, column]
        over = self.since[slot, column] + self.hold[stream[slot], column]
        self.on[slot, column] = True
        self.since[slot, column], self.due[slot, column] = IDLE, NEVER
        self.shown[slot, column], self.shown_at[slot, column] = self.peak[slot, column], over
        self.next_due = int(self.due.min()) if self.due.size else NEVER
        return slot, column, over, due

    @staticmethod
    def _edges(mask: Bools, time: Ints) -> Edges:
        row, column = np.nonzero(mask)
        return Edges(row, column, time[row, column])
