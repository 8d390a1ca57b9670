"""One slot's latches as plain numbers say what `Latches` says of many."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.one_slot import AT_ONCE, put_back, slots_of
from detectors.trigger import SIGHTING_EVERY, Latches

SECOND = 1_000_000
ZERO = np.zeros(1, np.int64)
SCORES = (-np.inf, -0.0, 0.5, 1.0, 1.2, 1.5, 2.0, 2.5, 2.9, 3.0, 3.3, 3.6, 9.0, np.inf, np.nan)
STEPS = (0, 1, 3 * SECOND, SIGHTING_EVERY)


@st.composite
def tables(draw):
    off, hold = draw(st.sampled_from([2.5, 3.0])), draw(st.sampled_from([0, 3 * SECOND]))
    step = draw(st.sampled_from([0.0, 0.5, np.inf]))
    return (
        [[3.0, 1.0, 2.0, np.nan]], [[off, 1.5, 1.0, np.nan]], [[1.0, -1.0, 1.0, 1.0]],
        [[hold, 0, draw(st.sampled_from([0, SECOND])), 0]], [[step, 0.5, 1.0, np.inf]],
    )  # fmt: skip


readings = st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(SCORES), st.booleans()), max_size=20)


@given(tables(), readings, readings)
def test_one_slot_is_one_of_many(made, before, after):
    """Whatever a latch has seen (also values in doubt), good readings move it as they move a slot of many."""
    many, alone = Latches(*made), Latches(*made)
    for latch in (many, alone):
        latch.grow(1)
    no, time, received = np.zeros((1, 4), bool), 0, 0
    for step, score, doubt in before:
        time, received = time + step, received + max(step, 1)
        row = (ZERO, ZERO, np.array([time]), np.array([received]), np.array([score]), np.full((1, 4), doubt), no)
        for latch in (many, alone):
            latch.update(*row)
    (slot,) = slots_of(alone, ZERO, ZERO)
    for step, score, _ in after:
        time, received = time + step, received + max(step, 1)
        at = np.array([time])
        changes = many.update(ZERO, ZERO, at, np.array([received]), np.array([score]), no, no)
        told = [
            (name, int(column), int(when))
            for name in ("matured", "on", "off", "sighting")
            for column, when in zip(getattr(changes, name).column, getattr(changes, name).time, strict=True)
        ]
        moved = slot.update(time, received, score)
        assert [one[:3] for one in moved] == told
        for one in moved:
            assert one.peak == many.peak[0, one.column]
            if one.edge != "matured":
                assert one.doubtful == many.doubtful[0, one.column]
        assert [one.doubtful for one in moved if one.edge == "matured"] == changes.matured_doubtful.tolist()
    put_back(alone, ZERO, [slot])
    for name, _, _ in Latches.STATE:
        assert getattr(alone, name).tolist() == getattr(many, name).tolist()
    assert many.next_due <= alone.next_due <= alone.due.min()  # a hold that broke at once is not waited for


@given(tables(), readings, readings, st.integers(0, 3))
def test_what_is_passed_over_moves_nothing(made, before, after, begin):
    """`beyond` leaves nothing out that `span` does not, and what it passes over raises the peaks alike."""
    latch, no, time = Latches(*made), np.zeros((1, 4), bool), 0
    latch.grow(1)
    for step, score, doubt in before:
        time += step
        at = np.array([time])
        latch.update(ZERO, ZERO, at, at, np.array([score]), np.full((1, 4), doubt), no)
    times = time + np.cumsum([step for step, _, _ in after], dtype=np.int64)
    scores = np.array([score for _, score, _ in after])
    (slot,) = slots_of(latch, ZERO, ZERO)
    stop = slot.beyond(times, scores, begin)
    moves = latch.span(ZERO, ZERO).beyond(np.array([len(scores)]), times, scores) & (np.arange(len(scores)) >= begin)
    quiet = scores[begin : int(moves.argmax()) if moves.any() else len(scores)]
    assert stop == min(begin + len(quiet), len(scores)) or np.isinf(scores[stop])
    passed = scores[begin:stop]
    slot.pass_over(passed)
    other = Latches(*made)
    other.grow(1)
    for name, _, _ in Latches.STATE:
        getattr(other, name)[:] = getattr(latch, name)
    if len(passed):
        highest = np.fmax.reduce(passed, keepdims=True)
        other.raise_peak(ZERO, ZERO, highest, np.fmin.reduce(passed, keepdims=True))
    assert slot.peak == other.peak[0].tolist()


def test_what_is_far_is_found():
    latch = Latches([[3.0]], [[2.5]], [[1.0]], [[0]], [[np.inf]])
    latch.grow(1)
    (slot,) = slots_of(latch, ZERO, ZERO)
    score = np.zeros(3 * AT_ONCE + 5)
    time = np.arange(len(score)) * SECOND
    assert slot.beyond(time, score, 7) == len(score)
    score[2 * AT_ONCE + 9] = 3.0
    assert slot.beyond(time, score, 7) == 2 * AT_ONCE + 9
    assert slot.beyond(time, score, 2 * AT_ONCE + 10) == len(score)
    assert slot.beyond(time, score, len(score)) == len(score)
