"""Linear filters as a row of sections of second order (biquads), and how to run them over readings.

A section's answer is linear in its state, so the readings of a slot are cut into blocks of 64, counted from where the
slot began: within a block a section runs from rest, and what it remembered at the block's start is added by a table.
So one reading after another and a thousand at once do the same sums in the same order: the bytes are the same, and the
blocks of a long series run side by side.

Reference: Butterworth 1930; bilinear transform; transposed direct form II (Oppenheim and Schafer).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detectors.base import Column, Floats, Ints, State

BLOCK = 64
_REAL = 1e-9  # a pole with a smaller imaginary part is real

Complex = NDArray[np.complex128]
Section = tuple[float, float, float, float, float]
"""b0, b1, b2, a1, a2 of y = b0 x + b1 x' + b2 x'' - a1 y' - a2 y''."""


def average(samples: float) -> Section:
    """A recursive mean over about so many samples."""
    return (1 / samples, 0.0, 0.0, 1 / samples - 1, 0.0)


def high_pass(hertz: float, order: int, rate: float) -> list[Section]:
    """Butterworth high-pass of an even order."""
    poles = _prototype(order)
    return _digital(_warp(hertz, rate) / poles, [1.0] * order, 1.0, rate)


def band_pass(low: float, high: float, order: int, rate: float) -> list[Section]:
    """Butterworth band-pass; `order` sections."""
    bottom, top = _warp(low, rate), _warp(high, rate)
    half = _prototype(order) * (top - bottom) / 2
    root = np.sqrt(half * half - bottom * top)
    return _digital(np.concatenate([half + root, half - root]), [1.0, -1.0] * order, (top - bottom) ** order, rate)


def _prototype(order: int) -> Complex:
    poles: Complex = np.exp(1j * np.pi * (2 * np.arange(1, order + 1) + order - 1) / (2 * order))
    return poles


def _warp(hertz: float, rate: float) -> float:
    if not 0 < hertz < rate / 2:
        raise ValueError(f"a corner lies between 0 and half the rate ({rate / 2:g} Hz), found {hertz:g} Hz")
    return float(2 * rate * np.tan(np.pi * hertz / rate))


def _digital(poles: Complex, zeros: Sequence[float], gain: float, rate: float) -> list[Section]:
    """Sections from analogue poles and digital zeros (each 1 or -1): pairs of conjugates, calmest first."""
    twice = 2 * rate
    analogue_zeros = 0 if 1.0 not in zeros else sum(z == 1.0 for z in zeros)
    scale = float(np.real(gain * twice**analogue_zeros / np.prod(twice - poles)))
    digital = (twice + poles) / (twice - poles)
    pairs = [(-2 * float(p.real), float(abs(p)) ** 2) for p in sorted(digital, key=abs) if p.imag > _REAL]
    real = sorted(float(p.real) for p in digital if abs(p.imag) <= _REAL)
    if len(real) % 2:
        raise ValueError("a high-pass of this order has a section of first order: take an even order")
    pairs += [(-(p + q), p * q) for p, q in zip(real[0::2], real[1::2], strict=True)]
    found: list[Section] = []
    for (a1, a2), a, b in zip(pairs, zeros[0::2], zeros[1::2], strict=True):
        found.append((1.0, -(a + b), a * b, a1, a2))
    b0, b1, b2, a1, a2 = found[0]
    return [(b0 * scale, b1 * scale, b2 * scale, a1, a2), *found[1:]]


class Cascade:
    """Sections one after the other, with their state in the columns `NAME_rest` (block's start) and `NAME_run`."""

    def __init__(self, name: str, sections: Sequence[Section]) -> None:
        self.sections = list(sections)
        self.rest, self.run = f"{name}_rest", f"{name}_run"
        self._tables = [_table(section) for section in self.sections]

    def columns(self) -> dict[str, Column]:
        """State: four numbers a section."""
        wide = Column(np.float64, 0.0, 2 * len(self.sections))
        return {self.rest: wide, self.run: wide}

    def reset(self, state: State, slot: Ints) -> None:
        """Back to rest."""
        state[self.rest][slot] = 0.0
        state[self.run][slot] = 0.0

    def step(self, state: State, slot: Ints, at: Ints, value: Floats) -> Floats:
        """One reading of each slot, the `at`-th (0 … 63) of its block."""
        rest, run = state[self.rest][slot], state[self.run][slot]
        ends = at == BLOCK - 1
        for k, (section, (answer, carry)) in enumerate(zip(self.sections, self._tables, strict=True)):
            s1, s2 = rest[:, 2 * k].copy(), rest[:, 2 * k + 1].copy()
            out, l1, l2 = _advance(section, value, run[:, 2 * k], run[:, 2 * k + 1])
            value = out + (answer[at, 0] * s1 + answer[at, 1] * s2)
            after1, after2 = _carried(carry, s1, s2, l1, l2)
            rest[:, 2 * k], rest[:, 2 * k + 1] = np.where(ends, after1, s1), np.where(ends, after2, s2)
            run[:, 2 * k], run[:, 2 * k + 1] = np.where(ends, 0.0, l1), np.where(ends, 0.0, l2)
        state[self.rest][slot], state[self.run][slot] = rest, run
        return value

    def span(self, state: State, slot: Ints, at: int, value: Floats) -> Floats:
        """N readings of each of m slots, all of which stand at the same place in their block: value [m, n]."""
        rest, run = state[self.rest][slot], state[self.run][slot]
        for k, (section, table) in enumerate(zip(self.sections, self._tables, strict=True)):
            columns = slice(2 * k, 2 * k + 2)
            value = _span(section, table, rest[:, columns], run[:, columns], at, value)
        state[self.rest][slot], state[self.run][slot] = rest, run
        return value


def _advance(section: Section, value: Floats, l1: Floats, l2: Floats) -> tuple[Floats, Floats, Floats]:
    b0, b1, b2, a1, a2 = section
    out = b0 * value + l1
    return out, b1 * value - a1 * out + l2, b2 * value - a2 * out


def _carried(carry: Floats, s1: Floats, s2: Floats, l1: Floats, l2: Floats) -> tuple[Floats, Floats]:
    """State at the end of a block, from that at its start and from what ran from rest."""
    return (carry[0, 0] * s1 + carry[0, 1] * s2) + l1, (carry[1, 0] * s1 + carry[1, 1] * s2) + l2


def _table(section: Section) -> tuple[Floats, Floats]:
    """What a state at the start adds to each of the answers of a block [64, 2], and to the state at its end [2, 2]."""
    zero, l1, l2 = np.zeros(2), np.array([1.0, 0.0]), np.array([0.0, 1.0])
    answers = []
    for _ in range(BLOCK):
        out, l1, l2 = _advance(section, zero, l1, l2)
        answers.append(out)
    return np.array(answers), np.array([l1, l2])


def _span(section: Section, table: tuple[Floats, Floats], rest: Floats, run: Floats, at: int, value: Floats) -> Floats:
    """One section over [m, n]; `rest` and `run` [m, 2] are moved on in place."""
    out = np.empty(value.shape)
    done = min(-at % BLOCK, value.shape[1])
    _part(section, table, rest, run, at, value[:, :done], out[:, :done])
    whole = (value.shape[1] - done) // BLOCK
    if whole:
        ends = done + whole * BLOCK
        _blocks(section, table, rest, value[:, done:ends], out[:, done:ends])
        done = ends
    _part(section, table, rest, run, 0, value[:, done:], out[:, done:])
    return out


def _part(
    section: Section, table: tuple[Floats, Floats], rest: Floats, run: Floats, at: int, value: Floats, out: Floats
) -> None:
    """Readings within one block, from its `at`-th on; the block may end with them."""
    answer, carry = table
    l1, l2 = run[:, 0], run[:, 1]
    for column in range(value.shape[1]):
        alone, l1, l2 = _advance(section, value[:, column], l1, l2)
        out[:, column] = alone + (answer[at + column, 0] * rest[:, 0] + answer[at + column, 1] * rest[:, 1])
    if value.shape[1] and at + value.shape[1] == BLOCK:
        rest[:, 0], rest[:, 1] = _carried(carry, rest[:, 0], rest[:, 1], l1, l2)
        l1 = l2 = np.zeros(len(run))
    run[:, 0], run[:, 1] = l1, l2


def _blocks(section: Section, table: tuple[Floats, Floats], rest: Floats, value: Floats, out: Floats) -> None:
    """Whole blocks, side by side."""
    answer, carry = table
    m, count = len(value), value.shape[1] // BLOCK
    columns = np.ascontiguousarray(value.reshape(m, count, BLOCK).transpose(2, 0, 1))
    alone = np.empty(columns.shape)
    l1 = l2 = np.zeros((m, count))
    for j in range(BLOCK):
        alone[j], l1, l2 = _advance(section, columns[j], l1, l2)
    starts = np.empty((2, m, count))
    for block in range(count):
        starts[0, :, block], starts[1, :, block] = rest[:, 0], rest[:, 1]
        rest[:, 0], rest[:, 1] = _carried(carry, rest[:, 0], rest[:, 1], l1[:, block], l2[:, block])
    added = answer[:, 0, None, None] * starts[0] + answer[:, 1, None, None] * starts[1]
    out[:] = (alone + added).transpose(1, 2, 0).reshape(m, count * BLOCK)
