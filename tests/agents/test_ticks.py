from types import SimpleNamespace

import pytest

from streams.agents.ticks import Ticks
from streams.completion import Partition, Start, Track

TP = Partition("readings", 0)


class Watched:
    def __init__(self, start=None):
        self.track = Track(TP, start or Start(0, 0))
        self.lag = 0
        self.ticks = Ticks(frozenset({"readings"}), lambda: {TP: self.track}, lambda _: self.lag)

    def read(self, *offsets):
        for batch in self.track.take([SimpleNamespace(offset=o, timestamp=0) for o in offsets], 100):
            with batch:
                pass


@pytest.fixture
def watched():
    return Watched()


def test_a_silent_partition_gets_one_tick_a_second(watched):
    due = [len(watched.ticks.due(now / 10)) for now in range(35)]
    assert sum(due) == 3
    assert [n for n, d in enumerate(due) if d] == [10, 20, 30]


def test_whoever_speaks_needs_none(watched):
    for now in range(30):
        watched.read(now)
        assert watched.ticks.due(now / 10) == []


def test_its_own_tick_comes_back_as_a_record_and_starts_the_second_anew(watched):
    assert watched.ticks.due(0) == []
    assert watched.ticks.due(1) == [TP]
    watched.read(0)
    assert watched.ticks.due(1.2) == []
    assert watched.ticks.due(2.1) == []
    assert watched.ticks.due(2.3) == [TP]


@pytest.mark.parametrize("lag", [5, None])
def test_none_while_there_is_or_may_be_something_unread(watched, lag):
    watched.lag = lag
    assert [watched.ticks.due(now) for now in range(5)] == [[]] * 5
    watched.lag = 0
    assert watched.ticks.due(6) == [TP]


def test_none_while_state_is_rebuilt():
    watched = Watched(Start(0, 2))
    assert [watched.ticks.due(now) for now in range(5)] == [[]] * 5
    watched.read(0, 1)
    watched.ticks.due(6)
    assert watched.ticks.due(7) == [TP]


def test_only_topics_that_the_core_reads_time_from():
    other = Partition("reports", 0)
    ticks = Ticks(frozenset({"signals"}), lambda: {other: Track(other, Start(0, 0))}, lambda _: 0)
    assert [ticks.due(now) for now in range(5)] == [[]] * 5
