"""Largest, smallest, fall and rise against a plain search; wind force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.base import HOUR, MINUTE
from detectors.seeded import START
from detectors.transforms.beaufort import BOUNDS, Beaufort
from detectors.transforms.drop import Drop
from detectors.transforms.extreme import Extreme
from detectors.transforms.window import cells_of

HERE = np.array([0])


def through(part, time, value):
    part.grow(1)
    return part.series(HERE, np.asarray(time)[None], np.asarray(value, dtype=float)[None])[0]


@settings(max_examples=60, deadline=None)
@given(
    over=st.sampled_from([10 * MINUTE, 24 * HOUR]),
    steps=st.lists(st.tuples(st.floats(0, 1.1), st.floats(-1e6, 1e6)), min_size=1, max_size=60),
)
def test_it_is_that_of_the_window(over, steps):
    cell, count = cells_of(over)
    time = START + np.cumsum([int(step**4 * over) for step, _ in steps])
    value = np.array([v for _, v in steps])
    number = -(-time // cell)
    windows = [value[: n + 1][number[: n + 1] > number[n] - count] for n in range(len(value))]
    largest, least = [np.array([f(w) for w in windows]) for f in (np.max, np.min)]
    np.testing.assert_array_equal(through(Extreme(over=over), time, value), largest)
    np.testing.assert_array_equal(through(Extreme(over=over, how="min"), time, value), least)
    np.testing.assert_array_equal(through(Drop(over=over), time, value), largest - value)
    np.testing.assert_array_equal(through(Drop(over=over, side="rise"), time, value), value - least)


def test_it_is_complete_after_a_whole_window_without_a_gap():
    part = Extreme(over=HOUR, max_gap=20 * MINUTE, slots=1)
    for minute, whole in ((0, False), (20, False), (40, False), (60, True), (90, False)):
        part.update(HERE, np.array([START + minute * MINUTE]), np.array([0.0]))
        assert part.complete(HERE)[0] == whole


def test_wind_forces_begin_at_their_bounds():
    slots = np.arange(len(BOUNDS))
    part = Beaufort(slots=len(BOUNDS))
    assert part.update(slots, slots, np.array(BOUNDS)).tolist() == list(range(1, 18))
    assert part.update(slots, slots, np.array(BOUNDS) - 0.01).tolist() == list(range(17))
    assert part.update(HERE, HERE, np.array([-1.0])).tolist() == [0]


@pytest.mark.parametrize("make", [lambda: Extreme(how="mean"), lambda: Drop(side="up"), lambda: Extreme(over=1)])
def test_wrong_settings_are_refused(make):
    with pytest.raises(ValueError, match="found"):
        make()
