"""Votes against what comes out when everything unknown is tried both ways."""

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.rules import holds
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
