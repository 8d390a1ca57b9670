import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.models import units
from streams.models.units import (
    UnitError,
    conversion,
    convert,
    is_dimensionless,
    is_unit,
    know,
    known_conversions,
    per_time,
    same_dimension,
)


@pytest.mark.parametrize(
    ("value", "start", "end", "expected"),
    [
        (1, "[ft_i]", "m", 0.3048), (10, "[ft_i]", "m", 3.048), (1.1, "mm", "m", 0.0011), (7, "mm", "m", 0.007),
        (32, "[degF]", "Cel", 0.0), (50, "[degF]", "Cel", 10.0), (100, "Cel", "[degF]", 212.0), (0, "Cel", "K", 273.15),
        (36, "km/h", "m/s", 10.0), (1, "m/h", "mm/h", 1000.0), (20, "%{LEL}", "%", 20.0), (20, "%", "1", 0.2),
        (5, "{count}", "1", 5.0), (60, "{count}/h", "/min", 1.0), (1, "[in_i]", "mm", 25.4),
        (101.3, "kPa", "hPa", 1013.0),
        (35, "ug/m3", "mg/m3", 0.035), (3.21, "m", "m", 3.21),
    ],
)  # fmt: skip
def test_convert(value: float, start: str, end: str, expected: float):
    assert convert(value, start, end) == expected


def test_a_difference_has_no_zero_point():
    assert conversion("Cel", "[degF]").difference(5.0) == 9.0
    assert conversion("Cel", "[degF]")(5.0) == 41.0


def test_many_values_are_converted_like_one():
    values = np.array([0.0, 1.1, -40.0, 1e6])

    for start, end in (("[ft_i]", "m"), ("Cel", "[degF]"), ("mm", "m")):
        assert conversion(start, end).array(values).tolist() == [convert(float(v), start, end) for v in values]


@given(st.floats(-1e6, 1e6), st.sampled_from([("m", "[ft_i]"), ("Cel", "[degF]"), ("km/h", "m/s"), ("%", "1")]))
def test_there_and_back(value: float, codes: tuple[str, str]):
    there, back = conversion(*codes), conversion(codes[1], codes[0])

    assert back(there(value)) == pytest.approx(value, abs=1e-9, rel=1e-12)


@pytest.mark.parametrize(
    ("a", "b"), [("m", "s"), ("m", "m/h"), ("%{LEL}", "%{vol}"), ("m", "metre"), ("", "m"), ("dB", "1"), ("m", "站")]
)
def test_other_dimensions(a: str, b: str):
    assert not same_dimension(a, b)
    with pytest.raises(UnitError):
        convert(1.0, a, b)


@pytest.mark.parametrize("code", sorted(units.COMMON))
def test_the_common_codes_are_known_to_ucum(code: str):
    assert units._quantity(code) is not None


@pytest.mark.parametrize("code", ["metre", "", " ", "m m", "ppm", "NTU", "m/", "站", "m" * 100, "{open"])
def test_what_is_no_unit(code: str):
    assert not is_unit(code)


@pytest.mark.parametrize("code", ["m", "%{LEL}", "{Bft}", "mm/h", "[ft_i]", "uSv/h", "10*6/L"])
def test_what_is_a_unit(code: str):
    assert is_unit(code)


def test_where_a_bare_number_says_all():
    assert [is_dimensionless(code) for code in ("1", "{count}", "%", "%{LEL}", "m")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_rate_is_per_time():
    assert per_time("m/h", "m")
    assert per_time("mm/d", "m")
    assert per_time("%{LEL}/min", "%{LEL}")
    assert not per_time("m", "m")
    assert not per_time("m/h", "s")


def test_equal_and_common_codes_do_not_load_the_registry():
    code = (
        "import sys; from streams.models.units import *;"
        "assert same_dimension('m', 'm') and is_unit('ug/m3') and per_time('m/h', 'm');"
        "assert convert(1.0, '%{LEL}', '%') == 1.0;"
        "assert 'pint' not in sys.modules and 'ucumvert' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_what_one_process_found_another_need_not_ask_for(monkeypatch):
    found = conversion("[mi_i]", "km")
    known = {pair: one for pair, one in known_conversions().items() if pair == ("[mi_i]", "km")}
    monkeypatch.setattr("streams.models.units._known", {})
    monkeypatch.setattr("streams.models.units._registry", lambda: pytest.fail("asked"))

    know(known)
    assert conversion("[mi_i]", "km") == found
