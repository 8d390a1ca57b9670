"""A doubt ends when too few neighbours are left to bear it out: a survivor is not capped for ever."""

from dataclasses import replace

import pytest

from tests.core.neighbour_world import CHECKS, PAIR, SLOW, Group, gauge

SUSPECT, FINE = ("G1", "neighbour"), ("G1", "")


def pair(checks=PAIR):
    group = Group([gauge(n, checks) for n in (1, 2)]).minute(0, 1.0, 1.0).hear((1, 1, 3.0))
    assert group.take() == [SUSPECT, ("G2", "neighbour")]
    return group


def alone(group, first, count, value=3.0, **more):
    return group.hear(*((1, first + n, value) for n in range(count)), **more)


def test_the_one_that_is_left_of_a_pair_is_trusted_after_three_good_values():
    group = alone(pair(), 2, 9)  # G2 is there until minute 10
    assert group.take() == []
    assert alone(group, 11, 2).take() == []
    assert alone(group, 13, 1).take() == [FINE]
    assert alone(group, 14, 30).take() == []


def test_recover_asks_for_more():
    group = alone(pair(replace(PAIR, recover=5)), 11, 4)
    assert group.take() == []
    assert alone(group, 15, 1).take() == [FINE]


def test_what_its_own_checks_doubt_begins_anew():
    group = alone(pair(), 11, 2)
    alone(group, 13, 1, quality=3)
    assert alone(group, 14, 2).take() == []
    assert alone(group, 16, 1).take() == [FINE]


def test_a_neighbour_that_is_suspect_by_its_own_checks_is_not_there():
    group = pair().hear((2, 2, 1.0), quality=3)
    assert alone(group, 3, 3).take() == [FINE]


def test_the_other_that_comes_back_and_disagrees_makes_both_suspect_again():
    group = alone(pair(), 11, 3)
    assert group.take() == [FINE]
    assert group.hear((2, 13, 1.0), (1, 14, 3.0)).take() == [SUSPECT]
    assert group.minute(15, 1.0, 1.0).take() == [FINE, ("G2", "")]


def test_who_is_behind_its_neighbours_is_not_alone():
    group = pair().hear((2, 60, 1.0))
    assert alone(group, 20, 10).take() == []


def test_where_most_of_a_group_die_the_suspect_that_is_left_is_trusted():
    group = Group([gauge(n) for n in (1, 2, 3, 4)]).minute(0, 9.0, 1.0, 1.0, 1.0).hear((1, 1, 9.0))
    assert group.take() == [SUSPECT]
    assert alone(group, 11, 3, 9.0).take() == [FINE]


@pytest.mark.parametrize(("left", "said"), [(1.0, []), (8.9, [FINE])])
def test_one_of_them_that_is_left_may_still_bear_it_out(left, said):
    group = Group([gauge(n, replace(CHECKS, neighbour_least=2)) for n in (1, 2, 3)]).minute(0, 9.0, 1.0, 1.0)
    group.hear((1, 1, 9.0)).take()
    for minute in range(12, 20):
        group.hear((2, minute, left), (1, minute, 9.0))
    assert [one for one in group.take() if one[0] == "G1"] == said


def test_drift_ends_as_well_and_is_back_when_they_are():
    group = Group([gauge(n, SLOW) for n in (1, 2, 3)])
    for minute in range(0, 600, 10):
        group.minute(minute, 1.2, 1.0, 1.0)
    assert group.take() == [("G1", "drift")]
    assert alone(group, 650, 3, 1.2).take() == [FINE]
    assert group.minute(700, 1.2, 1.0, 1.0).minute(710, 1.2, 1.0, 1.0).take() == [("G1", "drift")]


def test_it_counts_on_where_it_was_saved():
    group, other = alone(pair(), 11, 2), Group([gauge(n, PAIR) for n in (1, 2)])
    for key, member in group.bank.members():
        assert other.bank.restore(key, member)
    assert alone(other, 13, 1).take() == [FINE]
