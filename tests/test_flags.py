"""Flags of one station out of a log: nothing of the others' records matters but their time."""

import json
import random
from dataclasses import replace

import pytest

from streams.core.decode import decode
from streams.core.detect import Bank
from streams.core.flagged import FlaggedRow, FlagSink
from streams.flags import StationLog, Trust, Wanted, warm_up
from streams.models.datastream import Checks
from streams.models.times import HOUR, MINUTE, SECOND
from tests.core.record_streams import TICK, Record, Source, checked_site, seeded_site
from tests.core.sites import FOUR, FOUR_LEVELS, hazard, site, stream

START = 1_784_527_380
CHECKS = ("range", "stuck", "gap", "rise", "fall", "shift", "oscillation")


def a_site(*streams):
    return site(streams, hazard(FOUR, FOUR_LEVELS, checks=CHECKS))


def reading(offset, second, value, *, station="S1", at=None, **more):
    """Received at `second`, measured then or at `at`."""
    body = {"station": station, "property": "water_level", "time": START + (second if at is None else at)}
    value = json.dumps(body | {"value": value} | more).encode()
    return Record(station.encode(), value, offset, round((START + second) * 1000))


def rows_of(log, *batches):
    return [one for batch in (*batches, None) for one in (log.finish() if batch is None else log.take(batch))]


@pytest.mark.parametrize("seed", range(12))
def test_a_station_alone_has_the_flags_that_it_has_among_all(seed):
    r = random.Random(seed)
    the_site = (checked_site if seed % 2 else seeded_site)(r)
    records = Source(r, the_site).records(80)
    for one, before in zip(records[1:], records, strict=False):
        one.timestamp = max(one.timestamp, before.timestamp)  # LogAppendTime
    sink = FlagSink()
    out = Bank(the_site, 0, 1).handle(decode("readings", 0, 1, records)[0], sink)
    every = sink.take(out.rejects)
    for station in sorted({one.station for one in the_site.datastreams.values()}):
        log = StationLog(the_site, 0, 1, station, whole=True)
        at = r.randint(1, 79)
        found = [one.row for one in rows_of(log, records[:at], records[at:])]
        read = [one for one in found if one.property]  # what cannot be read at all the Bank never sees
        assert told(read) == told(row for row in every if row.station == station)


def told(rows):
    """Where a silence lies in the log is told by the record at which it was found: not compared."""
    return [repr(row if row.outcome != "silent" else row._replace(offset=0, row=0)) for row in rows]


def test_ahead_of_the_clock_late_and_repeated():
    records = [
        reading(0, 0, 1),
        reading(1, 10, 1.1, at=200),
        reading(2, 20, 1.2),
        reading(3, 30, 1.3, at=15),
        reading(4, 40, 1.2, at=20),
        reading(5, 50, 1.4),
    ]
    log = StationLog(a_site(stream()), 0, 1, "S1", whole=True)
    found = [(one.place, one.row.outcome, one.row.flag, one.row.check) for one in rows_of(log, records)]
    assert found == [
        (0, "accepted", 1, ""),
        (1, "accepted", 3, "future"),
        (2, "accepted", 1, ""),
        (3, "accepted", 1, "late"),
        (4, "repeat", None, ""),
        (5, "accepted", 1, ""),
    ]


def test_what_cannot_be_read_is_told_with_its_station():
    log = StationLog(a_site(stream()), 3, 4, "S1", whole=True)
    bad = Record(b"S1", b'{"station": "S1"', 7, START * 1000)
    (found,) = log.take([bad, replace(bad, key=b"S2", offset=8)])
    assert (found.source, found.place, found.row.station) == ("readings[3]", 7, "S1")
    assert (found.row.outcome, found.row.reason, found.row.flag) == ("rejected", "not_json", None)
    assert found.row.received == START * SECOND


def test_silence_is_time_in_which_others_could_write():
    the_site = a_site(stream(interval=10 * SECOND), stream("S2"))
    others = [reading(1 + i, i, 1, station="S2") for i in range(1, 60)]
    found = rows_of(StationLog(the_site, 0, 1, "S1", whole=True), [reading(0, 0, 1), *others])
    assert [(one.row.outcome, one.row.received // SECOND - START) for one in found] == [("accepted", 0), ("silent", 30)]
    outage = [reading(100, 55, 1, station="S2")]  # nobody wrote: no silence of S1
    found = rows_of(StationLog(the_site, 0, 1, "S1", whole=True), [reading(0, 0, 1), *others[:5], *outage])
    assert [one.row.outcome for one in found] == ["accepted"]
    ticks = [Record(None, None, 200 + i, round((START + i) * 1000), TICK) for i in range(1, 40)]
    found = rows_of(StationLog(the_site, 0, 1, "S1", whole=True), [reading(0, 0, 1), *ticks])
    assert [one.row.outcome for one in found] == ["accepted", "silent"]


def test_flags_are_trusted_once_what_lies_before_has_no_part_in_them():
    checks = Checks(shift=1, shift_for=HOUR, recover=3)
    the_site = a_site(stream(interval=5 * MINUTE, checks=checks))
    records = [reading(100 + i, 300 * i, 1 + i % 2 / 10) for i in range(40)]
    cut = StationLog(the_site, 0, 1, "S1", whole=False)
    found = rows_of(cut, records)
    assert [one.trusted for one in found] == [300 * i >= 7200 for i in range(40)]
    assert cut.trust.since == {("S1", "water_level", "Actual"): (START + 7200) * SECOND}
    assert not cut.trust.unknown
    whole = rows_of(StationLog(the_site, 0, 1, "S1", whole=True), records)
    assert all(one.trusted for one in whole)
    few = StationLog(the_site, 0, 1, "S1", whole=False)
    assert not any(one.trusted for one in rows_of(few, records[:3]))
    assert few.trust.unknown == {("S1", "water_level", "Actual")}


def test_how_far_back_the_checks_look():
    assert warm_up(stream(), 16) == HOUR
    assert warm_up(stream(stuck_for=24 * HOUR), 16) == 24 * HOUR
    assert warm_up(stream(checks=Checks(shift=1, shift_for=3 * HOUR)), 16) == 6 * HOUR
    assert warm_up(stream(interval=HOUR), 16) == 20 * HOUR
    assert warm_up(stream(interval=HOUR, checks=Checks(recover=30)), 16) == 34 * HOUR


def test_of_what_is_refused_nothing_has_to_be_known():
    refused = FlaggedRow(1, 0, "S1", "nope", "Actual", 1, 1, "rejected", reason="unknown_property")
    assert Trust(a_site(stream()), whole=False, began=0).of(refused)


def test_what_is_wanted_is_counted_before_it_is_sorted_by_flag():
    wanted = Wanted(flags=frozenset({3}), properties=frozenset({"water_level"}))
    row = FlaggedRow(1, 0, "S1", "water_level", "Actual", 5, 6, "accepted", 1)
    assert [wanted.has(one) for one in (row, row._replace(flag=3), row._replace(property="rain"))] == [
        False,
        True,
        False,
    ]
    assert wanted.counts == {"flag 1": 1, "flag 3": 1}
