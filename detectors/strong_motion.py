"""Peaks of ground motion and the instrumental intensity that follows from them.

Reference: GB/T 17742-2020, annex A (formulas A.5 and A.6 verified in six independent public codes; the standard itself
was not readable). It says 0.1 to 10 Hz and leaves the filter's slope open.
"""

from itertools import pairwise

import numpy as np

from detectors.base import Column, Floats, Ints, State
from detectors.cascade import Section, band_pass

_STILL = 1e-9  # m/s2 and m/s: no instrument feels less
_BOTH = 6.0  # from here on velocity alone counts


def intensity(pga: Floats, pgv: Floats) -> Floats:
    """Instrumental intensity, one decimal, 1.0 to 12.0, of peaks in m/s2 and m/s (not in gal and kine).

    >>> intensity(np.array([0.453, 0.106, 50.0, 0.0]), np.array([0.0377, 0.0081, 9.0, 0.0])).tolist()
    [5.5, 3.5, 12.0, 1.0]
    """
    by_a = 3.17 * np.log10(np.maximum(pga, _STILL)) + 6.59
    by_v = 3.00 * np.log10(np.maximum(pgv, _STILL)) + 9.77
    both = (by_a >= _BOTH) & (by_v >= _BOTH)
    found: Floats = np.rint(10 * np.where(both, by_v, 0.5 * (by_a + by_v))) / 10
    return np.minimum(np.maximum(found, 1.0), 12.0)


class Motion:
    """Acceleration within a band and, integrated, its velocity, of three components; state in columns of a part.

    Straight recursions and not the blocks of `detectors.cascade`: half the state, so that one reading changes little.
    """

    def __init__(self, low: float, high: float, order: int, rate: float, fade: float, *, velocity: bool) -> None:
        self._sections: list[Section] = band_pass(low, high, order, rate)
        self._half, self._keep, self._velocity = 0.5 / rate, float(np.exp(-1 / (rate * fade))), velocity

    def columns(self) -> dict[str, Column]:
        """The first and the newest reading, and two numbers a section, of each component."""
        three, blank = Column(np.float64, 0.0, 3), Column(np.float64, np.nan, 3)
        found = {"origin": blank, "held": three, "sections": Column(np.float64, 0.0, 6 * len(self._sections))}
        return found | {"speed": three} if self._velocity else found

    def begin(self, state: State, slot: Ints) -> None:
        """Back to rest: the next reading is what others are measured from, so that an offset makes no thump."""
        for name, column in self.columns().items():
            state[name][slot] = column.fill

    def over(self, state: State, slot: Ints, value: Floats) -> tuple[Floats, Floats]:
        """Lengths of acceleration and velocity [m, n] for components [m, n, 3]; a missing one stays where it was."""
        origin = state["origin"][slot]
        first = np.isnan(origin) & np.isfinite(value[:, 0])
        origin = np.where(first, value[:, 0], origin)
        state["origin"][slot] = origin
        moved = value - origin[:, None]
        held = state["held"][slot]
        for n in range(moved.shape[1]):
            held = moved[:, n] = np.where(np.isnan(moved[:, n]), held, moved[:, n])
        state["held"][slot] = held
        acceleration = self._band(state, slot, moved)
        return _length(acceleration), _length(self._integral(state, slot, acceleration))

    def _band(self, state: State, slot: Ints, value: Floats) -> Floats:
        rests = state["sections"][slot].reshape(len(slot), len(self._sections), 2, 3)
        for k, (b0, b1, b2, a1, a2) in enumerate(self._sections):
            s1, s2 = rests[:, k, 0], rests[:, k, 1]
            out = np.empty(value.shape)
            before1, before2 = b1 * value, b2 * value
            direct = b0 * value
            for n in range(value.shape[1]):
                answer = out[:, n] = direct[:, n] + s1
                s1 = before1[:, n] - a1 * answer + s2
                s2 = before2[:, n] - a2 * answer
            rests[:, k, 0], rests[:, k, 1] = s1, s2
            value = out
        state["sections"][slot] = rests.reshape(len(slot), -1)
        return value

    def _integral(self, state: State, slot: Ints, value: Floats) -> Floats:
        if not self._velocity:
            return value
        out, half, speed = np.empty(value.shape), self._half * value, state["speed"][slot]
        for n in range(value.shape[1]):
            answer = out[:, n] = half[:, n] + speed
            speed = half[:, n] + self._keep * answer
        state["speed"][slot] = speed
        return out


def _length(rows: Floats) -> Floats:
    x, y, z = rows[..., 0], rows[..., 1], rows[..., 2]
    return np.ascontiguousarray(np.sqrt(x * x + y * y + z * z))


class Peaks:
    """The largest of what came within (t - cells · cell, t], of several kinds; state in columns of a part."""

    def __init__(self, kinds: tuple[str, ...], cells: int) -> None:
        self._kinds, self._cells = kinds, cells

    def columns(self) -> dict[str, Column]:
        """A ring of cells: their number, and the largest of each kind."""
        ring = {kind: Column(np.float64, 0.0, self._cells, 1) for kind in self._kinds}
        return {"numbers": Column(np.int64, -1, self._cells, 1), **ring}

    def over(self, state: State, slot: Ints, number: Ints, values: tuple[Floats, ...]) -> tuple[Floats, ...]:
        """What is the largest by then, [m, n] for each kind; `number` [m, n] says in which cell a value lies."""
        out = tuple(np.empty(number.shape) for _ in values)
        for column in _runs(number):
            here, at = number[:, column.start], number[:, column.start] % self._cells
            numbers = state["numbers"][slot]
            inside = (numbers > (here - self._cells)[:, None]) & (numbers <= here[:, None])
            state["numbers"][slot, at] = here
            for kind, value, found in zip(self._kinds, values, out, strict=True):
                before = np.maximum.reduce(np.where(inside, state[kind][slot], 0.0), axis=1)
                found[:, column] = np.maximum.accumulate(np.maximum(value[:, column], before[:, None]), axis=1)
                same = numbers[np.arange(len(slot)), at] == here
                cell = np.where(same, state[kind][slot, at], 0.0)
                state[kind][slot, at] = np.maximum(cell, np.maximum.reduce(value[:, column], axis=1))
        return out


def _runs(number: Ints) -> list[slice]:
    """Stretches of columns in which no row goes on to another cell."""
    changes = np.flatnonzero((np.diff(number, axis=1) != 0).any(axis=0)) + 1
    edges = [0, *changes.tolist(), number.shape[1]]
    return [slice(a, b) for a, b in pairwise(edges)]
