"""Detectors of one idea each, against their definition."""

import numpy as np
import pytest

from detectors.base import HOUR, MINUTE, SECOND
from detectors.cusum import Cusum
from detectors.robust_z import RobustZ
from detectors.seasonal import Seasonal
from detectors.sta_lta import StaLta
from detectors.stuck import Stuck
from detectors.tail import Tail

HERE = np.array([0])


def scores(part, value, step=SECOND):
    part.grow(1)
    return part.series(HERE, step * np.arange(len(value))[None], np.asarray(value, dtype=float)[None])[0]


@pytest.mark.parametrize("readings", [4, 9, 30])
def test_robust_z_is_the_modified_z_score_of_the_readings_before(readings):
    value = np.random.default_rng(readings).normal(size=80)
    for row, score in enumerate(scores(RobustZ(readings=readings), value)):
        past = value[max(row - readings, 0) : row]
        if 2 * len(past) < readings:
            assert np.isnan(score)
            continue
        away = np.abs(past - np.median(past))
        spread = max(1.4826 * np.median(away), 1.2533 * away.mean())
        assert score == pytest.approx(abs(value[row] - np.median(past)) / spread, rel=1e-12)


def test_robust_z_of_the_first_change_ever():
    assert scores(RobustZ(readings=6), [2.0] * 6 + [3.0, 2.0])[-2:].tolist() == [1000.0, 0.0]


def test_cusum_finds_a_shift_either_way_and_finds_back():
    noise = np.random.default_rng(1).normal(size=900)
    for sign in (1, -1):
        shifted = noise + sign * np.where((np.arange(900) >= 500) & (np.arange(900) < 540), 1.5, 0)
        score = scores(Cusum(), shifted)
        assert score[499] < 8 < score[535]
        assert score[620] < 4


def test_one_wild_value_is_no_shift():
    noise = np.random.default_rng(2).normal(size=400)
    noise[300] = 1e9
    assert scores(Cusum(), noise)[300:].max() < 8


def test_seasonal_by_week_knows_the_weekend():
    hours = np.arange(24 * 7 * 6)
    busy = np.where(hours // 24 % 7 < 5, 10.0, 2.0) + np.random.default_rng(3).normal(size=len(hours)) / 10
    busy[24 * 7 * 5 + 24 * 6] = 10.0  # as on a weekday
    score = scores(Seasonal(by="week"), busy, HOUR)
    assert score[24 * 7 * 5 :].argmax() == 24 * 6
    assert np.isnan(score[:50]).all()


def test_seasonal_counts_an_hour_once_a_round():
    part = Seasonal(slots=1)
    for minute in range(60):
        part.update(HERE, np.array([minute * MINUTE]), np.array([1.0]))
    assert part.state["seen"][0, 0] == 1


def test_an_unknown_season_is_refused():
    with pytest.raises(ValueError, match="'day' or 'week', found 'year'"):
        Seasonal(by="year")


def test_tail_is_one_in_a_thousand_at_3():
    value = np.random.default_rng(4).normal(size=8_000)
    assert 1 <= (scores(Tail(), value)[3000:] > 3).sum() <= 15


def test_stuck_counts_seconds_and_not_over_a_gap():
    part = Stuck(tolerance=0.1, max_gap=HOUR, slots=1)
    readings = [(0, 5.0), (60, 5.05), (120, 5.1), (180, 5.2), (240, 5.2), (240 + 7200, 5.2)]
    out = [part.update(HERE, np.array([s * SECOND]), np.array([v]))[0] for s, v in readings]
    assert out == [0.0, 60.0, 120.0, 0.0, 60.0, 0.0]


def test_classic_sta_lta_is_the_ratio_of_means():
    value = np.random.default_rng(5).normal(size=500)
    square = value * value
    score = scores(StaLta(kind="classic", nsta=7, nlta=60), value, 10_000)
    assert np.isnan(score[:59]).all()
    for row in range(59, 500):
        expected = square[row - 6 : row + 1].mean() / square[row - 59 : row + 1].mean()
        assert score[row] == pytest.approx(expected, rel=1e-9)
