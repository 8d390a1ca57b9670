"""Windows end with the values of sorted data: what comes late within the window counts as if it had come in time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.base import HOUR, MINUTE
from detectors.seeded import START
from detectors.transforms import TRANSFORMS
from detectors.transforms.drop import Drop
from detectors.transforms.extreme import Extreme
from detectors.transforms.mean import Mean
from detectors.transforms.rain_threshold import RainThreshold
from detectors.transforms.sum import Sum

HERE = np.array([0])
OVER = HOUR  # cells of a minute
PARTS = {
    "sum": lambda: Sum(over=OVER), "mean": lambda: Mean(over=OVER), "max": lambda: Extreme(over=OVER),
    "min": lambda: Extreme(over=OVER, how="min"), "fall": lambda: Drop(over=OVER),
    "rise": lambda: Drop(over=OVER, side="rise"), "rain_threshold": lambda: RainThreshold(over=OVER),
}  # fmt: skip
TAKES_LATE = {"sum", "rain_threshold", "mean", "extreme", "drop"}


def through(part, readings):
    """What the last reading answers, and whether it rests on a whole window."""
    part.grow(1)
    for minute, value in readings:
        out = part.update(HERE, np.array([START + minute * MINUTE]), np.array([value]))
    return out, part.complete(HERE)


@pytest.mark.parametrize("name", PARTS)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_disorder_within_the_window_ends_as_sorted_data(name, data):
    steps = data.draw(st.lists(st.sampled_from([1, 2, 5, 20, 45, 59, 61, 90, 300]), min_size=2, max_size=25))
    minutes = np.cumsum(steps).tolist()
    values = data.draw(st.lists(st.integers(0, 40), min_size=len(minutes), max_size=len(minutes)))
    readings = [(minute, value / 4) for minute, value in zip(minutes, values, strict=True)]
    delays = data.draw(st.lists(st.integers(0, 59), min_size=len(minutes), max_size=len(minutes)))
    arrival = sorted(range(len(minutes)), key=lambda n: minutes[n] + delays[n])
    last = (minutes[-1] + 1, 3.0)
    mixed = through(PARTS[name](), [*(readings[n] for n in arrival), last])
    in_order = through(PARTS[name](), [*readings, last])
    assert np.array_equal(mixed[0], in_order[0], equal_nan=True)
    assert mixed[1] == in_order[1]


def test_what_comes_late_answers_for_the_newest_time():
    part = Extreme(over=OVER)
    part.grow(1)
    answers = [float(part.update(HERE, np.array([START + m * MINUTE]), np.array([v]))[0]) for m, v in
               [(0, 1.0), (50, 2.0), (20, 9.0), (80, 3.0), (15, 7.0)]]  # fmt: skip
    assert answers[:4] == [1.0, 2.0, 9.0, 3.0]  # 20 has left the window of 80
    assert np.isnan(answers[4])


def test_which_parts_take_late_readings():
    """The others are told in docs/detectors.md with the reason."""
    assert {name for name, part in TRANSFORMS.items() if part().takes_late} == TAKES_LATE
