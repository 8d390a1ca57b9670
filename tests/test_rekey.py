from types import SimpleNamespace

import msgspec
import pytest

from streams.models.partition import partition_of
from streams.models.signal import Act, Progress, Source, Triggered, decode_signal
from streams.rekey import Copied, Targets
from streams.resaid import renamed

TICK = (("tocsin", b"tick"),)


def record(timestamp, key=b"S1", value=b"{}", headers=(), partition=0):
    return SimpleNamespace(timestamp=timestamp, key=key, value=value, headers=headers, partition=partition)


def test_a_key_goes_where_every_client_would_send_it():
    targets = Targets(4, 7)
    for number in range(100):
        key = b"S%d" % number
        assert targets.of(record(0, key)) == [partition_of(key, 7)]


def test_a_tick_goes_to_whoever_was_silent_for_a_second():
    targets = Targets(2, 3)
    targets.of(record(10_500, b"S1"))
    heard = partition_of(b"S1", 3)
    assert targets.of(record(11_000, None, None, TICK)) == [p for p in range(3) if p != heard]
    assert targets.of(record(11_500, None, None, TICK)) == [heard]


def test_progress_goes_to_everybody_who_may_have_its_keys():
    assert Targets(2, 3).of(record(0, None, b"{}")) == [0, 1, 2]
    assert Targets(4, 2).of(record(0, None, b"{}", partition=3)) == [1]
    assert Targets(4, 6).of(record(0, None, b"{}", partition=3)) == [1, 3, 5]


@pytest.mark.parametrize("new", [3, 6, 12])
def test_who_has_one_partition_before_it_has_all_of_its_ticks_and_progress_and_no_others(new):
    """What is rebuilt from it is then what there was, record by record."""
    targets = Targets(3, new)
    for timestamp, headers in ((10_000, TICK), (10_300, TICK), (10_500, ())):
        for partition in range(3):
            one = record(timestamp, None, None if headers else b"{}", headers, partition)
            assert targets.of(one) == [to for to in range(new) if to % 3 == partition]


def in_partition(partition, value):
    return SimpleNamespace(partition=partition, value=value)


def test_sources_of_a_topic_that_begins_anew_get_another_name_and_ids_stay():
    old = Triggered("id", Source("readings", 3, 99, 0, 1), 5, "Z1", "Actual", [])
    new = decode_signal(renamed(4)(in_partition(2, msgspec.json.encode(old))))
    assert new == msgspec.structs.replace(old, source=Source("readings~4.2", 3, 99, 0, 1))


@pytest.mark.parametrize("signal", [Progress(1, 2, 3), Act("a", "Z1", "ack", "me")])
def test_other_signals_stay_byte_for_byte(signal):
    value = msgspec.json.encode(signal)
    assert renamed(4)(in_partition(2, value)) == value


@pytest.mark.parametrize("value", [None, b"", b"rubbish"])
def test_what_cannot_be_read_stays(value):
    assert renamed(4)(in_partition(2, value)) == value


def test_reading_goes_on_at_the_first_record_that_nobody_has_handled():
    copied = Copied()
    for handled in (True, True, False, True, False):
        copied.note(0, handled=handled)
    copied.note(1, handled=True)
    assert copied.ends == {0: 5, 1: 1}
    assert copied.live == {0: 2}
