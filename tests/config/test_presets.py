"""Every shipped preset makes its part."""

import inspect

import pytest

from detectors import DETECTORS
from detectors.coincidence import Coincidence
from detectors.preset import Limit, Preset
from streams.config.presets import load_preset, preset_names


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_makes_its_part(name):
    preset = load_preset(name)
    assert preset.name == name
    assert preset.origin
    assert preset.units
    part = Coincidence if preset.part == "coincidence" else DETECTORS[preset.part]
    assert set(preset.parameters) <= set(inspect.signature(part).parameters)
    part(**preset.parameters)
    assert preset.thr_off.times <= preset.thr_on.times


def test_an_unknown_preset_names_the_known():
    with pytest.raises(LookupError, match=r"no preset 'rigg'; there are .*rig"):
        load_preset("rigg")


def test_a_preset_with_a_wrong_key_is_refused():
    with pytest.raises(ValueError, match="a preset has"):
        Preset.of({"preset": "x"})


def test_a_threshold_may_be_a_multiple_of_a_quantile():
    assert Limit.of({"quantile": 0.99, "times": 2}) == Limit(2.0, 0.99)
