"""What the composed detectors are for, on signals made to show it."""

import numpy as np
import pytest

from detectors.anomaly import Anomaly
from detectors.base import HOUR, MINUTE, SECOND
from detectors.multivariate import Multivariate
from detectors.p_onset import POnset
from detectors.tsunami import Tsunami

HERE = np.array([0])


def scores(part, value, step=SECOND, start=0):
    part.grow(1)
    return part.series(HERE, start + step * np.arange(len(value))[None], value[None])[0]


def test_one_happening_gives_one_alarm():
    value = np.random.default_rng(1).normal(size=1200)
    value[600:640] += 30.0
    score = scores(Anomaly(refractory=100), value, MINUTE)
    peaks = np.flatnonzero(score[590:700] > 6) + 590
    assert peaks[0] == 600
    assert (np.diff(score[peaks]) > 0).all()  # again only above the last peak
    assert (score[peaks[-1] + 1 : 700] == 0).all()


def test_a_frozen_anomaly_does_not_learn_what_is_usual():
    value = np.random.default_rng(2).normal(size=900)
    value[600::30] += 20.0
    learning, frozen = Anomaly(refractory=1, slots=1), Anomaly(refractory=1, slots=1)
    for part in (learning, frozen):
        scores(part, value[:600])
    frozen.frozen = True
    before = frozen.snapshot()
    last = [scores(part, value[600:], start=600 * SECOND)[270] for part in (learning, frozen)]
    assert last[1] > last[0]
    for name in ("fine", "coarse", "week", "day"):
        assert frozen.state[name].tobytes() == before[name].tobytes()


def test_a_daily_rhythm_is_no_anomaly_but_its_absence_is():
    hours = np.arange(24 * 40)
    value = 10 + 5 * np.sin(hours * 2 * np.pi / 24) + np.random.default_rng(3).normal(size=len(hours)) / 10
    flat = value.copy()
    flat[24 * 35 : 24 * 36] = 10.0
    assert np.nanmax(scores(Anomaly(), value, HOUR)[24 * 20 :]) < 6
    assert np.nanmax(scores(Anomaly(), flat, HOUR)[24 * 35 : 24 * 36]) > 6


def related(rows, seed=4):
    hidden = np.random.default_rng(seed).normal(size=(rows, 2))
    mix = np.random.default_rng(0).normal(size=(2, 6))
    return hidden @ mix + 0.02 * np.random.default_rng(seed + 1).normal(size=(rows, 6))


def trained(train, **settings):
    part = Multivariate(channels=train.shape[1], slots=1, **settings)
    part.fit(HERE, SECOND * np.arange(len(train))[None] - 10**9, train[None])
    part.frozen = True
    return part


def test_one_bad_sensor_is_forgiven_a_broken_relation_is_not():
    live = related(300, seed=9)
    live[100:150, 2] += 5.0
    live[200:250, [1, 4]] += 3.0
    score = scores(trained(related(500), model="relations", smooth=3), live)
    assert score[100:150].max() < 2 * score[:100].max()
    assert score[205:250].min() > 5 * score[:100].max()


@pytest.mark.parametrize("settings", [{"top": 1, "smooth": 10, "clip": 3}, {"model": "relations", "smooth": 3}])
def test_the_unit_does_not_matter_after_training_either(settings):
    train, live = related(500), related(300, seed=11)
    a, b = np.array([0.3048, 100, 1.8, 0.5, 7, 3]), np.array([0.0, -5, 32, 1, 2, 9])
    found = scores(trained(train * a + b, **settings), live * a + b)
    assert found == pytest.approx(scores(trained(train, **settings), live), rel=1e-9)


def test_a_channel_that_drifts_in_training_weighs_little():
    random = np.random.default_rng(5)
    train = random.normal(size=(300, 2))
    train[:, 0] = np.cumsum(train[:, 0])
    live = random.normal(size=(200, 2)) * [0, 1] + [train[-1, 0] + 100, 0]
    assert scores(trained(train, top=1, smooth=10, clip=3), live).max() < 1.5
    live[100:, 1] += 3
    assert scores(trained(train, top=1, smooth=10, clip=3), live)[110:].min() > 1.5


def test_missing_channels_contribute_nothing():
    train, live = related(300), related(100, seed=7)
    live[:, 3] = np.nan
    score = scores(trained(train, top=1), live)
    assert np.isfinite(score).all()
    live[50, [0, 1, 2]] = np.nan
    assert np.flatnonzero(np.isnan(scores(trained(train, top=1), live))).tolist() == [50]


def test_a_constant_channel_in_training_says_nothing():
    train = related(300)
    train[:, 0] = 4.0
    live = related(50, seed=8)
    for model in ("levels", "relations"):
        assert np.isfinite(scores(trained(train, model=model), live)).all()


def test_a_calm_beginning_says_little_about_the_spread():
    """A file may begin anywhere: in an hour without the steps that are usual later."""
    random = np.random.default_rng(10)
    value = random.normal(size=(4000, 3))
    value[:200] /= 20
    value[3000:3020] += 12.0
    score = scores(Multivariate(channels=3, slow=100), value, MINUTE)
    assert (score[200:1000] > 4.5).mean() < 0.1
    assert (score[1000:3000] > 4.5).mean() < 0.001
    assert score[3000:3010].min() > 4.5


@pytest.mark.parametrize("settings", [{"channels": 0}, {"top": 0}, {"model": "dreams"}])
def test_wrong_settings_are_refused(settings):
    with pytest.raises(ValueError, match="Multivariate"):
        Multivariate(**settings)


@pytest.mark.parametrize("rate", [50.0, 100.0, 200.0])
def test_an_onset_is_found_at_any_rate(rate):
    n = int(40 * rate)
    time = np.arange(n) / rate
    ground = np.random.default_rng(6).normal(size=n) + np.where(time < 30, 0, 5 * np.sin(2 * np.pi * 8 * time))
    score = scores(POnset(rate=rate), 1000 + ground, int(SECOND / rate))
    assert np.isnan(score[: int(10 * rate)]).all()
    assert 30 < time[np.argmax(score > POnset.thr_on)] < 30.3


def test_a_dead_channel_has_no_onset():
    assert (scores(POnset(), np.full(2000, 7.0), 10_000)[1000:] == 0).all()


def test_a_wave_is_found_whatever_the_interval_between_readings():
    time = np.cumsum(np.where(np.arange(900) < 400, 15 * MINUTE, np.where(np.arange(900) < 600, MINUTE, SECOND * 15)))
    tide = np.sin(time * 2 * np.pi / (12.4 * HOUR)) + 0.002 * np.random.default_rng(7).normal(size=900)
    arrival = time[500]
    wave = np.where(time < arrival, 0, 0.1 * np.sin((time - arrival) * 2 * np.pi / (20 * MINUTE)))
    part = Tsunami(slots=1)
    score = part.series(HERE, time[None], (tide + wave)[None])[0]
    assert np.nanmax(score[:500]) < part.thr_on
    assert 500 < np.argmax(score > part.thr_on) < 510


def test_a_gap_makes_a_tsunami_detector_blind_but_keeps_the_usual_size():
    minute = np.arange(2000)
    value = 0.01 * np.random.default_rng(8).normal(size=2000)
    part = Tsunami(slots=1)
    time = MINUTE * np.where(minute < 1000, minute, minute + 300)
    score = part.series(HERE, time[None], value[None])[0]
    assert np.isnan(score[1000:1180]).all()
    assert np.isfinite(score[1181:]).all()
    assert np.nanmax(score) < 5
