"""Data quality of single rows, vectorised: a flag (1 good, 3 suspect, 4 fail, 9 missing) and the check that set it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streams.models.site import Datastream
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
    """Bounds of each datastream as arrays [streams]; infinite where there is none."""

    hard: tuple[Floats, Floats]
    instrument: tuple[Floats, Floats]
    soft: tuple[Floats, Floats]
    stuck_for: Ints  # 0 = not judged
    rest: Floats  # [streams, r], NaN-padded

    @classmethod
    def of(cls, streams: list[Datastream], checks: Sequence[frozenset[str]]) -> "Limits":
        """Read the limits of the datastreams; a check that is off leaves none."""
        ranged = [s if "range" in c else None for s, c in zip(streams, checks, strict=True)]

        def bound(name: str, otherwise: float) -> Floats:
            values = (getattr(stream, name) if stream else None for stream in ranged)
            return np.array([otherwise if value is None else value for value in values], np.float64)

        def pair(name: str) -> tuple[Floats, Floats]:
            return bound(f"{name}_min", -np.inf), bound(f"{name}_max", np.inf)

        width = max((len(stream.rest) for stream in streams), default=0)
        rest = np.full((len(streams), width), np.nan)
        for number, stream in enumerate(streams):
            rest[number, : len(stream.rest)] = stream.rest
        stuck = [(s.stuck_for or 0) if "stuck" in c else 0 for s, c in zip(streams, checks, strict=True)]
        return cls(pair("hard"), pair("range"), pair("soft"), np.array(stuck, np.int64), rest)

    def judge(self, stream: Ints, value: Floats) -> tuple[Ints, Floats]:
        """Bits of the range checks, and the value cut to the instrument's range (SEMANTICS: saturated counts)."""
        low, high = self.instrument[0][stream], self.instrument[1][stream]
        with np.errstate(invalid="ignore"):
            bits = np.where((value < self.hard[0][stream]) | (value > self.hard[1][stream]), HARD, 0)
            bits |= np.where((value <= low) | (value >= high), SATURATED, 0)
            bits |= np.where((value < self.soft[0][stream]) | (value > self.soft[1][stream]), SOFT, 0)
        bits |= np.where(np.isnan(value), ABSENT, 0)
        # a dry gauge or a gas sensor at zero rests at its lower limit: that is no saturation
        resting = (bits & SATURATED > 0) & self.rests(stream, value)
        return np.where(resting, bits & ~SATURATED, bits), np.clip(value, low, high)

    def rests(self, stream: Ints, value: Floats) -> NDArray[np.bool_]:
        """Whether each value is one that may rest for ever."""
        return np.asarray((self.rest[stream] == value[:, None]).any(axis=1))
