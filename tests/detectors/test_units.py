"""Units of answers."""

import pytest

from detectors.ewma import EwmaZ
from detectors.transforms import TRANSFORMS
from detectors.units import Unit, given, output_of, wanted


@pytest.mark.parametrize(
    ("part", "unit", "answer"),
    [
        ("mean", "Cel", Unit("Cel")),
        ("rate", "m", Unit("m/s", zero=False)),
        ("integrate", "m/s2", Unit("m/s2.s", zero=False)),
        ("drop", "Cel", Unit("Cel", zero=False)),
        ("high_pass", "Cel", Unit("Cel", zero=False)),
        ("iaqi", "ug/m3", Unit("1")),
        ("vector_sum", "m", Unit("m")),
        ("inverse_velocity", "mm", Unit("h")),
    ],
)
def test_of_transforms(part, unit, answer):
    assert given(TRANSFORMS[part](), Unit(unit)) == answer


def test_of_scores_and_of_one_of_several():
    assert given(EwmaZ(), Unit("m")) == Unit("1")
    assert given(TRANSFORMS["inverse_velocity"](), Unit("mm"), "failure") == Unit("s")
    assert (output_of(TRANSFORMS["forecast"](), "probability"), output_of(TRANSFORMS["mean"](), None)) == (1, None)
    with pytest.raises(LookupError, match="lead, probability"):
        output_of(TRANSFORMS["forecast"](), None)


def test_what_a_part_needs():
    found = [wanted(TRANSFORMS[name]()) for name in ("beaufort", "mean", "fwi")]
    assert found == ["m/s", "", ""]
