"""One series through a chain: training, missing values, disorder, gaps, thresholds."""

import numpy as np
import pytest

from detectors import DETECTORS
from detectors.base import HOUR, MINUTE, SECOND
from detectors.offline import Chain, Series, Step, run, takes_rows
from detectors.preset import Limit, Preset
from detectors.transforms import TRANSFORMS

RIG = Preset("rig", "multivariate", "", "", Limit(1.5), Limit(1.5), {"top": 1, "smooth": 10, "clip": 3})


def noise(rows=600, channels=0, seed=1):
    shape = (rows, channels) if channels else (rows,)
    return Series(SECOND * np.arange(rows), np.random.default_rng(seed).normal(size=shape))


def same(a, b):
    np.testing.assert_array_equal(a.values, b.values)
    np.testing.assert_array_equal(a.alarm, b.alarm)


@pytest.mark.parametrize("part", [name for name in DETECTORS if name != "multivariate"])
def test_every_detector_runs_with_one_channel(part):
    answer = run(Chain.of(part), noise(200))
    assert answer.values.shape == answer.alarm.shape == (200,)
    assert answer.names == ("score",)


@pytest.mark.parametrize("part", [name for name in TRANSFORMS if name not in {"vector_sum", *DETECTORS}])
def test_every_transform_runs_and_has_no_alarm(part):
    answer = run(Chain.of(part), noise(200, channels=len(TRANSFORMS[part].inputs)))
    assert answer.alarm is None
    assert answer.values.reshape(200, -1).shape[1] == len(answer.names)


def test_the_score_is_what_the_part_says_reading_by_reading():
    series, part, here = noise(200), DETECTORS["anomaly"](slots=1), np.array([0])
    one_by_one = [part.update(here, series.time[i : i + 1], series.value[i : i + 1])[0] for i in range(200)]
    np.testing.assert_array_equal(run(Chain.of("anomaly"), series).values, one_by_one)


def test_training_rows_answer_nothing_and_then_nothing_is_learnt():
    series = noise(600, channels=3)
    answer = run(Chain.of("multivariate", RIG), series, train=200)
    assert np.isnan(answer.values[:200]).all()
    assert not answer.alarm[:200].any()
    assert np.isfinite(answer.values[200:]).all()
    shifted = Series(series.time, series.value + np.where(np.arange(600) < 300, 0, 50.0)[:, None])
    late = run(Chain.of("multivariate", RIG), shifted, train=200)
    assert late.alarm[310:].all()  # a model that went on learning would get used to it
    adapting = run(Chain.of("multivariate", RIG, {"adapt": True, "slow": 20}), shifted, train=200)
    assert not adapting.alarm[-100:].any()


def test_a_series_of_its_own_for_training_may_be_of_any_time():
    before, series = noise(300, 3, seed=2), noise(200, 3)
    later = Series(before.time + 10**15, before.value)
    same(
        run(Chain.of("multivariate", RIG), series, before=before),
        run(Chain.of("multivariate", RIG), series, before=later),
    )


def test_channels_without_information_are_left_out():
    series = noise(400, 4)
    series.value[:, 1] = 7.0
    series.value[:150, 2] = np.nan
    answer = run(Chain.of("multivariate", RIG), series, train=150)
    assert answer.left_out == (1, 2)
    same(answer, run(Chain.of("multivariate", RIG), Series(series.time, series.value[:, [0, 3]]), train=150))


def test_how_a_series_lies_in_memory_does_not_matter():
    series, chain = noise(400, 4), Chain.of("multivariate", RIG)
    turned = Series(series.time, np.asfortranarray(series.value))
    same(run(chain, series, train=150), run(chain, turned, train=150))
    same(run(chain, series, before=series), run(chain, turned, before=turned))


def test_a_longest_gap_that_is_told_is_the_longest():
    time = SECOND * (np.arange(300) + np.where(np.arange(300) < 150, 0, 20))
    series = Series(time, noise(300).value)
    assert run(Chain.of("sta_lta"), series).gaps.tolist() == [150]
    assert run(Chain.of("sta_lta", parameters={"max_gap": MINUTE}), series).gaps.tolist() == []


def test_too_little_training_is_refused():
    with pytest.raises(ValueError, match="at least 100 rows, found 99"):
        run(Chain.of("anomaly"), noise(), train=99)
    with pytest.raises(ValueError, match="not in both"):
        run(Chain.of("anomaly"), noise(), train=100, before=noise())


def test_missing_rows_change_nothing_but_themselves():
    series = noise(300)
    series.value[250:] += 30.0
    series.value[255:260] = np.nan
    answer = run(Chain.of("ewma_z", parameters={"thr_on": 5, "thr_off": 0}), series)
    there = np.isfinite(series.value)
    assert np.isnan(answer.values[~there]).all()
    assert answer.alarm[250:260].all()
    same_without = run(Chain.of("ewma_z"), Series(series.time[there], series.value[there]))
    np.testing.assert_array_equal(answer.values[there], same_without.values)


def test_an_earlier_time_is_skipped_and_counted_an_equal_one_is_not():
    series = noise(300)
    time = series.time.copy()
    time[[100, 200]] -= 5 * SECOND
    time[150] = time[149]
    answer = run(Chain.of("ewma_z"), Series(time, series.value))
    assert answer.earlier == 2
    assert np.flatnonzero(np.isnan(answer.values[50:])).tolist() == [50, 150]


def test_gaps_are_told_and_differences_begin_anew():
    series = noise(300)
    time = series.time + np.where(np.arange(300) < 150, 0, 20 * SECOND)
    answer = run(Chain.of("high_pass", parameters={"rate": 1.0, "corner": 0.1}), Series(time, series.value + 100))
    assert answer.gaps.tolist() == [150]
    assert answer.values[150] == 0.0
    score = run(Chain.of("sta_lta", parameters={"nsta": 3, "nlta": 20}), Series(time, series.value)).values
    assert np.isnan(score[150:169]).all()
    assert np.isfinite(score[[149, 170]]).all()


def test_windows_begin_anew_after_five_median_steps():
    time = MINUTE * (np.arange(300) + np.where(np.arange(300) < 150, 0, 20))
    chain = Chain((Step("rate", {"over": HOUR}),))
    assert np.isnan(run(chain, Series(time, np.arange(300.0))).values[150:180]).all()
    chain = Chain((Step("rate", {"over": HOUR, "max_gap": HOUR}),))
    assert np.isfinite(run(chain, Series(time, np.arange(300.0))).values[30:]).all()


def test_transforms_before_a_detector():
    level = Series(MINUTE * np.arange(300), np.cumsum(np.where(np.arange(300) < 200, 0.0, 0.01)))
    chain = Chain((Step("rate", {"over": 10 * MINUTE}),), Step("threshold"), Limit(1e-4), Limit(5e-5))
    assert int(np.argmax(run(chain, level).alarm)) == 205
    three = Series(level.time, np.stack([level.value] * 3, axis=1))
    chain = Chain((Step("vector_sum"),), Step("threshold"), Limit(np.sqrt(3) * 0.5), Limit(0.1))
    assert int(np.argmax(run(chain, three).alarm)) == 249


def test_a_threshold_by_the_training():
    series = noise(2000)
    for times in (1, 3):
        preset = Preset("mine", "robust_z", "", "", Limit(times, 0.99), Limit(1.0), {})
        answer = run(Chain.of("robust_z", preset), series, train=1000)
        scores = run(Chain.of("robust_z"), series).values[:1000]
        assert answer.thr_on == pytest.approx(times * np.nanquantile(scores, 0.99), rel=0.3)
    with pytest.raises(ValueError, match="there was none"):
        run(Chain.of("robust_z", preset), series)


def test_defaults_then_preset_then_parameters():
    assert run(Chain.of("anomaly"), noise(60)).thr_on == DETECTORS["anomaly"].thr_on
    chain = Chain.of("multivariate", RIG, {"thr_on": 2.5, "smooth": 5, "hold": HOUR})
    assert chain.detector.parameters == {"top": 1, "smooth": 5, "clip": 3}
    assert (chain.thr_on, chain.thr_off, chain.alarm) == (Limit(2.5), Limit(1.5), {"hold": HOUR})
    with pytest.raises(ValueError, match="for 'multivariate', not for 'anomaly'"):
        Chain.of("anomaly", RIG)


def test_the_number_of_channels_has_to_fit():
    with pytest.raises(ValueError, match=r"Anomaly takes one channel\(s\), found 3"):
        run(Chain.of("anomaly"), noise(200, 3))


def test_one_channel_may_be_a_row_too():
    assert takes_rows("multivariate")
    assert takes_rows("vector_sum")
    assert not takes_rows("anomaly")
    assert run(Chain.of("multivariate"), noise(200, 1)).values.shape == (200,)


def test_no_rows():
    answer = run(Chain.of("anomaly"), noise(0))
    assert len(answer.values) == len(answer.alarm) == 0
