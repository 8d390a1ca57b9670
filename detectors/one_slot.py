"""The latches of one slot as plain numbers: what `Latches` says of good readings, for a few slots.

A call of numpy takes as long as some dozen steps of plain numbers: where few slots move, these are quicker.
"""

from dataclasses import dataclass
from math import inf, isnan
from typing import Literal, NamedTuple

import numpy as np

from detectors.edges import NEVER
from detectors.latch_state import IDLE, NO_SIGN, SIGHTING_EVERY, Floats, Ints, LatchState, Which

AT_ONCE = 512  # readings that are looked through together: what happens next is seldom far
_TURN = {"matured": 0, "on": 1, "off": 2, "sighting": 3}
_STATE = ("on", "doubtful", "since", "due", "peak", "shown", "shown_at")
_TABLES = ("sign", "thr_on", "thr_off", "step", "hold")


class Moved(NamedTuple):
    """What one reading changed at one latch (`Changes`). peak: afterwards; doubtful: too, but of `matured` before."""

    edge: Literal["matured", "on", "off", "sighting"]
    column: int
    time: int
    peak: float
    doubtful: bool


@dataclass(slots=True)
class OneSlot:
    """State and thresholds of one slot's latches, under their names in `LatchState`. Nobody counts readings."""

    on: list[bool]
    doubtful: list[bool]
    since: list[int]
    due: list[int]
    peak: list[float]
    shown: list[float]
    shown_at: list[int]
    sign: list[float]
    thr_on: list[float]
    thr_off: list[float]
    step: list[float]
    hold: list[int]

    def beyond(self, time: Ints, score: Floats, begin: int) -> int:
        """The first reading from `begin` on that would change more than a peak; the end where there is none."""
        rise, fall, drop, lift, end, sight = self._span()
        for first in range(begin, len(score), AT_ONCE):
            values = score[first : first + AT_ONCE]
            found = values >= rise
            if fall > -inf:
                found |= values < fall
            if drop > -inf:
                found |= values <= drop
            if lift < inf:
                found |= values > lift
            if end != NEVER or sight != NEVER:
                times = time[first : first + AT_ONCE]
                newest = int(times.max())
                if newest >= end:
                    found |= times >= end
                if newest >= sight:
                    found |= (times >= sight) & ~np.isnan(values)
            at = int(found.argmax())
            if found[at]:
                return first + at
        return len(score)

    def _span(self) -> tuple[float, float, float, float, int, int]:
        """As `Latches.span`: rise, fall, drop, lift (infinite: there is no such bound), end, sight."""
        rise, fall, drop, lift, end, sight = inf, -inf, -inf, inf, NEVER, NEVER
        for column, on in enumerate(self.on):
            since, thr_on, up, down = self.since[column], self.thr_on[column], inf, -inf
            if self.doubtful[column] or (not on and since == IDLE):
                up = thr_on
            if on:
                shows = self.shown[column] + self.step[column]
                up = min(up, -inf if self.peak[column] >= shows else shows)
                down = self.thr_off[column]
                sight = min(sight, self.shown_at[column] + SIGHTING_EVERY)
            if since != IDLE:
                down = max(down, thr_on)
                end = min(end, since + self.hold[column])
            if self.sign[column] > 0:  # of two the first stays, if the second is no number: then there is no latch
                rise, fall = min(rise, up), max(fall, down)
            else:
                drop, lift = max(drop, -up), min(lift, -down)
        return rise, fall, drop, lift, end, sight

    def pass_over(self, score: Floats) -> None:
        """Readings that are not `beyond` move nothing but the peaks."""
        busy = [column for column, on in enumerate(self.on) if on or self.since[column] != IDLE]
        if not busy or not len(score):
            return
        highest, lowest = float(np.fmax.reduce(score)), float(np.fmin.reduce(score))
        for column in busy:
            value = (highest if self.sign[column] > 0 else -lowest) + NO_SIGN
            self.peak[column] = max(self.peak[column], value)  # no number: the peak stays

    def update(self, time: int, received: int, score: float) -> list[Moved]:
        """As `Latches.update` of one good reading (NaN: a missing one), in the order in which things are told."""
        found: list[Moved] = []
        for column, sign in enumerate(self.sign):
            self._update(column, (time, received, sign * score + NO_SIGN), found)
        return sorted(found, key=_turn) if len(found) > 1 else found

    def _update(self, column: int, reading: tuple[int, int, float], found: list[Moved]) -> None:
        """The same of one latch; a value that is no number is neither above nor below anything."""
        time, received, value = reading
        since, hold, was_doubtful = self.since[column], self.hold[column], self.doubtful[column]
        over = since != IDLE and time >= since + hold
        was_on, above, known = self.on[column] or over, value >= self.thr_on[column], not isnan(value)
        anew = above and not was_on
        begins, rises = anew and hold > 0 and since == IDLE, anew and hold == 0
        now_on = (was_on or rises) and not (was_on and value < self.thr_off[column])
        ended = since + hold
        if over or now_on or (known and not above):
            since = IDLE
        elif begins:
            since, self.due[column] = time, received + hold
        if since == IDLE:
            self.due[column] = NEVER
        busy = now_on or since != IDLE
        peak = -inf if not busy else value if rises or begins else max(self.peak[column], value)
        doubtful = was_doubtful and not above
        stays = was_on and now_on and known and not over
        shows = stays and (
            peak >= self.shown[column] + self.step[column]
            or time >= self.shown_at[column] + SIGHTING_EVERY
            or doubtful != was_doubtful
        )
        if rises or shows or over:
            self.shown[column], self.shown_at[column] = peak, time
        elif not now_on:
            self.shown[column] = -inf
        self.on[column], self.since[column], self.peak[column], self.doubtful[column] = now_on, since, peak, doubtful
        if over:
            found.append(Moved("matured", column, ended, peak, was_doubtful))
        if rises or shows or (was_on and not now_on):
            edge: Literal["on", "off", "sighting"] = "on" if rises else "sighting" if shows else "off"
            found.append(Moved(edge, column, time, peak, doubtful))


def _turn(moved: Moved) -> int:
    return _TURN[moved.edge]


def slots_of(latches: LatchState, slot: Ints, stream: Which) -> list[OneSlot]:
    """Some slots (none twice), each by itself."""
    state = [getattr(latches, name)[slot].tolist() for name in _STATE]
    tables = [getattr(latches, name)[stream].tolist() for name in _TABLES]
    return [OneSlot(*row) for row in zip(*state, *tables, strict=True)]


def put_back(latches: LatchState, slot: Ints, slots: list[OneSlot]) -> None:
    """Their state is that of the latches again."""
    for name in _STATE:
        getattr(latches, name)[slot] = [getattr(one, name) for one in slots]
    latches.next_due = min(latches.next_due, int(latches.due[slot].min(initial=NEVER)))
