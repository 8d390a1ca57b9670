"""Zones within zones, and the highest level in each."""

import pytest

from streams.models.site import Zone
from streams.models.zone_tree import ZoneTree

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}


def zones(*of: tuple[str, str | None, str | None]) -> dict[str, Zone]:
    return {name: Zone(name, {"zh": name, "en": name}, parent, "unit", SQUARE, level) for name, parent, level in of}


FULL = zones(
    ("P", None, "province"), ("T", "P", "city"), ("C1", "T", "county"), ("C2", "T", "county"),
    ("S1", "C1", "street"), ("M1", "S1", "community"), ("M2", "S1", "community"), ("X", "M1", "cell"),
    ("far", None, None),
)  # fmt: skip
TREE = ZoneTree(FULL)


def test_what_a_zone_lies_in_nearest_first():
    assert TREE.ancestors("X") == ["M1", "S1", "C1", "T", "P"]
    assert TREE.ancestors("P") == TREE.ancestors("far") == TREE.ancestors("nowhere") == []


def test_what_lies_in_a_zone_at_any_depth():
    assert TREE.descendants("C1") == ["M1", "M2", "S1", "X"]
    assert TREE.descendants("X") == TREE.descendants("nowhere") == []


def test_the_county_of_a_cell():
    assert TREE.at_level("X", "county") == "C1"
    assert TREE.at_level("C1", "county") == "C1"
    assert TREE.at_level("P", "county") is None


def test_levels_roll_up_to_everything_above():
    found = TREE.roll_up({"X": "red", "M2": "blue", "C2": "yellow", "C1": None, "nowhere": "red"})
    assert found == {
        "P": "red", "T": "red", "C1": "red", "S1": "red", "M1": "red", "X": "red",
        "M2": "blue", "C2": "yellow", "far": None,
    }  # fmt: skip
    assert set(TREE.roll_up({}).values()) == {None}


def test_parents_in_a_circle_and_missing_ones_end_the_chain():
    """Configuration refuses both; nothing hangs if they are there all the same."""
    tree = ZoneTree(zones(("a", "b", None), ("b", "a", None), ("c", "a", None), ("d", "gone", None)))
    assert tree.ancestors("a") == ["b"]
    assert tree.ancestors("c") == ["a", "b"]
    assert tree.ancestors("d") == []
    assert tree.descendants("a") == ["b", "c"]
    assert tree.roll_up({"c": "red"})["b"] == "red"


@pytest.mark.parametrize(
    ("inner", "outer", "wrong"),
    [("county", "city", False), ("cell", "province", False), ("city", "county", True), ("county", "county", True)],
)
def test_a_zone_lies_in_a_larger_one(inner: str, outer: str, wrong: bool):
    tree = ZoneTree(zones(("out", None, outer), ("between", "out", None), ("in", "between", inner)))
    assert tree.out_of_order("in") == ("out" if wrong else None)
    assert tree.out_of_order("between") is None
