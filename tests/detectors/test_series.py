"""Many readings of one slot at once have the bytes of one after the other."""

import numpy as np
import pytest

from detectors.ewma import EwmaZ
from detectors.sta_lta import StaLta

STEP = 10_000
PARTS = [
    lambda: EwmaZ(alpha=0.05, slots=12),
    lambda: StaLta(nsta=5, nlta=20, max_gap=3 * STEP, slots=12),
    lambda: StaLta(nsta=20, nlta=200, slots=12),
]


def waveforms(random, slots, samples):
    value = random.normal(size=(slots, samples))
    time = np.tile(np.arange(samples) * STEP, (slots, 1))
    odd = random.integers(0, slots, 6)
    time[odd[0], samples // 2 :] += 10 * STEP  # a gap
    time[odd[1], samples // 3] -= 5 * STEP  # an earlier time
    value[odd[2], samples // 4] = np.nan
    value[odd[3], -1] = 1e300
    return time, value


@pytest.mark.parametrize("make", PARTS)
@pytest.mark.parametrize("seed", range(8))
def test_any_split_of_a_series_has_the_same_bytes(make, seed):
    random = np.random.default_rng(seed)
    slots = int(random.choice([1, 3, 12]))
    time, value = waveforms(random, slots, 500)
    slot = random.permutation(12)[:slots]
    alone, together = make(), make()
    expected = np.column_stack([alone.update(slot, time[:, i], value[:, i]) for i in range(500)])
    cuts = np.unique(random.integers(1, 500, random.integers(0, 12)))
    pieces = [together.series(slot, time[:, p], value[:, p]) for p in np.split(np.arange(500), cuts)]
    assert np.concatenate(pieces, axis=1).tobytes() == expected.tobytes()
    for name, column in alone.snapshot().items():
        assert together.snapshot()[name].tobytes() == column.tobytes(), name


def test_the_recurrence_is_the_plain_one():
    noise = np.random.RandomState(815).randn(3000)
    part, sta, lta = StaLta(nsta=30, nlta=300, slots=1), 0.0, 1e-99
    out = part.series(np.zeros(1, np.int64), np.arange(3000)[None] * STEP, noise[None])[0]
    for i in range(1, 3000):
        sta += (noise[i] ** 2 - sta) / 30
        lta += (noise[i] ** 2 - lta) / 300
        if i >= 300:
            assert out[i] == pytest.approx(sta / lta, rel=1e-12)
    assert np.isnan(out[:300]).all()


def test_a_gap_begins_a_new_run():
    part, here = StaLta(nsta=5, nlta=20, max_gap=3 * STEP, slots=1), np.zeros(1, np.int64)
    value = np.random.default_rng(1).normal(size=(1, 100))
    first = part.series(here, np.arange(100)[None] * STEP, value)
    second = part.series(here, (np.arange(100) + 200)[None] * STEP, value)
    assert second.tobytes() == first.tobytes()


def test_ewma_scores_before_it_learns_and_forgets_slowly():
    part, here = EwmaZ(alpha=0.1, warm_up=2, slots=1), np.zeros(1, np.int64)
    out = [float(part.update(here, np.array([i]), np.array([v]))[0]) for i, v in enumerate([1.0, 3.0, 6.0])]
    assert np.isnan(out[:2]).all()
    assert out[2] == pytest.approx((6 - 2) / 1.0)


def test_ewma_of_a_constant_signal_is_nothing_until_it_moves():
    part, here = EwmaZ(min_std=0.5, slots=1), np.zeros(1, np.int64)
    out = [float(part.update(here, np.array([i]), np.array([v]))[0]) for i, v in enumerate([5.0] * 30 + [7.0])]
    assert (out[29], out[30]) == (0.0, 4.0)
