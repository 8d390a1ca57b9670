"""What became of each row: its flag, the check that set it and the bound behind it. Kept only for who asks.

Who asks hands a `FlagSink` to `Bank.handle`; rows then all take the way on which each has bits of its own. All ways
give the same flags.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.core import quality
from streams.core.bounds import bound_of
from streams.core.decode import Refused
from streams.core.holdings import Holdings
from streams.core.resolve import Batch
from streams.models.columns import Columns
from streams.models.durations import format_duration
from streams.models.observation import Row, Status
from streams.models.reject import Reject
from streams.models.signal import Checked, Trigger
from streams.models.site import Site

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
#: accepted: it counts, as its flag says; silent: no row, but what silence was told as; compared: by its neighbours
Outcome = Literal["accepted", "repeat", "rejected", "silent", "compared"]
NAN = float("nan")
NOWHERE = -1  # offset of what is no row


class FlaggedRow(NamedTuple):
    """One row, or a silence. time, received: microseconds; NaN = no value; flag None: it was never judged."""

    offset: int
    row: int
    station: str
    property: str
    status: Status
    time: int | None
    received: int
    outcome: Outcome
    flag: int | None = None
    check: str = ""
    bound: str = ""
    also: tuple[str, ...] = ()  # checks that have something to say of it as well
    given: float = NAN  # as it came
    given_unit: str = ""
    value: float = NAN  # in the datastream's unit
    unit: str = ""
    reason: str = ""  # of a reject
    detail: str = ""


class FlagSink:
    """Takes in what becomes of the rows of one call after the other."""

    def __init__(self) -> None:
        self._held: Holdings | None = None
        self._batch: Batch | None = None
        self._found: list[tuple[int, int, int, FlaggedRow]] = []

    def begin(self, held: Holdings, batch: Batch) -> None:
        """A call begins; `batch`: its rows."""
        self._held, self._batch = held, batch

    def _add(self, row: FlaggedRow, turn: int = 1) -> None:
        self._found.append((row.offset, row.row, turn, row))

    def rows(self, which: Ints, slot: Ints, received: Ints, value: Floats, bits: Ints | None) -> None:
        """Rows that count; bits None: nothing is to be said of any."""
        flags = [0] * len(which) if bits is None else bits.tolist()
        columns = (which.tolist(), slot.tolist(), received.tolist(), value.tolist(), flags)
        for row, at, when, number, flag in zip(*columns, strict=True):
            self._add(self._flagged(row, at, when, number, flag))

    def _flagged(self, row: int, slot: int, received: int, value: float, bits: int) -> FlaggedRow:
        held, found = self._known()
        bound = ""
        if bits:
            place = int(held.slots.stream[slot])
            bound = bound_of(held.limits, bits, place, value, int(found.columns.time[row]))
        check = quality.check_of(bits)
        also = tuple(name for bit, name in quality.NAMES.items() if bits & bit and name != check)
        told = self._told(row, slot, received, "accepted")
        return told._replace(flag=quality.flag_of(bits), check=check, bound=bound, also=also)

    def repeat(self, row: int, slot: int) -> None:
        """A row that had come before: it changes nothing."""
        self._add(self._told(row, slot, self._known()[1].received_at(row), "repeat"))

    def _told(self, row: int, slot: int, received: int, outcome: Outcome) -> FlaggedRow:
        held, batch = self._known()
        columns = batch.columns
        offset, place = columns.place(row)
        station, prop, status = held.slots.key(slot)
        unit = held.slots.unit(slot)
        return FlaggedRow(
            offset, place, station, prop, status, int(columns.time[row]), received, outcome,
            given=float(columns.value[row]), given_unit=_unit(columns, row) or unit,
            value=float(batch.value[row]), unit=unit,
        )  # fmt: skip

    def silent(self, found: Iterable[tuple[int, int, Trigger]], position: tuple[int, int], held: Holdings) -> None:
        """Datastreams that have fallen silent, before the record at `position`: due, slot, trigger."""
        for due, slot, trigger in found:
            if trigger.check != "gap":
                continue
            station, prop, status = held.slots.key(slot)
            interval = held.slots.datastream(slot).interval or 0
            row = FlaggedRow(
                *position, station, prop, status, trigger.time or None, due, "silent", quality.NOT_EVALUATED, "gap",
                f"interval {format_duration(interval)}", unit=held.slots.unit(slot),
            )  # fmt: skip
            self._add(row, 0)

    def take(self, rejects: Iterable[tuple[Row, Reject]]) -> list[FlaggedRow]:
        """All since the last call, in the order of the log, with what was refused."""
        for row, reject in rejects:
            self._add(refused_row(row, reject))
        found, self._found = self._found, []
        return [one[-1] for one in sorted(found, key=lambda one: (*one[:3], one[-1].received, one[-1].station))]

    def _known(self) -> tuple[Holdings, Batch]:
        assert self._held is not None and self._batch is not None  # noqa: S101, PT018 - for the type checker
        return self._held, self._batch


def unread_row(refused: Refused, received: int) -> FlaggedRow:
    """What could not be read as a row at all; its station is the record's key."""
    reject = refused.reject
    station = (refused.key or b"").decode(errors="backslashreplace")
    return FlaggedRow(
        reject.offset or 0, reject.row or 0, station, "", "Actual", None, received, "rejected",
        reason=reject.reason, detail=reject.detail,
    )  # fmt: skip


def compared_row(checked: Checked, site: Site) -> list[FlaggedRow]:
    """What its neighbours say of a datastream from one of its values on; told in its own zone, once."""
    stream = site.datastreams[checked.station, checked.property]
    if stream.zone != checked.zone:
        return []
    value = NAN if checked.value is None else checked.value
    return [
        FlaggedRow(
            NOWHERE, 0, checked.station, checked.property, checked.status, checked.time, checked.received, "compared",
            checked.quality, checked.check, checked.bound, value=value, unit=checked.unit or stream.unit,
        )
    ]  # fmt: skip


def refused_row(row: Row, reject: Reject) -> FlaggedRow:
    """A row that the Bank refuses."""
    return FlaggedRow(
        row.offset, row.row, row.station, row.property, row.status, row.time, row.received, "rejected",
        given=row.value, given_unit=row.unit or "", reason=reject.reason, detail=reject.detail,
    )  # fmt: skip


def _unit(columns: Columns, row: int) -> str | None:
    if columns.unit is None:
        return None
    return columns.unit[row if columns.key is None else int(columns.key[row])]
