"""Timers: by phenomenon time for one subject, by received time for all; each fires once."""

from hypothesis import given
from hypothesis import strategies as st

from streams.core.timers import Timer, Timers


def test_each_timer_fires_once_by_whichever_comes_first():
    timers = Timers()
    for key, time in (("a", 10), ("a", 5), ("b", 7)):
        timers.add(Timer(key, "x", time, time * 100, name=str(time)))
    assert [t.time for t in timers.due_of("a", lambda time: time <= 6)] == [5]
    assert [(t.key, t.time) for t in timers.due(700)] == [("b", 7)]
    assert [t.time for t in timers.due_of("b", lambda _: True)] == []
    assert [t.time for t in timers.due(5000)] == [10]
    assert [t.time for t in timers.due_of("a", lambda _: True)] == []


def test_a_timer_added_while_firing_is_seen():
    timers = Timers()
    timers.add(Timer("a", "x", 1, 1))
    seen = []
    for timer in timers.due(10):
        seen.append(timer.time)
        if timer.time < 4:
            timers.add(Timer("a", "x", timer.time + 1, timer.time + 1))
    assert seen == [1, 2, 3, 4]


def test_a_later_one_takes_the_place_of_the_earlier_one_of_its_name():
    timers = Timers()
    for due in range(500):
        timers.add(Timer("a", "renew", due, due))
    assert (len(timers), len(timers._by_received) < 100) == (1, True)
    assert [t.time for t in timers.due(1000)] == [499]


def test_what_is_parked_waits_for_data_or_to_be_asked_again():
    timers = Timers()
    timers.add(Timer("a", "x", 5, 5))
    timers.add(Timer("a", "y", 7, 7))
    for timer in timers.due(10):
        timers.park(timer)
    assert list(timers.due(10)) == []
    assert [t.kind for t in timers.due_of("a", lambda time: time <= 5)] == ["x"]
    timers.unpark()
    assert [t.kind for t in timers.due(10)] == ["y"]


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 20), st.integers(0, 20)), max_size=30),
    st.lists(st.tuples(st.sampled_from(["a", "b", ""]), st.integers(0, 20)), max_size=20),
)
def test_nothing_is_lost_and_nothing_fires_twice(given_timers, asks):
    timers, waiting = Timers(), []
    for number, (key, time, received) in enumerate(given_timers):
        timers.add(Timer(key, "x", time, received, (number,), str(number)))
        waiting.append((key, time, received, number))
    for key, at in asks:
        fired = list(timers.due(at)) if not key else list(timers.due_of(key, lambda time, at=at: time <= at))
        due = [w for w in waiting if (w[2] <= at if not key else w[0] == key and w[1] <= at)]
        assert sorted(t.token[0] for t in fired) == sorted(w[3] for w in due)
        waiting = [w for w in waiting if w not in due]
