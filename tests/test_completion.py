import asyncio
from contextlib import suppress
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams import completion
from streams.completion import Partition, StaleError, Start, Track

TP = Partition("readings", 3)


def records(*offsets):
    return [SimpleNamespace(offset=offset, timestamp=1_000 + offset) for offset in offsets]


def track(read=0, live=None):
    return Track(TP, Start(read, read if live is None else live))


def finish(batch):
    with batch:
        pass


def spans(batches):
    return [(b.first, b.last, b.live) for b in batches]


def test_nothing_may_be_committed_before_the_oldest_batch_is_done():
    t = track()
    one, two, three = t.take(records(0, 1, 2), 1)
    t.finish(two)
    t.finish(three)
    assert t.committable is None
    t.finish(one)
    assert t.committable == 3


def test_a_batch_that_is_begun_before_its_turn_ends_the_process(monkeypatch):
    said = []
    monkeypatch.setattr(completion, "die", said.append)
    t = track()
    one, two, three = t.take(records(0, 1, 2), 1)
    with one:
        pass
    three.__enter__()
    assert said == ["batch readings/3 2..2 is begun before its turn"]
    t.end()
    two.__enter__()
    assert len(said) == 1, "what is stale does not count"


def test_a_batch_that_is_not_begun_or_not_finished_stays_open():
    t = track()
    (one,) = t.take(records(0, 1), 10)
    with one:
        assert t.begun
        assert t.committable is None
    assert not t.begun
    assert (t.committable, t.in_flight) == (2, 0)


def test_gaps_in_the_log_cost_nothing():
    t = track(read=5)
    for batch in t.take(records(7, 8, 100), 2):
        finish(batch)
    assert t.committable == 101


def test_records_taken_before_are_not_taken_again():
    t = track()
    t.take(records(0, 1, 2), 10)
    assert spans(t.take(records(1, 2, 3), 3)) == [(3, 3, True)]
    assert t.take(records(1, 2), 10) == []


def test_records_join_a_batch_that_waits_as_long_as_there_is_room():
    t = track()
    (one,) = t.take(records(0, 1), 4)
    assert spans(t.take(records(2, 5, 6, 7), 4)) == [(6, 7, True)]
    assert [r.offset for r in one] == [0, 1, 2, 5]
    assert (len(one), t.in_flight, t.next) == (4, 6, 8)


def test_records_do_not_join_a_batch_that_is_begun_nor_one_that_was():
    t = track()
    (one,) = t.take(records(0), 10)
    with one:
        (two,) = t.take(records(1), 10)
    with pytest.raises(asyncio.CancelledError), two:
        raise asyncio.CancelledError
    assert spans(t.take(records(2), 10)) == [(2, 2, True)]


def test_records_to_be_sent_do_not_join_a_batch_that_rebuilds():
    t = track(read=0, live=2)
    (one,) = t.take(records(0), 10)
    assert spans(t.take(records(1, 2), 10)) == [(2, 2, True)]
    assert (one.last, one.live) == (1, False)


def test_no_batch_lies_on_both_sides_of_the_committed_offset():
    t = track(read=0, live=3)
    assert spans(t.take(records(0, 1, 2, 3, 4), 10)) == [(0, 2, False), (3, 4, True)]


def test_a_rebuild_never_moves_a_commit_backwards_and_shows_when_it_is_over():
    t = track(read=0, live=3)
    old, new = t.take(records(0, 1, 2, 3), 10)
    assert not t.restored
    finish(old)
    assert t.restored
    assert t.committable is None
    finish(new)
    assert t.committable == 4


def test_an_exception_ends_the_process_and_commits_nothing(monkeypatch):
    said = []
    monkeypatch.setattr(completion, "die", said.append)
    t = track()
    (batch,) = t.take(records(0), 10)
    with suppress(ValueError), batch:
        raise ValueError("boom")
    assert "readings/3 0..0" in said[0]
    assert t.committable is None


def test_a_batch_given_up_because_its_track_is_gone_is_no_error():
    t = track()
    (batch,) = t.take(records(0), 10)
    with batch:
        t.end()
        raise StaleError
    assert t.committable is None
    assert not t.begun


def test_giving_up_a_batch_that_still_counts_is_an_error(monkeypatch):
    monkeypatch.setattr(completion, "die", lambda why: (_ for _ in ()).throw(SystemExit(why)))
    (batch,) = track().take(records(0), 10)
    with pytest.raises(SystemExit), batch:
        raise StaleError


def test_cancelling_leaves_the_batch_undone():
    t = track()
    (batch,) = t.take(records(0), 10)
    with pytest.raises(asyncio.CancelledError), batch:
        raise asyncio.CancelledError
    assert t.committable is None
    assert not t.begun


@given(st.lists(st.integers(1, 5), min_size=1, max_size=20), st.randoms(use_true_random=False), st.integers(0, 30))
def test_what_is_committable_is_always_the_begin_of_the_oldest_undone_batch(lengths, random, live):
    t, at, batches = track(read=0, live=live), 0, []
    for length in lengths:
        batches += t.take(records(*range(at, at + length)), 3)
        at += length
    order = list(batches)
    random.shuffle(order)
    for batch in order:
        t.finish(batch)
        undone = min((b.first for b in batches if not b.done), default=at)
        assert t.done == undone
        assert t.committable == (undone if undone > live else None)


def test_what_nobody_could_read_is_said_with_the_next_batch_and_is_not_done_before_that():
    t = track()
    (one,) = t.take(records(0, 1), 10)
    t.lose(2, 5)
    t.lose(5, 7)
    (two,) = t.take(records(7), 10)  # no part of the batch that waits: it knows nothing of the hole
    assert (one.lost, two.lost) == ([], [(2, 5), (5, 7)])
    finish(one)
    assert t.committable == 2
    finish(two)
    assert t.committable == 8
    (three,) = t.take(records(8), 10)
    assert three.lost == []


def test_a_partition_whose_last_records_before_the_commit_cannot_be_read_counts_as_restored():
    t = track(read=0, live=5)
    (one,) = t.take(records(0, 1), 10)
    finish(one)
    assert not t.restored
    t.lose(2, 5)
    assert t.restored
    assert t.committable is None


def test_what_was_read_meanwhile_is_not_lost():
    t = track()
    t.take(records(0, 1, 2), 10)
    t.lose(1, 3)
    t.take(records(3), 10)
    assert [b.lost for b in t.open] == [[]]
