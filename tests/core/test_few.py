"""A few records go another way than many: what comes out is the same."""

import json
from dataclasses import dataclass

import msgspec
import numpy as np
import pytest

from streams.core import few, lines, together
from streams.models.partition import partition_of

NOW = 1_784_527_380_000
STATIONS = [f"S{n}" for n in range(60) if partition_of(b"S%d" % n, 4) == 0]


@dataclass
class Record:
    value: bytes | None
    key: bytes | None
    offset: int = 0
    timestamp: int = NOW
    headers: tuple = ()


def record(number, value=1.5, **more):
    station = STATIONS[number % len(STATIONS)]
    reading = {"station": station, "property": "level", "time": NOW / 1000 + number / 7, "value": value} | more
    return Record(json.dumps(reading).encode(), station.encode(), 100 + number, NOW + number)


def fields(columns):
    arrays = {name: getattr(columns, name) for name in type(columns).__slots__ if name != "names"}
    return {k: (v.dtype.str, v.tolist()) if isinstance(v, np.ndarray) else v for k, v in arrays.items()}


@pytest.mark.parametrize("count", [1, 2, few.FEW])
def test_the_columns_are_those_of_many(count):
    records = [record(number, value=number / 3) for number in range(count)]
    assert fields(few.singles(records, 0, 4)) == fields(together.singles(records, 0, 4))


@pytest.mark.parametrize(
    "seconds", [1_784_527_380.0000005, 1_784_527_379.9999995, 1_784_527_380.1234565, 1_784_527_380]
)
def test_times_are_rounded_as_many_are(seconds):
    records = [record(0, time=seconds)]
    assert fields(few.singles(records, 0, 4)) == fields(together.singles(records, 0, 4))


@pytest.mark.parametrize(
    "odd",
    [
        record(0, value=None),
        record(0, unit="m"),
        record(0, time="2026-07-20T14:03:00+08:00"),
        record(0, time=5.0),
        record(0, time=NOW / 1000 + 90_000),
        record(0, station="S999"),
        Record(record(0).value, None),
        Record(record(0).value, b"S1" if partition_of(b"S1", 4) else b"S2"),
        Record(None, b"S0"),
        Record(b"rubbish", b"S0"),
        Record(b"[]", b"S0"),
    ],
)
def test_what_is_in_any_doubt_is_left_to_others(odd):
    with pytest.raises((msgspec.DecodeError, *lines.DOUBT)):
        few.singles([record(1), odd], 0, 4)
