"""The streams of the checks hold what the checks are about."""

import numpy as np

from detectors.seeded import SLOTS, clean, earlier_rows, rough, run
from detectors.threshold import Threshold
from detectors.transforms.sum import Sum


def per_slot(stream):
    return [stream[stream.slot == slot] for slot in range(SLOTS)]


def test_a_clean_stream_has_no_fault():
    part = Sum()
    for one in per_slot(clean(part, seed=1)):
        assert np.isfinite(one.value).all()
        assert (np.diff(one.time) > 0).all()
        assert np.diff(one.time).max() < part.over / 6


def test_a_rough_stream_has_every_fault():
    part = Sum()
    ones = per_slot(rough(part, seed=1))
    steps = np.concatenate([np.diff(np.maximum.accumulate(one.time)) for one in ones])
    again = sum(len(one) - len(np.unique(one.time)) for one in ones)
    late = sum(int((one.time < np.maximum.accumulate(one.time)).sum()) for one in ones)
    missing = sum(int(np.isnan(one.value).sum()) for one in ones)
    assert min(again, late, missing, int((steps > part.over).sum())) >= 3


def test_the_same_seed_is_the_same_stream():
    first, second = (rough(Threshold(), seed=5) for _ in range(2))
    np.testing.assert_array_equal(first.time, second.time)
    np.testing.assert_array_equal(first.value, second.value)


def test_run_keeps_the_order_of_rows_whatever_the_cuts():
    stream = clean(Threshold(), seed=2)
    for cuts in ([], [0, 7, 7, 100], range(len(stream))):
        np.testing.assert_array_equal(run(Threshold(slots=SLOTS), stream, cuts), stream.value)


def test_earlier_rows():
    assert earlier_rows(np.array([0, 1, 0, 0, 1])).tolist() == [0, 0, 1, 2, 1]
