"""The second Bank: who is unlike its neighbours, and who drifts away from them."""

import random
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.neighbours import Group as Columns
from streams.core.neighbours import Member, Neighbours
from streams.models.times import DAY
from tests.core.neighbour_world import CHECKS, DRIFTS, PAIR, SLOW, Group, a_site, gauge, sample

SUSPECT = ("G1", "neighbour")
FINE = ("G1", "")


def four(checks=CHECKS):
    return Group([gauge(n, checks) for n in (1, 2, 3, 4)])


def test_a_value_beyond_the_median_of_its_neighbours_is_suspect_and_until_it_agrees():
    group = four().minute(0, 1.0, 1.1, 0.9, 1.0)
    assert group.take() == []
    assert group.minute(1, 1.51, 1.1, 0.9, 1.0).take() == [SUSPECT]
    assert group.minute(2, 9.0, 1.1, 0.9, 1.0).take() == []
    assert group.minute(3, 1.5, 1.1, 0.9, 1.0).take() == [FINE]


def test_the_median_is_that_of_those_that_are_not_suspect_themselves():
    group = four().minute(0, 1.0, 1.0, 1.0, 1.0).minute(1, 9.0, 1.0, 1.0, 1.0)
    assert group.take() == [SUSPECT]
    assert group.hear((2, 2, 1.4)).take() == []  # of 9.0, 1.0, 1.0
    assert group.hear((3, 2, 5.2)).take() == [("G3", "neighbour")]


def test_what_its_own_checks_doubt_is_no_neighbour_and_is_not_judged():
    group = four().minute(0, 1.0, 1.0, 1.0, 1.0)
    group.hear((2, 1, 7.0), (3, 1, 7.0), quality=3)
    assert group.take() == []
    assert group.hear((1, 1, 7.0)).take() == []  # one neighbour left, two are wanted
    assert group.hear((2, 2, 1.0), (1, 2, 7.0)).take() == [SUSPECT]


def test_one_of_two_that_is_wrong_does_not_make_the_right_one_suspect():
    group = Group([gauge(1), gauge(2), gauge(3, replace(CHECKS, neighbour=None))]).minute(0, 1.0, 1.0, 1.0)
    assert group.minute(1, 1.0, 1.0, 9.0).minute(2, 1.0, 1.0, 9.0).take() == []
    assert group.hear((1, 3, 0.4)).take() == [SUSPECT]  # it is below both


def test_too_few_neighbours_leave_it_as_it_is():
    group = four().hear((1, 0, 9.0), (2, 0, 1.0)).hear((1, 1, 9.0))
    assert group.take() == []
    assert group.hear((3, 1, 1.0), (1, 2, 9.0)).take() == [SUSPECT]
    assert group.hear((1, 30, 9.0), (1, 31, 1.0)).take() == []  # the others are too old by now


@pytest.mark.parametrize(("minute", "said"), [(10, [SUSPECT]), (10.02, [])])
def test_a_neighbour_counts_as_long_as_it_says(minute, said):
    group = four().hear((2, 0, 1.0), (3, 0, 1.0))
    assert group.hear((1, minute, 9.0)).take() == said


def test_a_neighbour_that_is_far_ahead_does_not_count():
    group = four().hear((2, 60, 1.0), (3, 60, 1.0), (1, 20, 9.0))
    assert group.take() == []


def test_it_is_suspect_until_so_many_in_a_row_are_good():
    group = four(replace(CHECKS, recover=3)).minute(0, 1.0, 1.0, 1.0, 1.0).minute(1, 9.0, 1.0, 1.0, 1.0)
    assert group.take() == [SUSPECT]
    for minute, value in ((2, 1.0), (3, 1.0), (4, 9.0), (5, 1.0), (6, 1.0)):
        assert group.minute(minute, value, 1.0, 1.0, 1.0).take() == []
    assert group.minute(7, 1.0, 1.0, 1.0, 1.0).take() == [FINE]


def test_of_two_that_disagree_both_are_suspect_and_both_are_fine_when_they_agree():
    group = Group([gauge(n, PAIR) for n in (1, 2)]).minute(0, 1.0, 1.2)
    assert group.take() == []
    assert group.hear((1, 1, 3.0)).take() == [SUSPECT, ("G2", "neighbour")]
    assert group.minute(2, 3.0, 1.0).take() == []
    assert group.minute(3, 1.1, 1.0).take() == [FINE, ("G2", "")]


def test_a_reference_that_nobody_judges_is_never_suspect():
    group = Group([gauge(1, PAIR), gauge(2, replace(PAIR, neighbour=None))]).minute(0, 1.0, 1.0)
    assert group.hear((1, 1, 3.0), (2, 1, 1.0), (1, 2, 1.0)).take() == [SUSPECT, FINE]


def test_where_most_are_suspect_they_may_still_agree_with_each_other():
    group = Group([gauge(n) for n in (1, 2, 3)]).minute(0, 1.0, 1.0, 1.0)
    assert group.minute(1, 9.0, 1.0, 1.0).take() == [SUSPECT]
    assert group.minute(2, 9.0, 9.0, 9.0).take() == []  # G2 has one good neighbour only
    assert group.hear((1, 3, 9.0)).take() == [FINE]


def test_an_exercise_is_a_group_of_its_own():
    group = four().minute(0, 1.0, 1.0, 1.0, 1.0).hear((1, 1, 9.0), status="Exercise")
    assert group.take() == []
    assert group.minute(2, 9.0, 9.0, 9.0, 9.0, status="Exercise").take() == []


def test_older_and_unknown_ones_mean_nothing():
    group = four().minute(5, 1.0, 1.0, 1.0, 1.0).minute(4, 9.0, 9.0, 9.0, 9.0).minute(5, 9.0, 9.0, 9.0, 9.0)
    assert group.take() == []
    assert group.bank.hear(sample(9, 6, 1.0)) == []


def drifting(days, off, *, start=0, every=10):
    """A gauge that stands so much too high, so many days long."""
    return [(start * 1440 + m, (1.0 + off(m), 1.0, 0.98, 1.02)) for m in range(0, round(days * 1440), every)]


def hear_all(group, told):
    found = []
    for minute, values in told:
        found += [(minute, name, check) for name, check in group.minute(minute, *values).take()]
    return found


def test_a_small_difference_that_stays_is_drift_once_a_third_of_its_time_is_covered():
    found = hear_all(four(SLOW), drifting(1, lambda _: 0.15))
    assert found == [(490, "G1", "drift")]  # a third of a day after the first time that it could be compared
    assert hear_all(four(SLOW), drifting(1, lambda _: 0.09)) == []


def test_drift_ends_as_slowly_and_is_told_again_as_it_grows():
    group = four(SLOW)
    found = hear_all(group, drifting(2, lambda m: m / 1440 * 0.2))
    assert [check for _, _, check in found] == ["drift"] * len(found)
    assert 2 <= len(found) <= 8
    assert [check for *_, check in hear_all(group, drifting(5, lambda _: 0.0, start=2))][-1] == ""


def test_what_is_said_by_itself_does_not_count_as_drift():
    group = four(SLOW)
    spikes = [(m, (9.0 if m % 60 == 0 else v[0], *v[1:])) for m, v in drifting(2, lambda _: 0.0)]
    assert {check for *_, check in hear_all(group, spikes)} == {"neighbour", ""}


def test_time_without_comparison_covers_nothing():
    group = four(SLOW)
    assert hear_all(group, [(minute, (1.2, 1.0, 1.0, 1.0)) for minute in range(0, 30 * 1440, 1440)]) == []


def random_samples(seed, gauges=5, count=80):
    chance = random.Random(seed)
    found, minute = [], 0.0
    for _ in range(count):
        minute += chance.choice([0, 0, 0.5, 1, 4])
        value = chance.choice([1.0, 1.2, 1.2, 3.0, 9.0])
        quality = chance.choice([1, 1, 1, 3])
        found.append(sample(chance.randint(1, gauges), minute, value, quality=quality))
    return found


CHOSEN = [
    replace(DRIFTS, neighbour=0.5, neighbour_least=n, drift_for=DAY // 96, recover=r) for n, r in ((2, 0), (1, 2))
]


def said(bank, samples):
    return [(f.number, msgspec.json.encode(f.member), f.median, f.drift) for one in samples for f in bank.hear(one)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.permutations(range(1, 6)), st.sampled_from(CHOSEN))
def test_the_order_of_the_file_does_not_matter(seed, order, checks):
    def run(numbers):
        site = a_site([gauge(n, checks) for n in numbers])
        bank = Neighbours(site)
        return [(site.datastreams.key(n), *rest) for n, *rest in said(bank, random_samples(seed))]

    assert sorted(run(order)) == sorted(run(range(1, 6)))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000), st.integers(0, 80), st.sampled_from(CHOSEN))
def test_saved_anywhere_it_goes_on_as_it_was(seed, cut, checks):
    site = a_site([gauge(n, checks) for n in range(1, 6)])
    samples = random_samples(seed)
    whole, first, second = Neighbours(site), Neighbours(site), Neighbours(site)
    said(first, samples[:cut])
    for key, member in first.members():
        again = msgspec.msgpack.decode(msgspec.msgpack.encode(member), type=Member)
        assert second.restore(key, again)
    said(whole, samples[:cut])
    assert said(second, samples[cut:]) == said(whole, samples[cut:])
    assert sorted(second.members()) == sorted(whole.members())


def test_a_word_always_grows():
    group = four().minute(0, 1.0, 1.0, 1.0, 1.0)
    words = []
    for minute in range(1, 6):
        words += [f.member.word for f in group.bank.hear(sample(1, minute, 9.0 if minute % 2 else 1.0, received=7))]
        group.hear((2, minute, 1.0), (3, minute, 1.0))
    assert words == [7, 8, 9, 10, 11]
    assert [f.member.word for f in group.bank.hear(sample(1, 6, 1.0, received=100))] == [100]
    assert [f.member.word for f in group.bank.hear(sample(1, 6.5, 9.0, received=100))] == [101]


def test_a_sample_costs_what_its_own_group_costs(monkeypatch):
    """Rows that are looked at, whatever the size of the site."""
    looked = []
    others = Columns.others

    def counted(self, *given, **more):
        looked.append(len(self.members))
        return others(self, *given, **more)

    monkeypatch.setattr(Columns, "others", counted)
    for members in (100, 10_000):
        gauges = [replace(gauge(n), group=f"group-{n // 10}") for n in range(members)]
        bank = Neighbours(a_site(gauges))
        looked.clear()
        for n in range(100):
            bank.hear(sample(n, 1, 1.0, group=f"group-{n // 10}"))
        assert looked == [10] * 100


def test_what_the_site_compares_no_more_is_not_taken_back():
    bank = Neighbours(a_site([gauge(1), gauge(2), gauge(3)]))
    assert not bank.restore(("Actual", "G9", "water_level"), Member(0, 1.0, good=True))
