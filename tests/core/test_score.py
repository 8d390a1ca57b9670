"""The health of a datastream: each of the five shares lowers it, and nothing else does."""

import pytest

from streams.core.detect import Bank as Plain
from streams.models.columns import Columns
from streams.models.observation import Tick
from streams.models.times import SECOND
from tests.core.runs import Bank, numbered, row
from tests.core.sites import FOUR, FOUR_LEVELS, hazard, site, stream


def told(rows, **more):
    bank = Bank(site([stream(**{"interval": 60 * SECOND, **more})], hazard(FOUR, FOUR_LEVELS, checks=("range",))), 0, 1)
    bank.handle(numbered(rows))
    (latest,) = bank.take_latest()
    return latest.score


@pytest.mark.parametrize(
    ("rows", "score"),
    [
        ([row(60, 1), row(120, 1)], 100),
        ([row(60, 1, received=110)], 100),  # less than an interval late
        ([row(60, 1, received=60 + 330)], 50),  # five and a half intervals: (10 - 5.5) / 9
        ([row(60, 1, received=1060)], 0),
        ([row(60, 1), row(120, 1), row(360, 1)], 40),  # two of five that should have come
        ([row(60, 9)], 50),  # suspect
        ([row(60, 99)], 0),
        ([row(60, None)], 0),
    ],
)
def test_the_shares(rows, score):
    assert told(rows, soft_max=8.0, hard_max=50.0) == score


def test_a_silent_one_has_none_and_one_without_an_interval_is_never_late_by_it():
    bank = Bank(site([stream(interval=60 * SECOND)], hazard(FOUR, FOUR_LEVELS, checks=("gap",))), 0, 1)
    bank.handle([row(60, 1), *(Tick(n, n * SECOND) for n in range(61, 300))])
    assert [(one.state, one.score) for one in bank.take_latest()] == [("silent", 0)]
    assert told([row(60, 1), row(9000, 1)], interval=None) == 100


@pytest.mark.parametrize(("meta", "score"), [(10, 50), (50, 100), ("full", 100), (True, 100), (-5, 100), (None, 100)])
def test_a_low_battery(meta, score):
    bank = Plain(site([stream(interval=60 * SECOND)], hazard(FOUR, FOUR_LEVELS)), 0, 1)
    one = row(60, 1)
    one.meta = {"battery": meta, "rssi": -90}
    bank.handle(Columns.of([one]))
    (latest,) = bank.take_latest()
    assert (latest.score, latest.battery) == (score, meta if type(meta) is int and meta > 0 else None)


def test_one_that_sends_on_change_lacks_nothing_between_its_heartbeats():
    minutes = [1, 2, 7, 12, 13, 14, 19]  # a heartbeat after five minutes without a change
    rows = [row(60 * minute, n // 2) for n, minute in enumerate(minutes)]
    assert told(rows, interval=300 * SECOND, reporting="on_change") == 100
    assert told([*rows, row(60 * 39, 1)], interval=300 * SECOND, reporting="on_change") < 100


def test_a_battery_is_kept_over_a_restart():
    the_site = site([stream("A"), stream("B"), stream("C")], hazard(FOUR, FOUR_LEVELS))
    bank, again = Plain(the_site, 0, 1), Plain(the_site, 0, 1)
    first, second = numbered([row(60, 1, "A"), row(60, 1, "C")])
    first.meta, second.meta = {"battery": 80}, {"battery": 10}
    bank.handle(Columns.of([first, second]))
    again.load_rest(bank.save_rest(), 2)
    for at in (0, 2):
        again.load_chunk(bank.save_chunk(at, 2), at, 2)
    again.handle(Columns.of([row(120, 1, "C", offset=2)]))
    assert {one.station: (one.score, one.battery) for one in again.take_latest()}["C"] == (50, 10)
    assert again.slots.battery == bank.slots.battery == {0: 80, 2: 10}


def test_datastreams_are_counted_by_class():
    bank = Bank(
        site([stream("A", soft_max=8.0), stream("B"), stream("C")], hazard(FOUR, FOUR_LEVELS, checks=("range",))), 0, 1
    )
    bank.handle(numbered([row(60, 9, "A"), row(60, 1, "B"), row(60, 1, "B", status="Exercise")]))
    bank.take_latest()
    assert bank.health.tolist() == [1, 1, 0]
    assert bank.station_health == [1, 1, 0]
    bank.handle(numbered([row(120, 1, "A"), row(120, None, "B")]))
    bank.take_latest()
    assert bank.health.tolist() == [1, 0, 1]


def test_a_station_is_as_good_as_its_worst_datastream():
    streams = [stream("B", prop="rain"), stream("A", soft_max=8.0), stream("B"), stream("C")]
    rules = [hazard(FOUR, FOUR_LEVELS, checks=("range",)), hazard(FOUR, FOUR_LEVELS, name="wet", prop="rain")]
    bank = Bank(site(streams, *rules), 0, 1)
    assert bank.station_health == [0, 0, 0]
    bank.handle(numbered([row(60, 9, "A"), row(60, 1, "B"), row(60, None, "B", prop="rain")]))
    bank.take_latest()
    assert (bank.health.tolist(), bank.station_health) == ([1, 1, 1], [0, 1, 1])
