"""The health of a station as a number from 0 to 100 (docs/quality.md): shown and counted, nothing is decided by it.

Each datastream has a score, the product of five shares; a station has that of its worst datastream.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.core import quality
from streams.core.slots import NEVER, OK, UNHEARD, Slots
from streams.models.times import MINUTE, SECOND

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
CLASSES = ("good", "fair", "poor")
GOOD_FROM, FAIR_FROM = 80, 50
UNTIMED = MINUTE  # the delay that is nobody's fault, of a datastream without an interval
LATEST = 10  # so many intervals late, and a reading is worth nothing
DOUBTFUL = 0.5  # what a suspect value is worth
LOW_BATTERY = 20.0  # percent; below it the score falls
FULL = 100.0
NOT_YET = 255


def scores(slots: Slots, some: Ints, interval: Ints) -> NDArray[np.uint8]:
    """Of some slots; `interval`: by kind, NEVER for none."""
    each = interval[slots.kind[some]]
    state = slots.state[some] == OK
    shares = _latency(slots, some, each) * _gaps(slots, some, each) * _quality(slots, some) * _battery(slots, some)
    return np.asarray(np.rint(100 * shares * state), np.uint8)


def _latency(slots: Slots, some: Ints, interval: Ints) -> Floats:
    """1 up to one interval between measurement and receipt, falling to 0 at ten. A clock that runs ahead counts too."""
    heard, newest = slots.heard[some], slots.newest[some]
    known = (heard != UNHEARD) & (newest != UNHEARD)
    late = np.abs(np.where(known, heard, 0) - np.where(known, newest, 0)) / np.where(
        interval == NEVER, UNTIMED, interval
    )
    return np.asarray(np.clip((LATEST - late) / (LATEST - 1), 0.0, 1.0))


def _gaps(slots: Slots, some: Ints, interval: Ints) -> Floats:
    """How many of the readings that should have come within the newest few did."""
    times = slots.times[some]
    count = np.minimum(slots.written[some], slots.remembered)
    there = np.arange(times.shape[1]) < count[:, None]
    newest = np.where(there, times, 0).max(axis=1, initial=0)
    oldest = np.where(there, times, NEVER).min(axis=1, initial=NEVER)
    judged = (interval != NEVER) & (count > 1)
    wanted = np.where(judged, newest - np.minimum(oldest, newest), 0) / np.where(judged, interval, SECOND)
    return np.asarray(np.where(judged, np.clip((count - 1) / np.maximum(wanted, 1.0), 0.0, 1.0), 1.0))


def _quality(slots: Slots, some: Ints) -> Floats:
    bits = slots.bits[some]
    bad = bits & (quality.HARD | quality.ABSENT) > 0
    return np.asarray(np.where(bad, 0.0, np.where(bits & quality.SUSPECTS > 0, DOUBTFUL, 1.0)))


def _battery(slots: Slots, some: Ints) -> Floats:
    if not slots.battery:
        return np.ones(len(some))
    level = np.array([slots.battery.get(slot, FULL) for slot in some.tolist()])
    return np.asarray(np.clip(level / LOW_BATTERY, 0.0, 1.0))


def class_of(score: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Number of the class (CLASSES) of each score."""
    return np.where(score >= GOOD_FROM, 0, np.where(score >= FAIR_FROM, 1, 2))


def note_batteries(slots: Slots, slot: Sequence[int] | Ints, meta: Mapping[int, dict[str, Any]]) -> None:
    """What readings say of their batteries, in percent; anything else is passed over. `slot`: by row, -1 for none."""
    for row, said in meta.items():
        level = said.get("battery")
        if isinstance(level, int | float) and not isinstance(level, bool) and 0 <= level <= FULL and slot[row] >= 0:
            slots.battery[int(slot[row])] = float(level)
