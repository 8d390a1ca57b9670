import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.models.durations import LONGEST, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("10 min", 600_000_000), ("0.5 h", 1_800_000_000), ("1h", 3_600_000_000), ("0 s", 0),
        (" 7 d ", 604_800_000_000),
        ("2 wk", 1_209_600_000_000), ("250 ms", 250_000), ("0.1 s", 100_000),
    ],
)  # fmt: skip
def test_parse(text: str, length: int):
    assert parse_duration(text) == length


@pytest.mark.parametrize(
    "text", ["10", "", "min", "-1 h", "1 month", "1 M", "1 y", "P1M", "1 h 30 min", "1e3 s", "99999999999 d", "１ h"]
)
def test_refused(text: str):
    with pytest.raises(ValueError):
        parse_duration(text)


@given(st.integers(0, LONGEST))
def test_there_and_back(length: int):
    assert parse_duration(format_duration(length)) == length
