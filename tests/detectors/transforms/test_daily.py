"""Whole days against a plain calculation, and days running."""

from collections import defaultdict
from datetime import UTC, datetime

import numpy as np
import pytest

from detectors.base import HOUR, MINUTE
from detectors.transforms.daily import Daily
from detectors.transforms.daily_8h import Daily8h
from detectors.transforms.days import DAY, Clock
from detectors.transforms.days_over import DaysOver

HERE = np.array([0])
MIDNIGHT = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000 - 8 * HOUR  # in Beijing
HOW = {"sum": sum, "max": max, "min": min, "last": lambda values: values[-1]}


def through(part, time, value):
    part.grow(1)
    return part.series(HERE, np.asarray(time)[None], np.asarray(value, dtype=float)[None])[0]


def by_hand(readings, how, day_starts, min_valid, *, begin=False):
    """Day by day, in plain Python."""
    cell = (lambda t, length: t // length) if begin else (lambda t, length: -(-t // length) - 1)
    days, out = defaultdict(list), []
    for time, value in readings:
        moved = time + 8 * HOUR - day_starts
        days[cell(moved, DAY)].append((cell(moved, HOUR), value))
        told = cell(moved, DAY) - (moved % DAY != 0 or begin)
        hours = defaultdict(list)
        for hour, v in days[told]:
            hours[hour].append(v)
        if len(hours) < min_valid:
            out.append(np.nan)
        elif how == "mean":
            out.append(np.mean([np.mean(v) for v in hours.values()]))
        else:
            out.append(HOW[how]([v for _, v in days[told]]))
    return out


@pytest.mark.parametrize("how", ["sum", "mean", "max", "min", "last"])
@pytest.mark.parametrize(("day_starts", "stamp"), [(0, "end"), (20 * HOUR, "end"), (20 * HOUR, "begin")])
def test_a_day_is_what_its_readings_are(how, day_starts, stamp):
    random = np.random.default_rng(7)
    steps = random.choice([10, 20, 60, 65, 300], p=[0.3, 0.3, 0.3, 0.09, 0.01], size=900)
    time = MIDNIGHT + MINUTE * np.cumsum(steps)
    value = random.integers(0, 50, 900) / 5
    out = through(Daily(how=how, day_starts=day_starts, stamp=stamp), time, value)
    readings = list(zip(time.tolist(), value.tolist(), strict=True))
    expected = by_hand(readings, how, day_starts, 20, begin=stamp == "begin")
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-9)
    assert np.isfinite(out).mean() > 0.5
    assert np.isnan(out).any()


def test_a_sum_of_tips_is_exact():
    time = MIDNIGHT + 5 * MINUTE * np.arange(1, 289)
    assert through(Daily(how="sum"), time, np.full(288, 0.2))[-1] == 57.6


def test_a_silent_day_is_not_known_and_not_the_one_before():
    time = MIDNIGHT + HOUR * np.r_[1:25, 49:51]
    out = through(Daily(how="max"), time, np.ones(26))
    assert out[23] == 1.0
    assert np.isnan(out[24:]).all()


def test_the_highest_eight_hours_against_a_plain_search():
    random = np.random.default_rng(8)
    for _ in range(40):
        hours = np.flatnonzero(random.random(24) < 0.9)
        value = random.integers(20, 200, 24).astype(float)
        out = through(Daily8h(), MIDNIGHT + HOUR * np.append(hours + 1, 25), np.append(value[hours], 0.0))
        means = []
        for end in range(8, 25):
            inside = [value[hour] for hour in hours if end - 8 <= hour < end]
            if len(inside) >= 6:
                means.append(np.mean(inside))
        if len(means) < 14:
            assert np.isnan(out[-1])
        else:
            assert out[-1] == pytest.approx(max(means), rel=1e-12)


def running(level, values, **settings):
    """Answers at 15:00 and at midnight of days with this value at 15:00 and 10 else (None: no reading that day)."""
    known = [(day, value) for day, value in enumerate(values) if value is not None]
    rows = [(day * 24 + hour, v if hour == 15 else 10.0) for day, v in known for hour in range(1, 25)]
    time = MIDNIGHT + HOUR * np.array([hour for hour, _ in rows])
    out = through(DaysOver(level=level, **settings), time, [v for _, v in rows])
    told = {hour: float(v) for (hour, _), v in zip(rows, out, strict=True)}
    return [(told.get(day * 24 + 15), told.get(day * 24 + 24)) for day in range(len(values))]


def test_days_running_count_from_the_reading_that_passes_the_level():
    assert running(35, [36, 36, 36, 35, 36]) == [(1, 1), (2, 2), (3, 3), (3, 0), (1, 1)]


def test_a_day_without_readings_ends_a_run():
    found = running(35, [36, 36, None, 36, 36])
    assert found[3:] == [(1, 1), (2, 2)]


def test_by_the_last_a_day_is_what_is_told_at_its_end():
    """A daily value is told from the end of its day on: after a day that was not known, at that moment first."""
    days = np.repeat([250.0, 250.0, np.nan, 250.0, 250.0, 100.0, 0.0], 24)  # told in each hour: of the day before
    time = MIDNIGHT + DAY + HOUR * np.arange(len(days))
    out = through(DaysOver(level=200, how="last"), time, days)
    at_end, after = out[24::24].tolist(), out[25::24].tolist()
    np.testing.assert_equal(at_end, [2.0, np.nan, 1.0, 2.0, 0.0, 0.0])
    np.testing.assert_equal(after, [2.0, np.nan, 1.0, 2.0, 0.0, 0.0])


def test_a_mean_is_known_at_the_end_of_its_day_only():
    found = running(9, [36, 36], how="mean")
    assert np.isnan(found[0][0])
    assert (found[0][1], *found[1]) == (1, 1, 2)
    assert running(9, [36, 36], how="mean", side="below")[1] == (0, 0)


def test_a_minimum_below_a_level():
    assert running(0, [-5, -5, 3, -5], side="below", how="min") == [(1, 1), (2, 2), (2, 0), (1, 1)]


@pytest.mark.parametrize("settings", [{"how": "median"}, {"min_valid": 0}, {"day_starts": -1}, {"stamp": "middle"},
                                      {"utc_offset": 15 * HOUR}])  # fmt: skip
def test_wrong_settings_are_refused(settings):
    with pytest.raises(ValueError, match="found"):
        Daily(**settings)
    with pytest.raises(ValueError, match="side"):
        DaysOver(side="beside")


def test_hours_of_a_day_are_numbered_with_it():
    clock = Clock(20 * HOUR, 8 * HOUR)
    time = MIDNIGHT + 20 * HOUR + MINUTE * np.arange(1, 1441)
    assert set(clock.day(time).tolist()) == {int(clock.day(time[:1])[0])}
    assert (clock.hour(time) - 24 * clock.day(time) == np.repeat(np.arange(24), 60)).all()
    assert np.flatnonzero(clock.ends(time)).tolist() == [1439]
