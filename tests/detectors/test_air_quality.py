"""Indices against a calculation of their own, in fractions, and days of real hours."""

import csv
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.air_quality import LEVELS, TABLES, iaqi
from detectors.base import HOUR
from detectors.transforms.aqi import Aqi
from detectors.transforms.iaqi import Iaqi

HERE = np.array([0])
BEIJING = timezone(timedelta(hours=8))
BEIJING_PM25 = Path(__file__).parents[2] / ".." / "shared" / "data" / "air" / "beijing_pm25.csv"
ROWS = [(edition, key) for edition, table in TABLES.items() for key in table]
PM25 = {"2012": [0, 35, 75, 115, 150, 250, 350, 500], "2026": [0, 35, 60, 115, 150, 250, 350, 500]}


def micro(*at):
    return int(datetime(*at, tzinfo=BEIJING).timestamp()) * 1_000_000


def by_hand(steps, concentration):
    """The index of HJ 633, formula 1, without a rounding error."""
    concentration = min(max(Fraction(concentration), 0), steps[-1])
    if concentration == 0:
        return 0
    n = next(n for n, step in enumerate(steps) if step >= concentration)
    low, high = LEVELS[n - 1], LEVELS[n]
    exact = Fraction(high - low) / (steps[n] - steps[n - 1]) * (concentration - steps[n - 1]) + Fraction(low)
    return -(-exact.numerator // exact.denominator)


@pytest.mark.parametrize(("edition", "key"), ROWS)
@given(tenths=st.integers(-50, 50_000))
def test_an_index_is_what_the_formula_says(edition, key, tenths):
    row = TABLES[edition][key]
    found = iaqi(row, np.array([tenths / 10]))[0]
    assert found == by_hand([Fraction(c) for c in row.concentrations], Fraction(tenths, 10))


@pytest.mark.parametrize(("edition", "key"), ROWS)
def test_a_row_rises_and_meets_its_levels(edition, key):
    row = TABLES[edition][key]
    steps = np.array(row.concentrations, dtype=float)
    assert (np.diff(steps) > 0).all()
    assert iaqi(row, steps).tolist() == list(LEVELS[: len(steps)])
    assert iaqi(row, steps[1:] + 0.01).tolist()[:-1] == [level + 1 for level in LEVELS[1 : len(steps) - 1]]
    assert iaqi(row, np.array([1e9])).tolist() == [LEVELS[len(steps) - 1]]


def test_what_ends_early_and_what_differs_between_the_editions():
    cap = {key: LEVELS[len(row.concentrations) - 1] for key, row in TABLES["2026"].items()}
    assert {key: level for key, level in cap.items() if level < 500} == {("so2", "1h"): 200, ("o3", "8h"): 300}
    both = TABLES["2012"].keys() & TABLES["2026"].keys()
    differ = {key for key in both if TABLES["2012"][key].concentrations != TABLES["2026"][key].concentrations}
    assert {item for item, _ in differ} == {"pm25", "pm10"}


def test_the_edition_goes_by_the_local_date():
    part = Iaqi(slots=1)
    times = [micro(2026, 2, 28, 23, 59), micro(2026, 3, 1)]
    assert [part.update(HERE, np.array([t]), np.array([60.0]))[0] for t in times] == [82, 100]
    utc = Iaqi(utc_offset=0, slots=1)
    assert utc.update(HERE, np.array([micro(2026, 3, 1)]), np.array([60.0]))[0] == 82
    for edition, index in (("2012", 82), ("2026", 100)):
        assert Iaqi(edition=edition, slots=1).update(HERE, HERE, np.array([60.0]))[0] == index


def test_the_edition_of_a_day_is_that_of_the_day_that_is_told():
    part = Iaqi(period="day", slots=1)
    hours = np.array([micro(2026, 2, 28) + hour * HOUR for hour in range(1, 50)])
    out = part.series(HERE, hours[None], np.full((1, 49), 60.0))[0]
    assert np.isnan(out[:23]).all()
    assert out[[23, 46, 47, 48]].tolist() == [82, 82, 100, 100]  # midnight ends 28 February, the next 1 March


def test_a_day_needs_twenty_hours():
    for missing, known in ((4, True), (5, False)):
        part, value = Iaqi(period="day", edition="2012", slots=1), np.full((1, 24), 75.0)
        value[0, 3 : 3 + missing] = np.nan
        out = part.series(HERE, (micro(2020, 1, 1) + HOUR * np.arange(1, 25))[None], value)[0]
        assert (out[-1] == 100) == known
        assert np.isnan(out[-1]) != known


def test_hours_that_are_stamped_by_their_begin():
    part, time = Iaqi(period="day", stamp="begin", edition="2012", slots=1), micro(2020, 1, 1) + HOUR * np.arange(25)
    value = np.where(np.arange(25) < 24, 75.0, 500.0)
    out = part.series(HERE, time[None], value[None])[0]
    assert np.isnan(out[:24]).all()
    assert out[24] == 100


def test_ozone_of_a_day_goes_by_its_highest_eight_hours():
    value = np.full((1, 24), 100.0)
    value[0, 10:18] = 160.0
    part = Iaqi(item="o3", period="day", slots=1)
    out = part.series(HERE, (micro(2020, 1, 1) + HOUR * np.arange(1, 25))[None], value)[0]
    assert out[-1] == 100


def test_so2_of_24_hours_is_refused_for_2026_unless_accepted():
    for settings in ({"period": "24h"}, {"period": "day"}, {"period": "24h", "edition": "2026"}):
        with pytest.raises(ValueError, match="doubtful"):
            Iaqi(item="so2", **settings)
    assert Iaqi(item="so2", period="24h", edition="2012", slots=1).update(HERE, HERE, np.array([475.0]))[0] == 150
    accepted = Iaqi(item="so2", period="24h", edition="2026", so2_24h="accept", slots=1)
    assert accepted.update(HERE, HERE, np.array([475.0]))[0] == 150
    assert Iaqi(item="so2", slots=1).update(HERE, HERE, np.array([900.0]))[0] == 200


@pytest.mark.parametrize(("so2", "aqi"), [("refuse", 50), ("accept", 150)])
def test_the_daily_index_leaves_so2_out_from_2026_on(so2, aqi):
    hours = np.array([micro(2026, 5, 1) + hour * HOUR for hour in range(1, 25)])
    value = np.tile([475.0, 35.0], (1, 24, 1))
    part = Aqi(items="so2,pm25", period="day", so2_24h=so2, slots=1)
    assert part.series(HERE, hours[None], value)[0, -1, 0] == aqi
    old = np.array([micro(2020, 5, 1) + hour * HOUR for hour in range(1, 25)])
    assert Aqi(items="so2,pm25", period="day", slots=1).series(HERE, old[None], value)[0, -1].tolist() == [150, 1]


def test_the_largest_index_counts_and_what_is_missing_does_not():
    part, now = Aqi(slots=1), np.array([micro(2026, 5, 1)])
    rows = [[35.0, 50, 0, 0, 0, 0], [np.nan, 120, np.nan, np.nan, np.nan, 160], [np.nan] * 6, [60, 120, 0, 0, 0, 0]]
    out = [part.update(HERE, now, np.array([row]))[0].tolist() for row in rows]
    assert out[:2] == [[50, 0], [100, 2]]
    assert np.isnan(out[2]).all()
    assert out[3] == [100, 1]


@pytest.mark.parametrize("settings", [{"items": "pm25,pm25"}, {"items": "pm1"}, {"period": "8h"}, {"edition": "2018"},
                                      {"day_starts": 25 * HOUR}])  # fmt: skip
def test_wrong_settings_are_refused(settings):
    with pytest.raises(ValueError, match=r"Aqi|day_starts"):
        Aqi(**settings)
    with pytest.raises(ValueError, match="has tables of"):
        Iaqi(period="8h")


@pytest.fixture(scope="module")
def beijing():
    """(time, PM2.5 or None), the hour being when its mean ends."""
    if not BEIJING_PM25.exists():
        pytest.skip("../shared/data/air is not here")
    with BEIJING_PM25.open() as file:
        rows = list(csv.DictReader(file))
    names = ("year", "month", "day", "hour")
    return [(micro(*(int(r[n]) for n in names)), None if r["pm2.5"] == "NA" else int(r["pm2.5"])) for r in rows]


@pytest.mark.parametrize("edition", ["2012", "2026"])
def test_the_hours_of_beijing(beijing, edition):
    time = np.array([t for t, _ in beijing])
    value = np.array([np.nan if v is None else v for _, v in beijing])
    out = Iaqi(edition=edition, slots=1).series(HERE, time[None], value[None])[0]
    index = {v: by_hand(PM25[edition], v) for v in {v for _, v in beijing if v is not None}}
    expected = [np.nan if v is None else index[v] for _, v in beijing]
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("edition", ["2012", "2026"])
def test_the_days_of_beijing(beijing, edition):
    time = np.array([t for t, _ in beijing])
    value = np.array([np.nan if v is None else v for _, v in beijing])
    out = Iaqi(edition=edition, period="day", slots=1).series(HERE, time[None], value[None])[0]
    days = defaultdict(list)
    for t, v in beijing:
        if v is not None:
            days[(datetime.fromtimestamp(t / 1e6 - 1, UTC).astimezone(BEIJING)).date()].append(v)
    index = {day: by_hand(PM25[edition], Fraction(sum(hours), len(hours))) for day, hours in days.items()}
    checked = 0
    for t, (_, v), found in zip(time, beijing, out, strict=True):
        moment = datetime.fromtimestamp(int(t) / 1e6, UTC).astimezone(BEIJING)
        day = moment.date() - timedelta(days=1)
        if v is None or len(days.get(day, [])) < 20:
            assert np.isnan(found), moment
        else:
            assert found == index[day], moment
            checked += moment.hour == 0
    assert checked > 1500
    assert date(2012, 1, 22) in days
