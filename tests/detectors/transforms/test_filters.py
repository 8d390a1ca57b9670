"""Filters, integral, vector, median, forecast: against their definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.base import HOUR, MINUTE, SECOND
from detectors.transforms.band_pass import BandPass
from detectors.transforms.forecast import Forecast
from detectors.transforms.high_pass import HighPass
from detectors.transforms.integrate import Integrate
from detectors.transforms.median import Median
from detectors.transforms.sum import Sum
from detectors.transforms.vector_sum import VectorSum

HERE = np.array([0])


def through(part, value, step, time=None):
    part.grow(1)
    time = step * np.arange(len(value)) if time is None else np.asarray(time)
    return part.series(HERE, time[None], np.asarray(value, dtype=float)[None])[0]


@pytest.mark.parametrize("rate", [1.0, 50.0, 250.0])
def test_a_filter_works_at_any_rate(rate):
    time = np.arange(4000) / rate
    slow, quick = np.sin(2 * np.pi * time * rate / 500), np.sin(2 * np.pi * time * rate / 10)
    out = through(HighPass(corner=rate / 50, order=4, rate=rate), 7 + slow + quick, round(SECOND / rate))
    assert np.abs(out[2000:]).max() == pytest.approx(1.0, abs=0.02)
    out = through(BandPass(low=rate / 1000, high=rate / 200, order=2, rate=rate), slow + quick, round(SECOND / rate))
    assert np.abs(out[2000:]).max() == pytest.approx(1.0, abs=0.1)


def test_an_offset_makes_no_thump_and_a_gap_begins_anew():
    value = np.where(np.arange(120) < 150, 1e6, 2e6)
    time = 10_000 * np.arange(120) + np.where(np.arange(120) < 150, 0, SECOND)
    assert (through(HighPass(), value, 0, time) == 0).all()


def test_velocity_of_a_swing():
    time = np.arange(3000) / 100
    out = through(Integrate(fade=HOUR), np.cos(2 * np.pi * time), 10_000)
    expected = np.sin(2 * np.pi * time) / (2 * np.pi) - time  # the first reading counts as rest
    np.testing.assert_allclose(out[:500], expected[:500], atol=0.02)


def test_a_vector_counts_what_is_there():
    part = VectorSum(components=3, slots=1)
    rows = [[3.0, 4.0, 12.0], [3.0, np.nan, 4.0], [3.0, np.nan, np.nan]]
    np.testing.assert_array_equal([part.update(HERE, HERE, np.array([row]))[0] for row in rows], [13.0, 5.0, np.nan])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(60, 900), st.integers(0, 9)), min_size=1, max_size=60))
def test_the_median_of_slow_data_is_exact(readings):
    time = SECOND * np.cumsum([step for step, _ in readings])
    value = np.array([v for _, v in readings], dtype=float)
    out = through(Median(over=HOUR, cells=61), value, 0, time)
    for row, found in enumerate(out):
        if 2 * (time[row] - time[0]) < HOUR:
            assert np.isnan(found)
        else:
            assert found == np.median(value[: row + 1][time[: row + 1] > time[row] - HOUR])


def amounts(kind, readings, **settings):
    return through(
        Sum(kind=kind, over=HOUR, **settings), [v for _, v in readings], 0, [t * MINUTE for t, _ in readings]
    )


def test_a_counter_that_grows_resets_and_goes_round():
    assert amounts("total", [(0, 100), (10, 102), (20, 102), (30, 1), (40, 4)]).tolist() == [0, 2, 2, 3, 6]
    assert amounts("total", [(0, 990), (10, 998), (20, 5)], rollover=1000).tolist() == [0, 8, 15]
    assert amounts("total", [(0, 500), (10, 5)], rollover=1000).tolist() == [0, 5]
    assert amounts("total", [(0, 100), (10, 104), (60, 105), (65, 105), (71, 105)]).tolist() == [0, 4, 5, 5, 1]


def test_an_intensity_holds_since_the_reading_before_but_not_over_a_gap():
    assert amounts("rate", [(0, 6), (10, 6), (20, 12), (30, 0)]).tolist() == [0, 1, 3, 3]
    assert amounts("rate", [(0, 6), (10, 6), (40, 6), (50, 6)], max_gap=20 * MINUTE).tolist() == [0, 1, 1, 2]


def test_late_totals_are_skipped():
    np.testing.assert_array_equal(amounts("total", [(0, 1), (20, 5), (10, 3), (30, 6)]), [0, 4, np.nan, 5])


@pytest.mark.parametrize(("slope", "lead"), [(2.0, 2 * 3600), (-1.0, 36_000), (0.0, 36_000)])
def test_a_straight_line_is_forecast_exactly(slope, lead):
    hours = np.arange(61) / 60
    part = Forecast(level=6.0, horizon=HOUR, slots=1)
    out = part.series(HERE, MINUTE * np.arange(61)[None], (slope * hours)[None])[0]
    assert out[-1, 0] == pytest.approx(lead, rel=1e-9)
    assert out[-1, 1] == pytest.approx(0.0, abs=1e-6)
    assert np.isnan(out[:30]).all()


def test_a_forecast_is_as_likely_as_it_turns_out():
    random, hits, said = np.random.default_rng(6), 0, 0.0
    for _ in range(120):
        series = 0.5 * np.arange(46) / 30 + 0.2 * random.normal(size=46)
        part = Forecast(level=1.0, horizon=15 * MINUTE, over=30 * MINUTE, slots=1)
        said += part.series(HERE, MINUTE * 2 * np.arange(46)[None], series[None])[0, 37, 1]
        hits += series[45] >= 1.0
    assert abs(said - hits) / 120 < 0.15


@pytest.mark.parametrize("make", [lambda: Median(cells=1), lambda: Forecast(cells=2), lambda: VectorSum(components=1),
                                  lambda: Integrate(fade=0)])  # fmt: skip
def test_wrong_settings_are_refused(make):
    with pytest.raises(ValueError, match=r"at least|above 0"):
        make()
