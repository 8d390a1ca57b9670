"""Rows and frames of many slots through one part, as few calls as can be."""

import numpy as np
from numpy.typing import NDArray

from detectors.base import Part
from streams.core.links import Link
from streams.core.runs import SHORT, Runs, latest

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
AnyPart = Part | Link


def series(part: AnyPart, local: Ints, runs: Runs, time: Ints, value: Floats) -> Floats:
    """A part's answers to rows sorted by local slot; rows may be numbers or rows of numbers, and so may answers."""
    tail = part.tail if isinstance(part, Link) else ()
    if runs.single:
        return part.update(local, time, value)
    length = int(runs.counts[0])
    if length > SHORT and (runs.counts == length).all():
        shape = (len(runs), length)
        found = part.series(local[runs.starts], time.reshape(shape), value.reshape(shape + value.shape[1:]))
        return found.reshape(len(local), *tail)
    out = np.empty((len(local), *tail))
    if int(runs.counts.max()) <= SHORT:
        for rows in runs.turns():
            out[rows] = part.update(local[rows], time[rows], value[rows])
        return out
    for block in runs.blocks():
        out[block] = part.series(local[block[:, 0]], time[block], value[block])
    return out


def series_of_frames(part: AnyPart, local: Ints, runs: Runs, time: Ints, value: Floats) -> Floats:
    """A part's answers to frames sorted by local slot, as rectangles.

    Of slots with as many frames, where the part has its answers sooner of few long rows; else like stairs.
    """
    if runs.single:
        return part.series(local, time, value)
    length = int(runs.counts[0])
    if (runs.counts == length).all():
        shape = (len(runs), length * value.shape[1])
        return part.series(local[runs.starts], time.reshape(shape), value.reshape(shape)).reshape(value.shape)
    out = np.empty(value.shape)
    for frames in runs.alike() if part.long_rows else runs.blocks():
        shape = (len(frames), frames.shape[1] * value.shape[1])
        found = part.series(local[frames[:, 0]], time[frames].reshape(shape), value[frames].reshape(shape))
        out[frames] = found.reshape(*frames.shape, value.shape[1])
    return out


def reaches(score: Floats, low: Floats, high: Floats) -> Bools:
    """Whether any score of each frame is at or beyond these (infinite: nothing is)."""
    found = np.zeros(len(score), np.bool_)
    if not np.isposinf(high).all():
        most = np.maximum.reduce(score, axis=1)
        found |= (np.fmax.reduce(score, axis=1) if np.isnan(most).any() else most) >= high
    if not np.isneginf(low).all():
        least = np.minimum.reduce(score, axis=1)
        found |= (np.fmin.reduce(score, axis=1) if np.isnan(least).any() else least) <= low
    return found


def until_of(state: Ints, local: Ints, runs: Runs, until: Ints, marked: Bools) -> Ints:
    """For each row the latest `until` of a marked row up to it, or what was known before; kept for the next call."""
    known = state[local]
    if marked.any():
        newest = latest(marked)
        here = newest >= runs.begin
        known = np.where(here, np.maximum(known, until[newest]), known)
        last = runs.last
        state[local[last]] = known[last]
    return known


def with_room(state: Ints, rows: int) -> Ints:
    """The same with room for more rows."""
    more = rows - len(state)
    return np.concatenate([state, np.zeros((more, *state.shape[1:]), np.int64)]) if more > 0 else state
