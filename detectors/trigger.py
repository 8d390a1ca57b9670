"""One hysteresis and hold object for every threshold: n datastreams x k levels, vectorised."""

import numpy as np

from detectors.edges import NEVER, Changes, Edges, Span
from detectors.latch_state import IDLE, NO_SIGN, SIGHTING_EVERY, Bools, Floats, Ints, LatchState, Which

__all__ = ["IDLE", "NEVER", "SIGHTING_EVERY", "Changes", "Edges", "Latches", "Span"]


class Latches(LatchState):
    """Schmitt triggers with a hold time and sightings of new peaks.

    A latch goes on when `sign * score >= sign * thr_on` has held for `hold`, off at once when
    `sign * score < sign * thr_off`; between the two it stays as it is. A missing score (NaN) changes nothing, and
    one in doubt never lets go: a sensor that the flood tears off gives no all-clear. A hold is fulfilled by a reading
    at or after its end, or by `mature` when received time has passed it: without a further reading.
    Reference: Schmitt 1938 (hysteresis); Prometheus `for` (hold).

    With `m` above 0 it counts readings instead: on when at `n` of the newest `m` the condition holds, off when at fewer
    than `n` of them the score is still on that side of thr_off. A missing one is no reading, and below thr_on neither
    is a lower bound nor, while it is on, a value in doubt.

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
        moves |= exact & ((on & ~suspect & (value < self.thr_off[stream])) | (running & ~above))
        moves |= above & ~suspect & self.doubtful[slot] & (on | running)
        if self.counts:
            moves |= (self.m[stream] > 0) & known & (on | (self.held[slot] > 0))
        with np.errstate(over="ignore"):
            shows = np.fmax(self.peak[slot], value) >= self.shown[slot] + self.step[stream]
        moves |= on & known & (shows | (time[:, None] >= self.shown_at[slot] + SIGHTING_EVERY))
        return np.asarray(~moves.any(axis=1))

    def span(self, slot: Ints, stream: Which) -> "Span":
        """What `settled` says of good readings of each of several slots, in numbers: a reading within is settled."""
        on, since, thr_on = self.on[slot], self.since[slot], self.thr_on[stream]
        running, sign = since != IDLE, self.sign[stream]
        with np.errstate(over="ignore"):
            shows = self.shown[slot] + self.step[stream]
        shows = np.where(self.peak[slot] >= shows, -np.inf, shows)
        rises = np.where(~on & ~running | (self.doubtful[slot] & (on | running)), thr_on, np.nan)
        rises = np.fmin(rises, np.where(on, shows, np.nan))
        falls = np.fmax(np.where(on, self.thr_off[stream], np.nan), np.where(running, thr_on, np.nan))
        up = sign > 0
        return Span(
            np.fmin.reduce(np.where(up, rises, np.nan), axis=1),
            np.fmax.reduce(np.where(up, falls, np.nan), axis=1),
            np.fmax.reduce(np.where(up, np.nan, -rises), axis=1),
            np.fmin.reduce(np.where(up, np.nan, -falls), axis=1),
            np.where(running, since + self.hold[stream], NEVER).min(axis=1),
            np.where(on, self.shown_at[slot] + SIGHTING_EVERY, NEVER).min(axis=1),
        )

    def raise_peak(self, slot: Ints, stream: Which, highest: Floats, lowest: Floats) -> None:
        """Scores that were passed over: the highest and the lowest of each of several slots (NaN: there was none)."""
        sign = self.sign[stream]
        value = np.where(sign > 0, sign * highest[:, None], sign * lowest[:, None]) + NO_SIGN
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
        that latch, suspect = a value in doubt; bound: [m], the score is a lower bound. Neither lets a latch go.
        """
        value = np.where(failed, np.nan, self.sign[stream] * score[:, None]) + NO_SIGN
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
        falls = exact & ~suspect & was_on & (value < self.thr_off[stream])
        confirms = known & ~suspect & above  # a good value between the thresholds confirms nothing
        doubts = suspect
        if self.counts:
            counting = self.m[stream] > 0
            taken = above | (exact & ~(suspect & was_on))
            often, still, sure = self._count(slot, stream, value, taken, above, suspect)
            rises = np.where(counting, above & ~was_on & often, rises)
            falls = np.where(counting, was_on & ~still, falls)
            confirms, doubts = np.where(counting, sure, confirms), np.where(counting, ~sure, suspect)
        breaks = exact & ~above
        now_on = (was_on | rises) & ~falls
        since = np.where(over | breaks | now_on, IDLE, np.where(begins, time[:, None], since))
        due = np.where(begins, received[:, None] + hold, np.where(since == IDLE, NEVER, self.due[slot]))
        peak = np.where(rises | begins, value, np.fmax(self.peak[slot], np.where(known, value, -np.inf)))
        peak = np.where(now_on | (since != IDLE), peak, -np.inf)
        was_doubtful = self.doubtful[slot]
        doubtful = np.where(rises | begins, doubts, was_doubtful & ~confirms)
        stays = was_on & now_on & known & ~over
        with np.errstate(over="ignore"):
            higher = peak >= self.shown[slot] + self.step[stream]
        shows = stays & (higher | (time[:, None] >= self.shown_at[slot] + SIGHTING_EVERY) | (was_doubtful & ~doubtful))
        told = rises | shows | over
        self.shown[slot] = np.where(told, peak, np.where(now_on, self.shown[slot], -np.inf))
        self.shown_at[slot] = np.where(told, time[:, None], self.shown_at[slot])
        self.on[slot], self.since[slot], self.due[slot] = now_on, since, due
        self.peak[slot], self.doubtful[slot] = peak, doubtful
        if self.counts:
            empty = ~now_on & (self.held[slot] == 0)
            self.kept[slot], self.sure[slot] = (np.where(empty, 0, one[slot]) for one in (self.kept, self.sure))
        if begins.any():
            self.next_due = min(self.next_due, int(due[begins].min()))
        wide = np.broadcast_to(time[:, None], on.shape)
        in_doubt = was_doubtful[matured.row, matured.column]
        kinds = [self._edges(mask, wide) for mask in (rises, falls, shows)]
        return Changes(matured, kinds[0], kinds[1], kinds[2], in_doubt)

    def _count(
        self, slot: Ints, stream: Which, value: Floats, taken: Bools, above: Bools, suspect: Bools
    ) -> tuple[Bools, Bools, Bools]:
        """Take readings in; whether at enough of the newest it held, was not beyond thr_off, held without a doubt."""
        found = []
        for mask, true in (
            (self.held, above),
            (self.kept, value >= self.thr_off[stream]),
            (self.sure, above & ~suspect),
        ):
            moved = ((mask[slot] << np.uint64(1)) | true.astype(np.uint64)) & self._newest[stream]
            mask[slot] = np.where(taken, moved, mask[slot])
            found.append(np.bitwise_count(mask[slot]) >= self.n[stream])
        return found[0], found[1], found[2]

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
