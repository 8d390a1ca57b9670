"""Kleene's logic: unknown never raises, never lowers, and `not unknown` is unknown; rules nest freely."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.rules import RULES, holds
from tests.core.rules.given import ORDER, TRUTHS, Given

NAMES = "abcd"
truths = st.sampled_from(TRUTHS)
trees = st.recursive(
    st.sampled_from(NAMES),
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(("a", "b"), list(product(TRUTHS, TRUTHS)))
def test_all_and_any_are_kleenes(a, b):
    picture = Given(a=a, b=b)
    assert ORDER[holds({"all": ["a", "b"]}, picture)] == min(ORDER[a], ORDER[b])
    assert ORDER[holds({"any": ["a", "b"]}, picture)] == max(ORDER[a], ORDER[b])
    left = holds({"not": {"all": ["a", "b"]}}, picture)
    assert left is holds({"any": [{"not": "a"}, {"not": "b"}]}, picture)


def test_not_unknown_is_unknown():
    assert holds({"not": "a"}, Given(a=None)) is None


@given(trees, st.tuples(*[truths] * 4), st.tuples(*[truths] * 4))
def test_without_not_more_truth_is_never_less_alert(tree, one, other):
    low = {n: min(a, b, key=ORDER.get) for n, a, b in zip(NAMES, one, other, strict=True)}
    high = {n: max(a, b, key=ORDER.get) for n, a, b in zip(NAMES, one, other, strict=True)}
    assert ORDER[holds(tree, Given(**low))] <= ORDER[holds(tree, Given(**high))]


@given(trees, st.tuples(*[truths] * 4))
def test_what_is_known_of_the_whole_does_not_depend_on_what_is_unknown(tree, found):
    truth = holds(tree, Given(**dict(zip(NAMES, found, strict=True))))
    choices = [(t,) if t is not None else (True, False) for t in found]
    whole = {holds(tree, Given(**dict(zip(NAMES, each, strict=True)))) for each in product(*choices)}
    assert truth is None or whole == {truth}


def test_the_catalogue_is_what_a_level_may_say():
    assert set(RULES) == {"all", "any", "not", "vote", "promote", "sequence", "count", "absence"}
