"""Upstream and downstream along the river, in metres."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.river import River
from streams.models.site import Reach

FOREVER = float("inf")


def river(*ways: tuple[str, str | None, float]) -> River:
    return River({name: Reach(name, below, length) for name, below, length in ways})


#   a ─4 km─▶ c ─10 km─▶ d ─1 km─▶ e (the sea)
#   b ─2 km─▶ c
TREE = river(("a", "c", 4000), ("b", "c", 2000), ("c", "d", 10_000), ("d", "e", 1000), ("e", None, 0))


def test_downstream_is_one_way_nearest_first():
    assert TREE.downstream_of("a", FOREVER) == {"c": 4000, "d": 14_000, "e": 15_000}
    assert list(TREE.downstream_of("a", FOREVER)) == ["c", "d", "e"]


def test_upstream_is_every_way_nearest_first():
    assert list(TREE.upstream_of("e", FOREVER).items()) == [("d", 1000), ("c", 11_000), ("b", 13_000), ("a", 15_000)]


@pytest.mark.parametrize(("metres", "found"), [(999, []), (1000, ["d"]), (13_000, ["d", "c", "b"])])
def test_metres_limit_and_the_limit_itself_counts(metres: float, found: list[str]):
    assert list(TREE.upstream_of("e", metres)) == found


def test_downstream_ends_at_the_limit():
    assert list(TREE.downstream_of("a", 14_000)) == ["c", "d"]
    assert TREE.downstream_of("a", 3999) == {}


def test_a_reach_is_neither_up_nor_downstream_of_itself():
    assert "c" not in TREE.upstream_of("c", FOREVER)
    assert "c" not in TREE.downstream_of("c", FOREVER)


def test_who_is_not_in_the_graph_has_nothing_around_it():
    assert TREE.upstream_of("nowhere", FOREVER) == {}
    assert TREE.downstream_of("nowhere", FOREVER) == {}


def test_a_way_that_leaves_the_declared_graph_ends_there():
    assert river(("a", "b", 5)).downstream_of("a", FOREVER) == {"b": 5}
    assert river(("a", "b", 5)).upstream_of("b", FOREVER) == {"a": 5}


def test_a_circle_ends():
    """Configuration refuses one; nothing hangs if it is there all the same."""
    circle = river(("a", "b", 1), ("b", "c", 1), ("c", "a", 1))
    assert circle.downstream_of("a", FOREVER) == {"b": 1, "c": 2}
    assert circle.upstream_of("a", FOREVER) == {"c": 1, "b": 2}
    assert river(("a", "a", 0)).downstream_of("a", FOREVER) == {}
    beside = river(("x", "a", 1), ("a", "b", 1), ("b", "a", 1))
    assert beside.downstream_of("x", FOREVER) == {"a": 1, "b": 2}


def test_the_way_between_two_reaches_has_no_direction():
    assert TREE.way("a", "d") == TREE.way("d", "a") == 14_000
    assert TREE.way("a", "a") == 0
    assert TREE.way("a", "b") is None  # two springs: no water goes from the one to the other


@given(st.lists(st.tuples(st.integers(0, 200), st.floats(0, 9000)), min_size=1, max_size=30), st.floats(0, 50_000))
def test_up_and_down_are_each_others_opposite(ways: list[tuple[int, float]], metres: float):
    """Any tree: the water of n goes to an earlier one."""
    reaches = {f"r{n}": Reach(f"r{n}", f"r{at % n}" if n else None, length) for n, (at, length) in enumerate(ways)}
    found = River(reaches)
    down = {(a, b) for a in reaches for b in found.downstream_of(a, metres)}
    up = {(a, b) for b in reaches for a in found.upstream_of(b, FOREVER) if found.downstream_of(a, metres).get(b)}
    assert {pair for pair in down if found.downstream_of(pair[0], metres)[pair[1]] > 0} == up
