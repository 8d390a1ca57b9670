"""Rate against a slow reference that follows its docstring word for word."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.base import HOUR, MINUTE, SECOND
from detectors.seeded import START, Stream, run
from detectors.transforms.rate import Rate


def stream(readings):
    time, value = zip(*readings, strict=True)
    return Stream(np.zeros(len(time), dtype=np.int64), np.array(time, dtype=np.int64), np.array(value, dtype=float))


def reference(readings, over, max_gap, cells):
    out, kept, newest = [], [], None
    for time, value in readings:
        if newest is not None and time < newest:
            out.append(np.nan)
            continue
        if newest is not None and time - newest > max_gap:
            kept = []
        newest = time
        old = [r for r in kept if r[0] <= time - over]
        ref = old[-1] if old else kept[0] if kept else (time, value)
        covered = 2 * (time - ref[0]) >= over
        out.append((value - ref[1]) / ((time - ref[0]) / SECOND) if covered else np.nan)
        if not kept or time - kept[-1][0] >= over / (cells - 1):
            kept.append((time, value))
    return out


@settings(max_examples=200, deadline=None)
@given(
    over=st.sampled_from([SECOND, 10 * MINUTE, 72 * HOUR]),
    gap=st.sampled_from([0.3, 1, 4]),
    cells=st.sampled_from([2, 5, 64]),
    steps=st.lists(st.tuples(st.floats(-0.1, 1.3), st.floats(-1e6, 1e6)), min_size=1, max_size=60),
)
def test_rate_is_what_it_says(over, gap, cells, steps):
    time, readings = START, []
    for step, value in steps:
        time += int(step**3 * over)
        readings.append((time, value))
    out = run(Rate(over=over, max_gap=int(gap * over), cells=cells, slots=1), stream(readings))
    np.testing.assert_array_equal(out, reference(readings, over, int(gap * over), cells))


@pytest.mark.parametrize("interval", [10 * SECOND, 7 * SECOND, MINUTE, 5 * MINUTE, 59 * MINUTE])
def test_a_ramp_has_its_slope_at_any_sampling(interval):
    """More readings in the span than the ring has cells: what it forgets is never what it needs."""
    times = START + interval * np.arange(3000)
    ramp = (times - START) / SECOND * 0.25
    out = run(Rate(over=HOUR, slots=1), Stream(np.zeros(3000, dtype=np.int64), times, ramp))
    assert not np.isnan(out[1000:]).any()
    np.testing.assert_allclose(out[np.isfinite(out)], 0.25, rtol=1e-12)


@pytest.mark.parametrize(("interval", "seconds"), [(MINUTE, 3600), (5 * MINUTE, 3600), (7 * MINUTE, 3780)])
def test_slow_data_refer_to_exactly_the_reading_an_over_ago(interval, seconds):
    value = np.random.default_rng(1).normal(size=500)
    out = run(Rate(over=HOUR, slots=1), stream([(START + i * interval, v) for i, v in enumerate(value)]))
    back = seconds * SECOND // interval
    np.testing.assert_allclose(out[back:], (value[back:] - value[:-back]) / seconds, rtol=1e-9)


def test_fast_data_refer_to_one_that_is_little_older():
    """Each second, 1 h, 64 cells: kept every 58 s, so a step is seen for 3600 to 3658 s."""
    value = np.where(np.arange(9000) < 4000, 0.0, 1.0)
    out = run(Rate(over=HOUR, slots=1), stream([(START + i * SECOND, v) for i, v in enumerate(value)]))
    assert np.flatnonzero(out > 0)[0] == 4000
    assert 4000 + 3600 <= np.flatnonzero(out > 0)[-1] < 4000 + 3600 + 58 + 1


def test_a_station_slower_than_the_gap_has_no_rate_unless_told_so():
    readings = [(START + i * HOUR, i) for i in range(6)]
    assert np.isnan(run(Rate(over=30 * MINUTE, slots=1), stream(readings))).all()
    told = run(Rate(over=30 * MINUTE, max_gap=2 * HOUR, slots=1), stream(readings))
    np.testing.assert_allclose(told[1:], 1 / 3600)
