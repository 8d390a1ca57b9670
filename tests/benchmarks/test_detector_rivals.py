"""The detectors beside those of another library: every rival reads, and is measured."""

import pytest

from benchmarks import detector_rivals
from benchmarks.lab import Lab
from detectors import DETECTORS


@pytest.mark.parametrize("name", detector_rivals.NEAREST)
def test_a_rival_reads_and_is_measured(name, monkeypatch):
    monkeypatch.setattr(detector_rivals, "RIVALS_READ", 5)
    micros, size = detector_rivals._theirs(detector_rivals.NEAREST[name], DETECTORS[name]().width)
    assert micros > 0
    assert size > 0


def test_a_figure_says_what_stands_beside_it(monkeypatch):
    monkeypatch.setattr(detector_rivals, "RIVALS_READ", 5)
    monkeypatch.setattr(detector_rivals, "NEAREST", {"cusum": detector_rivals.NEAREST["cusum"]})
    monkeypatch.setattr(detector_rivals, "SLOTS", 10)
    (figure,) = detector_rivals.rivals(Lab(quick=True))
    assert figure.name == "detectors.river_over_cusum"
    assert "river PageHinkley" in figure.beside
