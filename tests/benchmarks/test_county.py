from itertools import islice
from pathlib import Path

import pytest

from benchmarks.county import CHAINS, QUIET, RISE, County, frames, single, value_of, waveforms
from benchmarks.generator import is_rise, rises
from benchmarks.growth import Record
from streams.config import load
from streams.core.decode import decode

NOW = 1_790_000_000
COUNTY = County(40, partitions=4)


def decoded(records, partition: int, county: County = COUNTY):
    made = [Record(key, value, offset, NOW * 1000) for offset, (key, value) in enumerate(records)]
    columns, refused = decode("readings", partition, county.partitions, made)
    assert not refused
    return list(columns)


def test_every_datastream_has_one_reading_a_round_in_its_own_partition():
    rows = [row for n in range(4) for row in decoded(single(COUNTY, n, range(3), NOW), n)]
    assert len(rows) == 3 * COUNTY.datastreams
    assert {row.station for row in rows} == {name.decode() for name in COUNTY.stations}


def test_messages_are_about_80_bytes():
    sizes = [len(key) + len(value) for key, value in single(COUNTY, 0, range(3), NOW)]
    assert 75 <= min(sizes) <= max(sizes) <= 85


def test_times_of_a_datastream_only_grow():
    rows = decoded(single(COUNTY, 0, range(5), NOW), 0)
    for station in {row.station for row in rows}:
        times = [row.time for row in rows if row.station == station]
        assert times == sorted(set(times))


def test_frames_hold_the_same_readings():
    one = {(r.station, r.time): r.value for r in decoded(single(COUNTY, 0, range(100), NOW), 0)}
    assert {(r.station, r.time): r.value for r in decoded(frames(COUNTY, 0, range(100), NOW), 0)} == one


def test_a_waveform_record_is_a_second_of_100_samples():
    rows = decoded(waveforms(COUNTY, 0, range(1), NOW), 0)
    assert len(rows) == 100 * len(COUNTY.of_partition[0])
    assert rows[1].time - rows[0].time == 10_000


def test_one_reading_in_two_thousand_jumps_and_the_next_is_back():
    turns = range(QUIET, QUIET + 4_000)
    jumps = [turn for turn in turns if value_of(3, turn) == RISE]
    assert len(jumps) == 2
    assert value_of(3, jumps[0] + 1) != RISE
    assert not any(value_of(3, turn, jumps=False) == RISE for turn in turns)


def test_the_generators_rises_are_told_from_all_other_readings():
    reading = b'{"station":"B-000001","property":"level","time":1.000,"value":%b}'
    assert all(is_rise(reading % value) for _, value in islice(rises(0, 100), 200))
    assert not any(is_rise(reading % value_of(n, n, jumps=False)) for n in range(2_000))


def test_no_rise_is_used_twice():
    given = list(islice(rises(0, 100), 200))
    assert len(set(given)) == len(given) == 200
    assert list(islice(rises(150, 100), 50)) == given[150:]


@pytest.mark.parametrize("chain", CHAINS)
def test_the_configuration_is_right(tmp_path: Path, chain: str):
    loaded = load(County(8, chain=chain).write(tmp_path))
    assert len(loaded.site.datastreams) == 8
    assert loaded.topics["readings"].partitions == 4
    assert loaded.topics["readings"].timestamp == "LogAppendTime"
    (hazard,) = loaded.site.hazards.values()
    assert set(hazard.conditions) == {"blue", "yellow", "orange", "red"}
