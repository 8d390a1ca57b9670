"""Rate, angle and failure time of a slope that moves."""

import numpy as np
import pytest

from detectors.base import HOUR
from detectors.seeded import START
from detectors.transforms.days import DAY
from detectors.transforms.inverse_velocity import InverseVelocity
from detectors.transforms.tangent_angle import TangentAngle
from detectors.transforms.uniform_rate import UniformRate

HERE = np.array([0])


def through(part, hours, value):
    part.grow(1)
    time = START + HOUR * np.asarray(hours)
    return part.series(HERE, time[None], np.asarray(value, dtype=float)[None])[0]


def test_the_rate_of_the_uniform_stage_is_learnt_from_its_start():
    hours = np.arange(0, 40 * 24, 6)
    noise = np.random.default_rng(5).normal(size=len(hours)) * 0.5
    moved = np.where(hours < 480, 4.0 * hours / 24, 80 + 20.0 * (hours - 480) / 24) + noise
    out = through(UniformRate(), hours, moved)
    assert np.isnan(out[hours < 14 * 24]).all()
    steady, quick = out[(hours > 14 * 24) & (hours < 470)], out[hours > 560]
    assert np.abs(steady - 100).max() < 25
    assert np.abs(quick - 500).max() < 30
    told = through(UniformRate(uniform=4.0), hours, moved)
    np.testing.assert_allclose(told[hours > 560], quick, rtol=0.03)


def test_the_angle_is_that_of_the_slope():
    hours = np.arange(0, 10 * 24)
    for rate, angle in ((2.0, 45.0), (2 * np.tan(np.radians(80)), 80.0), (2 * np.tan(np.radians(85)), 85.0)):
        out = through(TangentAngle(uniform=2.0), hours, 3.0 + rate * hours / 24)
        np.testing.assert_allclose(out[36:], angle, rtol=1e-9)
        assert np.isnan(out[:36]).all()


def test_where_next_to_nothing_moves_there_is_no_angle():
    hours = np.arange(0, 10 * 24)
    for rate, angle in ((0.9, 0.0), (1.1, np.degrees(np.arctan(1.1 / 0.01))), (-5.0, 0.0)):
        out = through(TangentAngle(uniform=0.01), hours, rate * hours / 24)
        np.testing.assert_allclose(out[36:], angle, rtol=1e-6)


def test_a_learnt_rate_of_nothing_counts_as_the_least():
    hours = np.arange(0, 30 * 24, 2)
    moved = np.where(hours < 480, 0.0, 3.0 * (hours - 480) / 24)
    out = through(TangentAngle(min_rate=1.0), hours, moved)
    assert out[hours == 479 - 1].tolist() == [0.0]
    assert out[-1] == pytest.approx(np.degrees(np.arctan(3.0)))


def test_a_gap_begins_the_line_anew_but_what_was_learnt_stays():
    hours = np.r_[0:480, 720:840]
    out = through(UniformRate(), hours, 5.0 * hours / 24)
    np.testing.assert_allclose(out[[479, -1]], 100, rtol=1e-9)
    assert np.isnan(out[480:515]).all()


def creep(hours, fails, power=1.0):
    """A displacement whose inverse velocity falls in a straight line to zero at `fails` hours."""
    return -30.0 * np.log(1 - np.asarray(hours) / fails) * power


def test_the_time_of_failure_is_found_before():
    hours = np.arange(0, 230)
    out = through(InverseVelocity(), hours, creep(hours, 240.0))
    assert np.isnan(out[:24]).all()
    for at in (120, 180, 216):
        assert out[at, 0] == pytest.approx(240 - at, abs=1.0)
        assert out[at, 1] == pytest.approx(START / 1e6 + 240 * 3600, abs=3600)
        assert out[at, 2] > 0.99


def test_it_is_found_through_noise():
    hours = np.arange(0, 225)
    noise = np.random.default_rng(6).normal(size=len(hours)) * 0.2
    out = through(InverseVelocity(short=12 * HOUR), hours, creep(hours, 240.0) + noise)
    assert np.abs(out[190:, 0] - (240 - hours[190:])).max() < 12


@pytest.mark.parametrize("moved", [lambda h: 0.0 * h, lambda h: 2.0 * h, np.sqrt, lambda h: -1.0 * h])
def test_without_a_trend_towards_failure_it_is_never(moved):
    hours = np.arange(0, 120)
    out = through(InverseVelocity(), hours, moved(hours.astype(float)))
    late = out[60:]
    assert (late[:, 0] > 1000).all()
    np.testing.assert_allclose(late[:, 1], START / 1e6 + 3600 * (hours[60:] + late[:, 0]))


def test_after_a_change_of_trend_the_fit_begins_anew():
    hours = np.arange(0, 300)
    moved = np.where(hours < 150, 1.0 * hours, 150 + creep(np.maximum(hours - 150, 0), 200.0) / 30 * 100)
    fresh = through(InverseVelocity(over=5 * DAY), hours, moved)
    assert np.abs(fresh[230:, 0] - (350 - hours[230:])).max() < 15
    held = InverseVelocity(over=5 * DAY, slots=1)
    through(held, hours, moved)
    assert held.state["trend"][0] > START + 140 * HOUR


def test_a_slope_that_comes_to_rest_is_never_again():
    hours = np.arange(0, 300)
    end = creep(np.array([200]), 240.0)[0]
    moved = np.where(hours < 200, creep(np.minimum(hours, 200), 240.0), end + 5 * (1 - np.exp(-(hours - 200) / 10)))
    out = through(InverseVelocity(), hours, moved)
    assert out[199, 0] < 48
    assert (out[225:, 0] == 90 * 24).all()


WRONG = [(UniformRate, {"uniform": -1.0}), (TangentAngle, {"min_rate": 0.0}), (InverseVelocity, {"short": 3 * DAY})]


@pytest.mark.parametrize(("part", "settings"), [*WRONG, (InverseVelocity, {"cells": 2})])
def test_wrong_settings_are_refused(part, settings):
    with pytest.raises(ValueError, match=r"found|not"):
        part(**settings)
