"""How rare a number is among those before it: histograms in logarithmic bins that forget by a growing weight.

The number of a bin is the exponent and the first three bits of a double, read as an integer: eight bins an octave, no
logarithm. Each octave has a total of its own, so that a tail is 40 + 8 numbers to add up. A new number weighs a little
more than the one before it, which is how the old ones fade without being touched.
"""

import math

import numpy as np

from detectors.base import Column, Floats, Ints, State

_OCTAVES = 40
_LOWEST = -24  # numbers are told apart from 2**-24 to 2**16
_FIRST = (1023 + _LOWEST) * 8
_ABOVE = np.triu(np.ones((_OCTAVES, _OCTAVES)), 1)  # row = octave of the number: which octaves lie above it
_BESIDE = np.triu(np.ones((8, 8)), 1) + 0.5 * np.eye(8)  # within its octave: bins above it, and half of its own
_FULL = 2.0**600  # a weight that has grown to this begins anew: with past = 10,000 every four million readings


def columns(views: int) -> dict[str, Column]:
    """State for `views` histograms a slot."""
    return {
        "fine": Column(np.float64, 0.0, views * _OCTAVES * 8, views),
        "coarse": Column(np.float64, 0.0, views * _OCTAVES, views),
        "top": Column(np.int64, -1, views),
        "mass": Column(np.float64, 0.0, 2),
    }


def surprise(state: State, slot: Ints, view: Floats, past: int, *, learn: bool = True) -> Floats:
    """-log10 of the share of each histogram's past that was at least as large, plus 1 an octave beyond the largest.

    view: [m, views], not negative. Answers [m, views]; then the numbers join the past.
    """
    which = np.arange(view.shape[1])
    bins = np.clip((view.view(np.int64) >> 49) - _FIRST, 0, 8 * _OCTAVES - 1)
    octave, eighth = bins >> 3, bins & 7
    mass = state["mass"][slot]
    weight = np.where(mass[:, 0] > 0, mass[:, 0], 1.0)
    coarse = state["coarse"].reshape(-1, view.shape[1], _OCTAVES)
    fine = state["fine"].reshape(-1, view.shape[1], _OCTAVES, 8)
    row = slot[:, None]
    tail = np.add.reduce(coarse[slot] * _ABOVE[octave], axis=2)
    tail += np.add.reduce(fine[row, which, octave] * _BESIDE[eighth], axis=2)
    half = 0.5 * weight[:, None]
    share = (tail + half) / (mass[:, 1] + weight)[:, None]
    top = state["top"][slot]
    beyond = np.where(top >= 0, np.maximum(bins - top, 0) / 8, 0.0)
    if learn:
        _learn(state, slot, bins, weight, mass[:, 1], past)
    out: Floats = beyond - np.log10(share)
    return out


def surprise_of_one(state: State, slot: int, view: list[float], past: int, *, learn: bool = True) -> list[float]:
    """`surprise` for one slot, the same bytes: where there is only one, numpy's calls are dearer than the sums."""
    views = len(view)
    bins = [min(max(_bin(x) - _FIRST, 0), 8 * _OCTAVES - 1) for x in view]
    octave = [number >> 3 for number in bins]
    weight, total = state["mass"][slot].tolist()
    weight = weight if weight > 0 else 1.0
    coarse = state["coarse"][slot].reshape(views, _OCTAVES)
    fine = state["fine"][slot].reshape(views * _OCTAVES, 8)
    tail = np.add.reduce(coarse * _ABOVE[octave], axis=1)
    at = [k * _OCTAVES + o for k, o in enumerate(octave)]
    tail += np.add.reduce(fine[at] * _BESIDE[[number & 7 for number in bins]], axis=1)
    rare = np.log10((tail + 0.5 * weight) / (total + weight)).tolist()
    top = state["top"][slot]
    highest = top.tolist()
    out = [(max(b - t, 0) / 8 if t >= 0 else 0.0) - r for b, t, r in zip(bins, highest, rare, strict=True)]
    if learn and weight <= _FULL:
        for k, number in enumerate(bins):
            fine[at[k], number & 7] += weight
            coarse[k, octave[k]] += weight
            top[k] = max(number, highest[k])
        state["mass"][slot] = (weight * (past / (past - 1.0)), total + weight)
    elif learn:
        _learn(state, np.array([slot]), np.array([bins]), np.array([weight]), np.array([total]), past)
    return out


def _bin(number: float) -> int:
    """Exponent and first three bits of a double, as an integer."""
    part, exponent = math.frexp(number)
    return (exponent + 1022) * 8 + int(part * 16) - 8 if part else 0


def _learn(state: State, slot: Ints, bins: Ints, weight: Floats, total: Floats, past: int) -> None:
    row, views = slot[:, None], bins.shape[1]
    which, wide = np.arange(views), weight[:, None]
    state["fine"][row, which * (8 * _OCTAVES) + bins] += wide
    state["coarse"][row, which * _OCTAVES + (bins >> 3)] += wide
    state["top"][slot] = np.maximum(state["top"][slot], bins)
    mass = np.empty((len(slot), 2))
    mass[:, 0], mass[:, 1] = weight * (past / (past - 1.0)), total + weight
    state["mass"][slot] = mass
    if np.maximum.reduce(weight, initial=0.0) > _FULL:
        full = slot[weight > _FULL]
        for name in ("fine", "coarse", "mass"):
            state[name][full] /= _FULL
