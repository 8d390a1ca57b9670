import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.base import HOUR, MINUTE, rounds
from detectors.join import Join
from detectors.threshold import Threshold
from detectors.transforms import TRANSFORMS
from detectors.transforms.mean import Mean
from detectors.transforms.rate import Rate
from detectors.transforms.sum import Sum


@given(st.lists(st.integers(0, 6), max_size=40))
def test_rounds_hold_each_row_once_and_keep_a_slots_order(slots):
    slot = np.array(slots, dtype=np.int64)
    turns = rounds(slot)
    assert sorted(np.concatenate([*turns, []]).tolist()) == list(range(len(slots)))
    assert all(len(set(slot[turn])) == len(turn) for turn in turns)
    for one in set(slots):
        rows = [int(row) for turn in turns for row in turn if slot[row] == one]
        assert rows == sorted(rows)


def test_no_rows_no_rounds():
    assert rounds(np.array([], dtype=np.int64)) == []


@pytest.mark.parametrize("part", [Threshold, Rate, Mean, Sum])
def test_an_empty_call_is_an_empty_answer(part):
    nothing = np.array([], dtype=np.int64)
    assert part(slots=3).update(nothing, nothing, nothing.astype(float)).shape == (0,)


def test_a_state_of_other_parameters_is_refused():
    with pytest.raises(ValueError, match=r"Sum\(over=600000000.*does not fit: column 'times'"):
        Sum(over=10 * MINUTE).restore(Sum(over=2 * HOUR, slots=2).snapshot())
    with pytest.raises(ValueError, match="column 'last'"):
        Threshold().restore({})


def test_parameters_are_seen():
    assert repr(Rate(over=HOUR)) == "Rate(over=3600000000, max_gap=None, cells=64)"


def test_room_grows_in_strides():
    part = Threshold(slots=1000)
    part.grow(1001)
    before = part.state["last"]
    for slots in range(1002, 1250):
        part.grow(slots)
    assert part.state["last"] is before
    assert len(part.snapshot()["last"]) == part.slots == 1249


@pytest.mark.parametrize("wrong", [1, 9_999_999, 73 * HOUR, HOUR + 30_000_000, 10_500_000])
@pytest.mark.parametrize("part", [Sum, Mean])
def test_windows_that_cells_cannot_make_are_refused(part, wrong):
    with pytest.raises(ValueError, match="over"):
        part(over=wrong)


@pytest.mark.parametrize("settings", [{"over": 0}, {"max_gap": 0}, {"max_gap": -5}, {"cells": 1}])
def test_wrong_settings_of_a_rate_are_refused(settings):
    with pytest.raises(ValueError, match="Rate"):
        Rate(**settings)


def test_an_unknown_kind_of_rain_is_refused():
    with pytest.raises(ValueError, match="'rate', found 'gallons'"):
        Sum(kind="gallons")


def test_a_part_of_named_channels_says_all_about_them():
    rows = {name: make() for name, make in TRANSFORMS.items() if make().inputs}
    assert set(rows) == {"aqi", "fwi", "intensity", "pga", "pgv"}
    for part in rows.values():
        assert len(part.inputs) == len(part.input_units) == part.width
        assert len(part.units) == len(part.outputs)
        assert len(Join(inputs=part.inputs, how=part.join).inputs) == part.width
    assert TRANSFORMS["aqi"](items="co,o3").input_units == ("mg/m3", "ug/m3")
