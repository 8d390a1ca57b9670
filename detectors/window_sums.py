"""Sums over the last n samples that never drift: of running totals that begin anew every n samples.

A ring holds the running total within the present block of n samples, and behind it what is left of the block before.
The last n samples are the present total and what the block before had still to come. Totals are added one by one, so
one sample after another and a thousand at once give the same bytes.
"""

import numpy as np

from detectors.base import Column, Floats, Ints, State


class WindowSums:
    """Sums of the last `size` samples, with their state in the column `name`; `count` samples came before."""

    def __init__(self, name: str, size: int) -> None:
        self.name, self.size = name, size

    def columns(self) -> dict[str, Column]:
        """State: a number a sample of the window, of which one sample changes one."""
        return {self.name: Column(np.float64, 0.0, self.size, 1)}

    def step(self, state: State, slot: Ints, count: Ints, value: Floats) -> Floats:
        """One sample of each slot; the sum is short of samples until `count` is `size` - 1."""
        ring, at = state[self.name], count % self.size
        total = np.where(at > 0, ring[slot, at - 1], 0.0) + value
        to_come = np.where((count >= self.size) & (at < self.size - 1), ring[slot, self.size - 1] - ring[slot, at], 0.0)
        ring[slot, at] = total
        out: Floats = total + to_come
        return out

    def span(self, state: State, slot: int, count: int, value: Floats) -> Floats:
        """Many samples of one slot."""
        ring, out = state[self.name][slot], np.empty(len(value))
        done = 0
        while done < len(value):
            at = (count + done) % self.size
            part = value[done : done + self.size - at]
            carry = ring[at - 1] if at else 0.0
            total = np.add.accumulate(np.concatenate([[carry], part]))[1:]
            place = np.arange(at, at + len(part))
            came_round = (count + done >= self.size) & (place < self.size - 1)
            out[done : done + len(part)] = total + np.where(came_round, ring[self.size - 1] - ring[place], 0.0)
            ring[place] = total
            done += len(part)
        return out
