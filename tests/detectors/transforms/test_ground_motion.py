"""Peaks and intensity against the filters that are there already, and the traps of the formula."""

import numpy as np
import pytest

from detectors.base import SECOND
from detectors.strong_motion import intensity
from detectors.transforms.band_pass import BandPass
from detectors.transforms.ground_motion import FADE
from detectors.transforms.integrate import Integrate
from detectors.transforms.intensity import Intensity
from detectors.transforms.pga import Pga
from detectors.transforms.pgv import Pgv

HERE = np.array([0])
STEP = 10_000


def ground(seed, samples=6000):
    random = np.random.default_rng(seed)
    shake = np.exp(-0.5 * ((np.arange(samples) - 2500) / 300) ** 2)
    return np.array([0.2, -0.1, 9.81]) + (0.001 + shake)[:, None] * random.normal(size=(samples, 3))


def through(part, value, time=None):
    time = STEP * np.arange(len(value)) if time is None else time
    return part.series(HERE, time[None], value[None])[0]


def running_maximum(value, samples):
    return np.array([value[max(0, n - samples + 1) : n + 1].max() for n in range(len(value))])


def by_parts(value, *, velocity):
    lengths = np.zeros(len(value))
    for component in value.T:
        moved = through(BandPass(low=0.1, high=10.0, order=2, slots=1), component)
        if velocity:
            moved = through(Integrate(fade=int(FADE * SECOND), slots=1), moved)
        lengths += moved**2
    return np.sqrt(lengths)


@pytest.mark.parametrize(("part", "velocity"), [(Pga, False), (Pgv, True)])
def test_a_peak_is_that_of_the_filters_in_a_row(part, velocity):
    value = ground(1)
    expected = running_maximum(by_parts(value, velocity=velocity), 10_000)
    np.testing.assert_allclose(through(part(slots=1), value), expected, rtol=1e-9, atol=1e-12)


def test_a_peak_leaves_with_its_window():
    value = ground(2, 9000)
    length = by_parts(value, velocity=False)
    out = through(Pga(over=20 * SECOND, slots=1), value)
    cell = -(-STEP * np.arange(9000) // 400_000)  # a ring of 50 cells
    expected = [length[: n + 1][cell[: n + 1] > cell[n] - 50].max() for n in range(0, 9000, 97)]
    np.testing.assert_allclose(out[::97], expected, rtol=1e-9)
    assert out[-1] < 0.02 < 1 < out[3000]


@pytest.mark.parametrize("part", [Pga, Pgv, Intensity])
def test_any_cut_has_the_same_bytes(part):
    value, time = ground(3, 1500), STEP * np.arange(1500)
    value[700:705, 1] = np.nan
    value[900, :] = np.nan
    time[1100:] += 5 * SECOND
    alone = part(slots=1)
    expected = [alone.update(HERE, time[n : n + 1], value[n : n + 1]) for n in range(1500)]
    for cuts in ((), (1, 17, 100, 703, 1100), tuple(range(50, 1500, 50))):
        other = part(slots=1)
        out = [other.series(HERE, time[None, p], value[None, p])[0] for p in np.split(np.arange(1500), cuts)]
        assert np.concatenate(out).tobytes() == np.concatenate(expected).tobytes()
        for name, column in alone.snapshot().items():
            assert other.snapshot()[name].tobytes() == column.tobytes(), name


def test_an_offset_makes_no_thump_and_a_gap_begins_anew():
    level = np.where(np.arange(400)[:, None] < 200, [1.0, 2.0, 9.8], [5.0, -2.0, 9.8])
    time = STEP * np.arange(400) + np.where(np.arange(400) < 200, 0, 10 * SECOND)
    assert (through(Pga(slots=1), level, time) == 0).all()


def test_a_missing_component_stays_where_it_was():
    value = np.tile([0.1, 0.2, 9.8], (300, 1))
    value[100:, 2] = np.nan
    assert (through(Pga(slots=1), value) == 0).all()
    value[:, 2], value[100:, 2] = np.nan, 9.8  # and one that comes later is measured from its own first reading
    assert (through(Pga(slots=1), value) == 0).all()


def test_intensity_is_of_the_two_peaks():
    value = ground(4)
    out = through(Intensity(slots=1), value)
    assert out[:, 0].tobytes() == through(Pga(slots=1), value).tobytes()
    assert out[:, 1].tobytes() == through(Pgv(slots=1), value).tobytes()
    np.testing.assert_array_equal(out[:, 2], intensity(out[:, 0].copy(), out[:, 1].copy()))
    assert out[0, 2] == 1.0
    assert out[-1, 2] > 6


DEGREES = [
    (4, 0.106, 0.0081),
    (6, 0.453, 0.0377),
    (7, 0.937, 0.0813),
    (8, 1.94, 0.175),
    (9, 4.0, 0.377),
    (10, 8.28, 0.813),
]


@pytest.mark.parametrize(("degree", "pga", "pgv"), DEGREES)
def test_a_degree_begins_half_below_its_number(degree, pga, pgv):
    found = intensity(np.array([pga, 0.97 * pga]), np.array([pgv, 0.97 * pgv]))
    assert found[0] in {degree - 0.5, degree - 0.4}
    assert found[1] <= degree - 0.5


def test_velocity_alone_counts_only_where_both_reach_six():
    by_v = lambda v: 3.00 * np.log10(v) + 9.77  # noqa: E731
    by_a = lambda a: 3.17 * np.log10(a) + 6.59  # noqa: E731
    assert by_a(1.0) > 6
    assert by_v(0.1) > 6
    assert intensity(np.array([1.0]), np.array([0.1]))[0] == round(by_v(0.1), 1)
    assert intensity(np.array([1.0]), np.array([0.05]))[0] == round((by_a(1.0) + by_v(0.05)) / 2, 1)
    assert intensity(np.array([0.5]), np.array([0.1]))[0] == round((by_a(0.5) + by_v(0.1)) / 2, 1)
    assert intensity(np.array([100.0]), np.array([100.0]))[0] == 12


@pytest.mark.parametrize("settings", [{"high": 60.0}, {"over": SECOND}, {"low": 0.0}])
def test_wrong_settings_are_refused(settings):
    with pytest.raises(ValueError, match="found"):
        Intensity(**settings)
