"""Sum against a slow exact reference."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.base import HOUR, MINUTE, SECOND
from detectors.seeded import START, Stream, run
from detectors.transforms.sum import Sum
from detectors.transforms.window import cells_of

HERE = 0
OVERS = [10 * SECOND, 7 * MINUTE, HOUR, 24 * HOUR]


def stream(readings):
    """One slot's (time, value) in order of arrival."""
    time, value = [t for t, _ in readings], [float(v) for _, v in readings]
    return Stream(np.zeros(len(time), dtype=np.int64), np.array(time, dtype=np.int64), np.array(value))


def reference(readings, over):
    """Sorted data, decimal arithmetic, the window by its definition over times rounded up to cells."""
    cell, _ = cells_of(over)
    ended = {-(-t // cell) * cell: Decimal(v) for t, v in readings}
    now = max(ended)
    return float(sum(v for t, v in ended.items() if now - over < t <= now))


tenths = st.integers(0, 500).map(lambda n: str(Decimal(n) / 10))


@settings(max_examples=150, deadline=None)
@given(over=st.sampled_from(OVERS), data=st.data())
def test_sum_in_any_order_is_the_exact_sum_of_sorted_data(over, data):
    cell, count = cells_of(over)
    steps = data.draw(st.lists(st.integers(0, 3 * count), min_size=1, max_size=40, unique=True))
    readings = [(START + n * cell - data.draw(st.integers(0, cell - 1)), data.draw(tenths)) for n in steps]
    part, newest = Sum(over=over, slots=1), 0
    out = run(part, stream(readings))
    for row, (time, _) in enumerate(readings):
        old = -(-time // cell) <= -(-newest // cell) - count
        newest = max(newest, time)
        expected = np.nan if old else reference(readings[: row + 1], over)
        np.testing.assert_equal(out[row], expected)


def test_tips_add_up_exactly():
    tips = stream([(START + i * MINUTE, "0.2") for i in range(250)])
    assert run(Sum(over=24 * HOUR, slots=1), tips)[-1] == 50.0
    assert sum([0.2] * 250) != 50.0


def test_a_reading_exactly_over_ago_has_left():
    for over in OVERS:
        assert run(Sum(over=over, slots=1), stream([(START, "1"), (START + over, "2")]))[1] == 2.0
        cell, _ = cells_of(over)
        assert run(Sum(over=over, slots=1), stream([(START, "1"), (START + over - cell, "2")]))[1] == 3.0


def test_late_within_one_cell_is_dropped_and_newer_is_added():
    out = run(Sum(over=HOUR, slots=1), stream([(START - 50 * SECOND, "1"), (START - 20 * SECOND, "2"), (START, "4")]))
    assert out.tolist() == [1.0, 3.0, 7.0]
    out = run(Sum(over=HOUR, slots=1), stream([(START, "4"), (START - 20 * SECOND, "2")]))
    np.testing.assert_equal(out, [4.0, np.nan])


def test_a_wild_amount_leaves_with_its_cell():
    wild = stream([(START, 1e300), (START + MINUTE, "-7"), (START + HOUR, "1")])
    out = run(Sum(over=HOUR, slots=1), wild)
    assert out[0] == pytest.approx(2**53 / 1e9)
    assert out[2] == -6.0


def test_complete_when_the_run_is_as_long_as_the_window():
    part, here = Sum(over=HOUR, max_gap=20 * MINUTE, slots=1), np.array([HERE])
    whole = []
    for minute in [0, 20, 40, 59, 60, 75, 100, 120, 140, 159, 160]:
        part.update(here, np.array([START + minute * MINUTE]), np.array([0.0]))
        whole.append(bool(part.complete(here)[0]))
    assert whole == [False] * 4 + [True] * 2 + [False] * 4 + [True]


def test_an_unseen_slot_is_not_complete():
    assert not Sum(slots=1).complete(np.array([0]))[0]


def test_after_a_late_reading_the_answer_is_still_about_the_newest_time():
    part, here = Sum(over=HOUR, slots=1), np.array([HERE])
    out = [part.update(here, np.array([START + m * MINUTE]), np.array([1.0]))[0] for m in (30, 10)]
    assert (out, part.newest(here).tolist()) == ([1.0, 2.0], [START + 30 * MINUTE])
