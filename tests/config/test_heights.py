import pytest

from streams.config.heights import Datum
from streams.config.quantity import Wrong


def test_a_height_is_moved_to_the_datum_of_the_readings():
    datum = Datum("1985", "Wusong -1.72 m; Yellow Sea 1956 3 cm")

    assert datum.moved(52.5, "m", "Wusong") == (50.78, "m")
    assert datum.moved(5_250.0, "cm", "Wusong") == (5_078.0, "cm")
    assert datum.moved(52.5, "m", "Yellow Sea 1956") == (52.53, "m")
    assert datum.moved(52.5, "m", "1985") == (52.5, "m")


@pytest.mark.parametrize("datum", [Datum("1985"), Datum(None), Datum("1985", "Wusong 3 s"), Datum("1985", "Dagu 1 m")])
def test_without_an_offset_it_is_not(datum: Datum):
    assert isinstance(datum.moved(52.5, "m", "Wusong"), Wrong)
