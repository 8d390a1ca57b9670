"""Gaps by the running median step."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors import pace
from detectors.base import NEVER


def state_of(slots):
    columns = {"last": None, **pace.columns()}
    del columns["last"]
    return {"last": np.full(slots, NEVER), **{name: column.rows(slots) for name, column in columns.items()}}


def one_by_one(time, max_gap=None):
    state, here, found = state_of(1), np.array([0]), []
    for at in time:
        found.append(bool(pace.begins(state, here, np.array([at]), max_gap)[0]))
        state["last"][here] = at
    return found, state


def test_the_first_reading_begins_and_a_step_six_times_the_median_does():
    found, _ = one_by_one([0, 10, 20, 30, 80, 90, 151])
    assert found == [True, False, False, False, False, False, True]


def test_before_three_steps_are_known_nothing_is_a_gap():
    assert one_by_one([0, 1, 1000, 2000])[0] == [True, False, False, False]


def test_a_gap_that_is_named():
    assert one_by_one([0, 10, 30, 31], max_gap=10)[0] == [True, False, True, False]


@given(st.lists(st.integers(0, 60), min_size=1, max_size=60), st.sampled_from([None, 30]))
def test_gaps_of_a_series_are_those_one_by_one(steps, max_gap):
    time = np.cumsum([0, *steps])
    found, _ = one_by_one(time, max_gap)
    assert pace.gaps(time, max_gap).tolist() == [row for row, gap in enumerate(found) if gap and row]


@given(st.lists(st.integers(1, 4), min_size=12, max_size=40), st.integers(10, 11))
def test_a_regular_stretch_leaves_the_same_note(steps, cut):
    time = np.cumsum([0, *steps])
    _, expected = one_by_one(time)
    _, state = one_by_one(time[:cut])
    if pace.regular(state, np.array([0]), time[None, cut:], np.ones(1, bool), None).all():
        for name in ("steps", "paced"):
            assert state[name].tobytes() == expected[name].tobytes()
