"""Latches: hysteresis, hold, sightings; any split of the stream gives the same edges."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.trigger import NEVER, SIGHTING_EVERY, Latches

SECOND = 1_000_000


def latches(on=3.0, off=2.5, *, sign=1.0, hold=0, step=np.inf, slots=1):
    found = Latches([[on]], [[off]], [[sign]], [[hold]], [[step]])
    found.grow(slots)
    return found


def feed(latch, rows):
    """rows: (second, value) -> list of (edge, second of the edge)."""
    found = []
    no = np.zeros((1, 1), bool)
    zero = np.zeros(1, np.int64)
    for second, value in rows:
        at = np.array([round(second * SECOND)])
        changes = latch.update(zero, zero, at, at, np.array([float(value)]), no, no)
        for name in ("matured", "on", "off", "sighting"):
            found += [(name, int(t) / SECOND) for t in getattr(changes, name).time]
    return found


def test_on_at_the_threshold_and_off_below_the_other():
    assert feed(latches(), [(0, 2.99), (1, 3), (2, 2.5), (3, 2.4)]) == [("on", 1), ("off", 3)]


def test_a_lower_bound_is_the_mirror_image():
    assert feed(latches(1, 1.5, sign=-1), [(0, 1.1), (1, 1), (2, 1.5), (3, 1.6)]) == [("on", 1), ("off", 3)]


def test_a_missing_score_changes_nothing():
    assert feed(latches(), [(0, 3), (1, np.nan), (2, 2.6)]) == [("on", 0)]


def test_a_hold_fires_at_its_end_not_when_the_reading_came():
    assert feed(latches(hold=10 * SECOND), [(0, 3), (25, 3)]) == [("matured", 10)]
    assert feed(latches(hold=10 * SECOND), [(0, 3), (25, 1)]) == [("matured", 10), ("off", 25)]


def test_a_hold_is_broken_between_the_thresholds_too():
    assert feed(latches(hold=10 * SECOND), [(0, 3), (5, 2.7), (6, 3), (15, 3)]) == []


def test_received_time_ends_a_hold_without_a_reading():
    latch = latches(hold=10 * SECOND)
    feed(latch, [(0, 3)])
    stream = np.zeros(1, np.int64)
    assert latch.next_due == 10 * SECOND
    assert [len(x) for x in latch.mature(10 * SECOND - 1, stream)] == [0] * 4
    slot, column, over, due = latch.mature(11 * SECOND, stream)
    assert (slot.tolist(), column.tolist(), over.tolist(), due.tolist()) == ([0], [0], [10 * SECOND], [10 * SECOND])
    assert latch.next_due == NEVER
    assert feed(latch, [(20, 3), (21, 1)]) == [("off", 21)]


def test_sightings_at_peak_steps_and_every_ten_minutes():
    late = SIGHTING_EVERY / SECOND
    rows = [(0, 3), (1, 3.9), (2, 4), (3, 4.5), (2 + late, 3.1)]
    assert feed(latches(step=1.0), rows) == [("on", 0), ("sighting", 2), ("sighting", 2 + late)]


def test_a_lower_bound_of_the_score_never_lets_go():
    latch = latches()
    no, zero, one = np.zeros((1, 1), bool), np.zeros(1, np.int64), np.ones(1, bool)
    feed(latch, [(0, 3)])
    at = np.array([SECOND])
    assert not len(latch.update(zero, zero, at, at, np.array([0.0]), no, no, one).off)
    assert len(latch.update(zero, zero, at, at, np.array([0.0]), no, no, ~one).off) == 1


def test_a_value_in_doubt_never_lets_go():
    """A gauge that the flood tears off: what it shows then is suspect, and no all-clear."""
    no, zero, doubt = np.zeros((1, 1), bool), np.zeros(1, np.int64), np.ones((1, 1), bool)
    plain, counted = latches(), Latches([[3.0]], [[2.5]], [[1.0]], [[0]], [[np.inf]], [[2]], [[2]])
    counted.grow(1)
    for latch in (plain, counted):
        feed(latch, [(0, 3), (1, 3)])
        for second in (2, 3, 4):
            at = np.array([second * SECOND])
            row = (zero, zero, at, at, np.array([0.0]), doubt, no)
            assert latch.counts or latch.settled(zero, zero, at, np.array([0.0]), doubt, no, None).all()
            assert not len(latch.update(*row).off)
        assert feed(latch, [(5, 0), (6, 0)])[-1][0] == "off"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(2.5, 2.999), min_size=1, max_size=50), st.booleans())
def test_inside_the_band_nothing_ever_flaps(values, starts_on):
    latch = latches()
    first = [(0, 3)] if starts_on else []
    rows = [*first, *((i + 1, v) for i, v in enumerate(values))]
    assert [e for e in feed(latch, rows) if e[0] != "sighting"] == ([("on", 0)] if starts_on else [])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([1.0, 2.7, 3.0, 3.4, np.nan])), max_size=40))
def test_slots_together_are_slots_alone(rows):
    together = Latches([[3.0, 2.0]], [[2.5, 1.5]], [[1.0, 1.0]], [[0, 3 * SECOND]], [[0.2, 0.2]])
    together.grow(5)
    alone = [Latches([[3.0, 2.0]], [[2.5, 1.5]], [[1.0, 1.0]], [[0, 3 * SECOND]], [[0.2, 0.2]]) for _ in range(5)]
    no, zero = np.zeros((1, 2), bool), np.zeros(1, np.int64)
    for latch in alone:
        latch.grow(1)
    for second, (slot, value) in enumerate(rows):
        at, score = np.array([second * SECOND]), np.array([value])
        a = together.update(np.array([slot]), zero, at, at, score, no, no)
        b = alone[slot].update(zero, zero, at, at, score, no, no)
        for name in ("matured", "on", "off", "sighting"):
            assert getattr(a, name).time.tolist() == getattr(b, name).time.tolist()
    for slot, latch in enumerate(alone):
        for name, _, _ in Latches.STATE:
            assert getattr(together, name)[slot].tobytes() == getattr(latch, name)[0].tobytes()


def test_growing_keeps_what_is_there():
    latch = latches()
    feed(latch, [(0, 3)])
    latch.grow(100)
    assert feed(latch, [(1, 1)]) == [("off", 1)]


@given(st.data())
def test_a_span_says_what_settled_says(data):
    """Whatever a latch has seen, the few numbers of `span` tell the same readings apart as `settled`."""
    drawn = data.draw
    off = drawn(st.sampled_from([2.5, 3.0]))
    tables = ([[3.0, 1.0, np.nan]], [[off, 1.5, np.nan]], [[1.0, -1.0, 1.0]])
    hold, step = [[drawn(st.sampled_from([0, 3 * SECOND])), 0, 0]], [[drawn(st.sampled_from([0.5, np.inf])), 0.5, 1.0]]
    latch = Latches(*tables, hold, step)
    latch.grow(1)
    zero, no = np.zeros(1, np.int64), np.zeros((1, 3), bool)
    scores = st.sampled_from([-np.inf, 0.5, 1.0, 1.2, 1.5, 2.0, 2.5, 2.9, 3.0, 3.3, 3.6, 9.0, np.inf, np.nan])
    time = 0
    for score in drawn(st.lists(scores, max_size=12)):
        time += drawn(st.sampled_from([1, 3 * SECOND, SIGHTING_EVERY]))
        suspect = np.full((1, 3), drawn(st.booleans()))
        latch.update(zero, zero, np.array([time]), np.array([time]), np.array([score]), suspect, no)
    after = np.array(drawn(st.lists(scores, min_size=1, max_size=8)))
    times = time + np.cumsum(drawn(st.lists(st.sampled_from([1, 4 * SECOND, SIGHTING_EVERY]), min_size=8, max_size=8)))
    times = times[: len(after)]
    many, none = np.zeros(len(after), np.int64), np.zeros((len(after), 3), bool)
    settled = latch.settled(many, many, times, after, none, none, None)
    beyond = latch.span(zero, zero).beyond(np.array([len(after)]), times, after)
    assert beyond.tolist() == (~settled).tolist()
