"""Readings that are finite and yet too large for anything: no part warns, fails, or stays broken."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detectors.base import LARGEST
from detectors.trigger import Latches
from streams.core.links import PARTS

HERE = np.zeros(1, np.int64)
MOST = 1.7976931348623157e308
MINUTE = 60_000_000
HUGE = st.floats(1e90, MOST) | st.floats(-MOST, -1e90) | st.sampled_from([5e-324, -5e-324, 0.0, -0.0])


def readings(part, seed, odd, count=110):
    """Of one slot, a minute apart; from the 60th on these are among them."""
    value = np.random.default_rng(seed).normal(10.0, 1.0, (count, max(part.width, 1)))
    for n, number in enumerate(odd):
        value[60 + n * 3, n % value.shape[1]] = number
    return np.arange(count) * MINUTE, value if part.width else value[:, 0]


def one_by_one(part, time, value):
    return np.array([part.update(HERE, time[n : n + 1], value[n : n + 1])[0] for n in range(len(time))])


@pytest.mark.parametrize("name", sorted(PARTS))
@settings(max_examples=2)
@given(seed=st.integers(0, 99), odd=st.lists(HUGE, min_size=1, max_size=12))
@example(seed=0, odd=[1e300, -1e300, MOST, -MOST])
@example(seed=0, odd=[1e160])
def test_a_part_answers_whatever_is_finite_and_forgets_it(name, seed, odd):
    part, together, twin, beyond = (PARTS[name](slots=1) for _ in range(4))
    time, value = readings(part, seed, odd)
    found = one_by_one(part, time, value)
    assert not np.isinf(found).any()
    assert together.series(HERE, time[None], value[None])[0].tobytes() == found.tobytes()
    for column, state in part.state.items():
        assert together.state[column].tobytes() == state.tobytes()
    assert one_by_one(beyond, time, np.clip(value, -LARGEST, LARGEST)).tobytes() == found.tobytes()
    plain = one_by_one(twin, *readings(part, seed, ()))
    assert (np.isnan(found[-1]) <= np.isnan(plain[-1])).all()  # what could be said without them can be said


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("step", [0.1, 1e308, np.inf])
@pytest.mark.parametrize("values", [(1e308, MOST, -MOST), (MOST, MOST, 0.0), (3.0, MOST, -1e308)])
def test_a_latch_goes_on_and_off_with_any_value(sign, step, values):
    latch = Latches([[sign * 3.0]], [[sign * 2.5]], [[float(sign)]], [[0]], [[step]])
    latch.grow(1)
    none, moved = np.zeros((1, 1), np.bool_), []
    for n, value in enumerate(values):
        time, score = np.array([n * MINUTE]), np.array([sign * value])
        latch.settled(HERE, HERE, time, score, none, none, None)
        latch.span(HERE, HERE)
        changes = latch.update(HERE, HERE, time, time, score, none, none)
        moved.append((len(changes.on), len(changes.off)))
    assert moved == [(1, 0), (0, 0), (0, 1)]
