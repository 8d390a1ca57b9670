"""Records of `readings` to rows, rejects and ticks (docs/wire.md).

Rules that everything here obeys:
- A record that is good as a whole is decoded as a whole, in C, in the one form that its first bytes show.
- When anything about it is in doubt, `examine` looks at it row by row: bad rows are refused, the others count.
- Nothing raises: whatever the bytes are, they end as rows or as rejects that carry them.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, tzinfo
from math import nan
from typing import NamedTuple

import msgspec
import numpy as np

from streams.core import few, together
from streams.core.examine import Checked, examine
from streams.core.few import FEW
from streams.core.instant import instant, shown
from streams.core.owner import owner
from streams.core.refusal import Flaw, Refusal, rejects_of
from streams.core.senml import Pack, SenmlRecord
from streams.core.together import CLOCK_END, Record, Sampled, Single
from streams.models.columns import Columns
from streams.models.observation import CONTROL_HEADER, Observation, Row, SampledFrame, Tick
from streams.models.reject import Reject
from streams.models.times import DAY, YEAR_2000

__all__ = ["KEY_BYTES", "Record", "Refused", "decode", "is_control"]
STAGE = "decode"
KEY_BYTES = 4_096  # a longer key than this does not go to `rejects`: with it the reject might be too large
DOUBT = (ValueError, OverflowError, RecursionError)  # msgspec's errors are ValueErrors
Together = Callable[[Sequence[Record], int, int], Columns]


class Refused(NamedTuple):
    """A reject and the key under which it goes to `rejects`: the record's own."""

    key: bytes | None
    reject: Reject


_decode_single = msgspec.json.Decoder(Single).decode
_decode_frame = msgspec.json.Decoder(list[Single]).decode
_decode_sampled = msgspec.json.Decoder(Sampled).decode
_decode_pack = msgspec.json.Decoder(list[SenmlRecord]).decode


def decode(
    topic: str, partition: int, partitions: int, records: Iterable[Record], zone: tzinfo = UTC
) -> tuple[Columns, list[Refused]]:
    """Rows and ticks in offset order, and what is refused. `received` is each record's own Kafka timestamp."""
    given = list(records)
    try:
        form = _form(given[0].value) if given else None
        if form is not None and (form is not together.singles or len(given) > FEW):
            return form(given, partition, partitions), []
        if given:
            return few.singles(given, partition, partitions), []
    except together.DOUBT:
        pass
    return _Decoding(topic, partition, partitions, zone).of(given)


class _Decoding:
    """A batch that is not all good single observations: form by form, and record by record where there is doubt."""

    def __init__(self, topic: str, partition: int, partitions: int, zone: tzinfo) -> None:
        self._topic, self._partition, self._partitions, self._zone = topic, partition, partitions, zone
        self._found: list[Columns] = []
        self._refused: list[Refused] = []

    def of(self, records: list[Record]) -> tuple[Columns, list[Refused]]:
        """All of it, in offset order."""
        ticks: list[Tick] = []
        forms: dict[Together | None, list[Record]] = {}
        for record in records:
            if not record.value and is_control(record):
                ticks.append(Tick(record.offset, _received(record)))
            else:
                forms.setdefault(_form(record.value), []).append(record)
        for form, group in forms.items():
            self._group(form, group)
        columns = merged(self._found)
        at = np.searchsorted(columns.offset, [tick.offset for tick in ticks])
        columns.ticks = list(zip(at.tolist(), ticks, strict=True))
        return columns, sorted(self._refused, key=lambda refused: refused.reject.offset or 0)

    def _group(self, form: Together | None, records: list[Record]) -> None:
        """Records of one form together; in ever smaller groups when one of them is not good."""
        if form is None:
            self._found += [self._alone(record) for record in records]
            return
        try:
            self._found.append(form(records, self._partition, self._partitions))
        except together.DOUBT:
            if len(records) == 1:
                self._found.append(self._alone(records[0]))
                return
            half = len(records) // 2
            self._group(form, records[:half])
            self._group(form, records[half:])

    def _alone(self, record: Record) -> Columns:
        received = _received(record)
        try:
            rows = _whole(record, received, owner(record.key, self._partition, self._partitions))
        except DOUBT:
            true = record.timestamp * 1000
            rows, flaws = _by_row(record, true, self._partition, self._partitions)
            for row in rows:
                row.received = received
            self._refused += _refused(self._topic, self._partition, record, flaws, shown(true, self._zone))
        return Columns.of(rows)


def _received(record: Record) -> int:
    return max(min(record.timestamp, CLOCK_END), -CLOCK_END) * 1000


def _form(value: bytes | None) -> Together | None:
    """How records of this kind are taken together; None: one by one."""
    if not value:
        return None
    if value[0] == 0x7B and value[-1] == 0x7D:  # { }
        return together.sampled if b'"values"' in value else together.singles
    return together.frames if value[0] == 0x5B and value[-1] == 0x5D and b'"station"' in value else None


def merged(found: list[Columns]) -> Columns:
    """Pieces whose records lie between each other's, in offset order."""
    pieces = [piece for piece in found if len(piece)]
    if len(pieces) < 2:
        return pieces[0] if pieces else Columns()
    offset = np.concatenate([piece.offset for piece in pieces])
    order = np.argsort(offset, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    keys, ids, meta = [], {}, {}
    rows = names = 0
    for piece in pieces:
        own = np.arange(len(piece)) if piece.key is None else piece.key
        keys.append(own + names)
        ids.update({int(place[rows + at]): one for at, one in piece.ids.items()})
        meta.update({int(place[rows + at]): one for at, one in piece.meta.items()})
        rows, names = rows + len(piece), names + len(piece.station)
    return Columns(
        station=[one for piece in pieces for one in piece.station],
        property=[one for piece in pieces for one in piece.property],
        unit=[one for piece in pieces for one in piece.unit or [None] * len(piece.station)],
        status=[one for piece in pieces for one in piece.status or ["Actual"] * len(piece.station)],
        key=np.concatenate(keys)[order],
        time=np.concatenate([piece.time for piece in pieces])[order],
        value=np.concatenate([piece.value for piece in pieces])[order],
        offset=offset[order],
        row=np.concatenate([piece.row for piece in pieces])[order],
        received=np.concatenate([piece.received for piece in pieces])[order],
        ids=dict(sorted(ids.items())),
        meta=dict(sorted(meta.items())),
    )


def is_control(record: Record) -> bool:
    """Whether a record without a value is a control record of ours."""
    return not record.value and any(name == CONTROL_HEADER for name, _ in record.headers or ())


def _whole(record: Record, received: int, station: str) -> list[Row]:
    """The rows of a record in which everything is right; anything else raises one of DOUBT."""
    value = record.value
    if not value:
        raise ValueError
    if value[0] == 0x7B:  # {
        if b'"values"' in value:
            return _sampled(_decode_sampled(value), station, record.offset, received)
        return [_row(_decode_single(value), station, record.offset, 0, received)]
    if b'"station"' in value:
        found: Iterable[tuple[int, Observation]] = enumerate(_decode_frame(value))
    else:
        found = _pack(value, received)
    rows = [_row(observation, station, record.offset, index, received) for index, observation in found]
    if not rows:
        raise ValueError
    return rows


def _row(found: Observation, station: str, offset: int, row: int, received: int) -> Row:
    time = instant(found.time)
    if found.station != station or not YEAR_2000 <= time <= received + DAY:
        raise ValueError
    value = nan if found.value is None else found.value
    return Row(
        station, found.property, time, value, found.unit, found.id, found.status, offset, row, received, found.meta
    )


def _sampled(frame: SampledFrame, station: str, offset: int, received: int) -> list[Row]:
    start = instant(frame.start)
    last = start + round((len(frame.values) - 1) * frame.step * 1_000_000)
    if frame.station != station or frame.step <= 0 or not frame.values:
        raise ValueError
    if start < YEAR_2000 or last > received + DAY:
        raise ValueError
    mark = None if frame.id is None else f"{frame.id}/"
    return [
        Row(
            station, frame.property, start + round(index * frame.step * 1_000_000),
            nan if value is None else value, frame.unit,
            None if mark is None else f"{mark}{index}", frame.status, offset, index, received,
            None if index else frame.meta,
        )
        for index, value in enumerate(frame.values)
    ]  # fmt: skip


def _pack(value: bytes, received: int) -> list[tuple[int, Observation]]:
    if b'_":' in value:  # perhaps a field that must be understood
        raise ValueError
    pack = Pack(received)
    found = ((index, pack.read(record)) for index, record in enumerate(_decode_pack(value)))
    return [(index, observation) for index, observation in found if observation is not None]


def _by_row(record: Record, received: int, partition: int, partitions: int) -> tuple[list[Row], list[Flaw]]:
    """The same record looked at piece by piece."""
    if not record.value:
        return [], [Flaw(None, Refusal("empty", "the value is empty, without our header", expected="an observation"))]
    try:
        station = owner(record.key, partition, partitions)
    except Refusal as refusal:
        return [], [Flaw(None, refusal)]
    found, flaws = examine(record.value, received)
    rows: list[Row] = []
    for checked in found:
        if checked.observation.station == station:
            rows.append(_checked_row(checked, record.offset, received))
        else:
            flaws.append(Flaw(checked.row, _other_station(checked.observation.station, station)))
    return rows, sorted(flaws, key=lambda flaw: -1 if flaw.row is None else flaw.row)


def _checked_row(checked: Checked, offset: int, received: int) -> Row:
    row, found, time = checked
    value = nan if found.value is None else found.value
    return Row(
        found.station,
        found.property,
        time,
        value,
        found.unit,
        found.id,
        found.status,
        offset,
        row,
        received,
        found.meta,
    )


def _other_station(found: str, station: str) -> Refusal:
    return Refusal("wrong_key", "the row is of another station than the record's key", "station", found, station)


def _refused(topic: str, partition: int, record: Record, flaws: list[Flaw], time: str | None) -> Iterable[Refused]:
    for reject in rejects_of(flaws, record.value or b"", STAGE):
        reject.topic, reject.partition, reject.offset, reject.time = topic, partition, record.offset, time
        yield Refused(record.key if len(record.key or b"") <= KEY_BYTES else None, reject)
