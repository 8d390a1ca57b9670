import prcoords
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.models.crs import SYSTEMS, from_wgs84, to_wgs84

IN_CHINA = st.tuples(st.floats(75, 134), st.floats(18, 53))


@given(IN_CHINA)
def test_forward_as_the_reference(position: tuple[float, float]):
    lon, lat = position
    for crs, reference in (("GCJ02", prcoords.wgs_gcj), ("BD09", prcoords.wgs_bd)):
        expected = reference(prcoords.Coords(lat, lon))
        assert from_wgs84(lon, lat, crs) == pytest.approx((expected.lon, expected.lat), abs=1e-9)


@given(IN_CHINA)
def test_back_within_a_millimetre(position: tuple[float, float]):
    for crs in SYSTEMS:
        assert to_wgs84(*from_wgs84(*position, crs), crs) == pytest.approx(position, abs=1e-8)


@pytest.mark.parametrize("crs", ["WGS84", "CGCS2000"])
def test_nothing_to_shift(crs: str):
    assert to_wgs84(113.2, 23.1, crs) == (113.2, 23.1)


def test_outside_china_nothing_is_shifted():
    assert to_wgs84(2.35, 48.86, "GCJ02") == (2.35, 48.86)


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_any_position_has_an_answer(lon: float, lat: float):
    for crs in SYSTEMS:
        assert to_wgs84(lon, lat, crs) == pytest.approx((lon, lat), abs=0.05)
