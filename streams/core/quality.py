"""Data quality of single rows, vectorised: a flag (1 good, 3 suspect, 4 fail, 9 missing) and the check that set it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streams.models.datastream import Datastream
from streams.models.datastreams import Datastreams
from streams.models.times import MINUTE

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

UNHEARD = int(np.iinfo(np.int64).min)  # the time of what never was
GOOD, NOT_EVALUATED, SUSPECT, FAIL, MISSING = 1, 2, 3, 4, 9
HARD, SATURATED, SOFT, STUCK, FUTURE, LATE, ABSENT = (1 << bit for bit in range(7))
#: in the order in which they are named when several apply
NAMES = {
    HARD: "range_hard", SATURATED: "saturated", SOFT: "range_soft", STUCK: "stuck", FUTURE: "future", LATE: "late",
    ABSENT: "missing",
}  # fmt: skip
#: the check that is named when an earlier value, not the newest, is in doubt
EARLIER = "suspect_before"
SUSPECTS = SATURATED | SOFT | STUCK | FUTURE
#: which flags a hazard's `checks` list switches; future stamps always count
OF_CHECK = {"range": HARD | SATURATED | SOFT, "stuck": STUCK, "gap": 0}
FUTURE_AFTER = 2 * MINUTE
SILENT_AFTER = 3  # reporting intervals
REPEATS_FOR_STUCK = 5


def flag_of(bits: int) -> int:
    """The quality flag of a row from its bits."""
    if bits & ABSENT:
        return MISSING
    return FAIL if bits & HARD else SUSPECT if bits & SUSPECTS else GOOD


def check_of(bits: int) -> str:
    """The check that set the flag; empty when good."""
    return next((name for bit, name in NAMES.items() if bits & bit), "")


def mask_of(checks: frozenset[str]) -> int:
    """The bits that count for a hazard that lists these checks."""
    return FUTURE | LATE | ABSENT | sum(OF_CHECK[check] for check in checks)


@dataclass(slots=True)
class Limits:
    """Bounds of each datastream, by its place in the partition; infinite where there is none."""

    bounds: dict[str, Floats]  # by number of the datastream (BOUNDS)
    numbers: Ints  # place -> number
    kind: Ints  # place -> kind
    ranged: NDArray[np.bool_]  # by kind: the range check is on
    stuck_for: Ints  # by kind; 0 = not judged
    rest: Floats  # [kinds, r], NaN-padded
    normal: tuple[Floats, Floats]  # by place: a value strictly between these has nothing to do with any bound

    @classmethod
    def of(
        cls, table: Datastreams, numbers: Ints, kind: Ints, streams: list[Datastream], checks: Sequence[frozenset[str]]
    ) -> "Limits":
        """Read the limits of the datastreams; a check that is off leaves none. `streams`, `checks`: by kind."""
        width = max((len(stream.rest) for stream in streams), default=0)
        rest = np.full((len(streams), width), np.nan)
        for number, stream in enumerate(streams):
            rest[number, : len(stream.rest)] = stream.rest
        stuck = [(s.stuck_for or 0) if "stuck" in c else 0 for s, c in zip(streams, checks, strict=True)]
        ranged = np.array(["range" in c for c in checks], np.bool_)
        low, high = (_innermost(table.bounds, side, numbers) for side in ("min", "max"))
        off = ~ranged[kind]
        low[off], high[off] = -np.inf, np.inf
        return cls(table.bounds, numbers, kind, ranged, np.array(stuck, np.int64), rest, (low, high))

    def of_rows(self, place: NDArray[np.int32], value: Floats) -> tuple[Ints | None, Floats]:
        """Bits of the range checks (None: no row has any) and the values cut to the instrument's range."""
        good = (value > self.normal[0][place]) & (value < self.normal[1][place])
        if good.all():
            return None, value
        rows = np.flatnonzero(~good)
        bits, cut = np.zeros(len(value), np.int64), value.copy()
        bits[rows], cut[rows] = self.judge(place[rows], value[rows])
        return (bits if bits.any() else None), cut

    def judge(self, place: NDArray[np.int32], value: Floats) -> tuple[Ints, Floats]:
        """Bits of the range checks, and the value cut to the instrument's range (SEMANTICS: saturated counts)."""
        low, high = self._bound("range_min", place), self._bound("range_max", place)
        with np.errstate(invalid="ignore"):
            hard = (value < self._bound("hard_min", place)) | (value > self._bound("hard_max", place))
            bits = np.where(hard, HARD, 0)
            bits |= np.where((value <= low) | (value >= high), SATURATED, 0)
            soft = (value < self._bound("soft_min", place)) | (value > self._bound("soft_max", place))
            bits |= np.where(soft, SOFT, 0)
        bits |= np.where(np.isnan(value), ABSENT, 0)
        # a dry gauge or a gas sensor at zero rests at its lower limit: that is no saturation
        resting = (bits & SATURATED > 0) & self.rests(self.kind[place], value)
        return np.where(resting, bits & ~SATURATED, bits), np.clip(value, low, high)

    def _bound(self, name: str, place: NDArray[np.int32]) -> Floats:
        found = self.bounds[name][self.numbers[place]]
        return np.where(
            np.isnan(found) | ~self.ranged[self.kind[place]], -np.inf if name.endswith("min") else np.inf, found
        )

    def rests(self, kind: NDArray[np.integer[Any]], value: Floats) -> NDArray[np.bool_]:
        """Whether each value is one that may rest for ever."""
        return np.asarray((self.rest[kind] == value[:, None]).any(axis=1))


def _innermost(bounds: Mapping[str, Floats], side: str, numbers: Ints) -> Floats:
    """The bound that a value meets first; infinite where there is none."""
    found = np.full(len(numbers), -np.inf if side == "min" else np.inf)
    meet = np.fmax if side == "min" else np.fmin
    for name in ("hard", "range", "soft"):
        found = meet(found, bounds[f"{name}_{side}"][numbers])
    return found
