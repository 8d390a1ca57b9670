"""Rows of several channels from readings of one station: what waits for the others, and what is newest.

The rules are those of `detectors.join.Join`, for blocks of readings: readings of one channel, one after the other, with
rising times. Where blocks begin and end makes no difference, so that a frame of a waveform is one block.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
NEVER = -(2**62)
NOTHING = 2**62
MOST = 16_384  # times that may wait for each other's readings at a station


@dataclass(slots=True)
class Block:
    """Readings of one channel, none missing; times rise."""

    channel: int
    time: Ints
    value: Floats
    doubtful: Bools

    def part(self, first: int, end: int) -> "Block":
        """Some of them."""
        return Block(self.channel, self.time[first:end], self.value[first:end], self.doubtful[first:end])


@dataclass(slots=True)
class Made:
    """Rows that came out. cause: the reading of the block at which each did; value [rows, channels], NaN: not there."""

    cause: Ints
    time: Ints
    value: Floats
    doubtful: Bools


@dataclass(slots=True)
class Exact:
    """A row is the readings of one time: out when all are there, when a newer one is, or after `wait` of data time.

    level: up to here nothing waits any more; newest: the newest time of any channel; due: received time at which what
    waits comes out without a further reading (NOTHING: nothing waits).
    """

    channels: int
    level: int = NEVER
    newest: int = NEVER
    due: int = NOTHING
    time: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    value: Floats = field(default_factory=lambda: np.empty((0, 0)))
    doubtful: Bools = field(default_factory=lambda: np.empty(0, np.bool_))

    def take(self, block: Block, wait: int) -> Made:
        """Take readings in; the rows that are due."""
        count = len(block.time)
        if len(self.time) + count > MOST and count > 1:
            half = count // 2
            first, second = self.take(block.part(0, half), wait), self.take(block.part(half, count), wait)
            second.cause += half
            return _together(first, second)
        newest = np.maximum(self.newest, block.time)
        level = np.maximum(self.level, newest - wait - 1)
        kept = block.time > level
        own = block.time[kept]
        time = np.union1d(self.time, own)
        value, doubtful = np.full((len(time), self.channels), np.nan), np.zeros(len(time), np.bool_)
        if len(self.time):
            at = np.searchsorted(time, self.time)
            value[at], doubtful[at] = self.value, self.doubtful
        at = np.searchsorted(time, own)
        value[at, block.channel] = block.value[kept]
        doubtful[at] |= block.doubtful[kept]
        whole = np.zeros(count, np.bool_)
        whole[kept] = ~np.isnan(value[at]).any(axis=1)
        level = np.maximum.accumulate(np.where(whole, block.time, level))
        if count == 1 and len(time) - int(np.searchsorted(time, level[0], "right")) > MOST:
            level[0] = time[len(time) - MOST - 1]
        self.level, self.newest = int(level[-1]), int(newest[-1])
        out = int(np.searchsorted(time, self.level, "right"))
        made = Made(np.searchsorted(level, time[:out]), time[:out], value[:out], doubtful[:out])
        self.time, self.value, self.doubtful = time[out:], value[out:], doubtful[out:]
        return made

    def give_up(self) -> Made:
        """Nothing more has come for too long: everything that waits comes out as it is."""
        self.level, self.due = max(self.level, self.newest), NOTHING
        made = Made(np.zeros(len(self.time), np.int64), self.time, self.value, self.doubtful)
        self.time, self.value, self.doubtful = self.time[:0], self.value[:0], self.doubtful[:0]
        return made


@dataclass(slots=True)
class Latest:
    """Each time of the first channel makes one row; the others are their newest ones, unless too old or newer."""

    channels: int
    time: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    value: Floats = field(default_factory=lambda: np.empty(0))
    doubtful: Bools = field(default_factory=lambda: np.empty(0, np.bool_))

    def __post_init__(self) -> None:
        if not len(self.time):
            self.time, self.value = np.full(self.channels, NEVER), np.full(self.channels, np.nan)
            self.doubtful = np.zeros(self.channels, np.bool_)

    def take(self, block: Block, age: int) -> Made:
        """Take readings in; the rows that they make."""
        newest = self.time[block.channel]
        kept = np.flatnonzero(block.time >= newest if block.channel else block.time > newest)  # one row of one time
        if not len(kept) or block.channel:
            if len(kept):
                self._note(block, int(kept[-1]))
            return Made(*(np.empty(0, np.int64),) * 2, np.empty((0, self.channels)), np.empty(0, np.bool_))
        time = block.time[kept]
        old = time[:, None] - self.time
        usable = (old >= 0) & (old <= age)
        usable[:, 0] = False
        value = np.where(usable, self.value, np.nan)
        value[:, 0] = block.value[kept]
        doubtful = block.doubtful[kept] | (usable & self.doubtful).any(axis=1)
        self._note(block, int(kept[-1]))
        return Made(kept, time, value, doubtful)

    def _note(self, block: Block, at: int) -> None:
        which = block.channel
        self.time[which], self.value[which] = block.time[at], block.value[at]
        self.doubtful[which] = block.doubtful[at]


def _together(first: Made, second: Made) -> Made:
    return Made(
        np.concatenate([first.cause, second.cause]), np.concatenate([first.time, second.time]),
        np.concatenate([first.value, second.value]), np.concatenate([first.doubtful, second.doubtful]),
    )  # fmt: skip
