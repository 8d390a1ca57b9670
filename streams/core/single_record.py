"""A record by itself: all of its rows if everything is right, else row by row with what is wrong."""

from collections.abc import Iterable
from math import nan

import msgspec

from streams.core.examine import Checked, examine
from streams.core.forms import Record, Sampled, Single
from streams.core.instant import instant
from streams.core.owner import owner
from streams.core.refusal import Flaw, Refusal
from streams.core.senml import Pack, SenmlRecord
from streams.models.observation import Observation, Row, SampledFrame
from streams.models.times import DAY, YEAR_2000

DOUBT = (ValueError, OverflowError, RecursionError)  # msgspec's errors are ValueErrors
_decode_single = msgspec.json.Decoder(Single).decode
_decode_frame = msgspec.json.Decoder(list[Single]).decode
_decode_sampled = msgspec.json.Decoder(Sampled).decode
_decode_pack = msgspec.json.Decoder(list[SenmlRecord]).decode


def whole(record: Record, received: int, station: str) -> list[Row]:
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


def by_row(record: Record, received: int, partition: int, partitions: int) -> tuple[list[Row], list[Flaw]]:
    """A record looked at row by row: those that count, and what is wrong with the others."""
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
