"""`tocsin detect` with derived quantities: the Fire Weather Index as one types it, and parameters in words."""

from pathlib import Path

import pytest

NAMES = ["ffmc", "dmc", "dc", "isi", "bui", "fwi"]
WEATHER = [(13, 17, 42, 25, 0), (14, 20, 21, 25, 2.4), (15, 8.5, 40, 17, 0), (16, 6.5, 25, 6, 0)]
STANDARD = [
    [87.65, 8.545, 19.01, 10.78, 8.49, 10.04],
    [86.2, 10.4, 23.57, 8.771, 10.36, 9.22],
    [86.91, 11.8, 26.05, 6.478, 11.74, 7.517],
    [88.76, 13.18, 28.18, 4.851, 13.11, 6.095],
]  # Van Wagner and Pickett 1985, the first days of its test
FWI = ["fwi", "--sep", ";", "--time", "yr,mon,day", "--time-format", "%Y %m %d", "--value", "temp,rh,ws,prec"]


def written(name, header, rows, sep=","):
    Path(name).write_text("\n".join(sep.join(map(str, row)) for row in [header, *rows]) + "\n")
    return name


@pytest.fixture
def weather(call):
    rows = [(-100, 40, 1985, 4, *row) for row in WEATHER]
    return written("weather.csv", ["long", "lat", "yr", "mon", "day", "temp", "rh", "ws", "prec"], rows, ";")


def test_the_fire_weather_index_as_one_types_it(good, weather):
    found = good(*FWI, weather)
    assert list(found[0]) == ["time", *NAMES]
    assert found[0]["time"] == "1985 4 13"
    for row, expected in zip(found, STANDARD, strict=True):
        assert [float(row[name]) for name in NAMES] == pytest.approx(expected, abs=0.005)


def test_it_starts_with_told_codes_and_knows_the_latitude(good, weather):
    settings = ["--param", "ffmc=87.64935421636471", "--param", "dmc=8.545051136", "--param", "dc=19.014"]
    rows = [(-100, 40, 1985, 4, *row) for row in WEATHER[1:]]
    rest = written("rest.csv", ["long", "lat", "yr", "mon", "day", "temp", "rh", "ws", "prec"], rows, ";")
    assert float(good(*FWI, rest, *settings)[0]["fwi"]) == pytest.approx(9.22, abs=0.005)
    south = good(*FWI, weather, "--param", "latitude=-35")
    assert float(south[0]["dmc"]) < 8


def test_the_columns_have_to_be_four(call, weather):
    result = call(*FWI[:-1], "temp,rh,ws", weather)
    assert result.exit_code == 2
    assert "Fwi takes 4 channel(s), found 3" in result.stderr


def test_words_hours_and_lists_as_parameters(good, call):
    rows = [(f"2026-01-{1 + hour // 24:02}T{hour % 24:02}:00", 75, 30) for hour in range(1, 72)]
    air = written("air.csv", ["time", "pm25", "so2"], rows)
    where = [air, "--time", "time", "--tz", "Asia/Shanghai"]
    found = good("iaqi", *where, "--value", "pm25", "--param", "period=day", "--param", "edition=2012")
    assert (found[22]["value"], found[23]["value"]) == ("", "100.0")
    found = good("aqi", *where, "--value", "pm25,so2", "--param", "items=pm25,so2")
    assert found[0] == {"time": "2026-01-01T01:00", "aqi": "100.0", "primary": "1.0"}
    found = good("daily", *where, "--value", "so2", "--param", "how=sum", "--param", "day_starts=20h")
    evenings = [row["value"] for row in found if row["time"].endswith("T20:00")]
    assert evenings == ["600.0", "720.0", "720.0"]
    wrong = call("iaqi", *where, "--value", "pm25", "--param", "item=pm1")
    assert "right would be one of pm25, pm10" in wrong.stderr


def test_acceleration_needs_its_rate(good, call):
    rows = [(9.8, 0.1, 0.2), (9.9, 0.1, 0.3), (9.7, 0.0, 0.2)] * 20
    path = written("ground.csv", ["z", "x", "y"], rows)
    found = good("intensity", path, "--rate", "100", "--value", "x,y,z")
    assert list(found[0]) == ["time", "pga", "pgv", "intensity"]
    refused = call("intensity", path, "--step", "1 min", "--value", "x,y,z")
    assert refused.exit_code == 2
    assert "between 0 and half the rate" in refused.stderr
