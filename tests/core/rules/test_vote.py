"""Votes against what comes out when everything unknown is tried both ways."""

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.rules import holds
from streams.models.possible import may_be
from tests.core.rules.given import TRUTHS, Given

KEYS = [("S1", "a"), ("S1", "b"), ("S2", "a"), ("S3", "a"), ("S4", "a")]
ZONES = dict(zip(KEYS, "ZZZYY", strict=True))
everywhere = st.tuples(*[st.sampled_from(TRUTHS)] * len(KEYS)).map(lambda t: dict(zip(KEYS, t, strict=True)))
positions = st.tuples(*[st.sampled_from([0.0, 3.0, 5.0, 9.0, None])] * 4)
FAR = (1e6, 2e6, 3e6, 4e6)


def vote(wanted, **more):
    return {"vote": {"of": "c", "at_least": wanted, **more}}


@pytest.mark.parametrize(
    ("truths", "wanted", "truth"),
    [
        ([True, True, False], 2, True),
        ([True, None, False], 2, None),
        ([True, False, False], 2, False),
        ([None, None], 3, False),
        ([], 1, False),
    ],
)
def test_a_vote_counts_and_is_unknown_while_the_silent_could_decide(truths, wanted, truth):
    found = {(f"S{i}", "a"): t for i, t in enumerate(truths)}
    assert holds(vote(wanted), Given(c=found)) is truth


def agree(truths, places, wanted, by, within):
    """By trying all groups: some stand around one of them, and are enough."""
    on = [key for key, truth in truths.items() if truth]

    def units(keys):
        return len({{"datastream": k, "station": k[0], "zone": ZONES[k]}[by] for k in keys})

    def close(one, other):
        return one[0] == other[0] or abs(places[one[0]] - places[other[0]]) <= within

    groups = [group for size in range(1, len(on) + 1) for group in combinations(on, size)]
    if within is None:
        return any(units(group) >= wanted for group in groups)
    return any(units(g) >= wanted and any(all(close(one, other) for other in g) for one in g) for g in groups)


@given(
    everywhere, positions, st.integers(1, 4), st.sampled_from(["datastream", "station", "zone"]),
    st.sampled_from([None, 0.0, 3.0, 4.0]),
)  # fmt: skip
def test_a_vote_is_what_holds_whichever_way_the_unknown_is(truths, at, wanted, by, within):
    given_at = dict(zip(("S1", "S2", "S3", "S4"), at, strict=True))
    rule = vote(wanted, by=by, **({} if within is None else {"within": within}))
    found = holds(rule, Given(c=truths, places=given_at, zones=ZONES))
    ways = [(t,) if t is not None else (True, False) for t in truths.values()]
    placed = [p for p in at if p is not None]
    spots = [(p,) if p is not None else (FAR[n], *placed, 0.0) for n, p in enumerate(at)]
    outcomes = {
        agree(dict(zip(KEYS, each, strict=True)), dict(zip(given_at, where, strict=True)), wanted, by, within)
        for each in product(*ways)
        for where in product(*(spots if within is not None else [(0.0,)] * 4))
    }
    known = all(p is not None for p in at) or within is None
    assert found is None or outcomes == {found}
    assert not known or found is (outcomes.pop() if len(outcomes) == 1 else None)


def test_one_that_has_gone_off_counts_for_a_while():
    picture = Given(c={("S1", "a"): True, ("S2", "a"): False}, lately={"c": {("S2", "a"): 5}})
    assert holds(vote(2, during=6), picture) is True
    assert holds(vote(2, during=5), picture) is False
    assert holds(vote(2), picture) is False


inner_rules = st.recursive(
    st.sampled_from(["c", "d"]),
    lambda part: st.one_of(
        st.builds(
            lambda kind, parts: {kind: parts}, st.sampled_from(["all", "any"]), st.lists(part, min_size=1, max_size=2)
        ),
        st.builds(lambda one: {"not": one}, part),
    ),
    max_leaves=4,
).filter(lambda rule: not may_be(rule)[0])  # fmt: skip


def at_station(rule, truths):
    """Whether a rule holds at one station, where nothing is unknown."""
    if isinstance(rule, str):
        return truths[rule]
    ((kind, inner),) = rule.items()
    if kind == "not":
        return not at_station(inner, truths)
    return (all if kind == "all" else any)(at_station(one, truths) for one in inner)


FEW = (KEYS[0], KEYS[1], KEYS[3])  # two datastreams of one station, one of another
somewhere = st.tuples(*[st.sampled_from(TRUTHS)] * len(FEW)).map(lambda t: dict(zip(FEW, t, strict=True)))


@settings(deadline=None)
@given(inner_rules, somewhere, somewhere, st.integers(1, 3), st.sampled_from(["station", "zone"]))
def test_a_vote_of_a_rule_asks_each_station_by_itself(rule, first, second, wanted, by):
    given_truths = {"c": first, "d": second}
    found = holds({"vote": {"of": rule, "at_least": wanted, "by": by}}, Given(zones=ZONES, **given_truths))
    if None in [*first.values(), *second.values()]:
        ways = [[(k, t) for t in ((True, False) if truth is None else (truth,))] for k, truth in flat(given_truths)]
        outcomes = {holds_somewhere(rule, dict(way), wanted, by) for way in product(*ways)}
        assert found is None or outcomes == {found}
    else:
        assert found is holds_somewhere(rule, dict(flat(given_truths)), wanted, by)


def flat(truths):
    return [((name, key), truth) for name, found in truths.items() for key, truth in found.items()]


def holds_somewhere(rule, truths, wanted, by):
    stations = sorted({key[0] for key in FEW})
    said = {s: {n: any(truths[n, key] for key in FEW if key[0] == s) for n in ("c", "d")} for s in stations}
    on = {s for s in stations if at_station(rule, said[s])}
    zone_of = {key[0]: zone for key, zone in ZONES.items()}
    return len(on if by == "station" else {zone_of[s] for s in on}) >= wanted


BOTH = {"all": ["c", "d"]}
HERE, THERE, YONDER = ("S1", "a"), ("S2", "a"), ("S3", "a")


@pytest.mark.parametrize(
    ("rule", "truth"),
    [
        (BOTH, None),  # S1 does, S2 has only one of them, of S3 nobody knows
        ({"any": ["c", "d"]}, True),
        ({"all": ["c", {"not": "d"}]}, False),  # S2 alone
    ],
)
def test_what_holds_at_different_stations_is_not_both_at_one(rule, truth):
    c, d = {HERE: True, THERE: True, YONDER: None}, {("S1", "b"): True, THERE: False, YONDER: True}
    assert holds({"vote": {"of": rule, "at_least": 2, "by": "station"}}, Given(c=c, d=d)) is truth


def test_a_vote_of_a_rule_within_a_distance():
    both = {HERE: True, THERE: True, YONDER: True}
    picture = Given(c=both, d=both, places={"S1": 0.0, "S2": 3.0, "S3": None})
    near = {"of": BOTH, "by": "station", "within": 3.0}
    assert holds({"vote": {**near, "at_least": 2}}, picture) is True
    assert holds({"vote": {**near, "at_least": 3}}, picture) is None
    assert holds({"vote": {**near, "at_least": 4}}, picture) is False


LINE = st.lists(st.sampled_from([True, True, False, False, None]), min_size=6, max_size=6)
PAST = {
    "count": {"count": {"of": 0, "at_least": 2, "within": 3}},
    "sequence": {"sequence": {"of": [0, 1], "within": 3}},
    "absence": {"absence": {"of": 1, "after": 0, "within": 2}},
}
STATIONS = ("S1", "S2", "S3")


@settings(deadline=None)
@given(st.lists(st.tuples(LINE, LINE), min_size=3, max_size=3), st.sampled_from(sorted(PAST)), st.integers(1, 3))
def test_a_vote_of_what_was_asks_the_past_of_each_station(lines, kind, wanted):
    pasts = [dict(zip(STATIONS, own, strict=True)) for own in zip(*lines, strict=True)]
    everywhere = Given(lines=pasts, now=5, c={(s, "a"): False for s in STATIONS})
    truths = [holds(PAST[kind], Given(lines=own)) for own in lines]
    sure, possible = truths.count(True), len(truths) - truths.count(False)
    expected = True if sure >= wanted else None if possible >= wanted else False
    found = holds({"vote": {"of": PAST[kind], "at_least": wanted, "by": "station"}}, everywhere)
    assert found is expected
    more = {"any": [PAST[kind], {"all": ["c", PAST[kind]]}]}
    assert holds({"vote": {"of": more, "at_least": wanted, "by": "station"}}, everywhere) is expected
