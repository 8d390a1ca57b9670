import pytest

from streams.models.distances import parse_distance


@pytest.mark.parametrize(
    ("text", "metres"), [("5 km", 5_000.0), ("500 m", 500.0), ("500m", 500.0), ("2.5 km", 2_500.0)]
)
def test_good(text: str, metres: float):
    assert parse_distance(text) == metres


@pytest.mark.parametrize("text", ["5", "km", "5 h", "5 parsecs", "0 m", "-5 m", "30000 km", "1 e3 m", "", "5 m 3"])
def test_bad(text: str):
    with pytest.raises(ValueError, match="UCUM"):
        parse_distance(text)
