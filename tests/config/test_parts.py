"""What hazard files and `tocsin detect` may tell a part."""

import re
from pathlib import Path

import pytest

from detectors import DETECTORS
from detectors.transforms import TRANSFORMS
from streams.config.parts import DURATIONS, PARTS, fits_a_step, parameters_of, words_of
from streams.models.site import Step
from streams.models.times import DAY, HOUR, MINUTE, SECOND
from tests.config.samples import CORPUS, loaded_with


@pytest.mark.parametrize("part", [*DETECTORS.values(), *TRANSFORMS.values()], ids=lambda part: part.__name__)
def test_what_is_in_microseconds_is_read_as_a_duration(part):
    """The docstring of a part says which of its parameters are."""
    arguments = (part.__doc__ + " Args:").split("Args:")[1].split("\n\n")[0]
    told = dict(re.findall(r"^ {8}(\w+): ((?:.|\n {12})*)", arguments, re.MULTILINE))
    spans = {name for name, text in told.items() if "microseconds" in text}
    assert spans == DURATIONS & told.keys()


def test_hazards_read_durations(tmp_path: Path):
    site = loaded_with(tmp_path, CORPUS / "good" / "hazard-step-durations.yaml").site
    inputs = site.hazards["flood"].inputs
    tsunami = {"tide": 30 * MINUTE, "chop": 2 * MINUTE, "usual": DAY, "settle": 3 * HOUR, "max_gap": HOUR}
    onset = {"low": 2.0, "short": SECOND // 5, "long": 5 * SECOND, "lag": SECOND, "rate": 100.0}
    assert inputs["odd"].steps[-1] == Step("tsunami", tsunami)
    assert inputs["shake"].steps[-1] == Step("p_onset", onset)
    assert inputs["rain"].steps[-1] == Step("sum", {"over": HOUR, "kind": "rate", "per": HOUR})


def test_what_takes_several_values_is_no_step_of_one():
    rows = {"multivariate", "vector_sum", "aqi", "fwi", "intensity", "pga", "pgv"}
    assert {name for name in PARTS if not fits_a_step(name)} == rows


def test_words():
    assert words_of(parameters_of("sum")["kind"]) == ("increment", "total", "rate")
    assert words_of(parameters_of("rate")["max_gap"]) == ("pace",)
    assert words_of(parameters_of("rate")["over"]) == ()
