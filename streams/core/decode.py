"""Records of `readings` to rows, rejects and ticks (docs/wire.md).

Rules that everything here obeys:
- A record that is good as a whole is decoded as a whole, in C, in the one form that its first bytes show.
- When anything about it is in doubt, `examine` looks at it row by row: bad rows are refused, the others count.
- Nothing raises: whatever the bytes are, they end as rows or as rejects that carry them.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, tzinfo
from typing import NamedTuple

import numpy as np

from streams.core import few, lines, together, waveforms
from streams.core.few import FEW
from streams.core.forms import Record
from streams.core.instant import shown
from streams.core.lines import CLOCK_END
from streams.core.owner import owner
from streams.core.refusal import Flaw, rejects_of
from streams.core.single_record import DOUBT, by_row, whole
from streams.models.columns import Columns
from streams.models.observation import CONTROL_HEADER, Tick
from streams.models.reject import Reject

__all__ = ["KEY_BYTES", "Record", "Refused", "decode", "is_control"]
STAGE = "decode"
KEY_BYTES = 4_096  # a longer key than this does not go to `rejects`: with it the reject might be too large
Together = Callable[[Sequence[Record], int, int], Columns]


class Refused(NamedTuple):
    """A reject and the key under which it goes to `rejects`: the record's own."""

    key: bytes | None
    reject: Reject


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
    except lines.DOUBT:
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
        except lines.DOUBT:
            if len(records) == 1:
                self._found.append(self._alone(records[0]))
                return
            half = len(records) // 2
            self._group(form, records[:half])
            self._group(form, records[half:])

    def _alone(self, record: Record) -> Columns:
        received = _received(record)
        try:
            rows = whole(record, received, owner(record.key, self._partition, self._partitions))
        except DOUBT:
            true = record.timestamp * 1000
            rows, flaws = by_row(record, true, self._partition, self._partitions)
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
        return waveforms.sampled if b'"values"' in value else together.singles
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


def _refused(topic: str, partition: int, record: Record, flaws: list[Flaw], time: str | None) -> Iterable[Refused]:
    for reject in rejects_of(flaws, record.value or b"", STAGE):
        reject.topic, reject.partition, reject.offset, reject.time = topic, partition, record.offset, time
        yield Refused(record.key if len(record.key or b"") <= KEY_BYTES else None, reject)
