"""The figure of neighbours measures what it says. No times."""

import pytest

from benchmarks import neighbours
from benchmarks.groups import GROUPS
from benchmarks.lab import Lab


def test_every_sample_is_compared_and_some_are_told():
    comparing = neighbours.Comparing(3, 10, 200)
    assert comparing() >= 0
    members = dict(comparing._assessor.verdicts.bank.members())
    assert len(members) == 30
    assert all(member.weight > 0 for member in members.values())
    assert 0 < comparing.checked < 200


def test_a_quick_run_gives_its_figure(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(neighbours, "MANY", 60)
    monkeypatch.setattr(neighbours, "LARGE", 50)
    ratio, rate = GROUPS["rules"]["neighbours"](Lab(quick=True))
    assert (ratio.name, rate.name) == ("rules.neighbours", "rules.neighbours_rate")
    assert ratio.must is not None
    assert ratio.at_most
    assert rate.value > 0
