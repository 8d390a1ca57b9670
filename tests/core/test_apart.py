"""Rules that stations and zones answer for themselves, through Bank and Assessor: each has a past of its own."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.assess import Assessor
from streams.core.parts import Parts
from streams.core.script import Script
from streams.models.observation import Tick
from streams.models.possible import may_be
from streams.models.times import HOUR, MINUTE
from tests.core.runs import Bank, changes, numbered, row, run
from tests.core.signal_streams import PARTITIONS, Night, encode, read
from tests.core.sites import above, absent, hazard, site, stream

COUNTS = {2: 4, 3: 3, 4: 2}
SEQUENCE = {"sequence": {"of": ["b", "y"], "within": 30 * MINUTE}}
TWICE = {"count": {"of": "b", "at_least": 2, "within": 30 * MINUTE}}
NOT_YET = {"absence": {"of": "y", "after": "b", "within": 10 * MINUTE}}
CONDITIONS = [above("b", 3), above("y", 4)]


def gauges(rule, count=4, conditions=CONDITIONS, *, zones=("Z1", "Z2"), **more):
    """Four stations of one network, two in each zone; with one zone: of one reach in it, two in each group."""
    groups, about = ("net", "net"), "event"
    if len(zones) == 1:
        groups, about = ("net-0", "net-1"), "reach"
    streams = [stream(f"S{n}", subject="R", zone=zones[n % 2 % len(zones)], group=groups[n % 2]) for n in range(count)]
    return site(streams, hazard(conditions, {2: rule}, subject=about, **more), zones=zones)


def vote(of, least=2, **more):
    return {"vote": {"of": of, "at_least": least, "by": "station", **more}}


def at(minute, station, value):
    return row(60 * minute, value, f"S{station}")


def levels(rule, rows, zones=("Z1", "Z2")):
    return [(c[0][11:16], c[2]) for c in changes(run(gauges(rule, zones=zones), rows)[0])]


def test_one_after_the_other_at_each_station_by_itself():
    apart = [at(0, 0, 3.5), at(1, 1, 4.5), at(2, 0, 1), at(3, 1, 1)]  # first one, then another
    assert levels(vote(SEQUENCE, 1), apart[:2]) == [("00:01", "yellow")]  # there both begin in one moment
    rows = [at(0, 0, 3.5), at(1, 1, 3.5), at(5, 0, 4.5), at(9, 1, 4.5), at(12, 0, 3.5)]
    assert levels(vote(SEQUENCE), rows) == [("00:09", "yellow"), ("00:12", None)]


def test_the_whole_reach_is_more_than_its_stations():
    rows = [at(0, 0, 3.5), at(5, 0, 1), at(10, 1, 3.5), at(15, 1, 1)]
    assert levels(TWICE, rows) == [("00:10", "yellow")]
    assert levels(vote(TWICE, 1), rows) == []


def test_so_many_times_at_each_and_over_without_a_message():
    rows = [at(m + n, n, value) for m, value in ((0, 3.5), (4, 1), (8, 3.5), (12, 1)) for n in (0, 1)]
    assert levels(vote(TWICE), [*rows, Tick(99, HOUR)]) == [("00:09", "yellow"), ("00:34", None)]


def test_what_should_have_come_at_each():
    rows = [at(0, 0, 3.5), at(1, 1, 3.5), at(5, 2, 3.5), at(6, 2, 4.5), Tick(9, HOUR)]
    assert levels(vote(NOT_YET), rows) == [("00:11", "yellow")]
    assert levels(vote(NOT_YET, 3), rows) == []


def test_a_rule_that_has_held_lately():
    both = {"all": ["b", {"not": "y"}]}
    rows = [at(0, 0, 3.5), at(1, 0, 1), at(8, 1, 3.5), at(9, 1, 1), Tick(9, HOUR)]
    assert levels(vote(both), rows) == []
    assert levels(vote(both, during=5 * MINUTE), rows) == []
    assert levels(vote(both, during=10 * MINUTE), rows) == [("00:08", "yellow"), ("00:11", None)]


def test_zones_that_count_their_stations():
    rule = {"vote": {"of": {"vote": {"of": "b", "at_least": 2}}, "at_least": 2, "by": "zone"}}
    three = [at(0, 0, 3.5), at(1, 1, 3.5), at(2, 2, 3.5)]  # two in Z1, one in Z2
    assert levels(rule, three) == []
    assert levels(rule, [*three, at(3, 3, 3.5), at(4, 2, 1)]) == [("00:03", "yellow"), ("00:04", None)]


@pytest.mark.parametrize(("by", "zones"), [("zone", ("Z1", "Z2")), ("group", ("Z1",))])
def test_zones_that_count_stations_that_have_a_past(by, zones):
    inner = {"vote": {"of": SEQUENCE, "at_least": 2, "by": "station"}}
    then = {"sequence": {"of": [{"vote": {"of": "b", "at_least": 2}}, inner], "within": HOUR}}
    rows = [at(n, n, 3.5) for n in range(4)] + [at(10 + n, n, 4.5) for n in range(4)]
    for rule in (inner, then):
        found = {"vote": {"of": rule, "at_least": 2, "by": by}}
        assert levels(found, rows[:-1], zones) == []
        assert levels(found, rows, zones) == [("00:13", "yellow")]


def promote(to=2, **items):
    return {"promote": {"to": to, "items": items, "counts": COUNTS}}


def test_points_are_stations_that_answer_for_themselves():
    rule = promote(level={1: SEQUENCE})
    rows = [at(n, n, 3.5) for n in range(4)] + [at(10 + n, n, 4.5) for n in range(4)]
    assert levels(rule, rows) == [("00:13", "yellow")]  # four blue


def test_a_rule_that_counts_stations_is_one_point():
    two = {"vote": {"of": "b", "at_least": 2}}
    rows = [at(n, n, 3.5) for n in range(4)]
    assert levels(promote(level={1: two}), rows) == []
    assert levels(promote(level={2: two}), rows) == [("00:01", "yellow")]
    assert levels(promote(to=3, level={2: two}, other={2: TWICE}), rows) == []
    assert levels(promote(level={1: {"all": ["y", two]}}, other={2: promote(level={1: "b"})}), rows) == [
        ("00:03", "yellow")
    ]


def test_numbers_are_given_from_within_and_told_apart():
    found = Script.of(
        {2: vote({"any": [TWICE, "y"]}, during=5), 3: {"count": {**TWICE["count"], "of": vote(SEQUENCE)}}}
    )
    assert [one.apart for one in found.inner] == ["station", "station", "station", "station", ""]
    assert found.apart == {"station": {"b", "y"}}
    assert found.names(found.levels[2]) == {"b", "y"}


inner = st.recursive(
    st.sampled_from(["b", "b", "y", "y", "quiet"]),
    lambda part: st.one_of(
        st.builds(lambda kind, one, two: {kind: [one, two]}, st.sampled_from(["all", "any"]), part, part),
        st.builds(lambda one: {"not": one}, part),
        st.builds(lambda one, n: {"count": {"of": one, "at_least": n, "within": 5 * MINUTE}}, part, st.integers(1, 2)),
        st.builds(lambda one, two: {"sequence": {"of": [one, two], "within": 5 * MINUTE}}, part, part),
        st.builds(lambda one, two: {"absence": {"of": one, "after": two, "within": 5 * MINUTE}}, part, part),
    ),
    max_leaves=4,
).filter(lambda rule: not may_be(rule)[0])  # fmt: skip
readings = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from([1.0, 3.5, 4.5]), st.booleans()), min_size=1, max_size=12
)


def alone(rule, found, promoted):
    """What becomes of one station, whatever the shape of the rule."""
    streams = [stream("S0", subject="R", hard_max=9.0, interval=2 * MINUTE)]
    the_rule = {"promote": {"to": 2, "items": {"one": {2: rule}}, "counts": COUNTS}} if promoted else rule
    the_site = site(
        streams,
        hazard([*CONDITIONS, absent("quiet", 5 * MINUTE)], {1: "b", 2: the_rule}, checks=("gap", "range"), cap=4),
    )
    rows, now = [], 0
    for pause, value, broken in found:
        now += pause
        rows.append(row(60 * now, 99.0 if broken and value > 4 else value, "S0"))
    rows = numbered([*rows, Tick(0, 60_000_000 * (now + 30))])
    return [(c.time, c.kind, c.level, c.previous_level) for c in run(the_site, rows)[0]]


@settings(max_examples=150, deadline=None)
@given(inner, readings)
def test_of_a_single_station_a_vote_is_what_its_rule_is(rule, found):
    plain = alone(rule, found, promoted=False)
    assert alone(vote(rule, 1), found, promoted=False) == plain
    assert alone({"vote": {"of": {"all": [rule, {"vote": {"of": rule, "at_least": 1, "by": "station"}}]}, "at_least": 1,
                           "by": "zone"}}, found, promoted=False) == plain  # fmt: skip
    assert alone(rule, found, promoted=True) == plain


def states(assessor, signals):
    for signal in signals:
        assessor.handle(signal, signal.received)
    return assessor.save()


@settings(max_examples=40, deadline=None)
@given(inner, st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from([1, 3.5, 4.5])), max_size=14))
def test_nothing_is_kept_of_stations_of_which_nothing_is_asked_any_more(rule, found):
    the_site, now, rows = gauges(vote(rule), conditions=[*CONDITIONS, absent("quiet", HOUR)]), 0, []
    for pause, station, value in found:
        now += pause
        rows.append(at(now, station, value))
    rows = [*rows, *(at(now + 1, n, 1) for n in range(4)), at(now + 50, 3, 3.5), at(now + 99, 3, 1)]
    bank, assessor = Bank(the_site, 0, 1), Assessor(the_site, 0, 1)
    rows = states(assessor, [*bank.handle(numbered(rows)).signals, bank.progress()])
    kept = {key.split("|")[5] for key in rows if key.startswith("apart|")}
    assert "not" in str(rule) or "quiet" in str(rule) or kept <= {"S3"}  # what is not so now goes on


def test_state_of_other_rules_has_no_new_rows():
    the_site = gauges({"any": [TWICE, {"vote": {"of": "b", "at_least": 2, "during": MINUTE}}]})
    bank, assessor = Bank(the_site, 0, 1), Assessor(the_site, 0, 1)
    found = states(assessor, bank.handle(numbered([at(0, 0, 3.5), at(1, 1, 3.5)])).signals)
    assert {key.partition("|")[0] for key in found} >= {"past", "latch"}
    assert not [key for key in found if key.startswith("apart|")]


def test_a_doubtful_past_of_a_station_is_doubtful():
    flood = hazard(CONDITIONS, {4: vote(TWICE, 1)}, checks=("range",))
    the_site = site([stream("S0", subject="R", soft_max=4.0)], flood)
    rows = [at(0, 0, 5), at(1, 0, 1), at(2, 0, 5)]
    assert [c[2] for c in changes(run(the_site, rows)[0])] == ["yellow"]
    good = site([stream("S0", subject="R", soft_max=9.0)], replace(flood))
    assert [c[2] for c in changes(run(good, rows)[0])] == ["red"]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 100_000))
def test_asking_only_those_that_have_changed_is_as_good_as_asking_all(seed):
    night = Night(seed).run()
    quick, slow = (Assessor(night.site, 0, PARTITIONS) for _ in range(2))
    for value, now, _ in night.log:
        for subject in slow.subjects.values():
            parts = subject.picture.memory.parts
            subject.picture.memory.parts = Parts(parts.script, parts.spans, parts.changed)
        assert list(map(encode, quick.handle(read(value, now), now))) == list(
            map(encode, slow.handle(read(value, now), now))
        )
    assert quick.save() == slow.save()
