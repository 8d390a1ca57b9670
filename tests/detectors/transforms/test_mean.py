"""Mean against a slow exact reference."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.base import HOUR, MINUTE, SECOND
from detectors.seeded import START, Stream, run
from detectors.transforms.mean import Mean
from detectors.transforms.window import cells_of


def stream(readings):
    time, value = zip(*readings, strict=True)
    return Stream(np.zeros(len(time), dtype=np.int64), np.array(time, dtype=np.int64), np.array(value, dtype=float))


def reference(readings, over, max_gap):
    cell, _ = cells_of(over)
    out, kept, newest = [], [], None
    for time, value in readings:
        if newest is not None and time == newest:  # a repeat
            out.append(np.nan)
            continue
        if newest is not None and time - newest > max_gap:
            kept = []
        newest = time
        kept.append((time, Fraction(value)))
        now = -(-time // cell)
        window = [v for t, v in kept if now - (-(-t // cell)) < over // cell]
        warm = 2 * (time - kept[0][0]) >= over
        out.append(float(sum(window) / len(window)) if warm else np.nan)
    return out


@settings(max_examples=150, deadline=None)
@given(
    over=st.sampled_from([10 * SECOND, 7 * MINUTE, HOUR, 24 * HOUR]),
    gap=st.sampled_from([0.3, 1, 4]),
    steps=st.lists(st.tuples(st.floats(0, 1.3), st.floats(-1e6, 1e6)), min_size=1, max_size=60),
)
def test_mean_is_that_of_the_window(over, gap, steps):
    time, readings = START, []
    for step, value in steps:
        time += int(step**3 * over)
        readings.append((time, value))
    out = run(Mean(over=over, max_gap=int(gap * over), slots=1), stream(readings))
    np.testing.assert_allclose(out, reference(readings, over, int(gap * over)), rtol=1e-12, atol=1e-8)


def test_a_wild_value_leaves_no_trace():
    readings = [(START + i * MINUTE, 0.1) for i in range(300)]
    readings[50] = (readings[50][0], 1e300)
    out = run(Mean(over=HOUR, slots=1), stream(readings))
    assert out[60] > 1e98  # 1e300 counts as the largest that a part reckons with
    assert out[200] == pytest.approx(0.1, rel=1e-14)


def test_the_largest_numbers_overflow_in_silence():
    readings = [(START + i * MINUTE, 1.7e308 * (-1) ** (i // 7)) for i in range(150)] + [
        (START + (150 + i) * MINUTE, 1.0) for i in range(61)
    ]
    assert run(Mean(over=HOUR, slots=1), stream(readings))[-1] == 1.0


@pytest.mark.parametrize("over", [HOUR, 24 * HOUR])
def test_a_slot_has_the_same_bytes_among_thousands(over):
    """The sum along a row must not depend on how many rows are summed with it, nor on where they lie in memory."""
    value = np.random.default_rng(3).normal(size=90) * 10.0 ** np.arange(-45, 45)
    many, alone = Mean(over=over, slots=3001), Mean(over=over, slots=1)
    slots, one = np.arange(3001), np.array([0])
    for row, v in enumerate(value):
        time = START + row * over // 40
        together = many.update(slots, np.full(3001, time), np.full(3001, v))
        expected = alone.update(one, np.array([time]), np.array([v]))
        assert (together.view(np.int64) == expected.view(np.int64)).all()


def test_after_long_gaps_it_is_still_the_mean_of_the_window():
    random, part, now = np.random.default_rng(11), Mean(over=HOUR, max_gap=3 * HOUR, slots=1), 0
    read = []
    for _ in range(400):
        now += int(random.choice([60, 60, 60, 1500, 5000, 40_000])) * SECOND
        if read and now - read[-1][0] > 3 * HOUR:
            read = []
        read.append((now, float(random.normal())))
        found = part.update(np.array([0]), np.array([now]), np.array([read[-1][1]]))[0]
        if 2 * (now - read[0][0]) >= HOUR:
            assert found == pytest.approx(np.mean([v for t, v in read if t > now - HOUR]), rel=1e-12)
