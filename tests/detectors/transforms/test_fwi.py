"""The Fire Weather Index against the reference data, and what it does where these have nothing."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from detectors import fire_weather as fire
from detectors.transforms.days import DAY
from detectors.transforms.fwi import Fwi

HERE = np.array([0])
REFERENCE = Path(__file__).parents[3] / ".." / "shared" / "data" / "fire_weather" / "fwi_01.csv"
NAMES = ("ffmc", "dmc", "dc", "isi", "bui", "fwi")
DRY = [25.0, 25.0, 15.0, 0.0]


def day(*at):
    return int(datetime(*at, tzinfo=UTC).timestamp()) * 1_000_000


def indices(rows, begin=(1985, 7, 1), step=DAY, **settings):
    time = day(*begin) + step * np.arange(len(rows))
    return Fwi(slots=1, **settings).series(HERE, time[None], np.array(rows, dtype=float)[None])[0]


@pytest.fixture(scope="module")
def reference():
    if not REFERENCE.exists():
        pytest.skip("../shared/data/fire_weather is not here")
    with REFERENCE.open() as file:
        rows = [{key.lower(): float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    time = np.array([day(int(r["yr"]), int(r["mon"]), int(r["day"])) for r in rows])
    weather = np.array([[r[name] for name in ("temp", "rh", "ws", "prec")] for r in rows])
    return time, weather, np.array([[r[name] for name in NAMES] for r in rows])


def test_six_indices_are_those_of_the_reference(reference):
    time, weather, expected = reference
    out = Fwi(slots=1).series(HERE, time[None], weather[None])[0]
    np.testing.assert_allclose(out, expected, rtol=0, atol=0.005)


def test_it_goes_on_from_told_codes(reference):
    time, weather, _ = reference
    whole = Fwi(slots=1).series(HERE, time[None], weather[None])[0]
    ffmc, dmc, dc = whole[19, :3].tolist()
    rest = Fwi(ffmc=ffmc, dmc=dmc, dc=dc, slots=1).series(HERE, time[None, 20:], weather[None, 20:])[0]
    assert rest.tobytes() == whole[20:].tobytes()


def test_the_last_row_of_a_date_stands():
    once = indices([DRY, DRY, DRY])
    hour = DAY // 24
    time = day(1985, 7, 1) + np.array([0, 1, 24, 25, 26, 48]) * hour
    rows = np.array([[0.0, 90, 0, 9], DRY, [5.0, 80, 0, 3], DRY, DRY, DRY])
    often = Fwi(slots=1).series(HERE, time[None], rows[None])[0]
    np.testing.assert_array_equal(often[[1, 4, 5]], once)


def test_a_row_with_a_hole_changes_nothing():
    whole, part = indices([DRY, DRY]), Fwi(slots=1)
    rows = np.array([DRY, [25.0, np.nan, 15.0, 0.0], DRY])
    time = day(1985, 7, 1) + DAY * np.arange(3)
    out = part.series(HERE, time[None], rows[None])[0]
    assert np.isnan(out[1]).all()
    np.testing.assert_array_equal(out[[0, 2]], whole)


def test_after_a_long_gap_it_begins_anew_only_if_told_so():
    first = indices([DRY])[0]
    for max_gap, anew in ((None, False), (100 * DAY, True), (400 * DAY, False)):
        out = indices([DRY, DRY], step=365 * DAY, max_gap=max_gap)
        assert (out[1] == first).all() == anew


def test_values_beyond_what_there_can_be_count_as_the_nearest():
    odd, plain = [[25.0, 130, -3, -1]], [[25.0, fire._WET, 0, 0]]
    np.testing.assert_array_equal(indices(odd), indices(plain))
    wild = indices([[1e300, 1e300, 1e300, 1e300], [-1e300] * 4, DRY])
    assert np.isfinite(wild).all()


JULY = [
    (46, 12.4, 6.4),
    (25, 10.1, 6.4),
    (15, 10.1, 1.4),
    (0, 9, 1.4),
    (-15, 7.9, 1.4),
    (-25, 7.9, -1.6),
    (-40, 6.5, -1.6),
]


@pytest.mark.parametrize(("latitude", "duff", "drought"), JULY)
def test_day_lengths_of_july(latitude, duff, drought):
    assert (fire.duff_days(latitude)[6], fire.drought_days(latitude)[6]) == (duff, drought)


def test_the_month_is_that_of_the_local_date():
    late = [indices([DRY], begin=(1985, 6, 30, 20), utc_offset=hours * DAY // 24)[0, 1] for hours in (0, 8)]
    june, july = (indices([DRY], begin=(1985, month, 15))[0, 1] for month in (6, 7))
    assert late == [june, july]


def test_codes_never_leave_their_range():
    random = np.random.default_rng(3)
    rows = random.uniform([-40, 0, 0, 0], [50, 100, 120, 150], size=(2000, 4))
    rows[:, 3] *= random.random(2000) < 0.2
    out = indices(rows)
    assert np.isfinite(out).all()
    assert (out >= 0).all()
    assert (out[:, 0] <= 101).all()


@pytest.mark.parametrize("settings", [{"ffmc": 102}, {"dmc": -1}, {"dc": -1}, {"latitude": 91}])
def test_wrong_settings_are_refused(settings):
    with pytest.raises(ValueError, match="found"):
        Fwi(**settings)
