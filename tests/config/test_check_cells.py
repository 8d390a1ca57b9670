"""What is said of the checks that look back, in which order it counts, and in which units."""

from pathlib import Path

import pytest

from streams.config.check_cells import per_second
from streams.config.problems import Problems
from streams.config.quantity import Wrong
from streams.config.stations import read_stations
from streams.models.datastream import NO_CHECKS, Checks
from streams.models.settings import MonthLimits, PropertyQuality, Quality
from streams.models.times import DAY, MINUTE, SECOND

QUALITY = Quality(
    properties={
        "water_level": PropertyQuality(
            unit="cm", soft_max=500, rise_max="3 m/h", shift=100, shift_for="20 min", recover=3,
            months={"07": MonthLimits(soft_max=700, hard_max=2000)},
        ),
    },
    types={
        "radar": PropertyQuality(unit="mm", rise_max="600 mm/min", stuck_band=2, soft_max=4000),
        "float": PropertyQuality(unit="m", months={"07": MonthLimits(soft_max=6)}),
    },
)  # fmt: skip


def checks(tmp_path: Path, header: str = "", cells: str = "", prop: str = "water_level", unit: str = "m") -> Checks:
    path = tmp_path / "stations.csv"
    path.write_text(f"station,property,unit,zone{header}\nR1,{prop},{unit},Z1{cells}\n", "utf-8")
    problems = Problems()
    found = read_stations(path, "stations.csv", problems, ["Z1"], QUALITY)
    assert not problems.errors
    return found.table["R1", prop].checks


def test_nothing_is_judged_that_nobody_configured(tmp_path: Path):
    assert checks(tmp_path, prop="rain", unit="mm") is not None
    assert checks(tmp_path, prop="rain", unit="mm") == NO_CHECKS


def test_a_property_speaks_in_its_own_unit(tmp_path: Path):
    found = checks(tmp_path)
    assert (found.rise_max, found.shift, found.shift_for, found.recover) == (3 / 3600, 1.0, 20 * MINUTE, 3)
    assert found.months == ((7, "hard_max", 20.0), (7, "soft_max", 7.0))
    assert checks(tmp_path, unit="cm").shift == 100.0


def test_a_type_goes_before_a_property_and_the_row_before_both(tmp_path: Path):
    radar = checks(tmp_path, ",type", ",radar")
    assert (radar.rise_max, radar.stuck_band, radar.shift) == (0.6 / 60, 0.002, 1.0)
    row = checks(tmp_path, ",type,rise_max,recover,stuck_band", ",radar,0.1 m/min,0,0.05")
    assert (row.rise_max, row.recover, row.stuck_band) == (0.1 / 60, 0, 0.05)


def test_a_limit_of_a_month_counts_unless_who_goes_before_speaks_of_the_whole_year(tmp_path: Path):
    assert checks(tmp_path, ",type", ",float").months == ((7, "hard_max", 20.0), (7, "soft_max", 6.0))
    assert checks(tmp_path, ",type", ",radar").months == ((7, "hard_max", 20.0),)
    assert checks(tmp_path, ",soft_max", ",5.5").months == ((7, "hard_max", 20.0),)
    assert checks(tmp_path, ",soft_max,soft_max@07", ",5.5,8").months == ((7, "hard_max", 20.0), (7, "soft_max", 8.0))


@pytest.mark.parametrize(
    ("text", "unit", "rate"),
    [("0.5 m/h", "m", 0.5 / 3600), ("50 cm/h", "m", 0.5 / 3600), ("2 Cel/min", "Cel", 2 / 60),
     ("1 mm/d", "mm", 1 / 86400), ("3 %{LEL}/min", "%{LEL}", 0.05)],
)  # fmt: skip
def test_a_rate_has_its_unit(text: str, unit: str, rate: float):
    assert per_second(text, unit) == pytest.approx(rate, rel=1e-12)


@pytest.mark.parametrize("text", ["5", "5 m", "fast", "1e999 m/h", "5 kg/h"])
def test_what_is_no_rate_is_refused(text: str):
    assert isinstance(per_second(text, "m"), Wrong)


def test_what_a_comparison_with_neighbours_goes_by_unless_it_is_said(tmp_path: Path):
    plain = checks(tmp_path, ",interval,neighbour", ",5 min,0.2", prop="rain", unit="mm")
    assert (plain.neighbour, plain.drift, plain.compares) == (0.2, None, True)
    assert (plain.neighbour_least, plain.neighbour_age, plain.neighbour_every) == (2, 15 * MINUTE, MINUTE)
    quick = checks(tmp_path, ",interval,drift", ",1 s,0.2", prop="rain", unit="mm")
    assert (quick.neighbour_age, quick.drift_for) == (3 * MINUTE, 7 * DAY)
    assert checks(tmp_path, ",neighbour", ",1", prop="rain", unit="mm").neighbour_age == 10 * MINUTE
    own = ",neighbour,neighbour_least,neighbour_age,neighbour_every"
    said = checks(tmp_path, own, ",1,1,20 min,10 s", prop="rain", unit="mm")
    assert (said.neighbour_least, said.neighbour_age, said.neighbour_every) == (1, 20 * MINUTE, 10 * SECOND)


def test_what_nobody_is_compared_by_is_not_kept(tmp_path: Path):
    assert checks(tmp_path, ",neighbour_least,drift_for", ",3,9 d", prop="rain", unit="mm") == NO_CHECKS
