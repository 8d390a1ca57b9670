"""Data quality of single rows, vectorised: a flag (1 good, 3 suspect, 4 fail, 9 missing) and the check that set it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from streams.models.datastream import LIMITS, Datastream
from streams.models.datastreams import Datastreams
from streams.models.times import MINUTE, SECOND

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Places = NDArray[np.int32] | Ints

UNHEARD = int(np.iinfo(np.int64).min)  # the time of what never was
GOOD, NOT_EVALUATED, SUSPECT, FAIL, MISSING = 1, 2, 3, 4, 9
HARD, SATURATED, SOFT, STUCK, FUTURE, LATE, ABSENT = (1 << bit for bit in range(7))
RISE, FALL, SHIFT, OSCILLATION, UNRELIABLE = (1 << bit for bit in range(7, 12))
#: in the order in which they are named when several apply
NAMES = {
    HARD: "range_hard", SATURATED: "saturated", SOFT: "range_soft", STUCK: "stuck", RISE: "rise", FALL: "fall",
    SHIFT: "shift", OSCILLATION: "oscillation", FUTURE: "future", UNRELIABLE: "unreliable", LATE: "late",
    ABSENT: "missing",
}  # fmt: skip
#: the check that is named when an earlier value, not the newest, is in doubt
EARLIER = "suspect_before"
SUSPECTS = SATURATED | SOFT | STUCK | RISE | FALL | SHIFT | OSCILLATION | FUTURE | UNRELIABLE
#: after these a sensor has to recover; one that reached the end of its range has done nothing wrong
DOUBTS = HARD | SUSPECTS & ~(SATURATED | FUTURE | UNRELIABLE)
ALWAYS = FUTURE | LATE | ABSENT | SATURATED | UNRELIABLE
#: which flags a hazard's `checks` list switches
OF_CHECK = {
    "range": HARD | SOFT, "stuck": STUCK, "gap": 0, "rise": RISE, "fall": FALL, "shift": SHIFT,
    "oscillation": OSCILLATION, "neighbour": 0,
}  # fmt: skip
FUTURE_AFTER = 2 * MINUTE
SILENT_AFTER = 3  # reporting intervals
REPEATS_FOR_STUCK = 5
ROUNDING = 1 + 1e-9  # a difference that equals its limit but for rounding is none beyond it
YEARS = range(1999, 2102)  # of the calendar by which limits differ from month to month


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
    return ALWAYS | sum(OF_CHECK[check] for check in checks)


def counting(bits: Ints, which: int) -> Ints:
    """Those of some bits that speak against a sensor: at the end of its range a value stays and is unusual."""
    return np.where(bits & SATURATED != 0, bits & ~(SOFT | STUCK), bits) & which


def counting_one(bits: int, which: int) -> int:
    """The same of one row."""
    return (bits & ~(SOFT | STUCK) if bits & SATURATED else bits) & which


def only_saturated(bits: Ints, against: Ints) -> NDArray[np.bool_]:
    """Rows at the end of the range that nothing else speaks against: they say nothing of the sensor's worth."""
    return np.asarray((bits & SATURATED != 0) & (against == 0))


@dataclass(slots=True)
class Limits:
    """Bounds of each datastream, by its place in the partition; infinite where there is none."""

    bounds: dict[str, Floats]  # by number of the datastream (BOUNDS)
    numbers: Ints  # place -> number
    kind: Ints  # place -> kind
    streams: list[Datastream]  # one of each kind
    ranged: NDArray[np.bool_]  # by kind: the range check is on
    stuck_for: Ints  # by kind; 0 = not judged here (not at all, or within a band: moves)
    rest: Floats  # [kinds, r], NaN-padded
    months: "Months"
    normal: tuple[Floats, Floats]  # by place: a value strictly between these has nothing to do with any bound

    @classmethod
    def of(
        cls,
        table: Datastreams,
        numbers: Ints,
        kind: Ints,
        streams: list[Datastream],
        checks: Sequence[frozenset[str]],
        timezone: str = "UTC",
    ) -> "Limits":
        """Read the limits of the datastreams; a check that is off leaves none. `streams`, `checks`: by kind."""
        width = max((len(stream.rest) for stream in streams), default=0)
        rest = np.full((len(streams), width), np.nan)
        for number, stream in enumerate(streams):
            rest[number, : len(stream.rest)] = stream.rest
        stuck = [
            (s.stuck_for or 0) if "stuck" in c and not s.checks.stuck_band else 0
            for s, c in zip(streams, checks, strict=True)
        ]
        ranged = np.array(["range" in c for c in checks], np.bool_)
        months = Months(streams, timezone)
        off = ~ranged[kind]
        low, high = (_innermost(table.bounds, months, side, numbers, kind, off) for side in ("min", "max"))
        return cls(
            table.bounds, numbers, kind, streams, ranged, np.array(stuck, np.int64), rest, months,
            _side_by_side(low, high),
        )  # fmt: skip

    def calm(self, place: Places, value: Floats, begins: Ints) -> NDArray[np.bool_]:
        """Whether `of_rows` says nothing of each of some runs of values; `begins`: their first rows, and the end."""
        count = int(begins[1])
        low, high = self.normal[0][place], self.normal[1][place]
        if value.min() > low.max() and value.max() < high.min():  # nearly always so, and quicker seen
            return np.ones(len(place), np.bool_)
        if len(value) == count * len(place):
            table = value.reshape(-1, count)
            least, most = np.minimum.reduce(table, axis=1), np.maximum.reduce(table, axis=1)
        else:
            least, most = np.minimum.reduceat(value, begins[:-1]), np.maximum.reduceat(value, begins[:-1])
        return np.asarray((least > low) & (most < high))  # NaN: not calm

    def of_rows(self, place: Places, value: Floats, time: Ints) -> tuple[Ints | None, Floats]:
        """Bits of the range checks (None: no row has any) and the values cut to the instrument's range."""
        good = (value > self.normal[0][place]) & (value < self.normal[1][place])
        if good.all():
            return None, value
        rows = np.flatnonzero(~good)
        bits, cut = np.zeros(len(value), np.int64), value.copy()
        bits[rows], cut[rows] = self.judge(place[rows], value[rows], time[rows])
        return (bits if bits.any() else None), cut

    def judge(self, place: Places, value: Floats, time: Ints) -> tuple[Ints, Floats]:
        """Bits of the range checks, and the value cut to the instrument's range (SEMANTICS: saturated counts)."""
        low, high = self.bound("range_min", place, time), self.bound("range_max", place, time)
        (least, most), soft = (
            [self.bound(f"{name}_{side}", place, time) for side in ("min", "max")] for name in ("hard", "soft")
        )
        with np.errstate(invalid="ignore"):
            below, above = value <= low, value >= high
            # who is told that the instrument ends here cannot know that a value beyond is impossible; below no rain at
            # all, where it rests, there is nothing
            ends = [~self.rests(self.kind[place], end) for end in (low, high)]
            hard = (value < least) & ~(below & (least >= low) & ends[0])
            hard |= (value > most) & ~(above & (most <= high) & ends[1])
            bits = np.where(hard, HARD, 0) | np.where((value < soft[0]) | (value > soft[1]), SOFT, 0)
            bits |= np.where(below | above, SATURATED, 0)
        bits |= np.where(np.isnan(value), ABSENT, 0)
        # a dry gauge or a gas sensor at zero rests at its lower limit: that is no saturation
        resting = (bits & SATURATED > 0) & self.rests(self.kind[place], value)
        return np.where(resting, bits & ~SATURATED, bits), np.clip(value, low, high)

    def bound(self, name: str, place: Places, time: Ints) -> Floats:
        """A bound of each of some rows; infinite where there is none."""
        found, kind = self.bounds[name][self.numbers[place]], self.kind[place]
        if name in self.months.tables:
            own = self.months.tables[name][self.months.of(time), kind]
            found = np.where(np.isnan(own), found, own)
        off = np.isnan(found) if name.startswith("range") else np.isnan(found) | ~self.ranged[kind]
        return np.where(off, -np.inf if name.endswith("min") else np.inf, found)

    def rests(self, kind: NDArray[np.integer[Any]], value: Floats) -> NDArray[np.bool_]:
        """Whether each value is one that may rest for ever."""
        return np.asarray((self.rest[kind] == value[:, None]).any(axis=1))


class Months:
    """Limits that differ from month to month, by the site's calendar."""

    def __init__(self, streams: list[Datastream], timezone: str) -> None:
        self.tables: dict[str, Floats] = {}  # name -> [12, kinds], NaN: none of this month
        for kind, stream in enumerate(streams):
            for month, name, value in stream.checks.months:
                table = self.tables.setdefault(name, np.full((12, len(streams)), np.nan))
                table[month - 1, kind] = value
        self._starts = _month_starts(timezone) if self.tables else np.empty(0, np.int64)

    def of(self, time: Ints) -> Ints:
        """The month of each time, January = 0."""
        return np.asarray((np.searchsorted(self._starts, time, "right") - 1) % 12)

    def label(self, name: str, kind: int, time: int) -> str:
        """`@07` where a limit is July's own."""
        if name not in self.tables:
            return ""
        month = int(self.of(np.array([time]))[0])
        return "" if np.isnan(self.tables[name][month, kind]) else f"@{month + 1:02}"


def _month_starts(timezone: str) -> Ints:
    zone = ZoneInfo(timezone)
    starts = [datetime(year, month, 1, tzinfo=zone).timestamp() for year in YEARS for month in range(1, 13)]
    return np.array(starts, np.int64) * SECOND


def _innermost(
    bounds: Mapping[str, Floats], months: Months, side: str, numbers: Ints, kind: Ints, off: NDArray[np.bool_]
) -> Floats:
    """The bound that a value meets first, whatever the month; infinite where there is none."""
    found = np.full(len(numbers), -np.inf if side == "min" else np.inf)
    meet = np.fmax if side == "min" else np.fmin
    for name in (limit for limit in LIMITS if limit.endswith(side)):
        found = meet(found, bounds[name][numbers])
        if name in months.tables:
            found = meet(found, meet.reduce(months.tables[name], axis=0)[kind])
    found[off] = -np.inf if side == "min" else np.inf
    return np.asarray(meet(found, bounds[f"range_{side}"][numbers]))


def _side_by_side(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Two columns that are read together: in one line of cache, and where all are alike in one for all."""
    pair = np.stack([low, high], axis=1)
    if len(pair) and (pair == pair[0]).all():
        pair = np.broadcast_to(pair[0], pair.shape)
    return pair[:, 0], pair[:, 1]
