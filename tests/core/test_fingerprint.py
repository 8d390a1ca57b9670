"""Which changes of the configuration make state be rebuilt."""

from dataclasses import dataclass, field, replace

import pytest

from streams.core import fingerprint
from streams.core.fingerprint import told
from streams.models.site import Condition, Input, Step, Threshold

INPUT = Input("stage", "water_level", "m", (Step("sum", {"over": 5, "kind": "increment"}),))
CONDITION = Condition("high", "stage", "above", Threshold(None, 3.0, "m"), hold=5)


@dataclass(frozen=True)
class Later:
    name: str
    old: int = 0
    new: int = 0
    more: tuple[int, ...] = field(default_factory=tuple)


@pytest.fixture(autouse=True)
def of_the_first_release(monkeypatch):
    monkeypatch.setitem(fingerprint.FIRST, "Later", {"name", "old"})


def test_what_a_later_release_added_counts_where_it_is_used():
    assert told(Later("a")) == "Later(name='a', old=0)"
    assert told(Later("a", 0, 1, (2,))) == "Later(name='a', old=0, new=1, more=(2,))"


@pytest.mark.parametrize("value", [(), (1,), [1, "a"], {"a": (Later("x", 1, 2, (3,)), None)}, True, 0.5])
def test_all_else_is_told_as_python_does(value):
    assert told(value) == repr(value)


def test_the_first_release_told_all_of_its_fields():
    """These words made the numbers that lie in people's Kafka."""
    assert told(INPUT) == (
        "Input(name='stage', property='water_level', unit='m',"
        " steps=(Step(part='sum', parameters={'over': 5, 'kind': 'increment'}),))"
    )
    assert told(CONDITION) == (
        "Condition(name='high', input='stage', kind='above', thr_on=Threshold(attribute=None, offset=3.0, unit='m'),"
        " thr_off=None, strict=False, hold=5, source=None)"
    )
    assert told(replace(CONDITION, hold=6)) != told(CONDITION)


def test_a_step_tells_its_picked_answer_where_it_has_one():
    assert repr(Step("sum", {})) == "Step(part='sum', parameters={}, unit='')"  # saved joins are named by it
    assert told(Step("sum", {})) == "Step(part='sum', parameters={})"
    assert told(Step("aqi", {}, output="aqi")) == "Step(part='aqi', parameters={}, output='aqi')"
