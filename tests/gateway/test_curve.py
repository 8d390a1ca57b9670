import pytest

from streams.gateway.curve import level, value
from streams.gateway.scenario import Piece, Readings

S = 1_000_000


def piece(**given):
    return Piece.model_validate({"at": "10 s", **given})


def test_a_step_is_there_at_its_time():
    pieces = [piece(to=3)]
    assert [level(pieces, t * S) for t in (9, 10, 11)] == [0, 3, 3]


def test_a_ramp_goes_straight():
    assert [level([piece(to=4, over="20 s")], t * S) for t in (10, 15, 30, 99)] == [0, 1, 4, 4]


def test_a_steep_ramp_is_slow_at_first():
    pieces = [piece(to=100, over="20 s", steepness=4)]
    assert level(pieces, 20 * S) < 15
    assert level(pieces, 30 * S) == 100


def test_a_burst_comes_and_goes():
    found = [level([piece(burst=6, over="20 s")], t * S) for t in (10, 20, 30)]
    assert found == pytest.approx([0, 6, 0])


def test_a_wave_swings_while_it_lasts():
    found = [level([piece(wave=2, over="40 s", period="20 s")], t * S) for t in (15, 25, 51)]
    assert found == pytest.approx([2, -2, 0])


def test_the_next_piece_goes_on_from_there():
    pieces = [Piece.model_validate({"at": "20 s", "to": 0, "over": "10 s"}), piece(to=4)]
    assert [level(pieces, t * S) for t in (15, 25, 30)] == [4, 2, 0]


def test_values_depend_on_seed_and_time_alone():
    readings = Readings(stations=("A",), property="rain", noise=1.0, decimals=3)
    first = [value(readings, 5.0, "1|A|rain", t * S) for t in range(50)]
    assert first == [value(readings, 5.0, "1|A|rain", t * S) for t in range(50)]
    assert first[:3] == [4.691, 5.66, 5.189], "the same on every machine and in every version"
    assert first != [value(readings, 5.0, "2|A|rain", t * S) for t in range(50)]


def test_limits_and_decimals_hold():
    readings = Readings(stations=("A",), property="rain", noise=5.0, least=0, most=1, decimals=1)
    found = [value(readings, 0.0, "x", t) for t in range(200)]
    assert set(found) <= {n / 10 for n in range(11)}
    assert "-0.0" not in map(str, found)
