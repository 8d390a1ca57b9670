"""Records of `readings` to rows, rejects and ticks (docs/wire.md).

Rules that everything here obeys:
- A record that is good as a whole is decoded as a whole, in C, in the one form that its first bytes show.
- When anything about it is in doubt, `examine` looks at it row by row: bad rows are refused, the others count.
- Nothing raises: whatever the bytes are, they end as rows or as rejects that carry them.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, tzinfo
from functools import lru_cache
from math import nan
from typing import NamedTuple, Protocol

import msgspec

from streams.core.examine import Checked, examine
from streams.core.instant import instant, shown
from streams.core.refusal import Flaw, Refusal, rejects_of
from streams.core.senml import Pack, SenmlRecord
from streams.models.observation import CONTROL_HEADER, Classification, Observation, Row, SampledFrame, Tick
from streams.models.partition import partition_of
from streams.models.reject import Reject
from streams.models.times import DAY, YEAR_2000

STAGE = "decode"
KEY_BYTES = 4_096  # a longer key than this does not go to `rejects`: with it the reject might be too large
DOUBT = (ValueError, OverflowError, RecursionError)  # msgspec's errors are ValueErrors


class Record(Protocol):
    """What is needed of aiokafka's ConsumerRecord."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    offset: int
    timestamp: int  # milliseconds


class Refused(NamedTuple):
    """A reject and the key under which it goes to `rejects`: the record's own."""

    key: bytes | None
    reject: Reject


class _Single(Observation, gc=False):
    classification: Classification | None = None


class _Sampled(SampledFrame, gc=False):
    classification: Classification | None = None


_decode_single = msgspec.json.Decoder(_Single).decode
_decode_frame = msgspec.json.Decoder(list[_Single]).decode
_decode_sampled = msgspec.json.Decoder(_Sampled).decode
_decode_pack = msgspec.json.Decoder(list[SenmlRecord]).decode


def decode(
    topic: str, partition: int, partitions: int, records: Iterable[Record], zone: tzinfo = UTC
) -> tuple[list[Row | Tick], list[Refused]]:
    """Rows and ticks in offset order, and what is refused. `received` is each record's own Kafka timestamp."""
    rows: list[Row | Tick] = []
    refused: list[Refused] = []
    for record in records:
        received = record.timestamp * 1000
        if not record.value and is_control(record):
            rows.append(Tick(record.offset, received))
            continue
        try:
            rows.extend(_whole(record, received, _owner(record.key, partition, partitions)))
        except DOUBT:
            good, flaws = _by_row(record, received, partition, partitions)
            rows.extend(good)
            refused.extend(_refused(topic, partition, record, flaws, shown(received, zone)))
    return rows, refused


def is_control(record: Record) -> bool:
    """Whether a record without a value is a control record of ours."""
    return not record.value and any(name == CONTROL_HEADER for name, _ in record.headers or ())


@lru_cache(maxsize=65_536)  # murmur2 is Python and a site has few stations
def _owner(key: bytes | None, partition: int, partitions: int) -> str:
    """The station whose records carry this key; raises Refusal."""
    if key is None:
        raise Refusal("wrong_key", "the record has no key", "key", None, "the station id")
    right = partition_of(key, partitions)
    if right != partition:
        detail = f"the key belongs to partition {right} of {partitions} (murmur2)"
        raise Refusal("wrong_partition", detail, "partition", partition, str(right))
    try:
        return key.decode()
    except UnicodeDecodeError:
        shown_key = key[:80].decode(errors="backslashreplace")
        raise Refusal("wrong_key", "the key is not UTF-8", "key", shown_key, "the station id") from None


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
        station = _owner(record.key, partition, partitions)
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
